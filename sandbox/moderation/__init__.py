"""A local moderation endpoint, which checks requests as strictly as OpenAI documents them.

The word *forbidden* in a text is violence.
"""

from sandbox.moderation.server import FORBIDDEN, LocalModeration

__all__ = ["FORBIDDEN", "LocalModeration"]
