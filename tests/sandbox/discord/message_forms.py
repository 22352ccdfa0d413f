"""Messages that Discord refuses, each with the field that it names; builders for their parts."""

from typing import Any

LAYOUT = 1 << 15


def row(*parts: Any) -> dict[str, Any]:
    return {"type": 1, "components": list(parts)}


def button(**more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "l", "custom_id": "c"} | more


def select(**more: Any) -> dict[str, Any]:
    options = [{"label": "a", "value": "a"}, {"label": "b", "value": "b"}]
    return {"type": 3, "custom_id": "s", "options": options} | more


def layout(*parts: Any, **more: Any) -> dict[str, Any]:
    return {"flags": LAYOUT, "components": list(parts)} | more


def words(**more: Any) -> dict[str, Any]:
    return {"type": 10, "content": "t"} | more


def gallery(url: str = "https://example.com/a.png", **more: Any) -> dict[str, Any]:
    return {"type": 12, "items": [{"media": {"url": url}} | more]}


def says(**more: Any) -> dict[str, Any]:
    return {"content": "x"} | more


def mentions(**allowed: Any) -> dict[str, Any]:
    return says(allowed_mentions=allowed)


def embed(**fields: Any) -> dict[str, Any]:
    return {"embeds": [fields]}


POLL: dict[str, Any] = {"question": {"text": "?"}, "answers": [{"poll_media": {"text": "a"}}]}
IN_ROW = "components.0.components.0"

