"""Parses the provider's answers. No other module sees a raw payload.

All known variants are read. Unknown ones never raise: a field that cannot be read counts as
missing.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from bot.domain.money import parse_charge
from bot.domain.provider.job import Job, JobStatus
from bot.providers.json_answer import JsonAnswer, Problem, as_decimal, as_id, is_url

WORD_CHARS_MAX = 64

# Words of the gateway, of its clients and of the model's maker, in any case. With any other word,
# polling goes on.
_STATUS = {
    **dict.fromkeys(("completed", "done", "succeeded", "success"), JobStatus.COMPLETED),
    **dict.fromkeys(
        ("failed", "error", "cancelled", "canceled", "expired", "timeout"), JobStatus.FAILED
    ),
    **dict.fromkeys(
        ("in_progress", "pending", "queued", "processing", "in_queue", "running", "suspended"),
        JobStatus.PENDING,
    ),
}
# The task is unknown, or older than 24 hours.
_FORGOTTEN = "unknown"
_VIDEO_TYPES = frozenset({"video", "video_url"})
_PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")
# Status codes of an envelope that mean success.
_ALL_WELL = frozenset({"", "0", "200", "10000"})


class ProviderAnswer(JsonAnswer):
    """The body of an answer, parsed once."""

    def __init__(self, body: bytes, *, secret: str = "") -> None:
        """``secret`` is replaced wherever the provider repeats it."""
        super().__init__(body, secret=secret)
        self._value, self._envelope = _unwrapped(self._value)

    @property
    def id(self) -> str | None:
        """The task's id, if there is a valid one."""
        return as_id(self._field("id"))

    @property
    def status(self) -> JobStatus | None:
        """The status; ``None`` if the answer has none."""
        return _STATUS.get(self._word, JobStatus.PENDING) if self._word else None

    @property
    def is_forgotten(self) -> bool:
        """Whether the status says that the provider no longer knows the task."""
        return self._word == _FORGOTTEN

    @property
    def error_status(self) -> int | None:
        """The HTTP status that an error in the body stands for, if it names one."""
        own = self._problem_of_its_own
        codes = [own.code] if own else [self._code(self._envelope.get("code"))]
        for code in filter(None, codes):
            if code.isdecimal() and len(code) == 3 and 400 <= int(code) <= 599:
                return int(code)
        return None

    @property
    def problem(self) -> Problem | None:
        """The error in any of its forms, or None."""
        return self._problem_of_its_own or self._problem_of_envelope

    @property
    def _problem_of_its_own(self) -> Problem | None:
        error = self._field("error")
        code, message = self._field("code"), self._field("error_message")
        if isinstance(error, dict):
            code = error.get("code", code)
            message = error.get("message") or error.get("error_message") or message
        elif isinstance(error, str) and error:
            message = message or self._field("message")
            # Both are kept, because one of them is often a code.
            if not isinstance(message, str) or message == error:
                message = error
            elif code is None and " " not in error.strip():
                code = error
            else:
                message = f"{error}: {message}"
        elif not error:
            error = None
        if not error and not message:
            return None
        return Problem(code=self._code(code), message=self._words(message))

    @property
    def _problem_of_envelope(self) -> Problem | None:
        says = self._envelope
        codes = (self._code(says.get("error_code")), self._code(says.get("code")))
        wrong = next((one for one in codes if (one or "") not in _ALL_WELL), None)
        if wrong is None:
            return None
        return Problem(code=wrong, message=self._words(says.get("message") or says.get("msg")))

    @property
    def refusal(self) -> Problem:
        """The reason of an HTTP error, even if the body has no ``error`` or is not JSON."""
        if self.problem is not None:
            return self.problem
        if not self.is_object:
            return Problem(message=None if "<" in self._text else self._words(self._text))
        words = self._field("message") or self._field("msg") or self._field("detail")
        words = words or self._envelope.get("message")
        return Problem(code=self._code(self._field("code")), message=self._words(words))

    def job(self, job_id: str) -> Job:
        """Return the answer as a job with that id."""
        status = self.status or JobStatus.PENDING
        outputs = self._field("output"), self._field("outputs")
        video_url = next((url for output in outputs for url in _video_urls(output)), None)
        if status is JobStatus.COMPLETED and video_url is None and self.problem is not None:
            # The error explains why there is no video.
            status = JobStatus.FAILED
        problem = self.problem or Problem()
        if status is JobStatus.FAILED:
            problem = self.refusal
            if not str(problem) and self._word != "failed":
                problem = Problem(message=self._word)
        usage = self._field("usage")
        usage = usage if isinstance(usage, dict) else {}
        return Job(
            id=job_id,
            status=status,
            odd_word=None if not self._word or self._word in _STATUS else self._word,
            progress=_progress(self._field("progress")),
            video_url=video_url,
            cost=parse_charge(usage.get("cost")),
            discount=as_decimal(usage.get("discount")),
            error_code=problem.code,
            error_message=problem.message,
            answer=self._kept(),
        )

    @property
    def _word(self) -> str:
        """The status in lower case; empty if there is none."""
        word = self._field("status")
        words = self._words(word) if isinstance(word, str) else None
        return (words or "").casefold().replace("-", "_")[:WORD_CHARS_MAX]


def _unwrapped(value: object) -> tuple[object, dict[str, Any]]:
    """Unwrap an envelope, ``{"data": {…}, "status": {…}}``; return its content and its status.

    A value without an envelope is returned unchanged. The task's id is in the data; an id beside
    the data is the request's.
    """
    if not isinstance(value, dict):
        return value, {}
    status, data = value.get("status"), value.get("data")
    is_wrapped = isinstance(data, dict) and "id" not in value
    if not isinstance(status, dict) and not is_wrapped:
        return value, {}
    outside = {"data", "status"} | ({"id"} if "data" in value else set())
    beside = {name: one for name, one in value.items() if name not in outside}
    inside = data if isinstance(data, dict) else {}
    return {**beside, **inside}, status if isinstance(status, dict) else {}


def _progress(value: object) -> float | None:
    """Progress from 0.0 to 1.0; values outside are clamped."""
    number = as_decimal(value)
    return None if number is None else float(min(max(number, Decimal(0)), Decimal(1)))


def _video_urls(output: object) -> Iterator[str]:
    """URLs of videos; then URLs of unnamed type, unless they look like pictures."""
    parts = [
        part
        for item in _listed(output)
        for part in (_listed(item["content"]) if "content" in item else [item])
        if is_url(part.get("url"))
    ]
    for part in parts:
        kind = part.get("type")
        if isinstance(kind, str) and kind.casefold() in _VIDEO_TYPES:
            yield part["url"]
    for part in parts:
        path = part["url"].partition("?")[0].casefold()
        if part.get("type") in (None, "") and not path.endswith(_PICTURE_ENDINGS):
            yield part["url"]


def _listed(value: object) -> Iterator[dict[str, Any]]:
    """The objects in a list, or a single object that came instead of a list."""
    items = value if isinstance(value, list) else [value]
    return (item for item in items if isinstance(item, dict))
