"""Messages and deliveries through the real client: every method, and what follows a refusal."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.client import FlipbookClient
from bot.domain.delivery import Delivery, DeliveryMethod
from bot.domain.models.model import MODELS, WAN22_I2V_FLASH
from bot.domain.money import Usd
from bot.domain.task import Failure, FailureKind, State, Task
from bot.errors import DeliveryRefused, DeliveryUnclear
from bot.ui.access.install_context import InstallContext
from bot.ui.delivery.messenger import DiscordMessenger
from bot.ui.delivery.requests.interaction_tokens import InteractionTokens
from sandbox.discord import Fault, Message, Permission, Person, Upload
from tests.factories import make_options, make_picture, make_place, make_request, make_task
from tests.ui.client_fixture import (
    MESSAGE,
    MESSAGES,
    MP4,
    Bot,
    Store,
    messenger_of,
    until,
)

MISSING_ACCESS: dict[str, Any] = {"message": "Missing Access", "code": 50001}
UNKNOWN_MESSAGE: dict[str, Any] = {"message": "Unknown Message", "code": 10008}


async def _asked(bot: Bot, ada: Person, **options: Any) -> tuple[Task, Message]:
    """Send `/animate`, and return the rendered task and the command's own message."""
    picture = Upload("photo.png", make_picture("PNG"))
    shown = await ada.command("animate", image=picture, prompt="waves roll in", **options)
    message = shown.message
    assert message is not None
    await until(lambda: "Queued" in message.text, "queued")
    return await bot.rendered(), message


def _public(person: Person) -> list[Message]:
    return [seen for seen in person.sees("general") if not seen.ephemeral]


# --- the first method ---------------------------------------------------------------------


async def test_the_command_s_own_message_becomes_the_result(bot: Bot, ada: Person) -> None:
    task, message = await _asked(bot, ada, seed=123)
    posted = await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert (posted.channel_id, posted.message_id) == (message.channel_id, message.id)
    [file] = message.files
    assert file.data.startswith(MP4[:12])
    assert not file.spoiler
    for part in (f"<@{ada.id}>", "> waves roll in", "720P", "seed 123", "1 min 12 s"):
        assert part in message.text
    assert "$0.25 (estimate: $0.21)" in message.text
    assert "Queued" not in message.text
    assert message.mentions == []
    assert len(_public(ada)) == 1


async def test_the_video_plays_in_a_gallery_and_not_in_an_embed(bot: Bot, ada: Person) -> None:
    task, message = await _asked(bot, ada)
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    galleries = [part for part in message.every_component() if part["type"] == 12]
    assert len(galleries) == 1
    assert message.files[0].name in galleries[0]["items"][0]["media"]["url"]
    assert message.embeds == []


async def test_a_spoiler_is_hidden_and_the_discount_and_mends_are_told(
    bot: Bot, ada: Person
) -> None:
    task, message = await _asked(bot, ada, spoiler=True)
    task = replace(task, discount=Decimal("0.05"), mended=("upright", "flattened"))
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert message.files[0].spoiler
    gallery = next(part for part in message.every_component() if part["type"] == 12)
    assert gallery["items"][0]["spoiler"] is True
    assert "discount 0.05" in message.text
    assert "Picture adjusted: turned upright, transparent areas filled with white." in message.text


def _messenger(bot: Bot, client: FlipbookClient) -> DiscordMessenger:
    """Return another messenger, which remembers nothing."""
    return messenger_of(
        client,
        store=Store(),
        folder=bot.folder,
        clock=bot.clock,
        tokens=InteractionTokens(clock=bot.clock),
        log_channel=bot.client.context.log_channel,
    )


async def test_delivery_works_without_the_interaction_as_after_a_restart(
    bot: Bot, ada: Person
) -> None:
    task, message = await _asked(bot, ada)
    bot.clock.skip(hours=2)
    again = _messenger(bot, bot.client)
    await again.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert message.files


