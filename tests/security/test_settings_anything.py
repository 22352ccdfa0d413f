"""Arbitrary environments: the result is settings, or one line per problem without its secret."""

import os
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.settings.loading import load_settings
from bot.settings.settings import Settings, variables

NAMES = sorted(variables())
# Environment variables cannot contain NUL, or what UTF-8 cannot encode.
VALUES = st.text(
    st.characters(blacklist_characters="\x00", blacklist_categories=["Cs"]), max_size=200
) | st.sampled_from(["-1", "0", "none", "any", "1e400", "NaN", "∞", "0x10", "१२", "postgresql://"])
SECRETS = ("DISCORD_TOKEN", "VTRIX_API_KEY")


@settings(
    max_examples=int(os.environ.get("FLIPBOOK_FUZZ", "150")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(given_values=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
def test_anything_is_settings_or_problems_in_words(
    given_values: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with patch.dict(os.environ, given_values):
        try:
            assert isinstance(load_settings(), Settings)
        except SettingsError as refused:
            problems = refused.problems
        else:
            return
    assert problems
    for line in problems:
        assert line.startswith(tuple(given_values))
        assert "\n" not in line
        assert len(line) < 500
        for name in filter(line.startswith, SECRETS):
            secret = given_values[name].strip()
            assert len(secret) < 8 or secret not in line
