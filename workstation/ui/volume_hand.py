"""The hand on a 3D tile: what presses, drags and the wheel do there. All places in device pixels of a tile.

Buttons do what they do on other tiles, but where they would window or scroll, which has no meaning here, they turn.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import Qt

from workstation import jobs
from workstation.case import cutting, view_tools, volume
from workstation.case.state import Case
from workstation.imaging.camera import turned_with_hand
from workstation.imaging.geometry import Vec3
from workstation.imaging.pick import picked
from workstation.imaging.scene import Scene
from workstation.imaging.volume import Voxels
from workstation.picture.volume import cut_away, transfer_of
from workstation.picture.volume_handles import ARROW_TIP, PLANE, Handle, handles
from workstation.ui.keys import Mouse
from workstation.ui.screen_tile import ScreenTile

SPIN, ROLL, HANDLE = "turn in 3D", "roll in 3D", "handle in 3D"

REACH_PX: Final = 9
"""A press so near takes hold of a handle. Logical pixels."""

SHORTEST_PX: Final = 0.02
"""A handle whose way on the screen is shorter than this for a step points at the eye: it follows up and down."""

HALF_TURN: Final = 180.0
"""A drag over the height of the tile turns by so many degrees."""

ROLL_DEG_PX: Final = 0.5
ZOOM_DRAG_PX: Final = 40

Place = tuple[float, float]


class Picker:
    """A click finds what is seen first under it; the crosshair goes there, and with it all planes."""

    def __init__(self) -> None:
        self._asked = 0

    def forget(self) -> None:
        """What was clicked is no longer wanted."""
        self._asked += 1

    def click(self, tile: ScreenTile, place: Place) -> None:
        self._asked += 1
        if tile.case is not None:
            first_seen(tile, place, partial(self._found, self._asked, tile.case, tile.number))

    def _found(self, asked: int, case: Case, number: int, point_lps: Vec3 | None) -> None:
        if asked == self._asked and point_lps is not None and volume.is_3d(case, number):
            view_tools.go_to_point(case, number, point_lps)


def first_seen(tile: ScreenTile, place: Place, found: Callable[[Vec3 | None], None]) -> bool:
    """Have the first voxel that is seen under a place of a 3D tile found, LPS mm; False where nothing can be."""
    case, voxels = tile.case, tile.voxels()
    scene = case.tiles[tile.number].scene if case is not None else None
    if scene is None or voxels is None or voxels.display_set.lattice is None:
        return False
    ray = scene.camera.ray(place[0] - 0.5, place[1] - 0.5, *tile.size)
    jobs.run(
        "Looking for what was clicked",
        lambda job: _first_seen(voxels, scene, ray),
        found,
        lane=jobs.Lane.SCREEN,
        piece=True,
    )
    return True


def _first_seen(voxels: Voxels, scene: Scene, ray: tuple[Vec3, Vec3]) -> Vec3 | None:
    lattice = voxels.display_set.lattice
    assert lattice is not None  # noqa: S101  asked for before
    seen = replace(scene, transfer=transfer_of(scene, voxels))
    return picked(voxels.stored, lattice, voxels.rescale, seen, *ray, cut_away(scene))


def meaning(mouse: Mouse, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> str:
    """What a drag does: SPIN, ROLL, "pan", "zoom", "swap" or "none"."""
    if button is Qt.MouseButton.LeftButton:
        if modifiers & Qt.KeyboardModifier.AltModifier:
            return "swap"
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            return "pan"
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            return ROLL
    chosen = {Qt.MouseButton.LeftButton: mouse.left, Qt.MouseButton.MiddleButton: mouse.middle}
    does = chosen.get(button, mouse.right)
    return SPIN if does in ("window", "scroll") else does


def handle_at(tile: ScreenTile, place: Place) -> Handle | None:
    """What a press would take hold of."""
    case = tile.case
    view = case.view(tile.number) if case is not None else None
    if view is None or view.tile.scene is None or view.display_set is None or view.display_set.lattice is None:
        return None
    found = handles(view.tile.scene, view.display_set.lattice, tile.size)
    near = [each for each in found if math.dist(each.at, place) <= REACH_PX * tile.ratio]
    return min(near, key=lambda each: math.dist(each.at, place), default=None)


class HandleDrag:
    """A handle in hand: each movement is measured from where it was taken, and all of them are one step to undo."""

    def __init__(self, tile: ScreenTile, handle: Handle, place: Place) -> None:
        self._tile, self._handle, self._place = tile, handle, place
        assert tile.case is not None  # noqa: S101  there was something to take hold of
        self._case = tile.case
        scene = self._case.tiles[tile.number].scene
        assert scene is not None  # noqa: S101  as before
        self._scene = scene
        self._begun = False
        self._went = 0.0

    def move(self, place: Place) -> None:
        right, down = place[0] - self._place[0], place[1] - self._place[1]
        handle, case, number = self._handle, self._case, self._tile.number
        length = math.hypot(*handle.along)
        steps = (right * handle.along[0] + down * handle.along[1]) / length**2 if length > SHORTEST_PX else -down
        if handle.part == ARROW_TIP:
            self._tip(right, down)
        elif handle.part == PLANE:
            cutting.move_plane(case, number, steps - self._went, self._begun)
            self._went = steps
        elif isinstance(handle.part, int):
            display_set = case.view(number).display_set
            assert display_set is not None and display_set.lattice is not None  # noqa: S101  it is 3D
            box = self._scene.crop or cutting.whole_box(display_set.lattice)
            at = (box.high if handle.high else box.low)[handle.part] + steps
            cutting.move_face(case, number, handle.part, handle.high, at, self._begun)
        self._begun = True

    def _tip(self, right: float, down: float) -> None:
        """The tip of the arrow goes with the hand, as a point on a ball."""
        plane = self._scene.plane
        if plane is not None:
            degrees = HALF_TURN / self._tile.size[1]
            turned = turned_with_hand(self._scene.camera, plane.normal, right * degrees, down * degrees)
            cutting.tip_plane(self._case, self._tile.number, turned, self._begun)


def drag(tile: ScreenTile, does: str, start: Place, last: Place, place: Place, zoom_sign: int) -> None:
    """The hand went from `last` to `place`, having pressed at `start`."""
    case, number = tile.case, tile.number
    scene = case.tiles[number].scene if case is not None else None
    if case is None or scene is None:
        return
    height = tile.size[1]
    right, down = place[0] - last[0], place[1] - last[1]
    if does == SPIN:
        volume.turn(case, number, right / height * HALF_TURN, down / height * HALF_TURN)
    elif does == ROLL:
        volume.roll(case, number, right / tile.ratio * ROLL_DEG_PX)
    elif does == "pan":
        mm = 1 / scene.camera.px_per_mm(*tile.size)
        volume.pan(case, number, right * mm, down * mm)
    elif does == "zoom":
        zoom_at(tile, start, view_tools.ZOOM_STEP ** (-zoom_sign * down / tile.ratio / ZOOM_DRAG_PX))


def zoom_at(tile: ScreenTile, place: Place, factor: float) -> None:
    """Zoom so that what lies under `place` at the depth of the focus stays there."""
    case, number = tile.case, tile.number
    scene = case.tiles[number].scene if case is not None else None
    if case is not None and scene is not None:
        width, height = tile.size
        mm = 1 / scene.camera.px_per_mm(*tile.size)
        volume.zoom(case, number, factor, (place[0] - width / 2) * mm, (place[1] - height / 2) * mm)


def wheel(tile: ScreenTile, place: Place, notches: int, modifiers: Qt.KeyboardModifier) -> None:
    """The wheel zooms, whatever it does elsewhere: there are no images to go through."""
    if notches:
        zoom_at(tile, place, view_tools.ZOOM_STEP**notches)
