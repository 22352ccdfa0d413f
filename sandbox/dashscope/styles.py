"""Named styles of answers, to choose from in tests and on the demo's page."""

from collections.abc import Mapping

from sandbox.dashscope.answers import Style

REFERENCE = "the reference's"

STYLES: Mapping[str, Style] = {
    REFERENCE: Style(),
    "suspended": Style(running="SUSPENDED"),
    "a word that nobody knows": Style(running="WARMING_UP"),
    "succeeded without a video": Style(video=False),
    "usage without duration": Style(usage="without duration"),
    "usage as text": Style(usage="as text"),
    "no usage": Style(usage="missing"),
    "failed without a reason": Style(reason=False),
}