async def test_progress_never_overtakes_the_result(bot: Bot, ada: Person) -> None:
    task, message = await _asked(bot, ada)
    await bot.answered()
    bot.clock.skip(seconds=10)
    edits = bot.local.count("PATCH", MESSAGE)
    slow = bot.local.faults.add(Fault("PATCH", MESSAGE, delay=0.3))
    await bot.messenger.show(bot.becomes(task, state=State.RUNNING, progress=0.5))
    await until(lambda: slow.hits, "the progress edit")
    await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    await until(lambda: bot.local.count("PATCH", MESSAGE) == edits + 2, "both edits")
    bot.clock.skip(seconds=10)
    await bot.messenger.show(bot.becomes(task, state=State.RUNNING, progress=0.9))
    await asyncio.sleep(0.05)
    assert message.files
    assert "Making your video" not in message.text


# --- Discord's responses ----------------------------------------------------------------------

DEFINITE = {
    "forbidden": Fault("PATCH", MESSAGE, status=403, body={"message": "x", "code": 50013}),
    "gone": Fault("PATCH", MESSAGE, status=404, body=UNKNOWN_MESSAGE),
    "too large": Fault("PATCH", MESSAGE, status=413, body={"message": "x", "code": 40005}),
    "form": Fault("PATCH", MESSAGE, status=400, body={"message": "x", "code": 50035}),
}
UNCLEAR = {
    "503": Fault("PATCH", MESSAGE, status=503),
    "lost answer": Fault("PATCH", MESSAGE, reset="after"),
    "reset": Fault("PATCH", MESSAGE, reset="before"),
    "HTML": Fault("PATCH", MESSAGE, status=503, body="<html>no</html>"),
}


@pytest.mark.parametrize("case", DEFINITE)
async def test_a_definite_no_leaves_the_method(case: str, bot: Bot) -> None:
    fault = replace(DEFINITE[case], times=2)
    bot.local.faults.add(fault)
    task = bot.task_of(await bot.local.person("Ada").say("general", "x"))
    with pytest.raises(DeliveryRefused):
        await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)


@pytest.mark.parametrize("case", UNCLEAR)
async def test_no_clear_answer_keeps_the_method(case: str, bot: Bot, ada: Person) -> None:
    task, _ = await _asked(bot, ada)
    bot.local.faults.add(replace(UNCLEAR[case]))
    with pytest.raises(DeliveryUnclear):
        await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)


async def test_a_rate_limit_without_a_via_says_when_to_come_back(bot: Bot, ada: Person) -> None:
    task, _ = await _asked(bot, ada)
    headers = {"Via": "", "Retry-After": "7.5"}
    bot.local.faults.add(Fault("PATCH", MESSAGE, status=429, headers=headers))
    with pytest.raises(DeliveryUnclear) as caught:
        await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert caught.value.retry_after == 7.5


async def test_a_long_rate_limit_does_not_hold_the_delivery_up(bot: Bot, ada: Person) -> None:
    task, _ = await _asked(bot, ada)
    body = {"message": "rate limited", "retry_after": 600.0, "global": False}
    bot.local.faults.add(Fault("PATCH", MESSAGE, status=429, body=body))
    with pytest.raises(DeliveryUnclear) as caught:
        await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert caught.value.retry_after == 600.0


async def test_a_file_above_the_limit_is_not_sent_only_to_be_refused(bot: Bot, ada: Person) -> None:
    task, _ = await _asked(bot, ada)
    task = replace(task, place=replace(task.place, filesize_limit=1000))
    edits = bot.local.count("PATCH", MESSAGE)
    for method in (DeliveryMethod.EDIT, DeliveryMethod.POST):
        with pytest.raises(DeliveryRefused):
            await bot.messenger.deliver(task, method, bot.video(), search=False)
    assert bot.local.count("PATCH", MESSAGE) == edits
    assert bot.local.count("POST", MESSAGES) == 0


@pytest.mark.parametrize("method", [DeliveryMethod.EDIT, DeliveryMethod.POST])
async def test_without_the_file_only_the_link_is_left(
    method: DeliveryMethod, bot: Bot, ada: Person
) -> None:
    task, _ = await _asked(bot, ada)
    for video in (None, bot.folder / "gone.mp4"):
        with pytest.raises(DeliveryRefused):
            await bot.messenger.deliver(task, method, video, search=False)


