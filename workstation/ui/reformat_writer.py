"""The plane of a tile written as a series through its whole volume: in a job, into the cache."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workstation import jobs
from workstation.case.save import keep
from workstation.case.state import Case, TileView
from workstation.documents.derived import STORAGE
from workstation.errors import Cancelled, HounsfieldError
from workstation.imaging.oblique import Axes, Slab, SlabMode, off_patient_deg
from workstation.imaging.reformat import NAMES, OBLIQUE, Reformat, reformat
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.picture.page import loaded_for
from workstation.picture.reformat import written
from workstation.ui.planes_entry import DistanceEntry, over_active_tile

if TYPE_CHECKING:
    from workstation.ui.reading_page import ReadingPage


class ReformatWriter(QObject):
    """Belongs to one reading page. `said` are sentences; `wrote(study)` when a series has come to a study."""

    said = Signal(str)
    wrote = Signal(str)

    def __init__(self, page: "ReadingPage", home: Home, loader: Loader) -> None:
        super().__init__(page)
        self._page, self._home, self._loader = page, home, loader
        self.entry = DistanceEntry(page.grid)
        self.entry.closed.connect(page.setFocus)
        self.entry.said.connect(self.said)

    def why_not(self, case: Case) -> str:
        """Why planes of the active tile cannot be written; empty when they can."""
        view = case.view(case.active)
        if view.display_set is None or view.display_set.first.Modality not in STORAGE:
            return "Planes are written of CT, MR and PET images only."
        voxels = loaded_for(view, case, self._loader)[0]
        return "" if voxels is not None and voxels.whole else "The volume is not whole yet."

    def write(self) -> None:
        """Say what the plane of the active tile makes as a series through the whole volume, and ask how far apart its
        planes are; they are written once that is entered."""
        case = self._page.case
        view = case.view(case.active) if case is not None and case.tiles else None
        if case is None or view is None or view.display_set is None or view.display_set.lattice is None:
            return
        voxels = loaded_for(view, case, self._loader)[0]
        found = over_active_tile(self._page.grids, case)
        if voxels is None or view.tile.orientation is None or found is None:
            return
        grid, place = found
        self.entry.stand_over(grid)
        try:
            order = _order(view, None)
        except HounsfieldError as error:
            self.said.emit(f"{error.sentence}.")
            return

        def take(distance_mm: float) -> bool:
            try:
                wanted = order if f"{distance_mm:.4g}" == f"{order.grid.spacing[2]:.4g}" else _order(view, distance_mm)
            except HounsfieldError as error:
                self.said.emit(f"{error.sentence}.")
                return False
            self._start(case, voxels, wanted)
            return True

        self.entry.ask_distance(order.grid.spacing[2], place, take, lambda: self.said.emit("Nothing was written."))
        self.said.emit(_question(order))

    def forget(self) -> None:
        """Another case is shown: what was asked of this one is asked no more."""
        self.entry.give_up()

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


def _order(view: TileView, distance_mm: float | None) -> Reformat:
    """The plane of a tile through its whole volume. Raises `Refused` where that is too much."""
    assert view.display_set is not None and view.display_set.lattice is not None  # noqa: S101  asked for before
    assert view.tile.orientation is not None  # noqa: S101
    slab = view.tile.slab
    if slab.mode is SlabMode.SUM:  # shown as the mean it is a multiple of
        slab = Slab(slab.thickness_mm, SlabMode.MEAN)
    name = OBLIQUE if view.triad is not None and off_patient_deg(view.plane.normal) else NAMES[view.tile.orientation]
    return reformat(view.display_set.lattice, Axes(view.plane.right, view.plane.down), name, slab, distance_mm)


def _question(order: Reformat) -> str:
    columns, rows, images = order.grid.size
    thick = "" if order.slab.is_thick else ", without thickness"
    mb = max(round(2 * columns * rows * images / 1e6), 1)
    planes = f"{_title(order)}{thick}: {images} images {order.grid.spacing[2]:.3g} mm apart, about {mb} MB"
    return f"{planes}. Enter writes them, Esc does not."


def _title(order: Reformat) -> str:
    slab = f", {order.slab.thickness_mm:g} mm {order.slab.mode.value}" if order.slab.is_thick else ""
    return f"{order.name} planes{slab}"
