"""The alert rules and the dashboard query only metrics that exist."""

import json
import re
from pathlib import Path

from bot.domain.money import Usd
from bot.domain.task import State
from bot.ops.metrics import Metrics, Stock

FOLDER = Path(__file__).parents[2] / "docs" / "monitoring"


def shown() -> str:
    """Return the text of `/metrics` after one of each event."""
    metrics = Metrics()
    metrics.acknowledged(0.1)
    metrics.delivered(seconds=1)
    metrics.rendered(seconds=60, looks=5, cost=Usd(1))
    metrics.ended(State.UNDELIVERED)
    metrics.provider_error("vtrix", "test")
    metrics.discord_error("test")
    stock = Stock(
        states=dict.fromkeys(State, 0), oldest_queued_seconds=0, spent=Usd(0), budget=Usd(1)
    )
    return metrics.show(stock).decode()


def test_every_figure_and_state_in_the_alert_rules_exists() -> None:
    rules, metrics = (FOLDER / "alerts.yml").read_text("utf-8"), shown()
    asked = re.findall(r'flipbook_\w+(?:\{state="\w+"\})?', rules)
    assert len(asked) >= 6
    for name in asked:
        assert re.search(rf"(?m)^{re.escape(name)}[ {{]", metrics), name


def expressions() -> list[str]:
    """Return the Prometheus queries of the dashboard's panels."""
    dashboard = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def test_every_figure_on_the_dashboard_exists_and_none_is_left_out() -> None:
    asked = {name for one in expressions() for name in re.findall(r"flipbook_\w+", one)}
    lines = [line for line in shown().splitlines() if not line.startswith("#")]
    there = {re.split(r"[ {]", line)[0] for line in lines}
    assert asked <= there
    # A histogram is one metric with several series; ``_created`` series are no metrics of their
    # own.
    parts = r"_(bucket|sum|count|created)$"
    assert {re.sub(parts, "", name) for name in there if not name.endswith("_created")} == {
        re.sub(parts, "", name) for name in asked
    }


def test_the_dashboards_states_exist() -> None:
    named = {
        state
        for one in expressions()
        for group in re.findall(r'state=~?"([^"]+)"', one)
        for state in group.split("|")
    }
    assert named
    assert named <= {state.value for state in State}


def test_the_dashboards_panels_do_not_lie_on_each_other() -> None:
    dashboard = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in dashboard["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    # Grafana's grid is 24 columns wide.
    assert max(x for x, _ in taken) < 24
