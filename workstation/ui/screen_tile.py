"""One place of the grid: asks the composer for pictures of its tile and keeps the one that is on screen.

Steps (wheel, keys) are each painted: their requests queue. Everything else may jump: a newer request replaces a
waiting one. A picture comes back with the request it answers and is dropped when the tile by then belongs to
another case, shows another series or has another size: nothing of an earlier patient is ever painted (safety.md 1).

Steps also go first: planes that merely follow the tile in hand wait for it, but not for long (`Turns`). The tile that
the hand turns others in has a thread of its own: its picture never waits for theirs, and leaves them their time.
"""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from operator import is_
from typing import Any, Final

from PySide6.QtCore import QRect, QTimer

from workstation import jobs
from workstation.case.captured import looking
from workstation.case.state import Case, TileView
from workstation.imaging.greyscale import Window
from workstation.imaging.view import ScreenPlane, screen_plane
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.paint.marks import Mark
from workstation.paint.tile import TileMarks
from workstation.picture.breast import plane_of
from workstation.picture.compose import Picture, compose
from workstation.picture.fused import LoadedLayer
from workstation.picture.page import layers_for, loaded_for
from workstation.picture.waiting import standing_marks

log = logging.getLogger(__name__)

Submit = Callable[..., Any]
"""`jobs.submit`, or in tests something slower."""

PATIENCE_S: Final = 0.1
"""A plane that follows is at most so much later than the tile in hand, whatever that one does."""

FIRST_IMAGE_S: Final = 0.05
"""A tile that shows nothing waits so long for its image: most come sooner than a picture of their absence is made."""

LOOK_S: Final = 0.002

HELD_EVERY_S: Final = 0.04
"""The tile in hand begins its pictures so far apart: what it took more of would be missing to the others."""

ABREAST: Final = 2
"""So many steps of one tile are made at once, where they come faster than they can be made one after another."""

LATE_S: Final = 0.04
"""The picture of a step that took longer came late: the next step was asked for by then, at thirty a second."""

COUNT_EVERY_S: Final = 0.3
"""How often a tile that lacks nothing is painted again while its series arrives: only the count on it changes."""

SAID_AFTER_S: Final = 0.15
"""A tile that has no picture for longer says so: most pictures come sooner, and no words flicker before them."""

WAITING: Final = "Waiting for images."
COMING: Final = "This picture is coming."


@dataclass(frozen=True)
class Request:
    """What a picture was asked for: a captured tile, what was loaded of it, and the size in device pixels."""

    case: Case
    view: TileView
    voxels: Voxels | None
    problem: str
    size: tuple[int, int]
    ratio: float
    step: bool
    asked_s: float
    layered: tuple[LoadedLayer, ...] = ()

    @property
    def lacks_image(self) -> bool:
        """Whether there would be nothing to see yet, and nothing says that it will not come."""
        if self.voxels is None or self.problem:
            return False
        stack = self.view.tile.orientation is None
        return not (self.voxels.filled[self.view.image] if stack else self.voxels.arrived)


@dataclass(eq=False)
class _Work:
    """A request that somebody makes a picture for, and what came of it: None also where nothing was to be made."""

    request: Request
    follows: bool = False
    done: bool = False
    picture: Picture | None = None


class Turns:
    """Whose picture is made next, among the tiles of one grid. `held` is the one a button of the mouse is down on."""

    def __init__(self, held: "Callable[[], ScreenTile | None]" = lambda: None) -> None:
        self.tiles: list[ScreenTile] = []
        self._held = held
        self.one_by_one = threading.Lock()
        """Of the threads that make planes which follow."""

    def leads(self, tile: "ScreenTile", request: Request) -> bool:
        """Whether the hand holds it, and other planes turn with it."""
        return self._held() is tile and bool(request.view.beside)

    def follows(self, tile: "ScreenTile", request: Request) -> bool:
        """Whether it is one of those. One takes all cores by itself: two at once are no sooner there, and the main
        thread waits for one more thread."""
        return self._held() not in (None, tile) and bool(request.view.beside)

    def may(self, tile: "ScreenTile", request: Request) -> bool:
        """Whether a tile may begin with a request now: at once when no other steps, or when it has waited enough."""
        if request.step or time.monotonic() - request.asked_s > PATIENCE_S:
            return True
        return not any(other.stepping for other in self.tiles if other is not tile)

    def passed(self) -> None:
        """A picture was made: whoever waited may try again."""
        for tile in self.tiles:
            tile.work()


