"""What people and the operator read, whatever the style of the provider's answers."""

import pytest

from sandbox.discord import Person
from sandbox.vtrix import STYLES, LocalVtrix
from tests.flows.harness import BotProcess, animate, eventually, reads, video

NO_BALANCE = "the provider's balance is used up"
NO_MODEL = "this key may not use the model"


@pytest.mark.parametrize(
    ("style", "code", "message", "words", "logged"),
    [
        (
            "in an envelope",
            "DataInspectionFailed",
            "Output data may contain inappropriate content.",
            "rejected it because of its content",
            None,
        ),
        (
            "completed with an error",
            "Throttling.RateQuota",
            "Requests rate limit exceeded, please try again later.",
            "too busy",
            None,
        ),
        (
            "errors as a text",
            "Arrearage",
            "Access denied, please make sure your account is in good standing.",
            "account with the video service is out of credit",
            NO_BALANCE,
        ),
        (
            "the vendor's clients'",
            "Model.AccessDenied",
            "Model access denied.",
            "isn't available right now",
            NO_MODEL,
        ),
    ],
)
async def test_a_failed_task_gives_its_reason_and_the_operators_problem_stops_the_next(
    bot: BotProcess,
    ada: Person,
    provider: LocalVtrix,
    style: str,
    code: str,
    message: str,
    words: str,
    logged: str | None,
) -> None:
    provider.style = STYLES[style]
    provider.fail_next(code, message)
    await bot.start()
    await reads(ada, await animate(ada), words)
    await bot.reaches("failed")
    assert bot.rows("SELECT state FROM money_holds") == [{"state": "released"}]
    again = await animate(ada)
    if logged is None:
        await video(ada)
    else:
        await reads(ada, again, "Please try again later")
        await eventually(lambda: logged in bot.log.read_text() or None, "the operator is told")
        assert provider.counts["create"] == 1


async def test_an_empty_balance_in_an_answer_of_http_200_stops_the_next(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    provider.style = STYLES["in an envelope, always HTTP 200"]
    provider.balance = "0"
    await bot.start()
    await reads(ada, await animate(ada), "account with the video service is out of credit")
    await eventually(lambda: NO_BALANCE in bot.log.read_text() or None, "the operator is told")
    await reads(ada, await animate(ada), "Please try again later")
    assert provider.counts["create"] == 1


async def test_a_task_that_expired_at_the_provider_ends(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    provider.style = STYLES["expired"]
    provider.fail_next("TaskExpired", "the task took too long")
    await bot.start()
    await reads(ada, await animate(ada), "couldn't make this video")
    await bot.reaches("failed")
    assert bot.rows("SELECT state FROM money_holds") == [{"state": "released"}]
