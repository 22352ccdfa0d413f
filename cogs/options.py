"""Options that depend on what the operator offers."""

import inspect
from collections.abc import Collection
from typing import Any


def leave_out(callback: Any, names: Collection[str]) -> None:
    """Hide options of a command from discord.py, which reads them from the signature."""
    signature = inspect.signature(callback)
    kept = [one for name, one in signature.parameters.items() if name not in names]
    callback.__signature__ = signature.replace(parameters=kept)
