import socket

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

from bot.domain.money import Usd
from bot.domain.task import State
from bot.errors import SettingsError, StorageError
from bot.ops.health import open_health
from bot.ops.metrics import Metrics, Stock


async def _nothing_to_wait_for() -> dict[str, bool]:
    return {}


async def test_it_is_alive_before_it_is_ready_and_says_what_is_missing() -> None:
    parts = {"discord": False, "database": True}

    async def ready() -> dict[str, bool]:
        return parts

    async with (
        open_health(host="127.0.0.1", port=0, ready=ready, ready_fresh=0) as port,
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
    async with open_health(host="127.0.0.1", port=0, ready=_nothing_to_wait_for) as port:
        pass
    async with open_health(host="127.0.0.1", port=port, ready=_nothing_to_wait_for) as again:
        assert again == port


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"HEALTH_PORT \\({port}\\) cannot be opened"):
            async with open_health(host="127.0.0.1", port=port, ready=_nothing_to_wait_for):
                pass


async def test_metrics_are_prometheus_text_and_say_when_the_database_is_away() -> None:
    metrics = Metrics()
    metrics.acknowledged(0.2)
    metrics.rendered(seconds=70, looks=12, cost=Usd.parse("0.18"))
    metrics.delivered(seconds=3)
    metrics.provider_error("vtrix", "RateLimited")
    stock = Stock(
        states={State.QUEUED: 2},
        oldest_queued_seconds=41.5,
        spent=Usd.parse("12.50"),
        budget=Usd.parse("50"),
    )
    is_away = False

    async def counted() -> bytes:
        if is_away:
            raise StorageError("locked")
        return metrics.show(stock)

    async with (
        open_health(
            host="127.0.0.1",
            port=0,
            ready=_nothing_to_wait_for,
            metrics=counted,
            metrics_fresh=0,
        ) as port,
        ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        async with http.get("/metrics") as answer:
            families = text_string_to_metric_families(await answer.text())
            samples = {
                (sample.name, *sample.labels.values()): sample.value
                for family in families
                for sample in family.samples
            }
        is_away = True
        async with http.get("/metrics") as answer:
            assert answer.status == 503
    assert samples["flipbook_tasks", "queued"] == 2
    assert samples["flipbook_tasks_ended_total", "delivered"] == 1
    assert samples["flipbook_provider_errors_total", "RateLimited", "vtrix"] == 1
    assert samples["flipbook_acknowledge_seconds_bucket", "0.25"] == 1
    assert samples["flipbook_acknowledge_seconds_bucket", "0.1"] == 0
    assert samples["flipbook_looks_sum",] == 12
    assert samples["flipbook_spend_usd_total",] == 0.18
    assert samples["flipbook_oldest_queued_seconds",] == 41.5
    assert samples["flipbook_month_budget_left_usd",] == 37.5
