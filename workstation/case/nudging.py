"""What is registered is moved by hand: pushed and turned as the screen of the active tile shows it.

Matrices take the moving frame to the fixed one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from workstation import __version__
from workstation.case.aligning import align
from workstation.case.registering import Sides, laid_now, sides
from workstation.imaging.alignment import Alignment, Registration, inverse, new_uid, pair
from workstation.imaging.geometry import Matrix, Vec3, vec
from workstation.imaging.registration_by_hand import rotated, translated
from workstation.imaging.view import on_screen

if TYPE_CHECKING:
    from workstation.case.state import Case

BY_HAND: Final = f"by hand (Hounsfield {__version__})"
MOVED: Final = ", moved by hand"
NUDGE_MM: Final = 1.0
NUDGE_DEG: Final = 0.5


def nudge(case: "Case", right_mm: float, down_mm: float, into_mm: float = 0.0) -> None:
    """Push the moving images to the right, down and into the screen of the active tile, mm."""
    axes = _screen_axes(case)
    if axes is not None:
        by = sum(
            (np.asarray(axis) * mm for axis, mm in zip(axes, (right_mm, down_mm, into_mm), strict=True)), np.zeros(3)
        )
        _moved(case, lambda matrix: translated(matrix, vec(by)))


def turn(case: "Case", degrees: float, about: Vec3 | None = None) -> None:
    """Turn the moving images clockwise on the screen of the active tile, about a point of the fixed frame (LPS, mm),
    else about the crosshair, or the middle of the tile.
    """
    axes = _screen_axes(case)
    if axes is not None:
        point = about or middle_in_fixed(case)
        _moved(case, lambda matrix: rotated(matrix, degrees, axes[2], point))


def start_by_hand(case: "Case", there: Sides) -> Registration:
    """What is moved where nothing is registered: the middles of the two on each other, or as their coordinates are
    where these are shown so."""
    matrix = np.eye(4)
    if pair(*there.frames) not in case.alignment.shown_anyway:
        fixed, moving = (each.lattice.center_lps for each in (there.fixed, there.moving) if each.lattice is not None)
        matrix[:3, 3] = np.subtract(fixed, moving)
    sources = (there.fixed.series_instance_uid, there.moving.series_instance_uid)
    return Registration(new_uid(), *there.frames, matrix, made_by=BY_HAND, sources=sources)


def moved_by(registration: Registration, fixed: str, change: Callable[[Matrix], Matrix]) -> Registration:
    """A registration moved by hand, the change being told in the frame `fixed`."""
    if registration.fixed == fixed:
        matrix = change(registration.matrix)
    else:
        matrix = inverse(change(inverse(registration.matrix)))
    made_by = registration.made_by
    told = made_by if made_by in (BY_HAND, "") or made_by.endswith(MOVED) else made_by + MOVED
    return replace(registration.with_matrix(matrix), made_by=told)


@dataclass(frozen=True, eq=False)
class Held:
    """What is moved, as it was when a hand took hold of it: a whole drag is one step."""

    alignment: Alignment
    sides: Sides
    begun: Registration

    def moved(self, case: "Case", change: Callable[[Matrix], Matrix]) -> None:
        """Lay it where the change takes the matrix (moving to fixed) that it had."""
        bare = self.alignment.show_anyway(*self.sides.frames, False)
        align(case, bare.put(moved_by(self.begun, self.sides.frames[0], change)))


def take_hold(case: "Case") -> Held | None:
    """Of what is laid on what; None where there is nothing."""
    there = sides(case)
    if there is None:
        return None
    registration = case.alignment.registration(*there.frames)
    anyway = pair(*there.frames) in case.alignment.shown_anyway
    begun = registration if registration is not None and not anyway else start_by_hand(case, there)
    return Held(case.alignment, there, begun)


def keep_before(case: "Case", held: Held) -> None:
    """What was before a drag can be brought back."""
    case.registering.before.append(held.alignment)


def _moved(case: "Case", change: Callable[[Matrix], Matrix]) -> None:
    held = None if case.registering.running else take_hold(case)
    if held is not None:
        keep_before(case, held)
        held.moved(case, change)


def _screen_axes(case: "Case") -> tuple[Vec3, Vec3, Vec3] | None:
    """The directions to the right, down and into the screen of the active tile, in the fixed frame."""
    there, view = sides(case), case.view(case.active)
    if there is None or view.display_set is None or not view.display_set.in_patient(view.image):
        return None
    right, down = on_screen(view.plane, view.tile.framing)
    if case.space_of(view.tile) == there.frames[1] and (laid := laid_now(case, there)) is not None:
        turned = laid.matrix[:3, :3]
        right, down = (vec(turned @ np.asarray(each)) for each in (right, down))
    into = vec(np.cross(right, down))
    return right, down, into


def middle_in_fixed(case: "Case") -> Vec3:
    """Where the active tile looks, in the fixed frame."""
    view, there = case.view(case.active), sides(case)
    point = view.crosshair_lps if case.crosshair_is_shown() and view.crosshair_lps else view.plane.center_lps
    if there is not None and case.space_of(view.tile) == there.frames[1]:
        laid = laid_now(case, there)
        return laid.point_to_fixed(point) if laid is not None else point
    return point
