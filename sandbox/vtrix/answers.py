"""The provider's answers, in the variants that have been seen.

The reference's text does not include its samples. The variants come from the vendor's public
clients (`vtrix-cli`, `seacloud-cli`) and from the error pages of the model's maker.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sandbox.vtrix.jobs import Job, Phase

ErrorForm = Literal["object", "numeric", "error_message", "string", "beside", "message"]
# `seacloud-cli` has 402 with 40200, and 40201 for an empty balance. No source has the numbers of
# other errors, so they are derived from the HTTP status in the same way.
_BALANCE, _BALANCE_STATUS, _BALANCE_NUMBER = "InsufficientBalance", 402, 40201


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One style of answers. The defaults are the reference's own form."""

    pending: str = "pending"
    """Also seen: ``queued``, ``in_queue``, ``PENDING``."""
    running: str = "in_progress"
    """Also seen: ``processing``, ``RUNNING``, ``SUSPENDED``."""
    completed: str = "completed"
    """Also seen: ``done``, ``succeeded``, ``success``, ``SUCCEEDED``."""
    failed: str = "failed"
    """Also seen: ``error``, ``cancelled``, ``canceled``, ``expired``, ``timeout``, ``FAILED``; and
    ``completed`` with an error instead of a video."""
    forgotten: str | None = None
    """Status, with HTTP 200, of an unknown task, such as ``UNKNOWN``; ``None``: 404."""
    model: bool = True
    """Whether the model is a field of the answer."""
    progress: bool = True
    """Whether progress is reported."""
    error: ErrorForm = "object"
    """Form of errors, in failed tasks and in HTTP errors. ``object``: ``error`` is ``{code,
    message}``;
    ``numeric``: the same with a numeric code; ``error_message``: ``{code, error_message}`` with a
    numeric code, as the vendor's clients expect it in a failed task; ``string``: ``error`` is the
    text;
    ``beside``: ``error`` is the code, with ``message`` beside it; ``message``: ``code`` and
    ``message``
    without ``error``. In HTTP errors, the vendor's clients can read only the last three: they fail
    on
    an ``error`` that is an object."""
    envelope: bool = False
    """Whether all is in ``{"data": answer, "status": {"code", "message", "error_code"}}``."""
    output: Literal["list", "object", "flat", "outputs"] = "list"
    """``[{content}]``; ``{content}``; ``[{type, url}]``; the same under ``outputs``."""
    video_type: str | None = "video"
    """Also seen: ``video_url``, and no type."""
    video: bool = True
    """``False``: completed without a video."""
    extras: bool = False
    """Whether fields of similar APIs are added: ``duration`` (a string), ``id``, ``quantity``,
    ``unit_price``."""
    cost: Literal["string", "number", "missing", "unreadable"] = "string"
    usage: bool = True
    at_once: bool = False
    """Whether new jobs have ended, in success or failure, when the create call is answered."""
    malformed_status: Literal[400, 422] = 400
    """The HTTP status for a malformed create call."""
    http_200: bool = False
    """Whether refusals have HTTP 200, so that only the body says that they are refusals."""


def job_answer(job: Job, phase: Phase, *, url: str, style: Style) -> dict[str, Any]:
    """Return the answer about a job, for both create and status calls."""
    word = {
        "pending": style.pending,
        "running": style.running,
        "completed": style.completed,
        "failed": style.failed,
    }[phase.word]
    answer: dict[str, Any] = {
        "id": job.id,
        "status": word,
        "created_at": int(job.created_at.timestamp()),
        "metadata": {"resolution": job.asked.resolution},
    }
    if style.model:
        answer["model"] = job.asked.model.id
    if style.progress:
        answer["progress"] = phase.progress
    if phase.word == "failed" and job.failure is not None:
        answer |= _error(*job.failure, status=500, form=style.error)
    if phase.word == "completed":
        answer |= _result(job, url, style)
    return _enclosed(answer, style)


def forgotten_answer(id: str, style: Style) -> dict[str, Any]:
    """Return the answer about an unknown task, in styles that do not use 404."""
    return _enclosed({"id": id, "status": style.forgotten}, style)


def refusal_answer(
    status: int, code: str, message: str, *, style: Style
) -> tuple[int, dict[str, Any]]:
    """Return HTTP status and body of an error."""
    if style.envelope and code == _BALANCE:
        status = _BALANCE_STATUS
    body = _error(code, message, status=status, form=style.error)
    if style.envelope:
        number = _BALANCE_NUMBER if code == _BALANCE else status * 100
        says = {"code": status, "message": message, "error_code": number}
        body = {"status": says, "data": None}
    return 200 if style.http_200 else status, body


def _enclosed(answer: dict[str, Any], style: Style) -> dict[str, Any]:
    if not style.envelope:
        return answer
    return {"data": answer, "status": {"code": 200, "message": "success", "error_code": 0}}


def _error(code: str, message: str, *, status: int, form: ErrorForm) -> dict[str, Any]:
    """Return an error; a numeric code is the HTTP status if the code is not a number."""
    number = int(code) if code.isdecimal() else status
    forms: dict[ErrorForm, dict[str, Any]] = {
        "object": {"error": {"code": code, "message": message}},
        "numeric": {"error": {"code": number, "message": message}},
        "error_message": {"error": {"code": number, "error_message": message}},
        "string": {"error": message},
        "beside": {"error": code, "message": message},
        "message": {"code": code, "message": message},
    }
    return forms[form]


def _result(job: Job, url: str, style: Style) -> dict[str, Any]:
    content = [_entry(job, url, style)] if style.video else []
    item = {"content": content}
    forms: dict[str, dict[str, Any]] = {
        "list": {"output": [item]},
        "object": {"output": item},
        "flat": {"output": content},
        "outputs": {"outputs": content},
    }
    return forms[style.output] | ({"usage": _usage(job, style)} if style.usage else {})


def _entry(job: Job, url: str, style: Style) -> dict[str, Any]:
    entry = {"url": url, "jobId": job.remote_id}
    if style.video_type is not None:
        entry["type"] = style.video_type
    if style.extras:
        entry |= {"duration": str(job.asked.seconds), "id": job.remote_id}
    return entry


def _usage(job: Job, style: Style) -> dict[str, Any]:
    usage: dict[str, Any] = {"discount": float(job.discount)}
    if style.cost != "missing":
        usage["cost"] = {"string": str(job.cost), "unreadable": "n/a"}.get(
            style.cost, _number(job.cost)
        )
    if style.extras:
        seconds = job.asked.seconds
        usage |= {"quantity": seconds, "unit_price": str(job.cost / seconds)}
    return usage


def _number(amount: Decimal) -> float:
    """Convert to a JSON number, which is only written and never used to calculate."""
    return float(amount)
