"""Interaction tokens are kept while they are valid, up to a maximum number."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from bot.ui.delivery.requests.interaction_tokens import InteractionTokens
from tests.factories import NOON
from tests.ui.clocks import HandClock


def _interaction(seconds: float = 0) -> Any:
    return SimpleNamespace(created_at=NOON + timedelta(seconds=seconds))


def test_a_token_serves_until_shortly_before_its_end() -> None:
    clock = HandClock()
    tokens = InteractionTokens(clock=clock)
    interaction = _interaction()
    tokens.keep(1, interaction)
    clock.passed = 13 * 60
    assert tokens.get(1) is interaction
    clock.passed = 14 * 60
    assert tokens.get(1) is None


def test_only_so_many_are_kept_and_the_oldest_goes() -> None:
    tokens = InteractionTokens(clock=HandClock(), most=2)
    for number in (1, 2, 3):
        tokens.keep(number, _interaction(number))
    assert [tokens.get(number) is None for number in (1, 2, 3)] == [True, False, False]


def test_a_token_that_was_dropped_or_never_kept_is_not_found() -> None:
    tokens = InteractionTokens(clock=HandClock())
    tokens.keep(1, _interaction())
    tokens.drop(1)
    tokens.drop(None)
    assert tokens.get(1) is None
    assert tokens.get(None) is None
