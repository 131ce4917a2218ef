"""Segments as plain JSON values, as a home keeps drafts, and back; what cannot be a mask of ours is refused."""

import base64
import zlib
from dataclasses import fields
from typing import Any, Final

from workstation.findings.finding import Status, Value
from workstation.findings.segment import Algorithm, Segment
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.masks import Mask, Plane

LARGEST: Final = 1 << 16
"""No axis of a grid is longer."""

MOST_BITS: Final = 1 << 29
"""Of one slice; what claims to hold more is not opened."""


def as_values(segment: Segment) -> dict[str, Any]:
    """One segment; slices shared with others are written for each."""
    found = {each.name: getattr(segment, each.name) for each in fields(segment)}
    grid = segment.mask.grid
    found["values"] = [[each.name, each.value, each.unit, each.how] for each in segment.values]
    found["mask"] = {
        "origin_lps": grid.origin_lps,
        "axes": grid.axes,
        "spacing": grid.spacing,
        "size": grid.size,
        "planes": [[k, *_plane(plane)] for k, plane in enumerate(segment.mask.planes) if plane is not None],
    }
    return found


def _plane(plane: Plane) -> list[Any]:
    return [*plane.rows, *plane.columns, plane.count, plane.squeezed, base64.b85encode(plane.bits).decode()]


def from_values(values: dict[str, Any]) -> Segment:
    """The inverse of `as_values`. Raises ValueError, TypeError or KeyError for what was not written by us."""
    red, green, blue = (int(each) for each in values["colour"])
    known = {
        **values,
        "colour": (red, green, blue),
        "status": Status(values["status"]),
        "algorithm": Algorithm(values["algorithm"]),
        "values": tuple(Value(*each) for each in values["values"]),
        "mask": _mask(values["mask"]),
    }
    return Segment(**known)


def _mask(values: dict[str, Any]) -> Mask:
    i, j, k = (int(each) for each in values["size"])
    if not all(0 < each <= LARGEST for each in (i, j, k)):
        raise ValueError("no size of a grid")
    one, other, third = (_vec(each) for each in values["axes"])
    grid = Grid(_vec(values["origin_lps"]), (one, other, third), _vec(values["spacing"]), (i, j, k))
    planes: list[Plane | None] = [None] * k
    for number, *rest in values["planes"]:
        if not 0 <= number < k:
            raise ValueError("a slice outside its grid")
        planes[number] = _read(grid, *rest)
    return Mask(grid, tuple(planes))


def _read(grid: Grid, top: int, bottom: int, left: int, right: int, count: int, squeezed: bool, bits: str) -> Plane:
    """A slice whose bits are as many as its box asks for."""
    if not (0 <= top < bottom <= grid.size[1] and 0 <= left < right <= grid.size[0]):
        raise ValueError("a slice that leaves its grid")
    wanted = (bottom - top) * ((right - left + 7) // 8)
    packed = base64.b85decode(bits)
    if squeezed:
        opener = zlib.decompressobj()
        try:
            opened = opener.decompress(packed, min(wanted + 1, MOST_BITS))
        except zlib.error as error:
            raise ValueError("a slice that cannot be opened") from error
    else:
        opened = packed
    if len(opened) != wanted:
        raise ValueError("a slice of another size")
    plane = Plane((top, bottom), (left, right), packed, bool(squeezed), int(count))
    if int(plane.image().sum()) != plane.count:
        raise ValueError("a slice that does not hold what it says")
    return plane


def _vec(values: list[float]) -> Vec3:
    x, y, z = (float(each) for each in values)
    return x, y, z
