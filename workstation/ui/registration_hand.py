"""The hand that moves a registration: a drag in a tile pushes what is registered, with Shift it turns it; a click
places a landmark. Places in device pixels of a tile.
"""

import math

import numpy as np
from PySide6.QtCore import Qt

from workstation.case import landmarks, nudging
from workstation.case.drawing_tools import space_of
from workstation.case.registering import sides
from workstation.case.state import Case
from workstation.imaging.geometry import Vec3, vec
from workstation.imaging.registration_by_hand import rotated, translated
from workstation.ui.screen_tile import ScreenTile

REGISTER = "register"
"""What a press does that moves a registration or places a landmark."""

Place = tuple[float, float]


class RegistrationHand:
    """One press at a time."""

    def __init__(self) -> None:
        self._tile: ScreenTile | None = None
        self._start: Place = (0.0, 0.0)
        self._turns = False
        self._held: nudging.Held | None = None
        self._moved = False

    def press(self, tile: ScreenTile, place: Place, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> bool:
        """Whether the press is for it: the reader asked for that, and the tile shows one of the two."""
        case, shift = tile.case, modifiers == Qt.KeyboardModifier.ShiftModifier
        plain = button is Qt.MouseButton.LeftButton and (shift or modifiers == Qt.KeyboardModifier.NoModifier)
        if case is None or not plain or not (case.registering.by_mouse or case.registering.placing):
            return False
        if _frame(case, tile.number) is None or tile.screen() is None:
            return False
        self._tile, self._start, self._turns, self._moved = tile, place, shift, False
        self._held = nudging.take_hold(case) if case.registering.by_mouse else None
        return True

    def move(self, place: Place) -> None:
        """Push or turn from where the press began; all of a drag is one step."""
        tile, held = self._tile, self._held
        case = tile.case if tile is not None else None
        if tile is None or held is None or case is None:
            return
        if not self._moved:
            self._moved = True
            nudging.keep_before(case, held)
        if self._turns:
            self._turn(tile, case, held, place)
        else:
            start, end = (self._in_fixed(tile, case, held, each) for each in (self._start, place))
            by = vec(np.subtract(end, start))
            held.moved(case, lambda matrix: translated(matrix, by))

    def release(self, place: Place) -> None:
        """The end of a press; one that moved nothing places a landmark where that is asked for."""
        tile, moved = self._tile, self._moved
        self.forget()
        case = tile.case if tile is not None else None
        screen = tile.screen() if tile is not None else None
        if tile is None or case is None or screen is None or moved or not case.registering.placing:
            return
        frame = _frame(case, tile.number)
        if frame is not None:
            landmarks.place_landmark(case, frame, screen.point(place[0] - 0.5, place[1] - 0.5))

    def forget(self) -> None:
        self._tile, self._held, self._moved = None, None, False

    def _turn(self, tile: ScreenTile, case: Case, held: nudging.Held, place: Place) -> None:
        """About the middle of what is seen: clockwise on the screen as the hand goes round it."""
        screen = tile.screen()
        if screen is None:
            return
        middle = (screen.width / 2, screen.height / 2)
        angles = [math.atan2(each[1] - middle[1], each[0] - middle[0]) for each in (self._start, place)]
        about = self._in_fixed(tile, case, held, middle)
        right, down = (np.subtract(self._in_fixed(tile, case, held, each), about) for each in _beside(middle))
        axis = vec(np.cross(right, down))
        held.moved(case, lambda matrix: rotated(matrix, math.degrees(angles[1] - angles[0]), axis, about))

    @staticmethod
    def _in_fixed(tile: ScreenTile, case: Case, held: nudging.Held, place: Place) -> Vec3:
        """The point under a place, in the fixed frame as things lay when the hand took hold."""
        screen = tile.screen()
        assert screen is not None  # noqa: S101  asked for before
        point = screen.point(place[0] - 0.5, place[1] - 0.5)
        if _frame(case, tile.number) == held.sides.frames[1]:
            laid = held.alignment.between(*held.sides.frames)
            return laid.point_to_fixed(point) if laid is not None else point
        return point


def _beside(middle: Place) -> tuple[Place, Place]:
    return (middle[0] + 100.0, middle[1]), (middle[0], middle[1] + 100.0)


def _frame(case: Case, number: int) -> str | None:
    """The frame of reference of a tile, where it is one of the two that are registered and shows a plane of it."""
    there, view = sides(case), case.view(number)
    if there is None or view.display_set is None or view.tile.scene is not None or view.tile.turning is not None:
        return None
    space = space_of(view.display_set, view.image)
    return space if space in there.frames else None
