"""Series of equal geometry one after the other in the same tile, at the same place, each in its own window.

Arterial, portal and delayed; soft and bone; DWI, ADC and FLAIR; corrected and not. What is at the middle of the tile
stays there at the same scale, also where fields of view differ.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workstation.case.state import Case, TileView
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Vec3
from workstation.imaging.together import along, canonical, nearest, positions_mm, same_axes, share_frame
from workstation.imaging.turning import why_not
from workstation.imaging.view import Display, Framing, Plane, image_plane, on_screen


def candidates(case: Case, number: int) -> tuple[str, ...]:
    """The keys of the sets that can be seen at the place of a tile, its own among them, in the order of the study."""
    view = case.view(number)
    own = view.display_set
    if own is None or own.centers_lps is None:
        return ()
    return tuple(key for key, other in case.sets.items() if other is own or _is_alike(view, own, other))


def _is_alike(view: TileView, own: DisplaySet, other: DisplaySet) -> bool:
    """Whether another set shows what a tile shows: frame of reference, axes and, within half a slice, the place."""
    one_kind = other.study_instance_uid == own.study_instance_uid and other.first.Modality == own.first.Modality
    if not (one_kind and share_frame(own, other)) or other.centers_lps is None:
        return False
    if not same_axes(_plane_of(own), _plane_of(other)):
        return False
    if view.tile.turning is not None:
        return not why_not(other)
    if view.tile.orientation is not None:
        return other.lattice is not None and other.lattice.contains(view.crosshair_lps or view.plane.center_lps)
    direction = canonical(view.plane.normal)
    positions = positions_mm(other, direction)
    assert positions is not None  # noqa: S101  asked for before
    away = abs(positions[nearest(positions, _place(view, direction))] - _place(view, direction))
    return bool(away <= _half_step_mm(other, positions))


def _plane_of(display_set: DisplaySet) -> Plane:
    return image_plane(display_set.image_grid(0))


def _place(view: TileView, direction: Vec3) -> float:
    return along(direction, view.plane.center_lps)


def _half_step_mm(display_set: DisplaySet, positions: NDArray[np.float64]) -> float:
    """Half the distance of neighbouring slices, and a little for rounding."""
    steps = np.abs(np.diff(positions))
    thickness = display_set.first.frames[0].SliceThickness or 0.0
    return max(float(np.median(steps)) if steps.size else 0.0, thickness) / 2 + 0.01


def cycle(case: Case, number: int, step: int) -> bool:
    """Show the next series of the same place in a tile; False where there is none."""
    keys, shown = candidates(case, number), case.tiles[number].display_set
    if len(keys) < 2 or shown not in keys:
        return False
    show_in_place(case, number, keys[(keys.index(shown) + step) % len(keys)])
    return True


def show_in_place(case: Case, number: int, key: str) -> None:
    """Show another series of the same geometry in a tile, at its place, scale and in the window it had here before."""
    view, other = case.view(number), case.sets[key]
    tile = view.tile
    case.playing.pop(number, None)
    case.displays[number, tile.display_set or ""] = tile.display
    display = case.displays.get((number, key), Display(interpolation=tile.display.interpolation))
    image = min(tile.image, len(other.images) - 1)
    if tile.is_stack:
        direction = canonical(view.plane.normal)
        positions = positions_mm(other, direction)
        image = nearest(positions, _place(view, direction)) if positions is not None else 0
    layers = tuple(each for each in tile.layers if each.display_set != key)
    case.tiles[number] = replace(tile, display_set=key, image=image, display=display, layers=layers)
    framing = kept_in_place(view.plane, case.view(number).plane, tile.framing)
    case.put(number, replace(case.tiles[number], framing=framing))


def kept_in_place(before: Plane, after: Plane, framing: Framing) -> Framing:
    """The framing that shows another plane at the same scale with the same place in the middle of the tile."""
    right, down = on_screen(after, framing)
    moved = [b - a for a, b in zip(before.center_lps, after.center_lps, strict=True)]
    framing = framing.panned(*(sum(a * b for a, b in zip(axis, moved, strict=True)) for axis in (right, down)))
    if framing.one_to_one:
        return replace(framing, one_to_one=False, px_per_mm=1.0 / min(before.pixel_mm))
    if framing.px_per_mm is not None:
        return framing
    return replace(framing, area_mm=framing.area_mm or before.size_mm)


def peek_begin(case: Case) -> bool:
    """Show the next series of the same place in the active tile for as long as a key is held; False without one."""
    if case.peeking is not None:
        return False
    number, key = case.active, case.tiles[case.active].display_set
    if key is None or not cycle(case, number, 1):
        return False
    case.peeking = (number, key)
    return True


def peek_end(case: Case, keep: bool = False) -> None:
    """The key was let go: back to the series that was there, at the place reached meanwhile; or stay (`keep`)."""
    peeked, case.peeking = case.peeking, None
    if peeked is None or keep or peeked[0] >= len(case.tiles):
        return
    if peeked[1] in candidates(case, peeked[0]):
        show_in_place(case, *peeked)
