"""Screen planes: the way to a pixel and back, whole pixels at 1:1, all of it at fit, turns, mirrors and pans."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.imaging.geometry import Grid, vec
from workstation.imaging.view import Framing, Orientation, Plane, image_plane, orthogonal_plane, screen_plane, step_mm

SIZES = st.integers(64, 1500)
MM = st.floats(0.2, 5.0)


@st.composite
def planes(draw: st.DrawFn) -> Plane:
    matrix, _ = np.linalg.qr(np.random.default_rng(draw(st.integers(0, 10_000))).standard_normal((3, 3)))
    pixel = (draw(MM), draw(MM))
    counts = (draw(st.integers(3, 700)), draw(st.integers(3, 700)))
    size = (counts[0] * pixel[0], counts[1] * pixel[1])
    center = tuple(draw(st.floats(-400, 400)) for _ in range(3))
    return Plane(center, vec(matrix[0]), vec(matrix[1]), size, pixel)


FRAMINGS = st.builds(
    Framing,
    px_per_mm=st.one_of(st.none(), st.floats(0.05, 50)),
    one_to_one=st.booleans(),
    pan_mm=st.tuples(st.floats(-300, 300), st.floats(-300, 300)),
    quarter_turns=st.integers(0, 3),
    mirrored=st.booleans(),
)


@given(planes(), FRAMINGS, SIZES, SIZES, st.floats(-100, 2000), st.floats(-100, 2000))
@settings(max_examples=150, deadline=None)
def test_a_pixels_point_is_at_that_pixel(
    plane: Plane, framing: Framing, width: int, height: int, x: float, y: float
) -> None:
    screen = screen_plane(plane, framing, width, height)
    assert screen.pixel(screen.point(x, y)) == pytest.approx((x, y, 0), abs=1e-5)
    assert np.linalg.norm(screen.step_right) == pytest.approx(np.linalg.norm(screen.step_down), rel=1e-12)
    assert np.dot(screen.step_right, screen.step_down) == pytest.approx(0, abs=1e-9)


def corners(plane: Plane) -> np.ndarray:
    """The four outer corners of a plane in the patient."""
    half = np.multiply(plane.size_mm, 0.5)
    signs = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    return np.array([
        np.array(plane.center_lps) + a * half[0] * np.array(plane.right) + b * half[1] * np.array(plane.down)
        for a, b in signs
    ])  # fmt: skip


@given(planes(), st.integers(0, 3), st.booleans(), SIZES, SIZES)
@settings(max_examples=150, deadline=None)
def test_fit_shows_all_of_it_as_large_as_it_can_be(
    plane: Plane, turns: int, mirrored: bool, width: int, height: int
) -> None:
    screen = screen_plane(plane, Framing(quarter_turns=turns, mirrored=mirrored), width, height)
    places = np.array([screen.pixel(tuple(corner)) for corner in corners(plane)])
    # Edges of pixels are half a pixel off their centres; the image's corner is put on a whole one: half a pixel more.
    assert places[:, 0].min() >= -1.01 and places[:, 0].max() <= width + 0.01
    assert places[:, 1].min() >= -1.01 and places[:, 1].max() <= height + 0.01
    spans = np.ptp(places, axis=0)
    assert spans[0] == pytest.approx(width, abs=1e-5) or spans[1] == pytest.approx(height, abs=1e-5)


@given(st.integers(3, 900), st.integers(3, 900), MM, SIZES, SIZES, st.integers(0, 3), st.booleans())
@settings(max_examples=150, deadline=None)
def test_one_to_one_puts_pixel_centres_on_pixel_centres(
    columns: int, rows: int, mm: float, width: int, height: int, turns: int, mirrored: bool
) -> None:
    grid = Grid(
        (10.0, -20.0, 5.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (mm, mm, 3.0), (columns, rows, 1)
    )
    screen = screen_plane(image_plane(grid), Framing(None, True, (0.0, 0.0), turns, mirrored), width, height)
    first, last = screen.pixel(grid.point((0, 0, 0))), screen.pixel(grid.point((columns - 1, rows - 1, 0)))
    for place in (first, last):
        assert np.abs(np.subtract(place[:2], np.rint(place[:2]))).max() < 1e-6
    wide, high = (rows, columns) if turns % 2 else (columns, rows)
    assert (abs(last[0] - first[0]), abs(last[1] - first[1])) == pytest.approx((wide - 1, high - 1), abs=1e-6)


@given(planes(), SIZES, SIZES, st.floats(0.1, 20))
@settings(max_examples=60, deadline=None)
def test_turning_clockwise_brings_the_top_to_the_right(plane: Plane, width: int, height: int, scale: float) -> None:
    framing = Framing(px_per_mm=scale)
    before, after = (screen_plane(plane, each, width, height) for each in (framing, framing.turned(1)))
    assert after.step_down == pytest.approx(before.step_right)
    assert after.step_right == pytest.approx(np.negative(before.step_down))
    top = np.array(plane.center_lps) - np.array(plane.down) * plane.size_mm[1] / 2
    assert after.pixel(tuple(top))[0] > after.pixel(plane.center_lps)[0]


@given(planes(), SIZES, SIZES, st.floats(-100, 100), st.floats(-100, 100), st.integers(0, 3), st.booleans())
@settings(max_examples=60, deadline=None)
def test_panning_moves_the_image_right_and_down_on_the_screen(
    plane: Plane, width: int, height: int, right_mm: float, down_mm: float, turns: int, mirrored: bool
) -> None:
    framing = Framing(px_per_mm=2.0, quarter_turns=turns, mirrored=mirrored)
    before = screen_plane(plane, framing, width, height).pixel(plane.center_lps)
    after = screen_plane(plane, framing.panned(right_mm, down_mm), width, height).pixel(plane.center_lps)
    assert np.subtract(after, before)[:2] == pytest.approx((2 * right_mm, 2 * down_mm), abs=1.001)


@pytest.mark.parametrize("orientation", Orientation)
def test_a_plane_goes_through_its_point_and_steps_by_one_voxel(orientation: Orientation) -> None:
    grid = Grid(
        (-30.0, 12.0, 50.0), ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0), (1.0, 0.0, 0.0)), (0.7, 0.9, 2.5), (40, 30, 20)
    )
    plane = orthogonal_plane(grid, orientation, (-11.0, 20.0, 40.0))
    axis = {Orientation.AXIAL: 2, Orientation.CORONAL: 1, Orientation.SAGITTAL: 0}[orientation]
    assert plane.center_lps[axis] == pytest.approx((-11.0, 20.0, 40.0)[axis])
    assert abs(plane.normal[axis]) == pytest.approx(1)
    # Rows run towards P (0.7 mm), columns towards F (0.9 mm), slices towards L (2.5 mm).
    assert step_mm(grid, orientation) == (2.5, 0.7, 0.9)[axis]
