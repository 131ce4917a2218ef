"""Surfaces of segments for 3D tiles: built once for each mask, kept in shared memory for as long as the mask lives."""

import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

import numpy as np

from workstation.case.drawing_tools import space_of
from workstation.case.state import TileView
from workstation.errors import Refused
from workstation.findings.segment import Segment
from workstation.imaging.margin import distances_mm
from workstation.imaging.masks import Mask
from workstation.imaging.scene import Shell
from workstation.render.volume_memory import SharedArray, mapped

Progress = Callable[[int, int], None]

MOST_TRIANGLES: Final = 400_000
"""A surface of more is drawn with fewer: it would hold up what moves."""


@dataclass(frozen=True, eq=False)
class Built:
    """A surface in shared memory; it goes with this object. None of both where a mask has no surface.

    `said` is what has to be said of it, as the rest of a sentence about it.
    """

    serial: int
    points: SharedArray | None = None
    triangles: SharedArray | None = None
    said: str = ""


_serials = count(1)
_built: dict[int, Built] = {}
"""By the identity of the mask, which is forgotten with it."""


@dataclass(frozen=True, eq=False)
class MarginMap:
    """The surface of a mask in colours by how far another lies away; it is shown while its finding is."""

    surface: Built
    serial: int
    colours: SharedArray
    tracking_uid: str = ""


BANDS_MM: Final = ((0.0, (150, 40, 170)), (5.0, (222, 52, 40)), (10.0, (240, 200, 60)), (np.inf, (70, 130, 220)))
"""Up to which distance a colour goes: where they overlap, under 5 mm, to 10 mm, and beyond."""

_maps: dict[int, MarginMap] = {}
"""By the identity of the mask, as `_built`."""


def margin_map(mask: Mask, other: Mask) -> MarginMap | None:
    """A mask's surface by its distance to another one; None of one without a surface. For a job."""
    surface = _built.get(id(mask)) or built(mask)
    if surface.points is None:
        return None
    away = distances_mm(mapped(surface.points.handle), other)
    at = np.searchsorted([limit for limit, _ in BANDS_MM[:-1]], away, side="right")
    colours = np.asarray([colour for _, colour in BANDS_MM], np.uint8)[at]
    return MarginMap(surface, next(_serials), SharedArray(colours))


def keep_map(mask: Mask, found: MarginMap, tracking_uid: str) -> None:
    """Pictures show the surface so for as long as the finding is shown. Main thread."""
    if id(mask) not in _maps:
        weakref.finalize(mask, _maps.pop, id(mask), None)
    _maps[id(mask)] = replace(found, tracking_uid=tracking_uid)


def built(mask: Mask) -> Built:
    """The surface of a mask, smoothed as far as it can be. For a job: it may take seconds."""
    from workstation.render.smoothing import coarser, smoothed
    from workstation.render.surfaces import surface_of_mask

    try:
        made = smoothed(surface_of_mask(mask), mask.grid.spacing, mask.volume_ml)
    except Refused as error:
        return Built(next(_serials), said=f"not drawn, {error.sentence}")
    mesh = made.mesh
    if len(mesh.triangles) > MOST_TRIANGLES:
        mesh = coarser(mesh, MOST_TRIANGLES / len(mesh.triangles)).mesh
    points, triangles = mesh.points.astype(np.float32), mesh.triangles.astype(np.int32)
    return Built(next(_serials), SharedArray(points), SharedArray(triangles), made.said)


def keep(mask: Mask, found: Built) -> None:
    """Pictures show this surface from now on. Main thread."""
    if id(mask) not in _built:
        weakref.finalize(mask, _built.pop, id(mask), None)
    _built[id(mask)] = found


def missing(segments: Iterable[Segment]) -> Segment | None:
    """The first of these whose surface is not built yet."""
    return next((each for each in segments if each.mask and id(each.mask) not in _built), None)


def shells_of(view: TileView) -> tuple[Shell, ...]:
    """The segments in the space of a tile that are shown, as far as their surfaces are there."""
    if view.display_set is None:
        return ()
    space = space_of(view.display_set, view.image)
    found, measured = [], {each.tracking_uid for each in view.marks.findings}
    for each in view.marks.segments:
        by_margin = _maps.get(id(each.mask))
        if by_margin is not None and by_margin.tracking_uid not in measured:
            by_margin = None
        surface = by_margin.surface if by_margin is not None else _built.get(id(each.mask))
        here = space is not None and each.frame_of_reference_uid == space and each.opacity > 0
        if here and surface is not None and surface.points is not None and surface.triangles is not None:
            handles = surface.points.handle, surface.triangles.handle
            serial = by_margin.serial if by_margin is not None else surface.serial
            colours = by_margin.colours.handle if by_margin is not None else None
            found.append(Shell(each.title, serial, *handles, each.colour, each.opacity, colours))
    return tuple(found)


def said_of_shells(view: TileView) -> tuple[str, ...]:
    """A sentence for each segment in the space of a tile whose surface is not smooth, or not drawn."""
    if view.display_set is None:
        return ()
    space = space_of(view.display_set, view.image)
    here = [each for each in view.marks.segments if each.frame_of_reference_uid == space and each.opacity > 0]
    said = [(each.title, surface.said) for each in here if (surface := _built.get(id(each.mask))) is not None]
    return tuple(f"{title}: {words}." for title, words in said if words)
