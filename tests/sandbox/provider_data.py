"""What the tests of both local providers send, and a clock that is moved by hand."""

import asyncio
import base64
from datetime import datetime, timedelta

from tests.factories import NOON, make_picture


class HandClock:
    """A clock that stands still until it is moved, or sleeps by it."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        await asyncio.sleep(0)


def data_uri(picture: bytes, mime: str = "image/png") -> str:
    return f"data:{mime};base64,{base64.b64encode(picture).decode()}"


FRAME = make_picture("PNG", (640, 480))
URI = data_uri(FRAME)
CLIP = b"\0\0\0\x18ftypisom" + bytes(100_000)
