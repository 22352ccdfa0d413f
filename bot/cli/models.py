"""`flipbook models`: what people can choose from, what it costs, and whether the keys work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import typer
from rich.markup import escape
from rich.table import Table

from bot.cli.check.finding import Finding
from bot.cli.check.services import provider_finding
from bot.cli.output import as_data, as_json_text, console
from bot.cli.run import quiet_logging, run_in_loop
from bot.domain.models.model import Model, VideoKind
from bot.domain.models.prices import PriceList
from bot.domain.money import Usd
from bot.settings.loading import load_settings
from bot.settings.settings import Settings

_COLUMNS = ("model", "label", "provider", "seconds", "resolution", "sound", "price", "key")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    """A model that people can choose, and whether its provider accepts the key."""

    model: Model
    provider: str
    key: Finding


def run_models(*, as_json: bool) -> int:
    """Print the offered models; return 0 if every key works."""
    settings = load_settings()
    quiet_logging(settings)
    offers = run_in_loop(_offers(settings))
    prices = settings.price_list()
    if as_json:
        typer.echo(as_json_text([_data(one, prices) for one in offers]))
    else:
        _print_table(offers, prices)
    for problem in dict.fromkeys(one.key.says for one in offers if not one.key.fine):
        typer.echo(f"flipbook: {problem}", err=True)
    return 0 if all(one.key.fine for one in offers) else 1


async def _offers(settings: Settings) -> Sequence[_Offer]:
    keys = {name: await provider_finding(name, settings) for name in settings.offered_accounts}
    return [
        _Offer(
            model=one,
            provider=settings.accounts[one.provider].label,
            key=keys[one.provider],
        )
        for one in settings.offered_models().offered
    ]


def _data(offer: _Offer, prices: PriceList) -> dict[str, object]:
    model = offer.model
    return {
        "model": model.id,
        "label": model.label,
        "provider": offer.provider,
        "key_works": offer.key.fine,
        "prices": [kind._asdict() | {"usd": as_data(prices.of(kind))} for kind in model.kinds()],
    }


def _print_table(offers: Sequence[_Offer], prices: PriceList) -> None:
    grid = Table(*_COLUMNS, box=None)
    for offer in offers:
        for cells in _rows(offer, prices):
            grid.add_row(*map(escape, cells))
    console().print(grid)


def _rows(offer: _Offer, prices: PriceList) -> Iterator[tuple[str, ...]]:
    """A row for each resolution, without and with sound."""
    model = offer.model
    key = "works" if offer.key.fine else "FAIL"
    kinds = sorted(model.kinds(), key=lambda kind: (_order(kind, model), kind.seconds))
    for (_, audio), alike in groupby(kinds, key=lambda kind: _order(kind, model)):
        found = list(alike)
        sound = "yes" if audio else "-"
        price = _price({kind.seconds: prices.of(kind) for kind in found})
        first = (model.id, model.label, offer.provider, _lengths(model.durations))
        yield (*first, found[0].resolution, sound, price, key)


def _order(kind: VideoKind, model: Model) -> tuple[int, bool]:
    return model.resolutions.index(kind.resolution), kind.audio


def _price(by_seconds: dict[int, Usd]) -> str:
    """Name one price, a price for each second, or the price of each length."""
    if len(by_seconds) == 1:
        return str(next(iter(by_seconds.values())))
    seconds, first = next(iter(by_seconds.items()))
    rate = Usd(first.micros // seconds)
    if all(price.micros == rate.micros * each for each, price in by_seconds.items()):
        return f"{rate}/s"
    return ", ".join(f"{each} s {price}" for each, price in by_seconds.items())


def _lengths(seconds: Sequence[int]) -> str:
    """Name lengths, as a range if none between them is missing."""
    if len(seconds) > 2 and seconds[-1] - seconds[0] == len(seconds) - 1:
        return f"{seconds[0]}-{seconds[-1]}"
    return ", ".join(map(str, seconds))
