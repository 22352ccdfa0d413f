"""`flipbook verify`: what the file of a video says of how it was made."""

from collections.abc import Iterator
from pathlib import Path

import typer

from bot.cli.errors import EX_DATAERR
from bot.ui.texts.measures import clipped, one_line
from bot.video import xmp
from bot.video.survey import Survey, survey

_SHOWN_CHARS = 500


def run_verify(path: Path) -> int:
    """Print it; 0 if the file says that it is AI-generated, 1 if not, 65 if it cannot be read."""
    with path.open("rb") as file:
        found = survey(file)
    for line in _lines(path, found):
        # What a file says may have been made to steer the terminal that shows it.
        typer.echo(clipped(one_line(line), _SHOWN_CHARS))
    if found.says_ai_generated:
        return 0
    return 1 if found.trouble is None else EX_DATAERR


def _lines(path: Path, found: Survey) -> Iterator[str]:
    if found.says_ai_generated:
        yield f"{path}: AI-generated"
        yield from _details(found)
    elif found.trouble is None:
        yield f"{path}: no label that says how this video was made"
        yield "This proves nothing: labels get lost when a video is edited or converted."
    if found.trouble is not None:
        yield f"{path}: {found.trouble}"
        if not found.says_ai_generated:
            yield "Only whole MP4 videos can be checked."


def _details(found: Survey) -> Iterator[str]:
    named = {
        "model": xmp.AI_SYSTEM,
        "made": xmp.CREATE_DATE,
        "digital source type (IPTC)": xmp.DIGITAL_SOURCE_TYPE,
    }
    for what, name in named.items():
        values = found.values(name)
        yield f"{what}: {', '.join(values) if values else 'not said'}"
    if found.aigc is not None:
        yield f"AIGC field (GB 45438-2025): {found.aigc}"
