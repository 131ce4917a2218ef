"""The surface of what a 3D tile shows, or of the selected segment, written in a job: as STL, or into the study."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from workstation import jobs
from workstation.case.save import save_object
from workstation.errors import Cancelled, HounsfieldError, Reason, Refused
from workstation.findings.segment import Segment
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.masks import Mask
from workstation.imaging.mesh import Mesh
from workstation.imaging.scene import Scene
from workstation.imaging.scene_surface import hidden, opaque, threshold_of
from workstation.imaging.volume import Voxels
from workstation.paths import Home
from workstation.picture.volume import cut_away, transfer_of
from workstation.security import acts
from workstation.ui.save_desk import export_folder

if TYPE_CHECKING:
    from workstation.render.smoothing import Smoothed
    from workstation.ui.window import MainWindow


@dataclass(frozen=True)
class _Wanted:
    """What a surface is made of: how it is called, where it lies, and the work that finds it."""

    title: str
    display_set: DisplaySet
    digest: str
    make: Callable[[jobs.Job], "Smoothed"]


class SurfaceDesk(QObject):
    """One for a window. `said` are sentences; one surface at a time."""

    said = Signal(str)

    def __init__(self, window: "MainWindow", home: Home) -> None:
        super().__init__(window)
        self._window, self._home = window, home
        self._job: jobs.Job | None = None

    @property
    def is_busy(self) -> bool:
        return self._job is not None

    def to_file(self, of_segment: bool) -> None:
        """Write an STL file into the folder for exports. Its name says when and what kind, and nothing says who."""
        folder = export_folder(self._home, self._window.settings.text("export.folder"))
        if (wanted := self._wanted(of_segment)) is not None:
            self._begin(
                "Write a surface", lambda job: _filed(wanted, wanted.make(job), folder), lambda told: self._told(*told)
            )

    def to_study(self, of_segment: bool) -> None:
        """Save it as an object of the study (Encapsulated STL)."""
        if (wanted := self._wanted(of_segment)) is not None:
            self._begin(
                "Save a surface",
                lambda job: _saved(self._home, wanted, wanted.make(job), job),
                lambda told: self._told(*told),
            )

    def segment(self) -> Segment | None:
        """The segment that tools work on, where it lies on the volume of the active tile."""
        case = self._window.reading.case
        shown = case.view(case.active).display_set if case is not None and case.tiles else None
        found = case.marks.find_segment(case.marks.segment) if case is not None else None
        here = found is not None and shown is not None and found.mask and found.mask.grid == shown.lattice
        return found if here else None

    def _wanted(self, of_segment: bool) -> _Wanted | None:
        """What the active 3D tile shows, or the segment."""
        page = self._window.reading
        case, voxels = page.case, page.volumes.voxels()
        scene = case.tiles[case.active].scene if case is not None else None
        if self._job is not None or case is None or voxels is None or scene is None:
            return None
        shown = voxels.display_set
        digest = case.digests[shown.first.SOPInstanceUID]
        if of_segment:
            segment = self.segment()
            return _Wanted(segment.title, shown, digest, lambda job: surface_around(segment.mask)) if segment else None
        return _Wanted(_title(scene, voxels), shown, digest, lambda job: surface_seen(scene, voxels, job))

    def _begin(self, title: str, work: Callable[[jobs.Job], Any], then: Callable[[Any], None]) -> None:
        self.said.emit("")
        self._job = jobs.run(title, work, then, self._failed)

    def _told(self, mesh: Mesh, title: str, where: str) -> None:
        self._job = None
        self.said.emit(f"{title}: {_size(mesh)}. {where}")
        self._window.refresh()

    def _failed(self, error: Exception) -> None:
        self._job = None
        if isinstance(error, Cancelled):
            self.said.emit("Stopped: no surface was written.")
        else:
            sentence = error.sentence if isinstance(error, HounsfieldError) else type(error).__name__
            self.said.emit(f"No surface was written: {sentence.rstrip('.')}.")


def _title(scene: Scene, voxels: Voxels) -> str:
    """What the surface of a scene is called: by its threshold where it has one."""
    threshold = threshold_of(transfer_of(scene, voxels))
    unit = f" {voxels.unit}" if voxels.unit else ""
    return f"Surface at {threshold:.4g}{unit}" if threshold is not None else f"Surface of {scene.preset}"


def surface_around(mask: Mask) -> "Smoothed":
    """In a job. The surface of a mask, smoothed as far as it can be, of its volume."""
    from workstation.render.smoothing import smoothed
    from workstation.render.surfaces import surface_of_mask

    return smoothed(surface_of_mask(mask), mask.grid.spacing, mask.volume_ml)


def surface_seen(scene: Scene, voxels: Voxels, job: jobs.Job) -> "Smoothed":
    """In a job. What the scene shows at least half as opaque as what it shows best, within what is not cut away."""
    from workstation.render.smoothing import smoothed
    from workstation.render.surfaces import surface_of_values

    grid = voxels.display_set.lattice
    if grid is None:
        raise Refused(Reason.NO_GEOMETRY)
    gone = hidden(scene, grid, cut_away(scene))
    transfer = transfer_of(scene, voxels)
    threshold = threshold_of(transfer)
    if threshold is None:
        return surface_around(opaque(voxels, transfer, grid, gone, job.progress))
    rough = surface_of_values(voxels, threshold, job.progress, gone)
    job.check()
    return smoothed(rough, grid.spacing)


def _size(mesh: Mesh) -> str:
    low, high = mesh.bounds_mm
    size = " x ".join(f"{b - a:.0f}" for a, b in zip(low, high, strict=True))
    closed = "closed" if mesh.watertight else "not closed: it cannot be printed as it is"
    return f"{len(mesh.triangles):,} triangles, {mesh.volume_ml:.4g} ml, {closed}, {size} mm"


def _told_of(made: "Smoothed") -> str:
    return f"{made.said[0].upper()}{made.said[1:]}. " if made.said else ""


def _filed(wanted: _Wanted, made: "Smoothed", folder: Path) -> tuple[Mesh, str, str]:
    """In a job: written, and what is told is of the file as it is read again."""
    from workstation.imaging.mesh_files import mesh_file, read_stl

    with acts.doing(acts.Kind.EXPORT, study=wanted.display_set.study_instance_uid):
        path = folder / f"{datetime.now():%Y%m%d-%H%M%S-%f}-{wanted.display_set.first.Modality or 'image'}-surface.stl"
        partial = path.with_suffix(".part")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(mesh_file(made.mesh, "stl"))
            again = read_stl(partial.read_bytes())
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise HounsfieldError(f"Nothing can be written to {folder}.") from error
    return again, wanted.title, f"{_told_of(made)}Written to {path}; it names no patient."


def _saved(home: Home, wanted: _Wanted, made: "Smoothed", job: jobs.Job) -> tuple[Mesh, str, str]:
    """In a job."""
    from workstation.cache import files
    from workstation.documents.made import header_of
    from workstation.documents.surface import read_surface, write_surface
    from workstation.traffic import origin

    study = wanted.display_set.study_instance_uid
    images = {each.instance.SOPInstanceUID: each.instance for each in wanted.display_set.images}
    data = write_surface(made.mesh, header_of(files.read(home, wanted.digest)), tuple(images.values()), wanted.title)
    job.check()
    node, stays = origin.node_of(home, study)
    save_object(home, study, data, node)
    goes = f"it goes to {node}" if node else f"it stays on this computer: {stays}"
    return read_surface(data)[0], wanted.title, f"{_told_of(made)}Saved in the study; {goes}."
