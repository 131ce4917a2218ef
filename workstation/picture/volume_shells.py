"""Surfaces of segments for 3D tiles: built once for each mask, kept in shared memory for as long as the mask lives."""

import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Final

import numpy as np

from workstation.case.drawing_tools import space_of
from workstation.case.state import TileView
from workstation.errors import Refused
from workstation.findings.segment import Segment
from workstation.imaging.masks import Mask
from workstation.imaging.scene import Shell
from workstation.render.volume_memory import SharedArray

Progress = Callable[[int, int], None]

MOST_TRIANGLES: Final = 400_000
"""A surface of more is drawn with fewer: it would hold up what moves."""


@dataclass(frozen=True, eq=False)
class Built:
    """A surface in shared memory; it goes with this object. None of both where a mask has no surface."""

    serial: int
    points: SharedArray | None = None
    triangles: SharedArray | None = None


_serials = count(1)
_built: dict[int, Built] = {}
"""By the identity of the mask, which is forgotten with it."""


def built(mask: Mask) -> Built:
    """The surface of a mask, smoothed. For a job: it may take seconds."""
    from workstation.render.surfaces import coarser, smoothed, surface_of_mask

    try:
        mesh = smoothed(surface_of_mask(mask), mask.volume_ml)
    except Refused:
        return Built(next(_serials))
    if len(mesh.triangles) > MOST_TRIANGLES:
        mesh = coarser(mesh, MOST_TRIANGLES / len(mesh.triangles)).mesh
    points, triangles = mesh.points.astype(np.float32), mesh.triangles.astype(np.int32)
    return Built(next(_serials), SharedArray(points), SharedArray(triangles))


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
    found = []
    for each in view.marks.segments:
        surface = _built.get(id(each.mask))
        here = space is not None and each.frame_of_reference_uid == space and each.opacity > 0
        if here and surface is not None and surface.points is not None and surface.triangles is not None:
            handles = surface.points.handle, surface.triangles.handle
            found.append(Shell(each.title, surface.serial, *handles, each.colour, each.opacity))
    return tuple(found)
