"""Tells the coverage of the open case which pictures came to the screen, and when they left it."""

import logging
import time
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from shiboken6 import isValid

from workstation import jobs
from workstation.case.coverage import Blocks, Coverage, Showing, fractions, runs, unseen_sentence
from workstation.case.state import Case
from workstation.errors import Cancelled
from workstation.picture.compose import Picture
from workstation.ui.tile_grid import TileGrid

log = logging.getLogger(__name__)

KEPT_STUDIES = 12
"""The account of a CT takes a few megabytes."""

SETTLES_AFTER_MS = 300
"""Bars are drawn anew so long after the last picture: never while somebody scrolls."""

GIVES_WAY_S = 0.1
"""Counting lets pictures that the eye waits for be made first, at most so long: bars are read after a drag."""


class CountedAside:
    """Finds what oblique planes passed through in jobs, one at a time, of each place the newest. For the main thread.

    Planes that are turned come faster than they are counted: those in between are left out, so less is said to be seen.
    """

    def __init__(self, noted: Callable[[], None]) -> None:
        self._noted = noted
        self._waiting: dict[Hashable, tuple[Callable[[], Blocks], Callable[[Blocks], None]]] = {}
        self._under_way = False

    def __call__(self, place: Hashable, find: Callable[[], Blocks], note: Callable[[Blocks], None]) -> None:
        self._waiting[place] = (find, note)
        self._next()

    def _next(self) -> None:
        if self._under_way or not self._waiting:
            return
        self._under_way = True
        find, note = self._waiting.pop(next(iter(self._waiting)))

        def work(job: jobs.Job) -> Blocks:
            jobs.give_way(GIVES_WAY_S)
            return find()

        def found(blocks: Blocks) -> None:
            self._under_way = False
            note(blocks)
            self._noted()
            self._next()

        jobs.run("Count what was on the screen", work, found, self._failed, lane=jobs.Lane.LATER, piece=True)

    def _failed(self, error: Exception) -> None:
        """The picture stays uncounted, as if it had not been seen: nobody is told that more was."""
        self._under_way = False
        if isinstance(error, Cancelled):  # the program ends
            self._waiting.clear()
            return
        log.error("what was on the screen could not be counted: %s", type(error).__name__, exc_info=error)
        self._next()


class CoverageWatch(QObject):
    """Watches the tiles of grids. `changed` when the bars are worth drawing again."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._case: Case | None = None
        self._coverage: Coverage | None = None
        self._kept: dict[frozenset[str], Coverage] = {}
        """Accounts of the studies of this session, by the keys of their display sets; in memory alone."""
        self._grids: list[TileGrid] = []
        self._pictures: dict[tuple[int, int], Picture | None] = {}
        self._bars = True
        self._soon = QTimer(self, singleShot=True, interval=SETTLES_AFTER_MS)
        self._soon.timeout.connect(self._settle)
        self._counter = CountedAside(self._counted)

    def watch(self, grid: TileGrid) -> None:
        self._grids.append(grid)
        grid.painted.connect(self.look)
        grid.installEventFilter(self)

    def let_go(self, grid: TileGrid) -> None:
        """The grid is closed: what it showed is off the screen."""
        grid.painted.disconnect(self.look)
        grid.removeEventFilter(self)
        self._grids.remove(grid)
        self.look()

    def show_case(self, case: Case | None) -> None:
        """Begin the account of a case, or go on with it when the same images were open before in this session."""
        if self._case is not None:
            self._case.stage_changed.disconnect(self.look)
        if self._coverage is not None:
            self._coverage.cleared(time.monotonic())
            self._keep(self._coverage)
        self._case = case
        self._coverage = self._kept.get(frozenset(case.sets), Coverage(case.sets, self._counter)) if case else None
        if case is not None and self._coverage is not None:
            self._coverage.renew(case.sets)  # more may have come since
        self._pictures.clear()
        if case is not None:
            case.stage_changed.connect(self.look)
        self.changed.emit()

    def grow(self, case: Case) -> None:
        """The case holds more than before."""
        if self._coverage is not None and case is self._case:
            self.look()
            self._coverage.settle(time.monotonic())
            self._coverage.renew(case.sets)
            self._pictures.clear()
            self.changed.emit()

    def _keep(self, coverage: Coverage) -> None:
        keys = frozenset(coverage.keys)
        self._kept.pop(keys, None)
        self._kept[keys] = coverage
        if len(self._kept) > KEPT_STUDIES:
            del self._kept[next(iter(self._kept))]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Hide, QEvent.Type.Show):
            self.look()
        return super().eventFilter(watched, event)

    def look(self) -> None:
        """Note which pictures came and which are gone."""
        if self._coverage is None:
            return
        now_s = time.monotonic()
        there: dict[tuple[int, int], Picture | None] = {}
        for grid in self._grids:
            for tile in grid.tiles if grid.isVisible() else ():
                there[id(grid), tile.number] = tile.picture if tile.case is self._case else None
        for place in self._pictures.keys() - there.keys():
            self._coverage.painted(place, None, now_s)
        for place, picture in there.items():
            if picture is not self._pictures.get(place):
                self._coverage.painted(place, _showing(picture, self._case), now_s)
        self._pictures = there
        self._soon.start()

    def _settle(self) -> None:
        if self._coverage is not None:
            self._coverage.settle(time.monotonic())
            self.changed.emit()

    def _counted(self) -> None:
        if isValid(self._soon):  # a window that was begun anew is gone before its last count has come
            self._soon.start()

    def show_bars(self, shown: bool) -> None:
        """Whether the reader wants the bars; the account is kept either way."""
        if shown != self._bars:
            self._bars = shown
            self.changed.emit()

    def seen(self, key: str) -> NDArray[np.bool_] | None:
        """Which images of a set were seen, for its bar; None for a set of another case and where bars are unwanted."""
        if not self._bars or self._coverage is None or key not in self._coverage.keys:
            return None
        return self._coverage.images(key)

    def unseen_sentence(self) -> str:
        """What was not on the screen; for whoever sets the study to read."""
        if self._coverage is None or self._case is None:
            return ""
        self._coverage.settle(time.monotonic())
        return unseen_sentence(self._coverage, self._case.sets)

    def facts(self) -> dict[str, Any]:
        """By display set: images seen, of how many, and which as runs from 1."""
        if self._coverage is None:
            return {}
        self._coverage.settle(time.monotonic())
        return {
            key: {
                "seen": seen,
                "images": images,
                "runs": [[first + 1, last + 1] for first, last in runs(self._coverage.images(key))],
            }
            for key, (seen, images) in fractions(self._coverage).items()
        }


def _showing(picture: Picture | None, case: Case | None) -> Showing | None:
    """What a picture shows; None for one without an image, and for one of before the case has grown."""
    if picture is None or picture.pixels is None or picture.screen is None or case is None:
        return None
    voxels = picture.pixels.voxels
    key = voxels.display_set.key
    if key not in case.sets or len(voxels.filled) != len(case.sets[key].images):
        return None
    image = None if picture.facts.get("plane") else int(picture.facts["image"]) - 1
    return Showing(key, image, picture.screen, voxels.filled.copy())
