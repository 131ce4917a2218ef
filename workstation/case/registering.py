"""The reader registers: which set is laid on which, steps that can be taken back, landmarks, nudges, acceptance.

All of it replaces the alignment of the case (`case.aligning`). Matrices take the moving frame to the fixed one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from workstation import __version__
from workstation.case.aligning import align
from workstation.errors import HounsfieldError
from workstation.imaging.alignment import Alignment, Laid, Quality, Registration, inverse, new_uid, pair
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Matrix, Vec3, vec
from workstation.imaging.registration_by_hand import LEAST, Fitted, fitted, rotated, translated
from workstation.imaging.together import same_patient
from workstation.imaging.view import on_screen

if TYPE_CHECKING:
    from workstation.case.state import Case

BY_HAND: Final = f"by hand (Hounsfield {__version__})"
BY_LANDMARKS: Final = f"landmarks (Hounsfield {__version__})"
MOVED: Final = ", moved by hand"

NUDGE_MM: Final = 1.0
NUDGE_DEG: Final = 0.5

GOOD_RMS_MM, POOR_RMS_MM = 2.0, 5.0
"""What is left of landmarks on the average below which a fit is good, and from which it is poor."""

NO_PAIR: Final = "There are no two series of one patient in different frames of reference on screen."
NOTHING: Final = "These two are not registered yet."


@dataclass(frozen=True)
class Landmark:
    """One place in both frames, LPS mm; None where it was not clicked yet."""

    fixed: Vec3 | None = None
    moving: Vec3 | None = None

    @property
    def is_pair(self) -> bool:
        return self.fixed is not None and self.moving is not None


@dataclass(frozen=True)
class Sides:
    """What is laid on what."""

    fixed: DisplaySet
    moving: DisplaySet

    @property
    def frames(self) -> tuple[str, str]:
        return self.fixed.first.FrameOfReferenceUID, self.moving.first.FrameOfReferenceUID


class Registering:
    """Of one case. `chosen` are the keys of the fixed and the moving set where the reader named them."""

    def __init__(self) -> None:
        self.chosen: tuple[str, str] | None = None
        self.before: list[Alignment] = []
        """What undo brings back, the last one at the end."""
        self.found: dict[tuple[str, str], Registration] = {}
        """By frames, what an algorithm, landmarks or a document said last: what reset brings back."""
        self.saved: frozenset[str] = frozenset()
        """UIDs of the registrations that documents say."""
        self.landmarks: tuple[Landmark, ...] = ()
        self.by_mouse = False
        """Whether a drag in a tile moves what is registered."""
        self.placing = False
        """Whether a click in a tile places a landmark."""


def could_be(case: "Case") -> tuple[DisplaySet, ...]:
    """The sets that can be laid on each other: volumes in a frame of reference."""
    return tuple(each for each in case.sets.values() if each.lattice is not None and each.first.FrameOfReferenceUID)


def fits(one: DisplaySet, other: DisplaySet) -> bool:
    """Whether two sets can be registered: of one patient, in different frames."""
    return one.first.FrameOfReferenceUID != other.first.FrameOfReferenceUID and same_patient(one, other)


def sides(case: "Case") -> Sides | None:
    """What would be laid on what now: what the reader chose, else what lies over the active tile, hangs beside it, or
    is there. A prior is laid on what is read.
    """
    volumes = {each.key: each for each in could_be(case)}
    chosen = case.registering.chosen
    if chosen is not None and chosen[0] in volumes and chosen[1] in volumes:
        return Sides(volumes[chosen[0]], volumes[chosen[1]])
    tile = case.tiles[case.active] if case.tiles else None
    own = volumes.get(tile.display_set or "") if tile is not None else None
    if tile is None or own is None:
        return None
    keys = [each.display_set for each in tile.layers]
    keys += [key for number in case.shown if (key := case.tiles[number].display_set)]
    others = [volumes[key] for key in keys if key in volumes]
    others += sorted(volumes.values(), key=lambda each: each.first.Modality != own.first.Modality)
    other = next((each for each in others if fits(own, each)), None)
    if other is None:
        return None
    return Sides(other, own) if _is_prior(case, own) and not _is_prior(case, other) else Sides(own, other)


def _is_prior(case: "Case", display_set: DisplaySet) -> bool:
    return case.first is not None and display_set.study_instance_uid != case.first.StudyInstanceUID


def choose(case: "Case", fixed: str, moving: str) -> None:
    """Name what is laid on what, by keys of sets. Raises HounsfieldError where the two cannot be."""
    if not fits(case.sets[fixed], case.sets[moving]):
        raise HounsfieldError("These two share a frame of reference, or are of two patients.")
    if case.registering.chosen != (fixed, moving):
        case.registering.chosen = (fixed, moving)
        case.registering.landmarks = ()
        case.emit_changed(case.shown)


def in_force(case: "Case") -> Registration | None:
    """The registration of what is laid on what, whichever of the two was the fixed one when it was made."""
    found = sides(case)
    return case.alignment.registration(*found.frames) if found is not None else None


def why_no_pair(case: "Case") -> str:
    return "" if sides(case) is not None else NO_PAIR


def why_not_registered(case: "Case") -> str:
    return why_no_pair(case) or ("" if in_force(case) is not None else NOTHING)


def why_not_accepted(case: "Case") -> str:
    """Why nothing can be accepted."""
    found = in_force(case)
    return why_not_registered(case) or ("It is accepted already." if found is not None and found.accepted else "")


# ------------------------------------------------------------------------------ steps


def step(case: "Case", alignment: Alignment) -> None:
    """Another alignment, as a step that can be taken back."""
    case.registering.before.append(case.alignment)
    align(case, alignment)


def undo(case: "Case") -> None:
    if case.registering.before:
        align(case, case.registering.before.pop())


def why_no_undo(case: "Case") -> str:
    return "" if case.registering.before else "Nothing was registered or moved yet."


def found(case: "Case", registration: Registration) -> None:
    """What an algorithm, landmarks or a document says is in force from now on; reset comes back to it."""
    case.registering.found[registration.pair] = registration
    shown = case.alignment.show_anyway(registration.fixed, registration.moving, False)
    step(case, shown.put(registration))


def preview(case: "Case", registration: Registration) -> None:
    """What an algorithm has found so far: no step."""
    align(case, case.alignment.put(registration))


def reset(case: "Case") -> None:
    """Back to what was found before it was moved by hand; where it was only moved, back to nothing."""
    registration = in_force(case)
    if registration is None:
        return
    kept = tuple(each for each in case.alignment.registrations if each.pair != registration.pair)
    before = case.registering.found.get(registration.pair)
    step(case, replace(case.alignment, registrations=(*kept, before) if before is not None else kept))


def why_no_reset(case: "Case") -> str:
    registration = in_force(case)
    if registration is None:
        return why_not_registered(case)
    before = case.registering.found.get(registration.pair)
    return "Nothing was moved by hand." if before is not None and before.uid == registration.uid else ""


def accept(case: "Case") -> None:
    """The reader says that it is right. What a document says stays another one, so that both can be told apart."""
    registration = in_force(case)
    if registration is not None and not registration.accepted:
        uid = new_uid() if registration.uid in case.registering.saved or "/" in registration.uid else registration.uid
        accepted = replace(registration, accepted=True, uid=uid)
        if case.registering.found.get(registration.pair) is registration:
            case.registering.found[registration.pair] = accepted
        step(case, case.alignment.put(accepted))


def reject(case: "Case") -> None:
    """Nothing lays these two on each other any more."""
    registration = in_force(case)
    if registration is not None:
        case.registering.found.pop(registration.pair, None)
        kept = tuple(each for each in case.alignment.registrations if each.pair != registration.pair)
        step(case, replace(case.alignment, registrations=kept))


def show_anyway(case: "Case") -> None:
    """Lay the two on each other as their coordinates are, or no longer."""
    if (there := sides(case)) is not None:
        shown = pair(*there.frames) in case.alignment.shown_anyway
        align(case, case.alignment.show_anyway(*there.frames, not shown))


# ---------------------------------------------------------------------------- by hand


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


def _moved(case: "Case", change: Callable[[Matrix], Matrix]) -> None:
    there = sides(case)
    if there is None:
        return
    registration = case.alignment.registration(*there.frames)
    anyway = pair(*there.frames) in case.alignment.shown_anyway
    begun = registration if registration is not None and not anyway else start_by_hand(case, there)
    alignment = case.alignment.show_anyway(*there.frames, False)
    step(case, alignment.put(moved_by(begun, there.frames[0], change)))


def _laid_now(case: "Case", there: Sides) -> Laid | None:
    return case.alignment.between(*there.frames)


def _screen_axes(case: "Case") -> tuple[Vec3, Vec3, Vec3] | None:
    """The directions to the right, down and into the screen of the active tile, in the fixed frame."""
    there, view = sides(case), case.view(case.active)
    if there is None or view.display_set is None or not view.display_set.in_patient(view.image):
        return None
    right, down = on_screen(view.plane, view.tile.framing)
    if case.space_of(view.tile) == there.frames[1] and (laid := _laid_now(case, there)) is not None:
        turned = laid.matrix[:3, :3]
        right, down = (vec(turned @ np.asarray(each)) for each in (right, down))
    into = vec(np.cross(right, down))
    return right, down, into


def middle_in_fixed(case: "Case") -> Vec3:
    """Where the active tile looks, in the fixed frame."""
    view, there = case.view(case.active), sides(case)
    point = view.crosshair_lps if case.crosshair_is_shown() and view.crosshair_lps else view.plane.center_lps
    if there is not None and case.space_of(view.tile) == there.frames[1]:
        laid = _laid_now(case, there)
        return laid.point_to_fixed(point) if laid is not None else point
    return point


# -------------------------------------------------------------------------- landmarks


def place_landmark(case: "Case", frame: str, point: Vec3) -> None:
    """A click on a place in a frame of reference: the other half of the last pair, or a new one.

    Where one tile shows both, the first click is on the fixed images and the second on the moving ones.
    """
    there = sides(case)
    if there is None or frame not in there.frames:
        return
    marks = case.registering.landmarks
    last = marks[-1] if marks and not marks[-1].is_pair else Landmark()
    kept = marks[:-1] if marks and not marks[-1].is_pair else marks
    side: Literal["fixed", "moving"] = "fixed" if frame == there.frames[0] else "moving"
    if side == "fixed" and last.fixed is not None and (laid := _laid_now(case, there)) is not None:
        side, point = "moving", laid.point_to_moving(point)
    changed = replace(last, fixed=point) if side == "fixed" else replace(last, moving=point)
    case.registering.landmarks = (*kept, changed)
    case.emit_changed(case.shown)


def remove_landmark(case: "Case", index: int = -1) -> None:
    marks = list(case.registering.landmarks)
    if marks:
        del marks[index]
        case.registering.landmarks = tuple(marks)
        case.emit_changed(case.shown)


def pairs(case: "Case") -> tuple[Landmark, ...]:
    return tuple(each for each in case.registering.landmarks if each.is_pair)


def solved(case: "Case", kind: Literal["rigid", "affine"]) -> Fitted:
    """The fit of the pairs there are. Raises HounsfieldError as `fitted` does."""
    there = [each for each in pairs(case) if each.fixed is not None and each.moving is not None]
    fixed, moving = ([getattr(each, side) for each in there] for side in ("fixed", "moving"))
    return fitted(fixed, moving, kind)


def why_not_solved(case: "Case") -> str:
    try:
        solved(case, "rigid")
    except HounsfieldError as error:
        return error.sentence
    return why_no_pair(case)


def solve(case: "Case", kind: Literal["rigid", "affine"] = "rigid") -> Fitted:
    """Lay the two on each other by their landmarks. Raises HounsfieldError as `fitted` does."""
    there = sides(case)
    if there is None:
        raise HounsfieldError(NO_PAIR)
    fit = solved(case, kind)
    spare = len(fit.residuals_mm) > LEAST[kind]
    word: Literal["good", "check", "poor"] = "check"
    if fit.rms_mm >= POOR_RMS_MM:
        word = "poor"
    elif spare and fit.rms_mm < GOOD_RMS_MM:
        word = "good"
    numbers = {"landmarks": float(len(fit.residuals_mm)), "rms mm": fit.rms_mm, "most mm": max(fit.residuals_mm)}
    sources = (there.fixed.series_instance_uid, there.moving.series_instance_uid)
    made = Registration(
        new_uid(),
        *there.frames,
        fit.matrix,
        kind,
        quality=Quality(word, numbers),
        made_by=BY_LANDMARKS,
        sources=sources,
    )
    found(case, made)
    return fit


def residuals_mm(case: "Case") -> tuple[float | None, ...]:
    """How far the two halves of each landmark lie from each other now; None where one is missing or nothing is laid."""
    there = sides(case)
    laid = _laid_now(case, there) if there is not None else None
    told: list[float | None] = []
    for each in case.registering.landmarks:
        if laid is None or each.fixed is None or each.moving is None:
            told.append(None)
        else:
            told.append(float(np.linalg.norm(np.subtract(laid.point_to_fixed(each.moving), each.fixed))))
    return tuple(told)
