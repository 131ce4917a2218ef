"""The volume of a 3D tile turned once round, written in a job into the folder for exports."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from workstation import jobs
from workstation.case.tile import TileView
from workstation.errors import Cancelled, HounsfieldError
from workstation.imaging.volume import Voxels
from workstation.paths import Home
from workstation.picture.turntable import FRAMES, SIDE_PX, frames, why_not, write
from workstation.security import acts
from workstation.ui.save_desk import export_folder

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

TITLE: Final = "Write a turntable"


class TurntableDesk(QObject):
    """One for a window. `said` are sentences; one turn at a time, and asked again meanwhile it stops."""

    said = Signal(str)

    def __init__(self, window: "MainWindow", home: Home) -> None:
        super().__init__(window)
        self._window, self._home = window, home
        self._job: jobs.Job | None = None

    @property
    def is_busy(self) -> bool:
        return self._job is not None

    def write(self) -> None:
        """Begin, or stop what is under way. The name of the file says when and what kind, and nothing says who."""
        if self._job is not None:
            self._job.cancel()
            return
        case, voxels = self._window.reading.case, self._window.reading.volumes.voxels()
        if case is None or voxels is None or case.tiles[case.active].scene is None:
            return
        settings = self._window.settings
        folder, kind = export_folder(self._home, settings.text("export.folder")), settings.text("export.turntable")
        if sentence := why_not(kind):
            self.said.emit(f"No turntable was written: {sentence}.")
            return
        view = case.view(case.active)
        self.said.emit("The turn is being drawn; the same key stops it.")
        self._job = jobs.run(
            TITLE, lambda job: _written(folder, kind, view, voxels, job), self._told, self._failed
        )  # fmt: skip

    def _told(self, path: Path) -> None:
        self._job = None
        self.said.emit(f"Written to {path}. It names no patient; what is burnt into the pixels stays.")

    def _failed(self, error: Exception) -> None:
        self._job = None
        if isinstance(error, Cancelled):
            self.said.emit("Stopped: no turntable was written.")
        else:
            sentence = error.sentence if isinstance(error, HounsfieldError) else type(error).__name__
            self.said.emit(f"No turntable was written: {sentence.rstrip('.')}.")


def _written(folder: Path, kind: str, view: TileView, voxels: Voxels, job: jobs.Job) -> Path:
    """In a job."""
    display_set = voxels.display_set
    with acts.doing(acts.Kind.EXPORT, study=display_set.study_instance_uid):
        stem = f"{datetime.now():%Y%m%d-%H%M%S-%f}-{display_set.first.Modality or 'image'}-turn"
        path = folder / (stem if kind == "png" else f"{stem}.{kind}")
        try:
            write(path, kind, frames(view, voxels, (SIDE_PX, SIDE_PX), 1.0, FRAMES, job.progress), FRAMES)
        except OSError as error:
            raise HounsfieldError(f"Nothing can be written to {folder}.") from error
    return path
