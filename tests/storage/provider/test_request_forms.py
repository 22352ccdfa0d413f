"""The request form of the first accepted task, kept over restarts and shared by all processes."""

import asyncio
from pathlib import Path

import pytest

from bot.errors import ProviderUnreachable, RequestRejected, StorageError
from bot.storage.engine.database import Database, open_database
from bot.storage.provider.request_forms import RequestFormTable
from tests.factories import make_request
from tests.providers.conftest import MakeClient, make_client, picture
from tests.providers.raw import Heard, Reader, Writer, raw_server, says
from tests.providers.test_create import ACCEPTED, MALFORMED, is_wrapped

__all__ = ["make_client", "picture"]


async def test_a_400_after_a_restart_is_about_content_and_sent_once(
    any_url: str, make_client: MakeClient, picture: Path
) -> None:
    async with raw_server(MALFORMED, ACCEPTED, MALFORMED) as server:
        async with open_database(any_url) as database:
            forms = RequestFormTable(database)
            async with make_client(server.url, accepted_forms=forms) as client:
                await client.create(make_request(), picture)
        async with open_database(any_url) as database:
            forms = RequestFormTable(database)
            async with make_client(server.url, accepted_forms=forms) as client:
                with pytest.raises(RequestRejected):
                    await client.create(make_request(), picture)
        assert [is_wrapped(heard) for heard in server.heard] == [True, False, False]


async def test_the_form_belongs_to_its_address_and_model(database: Database) -> None:
    forms = RequestFormTable(database)
    await forms.keep("http://127.0.0.1:1", "one", "documented")
    await forms.keep("http://127.0.0.1:1", "one", "wrapped")
    assert await forms.read("http://127.0.0.1:1", "one") == "documented"
    assert await forms.read("http://127.0.0.1:1", "two") is None
    assert await forms.read("http://127.0.0.1:2", "one") is None


async def test_a_task_accepted_elsewhere_meanwhile_settles_what_a_400_means(
    database: Database, make_client: MakeClient, picture: Path
) -> None:
    forms, waiting, go = RequestFormTable(database), asyncio.Event(), asyncio.Event()

    async def refuse_late(heard: Heard, reader: Reader, writer: Writer) -> None:
        waiting.set()
        await go.wait()
        await MALFORMED(heard, reader, writer)

    async with (
        raw_server(refuse_late, ACCEPTED) as server,
        make_client(server.url, accepted_forms=forms) as one,
        make_client(server.url, accepted_forms=forms) as other,
    ):
        first = asyncio.create_task(one.create(make_request(), picture))
        await waiting.wait()
        await other.create(make_request(), picture)
        go.set()
        with pytest.raises(RequestRejected):
            await first
        assert [is_wrapped(heard) for heard in server.heard] == [True, True]


class _Broken:
    def __init__(self, *, reads: bool) -> None:
        self.reads = reads
        self.kept: list[str] = []

    async def read(self, address: str, model: str) -> str | None:
        if not self.reads:
            raise StorageError("the disk is gone")
        return None

    async def keep(self, address: str, model: str, form: str) -> None:
        self.kept.append(form)
        if len(self.kept) == 1:
            raise StorageError("the disk is full")


async def test_a_database_that_cannot_be_read_sends_nothing(
    make_client: MakeClient, picture: Path
) -> None:
    async with (
        raw_server(ACCEPTED) as server,
        make_client(server.url, accepted_forms=_Broken(reads=False)) as client,
    ):
        with pytest.raises(ProviderUnreachable):
            await client.create(make_request(), picture)
        assert server.heard == []


async def test_an_accepted_task_is_never_lost_to_a_full_disk(
    make_client: MakeClient, picture: Path
) -> None:
    forms, second = _Broken(reads=True), says(200, {"id": "job-2", "status": "in_progress"})
    async with (
        raw_server(ACCEPTED, second) as server,
        make_client(server.url, accepted_forms=forms) as client,
    ):
        jobs = [await client.create(make_request(), picture) for _ in range(2)]
    assert [job.id for job in jobs] == ["job-1", "job-2"]
    assert forms.kept == ["wrapped", "wrapped"]