async def test_before_the_login_nothing_is_clear(bot: Bot, tmp_path: Path) -> None:
    client = FlipbookClient(
        clock=bot.clock,
        places=InstallContext(),
        acknowledgements=bot.client.context.replies.acknowledgements,
    )
    messenger = _messenger(bot, client)
    task = make_task(state=State.RENDERED, place=make_place())
    await messenger.show(task)
    await messenger.tell_ended(task)
    await messenger.tell_operator("words")
    with pytest.raises(DeliveryUnclear):
        await messenger.deliver(task, DeliveryMethod.EDIT, tmp_path / "video.mp4", search=False)


# --- the second method ---------------------------------------------------------------------


async def test_when_somebody_deleted_the_message_the_result_comes_as_a_new_one(
    bot: Bot, ada: Person
) -> None:
    task, message = await _asked(bot, ada)
    bot.local.messages.delete(message)
    with pytest.raises(DeliveryRefused):
        await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    posted = await bot.messenger.deliver(task, DeliveryMethod.POST, bot.video(), search=False)
    [new] = _public(ada)
    assert new.id == posted.message_id
    assert new.files
    assert new.mentions == []


async def test_a_result_posted_twice_in_a_row_is_there_once(bot: Bot, ada: Person) -> None:
    task, message = await _asked(bot, ada)
    bot.local.messages.delete(message)
    bot.local.faults.add(Fault("POST", MESSAGES, reset="after"))
    with pytest.raises(DeliveryUnclear):
        await bot.messenger.deliver(task, DeliveryMethod.POST, bot.video(), search=False)
    posted = await bot.messenger.deliver(task, DeliveryMethod.POST, bot.video(), search=False)
    assert [seen.id for seen in _public(ada)] == [posted.message_id]


async def test_when_the_nonce_is_forgotten_the_earlier_attempt_is_found(
    bot: Bot, ada: Person
) -> None:
    task, message = await _asked(bot, ada)
    bot.local.messages.delete(message)
    tried_at = bot.clock.now()
    bot.local.faults.add(Fault("POST", MESSAGES, reset="after"))
    with pytest.raises(DeliveryUnclear):
        await bot.messenger.deliver(task, DeliveryMethod.POST, bot.video(), search=False)
    await ada.say("general", "what a fine day")
    bot.clock.skip(minutes=30)
    task = replace(
        task, delivery=Delivery(method=DeliveryMethod.POST, attempts=1, tried_at=tried_at)
    )
    posted = await bot.messenger.deliver(task, DeliveryMethod.POST, bot.video(), search=True)
    assert [seen.id for seen in _public(ada) if seen.files] == [posted.message_id]


async def test_a_search_is_not_fooled_by_the_card_of_an_undelivered_task(
    bot: Bot, ada: Person
) -> None:
    task, message = await _asked(bot, ada)
    await bot.messenger.tell_ended(bot.becomes(task, state=State.UNDELIVERED))
    await until(lambda: "No video for" in message.text)
    posted = await bot.messenger.deliver(task, DeliveryMethod.POST, bot.video(), search=True)
    assert posted.message_id != message.id


async def test_what_is_left_of_the_old_message_goes(bot: Bot, ada: Person) -> None:
    task, _ = await _asked(bot, ada)
    posted = await bot.messenger.deliver(task, DeliveryMethod.POST, bot.video(), search=False)
    assert [seen.id for seen in _public(ada)] == [posted.message_id]


async def test_a_reroll_is_a_reply_to_its_parent_and_links_to_it(bot: Bot, ada: Person) -> None:
    first = await ada.say("general", "the parent")
    parent = bot.task_of(first, id="parent01", state=State.DELIVERED)
    parent = replace(parent, result_channel_id=first.channel_id, result_message_id=first.id)
    bot.store.tasks["parent01"] = parent
    task = make_task(
        state=State.RENDERED,
        parent_id="parent01",
        place=replace(parent.place, message_id=None),
    )
    await bot.messenger.deliver(task, DeliveryMethod.POST, bot.video(), search=False)
    new = _public(ada)[-1]
    assert new.reply_to == first.id
    assert f"/{first.channel_id}/{first.id})" in new.text


# --- the third and the fourth method ------------------------------------------------------------


