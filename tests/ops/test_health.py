import socket

import pytest
from aiohttp import ClientSession

from bot.errors import SettingsError
from bot.ops.health import open_health


async def test_it_is_alive_before_it_is_ready_and_says_what_is_missing() -> None:
    parts = {"discord": False, "database": True}
    async with (
        open_health(host="127.0.0.1", port=0, ready=lambda: parts) as port,
        ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        async with http.get("/healthz") as alive:
            assert alive.status == 200
        async with http.get("/readyz") as before:
            assert before.status == 503
            assert await before.json() == {"ready": False, "discord": False, "database": True}
        parts["discord"] = True
        async with http.get("/readyz") as after:
            assert after.status == 200


async def test_the_port_is_free_again_afterwards() -> None:
    async with open_health(host="127.0.0.1", port=0, ready=dict) as port:
        pass
    async with open_health(host="127.0.0.1", port=port, ready=dict) as again:
        assert again == port


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"HEALTH_PORT \\({port}\\) cannot be opened"):
            async with open_health(host="127.0.0.1", port=port, ready=dict):
                pass
