"""Mistakes that people make, and what they read: nothing is spent or left half done."""

import io
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from sandbox.discord import Interaction, Message, Person, Upload
from sandbox.vtrix import LocalVtrix
from tests.factories import make_picture
from tests.flows.harness import BotProcess, animate, eventually, video


def _png_header(size: tuple[int, int]) -> bytes:
    """A PNG that announces a size but contains next to nothing."""
    data = bytearray(make_picture("PNG", (400, 400)))
    data[16:20] = size[0].to_bytes(4, "big")
    data[20:24] = size[1].to_bytes(4, "big")
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


def _heic() -> bytes:
    return b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(4000)


REFUSED: dict[str, tuple[Callable[[], Upload], str]] = {
    "not an image": (lambda: Upload("notes.txt", b"Dear diary, " * 50), "isn't a picture"),
    "a renamed GIF": (lambda: Upload("photo.png", make_picture("GIF")), "This is a GIF"),
    "HEIC": (lambda: Upload("IMG_0001.HEIC", _heic()), "send it as a JPEG"),
    "truncated": (
        lambda: Upload("photo.jpg", make_picture("JPEG")[:-3000]),
        "damaged or incomplete",
    ),
    "a bomb": (
        lambda: Upload("big.png", _png_header((60_000, 60_000))),
        "scale it down to 6300×6300 or smaller",
    ),
    "359 px": (lambda: Upload("small.png", make_picture("PNG", (359, 500))), "359×500"),
    "6000×400": (lambda: Upload("wide.png", make_picture("PNG", (6000, 400))), "6000×400"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_picture_that_cannot_become_a_video_is_refused_in_words(
    case: str, bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    picture, words = REFUSED[case]
    await bot.start()
    shown = await animate(ada, image=picture())
    answer = await _refusal(ada, shown)
    assert words in answer.text
    await _nothing_is_left(bot, ada, provider)


OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "empty prompt": ({"prompt": "   "}, "Your prompt is empty"),
    "801 characters": ({"prompt": "x" * 801}, "801 characters; the limit is 800"),
    "seed -1": ({"seed": -1}, "The seed must be a whole number from 0"),
}


@pytest.mark.parametrize("case", OPTIONS)
async def test_an_option_out_of_bounds_is_refused_although_the_client_let_it_through(
    case: str, bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    options, words = OPTIONS[case]
    await bot.start()
    shown = await animate(ada, raw=True, **options)
    answer = await _refusal(ada, shown)
    assert words in answer.text
    await _nothing_is_left(bot, ada, provider)


async def test_a_channel_where_it_may_not_attach_files_is_refused_by_the_permission_s_name(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    await bot.start()
    shown = await animate(ada, channel="no-files")
    answer = await _refusal(ada, shown)
    assert "Attach Files" in answer.text
    await _nothing_is_left(bot, ada, provider, channel="no-files")


async def test_a_server_that_is_not_on_the_list_is_told_so(
    bot: BotProcess, ada: Person, provider: LocalVtrix
) -> None:
    bot.settings["GUILDS"] = "1234"
    await bot.start()
    shown = await animate(ada)
    answer = await _refusal(ada, shown)
    assert "other servers" in answer.text
    await _nothing_is_left(bot, ada, provider)


MENDED: dict[str, tuple[Callable[[], Upload], str]] = {
    "4032×3024": (lambda: Upload("p.jpg", make_picture("JPEG", (4032, 3024))), "scaled down"),
    "transparent": (lambda: Upload("t.png", _transparent()), "transparent"),
    "rotated": (lambda: Upload("r.jpg", _rotated()), "upright"),
    "animated": (lambda: Upload("a.webp", _animated()), "first frame"),
    "CMYK": (lambda: Upload("c.jpg", _cmyk()), "colors"),
}


@pytest.mark.parametrize("case", MENDED)
async def test_a_picture_is_adjusted_if_necessary_and_that_is_told(
    case: str, bot: BotProcess, ada: Person
) -> None:
    picture, words = MENDED[case]
    await bot.start()
    await animate(ada, image=picture())
    assert words in (await video(ada)).text


def _transparent() -> bytes:
    picture = Image.new("RGBA", (500, 500), (200, 30, 30, 90))
    return _saved(picture, "PNG")


def _rotated() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return make_picture("JPEG", (700, 500), exif=exif)


def _animated() -> bytes:
    frames = [Image.new("RGB", (400, 400), color) for color in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def _cmyk() -> bytes:
    return _saved(Image.new("CMYK", (500, 500), (10, 200, 30, 0)), "JPEG")


def _saved(picture: Image.Image, format: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, format)
    return out.getvalue()


async def _refusal(person: Person, shown: Interaction) -> Message:
    """Return the ephemeral answer: the first response, or a follow-up to the acknowledgment."""

    def told() -> Message | None:
        if shown.ephemeral:
            return shown.message
        return next((one for one in shown.followups if one.ephemeral), None)

    return await eventually(told, "an ephemeral refusal")


async def _nothing_is_left(
    bot: BotProcess, person: Person, provider: LocalVtrix, channel: str = "general"
) -> None:
    def public() -> list[Message]:
        return [seen for seen in person.sees(channel) if not seen.ephemeral]

    await eventually(lambda: not public() or None, "the public message is taken back")
    assert provider.creates == []
    assert bot.rows("SELECT * FROM tasks") == []
    assert bot.rows("SELECT * FROM money_holds") == []
    incoming = bot.folder / "data" / "incoming"
    assert not incoming.exists() or list(incoming.iterdir()) == []
