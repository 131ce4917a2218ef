"""Unrolled pictures: where each of their pixels lies, against closed forms."""

import math

import numpy as np
import pytest

from tests.imaging import tubes
from workstation.errors import Reason, Refused
from workstation.imaging.centerline import centerline
from workstation.imaging.curved import across, straightened, stretched
from workstation.imaging.geometry import vec
from workstation.imaging.sampling import at_points

BENT = centerline([tubes.on_bend(share * tubes.QUARTER_MM) for share in np.linspace(0.0, 1.0, 9)])
CURL = centerline([tubes.on_helix(n / 16) for n in range(17)])


def test_a_helix_is_laid_straight_at_its_length() -> None:
    picture = straightened(CURL, 20.0, 0.25)
    assert (picture.columns - 1) * picture.pixel_mm == pytest.approx(tubes.HELIX_LENGTH_MM, rel=5e-3)
    assert picture.arcs_mm[-1] == pytest.approx((picture.columns - 1) * 0.25)
    middle = picture.points()[picture.rows // 2 - 1 : picture.rows // 2 + 1].mean(axis=0)
    assert np.hypot(middle[:, 0], middle[:, 1]) == pytest.approx(tubes.HELIX_MM, abs=0.2)


def test_the_tube_stays_in_the_middle_whatever_the_turn() -> None:
    """A bright tube of 4 mm radius is a band of 8 mm along the middle of each straightened picture."""
    block = tubes.helix()
    inner = centerline([tubes.on_helix(n / 32) for n in range(1, 32)])
    for degrees in (0.0, 35.0, 90.0, 170.0):
        picture = straightened(inner, 14.0, 0.25, degrees)
        found = at_points(block.stored, block.grid, picture.points())
        bright = (found.values > (tubes.INSIDE + tubes.OUTSIDE) / 2).sum(axis=0) * 0.25
        assert bright == pytest.approx(8.0, abs=1.0), degrees
        assert found.values[picture.rows // 2] == pytest.approx(tubes.INSIDE, abs=8)


def test_turning_by_ninety_degrees_shows_the_other_side() -> None:
    """The bend lies in the plane x = 0: its column runs along x, or towards the middle of the circle."""
    flat, upright = straightened(BENT, 10.0, 0.5), straightened(BENT, 10.0, 0.5, 90.0)
    assert np.abs(flat.downs @ (1.0, 0.0, 0.0)) == pytest.approx(1.0, abs=1e-3)
    top, bottom = (np.linalg.norm(upright.points()[row][:, 1:], axis=1) for row in (0, -1))
    assert np.abs(bottom - top) == pytest.approx(9.5, abs=0.02)


def test_the_stretched_picture_keeps_the_length_of_the_line() -> None:
    """The quarter circle swept along x is a strip as long as the arc; swept in its own plane it keeps its shape."""
    strip = stretched(BENT, 8.0, 0.25)
    assert (strip.columns - 1) * 0.25 == pytest.approx(tubes.QUARTER_MM, abs=0.3)
    assert np.ptp(strip.line_rows) < 0.05
    shape = stretched(BENT, 8.0, 0.25, 90.0)
    drawn = np.hypot(0.25, np.diff(shape.line_rows) * 0.25).sum()
    assert drawn == pytest.approx(tubes.QUARTER_MM, rel=5e-3)
    assert np.ptp(shape.line_rows) * 0.25 == pytest.approx(tubes.BEND_MM * (1 - math.sqrt(0.5)), abs=0.1)


def test_pixels_and_points_answer_each_other() -> None:
    picture = straightened(BENT, 10.0, 0.5, 20.0)
    points = picture.points()
    assert picture.point(40, 3) == pytest.approx(vec(points[3, 40]))
    assert picture.column(float(picture.arcs_mm[40])) == pytest.approx(40.0)
    on_line = picture.point(40, float(picture.line_rows[40]))
    assert BENT.nearest(on_line)[0] == pytest.approx(float(picture.arcs_mm[40]), abs=0.02)


def test_a_plane_across_looks_along_the_line_and_shows_what_the_column_shows() -> None:
    place, picture = BENT.place(20.0), straightened(BENT, 10.0, 0.5, 20.0)
    plane = across(place, 30.0, 0.5, 20.0)
    assert plane.normal == pytest.approx(place.along, abs=1e-6)
    assert plane.down == pytest.approx(vec(picture.downs[40]), abs=1e-3)
    assert plane.center_lps == pytest.approx(tubes.on_bend(20.0), abs=0.02)


def test_a_picture_beyond_the_limit_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        straightened(CURL, 4000.0, 0.02)
    assert refused.value.reason is Reason.TOO_LARGE
