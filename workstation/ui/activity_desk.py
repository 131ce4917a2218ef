"""Curves over time on the reading page: of the segments and the finding in hand, over all frames, in a job."""

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal

from workstation import jobs
from workstation.case.state import Case
from workstation.errors import Cancelled, HounsfieldError, Refused
from workstation.findings.activity import Activity, activity, activity_of_images, csv_of, frames_of, is_dynamic
from workstation.findings.finding import Finding
from workstation.findings.regions import measurable, source_image
from workstation.findings.segment import Colour, Segment
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.ui.activity_chart import ActivityChart
from workstation.ui.pet_export import export_csv
from workstation.ui.save_desk import export_folder

if TYPE_CHECKING:
    from workstation.ui.reading_page import ReadingPage

MOST_CURVES: Final = 8
OF_FINDINGS: Final[Colour] = (205, 209, 214)
NOT_DYNAMIC: Final = "The series of the active tile has no frames over time or a heart's beat."
NO_REGION: Final = "Mark a region, a probe or a segment on this series first."
WAITING: Final = "{} of {} frames are here; the curve is drawn when all are."
RULE: Final = "{} frames, by {}; each value stands in the middle of its frame."
NONE_INSIDE: Final = "No region lies wholly in two frames."


class ActivityDesk(QObject):
    """Belongs to one reading page; `said` are sentences. One piece of work at a time; asked again, the chart closes."""

    said = Signal(str)
    changed = Signal()

    def __init__(self, page: "ReadingPage", home: Home, loader: Loader) -> None:
        super().__init__(page)
        self._page, self._home, self._loader = page, home, loader
        self._case: Case | None = None
        self._job: jobs.Job | None = None
        self._wanted = self._told = False
        self._drawn: tuple[object, ...] = ()
        self.curves: tuple[Activity, ...] = ()
        self.chart = ActivityChart()

    def show_case(self, case: Case | None) -> None:
        if self._case is not None:
            self._case.marks.changed.disconnect(self.follow)
        if self._job is not None:
            self._job.cancel()
        self._case, self._wanted = case, False
        if case is not None:
            case.marks.changed.connect(self.follow)
        self._show((), ())

    def why_not(self) -> str:
        """Why there can be no curve; empty where there can."""
        case = self._case
        if case is None or not case.tiles:
            return "No study with images is open."
        frames = self._frames(case)
        if not is_dynamic(frames):
            return NOT_DYNAMIC
        return "" if self._regions(case, frames) else NO_REGION

    def toggle(self) -> None:
        """Draw the curves, or close the chart."""
        self._wanted = not self._wanted
        self._drawn, self._told = (), False
        if self._wanted:
            self._page.pet.open()
            self.follow()
        else:
            self._show((), ())

    def _frames(self, case: Case) -> tuple[DisplaySet, ...]:
        own = case.view(case.active).display_set
        return frames_of(case.sets.values(), own) if own is not None else ()

    def _regions(self, case: Case, frames: tuple[DisplaySet, ...]) -> list[tuple[Finding | Segment, str, Colour]]:
        """What has curves: the finding in hand, and the segments on this series that are shown."""
        marks, found = case.marks, list[tuple[Finding | Segment, str, Colour]]()
        held = marks.find(marks.selected or marks.current)
        here = held is not None and any(source_image(each, held) is not None for each in frames)
        if held is not None and here and measurable(held):
            found.append((held, held.title, OF_FINDINGS))
        series = frames[0].series_instance_uid
        for each in marks.segments:
            if each.mask and not each.hidden and each.series_instance_uid == series:
                found.append((each, each.title, each.colour))
        return found[:MOST_CURVES]

    def follow(self) -> None:
        """Marks have changed, or more has arrived: curves that are shown are worked out anew."""
        case = self._case
        if case is None or not self._wanted or self._job is not None:
            return
        frames = self._frames(case)
        regions = self._regions(case, frames) if is_dynamic(frames) else []
        now = (frames, tuple((_what(region), name, colour) for region, name, colour in regions))
        if now == self._drawn:
            return
        if not regions:
            self._drawn = now
            self._show((), ())
            return
        voxels = self._loaded(case, frames)
        if len(voxels) < len(frames):
            if not self._told:
                self.said.emit(WAITING.format(len(voxels), len(frames)))
            self._told = True
            return
        self._drawn = now
        colours = tuple(colour for _, _, colour in regions)

        def work(job: jobs.Job) -> list[Activity | None]:
            return [_curve(voxels, region, name, job) for region, name, _ in regions]

        self._job = jobs.run("Time-activity curves", work, lambda found: self._done(case, found, colours), self._failed)

    def _loaded(self, case: Case, frames: tuple[DisplaySet, ...]) -> list[Voxels]:
        """The voxels of the frames that are whole; the others begin to load."""
        found = []
        for each in frames:
            try:
                loading = self._loader.open(each, case.digests)
            except Refused:
                continue
            if loading.voxels.whole:
                found.append(loading.voxels)
        return found

    def _done(self, case: Case, found: list[Activity | None], colours: tuple[Colour, ...]) -> None:
        self._job = None
        if case is not self._case:
            return
        pairs = [(each, colour) for each, colour in zip(found, colours, strict=True) if each is not None]
        self._show(tuple(each for each, _ in pairs), tuple(colour for _, colour in pairs))
        self.said.emit(RULE.format(len(pairs[0][0].points), pairs[0][0].axis.rule) if pairs else NONE_INSIDE)
        self.follow()

    def _failed(self, error: Exception) -> None:
        self._job = None
        if not isinstance(error, Cancelled):
            self.said.emit(error.sentence if isinstance(error, HounsfieldError) else type(error).__name__)

    def _show(self, curves: tuple[Activity, ...], colours: tuple[Colour, ...]) -> None:
        self.curves = curves
        self.chart.show_curves(tuple(zip(curves, colours, strict=True)))
        self.changed.emit()

    def export(self, chosen: str) -> None:
        """Write the curves as CSV into the folder for exports that a setting means."""
        case = self._case
        own = case.view(case.active).display_set if case is not None else None
        if self.curves and own is not None:
            folder, told = export_folder(self._home, chosen), "The curves were written to {}; it names no patient."
            text, study = csv_of(self.curves), own.study_instance_uid
            export_csv(text, study, folder, "curves", lambda path: self.said.emit(told.format(path)), self._failed)

    def facts(self) -> dict[str, Any]:
        return {"wanted": self._wanted, "busy": self._job is not None, "curves": self.chart.facts()}


def _curve(frames: list[Voxels], region: Finding | Segment, name: str, job: jobs.Job) -> Activity | None:
    """In a job."""
    if len(frames) > 1:
        return activity(frames, region, name, job.progress)
    return activity_of_images(frames[0], region, name, job.progress) if isinstance(region, Finding) else None


def _what(region: Finding | Segment) -> object:
    """What of a region makes its curve another one."""
    return id(region.mask) if isinstance(region, Segment) else (region.tracking_uid, region.points)
