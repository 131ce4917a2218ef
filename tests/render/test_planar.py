"""Resampling against scipy and SimpleITK at random oblique planes; padding and what has not arrived never blend."""

from collections.abc import Callable

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from workstation.imaging.geometry import Grid, vec
from workstation.imaging.greyscale import Chain, Rescale, Window
from workstation.imaging.view import Interpolation, ScreenPlane
from workstation.render.planar import HATCH, sample, to_rgb32

SHAPE = (13, 21, 17)
SPACING = (0.7, 0.9, 2.5)
PAD = -2000


def rotation(seed: int) -> NDArray[np.float64]:
    matrix, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))
    return matrix


def grid_of(seed: int) -> Grid:
    """A rotated, unevenly spaced grid; for odd seeds left-handed, as reading order may make it."""
    axes = rotation(seed).T
    axes[2] *= np.sign(np.linalg.det(axes)) * (-1 if seed % 2 else 1)
    return Grid((3.1, -7.7, 12.3), tuple(vec(axis) for axis in axes), SPACING, SHAPE[::-1])


def screen_of(seed: int, grid: Grid, width: int = 61, height: int = 47, mm: float = 0.31) -> ScreenPlane:
    """An oblique tile of unrelated direction through the middle of the grid."""
    right, down = rotation(100 + seed)[:2] * mm
    center = np.array(grid.lps_from_index @ [*(np.subtract(grid.size, 1) / 2), 1])[:3]
    origin = center - right * (width - 1) / 2 - down * (height - 1) / 2
    return ScreenPlane(vec(origin), vec(right), vec(down), width, height)


def indices(grid: Grid, screen: ScreenPlane) -> NDArray[np.float64]:
    """Continuous (k, j, i) of every pixel, shape (3, height, width), from the definition of both."""
    y, x = np.indices((screen.height, screen.width))
    points = np.array(screen.origin_lps) + x[..., None] * screen.step_right + y[..., None] * np.array(screen.step_down)
    away = points - np.array(grid.origin_lps)
    index = away @ np.linalg.inv((np.array(grid.axes).T * np.array(grid.spacing)).T)
    return np.moveaxis(index[..., ::-1], -1, 0)


def noise(seed: int) -> NDArray[np.int16]:
    return np.random.default_rng(seed).integers(-1000, 3000, SHAPE).astype(np.int16)


@pytest.mark.parametrize("seed", range(12))
def test_linear_is_scipys_within_one_stored_unit(seed: int) -> None:
    grid, stored = grid_of(seed), noise(seed)
    screen = screen_of(seed, grid)
    where = indices(grid, screen)
    found = sample(stored, grid, screen, Interpolation.LINEAR)
    judged = map_coordinates(stored.astype(float), where, order=1, mode="nearest")
    size = np.array(SHAPE)[:, None, None]
    inside = np.all((where >= 0) & (where <= size - 1), axis=0)
    assert inside.sum() > 200
    assert np.abs(found.values - judged)[inside].max() <= 1
    # The outer half of the outermost voxels is theirs: it has the values of the nearest point between centres.
    border = np.all((where > -0.5 + 1e-6) & (where < size - 0.5 - 1e-6), axis=0)
    assert np.abs(found.values - judged)[border].max() <= 1
    outside = np.any((where < -0.5 - 1e-6) | (where > size - 0.5 + 1e-6), axis=0)
    nothing = np.zeros_like(outside) if found.nothing is None else found.nothing
    assert np.array_equal(nothing, outside)


@pytest.mark.parametrize("seed", range(8))
def test_nearest_is_exact(seed: int) -> None:
    grid, stored = grid_of(seed), noise(seed)
    screen = screen_of(seed, grid)
    where = indices(grid, screen)
    found = sample(stored, grid, screen, Interpolation.NEAREST)
    clear = np.all(np.abs(where - np.floor(where) - 0.5) > 1e-6, axis=0)
    clear &= np.all((where > -0.5) & (where < np.array(SHAPE)[:, None, None] - 0.5), axis=0)
    k, j, i = np.rint(where[:, clear]).astype(int)
    assert np.array_equal(found.values[clear], stored[k, j, i])


@pytest.mark.parametrize("seed", [0, 2, 4])
def test_linear_is_that_of_simpleitk(seed: int) -> None:
    grid, stored = grid_of(seed), noise(seed)
    image = SimpleITK.GetImageFromArray(stored.astype(np.float64))
    image.SetOrigin(grid.origin_lps)
    image.SetSpacing(grid.spacing)
    image.SetDirection(np.array(grid.axes).T.ravel().tolist())
    screen = screen_of(seed, grid)
    right, down = np.array(screen.step_right), np.array(screen.step_down)
    mm = float(np.linalg.norm(right))
    frame = np.stack([right / mm, down / mm, np.cross(right, down) / mm**2], axis=1)
    judge = SimpleITK.Resample(
        image, (screen.width, screen.height, 1), SimpleITK.Transform(), SimpleITK.sitkLinear, screen.origin_lps,
        (mm, mm, 1.0), frame.ravel().tolist(), np.nan,
    )  # fmt: skip
    judged = SimpleITK.GetArrayFromImage(judge)[0]
    where = indices(grid, screen)
    inside = np.all((where >= 0) & (where <= np.array(SHAPE)[:, None, None] - 1), axis=0)
    found = sample(stored, grid, screen, Interpolation.LINEAR)
    assert np.abs(found.values - judged)[inside].max() <= 1


