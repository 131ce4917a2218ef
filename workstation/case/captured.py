"""A tile captured for painting: what its picture needs of the case, in one value (`TileView`).

Made at every movement of the hand, so each is made in one piece.
"""

from typing import TYPE_CHECKING

from workstation.case.layered import layer_views
from workstation.case.registering import landmarks_shown
from workstation.case.tied import tied
from workstation.case.tile import Beside, Tile, TileView
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.oblique import Triad
from workstation.imaging.together import laid_on, same_patient
from workstation.imaging.view import Orientation, are_parallel

if TYPE_CHECKING:
    from workstation.case.state import Case


def captured(case: "Case", number: int) -> TileView:
    """A tile with all that it has to do with the others."""
    tile = case.tiles[number]
    display_set = _set_of(case, tile)
    crossing = bool(tile.orientation) and _planes_beside(case, tile) > 1
    pointed = tile.turning is not None and _is_beside_others(case, number)
    group = case.group(number)
    return TileView(
        number,
        tile,
        display_set,
        crosshair_lps=case.crosshair(display_set) if display_set else None,
        active=number == case.active,
        linked=crossing or pointed or _follows_crosshair(case, tile) or len(group) > 1,
        crossed=(crossing or pointed) and case.crosshair_lines,
        pointer=looking(case, case.active) if may_point_at(case, number) else None,
        ends=case.reference_ends and may_point_at(case, number),
        group=group if len(group) > 1 else (),
        shares=tuple(sorted(case.shared(number))) if len(group) > 1 else (),
        worded=case.worded,
        audience=case.audience,
        patients=len(case.patients),
        marks=case.marks.shown,
        overlays=case.overlays.captured,
        why_empty="" if display_set else case.why_empty(number),
        coming=_coming(case, display_set),
        triad=_triad(case, tile),
        beside=beside(case, number) if crossing else (),
        coarse=number in case.in_motion and (tile.slab.is_thick or tile.scene is not None),
        layers=layer_views(case, tile) if tile.layers and tile.turning is None else (),
        alignment=case.alignment,
        beside_frames=_beside_frames(case, display_set),
        landmarks=landmarks_shown(case) if case.registering.landmarks else (),
        compared=_compared(case, tile, display_set),
        tied=tied(case, looking(case, number), looking),
    )


def _compared(case: "Case", tile: Tile, display_set: DisplaySet | None) -> tuple[DisplaySet, ...]:
    """PETs of other examinations of one patient that hang beside a PET, each as an image or laid over one."""
    own = (case.sets.get(each.display_set) for each in tile.layers) if tile.turning is None else ()
    if display_set is None or not any(each is not None and each.first.pet is not None for each in (display_set, *own)):
        return ()
    keys = (key for number in case.shown for key in _keys(case.tiles[number]))
    shown = (case.sets.get(key) for key in keys)
    others = (
        each
        for each in shown
        if each is not None
        and each.first.pet is not None
        and each.study_instance_uid != display_set.study_instance_uid
        and same_patient(each, display_set)
    )
    return tuple({each.key: each for each in others}.values())


def _keys(tile: Tile) -> tuple[str, ...]:
    """The sets a tile shows, its layers among them."""
    return (tile.display_set or "", *(each.display_set for each in tile.layers))


def looking(case: "Case", number: int) -> TileView:
    """Where a tile looks, without what it has to do with the others: for lines and for reckoning."""
    tile = case.tiles[number]
    display_set = _set_of(case, tile)
    crosshair = case.crosshair(display_set) if display_set else None
    return TileView(number, tile, display_set, crosshair, number == case.active, False, triad=_triad(case, tile))


def may_point_at(case: "Case", number: int) -> bool:
    """Whether the active tile's image may be seen as a line in another tile: where it is known how their frames of
    reference lie on each other (safety.md 13)."""
    if not case.reference_lines or number == case.active or case.active >= len(case.tiles):
        return False
    tiles = case.tiles[case.active], case.tiles[number]
    if any(each.scene is not None or each.turning is not None for each in tiles):
        return False
    own, other = (_set_of(case, each) for each in tiles)
    return own is not None and other is not None and laid_on(own, other, case.alignment) is not None


def crossed_by_active(case: "Case") -> frozenset[int]:
    """The tiles on screen in which the active one's image may be a line."""
    compared = [number for number in case.shown if may_point_at(case, number)]
    own = case.space_of(case.tiles[case.active]) if compared else None
    pointing = looking(case, case.active).plane if compared else None
    return frozenset(
        each
        for each in compared
        if pointing
        and not (case.space_of(case.tiles[each]) == own and are_parallel(looking(case, each).plane, pointing))
    )


def beside(case: "Case", number: int) -> tuple[Beside, ...]:
    """The planes on screen that share a tile's crosshair and look another way, one of each; its own set's first."""
    tile = case.tiles[number]
    space = case.space_of(tile)
    others = [(n, case.tiles[n]) for n in case.shown if case.tiles[n].orientation not in (None, tile.orientation)]
    found: dict[Orientation, Beside] = {}
    for n, other in sorted(others, key=lambda each: each[1].display_set != tile.display_set):
        if other.orientation is not None and case.space_of(other) == space:
            found.setdefault(other.orientation, Beside(n, other.orientation, other.slab))
    return tuple(found.values())


def _beside_frames(case: "Case", display_set: DisplaySet | None) -> tuple[str, ...]:
    if display_set is None:
        return ()
    shown = (_set_of(case, case.tiles[each]) for each in case.shown)
    frames = {e.first.FrameOfReferenceUID for e in shown if e is not None and same_patient(e, display_set)}
    return tuple(sorted(frames - {display_set.first.FrameOfReferenceUID, ""}))


def _set_of(case: "Case", tile: Tile) -> DisplaySet | None:
    return case.sets[tile.display_set] if tile.display_set else None


def _triad(case: "Case", tile: Tile) -> Triad | None:
    space = case.space_of(tile)
    return case.triads.get(space) if space is not None else None


def _coming(case: "Case", display_set: DisplaySet | None) -> str:
    if display_set is None or not case.arriving:
        return ""
    return ", ".join(each for each in case.how_much(display_set) if each)


def _follows_crosshair(case: "Case", tile: Tile) -> bool:
    """Whether a tile moves when another does, since they look into one space of which there is a plane."""
    space = case.space_of(tile)
    shown = [case.tiles[each] for each in case.shown if case.tiles[each].display_set]
    together = [each for each in shown if case.space_of(each) == space and case.sets[each.display_set or ""].lattice]
    return tile in together and len(together) > 1 and any(each.orientation for each in together)


def _is_beside_others(case: "Case", number: int) -> bool:
    """Whether what turns is seen beside images of its space: its crosshair says where they are."""
    space = case.space_of(case.tiles[number])
    others = (case.tiles[each] for each in case.shown if each != number)
    return any(each.turning is None and each.scene is None and case.space_of(each) == space for each in others)


def _planes_beside(case: "Case", tile: Tile) -> int:
    """How many tiles are planes of the space of one, itself counted: they have one crosshair."""
    space = case.space_of(tile)
    return sum(bool(each.orientation) and case.space_of(each) == space for each in case.tiles)
