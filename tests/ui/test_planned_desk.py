"""Margins and remnants of balls of known size, measured by their commands, against closed forms."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import settle
from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.case import cutting, volume
from workstation.case.drawing_tools import space_of
from workstation.case.open import open_study
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind
from workstation.findings.segment import Segment
from workstation.imaging.geometry import Vec3
from workstation.imaging.masks import Mask
from workstation.imaging.scene import ClipPlane
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.vertebra import vertebra_phantom
from workstation.picture.volume_shells import BANDS_MM, shells_of
from workstation.render.volume_memory import mapped
from workstation.ui.planned_commands import PLANNED_COMMANDS
from workstation.ui.planned_desk import NO_WEIGHT, OVERLAP, PlannedDesk

WEIGHT_KG = 64.0
VOXEL_MM = 1.0
BIG, SMALL = ((-14.0, 0.0, 0.0), 14.0), ((20.0, 8.0, 6.0), 6.0)


@pytest.fixture(scope="module")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A patient whose images tell a weight, and one whose images tell none."""
    folder = tmp_path_factory.mktemp("planned")
    one, other = (vertebra_phantom(seed)[0] for seed in (1, 2))
    write_series(replace(one, study=replace(one.study, patient_weight_kg=WEIGHT_KG)), folder / "one")
    write_series(other, folder / "other")
    home = Home(folder / "home").create()
    import_paths(home, [folder / "one", folder / "other"])
    return home


class Page(QObject):
    """What the desk needs of a reading page; `window.reading` is the page too, and commands run as the window does."""

    changed = Signal()

    def __init__(self, home: Home) -> None:
        super().__init__()
        self.home, self.reading = home, self
        self.case: Case | None = None
        self.said: list[str] = []
        self.planned = PlannedDesk(self, home)  # type: ignore[arg-type]
        self.planned.said.connect(self.said.append)

    def run(self, name: str) -> None:
        command = PLANNED_COMMANDS[name]
        if sentence := command.why_not(self):
            self.said.append(sentence)
        else:
            command.run(self)


@pytest.fixture
def window(made_home: Home, qapp: QApplication) -> Iterator[Page]:
    yield Page(made_home)
    settle()


def opened(window: Page, seed: int = 1) -> Case:
    case = open_study(window.home, vertebra_phantom(seed)[0].study.study_instance_uid, "images")
    window.case = case
    return case


def ball(case: Case, number: int, middle: Vec3, radius_mm: float) -> Segment:
    display_set = case.view(0).display_set
    assert display_set is not None and display_set.grid is not None
    grid = display_set.grid
    k, j, i = np.indices(grid.size[::-1])
    points = np.stack([i, j, k], axis=-1) @ grid.lps_from_index[:3, :3].T + grid.lps_from_index[:3, 3]
    mask = Mask.of(grid, np.linalg.norm(points - np.asarray(middle), axis=-1) <= radius_mm)
    study, series = display_set.study_instance_uid, display_set.series_instance_uid
    return Segment(f"2.25.{number}", number, mask, study, series, space_of(display_set, 0) or "", name=f"S{number}")


def _voxel(segment: Segment, point_lps: Vec3) -> tuple[int, int, int]:
    i, j, k = (round(each) for each in segment.mask.grid.index(point_lps))
    return i, j, k


def found(window: Page, case: Case, command: str) -> Finding:
    window.run(command)
    settle()
    assert len(case.marks), window.said
    return case.marks.findings[-1]


def test_the_margin_of_two_balls_is_marked_where_they_are_nearest(window: Page) -> None:
    case = opened(window)
    case.marks.put_segments([ball(case, 1, *BIG), ball(case, 2, *SMALL)], "2.25.1")
    made = found(window, case, "margin-between-segments")
    apart = math.dist(BIG[0], SMALL[0])
    assert made.kind is Kind.MARGIN and made.name == "S1 to S2" and case.marks.selected == made.tracking_uid
    assert made.values[0].value == pytest.approx(apart - BIG[1] - SMALL[1], abs=VOXEL_MM)
    along = (np.asarray(SMALL[0]) - np.asarray(BIG[0])) / apart
    for point, (middle, radius), sign in zip(made.points, (BIG, SMALL), (1, -1), strict=True):
        assert math.dist(point, np.asarray(middle) + sign * along * radius) < 3 * VOXEL_MM
        assert math.dist(point, middle) == pytest.approx(radius, abs=VOXEL_MM)
    (coloured,) = [each for each in shells_of(case.view(0)) if each.colours is not None]
    assert coloured.colours is not None
    colours, points = mapped(coloured.colours), mapped(coloured.points)
    away = np.linalg.norm(points - np.asarray(SMALL[0]), axis=1) - SMALL[1]
    for limit, _ in BANDS_MM[1:3]:
        near = away < limit - 2 * VOXEL_MM
        bands = {each for upto, each in BANDS_MM if upto <= limit}
        assert {tuple(each) for each in colours[near].tolist()} <= bands
    assert "red under 5 mm" in window.said[-1] and {tuple(each) for each in colours.tolist()} >= {BANDS_MM[-1][1]}
    case.marks.undo()
    assert not len(case.marks)
    assert all(each.colours is None for each in shells_of(case.view(0))), "the map goes with the finding"


def test_what_overlaps_has_no_margin_and_says_so(window: Page) -> None:
    case = opened(window)
    case.marks.put_segments([ball(case, 1, *BIG), ball(case, 2, (0.0, 0.0, 0.0), 6.0)], "2.25.2")
    made = found(window, case, "margin-between-segments")
    assert made.text == OVERLAP and made.values[0].value == 0.0
    assert all(each.mask.has(_voxel(each, made.points[0])) for each in case.marks.segments)


