"""Reference lines on the orientation phantom, cut straight and obliquely: where both planes' equations hold."""

import numpy as np
import pytest
from PySide6.QtGui import QImage

from tests.case.stacks import BERT, SAGITTAL, beside, hung, stack, tile
from tests.loading.opened import imported, studies
from workstation.case import view_tools
from workstation.case.commands import COMMANDS
from workstation.case.layout import set_layout, show_set
from workstation.case.open import open_study
from workstation.case.state import Case
from workstation.imaging.view import Orientation, ScreenPlane, screen_plane
from workstation.paint.lines import Line
from workstation.paint.tile import TileMarks, paint_tile
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.orientation import all_orientations, oblique_phantom, orientation_phantom
from workstation.picture.reference import reference_lines

pytestmark = pytest.mark.usefixtures("qapp")

SIZE = (500, 400)
SAGITTAL_NAME = "P\\F"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One study in one frame of reference: axial, sagittal and oblique stacks of one object."""
    folder = tmp_path_factory.mktemp("reference")
    cosines = {name: each for each, name in all_orientations()}
    rotation, _ = np.linalg.qr(np.random.default_rng(3).standard_normal((3, 3)))
    rotation = rotation * np.sign(np.linalg.det(rotation))
    made = [orientation_phantom()[0], orientation_phantom(cosines[SAGITTAL_NAME])[0], oblique_phantom(rotation)[0]]
    for number, series in enumerate(made):
        write_series(series, folder / "in" / str(number))
    return imported(folder, folder / "in")


@pytest.fixture
def case(home: Home) -> Case:
    """The three stacks side by side, the first one active."""
    case = open_study(home, *studies(home), protocol="images")
    set_layout(case, 1, 3)
    for number, key in enumerate(case.sets):
        show_set(case, number, key)
    case.activate(0)
    return case


def drawn(case: Case, number: int) -> tuple[ScreenPlane, tuple[Line, ...]]:
    view = case.view(number)
    screen = screen_plane(view.plane, view.tile.framing, *SIZE)
    return screen, reference_lines(view, screen)


def test_the_axial_image_is_a_level_line_in_the_sagittal_stack(case: Case) -> None:
    sagittal = next(n for n in range(3) if abs(case.view(n).plane.normal[0]) > 0.99)
    axial = next(n for n in range(3) if abs(case.view(n).plane.normal[2]) > 0.99)
    case.activate(axial)
    for image in (0, 3, 15):
        view_tools.to_image(case, axial, image)
        screen, (line,) = drawn(case, sagittal)
        height_mm = case.view(axial).plane.center_lps[2]
        assert line.label == str(image + 1)
        for end in (line.start, line.end):
            assert screen.point(*end)[2] == pytest.approx(height_mm, abs=1e-6)
        assert line.start[1] == pytest.approx(line.end[1], abs=1e-6)
        assert abs(line.start[0] - line.end[0]) == pytest.approx(20 * 0.9 * screen.px_per_mm)  # 20 rows of 0.9 mm


def test_oblique_images_are_lines_where_both_planes_are(case: Case) -> None:
    seen = 0
    for active in range(3):
        case.activate(active)
        for number in range(3):
            if number == active:
                assert drawn(case, number)[1] == ()
                continue
            screen, lines = drawn(case, number)
            plane = case.view(active).plane
            for line in lines:
                for end in (line.start, line.end):
                    away = np.subtract(screen.point(*end), plane.center_lps)
                    assert np.dot(plane.normal, away) == pytest.approx(0.0, abs=1e-6)
                seen += 1
    assert seen == 6


def test_turned_and_mirrored_tiles_bear_the_line_at_the_same_place_of_the_patient(case: Case) -> None:
    case.activate(1)
    for name in ("turn", "mirror", "closer"):
        COMMANDS[name].run(case)
    case.activate(0)
    screen, (line,) = drawn(case, 1)
    plane = case.view(0).plane
    for end in (line.start, line.end):
        assert np.dot(plane.normal, np.subtract(screen.point(*end), plane.center_lps)) == pytest.approx(0.0, abs=1e-6)


def test_ends_of_the_stack_are_dashed_and_numbered() -> None:
    case = beside(stack("1", count=7), stack("2", orientation=SAGITTAL, start_mm=-25.0, shape=(200, 150)))
    assert COMMANDS["reference-ends"].why_not(case) == ""
    COMMANDS["reference-ends"].run(case)
    assert [(line.label, line.dashed) for line in drawn(case, 1)[1]] == [("4", False), ("1", True), ("7", True)]
    COMMANDS["reference-lines"].run(case)
    assert drawn(case, 1)[1] == ()


@pytest.mark.parametrize(
    "other",
    [
        stack("2", orientation=SAGITTAL, start_mm=-25.0, frame="1.8"),
        stack("2", orientation=SAGITTAL, start_mm=-25.0, frame=""),
        stack("2", orientation=SAGITTAL, start_mm=-25.0, study="2.0", patient=BERT),
        stack("2", placed=False),
        stack("2", count=3),
    ],
    ids=["other frame", "no frame", "other patient", "no place", "parallel"],
)
def test_no_line_where_positions_cannot_be_compared(other: object) -> None:
    assert drawn(beside(stack("1"), other), 1)[1] == ()  # type: ignore[arg-type]


def test_planes_of_one_volume_bear_the_crosshair_alone() -> None:
    volume = stack("1", count=30, step_mm=2.0)
    case = hung([tile(volume, orientation=each) for each in Orientation], sets=(volume,))
    assert case.view(1).crossed
    assert drawn(case, 1)[1] == ()
    COMMANDS["crosshair-lines"].run(case)
    assert len(drawn(case, 1)[1]) == 1


def test_scrolling_paints_the_tiles_that_bear_the_line_again() -> None:
    case = beside(stack("1"), stack("2", orientation=SAGITTAL, start_mm=-25.0), stack("3"))
    told: list[tuple[int, ...]] = []
    case.changed.connect(told.append)
    view_tools.scroll(case, 0, 1)
    view_tools.scroll(case, 1, 1)
    assert told == [(0, 1), (1,)]


def test_a_dashed_line_differs_in_shape_and_the_label_stands_at_its_end() -> None:
    def lit(line: Line) -> int:
        image = paint_tile(None, TileMarks(lines=(line,)), (300, 200), 1.0)
        assert image.format() == QImage.Format.Format_RGB32
        return sum(image.pixelColor(x, 100).red() > 100 for x in range(20, 280))

    whole = lit(Line((0.0, 100.0), (300.0, 100.0), "reference"))
    dashed = lit(Line((0.0, 100.0), (300.0, 100.0), "reference", dashed=True))
    assert whole == 260 and 100 < dashed < 180
    image = paint_tile(
        None, TileMarks(lines=(Line((0.0, 100.0), (300.0, 100.0), "reference", label="12"),)), (300, 200), 1
    )
    above = [x for x in range(300) for y in range(80, 99) if image.pixelColor(x, y).red() > 150]
    assert above and min(above) > 240


def test_the_same_stacks_do_cut_in_one_frame_of_one_patient() -> None:
    assert len(drawn(beside(stack("1"), stack("2", orientation=SAGITTAL, start_mm=-25.0)), 1)[1]) == 1
