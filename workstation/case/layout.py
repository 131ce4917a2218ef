"""The reader's own layout over a stage: more and fewer tiles, tiles swapped, series put into tiles.

Tiles stay in reading order. One that has no place on screen waits, and comes back when there is room again. A swap of
series is kept over stages: where one of the two is planned, the other is shown (`Case.instead`).
"""

from dataclasses import replace
from typing import Final

from workstation.case.linking import join
from workstation.case.state import Case, OwnLayout, Tile
from workstation.hanging.hang import PlannedTile
from workstation.hanging.schema import TURNING

LARGEST: Final = 5
LAYOUTS: Final = ((1, 1), (1, 2), (2, 2), (2, 3), (3, 3), (4, 4), (5, 5))


def set_layout(case: Case, rows: int, columns: int) -> None:
    """Show `rows` x `columns` tiles, 1 to 5 each; new ones show the next series that no tile shows yet.

    The active tile stays on screen.
    """
    rows, columns = (min(max(each, 1), LARGEST) for each in (rows, columns))
    count = rows * columns
    _fill_up(case, count)
    numbers = list(range(count))
    if case.active not in numbers:
        numbers[-1] = case.active
    case.own_layout, case.maximised = OwnLayout(rows, columns, tuple(numbers)), None
    case.stage_changed.emit()


def _fill_up(case: Case, count: int) -> None:
    """Append tiles until there are `count`."""
    shown = {tile.display_set for tile in case.tiles}
    left = iter([key for key in _of_the_study(case) if key not in shown])
    while len(case.tiles) < count:
        key = next(left, None)
        case.tiles.append(case.stack_of(key) if key else Tile())


def _of_the_study(case: Case) -> list[str]:
    study = case.first.StudyInstanceUID if case.first else ""
    return [key for key, each in case.sets.items() if each.study_instance_uid == study]


def hang_as_planned(case: Case) -> None:
    """The stage as the plan has it: its layout, its series, its views, its planes; swaps are forgotten."""
    case.instead.clear()
    case.triads.clear()
    case.crosshairs.clear()
    case.hang_stage(case.stage)


def is_as_planned(case: Case) -> bool:
    """Whether neither layout nor series nor views of the stage were changed, but for the images of stacks."""
    planned = case.plan.stages[case.stage].tiles
    if case.own_layout is not None or case.instead or len(case.tiles) != len(planned):
        return False
    return all(_hangs_as(case, number, each) for number, each in enumerate(planned))


def _hangs_as(case: Case, number: int, planned: PlannedTile) -> bool:
    tile = case.tiles[number]
    same = (tile.display_set, tile.orientation) == (planned.display_set, planned.orientation)
    if (tile.turning is not None) is not (planned.plane == TURNING and planned.display_set is not None):
        return False
    if not same or planned.display_set is None:
        return same
    return tile == case.as_hung(number) and not planes_are_moved(case, number)


def planes_are_moved(case: Case, number: int) -> bool:
    """Whether a tile shows a plane that is turned, or whose crosshair is not where it hangs."""
    tile = case.tiles[number]
    if tile.orientation is None or tile.display_set is None:
        return False
    display_set = case.sets[tile.display_set]
    lattice, point, middle = display_set.lattice, case.crosshair(display_set), case.middle(display_set)
    moved = lattice is not None and middle is not None and point not in (middle, lattice.clamped(middle))
    return moved or case.space_of(tile) in case.triads


def swap(case: Case, one: int, other: int) -> None:
    """Let two tiles change places with all they show; the active one stays active where it went."""
    tiles = case.tiles
    _remember(case, tiles[one].display_set, tiles[other].display_set)
    places = {one: other, other: one}
    tiles[one], tiles[other] = tiles[other], tiles[one]
    case.playing = {places.get(number, number): playing for number, playing in case.playing.items()}
    case.displays = {(places.get(number, number), key): each for (number, key), each in case.displays.items()}
    if case.peeking is not None:
        number, key = case.peeking
        case.peeking = (places.get(number, number), key)
    case.active = places.get(case.active, case.active)
    case.stage_changed.emit()


def put_set(case: Case, number: int, key: str) -> None:
    """Show a display set as a stack in a tile by the reader's wish, which is kept over stages."""
    _remember(case, case.tiles[number].display_set, key)
    show_set(case, number, key)


def show_set(case: Case, number: int, key: str) -> None:
    """Show a display set as a stack in a tile, for now: at the crosshair, or where the tile's group is."""
    before = case.tiles[number]
    case.playing.pop(number, None)
    case.peeking = None
    case.tiles[number] = replace(case.stack_of(key), planned=before.planned)
    join(case, number, before)
    case.put(number, case.tiles[number])


def _remember(case: Case, was: str | None, now: str | None) -> None:
    """Of two sets, show each where the other one stands so far."""
    if was is None or now is None or was == now:
        return
    stands = {case.instead.get(key, key): key for key in case.sets}
    for place, key in ((stands[was], now), (stands[now], was)):
        case.instead[place] = key
    case.instead = {place: key for place, key in case.instead.items() if place != key}
