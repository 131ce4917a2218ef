"""Which findings a tile shows, and where: half a slice, one frame of reference, one image (safety.md 13)."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from tests.case.stacks import ANNA, beside, hung, stack, tile
from tests.findings.made import finding
from workstation.case.drawing_tools import valued
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind, Source
from workstation.imaging.view import Orientation, ScreenPlane, screen_plane
from workstation.paint.marks import Mark
from workstation.paint.tile import TileMarks, corner_boxes
from workstation.picture.label_places import bounds
from workstation.picture.marks import facts_of, laid_out

pytestmark = pytest.mark.usefixtures("qapp")
SIZE = (600, 400)


def marks_of(case: Case, *findings: Finding, number: int = 0) -> tuple[tuple[Mark, ...], ScreenPlane]:
    case.marks.take_up(findings)
    view = case.view(number)
    screen = screen_plane(view.plane, view.tile.framing, *SIZE)
    return laid_out(view, screen, 1.0, SIZE), screen


def line(z: float, frame: str = "1.9", **other: object) -> Finding:
    return finding(Kind.LENGTH, [(-6, 2, z), (6, 2, z)], frame_of_reference_uid=frame, **other)


@pytest.mark.parametrize(("away_mm", "seen"), [(0, True), (2.4, True), (-2.4, True), (2.6, False), (5, False)])
def test_a_mark_is_seen_within_half_a_slice(away_mm: float, seen: bool) -> None:
    case = beside(stack("1", step_mm=5.0), image=4)
    marks, _ = marks_of(case, line(20.0 + away_mm))
    assert bool(marks) is seen


def test_a_mark_of_another_frame_of_reference_is_never_drawn() -> None:
    case = beside(stack("1", frame="1.9"), image=4)
    assert marks_of(case, line(20.0, frame="1.8"))[0] == ()


def test_a_finer_series_of_the_same_space_shows_it_where_it_lies() -> None:
    other = stack("2", step_mm=1.0, count=40, start_mm=0.0)
    case = beside(stack("1"), other)
    for image, seen in ((18, False), (20, True), (22, False)):
        case.tiles[1] = replace(case.tiles[1], image=image)
        assert bool(marks_of(case, line(20.0), number=1)[0]) is seen


def test_pixels_lie_where_the_points_do() -> None:
    case = beside(stack("1", spacing=(0.8, 0.6)), image=4)
    (mark,), screen = marks_of(case, line(20.0))
    expected = [screen.pixel(point)[:2] for point in ((-6, 2, 20), (6, 2, 20))]
    assert np.array(mark.strokes[0].points) == pytest.approx(np.array(expected) + 0.5)
    assert np.hypot(*np.subtract(*mark.strokes[0].points)) == pytest.approx(12 * screen.px_per_mm)


@pytest.mark.parametrize(("orientation", "seen"), [("coronal", True), ("sagittal", True)])
def test_a_plane_across_shows_where_a_mark_meets_it(orientation: str, seen: bool) -> None:
    ct = stack("1", count=20, step_mm=2.0, start_mm=0.0)
    case = hung([tile(ct, orientation=Orientation(orientation))], sets=[ct])
    case.place_crosshair(ct, (0.0, 2.0, 20.0))
    (mark,), screen = marks_of(case, line(20.0, number=7))
    ends = [point for stroke in mark.strokes for point in stroke.points]
    wide = max(x for x, _ in ends) - min(x for x, _ in ends)
    if orientation == "coronal":
        assert wide == pytest.approx(12 * screen.px_per_mm, rel=0.01)
    else:
        assert wide <= 1.5
        assert mark.lines == ("7",)
        assert mark.handles == ()
    case.place_crosshair(ct, (9.0, 9.0, 20.0))
    assert marks_of(case, line(20.0))[0] == ()


def test_pixels_of_an_image_are_on_that_image_alone() -> None:
    films = stack("1", count=3, placed=False, modality="US")
    case = beside(films, image=1)
    own, other = films.images[1].instance.SOPInstanceUID, films.images[2].instance.SOPInstanceUID
    here = finding(Kind.LENGTH, [(10, 10), (30, 10)], image=own)
    (mark,), screen = marks_of(case, here, replace(here, sources=(Source(other),), tracking_uid="2.25.2"))
    assert mark.uid == "2.25.1"
    assert np.hypot(*np.subtract(*mark.strokes[0].points)) == pytest.approx(20 * 0.6 * screen.px_per_mm)


def test_hidden_marks_are_not_laid_out() -> None:
    case = beside(stack("1"), image=4)
    assert marks_of(case, replace(line(20.0), hidden=True))[0] == ()
    marks_of(case, line(20.0))
    case.marks.hide(True)
    view = case.view(0)
    assert laid_out(view, screen_plane(view.plane, view.tile.framing, *SIZE), 1.0, SIZE) == ()


def test_labels_lie_off_the_lesion_inside_the_tile_and_apart() -> None:
    case = beside(stack("1", shape=(200, 300)), image=4)
    regions = [
        finding(
            Kind.ELLIPSE,
            [(x - 8, y, 20), (x + 8, y, 20), (x, y - 5, 20), (x, y + 5, 20)],
            tracking_uid=f"2.25.{number}",
            number=number,
        )
        for number, (x, y) in enumerate(itertools.product((-70, -30, 20, 75), (-50, 0, 60)))
    ]
    marks, _ = marks_of(case, *regions)
    assert len(marks) == len(regions)
    for mark in marks:
        assert mark.label is not None
        x, y, wide, high = mark.label
        assert x >= 0 and y >= 0 and x + wide <= SIZE[0] and y + high <= SIZE[1]
        assert not overlap(mark.label, bounds(mark.strokes))
    for one, other in itertools.combinations(marks, 2):
        assert one.label is not None and other.label is not None
        assert not overlap(one.label, other.label)


@pytest.mark.parametrize("corner", ["top_left", "top_right", "bottom_left", "bottom_right"])
def test_labels_keep_clear_of_the_words_in_the_corners(corner: str) -> None:
    lines = ("Anna Example", "A-0815", "1950-01-01", "CT abdomen")
    words = corner_boxes(TileMarks(corners={corner: lines}), SIZE, 1.0)
    x, y = (sum(box[axis] + box[axis + 2] / 2 for box in words) / len(words) for axis in (0, 1))
    case = beside(stack("1", spacing=(0.8, 0.6)), image=4)
    view = case.view(0)
    screen = screen_plane(view.plane, view.tile.framing, *SIZE)
    ends = [screen.point(x + right, y + down) for right, down in ((-14, -3), (14, 3))]
    case.marks.take_up([finding(Kind.LENGTH, ends, frame_of_reference_uid="1.9")])
    (mark,) = laid_out(case.view(0), screen, 1.0, SIZE, words)
    assert mark.label is not None
    assert not any(overlap(mark.label, box) for box in words)
    (regardless,) = laid_out(case.view(0), screen, 1.0, SIZE)
    assert regardless.label is not None
    assert any(overlap(regardless.label, box) for box in words)


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return (
        one[0] < other[0] + other[2] - 0.5
        and other[0] < one[0] + one[2] - 0.5
        and one[1] < other[1] + other[3] - 0.5
        and other[1] < one[1] + one[3] - 0.5
    )


def test_facts_say_name_value_unit_and_points() -> None:
    case = beside(stack("1"), image=4)
    marks, _ = marks_of(case, valued(line(20.0), case.sets, {}))
    (facts,) = facts_of(case.view(0), marks)
    assert (facts["name"], facts["kind"], facts["frame_of_reference_uid"]) == ("Length 1", "length", "1.9")
    assert facts["values"] == [{"name": "Length", "value": 12.0, "unit": "mm", "how": "in the patient"}]
    assert facts["points"] == [[-6, 2, 20], [6, 2, 20]]
    assert facts["text"] == ["1  12.0 mm"]
    assert ANNA.PatientName not in str(facts)


@pytest.mark.parametrize(
    ("kind", "points", "told"),
    [
        (Kind.POINT_TO_LINE, [(-6, 4, 20), (6, 4, 20), (2, -5, 20)], [(2, -5, 20), (2, 4, 20)]),
        (Kind.STEP_OFF, [(-9, 4, 20), (-2, 4, 20), (3, -1, 20), (7, -1, 20)], [(5, -1, 20), (5, 4, 20)]),
    ],
)
def test_the_label_of_a_distance_is_led_to_the_dashed_line_that_it_tells(
    kind: Kind, points: list[tuple[float, ...]], told: list[tuple[float, float, float]]
) -> None:
    case = beside(stack("1", spacing=(0.8, 0.6)), image=4)
    (mark,), screen = marks_of(case, finding(kind, points, frame_of_reference_uid="1.9"))
    ends = np.array([screen.pixel(each)[:2] for each in told]) + 0.5
    assert mark.anchor == pytest.approx(tuple(ends.mean(axis=0)))


def test_a_calibration_line_that_does_not_count_says_so() -> None:
    film = stack("1", count=1, placed=False, calibrated=False, modality="DX")
    uid = film.images[0].instance.SOPInstanceUID
    given = finding(Kind.CALIBRATION, [(5, 5), (25, 5)], image=uid, true_length_mm=100.0)
    newer = replace(given, tracking_uid="2.25.2", number=2, points=((5.0, 30.0, 0.0), (25.0, 30.0, 0.0)))
    case = beside(film)
    marks, _ = marks_of(case, *(valued(each, case.sets, {}) for each in (given, newer)))
    assert {mark.uid: mark.lines for mark in marks} == {
        "2.25.1": ("1  100 mm", "not in force: another line counts"),
        "2.25.2": ("2  100 mm",),
    }


@pytest.mark.parametrize(
    ("start", "end", "caution"),
    [(5, 59.4, ""), (5, 59.6, "partly outside the image"), (-400, 5, "partly outside the image"),
     (-400, -3, "wholly outside the image")],
)  # fmt: skip
def test_a_mark_that_leaves_its_image_says_so(start: float, end: float, caution: str) -> None:
    """Columns 0 to 59 are stored: their outer edges are at -0.5 and 59.5."""
    film, ct = stack("1", count=1, placed=False, modality="DX"), stack("2", spacing=(0.8, 0.6))
    flat = finding(Kind.LENGTH, [(start, 5), (end, 5)], image=film.images[0].instance.SOPInstanceUID)
    origin, uid = ct.image_grid(4).origin_lps, ct.images[4].instance.SOPInstanceUID
    ends = [(origin[0] + column * 0.6, origin[1], origin[2]) for column in (start, end)]
    placed = finding(Kind.LENGTH, ends, frame_of_reference_uid="1.9", sources=(Source(uid),))
    for each, image, mark in ((film, 0, flat), (ct, 4, placed)):
        case = beside(each, image=image)
        ((laid,), _) = marks_of(case, valued(mark, case.sets, {}))
        assert laid.lines[1:] == ((caution,) if caution else ())
