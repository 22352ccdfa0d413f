"""The names of models, lengths, resolutions and sound to choose from, with their prices."""

from bot.domain.model import Model, VideoKind
from bot.domain.money import Usd
from bot.ui.texts.language import _
from bot.ui.texts.measures import duration

SEPARATOR = " · "


def model(model: Model, kind: VideoKind, estimate: Usd) -> str:
    """A model in a list of choices; ``kind`` is the video that the price is for."""
    longest = model.durations[-1]
    if len(model.durations) == 1:
        length = duration(longest)
        price = _about(estimate)
    else:
        length = _("up to {duration}").format(duration=duration(longest))
        price = _("about {estimate} for {duration}").format(
            estimate=estimate, duration=duration(kind.seconds)
        )
    return SEPARATOR.join((model.label, length, price))


def length(kind: VideoKind, estimate: Usd) -> str:
    """A length in a list of choices."""
    return SEPARATOR.join((duration(kind.seconds), _about(estimate)))


def resolution(kind: VideoKind, estimate: Usd) -> str:
    """A resolution in a list of choices."""
    return SEPARATOR.join((kind.resolution, _about(estimate)))


def sound(kind: VideoKind, estimate: Usd) -> str:
    """Sound in a list of choices."""
    word = with_sound() if kind.audio else without_sound()
    return SEPARATOR.join((word, _about(estimate)))


def with_sound() -> str:
    """A video that has sound."""
    return _("with sound")


def without_sound() -> str:
    """A video that has no sound."""
    return _("without sound")


def _about(estimate: Usd) -> str:
    return _("about {estimate}").format(estimate=estimate)
