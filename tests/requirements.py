"""What some tests require of the machine: where it is missing they skip, and in CI they fail."""

import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def missing(what: str) -> NoReturn:
    """Skip this test, with the reason; where CI is set nothing may be missing."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} (CI is set: nothing is skipped)", pytrace=False)
    pytest.skip(what)


def need_program(*names: str) -> Path:
    """The first of these programs that is installed."""
    for name in names:
        found = shutil.which(name)
        if found:
            return Path(found)
    missing(f"none of these is installed: {', '.join(names)}")


def need_font(name: str) -> Path:
    """A font's file, such as ``DejaVuSans.ttf``, as Debian's packages install it."""
    found = next(Path("/usr/share/fonts").rglob(name), None)
    return found or missing(f"the font {name} is not installed")


def need_linux(what: str) -> None:
    """Skip elsewhere: ``what`` another system does not let a test do."""
    if sys.platform != "linux":
        missing(f"only Linux: {what}")
