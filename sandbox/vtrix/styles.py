"""Named styles of answers, to choose from in tests and on the demo's page."""

from collections.abc import Mapping

from sandbox.vtrix.answers import Style

REFERENCE = "the reference's"

STYLES: Mapping[str, Style] = {
    REFERENCE: Style(),
    "the vendor's clients'": Style(error="error_message", extras=True),
    "in an envelope": Style(envelope=True),
    "in an envelope, always HTTP 200": Style(envelope=True, http_200=True),
    "always HTTP 200": Style(http_200=True, error="numeric"),
    "malformed is 422": Style(malformed_status=422),
    "output as an object": Style(output="object"),
    "flat output": Style(output="flat", video_type="video_url"),
    "outputs": Style(output="outputs"),
    "content without a type": Style(video_type=None),
    "flat outputs without a type": Style(output="outputs", video_type=None),
    "no model, no progress, no usage": Style(model=False, progress=False, usage=False),
    "ended at once": Style(at_once=True),
    "errors with a number": Style(error="numeric"),
    "errors as a text": Style(error="string"),
    "errors as a code beside a message": Style(error="beside"),
    "errors as a message": Style(error="message"),
    "completed with an error": Style(failed="completed"),
    "the model maker's words": Style(
        pending="PENDING", running="RUNNING", completed="SUCCEEDED", failed="FAILED"
    ),
    "the model maker's other words": Style(
        running="SUSPENDED", failed="CANCELED", forgotten="UNKNOWN"
    ),
    "success and error": Style(
        pending="queued", running="processing", completed="success", failed="error"
    ),
    "done and cancelled": Style(pending="in_queue", completed="done", failed="cancelled"),
    "expired": Style(completed="succeeded", failed="expired"),
    "timeout": Style(failed="timeout"),
    "a word that nobody knows": Style(pending="warming_up", running="almost_there"),
}
