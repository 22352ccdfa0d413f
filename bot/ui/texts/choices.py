"""The names of models, lengths, resolutions and sound to choose from, with their prices."""

from bot.domain.models.model import MODELS, Model, Models, VideoKind
from bot.domain.money import Usd
from bot.domain.task import Task
from bot.ui.texts.language import _
from bot.ui.texts.measures import duration, harmless

SEPARATOR = " · "


def model(model: Model, kind: VideoKind, estimate: Usd) -> str:
    """A model in a list of choices; ``kind`` is the video that the price is for."""
    longest = model.durations[-1]
    if len(model.durations) == 1:
        length = duration(longest)
        price = about(estimate)
    else:
        length = _("up to {duration}").format(duration=duration(longest))
        price = _("about {estimate} for {duration}").format(
            estimate=estimate, duration=duration(kind.seconds)
        )
    return SEPARATOR.join((model.label, length, price))


def label(model_id: str) -> str:
    """The name of a model, also of one that is not offered any more."""
    known = MODELS.get(model_id)
    return known.label if known else harmless(model_id)


def kind(kind: VideoKind) -> str:
    """A kind of video: "Wan 2.6 flash · 5 s · 720P · with sound"."""
    parts = [label(kind.model), duration(kind.seconds), kind.resolution]
    return SEPARATOR.join([*parts, with_sound()] if kind.audio else parts)


def is_expected(kind: VideoKind, models: Models) -> bool:
    """Whether nobody could expect another model, length or sound."""
    default = models.default
    usual = VideoKind(default.id, kind.resolution, default.default_seconds)
    return kind == usual and not models.has_kinds


def named(task: Task, models: Models) -> list[str]:
    """The model, length and sound of a video, unless nobody could expect others."""
    kind = task.request.kind
    if is_expected(kind, models):
        return []
    parts = [label(kind.model), duration(kind.seconds)]
    return [*parts, with_sound()] if kind.audio else parts


def length(kind: VideoKind, estimate: Usd) -> str:
    """A length in a list of choices."""
    return SEPARATOR.join((duration(kind.seconds), about(estimate)))


def resolution(kind: VideoKind, estimate: Usd) -> str:
    """A resolution in a list of choices."""
    return SEPARATOR.join((kind.resolution, about(estimate)))


def sound(kind: VideoKind, estimate: Usd) -> str:
    """Sound in a list of choices."""
    word = with_sound() if kind.audio else without_sound()
    return SEPARATOR.join((word, about(estimate)))


def with_sound() -> str:
    """A video that has sound."""
    return _("with sound")


def without_sound() -> str:
    """A video that has no sound."""
    return _("without sound")


def about(estimate: Usd) -> str:
    """An estimated price: "about $0.20"."""
    return _("about {estimate}").format(estimate=estimate)
