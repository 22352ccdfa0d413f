"""Cards stay within Discord's limits, whatever people write."""

from datetime import timedelta

import pytest

from bot.domain.first_frame import Adjustment
from bot.domain.models.model import WAN22_I2V_FLASH
from bot.domain.money import Usd
from bot.domain.task import Failure, FailureKind, State, Task
from bot.ui.results import cards
from bot.ui.texts.cards import too_large
from tests.factories import NOON, make_options, make_request, make_task

MODEL = WAN22_I2V_FLASH
# Discord's limit for the total text of a message made of components.
MOST_CHARS = 4000


def _longest() -> Task:
    options = make_options(prompt="*" * MODEL.prompt_chars, negative_prompt="_" * 500)
    return make_task(
        state=State.RENDERED,
        request=make_request(options=options),
        rendered_at=NOON + timedelta(hours=30),
        cost=Usd.parse("0.0075"),
        mended=tuple(adjustment.value for adjustment in Adjustment),
        parent_id="t0000000",
        video_url="https://example.com/" + "a" * 1000,
    )


async def test_the_longest_words_still_fit() -> None:
    task = _longest()
    link = "https://discord.com/channels/1/2/3"
    words = too_large(task.video_url or "")
    made = [
        cards.result(task, parent_link=link),
        cards.link(task, words=words, frame_name="a.png", parent_link=link),
        cards.on_the_way(task, MODEL, NOON + timedelta(hours=1)),
        cards.sent_directly(task),
    ]
    assert [len(card.text) for card in made if len(card.text) > MOST_CHARS] == []


@pytest.mark.parametrize("state", State)
async def test_every_state_has_a_card(state: State) -> None:
    card = cards.on_the_way(make_task(state=state), MODEL, NOON)
    assert card.text.startswith("<@1001>\n> waves roll in\n")


async def test_no_card_is_kept_by_discord_py() -> None:
    assert cards.result(_longest()).is_finished()


async def test_an_ending_keeps_the_prompt_out_of_the_channel() -> None:
    failure = Failure(kind=FailureKind.MODERATED)
    card = cards.ended(make_task(state=State.FAILED, failure=failure), in_words=True)
    assert "waves" not in card.text


async def test_a_spoiler_s_file_is_named_so() -> None:
    task = make_task(request=make_request(options=make_options(spoiler=True, seed=7)))
    assert cards.video_name(task) == "SPOILER_flipbook-7.mp4"
