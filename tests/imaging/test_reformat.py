"""Series of planes to be cut: on the voxels along a volume's own axes, through all of it in any other direction."""

import numpy as np
import pytest

from workstation.errors import Reason, Refused
from workstation.imaging.geometry import Grid, vec
from workstation.imaging.oblique import Slab, SlabMode
from workstation.imaging.reformat import axes_across, axes_through, own_axes, reformat
from workstation.imaging.view import Orientation

GRID = Grid((-20.0, -30.0, 5.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (0.7, 0.9, 2.5), (40, 50, 20))


@pytest.mark.parametrize(("orientation", "normal"), [("axial", -2.5), ("coronal", 0.9), ("sagittal", 0.7)])
def test_along_the_own_axes_planes_lie_on_voxels_and_begin_at_head_front_or_right(
    orientation: str, normal: float
) -> None:
    order = reformat(GRID, own_axes(GRID, Orientation(orientation)), "")
    axis = {"sagittal": 0, "coronal": 1, "axial": 2}[orientation]
    assert order.grid.size[2] == GRID.size[axis]
    steps = np.array(order.grid.axes[2]) * order.grid.spacing[2]
    assert steps == pytest.approx(np.eye(3)[axis] * normal)
    for image in (0, 3):
        index = GRID.index(order.grid.point((0, 0, image)))
        assert index[axis] == pytest.approx(round(index[axis]), abs=1e-9)
    screen = order.screen(3)
    assert screen.point(2, 5) == pytest.approx(order.grid.point((2, 5, 3)))


def test_pixels_are_square_and_as_fine_as_the_finer_samples() -> None:
    order = reformat(GRID, own_axes(GRID, Orientation.CORONAL), "")
    assert order.grid.spacing == pytest.approx((0.7, 0.7, 0.9))
    assert order.grid.size == (40, 68, 50)
    assert reformat(GRID, own_axes(GRID, Orientation.CORONAL), "", pixel_mm=2.0).grid.size == (14, 24, 50)


def test_thick_planes_follow_each_other_without_a_gap_unless_told() -> None:
    axes, slab = own_axes(GRID, Orientation.SAGITTAL), Slab(5.0, SlabMode.MIP)
    assert reformat(GRID, axes, "", slab).grid.spacing[2] == 5.0
    order = reformat(GRID, axes, "", slab, spacing_mm=2.5)
    assert order.grid.spacing[2] == 2.5 and order.grid.size[2] == 11
    middle = order.grid.index(GRID.center_lps)[2]
    assert middle == pytest.approx(5.0)


def test_an_oblique_series_holds_the_whole_volume() -> None:
    axes = axes_across((0.3, -0.8, 0.5))
    order = reformat(GRID, axes, "Oblique")
    assert abs(float(np.dot(axes.normal, vec(np.array((0.3, -0.8, 0.5)) / np.linalg.norm((0.3, 0.8, 0.5)))))) > 1 - 1e-9
    assert axes.down[2] < -0.5, "nearest to coronal: the feet are below"
    corners = [GRID.point(vec(np.array(each) * (np.array(GRID.size) - 1.0))) for each in np.ndindex(2, 2, 2)]
    index = np.array([order.grid.index(each) for each in corners])
    assert index.min() > -1 and np.all(index < order.grid.size)


def test_three_points_say_a_plane_that_goes_through_them() -> None:
    points = ((1.0, 2.0, 3.0), (10.0, 4.0, 1.0), (-3.0, 8.0, 9.0))
    normal = axes_through(*points).normal
    assert np.dot(normal, np.subtract(points[1], points[0])) == pytest.approx(0.0, abs=1e-9)
    assert np.dot(normal, np.subtract(points[2], points[0])) == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(Refused) as refused:
        axes_through((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (2.0, 2.0, 2.0))
    assert refused.value.reason is Reason.NO_EXTENT


def test_what_would_be_too_large_or_no_series_is_refused() -> None:
    axes = own_axes(GRID, Orientation.AXIAL)
    for how, reason in (
        ({"pixel_mm": 0.001}, Reason.TOO_LARGE),
        ({"spacing_mm": 0.001}, Reason.TOO_LARGE),
        ({"pixel_mm": float("nan")}, Reason.NO_EXTENT),
    ):
        with pytest.raises(Refused) as refused:
            reformat(GRID, axes, "", **how)
        assert refused.value.reason is reason
