"""What is worked out on the reading page of segments and surfaces, in jobs: margins, remnants, ways; each a finding."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from PySide6.QtCore import QObject, Signal

from workstation import jobs
from workstation.cache import files
from workstation.cache.index import Index
from workstation.case.curve_finding import can_be_followed
from workstation.case.drawing import tracking_uid
from workstation.case.drawing_tools import source_near, space_of
from workstation.case.state import Case
from workstation.dicom.attributes import Attributes
from workstation.dicom.scan import scan
from workstation.errors import Cancelled, HounsfieldError
from workstation.findings.finding import Finding, Kind, Value
from workstation.findings.planned import distance_values, margin_values, remnant_values
from workstation.findings.segment import Segment
from workstation.findings.words import told
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geodesic import SurfaceWay
from workstation.imaging.geometry import Vec3, vec
from workstation.imaging.margin import Margin, margin
from workstation.imaging.remnant import Cut, FlatCut, Remnant, remnant, through_lines
from workstation.imaging.scene import ClipPlane
from workstation.paths import Home
from workstation.picture.volume_shells import MarginMap, keep_map, margin_map
from workstation.ui.surface_way import Ends, drawn, segment_under, way_between

if TYPE_CHECKING:
    from workstation.ui.reading_page import ReadingPage
    from workstation.ui.tile_grid import TileGrid

T = TypeVar("T")

OVERLAP = "They overlap: there is no margin."
IN_COLOURS = "In 3D: violet where they overlap, red under 5 mm, yellow to 10 mm, blue beyond."
STILL_BUSY = "The last measure is still being worked out."
NO_WEIGHT = "No ml per kg: the images tell no weight (PatientWeight)."

SMOOTH = "The cut goes through the lines {}, smoothly between and beyond them; the part with the crosshair stays."

Halved = tuple[Remnant, tuple[Value, ...], Vec3]
"""What a cut leaves, as values, and the middle of the cut."""


class PlannedDesk(QObject):
    """Belongs to one reading page; `said` are sentences. One piece of work at a time; asked again, it is stopped."""

    said = Signal(str)

    def __init__(self, page: "ReadingPage", home: Home) -> None:
        super().__init__(page)
        self._page, self._home = page, home
        self._job: jobs.Job | None = None

    @property
    def is_busy(self) -> bool:
        return self._job is not None

    def measure_margin(self) -> None:
        """The least distance of the two segments that are shown."""
        case = self._page.case
        pair = two_shown(case) if case is not None else None
        if case is not None and pair is not None:
            one, other = pair
            self._begin(
                "margin",
                lambda job: (margin(one.mask, other.mask), margin_map(one.mask, other.mask)),
                partial(self._margin_found, case, one, other),
            )

    def measure_remnant(self) -> None:
        """What the clip plane of a 3D tile leaves of the segment in hand."""
        case = self._page.case
        plane, segment = (clip_plane_of(case), segment_to_cut(case)) if case is not None else (None, None)
        if case is None or plane is None or segment is None:
            return
        cut = FlatCut(plane.point_lps, vec(-np.asarray(plane.normal)))
        self._measure_cut(case, segment, lambda: cut, "")

    def measure_curved_remnant(self) -> None:
        """What a curved cut through the lines drawn in its space leaves of the segment in hand, about the crosshair."""
        case = self._page.case
        segment = segment_to_cut(case) if case is not None else None
        stays = place_that_stays(case, segment) if case is not None and segment is not None else None
        if case is None or segment is None or stays is None:
            return
        lines = lines_to_cut_along(case, segment)
        how = SMOOTH.format(", ".join(str(each.number) for each in lines))
        self._measure_cut(case, segment, lambda: through_lines([each.points for each in lines], stays), how)

    def _measure_cut(self, case: Case, segment: Segment, made: Callable[[], Cut], how: str) -> None:
        home, display_set = self._home, set_of(case, segment)
        source = display_set.first.SOPInstanceUID if display_set is not None else ""

        def work(job: jobs.Job) -> Halved:
            cut, weight_kg = made(), weight_of(home, segment.study_instance_uid, source)
            found = remnant(segment.mask, cut, weight_kg, job.progress)
            return found, remnant_values(found, cut), middle_of_cut(segment, cut)

        self._begin("remnant", work, partial(self._remnant_found, case, segment, how))

    def watch(self, grid: "TileGrid") -> None:
        """A window shows tiles: ways along surfaces that are clicked there are worked out here."""
        grid.hand.space.along = self.measure_along

    def measure_along(self, case: Case, number: int, ends: Ends) -> None:
        """The shortest way along the surface that both places of a 3D tile lie on."""
        voxels, scene = self._page.volumes.voxels(), case.tiles[number].scene
        if self._job is not None or voxels is None or scene is None:
            self.said.emit(STILL_BUSY if self._job is not None else "The volume is not whole yet.")
            return
        segment = segment_under(case, number, ends)
        self.said.emit("Looking for the shortest way along the surface …")
        self._begin(
            "distance on the surface",
            lambda job: way_between(voxels, scene, segment, ends, job),
            partial(self._way_found, case, voxels.display_set, f"On {segment.title}" if segment else ""),
        )

    def _way_found(self, case: Case, display_set: DisplaySet, name: str, way: SurfaceWay) -> None:
        points = drawn(way)
        values = distance_values(points[0], points[-1], way)
        self._put(case, display_set, Kind.SURFACE, points, values, name, "")

    def _begin(self, name: str, work: Callable[[jobs.Job], T], found: Callable[[T], None]) -> None:
        if self._job is not None:
            self._job.cancel()
            return
        self._job = jobs.run(f"Measuring the {name}", work, found, partial(self._failed, name))

    def _failed(self, name: str, error: Exception) -> None:
        self._job = None
        if isinstance(error, Cancelled):
            self.said.emit(f"Measuring the {name} was stopped.")
        else:
            sentence = error.sentence if isinstance(error, HounsfieldError) else type(error).__name__
            self.said.emit(f"The {name} cannot be measured: {sentence}.")

    def _margin_found(
        self, case: Case, one: Segment, other: Segment, measured: tuple[Margin, MarginMap | None]
    ) -> None:
        found, by_distance = measured
        name = f"{one.title} to {other.title}"
        text = OVERLAP if found.overlap else ""
        points = (found.on_first_lps, found.on_second_lps)
        uid = self._put(case, set_of(case, one), Kind.MARGIN, points, margin_values(found), name, text, IN_COLOURS)
        if by_distance is not None and uid:
            keep_map(one.mask, by_distance, uid)
            case.emit_changed(range(len(case.tiles)))

    def _remnant_found(self, case: Case, segment: Segment, how: str, halved: Halved) -> None:
        found, values, point = halved
        weight = f"Weight {found.weight_kg:g} kg: PatientWeight of the images." if found.weight_kg else NO_WEIGHT
        name, text = f"Remnant of {segment.title}", " ".join(filter(None, (how, weight)))
        self._put(case, set_of(case, segment), Kind.REMNANT, (point,), values, name, text)

    def _put(
        self,
        case: Case,
        display_set: DisplaySet | None,
        kind: Kind,
        points: tuple[Vec3, ...],
        values: tuple[Value, ...],
        name: str,
        text: str,
        aside: str = "",
    ) -> str:
        """A finding on a volume, selected; its uid. A case that was closed meanwhile wants none: empty."""
        self._job = None
        if case is not self._page.case or display_set is None:
            return ""
        made = Finding(
            tracking_uid(),
            case.marks.next_number(),
            kind,
            points,
            space_of(display_set, 0),
            (source_near(display_set, points[0]),),
            display_set.study_instance_uid,
            display_set.series_instance_uid,
            name=name,
            text=text,
            values=values,
        )
        case.marks.add(made)
        case.marks.select(made.tracking_uid)
        self.said.emit(" ".join(filter(None, (f"{made.title}: {', '.join(map(_said, values))}.", text, aside))))
        self._page.changed.emit()
        return made.tracking_uid


def _said(value: Value) -> str:
    """A value in a sentence; of two lengths, which is which."""
    return f"{told(value)} along the surface" if value.name == "Along surface" else told(value)


def two_shown(case: Case) -> tuple[Segment, Segment] | None:
    """The two segments that are shown and hold something, the one in hand first; None where it is not clear which."""
    shown = [each for each in case.marks.segments if not each.hidden and each.mask]
    shown.sort(key=lambda each: each.tracking_uid != case.marks.segment)
    return (shown[0], shown[1]) if len(shown) == 2 else None


def segment_to_cut(case: Case) -> Segment | None:
    """The segment in hand, where it holds something."""
    segment = case.marks.find_segment(case.marks.segment)
    return segment if segment is not None and segment.mask else None


def clip_plane_of(case: Case) -> ClipPlane | None:
    """The clip plane of the active tile, or of another 3D tile on screen."""
    order = [case.active, *(each for each in case.shown if each != case.active)]
    scenes = (case.tiles[each].scene for each in order if each < len(case.tiles))
    return next((each.plane for each in scenes if each is not None and each.plane is not None), None)


def lines_to_cut_along(case: Case, segment: Segment) -> list[Finding]:
    """The open polylines that are shown in the space of a segment."""
    space = segment.frame_of_reference_uid
    return [each for each in case.marks.findings if not each.hidden and can_be_followed(each, space)]


def place_that_stays(case: Case, segment: Segment) -> Vec3 | None:
    """The crosshair, where it lies in a segment."""
    display_set = set_of(case, segment)
    point = case.crosshair(display_set) if display_set is not None else None
    if point is None:
        return None
    i, j, k = (round(each) for each in segment.mask.grid.index(point))
    return point if segment.mask.has((i, j, k)) else None


def set_of(case: Case, segment: Segment) -> DisplaySet | None:
    """The volume that a segment lies on."""
    sets = (each for each in case.sets.values() if each.series_instance_uid == segment.series_instance_uid)
    return next((each for each in sets if each.grid == segment.mask.grid), None)


def weight_of(home: Home, study_instance_uid: str, sop_instance_uid: str) -> float | None:
    """PatientWeight (0010,1030) as an image of a study tells it, kg; None where it tells none, or nought."""
    with Index(home) as index:
        stored = index.instances(study_instance_uid)
    digest = next((each.digest for each in stored if each.instance.SOPInstanceUID == sop_instance_uid), None)
    weight_kg = Attributes(scan(files.read(home, digest))).number("PatientWeight") if digest is not None else None
    return weight_kg if weight_kg is not None and weight_kg > 0 else None


def middle_of_cut(segment: Segment, cut: Cut) -> Vec3:
    """The voxel of a segment nearest to where a cut goes through its middle: a place to show on a slice."""
    box, voxels = segment.mask.boxed()
    k, j, i = np.nonzero(voxels)
    index = np.stack([i + box[2].start, j + box[1].start, k + box[0].start], axis=1)
    grid = segment.mask.grid
    points = index @ grid.lps_from_index[:3, :3].T + grid.lps_from_index[:3, 3]
    heights = np.abs(cut.heights_mm(points))
    near = points[heights <= heights.min() + min(grid.spacing)]
    return vec(near[int(np.argmin(np.linalg.norm(near - near.mean(axis=0), axis=1)))])
