"""Direct messages, and places where only a person installed the bot, from end to end."""

from typing import Any

from sandbox.discord import Channel, LocalDiscord, Message, Person
from sandbox.vtrix import LocalVtrix
from tests.flows.harness import BotProcess, animate, eventually, is_video, videos

PICK = "flipbook:tasks:pick"


def opened(bot: BotProcess, discord_: LocalDiscord, ada: Person) -> Channel:
    """Return a group in which Ada has the bot as her own installation."""
    bot.settings["USER_INSTALL"] = "true"
    ada.user.has_installed = True
    return discord_.world.add_group("friends", ada.user, discord_.person("Grace").user)


def shown(person: Person, channel: Channel) -> list[Message]:
    """Return the videos that a person sees in a channel."""
    return [one for one in person.sees(channel) if any(is_video(f.data) for f in one.files)]


def says(person: Person, channel: Channel | str, words: str) -> Any:
    """Wait for a message with these words."""

    def look() -> Message | None:
        return next((one for one in person.sees(channel) if words in one.text), None)

    return eventually(look, f"“{words}”")


async def test_a_video_in_direct_messages_is_delivered_rerolled_and_counted(
    bot: BotProcess, discord_: LocalDiscord, ada: Person, provider: LocalVtrix
) -> None:
    bot.settings |= {"USER_INSTALL": "true", "QUOTA_VIDEOS": "2", "WATERMARK": "always"}
    await bot.start()
    await animate(ada, channel="@me")
    first = await eventually(lambda: next(iter(direct(ada)), None), "a video")
    await ada.react(first, "🔁")
    await eventually(lambda: direct(ada)[1:] or None, "a second one")
    one, two = provider.creates
    assert one.request == two.request
    assert one.request["parameters"]["watermark"] is True
    await bot.reaches("delivered", "delivered")
    refused = await animate(ada, channel="@me")
    await says(ada, "@me", "You've reached your limit of")
    assert refused.message is not None
    assert len(provider.creates) == 2
    assert {row["guild_id"] for row in bot.rows("SELECT guild_id FROM allowance_holds")} == {None}
    # The limits of servers are counted separately.
    await animate(ada)
    await eventually(lambda: bot.states()[2:] or None, "a third task")


def direct(person: Person) -> list[Message]:
    return [one for one in person.direct_messages() if any(is_video(f.data) for f in one.files)]


async def test_after_a_restart_the_video_comes_directly_or_is_told_and_sent_again(
    bot: BotProcess, discord_: LocalDiscord, ada: Person, provider: LocalVtrix
) -> None:
    friends = opened(bot, discord_, ada)
    await bot.start()
    # While the token is valid, the video comes to the place where it was asked for.
    await animate(ada, "at once", channel=friends)
    [quick] = await eventually(lambda: shown(ada, friends) or None, "the quick video")
    await bot.reaches("delivered")
    provider.slow = 1000
    await animate(ada, "the first", channel=friends)
    await animate(ada, "the second", channel=friends)
    await bot.reaches("delivered", "running", "running")
    await bot.kill()
    # The tokens are lost with the process, and the bot is not in that place itself.
    assert discord_.interactions.tokens
    assert not any(token.encode() in everything(bot) for token in discord_.interactions.tokens)
    provider.slow = 1
    provider.finish()
    ada.user.accepts_direct_messages = False
    discord_.requests.clear()
    await bot.start()
    await bot.reaches("delivered", "undelivered", "undelivered")
    await eventually(lambda: unsaid(bot) == 2 or None, "both notices to be kept")
    tried = {one.route for one in discord_.requests if one.status >= 400}
    assert tried == {"/channels/{channel_id}/messages"}
    assert not any(f"/channels/{friends.id}" in one.path for one in discord_.requests)
    # The person is told once, at the next command in any place, even after a restart.
    await bot.kill()
    await bot.start()
    await ada.command("quota")
    words = await says(ada, "general", "couldn't tell you")
    assert "> the first" in words.text
    assert "> the second" in words.text
    await eventually(lambda: unsaid(bot) == 0 or None, "the notices to be recorded as shown")
    # Sent again from its own place, the video comes there; from another one, directly.
    await send_again(bot, ada, "the first", friends)
    [_, first] = await eventually(lambda: both(ada, friends), "both videos")
    assert shown(discord_.person("Grace"), friends) == [quick, first]
    ada.user.accepts_direct_messages = True
    await send_again(bot, ada, "the second", "general")
    await eventually(lambda: direct(ada) or None, "the second video")
    await bot.reaches(*["delivered"] * 3)
    assert videos(ada) == []
    assert len(provider.creates) == 3


def both(person: Person, channel: Channel) -> list[Message] | None:
    seen = shown(person, channel)
    return seen if len(seen) == 2 else None


def everything(bot: BotProcess) -> bytes:
    """Return everything that the bot has written: database, files and log."""
    return b"".join(path.read_bytes() for path in bot.folder.rglob("*") if path.is_file())


def unsaid(bot: BotProcess) -> int:
    return len(bot.rows("SELECT id FROM tasks WHERE unsaid"))


async def send_again(bot: BotProcess, person: Person, prompt: str, channel: Channel | str) -> None:
    (row,) = bot.rows("SELECT id FROM tasks WHERE prompt = ?", prompt)
    page = (await person.command("tasks", channel=channel)).message
    assert page is not None
    await person.select(page, PICK, [row["id"]])
    await person.press(page, "Send again")
