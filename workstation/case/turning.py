"""A tile that shows its volume turning about the patient's long axis: its gestures. Linked ones turn with it."""

from dataclasses import replace
from typing import Final

from workstation.case.state import Case
from workstation.imaging.sides import ANGLES
from workstation.imaging.turning import Turning, why_not
from workstation.imaging.view import Framing

QUARTER: Final = ANGLES // 4


def is_turning(case: Case, number: int) -> bool:
    return number < len(case.tiles) and case.tiles[number].turning is not None


def show_turning(case: Case, number: int) -> None:
    """Show the volume of a tile's series as a rotating MIP, from the front; nothing where it cannot be."""
    view = case.view(number)
    if view.display_set is None or view.tile.turning is not None or why_not(view.display_set):
        return
    tile = view.tile
    flat = tile.flat if tile.scene is not None else tile.orientation
    case.playing.pop(number, None)
    display = replace(tile.display, subtracted=False, presentation=None)
    begun = replace(tile, orientation=None, scene=None, flat=flat, image=view.image, turning=Turning(), layers=())
    case.put(number, replace(begun, framing=Framing(), display=display))


def show_flat(case: Case, number: int) -> None:
    """Show again what a tile showed before it turned."""
    tile = case.tiles[number]
    case.playing.pop(number, None)
    layers = case.as_hung(number).layers if tile.planned and tile.planned.display_set == tile.display_set else ()
    case.put(number, replace(tile, orientation=tile.flat, flat=None, turning=None, framing=Framing(), layers=layers))


def turn(case: Case, number: int, steps: int) -> bool:
    """Turn a tile by steps of 5 degrees towards the patient's left, and what is linked with it by as many."""
    if not is_turning(case, number):
        return False
    together = [each for each in case.group(number) if is_turning(case, each)]
    for each in together if steps else ():
        tile = case.tiles[each]
        if tile.turning is not None:
            case.tiles[each] = replace(tile, turning=tile.turning.turned(steps))
    if steps:
        case.emit_changed(together)
    return bool(steps)


def to_angle(case: Case, number: int, angle: int) -> bool:
    """Turn a tile to a side, 0 to 71; False when it is there."""
    turning = case.tiles[number].turning
    return turning is not None and turn(case, number, angle - turning.angle)
