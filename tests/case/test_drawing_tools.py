"""Gestures become points: shapes keep what they are when a handle moves; units follow the ground under a tile."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tests.case.stacks import CORONAL, beside, stack
from tests.findings.made import finding
from workstation.case.drawing_tools import (
    calibrations,
    complete,
    ground,
    handle_moved,
    shaped,
    shifted,
    space_of,
    valued,
)
from workstation.findings.finding import Kind, Source
from workstation.imaging.geometry import Vec3

RIGHT, DOWN = (0.5, 0.0, 0.0), (0.0, 0.0, -0.5)
"""Steps of the screen of a coronal tile."""


def far(one: Vec3, other: Vec3) -> float:
    return math.dist(one, other)


def square(points: tuple[Vec3, ...]) -> float:
    return abs(float(np.dot(np.subtract(points[1], points[0]), np.subtract(points[3], points[2]))))


def test_boxes_are_drawn_along_the_screen() -> None:
    corners = shaped(Kind.RECTANGLE, [(1.0, 5.0, 10.0)], (9.0, 5.0, 4.0), RIGHT, DOWN)
    assert corners == ((1, 5, 10), (9, 5, 10), (9, 5, 4), (1, 5, 4))
    ends = shaped(Kind.ELLIPSE, [(1.0, 5.0, 10.0)], (9.0, 5.0, 4.0), RIGHT, DOWN)
    assert ends == ((1, 5, 7), (9, 5, 7), (5, 5, 10), (5, 5, 4))


def test_the_short_axis_is_drawn_square_to_the_long_one() -> None:
    placed = [(0.0, 5.0, 0.0), (30.0, 5.0, 10.0), (10.0, 5.0, -5.0)]
    points = shaped(Kind.BIDIRECTIONAL, placed, (17.0, 5.0, 9.0), RIGHT, DOWN)
    assert points[:3] == tuple(placed)
    assert square(points) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("index", range(4))
def test_a_bidirectional_stays_square_whatever_is_moved(index: int) -> None:
    points = shaped(
        Kind.BIDIRECTIONAL, [(0.0, 5.0, 0.0), (30.0, 5.0, 10.0), (10.0, 5.0, -5.0)], (17.0, 5.0, 9.0), RIGHT, DOWN
    )
    to = (points[index][0] + 6.0, 5.0, points[index][2] - 11.0)
    moved = handle_moved(Kind.BIDIRECTIONAL, points, index, to)
    assert moved[index] == pytest.approx(to)
    assert square(moved) == pytest.approx(0, abs=1e-9)
    if index < 2:
        assert moved[1 - index] == pytest.approx(points[1 - index])
        assert far(moved[2], moved[3]) == pytest.approx(far(points[2], points[3]))
    else:
        assert moved[:2] == points[:2]
    assert all(each[1] == pytest.approx(5.0) for each in moved)


@pytest.mark.parametrize("index", range(4))
def test_an_ellipse_keeps_its_middle_and_its_other_axis(index: int) -> None:
    points = shaped(Kind.ELLIPSE, [(1.0, 5.0, 10.0)], (9.0, 5.0, 4.0), RIGHT, DOWN)
    to = (7.0, 5.0, 12.0)
    moved = handle_moved(Kind.ELLIPSE, points, index, to)
    other = slice(2, 4) if index < 2 else slice(0, 2)
    assert moved[index] == pytest.approx(to)
    assert np.mean(moved, axis=0) == pytest.approx(np.mean(points, axis=0))
    assert square(moved) == pytest.approx(0, abs=1e-9)
    assert far(*moved[other]) == pytest.approx(far(*points[other]))


def test_an_axis_turned_by_a_right_angle_keeps_the_other() -> None:
    points = shaped(Kind.ELLIPSE, [(1.0, 5.0, 10.0)], (9.0, 5.0, 4.0), RIGHT, DOWN)
    moved = handle_moved(Kind.ELLIPSE, points, 1, (5.0, 5.0, 12.0))
    assert square(moved) == pytest.approx(0, abs=1e-9)
    assert far(moved[2], moved[3]) == pytest.approx(6.0)


@pytest.mark.parametrize("index", range(4))
def test_the_corner_opposite_stays(index: int) -> None:
    points = shaped(Kind.RECTANGLE, [(1.0, 5.0, 10.0)], (9.0, 5.0, 4.0), RIGHT, DOWN)
    to = tuple(np.add(points[index], (2.0, 0.0, -1.0)))
    moved = handle_moved(Kind.RECTANGLE, points, index, to)  # type: ignore[arg-type]
    assert moved[index] == pytest.approx(to)
    assert moved[(index + 2) % 4] == pytest.approx(points[(index + 2) % 4])
    sides = [np.subtract(moved[each], moved[each - 1]) for each in range(4)]
    assert all(abs(float(one @ other)) < 1e-9 for one, other in pairwise(sides))


@pytest.mark.parametrize(("kind", "placed"), [(Kind.ELLIPSE, 2), (Kind.ANGLE, 3), (Kind.COBB, 4), (Kind.PROBE, 1)])
def test_a_mark_is_whole_with_its_last_point(kind: Kind, placed: int) -> None:
    assert complete(kind, placed)
    assert not complete(kind, placed - 1)


def test_outlines_end_otherwise() -> None:
    assert not complete(Kind.FREEHAND, 500)
    assert not complete(Kind.POLYLINE, 500)


def test_images_of_the_patient_are_marked_in_their_frame_of_reference() -> None:
    placed, projection, nowhere = stack("1"), stack("2", modality="XA"), stack("3", placed=False, modality="US")
    assert space_of(placed, 0) == "1.9"
    assert space_of(projection, 0) is None
    assert space_of(nowhere, 0) is None
    assert space_of(stack("4", frame=""), 0) == "1.1"


def test_ground_without_a_place_in_the_patient_is_pixels() -> None:
    case = beside(stack("3", placed=False, modality="DX", spacing=(0.8, 0.6)))
    under = ground(case.view(0))
    assert under is not None
    assert under.kept([(6.0, 8.0, 0.0)]) == (pytest.approx((10.0, 10.0, 0.0)),)
    assert under.spread([(10.0, 10.0, 0.0)]) == (pytest.approx((6.0, 8.0, 0.0)),)


def test_a_calibration_line_is_for_its_image_alone() -> None:
    films = stack("3", count=2, placed=False, modality="DX", calibrated=False)
    images = [ref.instance.SOPInstanceUID for ref in films.images]
    line = finding(Kind.CALIBRATION, [(0, 0), (40, 0)], image=images[0], true_length_mm=100.0)
    known = calibrations([line], {films.key: films})
    assert known == {images[0]: 2.5}
    drawn = finding(Kind.LENGTH, [(0, 0), (0, 10)], image=images[0])
    told = valued(drawn, {films.key: films}, known)
    assert (told.values[0].value, told.values[0].unit) == (pytest.approx(25.0), "mm")
    other = valued(replace(drawn, sources=(Source(images[1]),)), {films.key: films}, known)
    assert (other.values[0].value, other.values[0].unit) == (pytest.approx(10.0), "px")


def test_what_has_no_value_says_why() -> None:
    ct = stack("1", orientation=CORONAL)
    told = valued(finding(Kind.FREEHAND, [(0, 0), (4, 4), (4, 0), (0, 4)]), {ct.key: ct}, {})
    assert (told.values, told.refused) == ((), "its outline crosses itself, so it has no area")


def test_all_points_move_alike() -> None:
    assert shifted([(1.0, 2.0, 3.0), (4.0, 5.0, 6.0)], (1.0, -1.0, 0.5)) == ((2.0, 1.0, 3.5), (5.0, 4.0, 6.5))
