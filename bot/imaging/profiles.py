"""Builds ICC profiles from a PNG's numeric color information: gAMA, cHRM and cICP.

The conversion to sRGB (``bot.imaging.colors``) takes profiles. These contain only what it needs:
primaries adapted to D50, and one curve.
"""

import struct
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from operator import mul, truediv

Point = tuple[float, float]
"""A chromaticity: x and y."""
Primaries = tuple[Point, Point, Point, Point]
"""White, red, green, blue."""
Curve = Callable[[float], float]
"""From a stored value (0 to 1) to linear light, where 1 is white."""
_Vector = tuple[float, ...]
_Matrix = tuple[_Vector, ...]

_D65 = (0.3127, 0.3290)
BT709: Primaries = (_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
# ITU-T H.273, table 2.
_PRIMARIES: Mapping[int, Primaries] = {
    1: BT709,
    9: (_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    12: (_D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_POINTS = 4096

# ITU-R BT.2408: paper white has 203 cd/m² in HDR, and is white here.
_WHITE = 203
_PEAK = 1000 / _WHITE
"""Brightest light that is still distinguished; most videos and photographs are graded so."""
_KNEE = 0.8
"""Light up to here stays unchanged; brighter light up to the peak is compressed above it."""

_BRADFORD: _Matrix = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)
_D50: _Vector = (0.9642, 1.0, 0.8249)


@lru_cache(maxsize=16)
def by_numbers(code: bytes, *, gray: bool) -> bytes | None:
    """Return the profile for a cICP chunk; ``None`` if its numbers are not supported."""
    if len(code) != 4 or code[2] != 0 or code[3] > 1 or code[0] not in _PRIMARIES:
        return None
    curve = _CURVES.get(code[1])
    if curve is None:
        return None
    if code[3] == 0:  # Black is stored as 16 of 255, and white as 235.
        return _profile(_PRIMARIES[code[0]], lambda x: curve(_within((x * 255 - 16) / 219)), gray)
    return _profile(_PRIMARIES[code[0]], curve, gray)


@lru_cache(maxsize=16)
def by_gamma(gamma: float, primaries: Primaries = BT709, *, gray: bool) -> bytes:
    """Return the profile for gAMA (1.0 is linear) and cHRM, which is ignored if it is invalid."""
    try:
        return _profile(primaries, _power(1 / gamma), gray)
    except (ZeroDivisionError, struct.error):
        return by_gamma(gamma, gray=gray)


def _srgb(x: float) -> float:
    return x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4


def _pq(x: float) -> float:
    """SMPTE ST 2084 as in BT.2100: up to 10,000 cd/m²."""
    root = x ** (1 / 78.84375)
    linear = (max(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
    return _toned(linear * 10_000 / _WHITE)


def _hlg(x: float) -> float:
    """ARIB STD-B67 as in BT.2100, on a display of 1000 cd/m², which has a gamma of 1.2.

    That gamma is defined for luminance; here it is applied to each channel.
    """
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = x * x / 3 if x <= 0.5 else (2.718281828459045 ** ((x - c) / a) + b) / 12
    return _toned(scene**1.2 * _PEAK)


def _toned(light: float) -> float:
    """Map HDR to a standard display: Reinhard's curve between the knee and the peak."""
    if light <= _KNEE:
        return light
    above = (light - _KNEE) / (1 - _KNEE)
    most = (_PEAK - _KNEE) / (1 - _KNEE)
    return _within(_KNEE + (1 - _KNEE) * above * (1 + above / most**2) / (1 + above))


def _within(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _power(exponent: float) -> Curve:
    return lambda x: x**exponent


# ITU-T H.273, table 3. The curves of television (1, 6, 14, 15) are displayed by ITU-R BT.1886.
_CURVES: Mapping[int, Curve] = dict.fromkeys((1, 6, 14, 15), _power(2.4)) | {
    4: _power(2.2),
    5: _power(2.8),
    8: _power(1),
    13: _srgb,
    16: _pq,
    18: _hlg,
}


def _profile(primaries: Primaries, curve: Curve, gray: bool) -> bytes:
    """Build a display profile of version 2.4 (ICC.1:2001-04)."""
    tags = {b"wtpt": _xyz(_D50)}
    table = (round(65_535 * _within(curve(n / (_POINTS - 1)))) for n in range(_POINTS))
    curved = struct.pack(f">4s4xI{_POINTS}H", b"curv", _POINTS, *table)
    if gray:
        tags[b"kTRC"] = curved
    else:
        columns = zip(*_adapted(primaries), strict=True)
        for name, column in zip((b"r", b"g", b"b"), columns, strict=True):
            tags |= {name + b"XYZ": _xyz(column), name + b"TRC": curved}
    return _packed(tags, b"GRAY" if gray else b"RGB ")


def _packed(tags: dict[bytes, bytes], space: bytes) -> bytes:
    start = 128 + 4 + 12 * len(tags)
    ends = [start + sum(map(len, list(tags.values())[:n])) for n in range(len(tags) + 1)]
    table = b"".join(
        struct.pack(">4sII", name, at, len(tag))
        for (name, tag), at in zip(tags.items(), ends, strict=False)
    )
    header = struct.pack(">I4xI4s4s4s12x4s", ends[-1], 0x02400000, b"mntr", space, b"XYZ ", b"acsp")
    header = (header.ljust(68, b"\0") + _xyz(_D50)[8:]).ljust(128, b"\0")
    return header + struct.pack(">I", len(tags)) + table + b"".join(tags.values())


def _xyz(value: _Vector) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(one * 65_536) for one in value))


def _adapted(primaries: Primaries) -> _Matrix:
    """Return the matrix from RGB to XYZ under D50, one primary per column. ICC.1, annex E."""
    white, *three = ((x / y, 1.0, (1 - x - y) / y) for x, y in primaries)
    columns = _transposed(three)
    scaled = _product(columns, _diagonal(_applied(_inverse(columns), white)))
    ratio = map(truediv, _applied(_BRADFORD, _D50), _applied(_BRADFORD, white))
    seen = _product(_diagonal(tuple(ratio)), _product(_BRADFORD, scaled))
    return _product(_inverse(_BRADFORD), seen)


def _dot(one: _Vector, other: _Vector) -> float:
    return float(sum(map(mul, one, other)))


def _applied(matrix: _Matrix, vector: _Vector) -> _Vector:
    return tuple(_dot(row, vector) for row in matrix)


def _product(one: _Matrix, other: _Matrix) -> _Matrix:
    return _transposed(_applied(one, column) for column in _transposed(other))


def _transposed(matrix: Iterable[_Vector]) -> _Matrix:
    return tuple(zip(*matrix, strict=True))


def _diagonal(values: _Vector) -> _Matrix:
    return tuple(tuple(v if n == m else 0.0 for m in range(3)) for n, v in enumerate(values))


def _inverse(matrix: _Matrix) -> _Matrix:
    """Invert by cross products of the rows, which are the columns of the adjugate."""
    a, b, c = matrix
    columns = (_cross(b, c), _cross(c, a), _cross(a, b))
    whole = _dot(a, columns[0])
    return _transposed(tuple(value / whole for value in column) for column in columns)


def _cross(one: _Vector, other: _Vector) -> _Vector:
    (a, b, c), (d, e, f) = one, other
    return (b * f - c * e, c * d - a * f, a * e - b * d)
