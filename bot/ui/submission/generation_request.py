"""A request for a video, from any entry point in Discord to the intake."""

from dataclasses import dataclass, replace
from typing import Any

from discord import ui

from bot.domain.models.model import Options
from bot.domain.submission import Picture, Submission
from bot.domain.task import EntryPoint, Frame, Person, Place, Source, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """A request for a video, as it came from Discord."""

    picture: Picture | Frame
    options: Options
    entry_point: EntryPoint
    parent: Task | None = None
    """The video that is made again."""
    source: Source | None = None
    """The message that the picture is in."""
    model: str | None = None
    """The id of the model that the person chose; ``None``: the parent's or the default one."""
    resolution_chosen: bool = True
    """Whether the person chose the resolution; if not, the server's default applies."""
    typed: str = ""
    """The prompt as the person typed it, to be returned to them on a refusal."""
    retry: ui.Item[Any] | None = None
    """A button that opens the form again, below a refusal of what was written into it."""

    @property
    def model_id(self) -> str | None:
        """The chosen model, or the parent's for a reroll; ``None`` means the default model."""
        if self.model is not None:
            return self.model
        return self.parent.request.model if self.parent else None

    def submission(
        self, person: Person, place: Place, *, interaction_id: int | None = None
    ) -> Submission:
        """The request as the intake takes it."""
        parent = self.parent
        if parent is not None and parent.place.age_restricted:
            place = replace(place, age_restricted=True)
        return Submission(
            picture=self.picture,
            options=self.options,
            person=person,
            place=place,
            entry_point=self.entry_point,
            parent_id=parent.id if parent else None,
            resolution_chosen=self.resolution_chosen,
            source=parent.source if parent else self.source,
            model=self.model_id,
            interaction_id=interaction_id,
            picture_owner_id=self._picture_owner_id(person),
            result_owner_id=self._result_owner_id,
        )

    def _picture_owner_id(self, person: Person) -> int | None:
        if self.parent is not None:
            return self.parent.picture_owner_id
        if self.source is not None:
            return self.source.picture.owner_id if self.source.picture else None
        return person.id

    @property
    def _result_owner_id(self) -> int | None:
        if self.parent is not None:
            return self.parent.person.id
        found = self.source.picture if self.source else None
        return found.author_id if found else None
