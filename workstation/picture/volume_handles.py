"""The crop box and the clip plane as they are drawn and taken hold of in a 3D tile."""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np

from workstation.case.cutting import whole_box
from workstation.imaging.camera import Camera
from workstation.imaging.geometry import Grid, Vec3, vec
from workstation.imaging.scene import Scene
from workstation.paint.lines import Knob, Line

COLOURS: Final = ("sagittal", "coronal", "axial")
ARROW: Final = 0.16
"""Length of the clip plane's arrow, of the smaller side of the tile."""

PLANE, ARROW_TIP = "plane", "arrow"


@dataclass(frozen=True)
class Handle:
    """Something to take hold of: `part` is PLANE, ARROW_TIP, or the axis 0 to 2 with `high` for a face of the box.

    `along` is where a step of one voxel, or for the plane one mm, goes on the screen, in device pixels.
    """

    part: str | int
    high: bool
    at: tuple[float, float]
    along: tuple[float, float]


def handles(scene: Scene, grid: Grid, size: tuple[int, int]) -> tuple[Handle, ...]:
    """The handles of what is drawn: of the box where it is shown, of the plane where there is one."""
    return (*_of_box(scene, grid, size), *_of_plane(scene, size))


FACES: Final = (("L", "R"), ("P", "A"), ("head", "feet"))


def named(found: tuple[Handle, ...], grid: Grid) -> dict[str, tuple[float, float]]:
    """Where handles are, for scripts: faces of the box by the patient's side, the plane's by their part."""
    places: dict[str, tuple[float, float]] = {}
    for each in found:
        name = each.part
        if isinstance(name, int):
            axis = int(np.argmax(np.abs(grid.axes[name])))
            towards_plus = (grid.axes[name][axis] > 0) is each.high
            name = FACES[axis][0 if towards_plus else 1]
        places[str(name)] = (round(each.at[0], 1), round(each.at[1], 1))
    return places


def _of_box(scene: Scene, grid: Grid, size: tuple[int, int]) -> tuple[Handle, ...]:
    if not scene.box:
        return ()
    box = scene.crop or whole_box(grid)
    middle = (np.asarray(box.low) + np.asarray(box.high)) / 2
    found: list[Handle] = []
    for axis, high in itertools.product(range(3), (False, True)):
        here = middle.copy()
        here[axis] = (box.high if high else box.low)[axis]
        beyond = here.copy()
        beyond[axis] += 1.0
        at, next_to = (_seen(scene.camera, grid.point(vec(each)), size) for each in (here, beyond))
        if at is not None and next_to is not None:
            found.append(Handle(axis, high, at, (next_to[0] - at[0], next_to[1] - at[1])))
    return tuple(found)


def _of_plane(scene: Scene, size: tuple[int, int]) -> tuple[Handle, ...]:
    plane = scene.plane
    if plane is None:
        return ()
    normal, point = np.asarray(plane.normal), np.asarray(plane.point_lps)
    places = (point, point + normal, point + normal * scene.camera.across_mm * ARROW)
    at, one_mm, tip = (_seen(scene.camera, vec(each), size) for each in places)
    if at is None or one_mm is None or tip is None:
        return ()
    along = (one_mm[0] - at[0], one_mm[1] - at[1])
    return (Handle(PLANE, False, at, along), Handle(ARROW_TIP, True, tip, along))


def _seen(camera: Camera, point: Vec3, size: tuple[int, int]) -> tuple[float, float] | None:
    x, y, _ = camera.pixel(point, *size)
    return (x, y) if np.isfinite((x, y)).all() else None


def drawn_handles(scene: Scene, grid: Grid, size: tuple[int, int]) -> tuple[tuple[Line, ...], tuple[Knob, ...]]:
    """Lines and knobs: the twelve edges of the box, the arrow of the plane, and what can be taken hold of."""
    found = handles(scene, grid, size)
    knobs = tuple(Knob(each.at, COLOURS[each.part] if isinstance(each.part, int) else "reference") for each in found)
    lines: list[Line] = []
    if scene.box:
        lines += _edges(scene, grid, size)
    arrow = [each.at for each in found if not isinstance(each.part, int)]
    if len(arrow) == 2:
        lines.append(Line(arrow[0], arrow[1], "reference"))
    return tuple(lines), knobs


def _edges(scene: Scene, grid: Grid, size: tuple[int, int]) -> list[Line]:
    box = scene.crop or whole_box(grid)
    ends = list(zip(box.low, box.high, strict=True))
    found: list[Line] = []
    for axis in range(3):
        others = [each for each in range(3) if each != axis]
        for first, second in itertools.product((0, 1), repeat=2):
            places = []
            for end in (0, 1):
                index = [0.0, 0.0, 0.0]
                index[axis] = ends[axis][end]
                index[others[0]], index[others[1]] = ends[others[0]][first], ends[others[1]][second]
                places.append(_seen(scene.camera, grid.point((index[0], index[1], index[2])), size))
            if places[0] is not None and places[1] is not None:
                found.append(Line(places[0], places[1], COLOURS[axis]))
    return found
