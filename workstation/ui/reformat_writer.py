"""The plane of a tile written as a series through its whole volume: in a job, into the cache."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workstation import jobs
from workstation.case.save import keep
from workstation.case.state import Case
from workstation.documents.derived import STORAGE
from workstation.errors import Cancelled, HounsfieldError
from workstation.imaging.oblique import Axes, Slab, SlabMode, off_patient_deg
from workstation.imaging.reformat import NAMES, OBLIQUE, Reformat, reformat
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.picture.page import loaded_for
from workstation.picture.reformat import written

if TYPE_CHECKING:
    from workstation.ui.reading_page import ReadingPage


class ReformatWriter(QObject):
    """Belongs to one reading page. `said` are sentences; `wrote(study)` when a series has come to a study."""

    said = Signal(str)
    wrote = Signal(str)

    def __init__(self, page: "ReadingPage", home: Home, loader: Loader) -> None:
        super().__init__(page)
        self._page, self._home, self._loader = page, home, loader
        self._asked: tuple[str, Reformat] | None = None
        """What was said to be written of which set, and waits for the command to be given again."""

    def why_not(self, case: Case) -> str:
        """Why planes of the active tile cannot be written; empty when they can."""
        view = case.view(case.active)
        if view.display_set is None or view.display_set.first.Modality not in STORAGE:
            return "Planes are written of CT, MR and PET images only."
        voxels = loaded_for(view, case, self._loader)[0]
        return "" if voxels is not None and voxels.whole else "The volume is not whole yet."

    def write(self) -> None:
        """Say what the plane of the active tile makes as a series through the whole volume; again: write it."""
        case = self._page.case
        view = case.view(case.active) if case is not None and case.tiles else None
        if case is None or view is None or view.display_set is None or view.display_set.grid is None:
            return
        voxels = loaded_for(view, case, self._loader)[0]
        orientation = view.tile.orientation
        if voxels is None or orientation is None:
            return
        slab = view.tile.slab
        if slab.mode is SlabMode.SUM:  # shown as the mean it is a multiple of
            slab = Slab(slab.thickness_mm, SlabMode.MEAN)
        try:
            plane = view.plane
            name = OBLIQUE if view.triad is not None and off_patient_deg(plane.normal) else NAMES[orientation]
            order = reformat(view.display_set.grid, Axes(plane.right, plane.down), name, slab)
        except HounsfieldError as error:
            self.said.emit(f"{error.sentence}.")
            return
        asked = (view.display_set.key, order)
        if self._asked != asked:
            self._asked = asked
            self.said.emit(_question(order))
            return
        self._asked = None
        self._start(case, voxels, order)

    def _start(self, case: Case, voxels: Voxels, order: Reformat) -> None:
        home, digests, study = self._home, case.digests, voxels.display_set.study_instance_uid

        def work(job: jobs.Job) -> int:
            objects = written(home, digests, voxels, order, job.progress, lambda: job.cancelled)
            return len(keep(home, study, objects, node=""))

        def done(count: int) -> None:
            self.said.emit(f"{_title(order)}: {count} images, a new series of the study.")
            self.wrote.emit(study)

        self.said.emit("")
        jobs.run(f"Write {order.grid.size[2]} planes", work, done, self._failed)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Cancelled):
            self.said.emit("Stopped: nothing was written.")
        else:
            sentence = error.sentence if isinstance(error, HounsfieldError) else type(error).__name__
            self.said.emit(f"The planes were not written: {sentence}.")


def _question(order: Reformat) -> str:
    columns, rows, images = order.grid.size
    thick = "" if order.slab.is_thick else ", without thickness"
    mb = max(round(2 * columns * rows * images / 1e6), 1)
    planes = f"{_title(order)}{thick}: {images} images {order.grid.spacing[2]:.3g} mm apart, about {mb} MB"
    return f"{planes}. The same key again writes them."


def _title(order: Reformat) -> str:
    slab = f", {order.slab.thickness_mm:g} mm {order.slab.mode.value}" if order.slab.is_thick else ""
    return f"{order.name} planes{slab}"