def test_a_margin_needs_two_segments_on_screen(window: Page) -> None:
    case = opened(window)
    three = [ball(case, 1, *BIG), ball(case, 2, *SMALL), ball(case, 3, (0.0, 0.0, 18.0), 4.0)]
    case.marks.put_segments(three, "2.25.2")
    window.run("margin-between-segments")
    assert window.said[-1].startswith("Show just the two segments") and not jobs.active()
    case.marks.change_segments(replace(three[2], hidden=True))
    assert found(window, case, "margin-between-segments").name == "S2 to S1"


@pytest.mark.parametrize(("seed", "height_mm"), [(1, 0.0), (1, 5.5), (2, -6.25)])
def test_a_ball_cut_by_the_clip_plane_keeps_what_a_cap_leaves(window: Page, seed: int, height_mm: float) -> None:
    case = opened(window, seed)
    middle, radius = BIG
    case.marks.put_segments([ball(case, 1, middle, radius)], "2.25.1")
    volume.show_3d(case, 0)
    normal = (0.6, 0.0, 0.8)
    point = np.asarray(middle) + np.asarray(normal) * height_mm
    plane = ClipPlane((float(point[0]), float(point[1]), float(point[2])), normal)
    cutting.cut(case, 0, lambda now: replace(now, plane=plane))
    made = found(window, case, "remnant-of-the-segment")
    values = {each.name: each for each in made.values}
    cap_mm = radius - height_mm
    kept_ml = math.pi * cap_mm**2 * (3 * radius - cap_mm) / 3 / 1000
    whole_ml = 4 / 3 * math.pi * radius**3 / 1000
    assert made.kind is Kind.REMNANT and made.name == "Remnant of S1"
    assert values["Remnant"].value == pytest.approx(kept_ml, abs=0.01 * whole_ml)
    assert values["Share"].value == pytest.approx(100 * kept_ml / whole_ml, abs=1.0)
    assert values["Resected"].value == pytest.approx(whole_ml - kept_ml, abs=0.01 * whole_ml)
    assert abs(float((np.asarray(made.points[0]) - point) @ np.asarray(normal))) < 2 * VOXEL_MM
    if seed == 1:
        assert values["Per kg"].value == pytest.approx(values["Remnant"].value / WEIGHT_KG)
        assert "PatientWeight of the images" in made.text and "64 kg" in made.text
    else:
        assert "Per kg" not in values and made.text == NO_WEIGHT


def line(case: Case, number: int, points: tuple[Vec3, ...]) -> Finding:
    view = case.view(0)
    assert view.display_set is not None
    series = view.display_set.study_instance_uid, view.display_set.series_instance_uid
    return Finding(f"2.25.7.{number}", number, Kind.POLYLINE, points, space_of(view.display_set, 0), (), *series)


def bent_mm(y_mm: float) -> float:
    """How far to the patient's left the cut runs, LPS x."""
    return BIG[0][0] + 2.0 + y_mm * y_mm / 25.0


def volume_ml(side: int) -> float:
    """Of the ball on one side of the bent cut, summed over columns of 0.2 mm."""
    (x, y, _), radius = BIG
    steps = np.arange(-radius + 0.1, radius, 0.2)
    along, up = np.meshgrid(steps, steps)
    half = np.sqrt(np.clip(radius**2 - along**2 - up**2, 0, None))
    at = np.clip(np.vectorize(bent_mm)(along + y) - x, -half, half)
    return float((half - at if side > 0 else half + at).sum() * 0.2 * 0.2 / 1000)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_bent_cut_along_drawn_lines_keeps_the_part_with_the_crosshair(window: Page, side: int) -> None:
    case = opened(window)
    case.marks.put_segments([ball(case, 1, *BIG)], "2.25.1")
    window.run("remnant-behind-lines")
    assert "Draw the cut as open lines" in window.said[-1]
    heights = (-13.0, -5.0, 4.0, 12.0)
    for number, z in enumerate(heights, start=1):
        case.marks.add(line(case, number, tuple((bent_mm(y), y, z) for y in np.arange(-16.0, 17.0, 4.0).tolist())))
    shown = case.view(0).display_set
    assert shown is not None
    case.place_crosshair(shown, (30.0, 30.0, 0.0))
    window.run("remnant-behind-lines")
    assert "Put the crosshair" in window.said[-1] and not jobs.active()
    case.place_crosshair(shown, (BIG[0][0] + 9.0 * side, 0.0, 0.0))
    made = found(window, case, "remnant-behind-lines")
    values = {each.name: each for each in made.values}
    whole_ml = 4 / 3 * math.pi * BIG[1] ** 3 / 1000
    assert made.kind is Kind.REMNANT and values["Remnant"].how == "curved cut" and "lines 1, 2, 3, 4," in made.text
    assert values["Remnant"].value == pytest.approx(volume_ml(side), abs=0.01 * whole_ml)
    assert values["Resected"].value == pytest.approx(volume_ml(-side), abs=0.01 * whole_ml)
    assert abs(made.points[0][0] - bent_mm(made.points[0][1])) < 2 * VOXEL_MM


def test_a_remnant_needs_a_segment_and_a_plane(window: Page) -> None:
    case = opened(window)
    window.run("remnant-of-the-segment")
    assert "no segment" in window.said[-1]
    case.marks.put_segments([ball(case, 1, *BIG)], "2.25.1")
    window.run("remnant-of-the-segment")
    assert "No clip plane" in window.said[-1] and not jobs.active()
