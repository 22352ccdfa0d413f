"""The alert rules ask for figures that the bot has."""

import re
from pathlib import Path

from bot.domain.money import Usd
from bot.domain.task import State
from bot.ops.metrics import Metrics, Stock

ALERTS = Path(__file__).parent.parent / "docs" / "monitoring" / "alerts.yml"


def shown() -> str:
    """`/metrics` after one of everything."""
    metrics = Metrics()
    metrics.acknowledged(0.1)
    metrics.delivered(seconds=1)
    metrics.ended(State.UNDELIVERED)
    metrics.provider_error("test")
    stock = Stock(
        states=dict.fromkeys(State, 0), oldest_queued_seconds=0, spent=Usd(0), budget=Usd(1)
    )
    return metrics.show(stock).decode()


def test_every_figure_and_state_in_the_alert_rules_exists() -> None:
    rules, metrics = ALERTS.read_text("utf-8"), shown()
    asked = re.findall(r'flipbook_\w+(?:\{state="\w+"\})?', rules)
    assert len(asked) >= 6
    for name in asked:
        assert re.search(rf"(?m)^{re.escape(name)}[ {{]", metrics), name
