"""Parses the provider's answers. No other module sees a raw payload.

Sources: the page "Wan image-to-video, first frame (2.1-2.6)" of Model Studio, which was read in
Chinese and English, and the SDK, `dashscope` 2.0.2.
"""

from decimal import ROUND_HALF_UP
from typing import Any

from bot.domain.provider.job import Job, JobStatus, MadeVideo
from bot.providers.json_answer import JsonAnswer, Problem, as_decimal, as_id, is_url

_WORD_CHARS_MAX = 64
# More than these is a misread answer.
_SECONDS_MAX = 600
_TIER_MAX = 10_000
_CANCELED = "CANCELED"
_RUNNING = "RUNNING"
# The task is not known, or its 24 hours are over.
_UNKNOWN = "UNKNOWN"
# SUSPENDED is a status of the SDK's only. With any other word, polling goes on.
_STATUS = {
    "PENDING": JobStatus.PENDING,
    "SUSPENDED": JobStatus.PENDING,
    _RUNNING: JobStatus.PENDING,
    "SUCCEEDED": JobStatus.COMPLETED,
    "FAILED": JobStatus.FAILED,
    _CANCELED: JobStatus.CANCELED,
}


class DashScopeAnswer(JsonAnswer):
    """The body of an answer, parsed once."""

    @property
    def task_id(self) -> str | None:
        """The task's id, if there is a valid one."""
        return as_id(self._output.get("task_id"))

    @property
    def has_status(self) -> bool:
        """Whether the answer tells a task's status."""
        return bool(self._word)

    @property
    def is_unknown(self) -> bool:
        """Whether the provider does not know the task, or no longer."""
        return self._word == _UNKNOWN

    @property
    def is_canceled(self) -> bool:
        """Whether the task was canceled before it began."""
        return self._word == _CANCELED

    @property
    def has_begun(self) -> bool:
        """Whether the provider is making the video."""
        return self._word == _RUNNING

    @property
    def takes_cancel(self) -> bool:
        """Whether it is the provider's answer to a cancellation: a request's id, and no error.

        Neither an empty answer, which a gateway may send, nor one that tells another status of the
        task will do.
        """
        is_answer = self._words(self._field("request_id")) is not None
        return is_answer and not self.problem.code and self._word in ("", _CANCELED)

    @property
    def problem(self) -> Problem:
        """The code and message of an HTTP error; both empty if the body has none."""
        if not self.is_object:
            return Problem(message=None if "<" in self._text else self._words(self._text))
        return Problem(code=self._code(self._field("code")), message=self._message(self._field))

    def job(self, job_id: str) -> Job:
        """Return the answer as a job with that id. No answer says what a video costs."""
        status = _STATUS.get(self._word, JobStatus.PENDING)
        has_failed = status in (JobStatus.FAILED, JobStatus.CANCELED)
        problem = self._task_problem if has_failed else Problem()
        url = self._output.get("video_url")
        return Job(
            id=job_id,
            status=status,
            odd_word=None if self._word in {"", *_STATUS} else self._word.casefold(),
            video_url=url if is_url(url) else None,
            made=self._made() if status is JobStatus.COMPLETED else MadeVideo(),
            error_code=problem.code,
            error_message=problem.message,
            answer=self._kept(),
        )

    def _made(self) -> MadeVideo:
        """What is billed: the seconds, and what else the price of a second depends on.

        Wan 2.6 has `duration` and `output_video_duration`, of which the first is billed, and
        `audio`. Wan 2.2 and 2.5 have `duration`; the name of Wan 2.1 is `video_duration`.
        """
        usage = self._field("usage")
        if not isinstance(usage, dict):
            return MadeVideo()
        names = ("duration", "output_video_duration", "video_duration")
        seconds = [_whole(usage.get(name), _SECONDS_MAX) for name in names]
        tier, audio = _whole(usage.get("SR"), _TIER_MAX), usage.get("audio")
        return MadeVideo(
            seconds=next(filter(None, seconds), None),
            resolution=None if tier is None else f"{tier}P",
            audio=audio if isinstance(audio, bool) else None,
        )

    @property
    def _task_problem(self) -> Problem:
        """The code and message of a task that failed or was canceled."""
        output = self._output
        problem = Problem(code=self._code(output.get("code")), message=self._message(output.get))
        return Problem(code=_CANCELED) if not str(problem) and self.is_canceled else problem

    @property
    def _output(self) -> dict[str, Any]:
        output = self._field("output")
        return output if isinstance(output, dict) else {}

    @property
    def _word(self) -> str:
        """The task's status in upper case; empty if there is none."""
        return (self._words(self._output.get("task_status")) or "").upper()[:_WORD_CHARS_MAX]

    def _message(self, field: Any) -> str | None:
        return self._words(field("message"))


def _whole(value: object, most: int) -> int | None:
    """Return a number, rounded to a whole one; ``None`` if it is none from 1 to ``most``."""
    number = as_decimal(value)
    if number is None or not 0 < number <= most:
        return None
    return int(number.to_integral_value(ROUND_HALF_UP)) or None
