"""A model that the operator no longer offers, between a form or a question and its answer."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.domain.models.model import WAN22_I2V_FLASH, WAN22_I2V_PLUS, WAN26_I2V_FLASH, Models
from sandbox.discord import Interaction, LocalDiscord, Person, Upload
from tests.cogs.results.delivered_video import refused, result
from tests.factories import make_options, make_picture, make_request
from tests.ui.client_fixture import Bot, MenuForms, connected_bot, until

SEVERAL = Models(default=WAN22_I2V_FLASH, others=(WAN22_I2V_PLUS, WAN26_I2V_FLASH))
FEWER = Models(default=WAN22_I2V_FLASH, others=(WAN22_I2V_PLUS,))
ONE = Models(default=WAN22_I2V_FLASH)
KIND = f"{WAN26_I2V_FLASH.id}|1080P|10|1"
WAN26 = make_request(
    model=WAN26_I2V_FLASH.id, options=make_options(resolution="1080P", seconds=10, audio=True)
)


class Restarts:
    """A bot that is started again with other models, in the same Discord and with its tasks."""

    def __init__(self, folder: Path, local: LocalDiscord) -> None:
        self._folder = folder
        self._local = local
        self._menu_forms = MenuForms()
        self._tasks: dict[str, Any] = {}

    @property
    def ada(self) -> Person:
        return self._local.person("Ada")

    @asynccontextmanager
    async def offering(self, models: Models) -> AsyncIterator[Bot]:
        async with connected_bot(
            self._folder, local=self._local, menu_forms=self._menu_forms, models=models
        ) as bot:
            bot.store.tasks.update(self._tasks)
            yield bot
            self._tasks = dict(bot.store.tasks)


@pytest.fixture
async def restarts(tmp_path: Path) -> AsyncIterator[Restarts]:
    async with LocalDiscord() as local:
        yield Restarts(tmp_path, local)


def shown_again(opened: Interaction) -> str:
    return json.dumps(opened.modal, ensure_ascii=False)


@pytest.mark.parametrize(
    ("left", "labels"), [(FEWER, "Wan 2.2 flash, Wan 2.2 plus"), (ONE, "Wan 2.2 flash")]
)
@pytest.mark.parametrize("door", ["✏️", "Animate"])
async def test_a_form_with_a_model_that_is_gone_says_so_and_opens_again(
    door: str, left: Models, labels: str, restarts: Restarts
) -> None:
    ada = restarts.ada
    async with restarts.offering(SEVERAL) as bot:
        if door == "✏️":
            opened = await ada.press(await result(bot), door)
        else:
            picture = await ada.say("general", "", Upload("photo.png", make_picture("PNG")))
            opened = await ada.menu(door, picture)
    async with restarts.offering(left) as bot:
        form = {"prompt": "the tide goes out", "kind": [KIND]}
        sent = await ada.submit_modal(opened, form, raw=True)
        words = refused(sent)
        assert f"There's no model “Wan 2.6 flash” here. Choose one of these: {labels}." in words
        assert "the tide goes out" in words
        assert sent.message is not None
        again = await ada.press(sent.message, "✏️")
        assert "the tide goes out" in shown_again(again)
        assert "Wan 2.6" not in shown_again(again)
        assert "Wan 2.2 plus" in shown_again(again) or left is ONE
        await ada.submit_modal(again, {"prompt": "the tide goes out"})
        [submission] = await until(lambda: bot.intake.submissions)
        # The video that is most like the one that was chosen.
        plus = left is FEWER
        assert submission.model in ((WAN22_I2V_PLUS.id,) if plus else (None, WAN22_I2V_FLASH.id))
        options = submission.options
        assert (options.seconds, options.audio) == (5, False)
        assert options.resolution == ("1080P" if plus else "720P")


@pytest.mark.parametrize("button", ["🔁", "🎲", "✏️"])
async def test_a_video_of_a_model_that_is_gone_is_not_made_again(
    button: str, restarts: Restarts
) -> None:
    async with restarts.offering(SEVERAL) as bot:
        message = await result(bot, request=WAN26)
    async with restarts.offering(FEWER) as bot:
        words = refused(await restarts.ada.press(message, button))
        assert "The model that made this video is no longer offered" in words
        assert bot.intake.submissions == []


async def test_the_form_of_a_video_whose_model_is_gone_since_is_refused(
    restarts: Restarts,
) -> None:
    async with restarts.offering(SEVERAL) as bot:
        opened = await restarts.ada.press(await result(bot, request=WAN26), "✏️")
    async with restarts.offering(FEWER) as bot:
        sent = await restarts.ada.submit_modal(opened, {"prompt": "the tide"}, raw=True)
        assert "The model that made this video is no longer offered" in refused(sent)
        assert bot.intake.submissions == []
