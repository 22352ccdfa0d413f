"""Reads the answer of a moderation endpoint.

The format is that of OpenAI's `POST /v1/moderations`
(https://developers.openai.com/api/reference/resources/moderations): ``results`` has an object with
``flagged``, ``categories`` (booleans by name) and ``category_scores`` (numbers from 0 to 1).
"""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from bot.domain.content_check import ContentFinding

Thresholds = Mapping[str, float | None]
"""Categories that count, with the score from which on they do; ``None``: the service decides."""


class UnreadableAnswer(ValueError):
    """The answer is not one of a moderation endpoint, or lacks a category that counts."""


def finding(body: bytes, thresholds: Thresholds) -> ContentFinding | None:
    """Return the category that counts and scored highest; ``None`` if everything is allowed.

    Args:
        thresholds: if empty, whatever the service flags counts.

    Raises:
        UnreadableAnswer: nothing can be said.
    """
    found = [one for result in _results(body) for one in _flagged(result, thresholds)]
    return max(found, key=lambda one: one.score, default=None)


def _results(body: bytes) -> list[Mapping[str, Any]]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableAnswer("the answer is not JSON") from error
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list) or not results:
        raise UnreadableAnswer("the answer has no results")
    if not all(isinstance(one, dict) for one in results):
        raise UnreadableAnswer("a result is not an object")
    return results


def _flagged(result: Mapping[str, Any], thresholds: Thresholds) -> Iterable[ContentFinding]:
    flags, scores = _mapping(result, "categories"), _mapping(result, "category_scores")
    is_flagged = result.get("flagged")
    if not isinstance(is_flagged, bool):
        raise UnreadableAnswer("the answer does not say whether it is flagged")
    counting = thresholds or dict.fromkeys(flags)
    for category, threshold in counting.items():
        if not isinstance(flags.get(category), bool):
            raise UnreadableAnswer(f"the answer has no category {category[:60]!r}")
        score = _score(scores, category)
        if flags[category] if threshold is None else score >= threshold:
            yield ContentFinding(category=category, score=score)
    if is_flagged and not thresholds and not any(flags.values()):
        raise UnreadableAnswer("the answer is flagged without a category")


def _mapping(result: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = result.get(name)
    if not isinstance(value, dict):
        raise UnreadableAnswer(f"a result has no {name}")
    return value


def _score(scores: Mapping[str, Any], category: str) -> float:
    score = scores.get(category)
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
        raise UnreadableAnswer(f"the answer has no score for {category[:60]!r}")
    return float(score)