async def test_a_video_too_large_for_the_channel_is_a_first_frame_and_a_link(
    bot: Bot, ada: Person
) -> None:
    task, message = await _asked(bot, ada)
    frame = bot.frame(make_picture("PNG"))
    place = replace(task.place, filesize_limit=1500)
    task = replace(task, place=place, request=make_request(frame=replace(frame, bytes=1000)))
    posted = await bot.messenger.deliver(task, DeliveryMethod.LINK, bot.video(), search=False)
    assert posted.message_id == message.id
    assert "[Open the video](<https://example.com/video.mp4>)" in message.text
    assert "expires" in message.text
    assert "too large" in message.text
    assert [file.data for file in message.files] == [make_picture("PNG")]


async def test_the_link_comes_as_a_new_message_where_the_old_one_is_gone(
    bot: Bot, ada: Person
) -> None:
    task, message = await _asked(bot, ada)
    bot.local.messages.delete(message)
    posted = await bot.messenger.deliver(task, DeliveryMethod.LINK, None, search=False)
    [new] = _public(ada)
    assert new.id == posted.message_id
    assert "couldn't download the video" in new.text


async def test_where_files_are_no_longer_allowed_the_link_comes_in_words_alone(
    bot: Bot, ada: Person
) -> None:
    task, message = await _asked(bot, ada)
    task = replace(task, request=make_request(frame=bot.frame(make_picture("PNG"))))
    world = bot.local.world
    me = world.guild.members[world.bot.id]
    world.set_overwrite(world.channel("general"), me, deny=Permission.ATTACH_FILES)
    for method in (DeliveryMethod.EDIT, DeliveryMethod.POST):
        with pytest.raises(DeliveryRefused):
            await bot.messenger.deliver(task, method, bot.video(), search=False)
    posted = await bot.messenger.deliver(task, DeliveryMethod.LINK, bot.video(), search=False)
    assert posted.message_id == message.id
    assert "Discord didn't let me post the video here" in message.text
    assert message.files == []


async def test_a_direct_message_is_the_last_method_and_the_channel_is_told(
    bot: Bot, ada: Person
) -> None:
    task, message = await _asked(bot, ada)
    posted = await bot.messenger.deliver(task, DeliveryMethod.DIRECT, bot.video(), search=False)
    [direct] = ada.direct_messages()
    assert direct.id == posted.message_id
    assert direct.files
    assert "in a direct message" in message.text


async def test_a_direct_message_refused_is_a_definite_no(bot: Bot, ada: Person) -> None:
    task, _ = await _asked(bot, ada)
    closed = {"message": "Cannot send messages to this user", "code": 50007}
    bot.local.faults.add(Fault("POST", MESSAGES, status=403, body=closed))
    with pytest.raises(DeliveryRefused):
        await bot.messenger.deliver(task, DeliveryMethod.DIRECT, bot.video(), search=False)


# --- texts ----------------------------------------------------------------------------------


async def test_a_failure_is_told_to_its_author_and_the_channel_reads_the_reason_only(
    bot: Bot, ada: Person
) -> None:
    task, message = await _asked(bot, ada)
    failure = Failure(kind=FailureKind.MODERATED, code="DataInspectionFailed")
    await bot.messenger.tell_ended(
        bot.becomes(task, state=State.FAILED, failure=failure, cost=None)
    )
    [private] = [seen for seen in ada.sees("general") if seen.ephemeral]
    assert "because of its content" in private.text
    assert "Nothing was charged" in private.text
    assert "> waves roll in" in private.text
    assert "this time: the video service's content rules don't allow it." in message.text
    assert "DataInspectionFailed" not in message.text
    assert "waves" not in message.text
    assert "No video for" in message.text


async def test_after_fifteen_minutes_the_message_itself_says_why(bot: Bot, ada: Person) -> None:
    task, message = await _asked(bot, ada)
    bot.clock.skip(minutes=16)
    failure = Failure(kind=FailureKind.DEADLINE)
    sent = replace(task, submitted_at=task.created_at)
    ended = bot.becomes(sent, state=State.FAILED, failure=failure, cost=None)
    await bot.messenger.tell_ended(ended)
    assert "didn't finish this video in time" in message.text
    assert "stays counted" in message.text


async def test_where_the_message_is_gone_it_is_told_directly(bot: Bot, ada: Person) -> None:
    task, message = await _asked(bot, ada)
    bot.local.messages.delete(message)
    bot.clock.skip(minutes=16)
    await bot.messenger.tell_ended(bot.becomes(task, state=State.UNKNOWN))
    [direct] = ada.direct_messages()
    assert "won't send it again" in direct.text


