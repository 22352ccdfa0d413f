"""The provider's answers, and the variants of them that clients have to read."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

from sandbox.dashscope.jobs import Job, Word
from sandbox.providers.refused import Refused

Json = dict[str, Any]
# The times in answers have no zone. The samples in the reference are those of Beijing.
_BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One style of answers. The defaults are the reference's own form."""

    running: str = "RUNNING"
    """``SUSPENDED``, which only the SDK knows; or a word that nobody knows."""
    video: bool = True
    """``False``: succeeded without a video."""
    usage: Literal["full", "without duration", "as text", "missing"] = "full"
    """``as text``: numbers as floats and texts, as the reference's sample of the Java SDK."""
    reason: bool = True
    """``False``: a failed task has neither code nor message, as clients have reported."""


def created_answer(job: Job) -> Json:
    """Return the answer to a create call."""
    return _answer({"task_status": "PENDING", "task_id": job.id})


def job_answer(job: Job, word: Word, *, url: str, style: Style) -> Json:
    """Return the answer to a status call."""
    output: Json = {
        "task_id": job.id,
        "task_status": style.running if word == "RUNNING" else word,
        "submit_time": _time(job.created_at),
    }
    if word in ("RUNNING", "SUCCEEDED", "FAILED"):
        output["scheduled_time"] = _time(job.at(job.begins))
    if word in ("SUCCEEDED", "FAILED", "CANCELED"):
        output["end_time"] = _time(job.at(job.end))
    if word == "FAILED" and job.problem is not None and style.reason:
        output["code"], output["message"] = job.problem
    if word != "SUCCEEDED":
        return _answer(output)
    return _answer(output | _result(job, url, style), _usage(job, style))


def unknown_answer(id: str) -> Json:
    """Return the answer about a task that is not known, or no longer known."""
    return _answer({"task_id": id, "task_status": "UNKNOWN"})


def canceled_answer() -> Json:
    """Return the answer to a cancellation."""
    return {"request_id": str(uuid.uuid4())}


def refusal_answer(refused: Refused) -> Json:
    """Return the body of an HTTP error."""
    return {
        "code": refused.code,
        "message": refused.message,
        "request_id": str(uuid.uuid4()),
    }


def _answer(output: Json, usage: Json | None = None) -> Json:
    answer: Json = {"request_id": str(uuid.uuid4()), "output": output}
    return answer if usage is None else answer | {"usage": usage}


def _result(job: Job, url: str, style: Style) -> Json:
    prompt = job.asked.prompt
    result: Json = {"orig_prompt": prompt}
    if job.asked.prompt_extend and job.asked.model.rewritten_prompt:
        result["actual_prompt"] = f"{prompt}, in detail"
    return result | ({"video_url": url} if style.video else {})


def _usage(job: Job, style: Style) -> Json | None:
    if style.usage == "missing":
        return None
    asked = job.asked
    usage: Json = {"video_count": 1, "SR": int(asked.resolution.removesuffix("P"))}
    if style.usage == "full":
        usage["duration"] = asked.seconds
    elif style.usage == "as text":
        usage |= {"duration": float(asked.seconds), "SR": str(usage["SR"])}
    if asked.model.details and style.usage != "without duration":
        usage |= {"input_video_duration": 0, "output_video_duration": usage["duration"]}
    if asked.model.details:
        usage["audio"] = asked.sound
    return usage


def _time(moment: datetime) -> str:
    assert moment.tzinfo is UTC
    return moment.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
