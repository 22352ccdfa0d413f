"""Requirements of tests: if a program is missing, the test is skipped; in CI, it fails."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

# The first one is Chromium without a window, which opens a page with a third of the work.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
)


def missing(what: str) -> NoReturn:
    """Skip this test with a reason; fail it in CI, where nothing may be missing."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} (CI is set: nothing is skipped)", pytrace=False)
    pytest.skip(what)


def need_program(*names: str) -> Path:
    """Return the path of the first of these programs that is installed."""
    for name in names:
        found = shutil.which(name)
        if found:
            return Path(found)
    missing(f"none of these is installed: {', '.join(names)}")


def need_font(name: str) -> Path:
    """Return the path of a font such as ``DejaVuSans.ttf``, as Debian's packages install it."""
    found = next(Path("/usr/share/fonts").rglob(name), None)
    return found or missing(f"the font {name} is not installed")


@contextmanager
def need_small_disk(at: Path, megabytes: int) -> Iterator[None]:
    """Mount a small file system at a folder; skips the test, in CI too, if that is not possible.

    Root in a container usually may not mount anything, and no installation changes that. The tests
    that limit the size of each file instead run everywhere.
    """
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None:
        pytest.skip("mount is not installed")
    at.mkdir(exist_ok=True)
    command = [mount, "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "flipbook-test", str(at)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no small file system can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        # Unmount lazily: a process that is just ending may still have a file open there.
        subprocess.run([umount, "-l", str(at)], check=True)


def need_linux(what: str) -> None:
    """Skip this test on other systems; ``what`` says which feature of Linux the test needs."""
    if sys.platform != "linux":
        missing(f"only Linux: {what}")
