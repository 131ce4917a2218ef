"""What other objects say over a tile: contours of structures, segments, and lines of equal dose, in device pixels.

A plane along the contours shows those of the slab it lies in; another plane cuts the voxels that belong to the
structure by the rule of `findings.contours`. Only in the object's own frame of reference, or where that is laid on the
tile's (safety.md 13).
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.case.overlays import Overlay, levels_of
from workstation.case.state import TileView
from workstation.findings.contours import mask_of
from workstation.findings.segment import Segment
from workstation.findings.structures import SAME_DIRECTION, Slab, Structure
from workstation.imaging.alignment import moved
from workstation.imaging.dose import Dose, dose_on, isolines
from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Mask
from workstation.imaging.view import Plane, ScreenPlane
from workstation.paint.isodoses import Isodose, Legend
from workstation.paint.regions import Region
from workstation.picture.across import Seen, seen_from
from workstation.picture.segments import mask_loops

Loops = tuple[NDArray[np.float64], ...]

FINEST_PX: Final = 2
COARSEST_PX: Final = 6
"""Distance of the samples between which lines of equal dose are drawn, device pixels."""


def of_tile(view: TileView) -> tuple[Overlay, ...]:
    """What there is in the frame of reference of the image on a tile, or laid on it."""
    if view.display_set is None or not view.display_set.in_patient(view.image):
        return ()
    return view.overlays.of_frame(view.display_set.first.FrameOfReferenceUID, view.alignment)


@dataclass(frozen=True, eq=False)
class DrawnOver:
    """What other objects draw over a tile; `facts` are plain JSON values."""

    regions: tuple[Region, ...] = ()
    isodoses: tuple[Isodose, ...] = ()
    legend: Legend = field(default_factory=Legend)
    facts: list[dict[str, Any]] = field(default_factory=list)


def drawn_over(view: TileView, screen: ScreenPlane, bare: bool = False) -> DrawnOver:
    """All that is shown; nothing on a `bare` picture."""
    if bare or not any(each.shown for each in view.overlays.there):
        return DrawnOver()
    regions, lines = overlay_regions(view, screen), isodoses(view, screen)
    return DrawnOver(regions, lines, legend(view, regions, lines), facts_of(view, regions, lines))


def overlay_regions(view: TileView, screen: ScreenPlane) -> tuple[Region, ...]:
    """The structures and segments that are shown on a tile, ready to be painted."""
    found = []
    for each in of_tile(view):
        seen = seen_from(view, screen, each.frame_of_reference_uid) if each.shown else None
        if seen is None or isinstance(each.what, Dose):
            continue
        if isinstance(each.what, Segment):
            loops = mask_loops(each.what.mask, seen.plane, seen.screen)
        else:
            loops = _structure_loops(each.what, view, seen)
        if loops:
            found.append(Region(each.uid, loops, each.colour, each.opacity))
    return tuple(found)


def isodoses(view: TileView, screen: ScreenPlane) -> tuple[Isodose, ...]:
    """The lines of the first dose that is shown on a tile."""
    for each in of_tile(view):
        if each.shown and isinstance(each.what, Dose):
            seen = seen_from(view, screen, each.frame_of_reference_uid)
            return _isodoses(each.what, seen.screen) if seen is not None else ()
    return ()


def _dose_shown(view: TileView) -> Dose | None:
    return next((each.what for each in of_tile(view) if each.shown and isinstance(each.what, Dose)), None)


def legend(view: TileView, regions: tuple[Region, ...], lines: tuple[Isodose, ...]) -> Legend:
    """The names of what is drawn over the active tile: structures and segments, then the lines there are."""
    if not view.active:
        return Legend()
    names = {each.uid: each.title for each in view.overlays.there}
    dose = _dose_shown(view)
    drawn = [(each.text, each.colour) for each in lines if len(each.stretches)]
    title = [(each, None) for each in _title(dose)] if dose is not None and drawn else []
    return Legend((*((names[each.uid], each.colour) for each in regions), *title, *drawn))


def notice(view: TileView) -> tuple[str, str] | None:
    """A chip and a sentence about what is there and hidden, or what the lines that are shown stand for."""
    there = of_tile(view)
    if not there:
        return None
    count = sum(not isinstance(each.what, Dose) for each in there)
    parts = [f"{count} structure{'s' if count > 1 else ''}"] if count else []
    parts += ["dose"] if any(isinstance(each.what, Dose) for each in there) else []
    words = " and ".join(parts)
    if any(each.shown for each in there):
        return None
    return f"{words} hidden", f"The study brings {words} for this image; the command Structures and dose shows them."


def facts_of(view: TileView, regions: tuple[Region, ...], lines: tuple[Isodose, ...]) -> list[dict[str, Any]]:
    """What is drawn over a tile, as plain JSON values; places in device pixels of the tile."""
    by_uid = {each.uid: each for each in view.overlays.there}
    found: list[dict[str, Any]] = [
        {
            "kind": by_uid[region.uid].kind,
            "name": by_uid[region.uid].name,
            "source": by_uid[region.uid].source,
            "colour": list(region.colour),
            "drawn": [round(each, 1) for each in region.bounds],
        }
        for region in regions
    ]
    drawn = (each for each in lines if len(each.stretches))
    return found + [{"kind": "isodose", "name": each.text, "colour": list(each.colour)} for each in drawn]


def _structure_loops(structure: Structure, view: TileView, seen: Seen) -> Loops:
    slabs = _slabs(structure, view.grid.spacing[2])
    normal = np.asarray(seen.plane.normal)
    if slabs and all(abs(float(normal @ np.asarray(each.normal))) >= SAME_DIRECTION for each in slabs):
        slab = _slab_at(slabs, seen.plane)
        return _on_screen(slab, seen.screen) if slab else ()
    grid = view.display_set.grid if view.display_set else None
    if grid is None:
        return ()
    there = grid if seen.is_own else moved(grid, seen.laid.turned.matrix)
    return mask_loops(_mask(structure, there), seen.plane, seen.screen)


@lru_cache(maxsize=512)
def _slabs(structure: Structure, step_mm: float) -> tuple[Slab, ...]:
    return structure.slabs(step_mm)


@lru_cache(maxsize=256)
def _mask(structure: Structure, grid: Grid) -> Mask:
    return mask_of(structure, grid)


def _slab_at(slabs: tuple[Slab, ...], plane: Plane) -> Slab | None:
    """The slab that a plane along the contours lies in."""
    for slab in slabs:
        at = float(np.dot(slab.normal, plane.center_lps))
        if slab.low_mm - 1e-6 <= at < slab.high_mm - 1e-6:
            return slab
    return None


def _on_screen(slab: Slab, screen: ScreenPlane) -> Loops:
    loops = tuple(screen.pixels(each)[:, :2] + 0.5 for each in slab.contours)
    points = np.concatenate(loops)
    low, high = points.min(axis=0), points.max(axis=0)
    if (high < 0).any() or low[0] > screen.width or low[1] > screen.height:
        return ()
    return loops


def _title(dose: Dose) -> tuple[str, str]:
    whole = dose.prescribed or dose.max
    said = "prescribed" if dose.prescribed else "the largest"
    return f"Dose ({dose.summation.lower() or 'of no said kind'})", f"100 % = {whole:.4g} {dose.unit}, {said}"


@lru_cache(maxsize=32)
def _isodoses(dose: Dose, screen: ScreenPlane) -> tuple[Isodose, ...]:
    spacing_px = min(dose.grid.spacing) * screen.px_per_mm
    step = int(min(max(spacing_px / 2, FINEST_PX), COARSEST_PX))
    width, height = -(-screen.width // step) + 1, -(-screen.height // step) + 1
    right, down = np.asarray(screen.step_right) * step, np.asarray(screen.step_down) * step
    values = dose_on(dose, np.asarray(screen.origin_lps), right, down, width, height)
    return tuple(
        Isodose(
            isolines(values, level.dose) * step + 0.5,
            level.colour,
            f"{level.dose:.4g} {dose.unit}  {level.percent:g} %",
        )
        for level in levels_of(dose)
    )
