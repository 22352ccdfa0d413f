"""Identifies a file by its content, whatever its name is."""

import re
from typing import Literal

# Offset, signature and name. The first match wins.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"BM", "BMP"),
    (8, b"WEBP", "WEBP"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    # Before TIFF, because most raw formats of cameras are TIFF files, too.
    (8, b"CR\x02\x00", "camera raw"),
    (0, b"II*\x00", "TIFF"),
    (0, b"MM\x00*", "TIFF"),
    (0, b"II+\x00", "TIFF"),
    (0, b"MM\x00+", "TIFF"),
    (0, b"FUJIFILMCCD-RAW", "camera raw"),
    (0, b"IIRO", "camera raw"),
    (0, b"IIRS", "camera raw"),
    (0, b"MMOR", "camera raw"),
    (0, b"IIU\x00", "camera raw"),
    (0, b"\x00MRM", "camera raw"),
    (0, b"FOVb", "camera raw"),
    (0, b"II\xbc", "JPEG XR"),
    (0, b"\x76\x2f\x31\x01", "OpenEXR"),
    (0, b"DDS ", "DDS"),
    (0, b"8BPS", "PSD"),
    (0, b"\x00\x00\x01\x00", "ICO"),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"gimp xcf", "XCF"),
    (0, b"qoif", "QOI"),
    (0, b"%!PS", "EPS"),
    (0, b"%PDF-", "PDF"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"Rar!", "RAR"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"\x1a\x45\xdf\xa3", "WEBM"),
    (8, b"AVI ", "AVI"),
    (8, b"WAVE", "WAV"),
    (0, b"OggS", "Ogg"),
    (0, b"ID3", "MP3"),
    (0, b"fLaC", "FLAC"),
    (0, b"MZ", "EXE"),
    (0, b"\x7fELF", "ELF"),
)
# Adobe's DNG specification; TIFF 6.0, NewSubfileType.
_DNG_VERSION = 50706
_KIND_OF_PICTURE, _REDUCED = 254, 1
_RIFF_NAMES = frozenset({"WEBP", "AVI", "WAV"})
# ISO base media: the brand after "ftyp" distinguishes still pictures from videos.
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
# PBM, PGM and PPM in six variants, PAM and PFM: a letter, a digit, whitespace, and the width.
_PPM = re.compile(rb"P(?:[1-6]\s+(?:#[^\n]*\n\s*)*\d+\s|7\n|[Ff]\s)")
# Version, run-length encoding, bits; then a window, which begins at 0 in practice.
_PCX = re.compile(rb"\x0a[\x00\x02-\x05]\x01[\x01\x02\x04\x08]\x00\x00\x00\x00", re.DOTALL)
# TGA has no signature: check for valid combinations of palette, type and depth.
_TGA = re.compile(
    rb"[\x00-\xff](?:\x00[\x02\x03\x0a\x0b]\x00{5}|\x01[\x01\x09]\x00\x00..[\x0f\x10\x18\x20])"
    rb".{4}(?!\x00\x00)..(?!\x00\x00)..[\x08\x0f\x10\x18\x20][\x00-\x3f]",
    re.DOTALL,
)
_PATTERNS = ((_PPM, "PPM"), (_PCX, "PCX"), (_TGA, "TGA"))
_TEXT = re.compile(rb"[\t\n\r\f\x20-\x7e\x80-\xff]+")


def sniff(head: bytes) -> str:
    """Return the name of the format that starts with ``head``; empty if it is unknown."""
    for offset, signature, name in _SIGNATURES:
        if head.startswith(signature, offset):
            if name in _RIFF_NAMES and not head.startswith(b"RIFF"):
                continue
            return "camera raw" if name == "TIFF" and _is_raw(head) else name
    if head[4:8] == b"ftyp":
        return _isobmff(head)
    for pattern, name in _PATTERNS:
        if pattern.match(head):
            return name
    return _text(head[:1024])


def _is_raw(head: bytes) -> bool:
    """Whether the first directory of a TIFF is that of a DNG, or of a preview only.

    Cameras (NEF, ARW) store a reduced picture first; other programs store the full one first.
    """
    order: Literal["little", "big"] = "little" if head.startswith(b"II") else "big"
    at = int.from_bytes(head[4:8], order)
    count = int.from_bytes(head[at : at + 2], order)
    directory = head[at + 2 : at + 2 + 12 * count]
    for start in range(0, len(directory), 12):
        tag = int.from_bytes(directory[start : start + 2], order)
        value = int.from_bytes(directory[start + 8 : start + 12], order)
        if tag == _DNG_VERSION or (tag == _KIND_OF_PICTURE and value == _REDUCED):
            return True
    return False


def _isobmff(head: bytes) -> str:
    length = min(int.from_bytes(head[:4], "big"), 256)
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, length, 4))]
    if brands[0] == b"crx ":
        return "camera raw"
    if brands[0] == b"mif3":  # The codec is in the field that others use for a version.
        return "HEIC" if head[12:16] in _HEIC_BRANDS else "AVIF"
    if any(brand in {b"avif", b"avis"} for brand in brands):
        return "AVIF"
    if any(brand in _HEIC_BRANDS for brand in brands):
        return "HEIC"
    return "MOV" if brands[0] == b"qt  " else "MP4"


def _text(head: bytes) -> str:
    if not _TEXT.fullmatch(head):
        return ""
    try:
        # A character may be cut off at the end of the head.
        text = head.decode("utf-8-sig", "ignore" if len(head) == 1024 else "strict").casefold()
    except UnicodeDecodeError:
        return ""
    if "<svg" in text:
        return "SVG"
    return "HTML" if "<html" in text or "<!doctype html" in text else "text"