class ScreenTile:
    """Tile `number` of a case in `rect` (device pixels of the grid). `painted` counts the pictures shown so far."""

    def __init__(
        self, loader: Loader, turns: Turns, arrived: Callable[["ScreenTile", bool], None], submit: Submit = jobs.submit
    ) -> None:
        self._loader = loader
        self._turns = turns
        self._arrived = arrived
        self._submit = submit
        self._waiting: deque[Request] = deque()
        self._at_work: deque[_Work] = deque()
        self.case: Case | None = None
        self.number = 0
        self.rect = QRect()
        self.ratio = 1.0
        self.picture: Picture | None = None
        self.painted = 0
        self._counted_s = self._bare_since_s = self._begun_s = 0.0
        self._pauses = False
        self._laid: tuple[tuple[Any, ...], ScreenPlane] | None = None
        """What `screen` found last, behind what it follows from."""

    @property
    def busy(self) -> bool:
        return bool(self._at_work or self._waiting)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks of findings in the picture on screen."""
        return self.picture.marks if self.picture else ()

    @property
    def window(self) -> Window | None:
        """The window in force of what windows act on: the layer in hand, or the tile's own set."""
        layer = self.case.tiles[self.number].layer_in_hand if self.case is not None else None
        if layer is None or self.picture is None:
            return self.picture.window if self.picture else None
        pixels = self.picture.pixels.layers if self.picture.pixels else ()
        return next((each.window for each in pixels if each.view.layer.display_set == layer.display_set), None)

    @property
    def stepping(self) -> bool:
        """Whether a step is being made or waits."""
        return any(work.request.step for work in self._at_work) or any(request.step for request in self._waiting)

    @property
    def size(self) -> tuple[int, int]:
        return self.rect.width(), self.rect.height()

    def show(self, case: Case, number: int, rect: QRect, ratio: float) -> None:
        """Show a tile of a case here. What was asked for before is dropped, and nothing old stays visible.

        Nor does a picture of another size: cut off, it would lack its letters, its scale and what is wrong with it.
        """
        before = self.picture
        stays = case is self.case and number == self.number
        same = stays and before is not None and self._is_of(case, before) and before.image.size() == rect.size()
        if before is not None or not stays:
            self._bare_since_s = time.monotonic()
        self.picture = before if same else None
        self.case, self.number, self.rect, self.ratio = case, number, rect, ratio
        self._waiting.clear()
        self.ask(step=False)

    def _is_of(self, case: Case, picture: Picture) -> bool:
        view = case.view(self.number)
        series = view.display_set.series_instance_uid if view.display_set else None
        if ("scene" in picture.facts) is not (view.tile.scene is not None):
            return False
        if ("turning" in picture.facts) is not (view.tile.turning is not None):
            return False
        if [each["display_set"] for each in picture.facts.get("layers", [])] != [*view.tile.layered]:
            return False
        return picture.facts.get("series_instance_uid") == series and picture.facts.get("plane") == (
            str(view.tile.orientation) if view.tile.orientation else None
        )

    def clear(self) -> None:
        """Show nothing."""
        self.case, self.picture = None, None
        self._waiting.clear()

    def ask(self, step: bool) -> None:
        """Have the tile as it is now painted; a `step` never replaces another nor is replaced."""
        case = self.case
        if case is None or self.rect.isEmpty():
            return
        view, asked_s = case.view(self.number), time.monotonic()
        if self._waiting and not self._waiting[-1].step and not step:
            asked_s = self._waiting.pop().asked_s
        loaded, layered = loaded_for(view, case, self._loader), layers_for(view, case, self._loader)
        self._waiting.append(Request(case, view, *loaded, self.size, self.ratio, step, asked_s, layered))
        self.work()

    def standing(self) -> TileMarks | None:
        """What stands here in place of a picture: who it is at once, and soon that it is coming; None for nothing."""
        if self.case is None or self.rect.isEmpty():
            return None
        view = self.case.view(self.number)
        if view.display_set is None:
            return standing_marks(view, view.why_empty)
        if time.monotonic() - self._bare_since_s < SAID_AFTER_S:
            return standing_marks(view, "")
        voxels = self.voxels()
        return standing_marks(view, COMING if voxels is not None and voxels.arrived else WAITING)

    def more_arrived(self, all_is_there: bool) -> None:
        """More of the tile's series is in memory: at once where the tile lacks some of it, else now and then."""
        pixels, now = self.picture.pixels if self.picture else None, time.monotonic()
        lacks = pixels is None or pixels.lacks
        if lacks or all_is_there or now - self._counted_s > COUNT_EVERY_S:
            self._counted_s = now
            self.ask(step=False)

    def work(self) -> None:
        """Begin with what is next if it is this tile's turn."""
        while self._waiting and self._has_room() and self._turns.may(self, self._waiting[0]):
            leads = self._turns.leads(self, self._waiting[0])
            left_s = self._begun_s + HELD_EVERY_S - time.monotonic()
            if leads and left_s > 0 and not self._waiting[0].step:
                self._pause(left_s)
                return
            request, self._begun_s = self._waiting.popleft(), time.monotonic()
            work = _Work(request, self._turns.follows(self, request))
            self._at_work.append(work)
            self._submit(self._compose, work, self.picture, lane=jobs.Lane.HAND if leads else jobs.Lane.SCREEN)

    def _pause(self, for_s: float) -> None:
        if not self._pauses:
            self._pauses = True
            QTimer.singleShot(math.ceil(1000 * for_s), self._go_on)

    def _go_on(self) -> None:
        self._pauses = False
        self.work()

    def _has_room(self) -> bool:
        """Steps are made abreast; all else one after the other, for it may go on with what the one before has."""
        steps = self._waiting[0].step and all(work.request.step for work in self._at_work)
        return len(self._at_work) < (ABREAST if steps else 1)

    def _compose(self, work: _Work, before: Picture | None) -> None:
        """On a thread: make the picture and post it; for a tile that is another by now there is nothing to make."""
        request = work.request
        while before is None and request.lacks_image and time.monotonic() - request.asked_s < FIRST_IMAGE_S:
            if not self.answers(request):
                break
            time.sleep(LOOK_S)
        if not self.answers(request):
            jobs.post(partial(self._composed, work, None))
            return
        try:
            loaded = request.voxels, request.problem
            with self._turns.one_by_one if work.follows else nullcontext():
                picture = compose(
                    request.view, *loaded, request.size, request.ratio, before=before, layered=request.layered
                )
        except Exception as error:  # one picture that fails costs its tile a sentence, never the program
            log.error("a picture failed: %s", type(error).__name__, exc_info=error)
            sentence = f"This picture could not be made ({type(error).__name__})."
            picture = compose(request.view, None, sentence, request.size, request.ratio)
        jobs.post(partial(self._composed, work, picture))

    def _composed(self, work: _Work, picture: Picture | None) -> None:
        """Pictures come to the screen in the order they were asked for."""
        work.done, work.picture = True, picture
        self._come()

    def _come(self) -> None:
        """The next picture, where it is done; one that waits behind it comes after what else the hand wants."""
        if self._at_work and self._at_work[0].done:
            first = self._at_work.popleft()
            if first.request.step and time.monotonic() - first.request.asked_s > LATE_S:
                jobs.fall_behind()
            shown = first.picture is not None and self.answers(first.request)
            if shown:
                self.picture = first.picture
                self.painted += 1
            self.work()  # the next one is made while this one comes to the screen
            if shown:
                self._arrived(self, first.request.step)
            if self._at_work and self._at_work[0].done:
                jobs.post(self._come)
        self._turns.passed()

    def answers(self, request: Request) -> bool:
        """Whether a picture made for `request` may be shown here now. A thread may ask, to spare itself the work."""
        case, number = self.case, request.view.number
        if case is None or case is not request.case or self.number != number or self.size != request.size:
            return False
        tiles, asked = case.tiles, request.view.tile
        if number >= len(tiles):
            return False
        tile = tiles[number]
        if (tile.scene is None) is not (asked.scene is None) or (tile.turning is None) is not (asked.turning is None):
            return False
        return (tile.display_set, tile.orientation, tile.layered) == (
            asked.display_set,
            asked.orientation,
            asked.layered,
        )

    def voxels(self) -> Voxels | None:
        """What is loaded of the tile's set."""
        key = self.case.tiles[self.number].display_set if self.case is not None else None
        loading = self._loader.get(key) if key else None
        return loading.voxels if loading else None

    def screen(self) -> ScreenPlane | None:
        """Where the tile's pixels lie in the patient now, whatever picture is on screen yet; None in 3D."""
        if self.case is None:
            return None
        view = looking(self.case, self.number)
        if view.display_set is None or view.tile.scene is not None:
            return None
        pixels = self.picture.pixels if self.picture else None
        voxels = pixels.voxels if pixels else None
        follows_from = (view.tile, view.display_set, view.crosshair_lps, view.triad, voxels, self.size)
        before = self._laid
        if before is None or not all(map(is_, follows_from[:-1], before[0])) or self.size != before[0][-1]:
            # All that is drawn over a picture and all that the hand does asks for it, several times a movement.
            plane = plane_of(view, voxels)
            before = self._laid = (follows_from, screen_plane(plane, view.tile.framing, *self.size))
        return before[1]
