"""The limits of a model's options, and the check against them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from unicodedata import category

from bot.domain.models.model import Model, Options
from bot.errors import OptionRefused


@dataclass(frozen=True, slots=True)
class OptionLimit:
    """The limit of an option, beside the value that was given."""

    option: str
    given: object
    """The length in characters of a text; otherwise the value."""
    allowed: Sequence[object]
    """The least and the most of a text's length or a number; otherwise all choices."""
    is_met: bool


def check_options(options: Options, model: Model, offered: Sequence[Model] = ()) -> Options:
    """Check options against a model; return them without control characters and outer spaces.

    Args:
        options: as they were given.
        model: what they are for.
        offered: the models that a refusal can name because they take what this one does not.

    Raises:
        OptionRefused: an option is not allowed; the error has what was given and what is allowed.
    """
    negative = _text(options.negative_prompt or "") or None
    tidied = replace(options, prompt=_text(options.prompt), negative_prompt=negative)
    for limit in option_limits(tidied, model):
        if not limit.is_met:
            raise OptionRefused(
                limit.option,
                given=limit.given,
                allowed=limit.allowed,
                model=model.label,
                taken_by=[one.label for one in offered if _takes(one, tidied, limit.option)],
            )
    return tidied


def option_limits(options: Options, model: Model) -> Iterator[OptionLimit]:
    """Each option with its limit for a model, in the order in which they are checked."""
    prompt, negative = len(options.prompt), len(options.negative_prompt or "")
    yield _between("prompt", prompt, 1, model.prompt_chars)
    yield _between("negative_prompt", negative, 0, model.negative_prompt_chars)
    yield _one_of("resolution", options.resolution, model.resolutions)
    yield _one_of("duration", options.seconds, model.durations)
    yield _switch("sound", options.audio, is_taken=model.takes_audio)
    yield _between("seed", options.seed, 0, model.seed_max)
    extend, watermark = options.prompt_extend, options.watermark
    yield _switch("prompt_extend", extend, is_taken=model.takes_prompt_extend, unless=True)
    yield _switch("watermark", watermark, is_taken=model.takes_watermark)


def _takes(model: Model, options: Options, option: str) -> bool:
    return all(one.is_met for one in option_limits(options, model) if one.option == option)


def _between(option: str, given: int, least: int, most: int) -> OptionLimit:
    return OptionLimit(option, given, (least, most), least <= given <= most)


def _one_of(option: str, given: object, allowed: Sequence[object]) -> OptionLimit:
    return OptionLimit(option, given, allowed, given in allowed)


def _switch(option: str, given: bool, *, is_taken: bool, unless: bool = False) -> OptionLimit:
    """The limit of a switch, which has the value ``unless`` if nobody asks for the other one."""
    return _one_of(option, given, (unless, not unless) if is_taken else (unless,))


def _text(written: str) -> str:
    """Remove control characters and lone surrogates, which PostgreSQL and JSON do not accept."""
    kept = (one for one in written if one in "\n\t" or category(one) not in ("Cc", "Cs"))
    return "".join(kept).strip()
