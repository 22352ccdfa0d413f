"""What the provider's answers look like, and the variants that have been seen of them.

The reference's samples are not part of its text. The variants come from the vendor's public
clients (`vtrix-cli`, `seacloud-cli`) and from the error pages of the model's maker.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sandbox.vtrix.jobs import Job, Phase

ErrorForm = Literal["object", "numeric", "error_message", "string", "beside", "message"]
# `seacloud-cli` has 402 with 40200 and, for a balance that is used up, 40201. No source has the
# numbers of other errors: they are made in the same way here, out of the HTTP status.
_BALANCE, _BALANCE_STATUS, _BALANCE_NUMBER = "InsufficientBalance", 402, 40201


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One way of writing answers. Every field's default is the reference's own form."""

    pending: str = "pending"
    """Also seen: ``queued``, ``in_queue``, ``PENDING``."""
    running: str = "in_progress"
    """Also seen: ``processing``, ``RUNNING``, ``SUSPENDED``."""
    completed: str = "completed"
    """Also seen: ``done``, ``succeeded``, ``success``, ``SUCCEEDED``."""
    failed: str = "failed"
    """Also seen: ``error``, ``cancelled``, ``canceled``, ``expired``, ``timeout``, ``FAILED``;
    and ``completed``, where the error is why there is no video."""
    forgotten: str | None = None
    """``UNKNOWN``: the status, with HTTP 200, of a task that is not known; else 404."""
    model: bool = True
    """Whether the model is named at the top."""
    progress: bool = True
    """Whether it is told at all."""
    error: ErrorForm = "object"
    """Of failed tasks and of HTTP errors. ``object``: ``error`` is ``{code, message}``;
    ``numeric``: the same with a number for the code; ``error_message``: so that the vendor's
    clients find the text of a failed task, ``{code, error_message}``, the code a number;
    ``string``: ``error`` is the text; ``beside``: ``error`` is the code, with ``message`` beside
    it; ``message``: ``code`` and ``message`` without ``error``. The vendor's clients can read an
    HTTP error in the last three only: an ``error`` that is an object ends their reading."""
    envelope: bool = False
    """``{"data": answer, "status": {"code", "message", "error_code"}}`` around everything."""
    output: Literal["list", "object", "flat", "outputs"] = "list"
    """``[{content}]``; ``{content}``; ``[{type, url}]``; the same under ``outputs``."""
    video_type: str | None = "video"
    """Also seen: ``video_url``, and no type at all."""
    video: bool = True
    """``False``: completed, and no video."""
    extras: bool = False
    """With what siblings add: ``duration`` as a string, ``id``, ``quantity``, ``unit_price``."""
    cost: Literal["string", "number", "missing", "unreadable"] = "string"
    usage: bool = True
    at_once: bool = False
    """Jobs created now have ended already when the create call is answered, well or badly."""
    malformed_status: Literal[400, 422] = 400
    """The HTTP status for a malformed create call."""
    http_200: bool = False
    """Every refusal comes with HTTP 200, and only its body says that it is one."""


def job_answer(job: Job, phase: Phase, *, url: str, style: Style) -> dict[str, Any]:
    """The answer about a job, to a create as to a status call."""
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
        "metadata": {"resolution": job.resolution},
    }
    if style.model:
        answer["model"] = job.model
    if style.progress:
        answer["progress"] = phase.progress
    if phase.word == "failed" and job.failure is not None:
        answer |= _error(*job.failure, status=500, form=style.error)
    if phase.word == "completed":
        answer |= _result(job, url, style)
    return _enclosed(answer, style)


def forgotten_answer(id: str, style: Style) -> dict[str, Any]:
    """The answer about a task that is not known, where that is not said by 404."""
    return _enclosed({"id": id, "status": style.forgotten}, style)


def refusal_answer(
    status: int, code: str, message: str, *, style: Style
) -> tuple[int, dict[str, Any]]:
    """HTTP status and body of an error."""
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
    """An error, the HTTP status standing in where codes are numbers."""
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
        entry |= {"duration": "5", "id": job.remote_id}
    return entry


def _usage(job: Job, style: Style) -> dict[str, Any]:
    usage: dict[str, Any] = {"discount": float(job.discount)}
    if style.cost != "missing":
        usage["cost"] = {"string": str(job.cost), "unreadable": "n/a"}.get(
            style.cost, _number(job.cost)
        )
    if style.extras:
        usage |= {"quantity": 5, "unit_price": str(job.cost / 5)}
    return usage


def _number(amount: Decimal) -> float:
    """As a JSON number; only ever written, never counted with."""
    return float(amount)
