"""The reader registers: which set is laid on which, steps that can be taken back, acceptance.

All of it replaces the alignment of the case (`case.aligning`). Nudges are in `nudging`, landmarks in `landmarks`.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from workstation.case.aligning import align
from workstation.errors import HounsfieldError
from workstation.imaging.alignment import Alignment, Laid, Registration, is_own, new_uid, pair, stored_frame
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Vec3
from workstation.imaging.together import same_patient, share_frame

if TYPE_CHECKING:
    from workstation.case.state import Case

NEITHER: Final = "These two are one series, of two patients, or one of them was parted from another frame."
NO_PAIR: Final = "There are no two series of one patient in different frames of reference on screen."
RUNNING: Final = "It is being registered; stop that first."
NOT_SHOWN: Final = "The registration is not what is shown now; show it first."
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
        self.rejected: frozenset[str] = frozenset()
        """Those of them that the reader rejected: they are not laid again when the study is opened next."""
        self.running = ""
        """The uid of what an algorithm shows while it runs; nothing else moves meanwhile."""
        self.landmarks: tuple[Landmark, ...] = ()
        self.by_mouse = False
        """Whether a drag in a tile moves what is registered."""
        self.placing = False
        """Whether a click in a tile places a landmark."""


def could_be(case: "Case") -> tuple[DisplaySet, ...]:
    """The sets that can be laid on each other: volumes in a frame of reference."""
    return tuple(each for each in case.sets.values() if each.lattice is not None and each.first.FrameOfReferenceUID)


def fits(one: DisplaySet, other: DisplaySet) -> bool:
    """Whether two sets can be registered: of one patient, in different frames. What was parted from a frame lies on the
    rest of that one and on nothing else."""
    frames = one.first.FrameOfReferenceUID, other.first.FrameOfReferenceUID
    if any(map(is_own, frames)) and (all(map(is_own, frames)) or stored_frame(frames[0]) != stored_frame(frames[1])):
        return False
    return frames[0] != frames[1] and same_patient(one, other)


def shares(one: DisplaySet, other: DisplaySet) -> bool:
    """Whether two sets are two series of one frame, which can be parted."""
    return share_frame(one, other) and one.series_instance_uid != other.series_instance_uid


def sides(case: "Case") -> Sides | None:
    """What would be laid on what now: what the reader chose, else what lies over the active tile, hangs beside it, or
    is there. A prior is laid on what is read.
    """
    volumes = {each.key: each for each in could_be(case)}
    chosen = case.registering.chosen
    if chosen is not None and chosen[0] in volumes and chosen[1] in volumes:
        fixed, moving = volumes[chosen[0]], volumes[chosen[1]]
        return _sides(fixed, moving) if fits(fixed, moving) else None
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
    return _sides(other, own) if _is_prior(case, own) and not _is_prior(case, other) else _sides(own, other)


def _sides(fixed: DisplaySet, moving: DisplaySet) -> Sides:
    """What was parted is what moves."""
    return Sides(moving, fixed) if is_own(fixed.first.FrameOfReferenceUID) else Sides(fixed, moving)


def _is_prior(case: "Case", display_set: DisplaySet) -> bool:
    return case.first is not None and display_set.study_instance_uid != case.first.StudyInstanceUID


def choose(case: "Case", fixed: str, moving: str) -> None:
    """Name what is laid on what, or parted from it, by keys of sets. Raises HounsfieldError where neither can be."""
    if not fits(case.sets[fixed], case.sets[moving]) and not shares(case.sets[fixed], case.sets[moving]):
        raise HounsfieldError(NEITHER)
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


def why_not_moved(case: "Case") -> str:
    """Why nothing can be moved by hand, accepted or thrown away."""
    return RUNNING if case.registering.running else why_no_pair(case)


def why_not_registered(case: "Case") -> str:
    return why_not_moved(case) or ("" if in_force(case) is not None else NOTHING)


def why_not_accepted(case: "Case") -> str:
    """Why nothing can be accepted."""
    found = in_force(case)
    if why := why_not_registered(case):
        return why
    if found is None or found.accepted:
        return "It is accepted already."
    return NOT_SHOWN if found.pair in case.alignment.shown_anyway else ""


# ------------------------------------------------------------------------------ steps


def step(case: "Case", alignment: Alignment) -> None:
    """Another alignment, as a step that can be taken back."""
    case.registering.before.append(case.alignment)
    align(case, alignment)


def undo(case: "Case") -> None:
    if case.registering.before:
        align(case, case.registering.before.pop())
        case.registering.rejected -= {each.uid for each in case.alignment.registrations}


def why_no_undo(case: "Case") -> str:
    if case.registering.running:
        return RUNNING
    return "" if case.registering.before else "Nothing was registered or moved yet."


def found(case: "Case", registration: Registration) -> None:
    """What an algorithm, landmarks or a document says is in force from now on; reset comes back to it."""
    case.registering.found[registration.pair] = registration
    shown = case.alignment.show_anyway(registration.fixed, registration.moving, False)
    step(case, shown.put(registration))


def preview(case: "Case", registration: Registration) -> None:
    """What an algorithm has found so far: no step."""
    case.registering.running = registration.uid
    align(case, case.alignment.put(registration))


def preview_ended(case: "Case") -> None:
    """What an algorithm showed while it ran is laid no more."""
    running, case.registering.running = case.registering.running, ""
    align(case, case.alignment.without(running))


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
    """Nothing lays these two on each other any more, nor when the study is opened next."""
    registration = in_force(case)
    if registration is not None:
        case.registering.found.pop(registration.pair, None)
        kept = tuple(each for each in case.alignment.registrations if each.pair != registration.pair)
        gone = {each.uid for each in case.alignment.registrations} - {each.uid for each in kept}
        case.registering.rejected |= gone & case.registering.saved
        step(case, replace(case.alignment, registrations=kept))


def show_anyway(case: "Case") -> None:
    """Lay the two on each other as their coordinates are, or no longer."""
    if (there := sides(case)) is not None:
        shown = pair(*there.frames) in case.alignment.shown_anyway
        align(case, case.alignment.show_anyway(*there.frames, not shown))


def laid_now(case: "Case", there: Sides) -> Laid | None:
    """How the moving one lies on the fixed one now."""
    return case.alignment.between(*there.frames)


def landmarks_shown(case: "Case") -> tuple[tuple[str, str, Vec3], ...]:
    """The landmarks there are: number, frame of reference, and place (LPS, mm)."""
    there = sides(case)
    if there is None:
        return ()
    return tuple(
        (str(number), frame, point)
        for number, each in enumerate(case.registering.landmarks, start=1)
        for frame, point in zip(there.frames, (each.fixed, each.moving), strict=True)
        if point is not None
    )


def unsaved(case: "Case") -> tuple[Registration, ...]:
    """The registrations in force that no document says, and that nobody only previews."""
    pairs = dict.fromkeys(each.pair for each in case.alignment.registrations)
    found = (case.alignment.registration(*each) for each in pairs)
    own = (each for each in found if each is not None and each.uid != case.registering.running)
    return tuple(each for each in own if each.uid not in case.registering.saved)


def left_behind(case: "Case") -> str:
    """What becomes of registrations that no document says when a case is left; empty where there are none."""
    left = unsaved(case)
    told = []
    if any(each.field is None for each in left):
        told.append("Kept here, not saved for others: how two series are registered.")
    if any(each.field is not None for each in left):
        told.append("A deformable registration that was not saved is gone.")
    return " ".join(told)
