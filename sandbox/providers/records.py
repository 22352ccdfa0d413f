"""What a local provider keeps about accepted create calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from sandbox.providers.create_call import CreateCall
from sandbox.providers.pictures import Still
from sandbox.providers.renderer import VideoSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One accepted create call, with what each provider adds about its state."""

    id: str
    asked: CreateCall
    """The call, without the picture."""
    still: Still
    seed: int
    """The seed of the request, or a random one."""
    created_at: datetime
    failure: tuple[str, str] | None = None
    """Code and message if it will fail instead of delivering a video."""

    @property
    def video(self) -> VideoSpec:
        """What its video is made from."""
        return VideoSpec(
            digest=self.still.digest,
            seed=self.seed,
            resolution=self.asked.resolution,
            watermark=self.asked.watermark,
            seconds=self.asked.seconds,
            sound=self.asked.sound,
        )

    @property
    def cost(self) -> Decimal:
        """USD for its video."""
        return self.asked.cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """An accepted create call, for tests and for the page."""

    id: str
    """Id of the created task."""
    at: datetime
    request: Mapping[str, Any]
    """``model``, ``input`` and ``parameters`` as sent, with the picture replaced by its type, size
    and SHA-256. Two requests are the same if these are equal."""
    still: Still
    seed: int
    """The seed of the request, or a random one."""
    model: str
    prompt: str
    """As the model sees it: truncated if it is too long."""
    negative_prompt: str
    resolution: str
    seconds: int
    sound: bool

    @classmethod
    def of(cls, job: Job, **more: Any) -> Self:
        """Return the record of a job, with what the provider knows beyond it."""
        asked = job.asked
        return cls(
            id=job.id,
            at=job.created_at,
            request=asked.request,
            still=job.still,
            seed=job.seed,
            model=asked.model.id,
            prompt=asked.prompt,
            negative_prompt=asked.negative_prompt,
            resolution=asked.resolution,
            seconds=asked.seconds,
            sound=asked.sound,
            **more,
        )
