"""Interactions from the page: commands, menus, buttons, forms, and who sees the answers.

The bot is a small one, based on discord.py's real client, that has one of each.
"""

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import pytest_asyncio
from discord import app_commands, ui

from tests.demo.conftest import Page
from tests.demo.page_client import Refused, Tab, tab, upload
from tests.factories import make_picture
from tests.sandbox.discord.discord_client import Client, connected_client

# The tests share a browser, and therefore an event loop.
pytestmark = pytest.mark.asyncio(loop_scope="session")


class Form(ui.Modal, title="Tell me"):
    words = ui.TextInput[Any](label="Words", custom_id="words", max_length=5)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"told: {self.words.value}", ephemeral=True)


class Survey(ui.Modal, title="Choose"):
    who: ui.Label[Any] = ui.Label(text="Who", component=ui.UserSelect[Any](custom_id="who"))
    size: ui.Label[Any] = ui.Label(
        text="Size",
        component=ui.RadioGroup(
            custom_id="size",
            options=[discord.RadioGroupOption(label=one, value=one) for one in ("S", "L")],
        ),
    )
    sure: ui.Label[Any] = ui.Label(text="Sure", component=ui.Checkbox(custom_id="sure"))
    file: ui.Label[Any] = ui.Label(text="File", component=ui.FileUpload(custom_id="file"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        parts: list[Any] = [self.who, self.size, self.sure, self.file]
        who, size, sure, file = (one.component for one in parts)
        data = await file.values[0].read()
        words = f"{who.values[0].display_name} {size.value} {sure.value} {data.decode()}"
        await interaction.response.send_message(words)


class Board(ui.View):
    @ui.button(label="Form", custom_id="form")
    async def form(self, interaction: discord.Interaction, _: ui.Button[Any]) -> None:
        await interaction.response.send_modal(Form())

    @ui.select(
        custom_id="size",
        options=[discord.SelectOption(label=one, value=one.lower()) for one in ("Small", "Large")],
    )
    async def size(self, interaction: discord.Interaction, menu: ui.Select[Any]) -> None:
        await interaction.response.edit_message(content=f"size: {menu.values[0]}")


def setup(client: Client) -> None:
    tree, group = client.tree, app_commands.Group(name="box", description="A box")

    @tree.command(description="Say everything")
    async def everything(
        interaction: discord.Interaction,
        text: str,
        number: int,
        part: float,
        sure: bool,
        who: discord.Member,
        role: discord.Role,
        where: discord.TextChannel,
        picture: discord.Attachment,
    ) -> None:
        seen = (text, number, part, sure, who.display_name, role.name, where.name)
        await interaction.response.send_message(f"{seen} {len(await picture.read())}")

    @tree.command(description="Show the board")
    async def board(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("the board", view=Board(timeout=None))

    @tree.command(description="Think about it")
    async def think(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)

    @group.command(description="Look into it")
    @app_commands.describe(thing="What for")
    async def look(interaction: discord.Interaction, thing: str) -> None:
        await interaction.response.send_message(f"no {thing} in it", ephemeral=True)

    @look.autocomplete("thing")
    async def things(interaction: discord.Interaction, typed: str) -> list[Any]:
        known = ("hammer", "hat", "nail")
        return [app_commands.Choice(name=one, value=one) for one in known if typed in one]

    @tree.context_menu(name="Measure")
    async def measure(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"{len(message.attachments)} files")

    tree.add_command(group)
    tree.add_command(app_commands.Command(name="survey", description="Ask", callback=survey))
    tree.add_command(app_commands.ContextMenu(name="Greet", callback=greet))


async def survey(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(Survey())


async def greet(interaction: discord.Interaction, member: discord.Member) -> None:
    await interaction.response.send_message(f"hello {member.display_name}")


@pytest_asyncio.fixture(loop_scope="session")
async def ada(page: Page) -> AsyncIterator[Tab]:
    async with connected_client(page.discord, setup), tab(page.url, "Ada") as opened:
        yield opened


async def use(one: Tab, name: str, **options: Any) -> None:
    await one.ask("command", channel=one.scene["channel"], name=name, options=options)


async def test_options_of_every_type_reach_the_bot(ada: Tab, page: Page) -> None:
    await page.discord.synced("everything")
    picture = make_picture()
    _, kept = await upload(page.url, picture, name="cat.png")
    grace = next(one["id"] for one in ada.scene["members"] if one["name"] == "Grace")
    painters = next(one["id"] for one in ada.scene["roles"] if one["name"] == "Painters")
    given: dict[str, Any] = {
        "text": "hi",
        "number": 7,
        "part": 0.5,
        "sure": False,
        "who": grace,
        "role": painters,
        "where": ada.channel("no-files"),
        "picture": {"upload": kept["id"]},
    }
    await use(ada, "everything", **given)
    expected = f"('hi', 7, 0.5, False, 'Grace', 'Painters', 'no-files') {len(picture)}"
    message = await ada.sees(expected)
    assert message["interaction_metadata"]["name"] == "everything"
    assert message["interaction_metadata"]["user"]["global_name"] == "Ada"
    wrongs: list[tuple[dict[str, Any], str]] = [
        ({"number": "7"}, "Number cannot be '7'"),
        ({"who": "1"}, "who no longer exists"),
        ({"who": 12}, "cannot be read: who"),
        ({"picture": {"upload": "gone"}}, "choose it again"),
        ({"text": None}, "text is required"),
        ({"sure": {}}, "sure cannot be read"),
    ]
    for wrong, words in wrongs:
        with pytest.raises(Refused, match=f"(?i){words}"):
            await use(ada, "everything", **{**given, **wrong})


async def test_an_ephemeral_answer_is_seen_by_one_person_who_may_dismiss_it(
    ada: Tab, page: Page
) -> None:
    async with tab(page.url, "Grace") as grace, tab(page.url, "Ada") as second_window:
        await use(ada, "box look", thing="cat")
        seen = await ada.sees("no cat in it")
        assert (seen["ephemeral"], seen["interaction_metadata"]["name"]) == (True, "box look")
        await second_window.sees("no cat in it")
        await grace.say("anything there?")
        await ada.sees("anything there?")
        assert seen["id"] not in grace.messages
        with pytest.raises(Refused, match="no longer exists"):
            await grace.ask("dismiss", message=seen["id"])
        await ada.ask("dismiss", message=seen["id"])
        await second_window.until(lambda: seen["id"] not in second_window.messages, "dismissed")


async def test_an_answer_that_is_still_to_come_is_loading(ada: Tab) -> None:
    await use(ada, "think")
    (pending,) = await ada.until(
        lambda: [one for one in ada.messages.values() if one["loading"]], "loading"
    )
    assert (pending["content"], pending["ephemeral"]) == ("", True)


async def test_a_form_opens_for_one_person_is_filled_in_and_closes(ada: Tab, page: Page) -> None:
    async with tab(page.url, "Grace") as grace:
        await use(ada, "board")
        board = (await ada.sees("the board"))["id"]
        await ada.ask("press", message=board, custom_id="form")
        opened = await ada.until(lambda: ada.modal, "the form")
        assert opened["modal"]["title"] == "Tell me"
        with pytest.raises(Refused, match="Words is too long"):
            await ada.ask("submit", interaction=opened["interaction"], fields={"words": "a" * 6})
        with pytest.raises(Refused, match="form is closed"):
            await grace.ask("submit", interaction=opened["interaction"], fields={"words": "a"})
        await ada.ask("submit", interaction=opened["interaction"], fields={"words": "cat"})
        assert (await ada.sees("told: cat"))["ephemeral"]
        with pytest.raises(Refused, match="form is closed"):
            await ada.ask("submit", interaction=opened["interaction"], fields={"words": "cat"})
        assert grace.modal == {}


async def test_a_form_that_was_left_is_closed(ada: Tab) -> None:
    await use(ada, "board")
    await ada.ask("press", message=(await ada.sees("the board"))["id"], custom_id="form")
    opened = await ada.until(lambda: ada.modal, "the form")
    await ada.ask("cancel_modal", interaction=opened["interaction"])
    with pytest.raises(Refused, match="form is closed"):
        await ada.ask("submit", interaction=opened["interaction"], fields={"words": "cat"})


async def test_choosing_in_a_menu_changes_its_message_for_everybody(ada: Tab, page: Page) -> None:
    async with tab(page.url, "Grace") as grace:
        await use(ada, "board")
        board = (await ada.sees("the board"))["id"]
        await grace.ask("select", message=board, custom_id="size", values=["large"])
        changed = await ada.sees("size: large")
        assert changed["id"] == board
        assert changed["edited_timestamp"] is not None
        with pytest.raises(Refused, match="There is no option huge"):
            await ada.ask("select", message=board, custom_id="size", values=["huge"])
        with pytest.raises(Refused, match="There is no button none"):
            await ada.ask("press", message=board, custom_id="none")


async def test_an_option_completes(ada: Tab) -> None:
    answer = await ada.ask(
        "complete",
        channel=ada.scene["channel"],
        name="box look",
        option="thing",
        typed="ha",
        options={},
    )
    assert [one["value"] for one in answer["choices"]] == ["hammer", "hat"]


async def test_a_menu_of_a_message_is_offered_and_used(ada: Tab) -> None:
    assert [one["name"] for one in ada.scene["menus"]] == ["Measure"]
    posted = await ada.say("measure me")
    await ada.ask("menu", message=posted, name="Measure")
    used = (await ada.sees("0 files"))["interaction_metadata"]
    assert (used["name"], used["menu"]) == ("Measure", True)


async def test_a_menu_of_somebody_is_offered_and_used(ada: Tab) -> None:
    assert [one["name"] for one in ada.scene["user_menus"]] == ["Greet"]
    grace = next(one["id"] for one in ada.scene["members"] if one["name"] == "Grace")
    await ada.ask("menu", user=grace, channel=ada.scene["channel"], name="Greet")
    used = (await ada.sees("hello Grace"))["interaction_metadata"]
    assert (used["name"], used["target_user"]["id"]) == ("Greet", grace)
    with pytest.raises(Refused, match="no longer exists"):
        await ada.ask("menu", user="1", channel=ada.scene["channel"], name="Greet")


async def test_a_form_takes_people_files_and_what_is_ticked(ada: Tab, page: Page) -> None:
    await use(ada, "survey")
    opened = await ada.until(lambda: ada.modal, "the form")
    _, kept = await upload(page.url, b"cat", name="cat.txt")
    grace = next(one["id"] for one in ada.scene["members"] if one["name"] == "Grace")
    fields = {"who": [grace], "size": "L", "sure": True, "file": [{"upload": kept["id"]}]}
    for name, wrong, words in (
        ("file", [], "File is required"),
        ("file", [{"upload": "gone"}], "choose it again"),
        ("file", ["text"], "File cannot be"),
        ("who", ["1"], "There is no option 1"),
        ("size", None, "Size is required"),
    ):
        sent = {"interaction": opened["interaction"], "fields": {**fields, name: wrong}}
        with pytest.raises(Refused, match=words):
            await ada.ask("submit", **sent)
    await ada.ask("submit", interaction=opened["interaction"], fields=fields)
    await ada.sees("Grace L True cat")


async def test_the_bot_is_seen_typing(page: Page) -> None:
    async with connected_client(page.discord, setup) as client, tab(page.url) as opened:
        channel = client.get_channel(int(opened.channel("general")))
        assert isinstance(channel, discord.TextChannel)
        async with channel.typing():
            await opened.until(lambda: opened.typing == ["Flipbook"], "the bot types")
            await channel.send("done")
        await opened.sees("done")


async def test_commands_that_come_later_are_offered_at_once(page: Page) -> None:
    async with tab(page.url) as opened:
        assert opened.scene["commands"] == []
        async with connected_client(page.discord, setup):
            names = ["board", "box", "everything", "survey", "think"]
            await opened.until(
                lambda: [one["name"] for one in opened.scene["commands"]] == names, "commands"
            )
