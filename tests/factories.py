"""Builders for the values that most tests need."""

import hashlib
import io
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from PIL import Image

from bot.domain.models.model import (
    WAN22_I2V_FLASH,
    WAN22_I2V_PLUS,
    WAN26_I2V_FLASH,
    Model,
    Models,
    Options,
)
from bot.domain.models.prices import GUESSED, PriceList
from bot.domain.money import Usd
from bot.domain.provider.provider_variables import ProviderVariables
from bot.domain.quotas.quota import Limits, Window
from bot.domain.submission import NewTask
from bot.domain.task import EntryPoint, Frame, Person, Place, Request, State, Task
from bot.worker.circuit_breaker import ProviderCircuitBreaker
from bot.worker.provider_registry import ProviderAccess, ProviderRegistry

VARIABLES = ProviderVariables(key="PROVIDER_KEY", model="PROVIDER_MODEL")
SEVERAL = Models(default=WAN22_I2V_FLASH, others=(WAN22_I2V_PLUS, WAN26_I2V_FLASH))
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def make_picture(format: str = "PNG", size: tuple[int, int] = (640, 480), **save: Any) -> bytes:
    """Return a colorful picture in any format that Pillow can write."""
    return _drawn(format, size, **save) if save else _drawn_once(format, size)


def _drawn(format: str, size: tuple[int, int], **save: Any) -> bytes:
    picture = Image.linear_gradient("L").resize(size)
    color = Image.merge("RGB", (picture, picture.rotate(90).resize(size), picture.rotate(180)))
    out = io.BytesIO()
    color.save(out, format, **save)
    return out.getvalue()


# Many tests need the same picture, most of them when they are imported.
_drawn_once = lru_cache(maxsize=100)(_drawn)


def make_frame(content: bytes = b"frame", **changes: Any) -> Frame:
    """Return a first frame, unless told otherwise a small JPEG."""
    frame = Frame(
        digest=hashlib.sha256(content).hexdigest(),
        mime="image/png",
        bytes=len(content),
        width=640,
        height=480,
    )
    return replace(frame, **changes)


def make_options(**changes: Any) -> Options:
    return replace(Options(prompt="waves roll in", resolution="720P", seconds=5, seed=7), **changes)


def make_request(**changes: Any) -> Request:
    request = Request(model=WAN22_I2V_FLASH.id, frame=make_frame(), options=make_options())
    return replace(request, **changes)


def make_prices(*models: Model) -> PriceList:
    """Return the guessed prices, for other models as well as for the default one."""
    by_resolution = {kind.resolution: price for kind, price in GUESSED.items()}
    return PriceList(
        prices={
            kind: by_resolution.get(kind.resolution, Usd.parse("0.40"))
            for model in models or (WAN22_I2V_FLASH,)
            for kind in model.kinds()
        }
    )


def make_providers(
    breaker: ProviderCircuitBreaker, client: Any = None, *, model: Model = WAN22_I2V_FLASH
) -> ProviderRegistry:
    """Return a registry with the provider of one model."""
    access = ProviderAccess(client=client, breaker=breaker)
    models = Models(default=model)
    return ProviderRegistry({models.default.provider: access}, models=models)


def make_person(**changes: Any) -> Person:
    return replace(Person(id=1001, name="Ada"), **changes)


def make_place(**changes: Any) -> Place:
    return replace(Place(guild_id=2001, channel_id=3001, message_id=4001), **changes)


def make_limits(**changes: Any) -> Limits:
    limits = Limits(
        videos=5,
        window=Window.DAY,
        concurrent=2,
        person_day_videos=50,
        guild_month_budget=Usd.parse("20"),
        operator_month_budget=Usd.parse("50"),
    )
    return replace(limits, **changes)


def make_new_task(**changes: Any) -> NewTask:
    new = NewTask(
        id="t0000001",
        request=make_request(),
        person=make_person(),
        place=make_place(),
        entry_point=EntryPoint.SLASH,
        estimate=Usd.parse("0.20"),
        owner="run-test",
    )
    return replace(new, **changes)


def make_task(**changes: Any) -> Task:
    task = Task(
        id="t0000001",
        state=State.QUEUED,
        request=make_request(),
        person=make_person(),
        place=make_place(),
        entry_point=EntryPoint.SLASH,
        estimate=Usd.parse("0.20"),
        created_at=NOON,
        updated_at=NOON,
        owner="run-test",
    )
    return replace(task, **changes)
