"""What the provider's answers look like, and the variants that have been seen of them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sandbox.vtrix.jobs import Job, Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One way of writing answers. Every field's default is the reference's own form."""

    pending: str = "pending"
    """Also seen: ``queued``, ``in_queue``."""
    running: str = "in_progress"
    """Also seen: ``processing``."""
    completed: str = "completed"
    """Also seen: ``done``, ``succeeded``."""
    progress: bool = True
    """Whether it is told at all."""
    error: Literal["object", "numeric", "error_message", "string"] = "object"
    """``{code, message}``; the code as a number; the text in ``error_message``; only a text."""
    output: Literal["list", "object"] = "list"
    video_type: str = "video"
    """Also seen: ``video_url``."""
    video: bool = True
    """``False``: completed, and no video."""
    extras: bool = False
    """With what siblings add: ``duration`` as a string, ``id``, ``quantity``, ``unit_price``."""
    cost: Literal["string", "number", "missing", "unreadable"] = "string"
    usage: bool = True
    at_once: bool = False
    """Jobs created now have ended already when the create call is answered, well or badly."""
    refusal_status: int | None = None
    """200: a malformed create is answered with 200, an error and no id; 422 is seen as well."""


def job_answer(job: Job, phase: Phase, *, url: str, style: Style) -> dict[str, Any]:
    """The answer about a job, to a create as to a status call."""
    word = {
        "pending": style.pending,
        "running": style.running,
        "completed": style.completed,
        "failed": "failed",
    }[phase.word]
    answer: dict[str, Any] = {
        "id": job.id,
        "status": word,
        "created_at": int(job.created_at.timestamp()),
        "metadata": {"model": job.model, "resolution": job.resolution},
    }
    if style.progress:
        answer["progress"] = phase.progress
    if phase.word == "failed" and job.failure is not None:
        answer |= error_answer(*job.failure, status=500, style=style)
    if phase.word == "completed":
        answer |= _result(job, url, style)
    return answer


def error_answer(code: str, message: str, *, status: int, style: Style) -> dict[str, Any]:
    """An error, the HTTP status standing in where codes are numbers."""
    if style.error == "string":
        return {"error": message}
    if style.error == "error_message":
        return {"error_message": message}
    number = int(code) if code.isdecimal() else status
    return {"error": {"code": number if style.error == "numeric" else code, "message": message}}


def _result(job: Job, url: str, style: Style) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": style.video_type, "url": url, "jobId": job.remote_id}
    if style.extras:
        entry |= {"duration": "5", "id": job.remote_id}
    item = {"content": [entry] if style.video else []}
    result: dict[str, Any] = {"output": [item] if style.output == "list" else item}
    if style.usage:
        result["usage"] = _usage(job, style)
    return result


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
