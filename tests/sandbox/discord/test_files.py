"""Attachments are served by servers of their own, as Discord's are, and by nobody else."""

import aiohttp
from yarl import URL

from tests.sandbox.discord.raw_requests import Wire


async def test_files_have_an_origin_of_their_own(wire: Wire) -> None:
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("files[0]", b"data", filename="a.txt")
    _, sent = await wire.send("POST", f"{wire.channel}/messages", data=form)
    local, session = wire.local, aiohttp.ClientSession()
    async with session:
        for key in ("url", "proxy_url"):
            link = URL(sent["attachments"][0][key])
            assert str(link.origin()) == local.cdn_url != local.origin
            async with session.get(link) as answer:
                assert (answer.status, await answer.read()) == (200, b"data")
            moved = link.with_port(URL(local.origin).port)
            async with session.get(moved) as answer:
                assert answer.status == 404, "the API's origin has no files"
        headers = {"Authorization": f"Bot {local.token}"}
        for path in ("/api/v10/users/@me", "/users/@me", "/gateway"):
            async with session.get(f"{local.cdn_url}{path}", headers=headers) as answer:
                assert answer.status == 404, "the files' origin has no API"
