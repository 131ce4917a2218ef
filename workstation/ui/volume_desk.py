"""What is taken out of 3D tiles by one press: found in a job on the stored voxels, cut away as a step to undo."""

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from workstation import jobs
from workstation.case import cutting, volume
from workstation.case.state import Case
from workstation.errors import Cancelled, HounsfieldError
from workstation.imaging import removal
from workstation.imaging.scene import BED, BONES, NOT_LARGEST, Cut
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.picture.page import loaded_for
from workstation.picture.volume import cut_away, transfer_of
from workstation.render.volume_memory import SharedArray
from workstation.ui.tile_grid import TileGrid
from workstation.ui.volume_scissors import Scissors, Side, Snip

if TYPE_CHECKING:
    from workstation.ui.reading_page import ReadingPage

Gone = NDArray[np.uint8]
Search = Callable[[jobs.Job], Gone]

DRAW: Final = {
    Side.INSIDE: "Draw round what goes, through the whole depth; Esc lays the scissors down.",
    Side.OUTSIDE: "Draw round what stays, through the whole depth; Esc lays the scissors down.",
}


class VolumeDesk(QObject):
    """Belongs to one reading page; `said` are sentences. One search at a time; another press of it stops it."""

    said = Signal(str)

    def __init__(self, page: "ReadingPage", loader: Loader) -> None:
        super().__init__(page)
        self._page, self._loader = page, loader
        self._job: jobs.Job | None = None
        self.scissors = Scissors(self._snip)
        self._serials = count(1)
        self._kept: WeakKeyDictionary[Case, list[SharedArray]] = WeakKeyDictionary()
        """Masks stay as long as their case: a cut that was taken back may be made again."""

    def watch(self, grid: TileGrid) -> None:
        """A window shows tiles: the scissors cut there too."""
        grid.hand.scissors = self.scissors

    def show_case(self) -> None:
        """Another case is shown: nothing is in hand."""
        self.scissors.forget()
        self.scissors.side = None

    @property
    def is_busy(self) -> bool:
        return self._job is not None

    def in_hand(self) -> str:
        """The command whose scissors are in hand; empty while they lie on the table."""
        return f"scissors-{self.scissors.side}" if self.scissors.side is not None else ""

    def voxels(self) -> Voxels | None:
        """The voxels of the active tile, once all of them are there."""
        case = self._page.case
        if case is None or not case.tiles:
            return None
        voxels = loaded_for(case.view(case.active), case, self._loader)[0]
        return voxels if voxels is not None and voxels.whole else None

    def remove_bones(self) -> None:
        """Cut bones with their marrow away."""
        voxels = self.voxels()
        if voxels is not None:
            self._begin(BONES, lambda job: removal.without_bones(voxels, job.progress))

    def remove_bed(self) -> None:
        """Cut away what is not the patient: table, cushions, blankets."""
        voxels = self.voxels()
        if voxels is not None:
            self._begin(BED, lambda job: removal.without_bed(voxels, job.progress))

    def keep_largest(self) -> None:
        """Of what the preset shows, cut away all but the largest part that hangs together."""
        case, voxels = self._page.case, self.voxels()
        scene = case.tiles[case.active].scene if case is not None else None
        if voxels is None or scene is None:
            return
        seen, gone = transfer_of(scene, voxels), cut_away(scene)
        self._begin(NOT_LARGEST, lambda job: removal.all_but_largest(voxels, seen, gone, job.progress))

    def take_scissors(self, side: Side) -> None:
        """Take the scissors that cut away this side of an outline, or lay them down."""
        self.scissors.side = None if self.scissors.side is side else side
        self.said.emit(DRAW[side] if self.scissors.side is not None else "")
        self._page.changed.emit()

    def leave(self) -> bool:
        """Give up the outline, or lay the scissors down; whether there were any."""
        if self.scissors.side is None:
            return False
        if self.scissors.busy:
            self.scissors.forget()
            for grid in self._page.grids:
                grid.update()
        else:
            self.scissors.side = None
            self.said.emit("")
        self._page.changed.emit()
        return True

    def _snip(self, snip: Snip) -> None:
        shown = snip.case.view(snip.number).display_set
        grid = shown.lattice if shown is not None else None
        if grid is None:
            return
        if self._job is not None:
            self.said.emit("The last cut is still under way; nothing was cut.")
            return
        self._begin(
            f"what lay {snip.side} the outline",
            lambda job: removal.snipped(
                grid, snip.camera, snip.outline, snip.size, snip.side is Side.INSIDE, job.progress
            ),
        )

    def stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _begin(self, name: str, search: Search) -> None:
        case = self._page.case
        if case is None or self._job is not None:
            self.stop()
            return
        number, key = case.active, case.tiles[case.active].display_set
        self._job = jobs.run(
            f"Removing {name}",
            search,
            partial(self._found, case, number, key, name),
            partial(self._failed, name),
        )

    def _found(self, case: Case, number: int, key: str | None, name: str, gone: Gone) -> None:
        self._job = None
        if case is not self._page.case or not volume.is_3d(case, number) or case.tiles[number].display_set != key:
            return
        if not gone.any():
            self.said.emit(f"No {name} found: nothing was removed.")
            return
        one = self.cut_of(case, name, gone)
        cutting.cut(case, number, lambda now: cutting.with_cut(now, one))
        self.said.emit(f"Removed: {name}. Ctrl+Z brings it back.")
        self._page.changed.emit()

    def cut_of(self, case: Case, name: str, gone: Gone) -> Cut:
        """A mask that stays in memory as long as its case."""
        shared = SharedArray(gone)
        self._kept.setdefault(case, []).append(shared)
        return Cut(name, next(self._serials), shared.handle)

    def _failed(self, name: str, error: Exception) -> None:
        self._job = None
        stopped = isinstance(error, Cancelled)
        if stopped:
            self.said.emit(f"Removing {name} was stopped; nothing was removed.")
        else:
            sentence = error.sentence if isinstance(error, HounsfieldError) else type(error).__name__
            self.said.emit(f"Cannot remove {name}: {sentence}.")
