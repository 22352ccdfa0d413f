"""Parses `PRICES`: what a video of each kind costs."""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainValidator
from pydantic_settings import NoDecode

from bot.domain.models.model import MODELS, Model, VideoKind
from bot.domain.money import Usd
from bot.settings.values import WrongValue, price

_LINE = re.compile(
    r"(?P<model>[\w.-]+):(?P<resolution>\w+)(:(?P<seconds>\d{1,4}))?(?P<sound>:sound)?"
    r"\s*=\s*(?P<amount>[^\s/]+)(?P<rate>/s)?"
)
_SOUND = ":sound"
# Amounts are held in millionths.
_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """One entry of `PRICES`."""

    text: str
    model: str
    resolution: str
    seconds: int | None
    """``None``: ``amount`` is the price of each second, whatever the length."""
    audio: bool
    amount: Usd

    def kinds(self) -> Iterator[VideoKind]:
        """The kinds of video that it gives a price to."""
        for kind in MODELS[self.model].kinds():
            is_alike = (kind.resolution, kind.audio) == (self.resolution, self.audio)
            if is_alike and self.seconds in (None, kind.seconds):
                yield kind

    def price_of(self, kind: VideoKind) -> Usd:
        """The price of one of its kinds."""
        return Usd(self.amount.micros * kind.seconds) if self.seconds is None else self.amount


def prices_of(lines: Iterable[PriceLine]) -> dict[VideoKind, Usd]:
    """The price of each kind; a price for one length counts more than one for each second."""
    per_second_first = sorted(lines, key=lambda line: line.seconds is not None)
    return {kind: line.price_of(kind) for line in per_second_first for kind in line.kinds()}


def written(kind: VideoKind) -> str:
    """A kind as it is written in `PRICES`."""
    return f"{kind.model}:{kind.resolution}:{kind.seconds}{_SOUND if kind.audio else ''}"


def missing(kinds: Iterable[VideoKind], priced: Container[VideoKind]) -> list[str]:
    """What `PRICES` lacks, as it is written there up to the price.

    If a model has several lengths and none of them has a price, one for each second is enough.
    """
    found: dict[tuple[object, ...], list[VideoKind]] = {}
    for kind in kinds:
        found.setdefault((kind.model, kind.resolution, kind.audio), []).append(kind)
    names: list[str] = []
    for alike in found.values():
        lacking = [written(kind) for kind in alike if kind not in priced]
        first = alike[0]
        if len(lacking) == len(alike) > 1:
            lacking = [f"{first.model}:{first.resolution}{_SOUND if first.audio else ''}"]
        names += lacking
    return names


def _lines(value: object) -> tuple[PriceLine, ...]:
    if isinstance(value, tuple):
        return value
    parts = filter(None, (part.strip() for part in str(value or "").split(",")))
    lines = tuple(_line(part) for part in parts)
    seen: set[tuple[object, ...]] = set()
    for line in lines:
        key = line.model, line.resolution, line.seconds, line.audio
        if key in seen:
            raise WrongValue(f"has two prices for {line.text.partition('=')[0]}")
        seen.add(key)
    return lines


def _line(text: str) -> PriceLine:
    found = _LINE.fullmatch(text)
    if found is None:
        raise WrongValue(
            f"{text!r} has neither the form model:resolution:seconds=price nor, with the price of "
            "each second, the form model:resolution=price/s"
        )
    model = MODELS.get(found["model"])
    if model is None:
        raise WrongValue(f"{text!r} is for an unknown model: known are {', '.join(MODELS)}")
    seconds = None if found["seconds"] is None else int(found["seconds"])
    if (seconds is None) != (found["rate"] is not None):
        raise WrongValue(f"{text!r} must have either a length, or a price with /s for each second")
    line = PriceLine(
        text=text,
        model=model.id,
        resolution=found["resolution"].upper(),
        seconds=seconds,
        audio=found["sound"] is not None,
        amount=_amount(text, found["amount"]),
    )
    _check_exists(line, model)
    return line


def _amount(text: str, amount: str) -> Usd:
    try:
        # Rounded, a price for each second would fall short of the whole video's.
        if amount.startswith("-"):
            raise WrongValue("must be more than 0")
        if len(amount.partition(".")[2].rstrip("0")) > _DECIMALS:
            raise WrongValue(f"has more than {_DECIMALS} decimals")
        return price(amount)
    except WrongValue as error:
        raise WrongValue(f"{text!r}: {error}") from error
    except ValueError as error:
        raise WrongValue(f"{text!r} has no amount in USD") from error


def _check_exists(line: PriceLine, model: Model) -> None:
    if next(line.kinds(), None) is not None:
        return
    sound = "with or without sound" if model.takes_audio else "without sound"
    raise WrongValue(
        f"{line.text!r} is for a video that {model.id} does not make: it makes "
        f"{', '.join(model.resolutions)} of {_lengths(model.durations)} seconds {sound}"
    )


def _lengths(seconds: Sequence[int]) -> str:
    if len(seconds) > 2 and len(seconds) == seconds[-1] - seconds[0] + 1:
        return f"{seconds[0]} to {seconds[-1]}"
    return " or ".join(map(str, seconds))


PriceLines = Annotated[tuple[PriceLine, ...], NoDecode, PlainValidator(_lines)]
