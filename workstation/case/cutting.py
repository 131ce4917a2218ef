"""What is cut away in a 3D tile: crop box, clip plane and masks, each step of which can be taken back."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from workstation.case import volume
from workstation.case.state import Case
from workstation.case.undo import History
from workstation.imaging.geometry import Grid, Vec3, unit, vec
from workstation.imaging.scene import SMALLEST_BOX, ClipPlane, CropBox, Cut, Scene


@dataclass(frozen=True)
class Cutting:
    """All that is cut away of a scene."""

    crop: CropBox | None = None
    plane: ClipPlane | None = None
    cuts: tuple[Cut, ...] = ()

    @classmethod
    def of(cls, scene: Scene) -> "Cutting":
        return cls(scene.crop, scene.plane, scene.cuts)


def history(case: Case, number: int) -> History[Cutting]:
    """The steps of a 3D tile's series; they begin with what is cut now."""
    tile = case.tiles[number]
    now = Cutting.of(tile.scene) if tile.scene is not None else Cutting()
    kept = case.cuttings.get((number, tile.display_set or ""))
    if kept is None:
        kept = case.cuttings[number, tile.display_set or ""] = History(now)
    elif kept.value != now:
        kept.put(now)
    return kept


def cut(case: Case, number: int, changed: Callable[[Cutting], Cutting], goes_on: bool = False) -> None:
    """Cut otherwise. A gesture that `goes_on` is one step with what it began with."""
    if not volume.is_3d(case, number):
        return
    steps = history(case, number)
    value = changed(steps.value)
    if value == steps.value:
        return
    (steps.amend if goes_on else steps.put)(value)
    _show(case, number, value)


def can_undo(case: Case) -> bool:
    """Whether the active tile is 3D and something was cut in it."""
    return volume.is_3d(case, case.active) and history(case, case.active).can_undo


def can_redo(case: Case) -> bool:
    """Whether the active tile is 3D and a cut in it was taken back."""
    return volume.is_3d(case, case.active) and history(case, case.active).can_redo


def made(case: Case) -> int:
    """The number of the last step of cutting in the active tile, 0 where there is none: `History.made`."""
    return history(case, case.active).made if can_undo(case) else 0


def taken_back(case: Case) -> int:
    """The number of the step that would be cut again in the active tile, 0 where there is none."""
    return history(case, case.active).taken_back if can_redo(case) else 0


def undo(case: Case, number: int) -> bool:
    """Take the last cut of a 3D tile back; False where there is none."""
    if not volume.is_3d(case, number):
        return False
    steps = history(case, number)
    return steps.undo() and _show(case, number, steps.value)


def redo(case: Case, number: int) -> bool:
    """Cut again what was taken back; False where there is nothing."""
    if not volume.is_3d(case, number):
        return False
    steps = history(case, number)
    return steps.redo() and _show(case, number, steps.value)


def _show(case: Case, number: int, value: Cutting) -> bool:
    volume.change(
        case, number, lambda scene: replace(scene, crop=value.crop, plane=value.plane, cuts=value.cuts)
    )  # fmt: skip
    return True


def with_cut(now: Cutting, one: Cut) -> Cutting:
    """More is cut away."""
    return replace(now, cuts=(*now.cuts, one))


# ----------------------------------------------------------------------------- box and plane


def whole_box(grid: Grid) -> CropBox:
    """All of a volume."""
    i, j, k = grid.size
    return CropBox((-0.5, -0.5, -0.5), (i - 0.5, j - 0.5, k - 0.5))


def with_face(box: CropBox, grid: Grid, axis: int, high: bool, at: float) -> CropBox:
    """A box with one of its faces elsewhere, in voxels along `axis`; it stays inside and keeps some voxels."""
    low, top = list(box.low), list(box.high)
    if high:
        top[axis] = min(max(at, low[axis] + SMALLEST_BOX), grid.size[axis] - 0.5)
    else:
        low[axis] = max(min(at, top[axis] - SMALLEST_BOX), -0.5)
    return CropBox((low[0], low[1], low[2]), (top[0], top[1], top[2]))


def move_face(case: Case, number: int, axis: int, high: bool, at: float, goes_on: bool) -> None:
    """Put a face of the crop box of a tile elsewhere; without a box the whole volume has one."""
    display_set = case.view(number).display_set
    grid = display_set.lattice if display_set is not None else None
    if grid is not None:
        cut(
            case,
            number,
            lambda now: replace(now, crop=with_face(now.crop or whole_box(grid), grid, axis, high, at)),
            goes_on,
        )


def toggle_box(case: Case, number: int) -> None:
    """Draw the crop box and its handles, or put them away; what it cuts stays cut."""
    volume.change(case, number, lambda scene: replace(scene, box=not scene.box))


def toggle_plane(case: Case, number: int) -> None:
    """Cut away what lies before a plane that faces the eye through the crosshair, or bring it back."""
    view = case.view(number)
    scene = view.tile.scene
    if scene is None:
        return
    plane = ClipPlane(view.crosshair_lps or scene.camera.focus_lps, scene.camera.towards)
    cut(case, number, lambda now: replace(now, plane=plane if now.plane is None else None))


def move_plane(case: Case, number: int, by_mm: float, goes_on: bool) -> None:
    """Move the clip plane along its normal."""

    def moved(now: Cutting) -> Cutting:
        if now.plane is None:
            return now
        point = np.asarray(now.plane.point_lps) + np.asarray(now.plane.normal) * by_mm
        return replace(now, plane=replace(now.plane, point_lps=vec(point)))

    cut(case, number, moved, goes_on)


def tip_plane(case: Case, number: int, normal: Vec3, goes_on: bool) -> None:
    """Turn the clip plane about its point."""
    cut(
        case,
        number,
        lambda now: now if now.plane is None else replace(now, plane=replace(now.plane, normal=vec(unit(normal)))),
        goes_on,
    )


def uncut(case: Case, number: int) -> None:
    """Bring back all that was cut away; a step as any other."""
    cut(case, number, lambda now: Cutting())
