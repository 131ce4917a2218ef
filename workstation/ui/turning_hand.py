"""The hand on a rotating MIP: a drag turns it, a click finds the brightest voxel behind the place. Device pixels."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import Qt

from workstation import jobs
from workstation.case import turning, view_tools
from workstation.case.state import Case
from workstation.imaging.geometry import Vec3
from workstation.imaging.sides import HALF
from workstation.imaging.turning import turntable
from workstation.ui.keys import Mouse
from workstation.ui.screen_tile import ScreenTile

ROTATE: Final = "rotate"
"""What a drag does that turns a MIP."""

Place = tuple[float, float]


def turns(tile: ScreenTile) -> bool:
    return tile.case is not None and turning.is_turning(tile.case, tile.number)


def paint_prepared(tiles: Iterable[ScreenTile], key: str) -> None:
    """One more side of a set that turns is worked out: tiles that lack theirs are painted."""
    for tile in tiles:
        if tile.case is not None and tile.case.tiles[tile.number].display_set == key and turns(tile):
            there = tile.picture is not None and tile.picture.facts.get("turning", {}).get("prepared")
            if not there:
                tile.ask(step=False)


def meaning(mouse: Mouse, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> str:
    """What a drag does: the left button turns, with Shift it windows; the others do what they do elsewhere."""
    if button is Qt.MouseButton.LeftButton:
        if modifiers & Qt.KeyboardModifier.AltModifier:
            return "swap"
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            return "pan"
        return "window" if modifiers & Qt.KeyboardModifier.ShiftModifier else ROTATE
    does = mouse.middle if button is Qt.MouseButton.MiddleButton else mouse.right
    return ROTATE if does == "scroll" else does


def rotated(tile: ScreenTile, right_px: float, done: int) -> int:
    """Turn with a hand that went so far to the right since it pressed, `done` steps of it already; steps by now.

    A drag over the width of the tile is half a turn, and what faces the eye goes with the hand.
    """
    wanted = -round(right_px / max(1, tile.size[0]) * HALF)
    if tile.case is not None and wanted != done:
        turning.turn(tile.case, tile.number, wanted - done)
    return wanted


class Finder:
    """A click finds the voxel that is seen under it; the crosshair goes there, and with it all planes and stacks."""

    def __init__(self) -> None:
        self._asked = 0
        self.taken: Callable[[ScreenTile, Vec3], bool] = lambda tile, point: False
        """Whether a tool in hand takes the voxel that was clicked; then the crosshair stays where it is."""

    def forget(self) -> None:
        """What was clicked is no longer wanted."""
        self._asked += 1

    def click(self, tile: ScreenTile, place: Place) -> None:
        self._asked += 1
        case, voxels, screen = tile.case, tile.voxels(), tile.screen()
        shown = case.tiles[tile.number].turning if case is not None else None
        if case is None or voxels is None or screen is None or shown is None or not voxels.sides.has(shown.angle):
            return
        lattice, point = voxels.display_set.lattice, screen.point(place[0] - 0.5, place[1] - 0.5)
        if lattice is None:
            return

        def find(job: jobs.Job) -> Vec3 | None:
            index = turntable(lattice).brightest(voxels.stored, shown.angle, point, voxels.padding)
            return None if index is None else lattice.point(index)

        found = partial(self._found, self._asked, case, tile)
        jobs.run("Looking for what was clicked", find, found, lane=jobs.Lane.SCREEN, piece=True)

    def _found(self, asked: int, case: Case, tile: ScreenTile, point_lps: Vec3 | None) -> None:
        if asked != self._asked or point_lps is None or tile.case is not case or not turns(tile):
            return
        if not self.taken(tile, point_lps):
            view_tools.go_to_point(case, tile.number, point_lps)
