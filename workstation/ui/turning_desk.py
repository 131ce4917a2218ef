"""Prepares rotating MIPs: the sides of what turns on screen are worked out in jobs, the one that is looked at first.

What is worked out lies beside the voxels and goes with them; tiles that show the same series share it. A job whose
series no longer turns on screen is stopped.
"""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workstation import jobs
from workstation.case.state import Case
from workstation.case.tile import Tile
from workstation.errors import Cancelled, HounsfieldError
from workstation.imaging.turning import fill, in_order, why_not
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.ui.turning_hand import paint_prepared

if TYPE_CHECKING:
    from workstation.ui.reading_page import ReadingPage


class TurningDesk(QObject):
    """Belongs to one reading page; `said` are sentences."""

    said = Signal(str)

    def __init__(self, page: "ReadingPage", loader: Loader) -> None:
        super().__init__(page)
        self._page, self._loader = page, loader
        self._jobs: dict[str, jobs.Job] = {}
        """By display set."""
        self._gave_up: set[str] = set()
        """What somebody stopped is not begun again before the tile turns anew."""
        page.changed.connect(self.look)  # after all that is shown, and each picture that came

    def look(self) -> None:
        """Begin with what turns on screen and lacks sides, and stop what nobody looks at."""
        case = self._page.case
        turning = {tile.display_set: tile for tile in self._turning(case) if tile.display_set} if case else {}
        self._gave_up &= set(turning)
        for key in [key for key in self._jobs if key not in turning]:
            self._jobs.pop(key).cancel()
        for key, tile in turning.items():
            loading = self._loader.get(key)
            if loading is None or key in self._jobs or key in self._gave_up:
                continue
            voxels = loading.voxels
            if voxels.whole and not voxels.sides.whole and not why_not(voxels.display_set):
                self._begin(key, tile, voxels)

    @staticmethod
    def _turning(case: Case) -> list[Tile]:
        return [case.tiles[number] for number in case.shown if case.tiles[number].turning is not None]

    def _begin(self, key: str, tile: Tile, voxels: Voxels) -> None:
        lattice = voxels.display_set.lattice
        assert lattice is not None and tile.turning is not None  # noqa: S101  asked for before
        order = (tile.turning.angle, *in_order())

        def work(job: jobs.Job) -> None:
            def progress(done: int, total: int) -> None:
                if done:
                    jobs.post(partial(self._came, key))
                job.progress(done, total)

            fill(voxels.sides, voxels.stored, lattice, voxels.padding, order, progress)

        self._jobs[key] = job = jobs.run(
            "Preparing the rotating MIP",
            work,
            lambda _: self._ended(key, job),
            lambda error: self._failed(key, job, error),
            lane=jobs.Lane.LATER,
        )

    def _came(self, key: str) -> None:
        """One more side is there: tiles that wait for it are painted."""
        for grid in self._page.grids:
            paint_prepared(grid.tiles, key)

    def _ended(self, key: str, job: jobs.Job) -> None:
        if self._jobs.get(key) is job:
            del self._jobs[key]
        self._came(key)

    def _failed(self, key: str, job: jobs.Job, error: Exception) -> None:
        if self._jobs.get(key) is job:  # one that nobody looks at any longer is stopped without a word
            del self._jobs[key]
            self._gave_up.add(key)
            sentence = error.sentence if isinstance(error, HounsfieldError) else type(error).__name__
            stopped = isinstance(error, Cancelled)
            self.said.emit(
                "Preparing the rotating MIP was stopped; F9 twice begins anew."
                if stopped
                else f"The rotating MIP cannot be prepared: {sentence}."
            )