MESSAGES: dict[str, tuple[Any, str]] = {
    "content that is a list": (says(content=["x"]), "content"),
    "tts that is a word": (says(tts="yes"), "tts"),
    "flags that are a word": (says(flags="abc"), "flags"),
    "a nonce that is true": (says(nonce=True), "nonce"),
    "a nonce beyond 64 bits": (says(nonce=2**63), "nonce"),
    "four stickers": (says(sticker_ids=["1", "2", "3", "4"]), "sticker_ids"),
    "a sticker without a number": (says(sticker_ids=["abc"]), "sticker_ids.0"),
    # Mentions
    "an unknown kind of mention": (mentions(parse=["all"]), "allowed_mentions.parse.0"),
    "a kind of mention twice": (mentions(parse=["users"] * 2), "allowed_mentions.parse.1"),
    "users parsed and listed": (mentions(parse=["users"], users=["1"]), "allowed_mentions"),
    "roles parsed and listed": (mentions(parse=["roles"], roles=["1"]), "allowed_mentions"),
    "a user who is no id": (mentions(users=["ada"]), "allowed_mentions.users.0"),
    "a role who is no id": (mentions(roles=[None, "x"]), "allowed_mentions.roles.0"),
    "101 users": (mentions(users=[str(one) for one in range(101)]), "allowed_mentions.users"),
    "a user twice": (mentions(users=["1", "1"]), "allowed_mentions.users.1"),
    "replied_user that is a number": (mentions(replied_user=1), "allowed_mentions.replied_user"),
    "mentions that are a list": (says(allowed_mentions=[]), "allowed_mentions"),
    # References
    "a reference without an id": (says(message_reference={}), "message_reference.message_id"),
    "a reference that is no id": (
        says(message_reference={"message_id": "abc"}),
        "message_reference.message_id",
    ),
    "a reference to another channel": (
        says(message_reference={"message_id": "1", "channel_id": "2"}),
        "message_reference",
    ),
    "a reference of an unknown type": (
        says(message_reference={"message_id": "1", "type": 2}),
        "message_reference.type",
    ),
    # Attachments
    "an attachment without an id": (says(attachments=[{}]), "attachments.0.id"),
    "an attachment that is no id": (says(attachments=[{"id": "x"}]), "attachments.0.id"),
    "an attachment that is a word": (says(attachments=["x"]), "attachments.0"),
    # Polls
    "a poll without answers": (says(poll=POLL | {"answers": []}), "poll.answers"),
    "eleven answers": (says(poll=POLL | {"answers": POLL["answers"] * 11}), "poll.answers"),
    "a long question": (
        says(poll=POLL | {"question": {"text": "q" * 301}}),
        "poll.question.text",
    ),
    "a long answer": (
        says(poll=POLL | {"answers": [{"poll_media": {"text": "a" * 56}}]}),
        "poll.answers.0.poll_media.text",
    ),
    "33 days": (says(poll=POLL | {"duration": 769}), "poll.duration"),
    # Embeds
    "a color beyond white": (embed(title="t", color=0x1000000), "embeds.0.color"),
    "a negative color": (embed(title="t", color=-1), "embeds.0.color"),
    "a color that is a name": (embed(title="t", color="red"), "embeds.0.color"),
    "an embed's address": (embed(title="t", url="ftp://example.com"), "embeds.0.url"),
    "an embed's address without scheme": (embed(title="t", url="example.com"), "embeds.0.url"),
    "an embed's time": (embed(title="t", timestamp="yesterday"), "embeds.0.timestamp"),
    "a title that is a number": (embed(title=5), "embeds.0.title"),
    "a field without value": (embed(fields=[{"name": "n"}]), "embeds.0.fields.0.value"),
    "a field with an empty name": (
        embed(fields=[{"name": " ", "value": "v"}]),
        "embeds.0.fields.0.name",
    ),
    "a field's name": (
        embed(fields=[{"name": "n" * 257, "value": "v"}]),
        "embeds.0.fields.0.name",
    ),
    "inline that is a word": (
        embed(fields=[{"name": "n", "value": "v", "inline": "no"}]),
        "embeds.0.fields.0.inline",
    ),
    "fields that are no list": (embed(fields={}), "embeds.0.fields"),
    "a footer that is a word": (embed(footer="f"), "embeds.0.footer"),
    "an author's name": (embed(author={"name": "n" * 257}), "embeds.0.author.name"),
    "a picture's address": (embed(image={"url": "file:///etc"}), "embeds.0.image.url"),
    # Rows
    "an empty row": ({"components": [row()]}, "components.0.components"),
    "six buttons": (
        {"components": [row(*(button(custom_id=str(one)) for one in range(6)))]},
        "components.0.components",
    ),
    "a button beside a select": (
        {"components": [row(button(), select())]},
        "components.0.components",
    ),
    "a row in a row": ({"components": [row(row(button()))]}, f"{IN_ROW}.type"),
    "a bare button": ({"components": [button()]}, "components.0.type"),
    "a text input in a message": (
        {"components": [row({"type": 4, "custom_id": "c", "style": 1})]},
        f"{IN_ROW}.type",
    ),
    "a component without a type": ({"components": [{}]}, "components.0.type"),
    # Buttons
    "an unknown style": ({"components": [row(button(style=7))]}, f"{IN_ROW}.style"),
    "no style": (
        {"components": [row({"type": 2, "label": "l", "custom_id": "c"})]},
        f"{IN_ROW}.style",
    ),
    "a long label": ({"components": [row(button(label="l" * 81))]}, f"{IN_ROW}.label"),
    "a button without words": ({"components": [row(button(label=None))]}, IN_ROW),
    "a link without address": (
        {"components": [row({"type": 2, "style": 5, "label": "l"})]},
        f"{IN_ROW}.url",
    ),
    "a link with custom_id": (
        {"components": [row(button(style=5, url="https://example.com"))]},
        f"{IN_ROW}.custom_id",
    ),
    "an address without link": (
        {"components": [row(button(url="https://example.com"))]},
        f"{IN_ROW}.url",
    ),
    "a link to a script": (
        {"components": [row({"type": 2, "style": 5, "label": "l", "url": "javascript:alert(1)"})]},
        f"{IN_ROW}.url",
    ),
    "a long link": (
        {"components": [row({"type": 2, "style": 5, "label": "l", "url": f"https://{'x' * 512}"})]},
        f"{IN_ROW}.url",
    ),
    "premium without a product": (
        {"components": [row({"type": 2, "style": 6})]},
        f"{IN_ROW}.sku_id",
    ),
    "premium with a label": (
        {"components": [row({"type": 2, "style": 6, "sku_id": "1", "label": "l"})]},
        IN_ROW,
    ),
    "disabled that is a word": ({"components": [row(button(disabled="no"))]}, f"{IN_ROW}.disabled"),
    "an emoji that is a word": ({"components": [row(button(emoji="x"))]}, f"{IN_ROW}.emoji"),
    "two buttons of one name": ({"components": [row(button(), button())]}, "components"),
    "two components of one number": (
        {"components": [row(button(id=5), button(id=5, custom_id="d"))]},
        "components",
    ),
    "a negative number": ({"components": [row(button(id=-1))]}, f"{IN_ROW}.id"),
    # Selects
    "a select without options": ({"components": [row(select(options=[]))]}, f"{IN_ROW}.options"),
    "26 options": (
        {"components": [row(select(options=[{"label": "a", "value": str(n)} for n in range(26)]))]},
        f"{IN_ROW}.options",
    ),
    "a value twice": (
        {"components": [row(select(options=[{"label": "a", "value": "a"}] * 2))]},
        f"{IN_ROW}.options.1.value",
    ),
    "an option without value": (
        {"components": [row(select(options=[{"label": "a"}]))]},
        f"{IN_ROW}.options.0.value",
    ),
    "an option's description": (
        {
            "components": [
                row(select(options=[{"label": "a", "value": "a", "description": "d" * 101}]))
            ]
        },
        f"{IN_ROW}.options.0.description",
    ),
    "a placeholder": (
        {"components": [row(select(placeholder="p" * 151))]},
        f"{IN_ROW}.placeholder",
    ),
    "least above most": (
        {"components": [row(select(min_values=2, max_values=1))]},
        f"{IN_ROW}.min_values",
    ),
    "more than there are": ({"components": [row(select(max_values=3))]}, f"{IN_ROW}.max_values"),
    "no most": ({"components": [row(select(max_values=0))]}, f"{IN_ROW}.max_values"),
    "two defaults for one": (
        {
            "components": [
                row(select(options=[{"label": v, "value": v, "default": True} for v in "ab"]))
            ]
        },
        f"{IN_ROW}.options",
    ),
    "a default user without type": (
        {"components": [row({"type": 5, "custom_id": "u", "default_values": [{"id": "1"}]})]},
        f"{IN_ROW}.default_values.0.type",
    ),
    # Components V2
    "embeds beside a layout": (layout(words(), embeds=[{"title": "t"}]), "embeds"),
    "a poll beside a layout": (
        layout(words(), poll=POLL),
        "poll",
    ),
    "stickers beside a layout": (layout(words(), sticker_ids=["1"]), "sticker_ids"),
    "an empty text": (layout(words(content="")), "components.0.content"),
    "a long text": (layout(words(content="x" * 4001)), "components.0.content"),
    "texts too long together": (
        layout(words(content="x" * 2001), words(content="x" * 2000)),
        "components",
    ),
    "41 components": (layout(*(words() for _ in range(41))), "components"),
    "a container in a container": (
        layout({"type": 17, "components": [{"type": 17, "components": [words()]}]}),
        f"{IN_ROW}.type",
    ),
    "an empty container": (layout({"type": 17, "components": []}), "components.0.components"),
    "a container's color": (
        layout({"type": 17, "components": [words()], "accent_color": 0x1000000}),
        "components.0.accent_color",
    ),
    "a section without accessory": (
        layout({"type": 9, "components": [words()]}),
        "components.0.accessory",
    ),
    "a section with four texts": (
        layout({"type": 9, "components": [words()] * 4, "accessory": button()}),
        "components.0.components",
    ),
    "a section with a select": (
        layout({"type": 9, "components": [words()], "accessory": select()}),
        "components.0.accessory.type",
    ),
    "a gallery without items": (layout({"type": 12, "items": []}), "components.0.items"),
    "eleven pictures": (
        layout({"type": 12, "items": [{"media": {"url": "https://example.com/a"}}] * 11}),
        "components.0.items",
    ),
    "alt text": (
        layout(gallery(description="d" * 1025)),
        "components.0.items.0.description",
    ),
    "empty alt text": (layout(gallery(description="")), "components.0.items.0.description"),
    "a gallery's missing file": (
        layout(gallery("attachment://v.mp4")),
        "components.0.items.0.media.url",
    ),
    "a thumbnail's missing file": (
        layout(
            {
                "type": 9,
                "components": [words()],
                "accessory": {"type": 11, "media": {"url": "attachment://v.png"}},
            }
        ),
        "components.0.accessory.media.url",
    ),
    "a file's address": (
        layout({"type": 13, "file": {"url": "https://example.com/a.png"}}),
        "components.0.file.url",
    ),
    "a missing file": (
        layout({"type": 13, "file": {"url": "attachment://a.png"}}),
        "components.0.file.url",
    ),
    "a wide separator": (layout({"type": 14, "spacing": 3}), "components.0.spacing"),
    "a label in a message": (layout({"type": 18, "label": "l"}), "components.0.type"),
}