def along_axes(seed: int, grid: Grid, mm: float) -> ScreenPlane:
    """A tile along two axes of the grid, turned and mirrored by the seed, between two layers of voxels."""
    rng = np.random.default_rng(seed)
    order, signs = rng.permutation(3), rng.choice([-1, 1], 2)
    right, down = (np.array(grid.axes[order[n]]) * signs[n] * mm for n in range(2))
    middle = np.subtract(grid.size, 1) / 2
    middle[order[2]] = rng.integers(2, 9) + rng.choice([0.0, 0.3, 0.75])
    origin = np.array(grid.point(tuple(middle.tolist()))) - right * 30 - down * 23
    return ScreenPlane(vec(origin), vec(right), vec(down), 61, 47)


@pytest.mark.parametrize("mm", [0.05, 0.31, 1.7])
@pytest.mark.parametrize("plane", [screen_of, along_axes], ids=["oblique", "along axes"])
@pytest.mark.parametrize("seed", range(8))
def test_padding_is_never_blended(seed: int, plane: Callable[..., ScreenPlane], mm: float) -> None:
    """Tissue is 500..600, padding -2000, air there is none: no number between them may come out; and where no
    padding is near, values are interpolated as if there were none."""
    rng = np.random.default_rng(seed)
    grid, tissue = grid_of(seed), rng.integers(500, 601, SHAPE).astype(np.int16)
    padded = rng.random(SHAPE) < 0.02
    padded[:, :, :4] = True
    stored = np.where(padded, PAD, tissue).astype(np.int16)
    screen = plane(seed, grid, mm=mm)
    found = sample(stored, grid, screen, Interpolation.LINEAR, padding=(PAD, PAD))
    nothing = np.zeros(found.values.shape, np.bool_) if found.nothing is None else found.nothing
    shown = found.values[~nothing]
    assert shown.size > 0
    assert shown.min() >= 499 and shown.max() <= 601
    where = np.clip(indices(grid, screen), 0, np.array(SHAPE)[:, None, None] - 1)
    near = np.stack([np.floor(where), np.ceil(where)]).astype(int)
    clear = ~np.any([padded[near[a, 0], near[b, 1], near[c, 2]] for a, b, c in np.ndindex(2, 2, 2)], axis=0) & ~nothing
    smooth = sample(tissue, grid, screen, Interpolation.LINEAR).values
    # An index a rounding error beside a whole number may count one neighbour more.
    assert clear.sum() < 50 or np.mean(found.values[clear] == smooth[clear]) > 0.95


def test_what_is_nothing_is_black_whatever_the_window_and_inversion() -> None:
    grid, stored = grid_of(1), np.full(SHAPE, 500, np.int16)
    stored[:, :10] = PAD
    found = sample(stored, grid, screen_of(1, grid), Interpolation.LINEAR, padding=(PAD, PAD))
    for inverted in (False, True):
        rgb = to_rgb32(found, Chain(Rescale(), Window(-2000, 10), inverted=inverted))
        assert np.all(rgb[found.nothing] == 0xFF000000)
        assert np.all(rgb[~found.nothing] == (0xFF000000 if inverted else 0xFFFFFFFF))


@pytest.mark.parametrize("seed", range(6))
def test_missing_slices_are_hatched_and_never_interpolated_with(seed: int) -> None:
    grid, stored = grid_of(seed), noise(seed)
    screen = screen_of(seed, grid)
    whole = sample(stored, grid, screen, Interpolation.LINEAR)
    filled = np.ones(SHAPE[0], np.bool_)
    filled[[0, 5, 6, 11]] = False
    partly = stored.copy()
    partly[~filled] = 0
    found = sample(partly, grid, screen, Interpolation.LINEAR, filled=filled)
    k = indices(grid, screen)[0]
    near = np.clip(np.stack([np.floor(k), np.ceil(k)]).astype(int), 0, SHAPE[0] - 1)
    needed_and_missing = ~filled[near].all(axis=0)
    assert found.missing is not None
    assert np.array_equal(found.missing, needed_and_missing)
    assert np.array_equal(found.values[~found.missing], whole.values[~found.missing])
    rgb = to_rgb32(found, Chain(Rescale(), Window(1000, 4000)))
    assert set(np.unique(rgb[found.missing])) <= set(HATCH)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.int32, np.float32])
def test_a_stack_at_one_to_one_is_copied(dtype: type) -> None:
    info = np.iinfo(dtype) if np.issubdtype(dtype, np.integer) else np.finfo(np.float16)
    stored = np.random.default_rng(7).integers(int(info.min), int(info.max), (1, 9, 11)).astype(dtype)
    grid = Grid((1.3, 2.7, -9.1), ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0), (1.0, 0.0, 0.0)), (0.7, 0.7, 3.0), (11, 9, 1))
    step = 0.7
    screen = ScreenPlane(grid.point((-2, -3, 0)), (0.0, step, 0.0), (0.0, 0.0, -step), 16, 15)
    for interpolation in Interpolation:
        found = sample(stored, grid, screen, interpolation)
        assert np.array_equal(found.values[3:12, 2:13], stored[0])
        assert found.nothing is not None and found.nothing.sum() == 16 * 15 - 9 * 11
