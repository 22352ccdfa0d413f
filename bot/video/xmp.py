"""XMP packets (ISO 16684-1): RDF in XML that says something of the file that it lies in."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""Of the ``uuid`` box that holds a packet (Adobe, XMP Specification Part 3: MPEG-4)."""
PACKET_BYTES_MAX = 256 * 1024
"""The most that is read of one packet; a usual one has 1 to 20 kB."""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_IPTC_EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
_PREFIXES = {_IPTC_EXTENSION: "Iptc4xmpExt", _XMP: "xmp", _TC260: "TC260"}

DIGITAL_SOURCE_TYPE = f"{{{_IPTC_EXTENSION}}}DigitalSourceType"
AI_SYSTEM = f"{{{_IPTC_EXTENSION}}}AISystemUsed"
"""The model. IPTC defined it in 2025 (Photo Metadata Standard 2025.1), for pictures."""
CREATE_DATE = f"{{{_XMP}}}CreateDate"
AIGC = f"{{{_TC260}}}AIGC"
"""See ``bot.video.aigc``."""

_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_END = '\n<?xpacket end="w"?>'
_RDF_ENDS = re.compile(r"</(?:[\w.-]+:)?RDF\s*>")

Properties = Mapping[str, str]
"""Texts by ``{namespace}name``."""


def write(properties: Properties) -> bytes:
    """A packet with these properties, whose namespaces must be known here."""
    rdf = f'<rdf:RDF xmlns:rdf="{_RDF}">\n{_description(properties)}</rdf:RDF>'
    meta = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">\n{rdf}\n</x:xmpmeta>'
    return f"{_BEGIN}{meta}{_END}".encode()


def read(packet: bytes) -> Properties | None:
    """The simple properties of a packet, and the first value of lists; ``None``: it is none."""
    text = _text(packet)
    # What XMP never has, and what can make a small text a large one.
    if text is None or "<!DOCTYPE" in text:
        return None
    try:
        root = ET.fromstring(text)  # noqa: S314  (it declares no entities)
    except (ET.ParseError, ValueError):
        return None
    found: dict[str, str] = {}
    for rdf in root.iter(f"{{{_RDF}}}RDF"):
        for description in rdf.findall(f"{{{_RDF}}}Description"):
            found |= description.attrib
            found |= {child.tag: _value(child) for child in description}
    return found


def add(packet: bytes, properties: Properties) -> bytes | None:
    """The packet with these properties as well, all else as it was; ``None``: not possible."""
    text, before = _text(packet), read(packet)
    ends = list(_RDF_ENDS.finditer(text or ""))
    if text is None or before is None or not ends:
        return None
    at = ends[-1].start()
    made = f"{text[:at]}{_description(properties)}{text[at:]}".encode()
    # A packet that only looks as if it ended there (in a comment, say) is left alone.
    return made if read(made) == {**before, **properties} else None


def _description(properties: Properties) -> str:
    spaces = sorted({_split(name)[0] for name in properties})
    names = "".join(f' xmlns:{_PREFIXES[space]}="{space}"' for space in spaces)
    lines = [
        f"<{_qualified(name)}>{escape(value)}</{_qualified(name)}>\n"
        for name, value in properties.items()
    ]
    head = f'<rdf:Description xmlns:rdf="{_RDF}" rdf:about=""{names}>\n'
    return f"{head}{''.join(lines)}</rdf:Description>\n"


def _qualified(name: str) -> str:
    space, local = _split(name)
    return f"{_PREFIXES[space]}:{local}"


def _split(name: str) -> tuple[str, str]:
    space, _, local = name.removeprefix("{").partition("}")
    return space, local


def _value(element: ET.Element) -> str:
    item = next(element.iter(f"{{{_RDF}}}li"), element)
    return (item.text or item.get(f"{{{_RDF}}}resource") or "").strip()


def _text(packet: bytes) -> str | None:
    try:
        return packet.decode().strip("\ufeff\0 \t\r\n")
    except UnicodeDecodeError:
        return None
