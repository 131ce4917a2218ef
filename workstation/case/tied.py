"""How a tile hangs together with one of another frame of reference: what must be said where nothing else tells that
places in the two are not the same (safety.md 13)."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from workstation.case.tile import Share, Tied, Tile, TileView
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.together import along, canonical, laid_on, look_alike, same_patient

if TYPE_CHECKING:
    from workstation.case.state import Case


def tied(case: "Case", view: TileView, looking: Callable[["Case", int], TileView]) -> Tied | None:
    """How a volume hangs together with what is read beside it in another frame: a prior with the current study, any
    with what it is linked with; None where there is nothing of the kind. `looking` is where another tile looks."""
    tile, display_set = view.tile, view.display_set
    if display_set is None or not _is_volume(tile, display_set):
        return None
    others = [number for number in case.shown if _is_beside(case, view, number)]
    current = [number for number in others if not case.tiles[number].prior]
    linked = frozenset(case.group(view.number) if Share.SCROLL in case.shared(view.number) else ())
    others = [number for number in (current or others if tile.prior else current) if tile.prior or number in linked]
    if not others:
        return None
    others.sort(key=lambda number: number not in linked)
    laid = laid_on(display_set, _set_of(case, others[0]), case.alignment)
    together = others[0] in linked
    if laid is not None or not together:
        return Tied(laid.standing if laid is not None else None, together)
    return Tied(None, together, _offset(view, (looking(case, each) for each in others if each in linked)))


def _is_volume(tile: Tile, display_set: DisplaySet) -> bool:
    return display_set.lattice is not None and bool(display_set.first.FrameOfReferenceUID) and tile.scene is None


def _is_beside(case: "Case", view: TileView, number: int) -> bool:
    tile = case.tiles[number]
    if view.display_set is None or tile.display_set is None or number == view.number:
        return False
    other, own = _set_of(case, number), view.display_set
    apart = other.first.FrameOfReferenceUID != own.first.FrameOfReferenceUID
    return apart and _is_volume(tile, other) and same_patient(own, other)


def _set_of(case: "Case", number: int) -> DisplaySet:
    return case.sets[case.tiles[number].display_set or ""]


def _offset(view: TileView, others: Iterable[TileView]) -> tuple[float, str] | None:
    """How far the tile's plane lies from that of one it follows, in mm, and to which side of the patient, by the
    coordinates of both. Where linking has not begun it is how far they stand apart now: so it will stay."""
    if view.tile.turning is not None:
        return None
    direction = canonical(view.plane.normal)
    other = next((each for each in others if each.tile.turning is None and look_alike(view.plane, each.plane)), None)
    if other is None:
        return None
    own, theirs = (each.tile.link.ahead_mm if each.tile.link else None for each in (view, other))
    by_mm = along(direction, view.plane.center_lps) - along(direction, other.plane.center_lps)
    if own is not None and theirs is not None:
        by_mm = own - theirs
    axis = max(range(3), key=lambda each: abs(direction[each]))
    return abs(by_mm), "LPH"[axis] if by_mm >= 0 else "RAF"[axis]
