"""Islands, holes, margins and slices between slices, against closed forms and SimpleITK."""

import numpy as np
import pytest
import SimpleITK

from workstation.imaging.geometry import Grid
from workstation.imaging.mask_work import CORNERS, FACES, filled, grown, interpolated, islands, largest, without_small
from workstation.imaging.masks import Mask

GRID = Grid((0.0, 0.0, 0.0), ((1, 0, 0), (0, 1, 0), (0, 0, 1)), (0.7, 0.9, 2.0), (80, 64, 36))
CENTER = np.array(GRID.center_lps)
K, J, I = np.indices(GRID.size[::-1])  # noqa: E741
PLACES = np.stack([I * 0.7, J * 0.9, K * 2.0], axis=-1)


def sphere(radius: float, at: np.ndarray = CENTER) -> np.ndarray:
    return np.linalg.norm(PLACES - at, axis=-1) <= radius


def mask(array: np.ndarray) -> Mask:
    return Mask.of(GRID, array)


def test_islands_come_by_size_and_corners_join_where_faces_do_not() -> None:
    array = np.zeros(GRID.size[::-1], dtype=bool)
    array[2:4, 3:6, 3:6] = True
    array[4:7, 6:9, 6:9] = True  # meets the first at a corner
    array[20, 40, 40] = True
    assert [each.count for each in islands(mask(array), CORNERS)] == [45, 1]
    assert [each.count for each in islands(mask(array), FACES)] == [27, 18, 1]
    assert np.array_equal(largest(mask(array), FACES).array(), array & (K >= 4) & (K < 7))
    labels = SimpleITK.ConnectedComponent(SimpleITK.GetImageFromArray(array.astype(np.uint8)), False)
    assert int(SimpleITK.GetArrayViewFromImage(labels).max()) == 3
    assert largest(Mask.empty(GRID)) == Mask.empty(GRID)


def test_small_islands_go_by_their_volume() -> None:
    array = np.zeros(GRID.size[::-1], dtype=bool)
    array[2:4, 3:6, 3:6], array[20, 40, 40:42] = True, True
    voxel = 0.7 * 0.9 * 2.0 / 1000
    assert without_small(mask(array), 18 * voxel).count == 18
    assert without_small(mask(array), 2 * voxel).count == 20
    assert not without_small(mask(array), 19 * voxel)


def test_holes_are_filled_in_space_or_in_slices() -> None:
    solid, tube = sphere(16.0), sphere(16.0)
    hollow = solid & ~sphere(6.0)
    assert np.array_equal(filled(mask(hollow)).array(), solid)
    tube &= ~((np.abs(PLACES - CENTER)[..., 0] < 3) & (np.abs(PLACES - CENTER)[..., 1] < 3))
    assert np.array_equal(filled(mask(tube)).array(), tube)  # a way leads out of it, up and down
    within = filled(mask(tube), in_slices=True).array()
    assert within[18].sum() == solid[18].sum()


@pytest.mark.parametrize("margin", [3.0, 5.5, -3.0, -5.5])
def test_a_margin_is_one_in_mm_along_every_axis(margin: float) -> None:
    """A sphere grown or shrunk is a sphere of the new radius, within half a voxel."""
    found = grown(mask(sphere(14.0)), margin).array()
    radius = 14.0 + margin
    for axis, spacing in enumerate(GRID.spacing):
        extent = np.ptp(np.flatnonzero(found.any(axis=tuple(n for n in range(3) if n != 2 - axis)))) + 1
        assert extent * spacing / 2 == pytest.approx(radius, abs=spacing)
    assert np.count_nonzero(found) * 0.7 * 0.9 * 2.0 == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.08)


def test_margins_equal_itks_distance_map() -> None:
    array = sphere(9.0) | sphere(5.0, CENTER + np.array((12, 3, 8)))
    image = SimpleITK.GetImageFromArray(array.astype(np.uint8))
    image.SetSpacing(GRID.spacing)
    away = SimpleITK.GetArrayFromImage(
        SimpleITK.SignedMaurerDistanceMap(image, squaredDistance=False, useImageSpacing=True, insideIsPositive=False)
    )
    # ITK measures from the voxels of the border, ours from every voxel of the mask: outside that is the same.
    assert np.array_equal(grown(mask(array), 4.4).array(), array | (away <= 4.4))


def test_what_touches_the_edge_of_the_grid_is_not_eaten_from_there() -> None:
    array = np.zeros(GRID.size[::-1], dtype=bool)
    array[:, :30] = True
    shrunk = grown(mask(array), -1.0).array()
    assert shrunk[0].any() and shrunk[:, 0].all() and np.flatnonzero(shrunk.any(axis=(0, 2))).max() == 28
    assert grown(mask(array), 0.0).array().sum() == array.sum()


def test_between_two_discs_lie_those_between() -> None:
    """From a radius of 6 mm to one of 12 mm over eight slices: in the middle it is 9 mm."""

    def disc(radius: float, right: float = 0.0) -> np.ndarray:
        flat = PLACES[0, ..., :2] - CENTER[:2] - (right, 0)
        return np.linalg.norm(flat, axis=-1) <= radius

    array = np.zeros(GRID.size[::-1], dtype=bool)
    array[10], array[18] = disc(6.0), disc(12.0)
    found = interpolated(mask(array)).array()
    assert np.array_equal(found[10], array[10]) and np.array_equal(found[18], array[18])
    assert not found[:10].any() and not found[19:].any()
    for k in range(11, 18):
        radius = 6.0 + (k - 10) * 0.75
        assert np.count_nonzero(found[k]) * 0.63 == pytest.approx(np.pi * radius**2, rel=0.06)
    array[10], array[18] = disc(5.0, -14.0), disc(5.0, 14.0)  # they do not overlap: the way between is walked
    moved = interpolated(mask(array)).array()
    assert moved[14].sum() == pytest.approx(disc(5.0).sum(), rel=0.1)
    assert PLACES[14][moved[14]][:, 0].mean() == pytest.approx(CENTER[0], abs=0.7)


def test_interpolation_goes_along_other_axes_too() -> None:
    array = np.zeros(GRID.size[::-1], dtype=bool)
    array[12:20, 20, 20:40] = array[12:20, 30, 20:40] = True
    expected = np.zeros_like(array)
    expected[12:20, 20:31, 20:40] = True
    assert np.array_equal(interpolated(mask(array), axis=1).array(), expected)
