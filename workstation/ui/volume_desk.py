"""What is taken out of 3D tiles by one press: found in a job on the stored voxels, cut away as a step to undo."""

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from workstation import jobs
from workstation.case import cutting, volume
from workstation.case.state import Case
from workstation.errors import Cancelled, HounsfieldError
from workstation.imaging import removal
from workstation.imaging.scene import Cut
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.picture.page import loaded_for
from workstation.picture.volume import cut_away, transfer_of
from workstation.render.volume_memory import SharedArray

if TYPE_CHECKING:
    from workstation.ui.reading_page import ReadingPage

Gone = NDArray[np.uint8]
Search = Callable[[jobs.Job], Gone]


class VolumeDesk(QObject):
    """Belongs to one reading page; `said` are sentences. One search at a time; another press of it stops it."""

    said = Signal(str)

    def __init__(self, page: "ReadingPage", loader: Loader) -> None:
        super().__init__(page)
        self._page, self._loader = page, loader
        self._job: jobs.Job | None = None
        self._serials = count(1)
        self._kept: WeakKeyDictionary[Case, list[SharedArray]] = WeakKeyDictionary()
        """Masks stay as long as their case: a cut that was taken back may be made again."""

    @property
    def is_busy(self) -> bool:
        return self._job is not None

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
            self._begin("bones", lambda job: removal.without_bones(voxels, job.progress))

    def remove_bed(self) -> None:
        """Cut away what is not the patient: table, cushions, blankets."""
        voxels = self.voxels()
        if voxels is not None:
            self._begin("bed", lambda job: removal.without_bed(voxels, job.progress))

    def keep_largest(self) -> None:
        """Of what the preset shows, cut away all but the largest part that hangs together."""
        case, voxels = self._page.case, self.voxels()
        scene = case.tiles[case.active].scene if case is not None else None
        if voxels is None or scene is None:
            return
        seen, gone = transfer_of(scene, voxels), cut_away(scene)
        self._begin("all but the largest part", lambda job: removal.all_but_largest(voxels, seen, gone, job.progress))

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
        shared = SharedArray(gone)
        self._kept.setdefault(case, []).append(shared)
        one = Cut(name, next(self._serials), shared.handle)
        cutting.cut(case, number, lambda now: cutting.with_cut(now, one))
        self.said.emit(f"Removed: {name}. Ctrl+Z brings it back.")
        self._page.changed.emit()

    def _failed(self, name: str, error: Exception) -> None:
        self._job = None
        stopped = isinstance(error, Cancelled)
        if stopped:
            self.said.emit(f"Removing {name} was stopped; nothing was removed.")
        else:
            sentence = error.sentence if isinstance(error, HounsfieldError) else type(error).__name__
            self.said.emit(f"Cannot remove {name}: {sentence}.")
