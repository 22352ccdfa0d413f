"""The provider's checks of a first frame: fetched or decoded, then compared with the rules."""

import asyncio
import base64
import binascii
import hashlib
import io
import ipaddress
import re
from dataclasses import dataclass

import aiohttp
from PIL import Image
from yarl import URL

from sandbox.providers.refused import Refused, malformed

_DATA_URI = re.compile(r"data:([a-z0-9.+/-]+);base64,", re.IGNORECASE)
# MPO is Pillow's name for a JPEG with further pictures after the first.
_FORMATS = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "BMP": "bmp", "WEBP": "webp"}
_FETCH_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureLimits:
    """What a model accepts as a first frame."""

    side_min: int
    """Smallest width and height, in pixels."""
    side_max: int
    bytes_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """An accepted picture; its content is stored elsewhere."""

    mime: str
    width: int
    height: int
    digest: str
    """Hexadecimal SHA-256 of the bytes."""
    bytes: int

    def __str__(self) -> str:
        size = f"{self.width}×{self.height}"
        return f"{self.mime} {size} {self.bytes} bytes sha256:{self.digest}"


async def take(img_url: str, limits: PictureLimits) -> tuple[Still, bytes]:
    """Return a first frame that was sent by its address or as a data URI, checked by every rule.

    Raises:
        Refused: it cannot be read, or it breaks a rule.
    """
    if img_url[:8].lower().startswith(("http://", "https://")):
        declared, picture = None, await fetch(img_url, limits)
    else:
        declared, picture = await asyncio.to_thread(from_data_uri, img_url)
    still = await asyncio.to_thread(check, picture, limits, declared=declared)
    return still, picture


async def fetch(img_url: str, limits: PictureLimits) -> bytes:
    """Fetch the bytes of a link, from this machine only, since the sandbox needs no network.

    Raises:
        Refused: the URL is another machine's, or cannot be fetched.
    """
    url = URL(img_url)
    if not _is_loopback(url.host or ""):
        raise malformed("input.img_url: the local provider reads from this machine only")
    timeout = aiohttp.ClientTimeout(total=_FETCH_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise _unavailable(f"it answers {answer.status}")
            return await _first(answer.content, limits.bytes_max + 1)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise _unavailable("it does not answer") from error


async def _first(content: aiohttp.StreamReader, count: int) -> bytes:
    """Read that many bytes, or all; a single ``read`` returns only what has arrived."""
    taken = bytearray()
    while len(taken) < count and (piece := await content.read(count - len(taken))):
        taken += piece
    return bytes(taken)


def from_data_uri(img_url: str) -> tuple[str, bytes]:
    """Return media type and bytes of a data URI.

    Raises:
        Refused: it is not a data URI, or its base64 is invalid.
    """
    match = _DATA_URI.match(img_url)
    if match is None:
        raise malformed("input.img_url: must be an HTTP(S) URL or data:{MIME_type};base64,{data}")
    try:
        content = base64.b64decode(img_url[match.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise malformed("input.img_url: the base64 is damaged") from error
    return match[1].lower().replace("image/jpg", "image/jpeg"), content


def check(content: bytes, limits: PictureLimits, *, declared: str | None) -> Still:
    """Decode a picture and check it by every rule. This takes a while, so call it in a thread.

    Raises:
        Refused: size, format, alpha channel or sides are wrong, or it cannot be decoded.
    """
    if len(content) > limits.bytes_max:
        raise malformed(f"input.img_url: the file is larger than {limits.bytes_max} bytes")
    still = _decoded(content, limits)
    if declared is not None and declared != still.mime:
        raise malformed(f"input.img_url: said to be {declared}, but it is {still.mime}")
    return still


def _decoded(content: bytes, limits: PictureLimits) -> Still:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            _check_format(picture)
            _check_sides(*picture.size, limits)
            picture.load()
            return Still(
                mime=f"image/{_FORMATS[picture.format or '']}",
                width=picture.width,
                height=picture.height,
                digest=hashlib.sha256(content).hexdigest(),
                bytes=len(content),
            )
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise malformed("input.img_url: the picture cannot be decoded") from error


def _check_format(picture: Image.Image) -> None:
    if picture.format not in _FORMATS:
        raise malformed(f"input.img_url: {picture.format} is not supported")
    if picture.format == "PNG" and picture.has_transparency_data:
        raise malformed("input.img_url: a PNG must not have an alpha channel")


def _check_sides(width: int, height: int, limits: PictureLimits) -> None:
    for name, side in (("width", width), ("height", height)):
        if not limits.side_min <= side <= limits.side_max:
            allowed = f"{limits.side_min} to {limits.side_max}"
            raise malformed(f"input.img_url: the {name} of {side} px is not {allowed}")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _unavailable(why: str) -> Refused:
    return Refused(400, "InvalidURL", f"input.img_url: the picture cannot be downloaded, {why}")
