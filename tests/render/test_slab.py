"""Slabs against scipy: the samples through them, what is made of these, and what must not take part."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from tests.render.test_planar import PAD, SHAPE, grid_of, indices, noise, screen_of
from workstation.imaging.geometry import Grid, cross, unit, vec
from workstation.imaging.oblique import Slab, SlabMode, sample_mm
from workstation.imaging.uneven import Uneven
from workstation.imaging.view import Interpolation, ScreenPlane
from workstation.render.planar import sample

THICK_MM = 4.0


def through(stored: NDArray[np.int16], grid: Grid, screen: ScreenPlane, inside: float = 0.0) -> NDArray[np.float64]:
    """Scipy's samples through the slab, (n, height, width), NaN outside the voxel centres by `inside`."""
    normal = unit(cross(screen.step_right, screen.step_down))
    half = THICK_MM / 2
    count = 2 * math.ceil(half / sample_mm(grid, vec(normal)) - 1e-6) + 1
    found = []
    for offset in np.linspace(-half, half, count):
        moved = ScreenPlane(
            vec(np.asarray(screen.origin_lps) + normal * offset),
            screen.step_right, screen.step_down, screen.width, screen.height,
        )  # fmt: skip
        where = indices(grid, moved)
        values = map_coordinates(stored.astype(float), where, order=1, mode="nearest")
        size = np.array(SHAPE)[:, None, None]
        values[np.any((where < -0.5) | (where > size - 0.5), axis=0)] = np.nan
        found.append(values)
    return np.array(found)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("mode", SlabMode)
def test_a_slab_is_what_scipy_makes_of_the_same_samples(mode: SlabMode, seed: int) -> None:
    grid, stored = grid_of(seed), noise(seed)
    screen = screen_of(seed, grid)
    found = sample(stored, grid, screen, Interpolation.LINEAR, slab=Slab(THICK_MM, mode))
    layers = through(stored, grid, screen)
    whole = ~np.isnan(layers).any(axis=0)
    assert whole.sum() > 100
    weights = np.ones(len(layers))
    weights[[0, -1]] = 0.5
    judged = {
        SlabMode.MIP: layers.max(axis=0),
        SlabMode.MINIP: layers.min(axis=0),
        SlabMode.MEAN: np.tensordot(weights / weights.sum(), layers, 1),
        SlabMode.SUM: np.tensordot(weights / weights.sum(), layers, 1),
    }[mode]
    assert np.abs(found.values - judged)[whole].max() <= 1
    # Where the slab leaves the voxels, what lies within counts alone.
    some = ~np.isnan(layers).all(axis=0) & ~whole
    if mode is SlabMode.MIP and some.any():
        assert np.abs(found.values - np.nanmax(np.where(np.isnan(layers), -np.inf, layers), axis=0))[some].max() <= 1