async def test_a_long_task_is_announced_by_a_reply_that_mentions_only_its_person(
    bot: Bot, ada: Person
) -> None:
    task, message = await _asked(bot, ada)
    done = replace(task, result_channel_id=message.channel_id, result_message_id=message.id)
    await bot.messenger.announce(done)
    await bot.messenger.announce(done)  # after a kill between sending and recording
    [_, reply] = _public(ada)
    assert reply.reply_to == message.id
    assert [user.id for user in reply.mentions] == [ada.id]
    assert reply.text == f"<@{ada.id}>, your video is ready."


async def test_a_late_task_is_told_once_in_the_same_message(bot: Bot, ada: Person) -> None:
    task, message = await _asked(bot, ada)
    bot.clock.skip(minutes=16)
    running = bot.becomes(task, state=State.RUNNING, late_told=True)
    await bot.messenger.tell_late(running)
    await until(lambda: "much longer than usual" in message.text)
    assert len(_public(ada)) == 1


async def test_the_operator_is_told_directly_and_in_the_log(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    await bot.messenger.tell_operator("the provider refuses the key")
    assert "the provider refuses the key" in caplog.text
    [direct] = bot.local.person("Olive").direct_messages()
    assert direct.text == "For you as the bot's operator: the provider refuses the key"


async def test_sending_messages_never_raises(bot: Bot, ada: Person) -> None:
    task, message = await _asked(bot, ada)
    bot.clock.skip(minutes=16)
    bot.local.faults.add(
        Fault("*", "*", times=50, status=403, body={"message": "x", "code": 50001})
    )
    done = replace(task, result_channel_id=message.channel_id, result_message_id=message.id)
    await bot.messenger.announce(done)
    await bot.messenger.show(bot.becomes(task, state=State.RUNNING))
    await bot.messenger.tell_ended(bot.becomes(task, state=State.UNDELIVERED))
    await bot.messenger.tell_operator("the key is refused")


# --- where the bot is not in the channel ---------------------------------------------------------


async def test_where_the_bot_may_not_look_the_token_serves_while_it_lives(
    bot: Bot, ada: Person
) -> None:
    task, message = await _asked(bot, ada)
    bot.local.faults.add(Fault("PATCH", MESSAGE, status=403, body=MISSING_ACCESS))
    posted = await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)
    assert posted.message_id == message.id
    assert message.files


async def test_after_the_token_expires_the_method_is_refused(bot: Bot, ada: Person) -> None:
    task, _ = await _asked(bot, ada)
    bot.local.faults.add(Fault("PATCH", MESSAGE, status=403, body=MISSING_ACCESS))
    bot.clock.skip(minutes=16)
    with pytest.raises(DeliveryRefused):
        await bot.messenger.deliver(task, DeliveryMethod.EDIT, bot.video(), search=False)


async def test_a_task_of_the_terminal_has_nowhere_to_go(bot: Bot) -> None:
    place = make_place(guild_id=None, channel_id=None, message_id=None)
    task = make_task(
        state=State.RENDERED, place=place, request=make_request(options=make_options())
    )
    before = len(bot.local.requests)
    for method in (DeliveryMethod.EDIT, DeliveryMethod.POST, DeliveryMethod.LINK):
        with pytest.raises(DeliveryRefused):
            await bot.messenger.deliver(task, method, bot.video(), search=False)
    await bot.messenger.show(task)
    await bot.messenger.tell_ended(bot.becomes(task, state=State.UNDELIVERED))
    assert len(bot.local.requests) == before
    assert task.estimate == Usd.parse("0.20")


async def test_the_usual_duration_is_that_of_the_model_that_makes_the_video(
    bot: Bot, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = replace(WAN22_I2V_FLASH, id="wan_slow", usual_seconds=240)
    monkeypatch.setitem(MODELS, slow.id, slow)
    task, message = await _asked(bot, ada)
    await bot.answered()
    for model, usual in ((slow.id, "4 min"), ("wan_gone", "1 min 30 s")):
        bot.clock.skip(seconds=10)
        request = replace(task.request, model=model)
        await bot.messenger.show(bot.becomes(task, state=State.RUNNING, request=request))
        await until(lambda words=usual: f"usually takes {words}" in message.text, usual)
