"""Records of the accepted create calls, for tests and for the page."""

from dataclasses import dataclass

from sandbox.providers import records
from sandbox.vtrix.rules import Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(records.Create):
    """An accepted create call; its ``request`` is without the envelope."""

    envelope: Envelope
