"""A notice to a server's moderators that an upgrade brought new defaults."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultNotice:
    """One for each server and version; migrations write them for the servers of that time."""

    guild_id: int
    version: str
    """The version that brought the defaults."""
