"""Distances against places where the answer is known without a formula."""

import numpy as np
import pytest

from workstation.phantom.anatomy.solids import FAR_MM, Ellipsoid, Profile, Tube, blend, plate


def test_distance_is_nought_on_the_surface_and_grows_outward() -> None:
    solid = Ellipsoid((1.0, 2.0, 3.0), (10.0, 20.0, 30.0))
    on_axes = solid(np.array([11.0, 1.0, 1.0]), np.array([2.0, 22.0, 2.0]), np.array([3.0, 3.0, -27.0]))
    assert on_axes == pytest.approx([0.0, 0.0, 0.0], abs=1e-5)
    assert solid(np.array([13.0]), 2.0, 3.0) == pytest.approx([2.4], abs=0.5)
    assert solid.grown(2.0)(np.array([13.0]), 2.0, 3.0) == pytest.approx([0.0], abs=1e-5)


def test_axes_turn_an_ellipsoid() -> None:
    turned = Ellipsoid((0.0, 0.0, 0.0), (10.0, 5.0, 5.0), ((0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)))
    assert turned(np.array([0.0]), 10.0, 0.0) == pytest.approx([0.0], abs=1e-5)


def test_a_tube_on_a_slice_equals_the_tube_at_points() -> None:
    tube = Tube(((0, 0, 0, 4), (0, 10, 40, 2), (30, 10, 40, 2)))
    x, y = np.meshgrid(np.arange(-9.0, 40.0), np.arange(-9.0, 20.0))
    on_slice = tube(x, y, 12.0)
    at_points = tube(x, y, np.full_like(x, 12.0))
    assert on_slice == pytest.approx(np.minimum(at_points, FAR_MM))
    assert tube(np.array([0.0]), np.array([0.0]), np.array([-10.0])) == pytest.approx([6.0])


def test_a_tube_knows_the_slices_it_meets() -> None:
    tube = Tube(((0, 0, 0, 4), (0, 0, 40, 2)))
    assert [tube.meets(z, 1.0) for z in (-6.0, -4.5, 20.0, 42.5, 44.0)] == [False, True, True, True, False]


def test_a_profile_gives_floats_for_floats() -> None:
    profile = Profile(((10, 1), (0, 0)))
    assert type(profile(2.5)) is float
    assert profile(np.array([-5.0, 2.5, 99.0])) == pytest.approx([0.0, 0.25, 1.0])


def test_blend_fills_only_the_crease() -> None:
    first, second = np.array([-5.0, 1.0, 40.0]), np.array([40.0, 1.0, -5.0])
    assert blend(first, second, 8.0) == pytest.approx([-5.0, -1.0, -5.0])


def test_a_plate_is_as_wide_as_asked() -> None:
    assert plate(np.array([10.0, 12.0]), np.array([0.0, 0.0]), 10.0, 4.0) == pytest.approx([0.0, 2.0])
