"""How the frames of reference of a case lie on each other, and what follows when that changes (safety.md 13)."""

from typing import TYPE_CHECKING

from workstation.case import apart
from workstation.imaging.alignment import Alignment, Laid, Pair, own_frame, stored_frame
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Vec3
from workstation.imaging.together import laid_on, same_patient

if TYPE_CHECKING:
    from workstation.case.state import Case


def align(case: "Case", alignment: Alignment) -> None:
    """Lay the frames of a case on each other anew. The crosshair of the active tile stays where it was put, else that
    of another one; what is registered with it follows."""
    if alignment is case.alignment:
        return
    case.alignment = of_one_patient(case, alignment)
    apart.follow(case)
    order = sorted(case.shown, key=lambda number: number != case.active)
    shown = [case.tiles[number] for number in order if case.tiles[number].display_set]
    shown.sort(key=lambda tile: case.space_of(tile) not in case.crosshairs)
    first = case.sets[shown[0].display_set or ""] if shown else None
    point = case.crosshair(first) if first is not None and case.crosshair_is_shown() else None
    if first is not None and point is not None:
        case.place_crosshair(first, point)
    case.emit_changed(range(len(case.tiles)))


def of_one_patient(case: "Case", alignment: Alignment) -> Alignment:
    """Without what would lay one patient on another."""
    sets: dict[str, list[DisplaySet]] = {}
    for each in case.sets.values():
        frame = each.first.FrameOfReferenceUID
        for name in (stored_frame(frame), own_frame(frame, each.series_instance_uid)):
            sets.setdefault(name, []).append(each)

    def is_one(pair: Pair) -> bool:
        return all(same_patient(a, b) for a in sets.get(pair[0], ()) for b in sets.get(pair[1], ()))

    pairs = {each.pair for each in alignment.registrations} | alignment.shown_anyway
    others = {each for each in pairs if not is_one(each)}
    if not others:
        return alignment
    kept = tuple(each for each in alignment.registrations if each.pair not in others)
    return Alignment(kept, alignment.shown_anyway - others)


def laid_between(case: "Case", fixed: str | None, moving: str | None) -> Laid | None:
    """How one set lies on another, by their keys; None for an empty tile."""
    if not fixed or not moving:
        return None
    return laid_on(case.sets[fixed], case.sets[moving], case.alignment)


def crosshairs_at(case: "Case", display_set: DisplaySet, point_lps: Vec3) -> dict[str, Vec3]:
    """Where a point of a set lies in the spaces of the tiles that it is registered with, each within its voxels."""
    own, found = display_set.first.FrameOfReferenceUID, dict[str, Vec3]()
    if not case.alignment.registrations and not case.alignment.shown_anyway:
        return found
    for tile in case.tiles:
        other = case.sets[tile.display_set] if tile.display_set else None
        if other is None or other.lattice is None or other.first.FrameOfReferenceUID == own:
            continue
        laid = laid_on(other, display_set, case.alignment)
        if laid is not None and (space := other.first.FrameOfReferenceUID) not in found:
            found[space] = other.lattice.clamped(laid.point_to_fixed(point_lps))
    return found
