"""First frames: pictures taken apart, mended and encoded, by Pillow in worker processes.

``sniff`` says what a file is; ``jpeg``, ``png``, ``bmp`` and ``webp`` take it apart; ``making``
asks the rules (``bot.domain.first_frame``) what to do; ``pixels`` and ``colours`` do it. All of
that runs in ``worker``, a process of its own that ``pool`` talks to through ``process``.
"""

from bot.imaging.pool import open_frame_maker

__all__ = ["open_frame_maker"]