def aligned(step_mm: float = 2.0) -> tuple[Grid, ScreenPlane]:
    """A grid along the patient and its plane k = 6, a pixel to a voxel."""
    grid = Grid((0.0, 0.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (0.7, 0.7, step_mm), SHAPE[::-1])
    return grid, ScreenPlane((0.0, 0.0, 6 * step_mm), (0.7, 0.0, 0.0), (0.0, 0.7, 0.0), SHAPE[2], SHAPE[1])


def test_a_slab_along_the_images_never_blurs_the_brightest_voxel() -> None:
    grid, screen = aligned()
    stored = noise(3)
    found = sample(stored, grid, screen, Interpolation.LINEAR, slab=Slab(9.0, SlabMode.MIP))
    half_way = (stored[3].astype(float) * 0.25 + stored[4] * 0.75, stored[8] * 0.75 + stored[9].astype(float) * 0.25)
    judged = np.maximum(stored[4:9].max(axis=0), np.rint(np.maximum(*half_way)))
    assert np.abs(found.values - judged).max() <= 1


def test_padding_takes_no_part_in_a_slab() -> None:
    grid, screen = aligned()
    stored = np.abs(noise(5))
    stored[5, :, 4:] = PAD
    stored[7] = PAD
    stored[3:10, 0] = PAD
    for mode, pick in ((SlabMode.MINIP, np.min), (SlabMode.MIP, np.max)):
        found = sample(stored, grid, screen, Interpolation.NEAREST, (PAD, PAD), slab=Slab(4.0, mode))
        judged = np.where(np.arange(SHAPE[2]) < 4, pick(stored[5:7], axis=0), stored[6])
        assert np.array_equal(found.values[1:], judged[1:])
        assert found.nothing is not None and found.nothing[0].all() and not found.nothing[1:].any()


@pytest.mark.parametrize("interpolation", [Interpolation.LINEAR, Interpolation.CUBIC])
def test_an_oblique_plane_blends_no_padding(interpolation: Interpolation) -> None:
    """Values beside padding stay among those that are there: a blend with -2000 would fall below them."""
    grid, stored = grid_of(1), np.abs(noise(9)) % 50 + 1000
    padded = np.random.default_rng(4).random(SHAPE) < 0.02
    stored[padded] = PAD
    screen = screen_of(1, grid)
    found = sample(stored.astype(np.int16), grid, screen, interpolation, (PAD, PAD))
    shown = np.ones(found.values.shape, bool) if found.nothing is None else ~found.nothing
    assert shown.sum() > 300
    assert found.values[shown].min() > 970


@pytest.mark.parametrize("interpolation", [Interpolation.LINEAR, Interpolation.CUBIC])
@pytest.mark.parametrize("mm", [0.31, 1.4])
def test_a_round_field_in_padding_is_exact_pixel_by_pixel(interpolation: Interpolation, mm: float) -> None:
    """Nearest voxel is padding: nothing. Padding among what would blend: the nearest voxel. Else as if none were."""
    shape = (29, 61, 83)
    grid = replace(grid_of(1), size=shape[::-1])
    stored = np.random.default_rng(6).integers(-1000, 3000, shape).astype(np.int16)
    k, j, i = np.indices(shape)
    stored[(np.hypot(j - 30, i - 41) > 27) | (k > 26)] = PAD
    screen = screen_of(1, grid, 190, 170, mm)
    found = sample(stored, grid, screen, interpolation, (PAD, PAD))
    free = sample(stored, grid, screen, interpolation)
    where = indices(grid, screen)
    size = np.array(shape)[:, None, None]
    inside = np.all((where > -0.5 + 1e-6) & (where < size - 0.5 - 1e-6), axis=0)
    reach = (0, 1) if interpolation is Interpolation.LINEAR else (-1, 0, 1, 2)
    meets = np.zeros(inside.shape, bool)
    for step in product(reach, repeat=3):
        at = np.clip(np.floor(where).astype(int) + np.array(step)[:, None, None], 0, size - 1)
        meets |= stored[tuple(at)] == PAD
    nearest = stored[tuple(np.clip(np.floor(where + 0.5).astype(int), 0, size - 1))]
    assert found.nothing is not None
    assert np.array_equal(found.nothing[inside], (nearest == PAD)[inside])
    shown = inside & (nearest != PAD)
    assert (shown & meets).sum() > 50 and (shown & ~meets).sum() > 300
    assert np.array_equal(found.values[shown], np.where(meets, nearest, free.values)[shown])


def test_a_coarse_slab_is_nearly_the_exact_one() -> None:
    grid = grid_of(2)
    k, j, i = np.indices(SHAPE)
    stored = (20 * i + 15 * j + 60 * k).astype(np.int16)  # smooth, as anatomy is at the size of a pixel
    screen = screen_of(2, grid)
    exact = sample(stored, grid, screen, Interpolation.LINEAR, slab=Slab(THICK_MM, SlabMode.MEAN))
    coarse = sample(stored, grid, screen, Interpolation.LINEAR, slab=Slab(THICK_MM, SlabMode.MEAN), coarse=True)
    assert coarse.values.shape == exact.values.shape
    inside = ~(exact.nothing if exact.nothing is not None else np.zeros(exact.values.shape, bool))
    inside &= ~(coarse.nothing if coarse.nothing is not None else np.zeros(exact.values.shape, bool))
    inside[:, :4] = inside[:, -4:] = inside[:4] = inside[-4:] = False
    assert np.median(np.abs(exact.values.astype(int) - coarse.values)[inside]) < 25


def test_uneven_slices_give_values_at_their_true_places_and_holes_are_missing() -> None:
    places = (0.0, 2.0, 4.0, 10.0, 12.0)
    grid = Uneven(
        (0.0, 0.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (0.7, 0.9, 2.0), (8, 6, 5), places
    )
    stored = np.array([np.full((6, 8), round(100 * each)) for each in places], dtype=np.int16)
    # A coronal plane, a pixel to half a millimetre along the patient: each value is a hundred times its height.
    screen = ScreenPlane((0.0, 1.8, 12.0), (0.7, 0.0, 0.0), (0.0, 0.0, -0.5), 8, 25)
    found = sample(stored, grid, screen, Interpolation.LINEAR)
    heights = 12.0 - 0.5 * np.arange(25)
    assert np.allclose(found.values, np.rint(100 * heights)[:, None], atol=1)
    assert found.missing is not None and found.nothing is None
    assert found.missing.all(axis=1).tolist() == [5.0 < each < 9.0 for each in heights]


def test_what_has_not_arrived_is_missing_in_oblique_planes_and_slabs() -> None:
    grid, stored = grid_of(3), noise(3)
    filled = np.arange(SHAPE[0]) % 5 != 2
    screen = screen_of(3, grid)
    k = indices(grid, screen)[0]
    clear = (np.abs(k - np.rint(k)) > 1e-4) & (k > 0) & (k < SHAPE[0] - 1)
    k = k[clear]
    lacking = ~(filled[np.floor(k).astype(int)] & filled[np.ceil(k).astype(int)])
    thin = sample(stored, grid, screen, Interpolation.LINEAR, filled=filled)
    thick = sample(stored, grid, screen, Interpolation.LINEAR, filled=filled, slab=Slab(THICK_MM, SlabMode.MEAN))
    assert thin.missing is not None and thick.missing is not None
    assert np.array_equal(thin.missing[clear], lacking) and lacking.any() and not lacking.all()
    assert thick.missing[clear][lacking].all()
    assert sample(stored, grid, screen, Interpolation.LINEAR, filled=np.ones(SHAPE[0], bool)).missing is None
