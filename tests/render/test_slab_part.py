"""The part of a slab that is gathered in one go: it holds no edge and no padding, and is what single planes give."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates, maximum_filter

from tests.render.test_planar import PAD, grid_of, indices, screen_of
from workstation.imaging.geometry import Grid, cross, unit, vec
from workstation.imaging.oblique import Slab, SlabMode, sample_mm
from workstation.imaging.padded import PaddedBlocks
from workstation.imaging.view import Interpolation, ScreenPlane
from workstation.render.planar import sample
from workstation.render.slab_part import Division, division, part_with_voxels

SHAPE = (60, 130, 110)
THICK_MM = 9.0


def padded(seed: int) -> NDArray[np.int16]:
    """Noise with padding outside a cylinder, and a grain of it within."""
    stored = np.random.default_rng(seed).integers(-1000, 3000, SHAPE).astype(np.int16)
    _, j, i = np.indices(SHAPE)
    stored[np.hypot((j - 64) / 60, (i - 54) / 50) > 1] = PAD
    stored[50, 20, 30] = PAD
    return stored


def volume(seed: int, mm: float = 0.3) -> tuple[Grid, ScreenPlane]:
    grid = replace(grid_of(seed), size=SHAPE[::-1])
    return grid, screen_of(seed, grid, 230, 190, mm)


def layers(grid: Grid, screen: ScreenPlane) -> list[ScreenPlane]:
    """The planes through the slab, a voxel or less apart."""
    normal = unit(cross(screen.step_right, screen.step_down))
    half = THICK_MM / 2
    count = 2 * int(np.ceil(half / sample_mm(grid, vec(normal)) - 1e-6)) + 1
    return [
        replace(screen, origin_lps=vec(np.asarray(screen.origin_lps) + normal * offset))
        for offset in np.linspace(-half, half, count)
    ]


def matrix_of(grid: Grid, screen: ScreenPlane) -> NDArray[np.float64]:
    """(x, y, n) of a pixel to (i, j, k), from three of them."""
    where = indices(grid, screen)[::-1]
    matrix = np.eye(4)
    matrix[:3, 0], matrix[:3, 1] = where[:, 0, 1] - where[:, 0, 0], where[:, 1, 0] - where[:, 0, 0]
    matrix[:3, 2] = grid.index_from_lps[:3, :3] @ np.asarray(cross(screen.step_right, screen.step_down))
    matrix[:3, 3] = where[:, 0, 0]
    return matrix


def parts_of(grid: Grid, screen: ScreenPlane, stored: NDArray[np.int16]) -> Division | None:
    ends = [matrix_of(grid, each) for each in (layers(grid, screen)[0], layers(grid, screen)[-1])]
    marked = PaddedBlocks().marked(stored, (PAD, PAD), None)
    return division(ends[0], ends[1], (screen.height, screen.width), grid.size, marked)


@pytest.mark.parametrize("seed", range(8))
def test_nothing_in_the_clear_part_is_near_padding_or_an_edge(seed: int) -> None:
    grid, screen = volume(seed)
    stored = padded(seed)
    parts = parts_of(grid, screen, stored)
    assert parts is not None and parts.clear[0].shape[0] * parts.clear[0].shape[1] > 0.3 * screen.width * screen.height
    near = maximum_filter(stored == PAD, 3)
    for each, part in product(layers(grid, screen), parts.clear):
        k, j, i = (at[part.place] for at in indices(grid, each))
        assert min(k.min(), j.min(), i.min()) >= 1
        assert all(at.max() <= size - 2 for at, size in zip((k, j, i), SHAPE, strict=True))
        assert not near[np.rint(k).astype(int), np.rint(j).astype(int), np.rint(i).astype(int)].any()


@pytest.mark.parametrize("mode", SlabMode)
@pytest.mark.parametrize("seed", range(2))
def test_a_slab_with_a_clear_part_is_what_scipy_makes_of_its_samples(mode: SlabMode, seed: int) -> None:
    grid, screen = volume(seed)
    stored = padded(seed)
    parts = parts_of(grid, screen, stored)
    assert parts is not None
    part = parts.clear[0]
    found = sample(stored, grid, screen, Interpolation.LINEAR, (PAD, PAD), slab=Slab(THICK_MM, mode))
    taken = np.array(
        [map_coordinates(stored.astype(float), indices(grid, each), order=1) for each in layers(grid, screen)]
    )
    weights = np.ones(len(taken))
    weights[[0, -1]] = 0.5
    mean = np.tensordot(weights / weights.sum(), taken, 1)
    judged = {SlabMode.MIP: taken.max(axis=0), SlabMode.MINIP: taken.min(axis=0)}.get(mode, mean)
    assert np.abs(found.values - judged)[part.place].max() <= 1
    assert found.nothing is not None and not found.nothing[part.place].any()


@pytest.mark.parametrize("seed", range(4))
def test_beside_the_clear_part_a_slab_is_what_it_is_without_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    grid, screen = volume(seed, 0.35)
    stored = padded(seed)
    assert parts_of(grid, screen, stored) is not None
    found = sample(stored, grid, screen, Interpolation.LINEAR, (PAD, PAD), slab=Slab(THICK_MM, SlabMode.MINIP))
    monkeypatch.setattr("workstation.render.planar.division", lambda *_: None)
    plain = sample(stored, grid, screen, Interpolation.LINEAR, (PAD, PAD), slab=Slab(THICK_MM, SlabMode.MINIP))
    assert found.nothing is not None and plain.nothing is not None and plain.nothing.any()
    assert np.array_equal(found.nothing, plain.nothing)
    assert np.abs(found.values.astype(int) - plain.values)[~plain.nothing].max() <= 1


def test_the_part_with_voxels_holds_all_of_them() -> None:
    for seed in range(6):
        grid = grid_of(seed)
        screen = screen_of(seed, grid, 61, 47, 0.9)
        part = part_with_voxels(matrix_of(grid, screen), (47, 61), grid.size)
        where = indices(grid, screen)
        size = np.array(grid.size[::-1])[:, None, None]
        inside = np.all((where > -0.5) & (where < size - 0.5), axis=0)
        assert inside.any() and inside[part.place].sum() == inside.sum()
        assert part.shape[0] * part.shape[1] < 47 * 61
