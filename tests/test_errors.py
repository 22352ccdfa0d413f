"""What a provider's error codes mean."""

import pytest

from bot.errors import RequestRejected, is_moderation_code


@pytest.mark.parametrize(
    "code",
    ["002014001", "2014001", "DataInspectionFailed", "data_inspection_failed", "Sensitive.Image"],
)
def test_a_refused_content_is_known_by_its_code(code: str) -> None:
    assert is_moderation_code(code)
    assert RequestRejected("no", code=code).moderated


@pytest.mark.parametrize("code", [None, "", "12014001", "20140010", "InvalidParameter", "400"])
def test_other_codes_are_not_about_the_content(code: str | None) -> None:
    assert not is_moderation_code(code)
