"""Images shown smaller than they are: averaged over what each pixel covers, padding left out, exact when magnified."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid
from workstation.imaging.view import Framing, Interpolation, ScreenPlane, image_plane, screen_plane
from workstation.render.covers import cover_evenly, cover_where
from workstation.render.planar import Sampled, sample

ROW_MM, COLUMN_MM = 0.7, 0.5


def grid_of(image: NDArray[Any], row_mm: float = ROW_MM, column_mm: float = COLUMN_MM) -> Grid:
    axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    return Grid((5.0, -7.0, 0.0), axes, (column_mm, row_mm, 1.0), (image.shape[1], image.shape[0], 1))


def laid(image: NDArray[Any], width: int, height: int, **framing: Any) -> tuple[Grid, ScreenPlane]:
    grid = grid_of(image)
    return grid, screen_plane(image_plane(grid), Framing(**framing), width, height)


def shrunk(image: NDArray[Any], width: int, height: int, padding: Any = None, **framing: Any) -> Sampled:
    grid, screen = laid(image, width, height, **framing)
    return sample(image[None], grid, screen, Interpolation.LINEAR, padding)


def test_a_checkerboard_becomes_grey_and_no_pattern() -> None:
    """Picking pixels would give 0 and 1000; the mean of any 3 x 4.2 pixels is within a twelfth of the middle."""
    image = (np.indices((420, 300)).sum(0) % 2 * 1000).astype(np.uint16)
    seen = shrunk(image, 100, 196)
    inside = seen.values[~seen.nothing] if seen.nothing is not None else seen.values
    assert abs(inside.astype(float) - 500).max() <= 1000 / 12


def test_whole_blocks_give_their_exact_means() -> None:
    """Square pixels shown at a quarter: each is the mean of a block of 4 x 4."""
    image = np.random.default_rng(3).integers(0, 4096, (80, 120)).astype(np.uint16)
    grid = grid_of(image, 0.5, 0.5)
    screen = screen_plane(image_plane(grid), Framing(), 30, 20)
    seen = sample(image[None], grid, screen, Interpolation.LINEAR)
    blocks = image.reshape(20, 4, 30, 4).mean(axis=(1, 3))
    assert np.abs(seen.values - blocks).max() <= 0.5 + 1e-3


def test_light_is_neither_made_nor_lost() -> None:
    """A single bright pixel keeps its sum, wherever it falls: a microcalcification does not vanish."""
    total = []
    for place in range(40, 60):
        image = np.zeros((100, 140), np.float32)
        image[place, place + 20] = 1e6
        seen = shrunk(image, 44, 44)
        total.append(float(seen.values.sum()))
    right, down = 140 * COLUMN_MM / 44, 140 * COLUMN_MM / 44
    expected = 1e6 * ROW_MM * COLUMN_MM / (right * down)
    assert np.allclose(total, expected, rtol=1e-4)


def test_padding_is_neither_averaged_nor_shown() -> None:
    image = np.full((90, 120), 700, np.int16)
    image[:, :60] = -2000
    image[::2, 70] = -2000  # a thin line of it within the image
    seen = shrunk(image, 40, 45, padding=(-2000.0, -2000.0))
    assert seen.nothing is not None
    assert set(np.unique(seen.values[~seen.nothing]).tolist()) == {700}
    middle = 45 // 2
    assert seen.nothing[middle, 5] and not seen.nothing[middle, 30]


@pytest.mark.parametrize("width", [40, 400])
def test_nan_is_nothing_shrunk_and_magnified(width: int) -> None:
    image = np.full((90, 120), 3.5, np.float32)
    image[20:40, 30:60] = np.nan
    seen = shrunk(image, width, width)
    assert seen.nothing is not None
    values = seen.values[~seen.nothing]
    assert np.allclose(values, 3.5) and not np.isnan(values).any()
    grid, screen = laid(image, width, width)
    x, y, _ = (round(each) for each in screen.pixel(grid.point((45, 30, 0))))
    assert seen.nothing[y, x]


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_turned_and_mirrored_is_the_turned_and_mirrored_picture(turns: int, mirrored: bool) -> None:
    image = np.random.default_rng(5).integers(0, 255, (60, 84)).astype(np.uint8)
    upright = shrunk(image, 42, 42)
    turned = shrunk(image, 42, 42, quarter_turns=turns, mirrored=mirrored)
    expected = upright.values[:, ::-1] if mirrored else upright.values
    assert np.array_equal(turned.values, np.rot90(expected, -turns))


def test_colour_is_averaged_by_channel() -> None:
    image = np.zeros((60, 84, 3), np.uint8)
    image[::2, :, 0], image[:, :, 2] = 200, 50
    seen = shrunk(image, 21, 21)
    inside = seen.values[~seen.nothing] if seen.nothing is not None else seen.values.reshape(-1, 3)
    assert np.abs(inside[:, 0].astype(int) - 100).max() <= 200 / 5.6
    assert set(np.unique(inside[:, 1])) == {0} and set(np.unique(inside[:, 2])) == {50}


def test_nearest_shows_stored_pixels_alone() -> None:
    image = (np.indices((60, 84)).sum(0) % 2 * 1000).astype(np.uint16)
    grid, screen = laid(image, 21, 21)
    seen = sample(image[None], grid, screen, Interpolation.NEAREST)
    assert set(np.unique(seen.values).tolist()) <= {0, 1000}


def test_magnified_is_what_it_was() -> None:
    """Whole-number zoom of square pixels without interpolation: each pixel a block."""
    image = np.random.default_rng(6).integers(0, 4096, (12, 17)).astype(np.uint16)
    grid = grid_of(image, 0.5, 0.5)
    screen = screen_plane(image_plane(grid), Framing(), 51, 36)
    seen = sample(image[None], grid, screen, Interpolation.NEAREST)
    assert np.array_equal(seen.values, image.repeat(3, 0).repeat(3, 1))


def test_a_cover_lies_on_the_same_pixels_as_the_image() -> None:
    mask = np.random.default_rng(8).random((12, 17)) < 0.3
    grid = grid_of(mask, 0.5, 0.5)
    screen = screen_plane(image_plane(grid), Framing(quarter_turns=1, mirrored=True), 36, 51)
    black = np.full((51, 36), 0xFF000000, np.uint32)
    covered = cover_where(black, mask, grid, screen, 200)
    expected = np.rot90(mask[:, ::-1].repeat(3, 0).repeat(3, 1), -1)
    assert np.array_equal(covered == 0xFFC8C8C8, expected)


def test_a_thin_line_of_an_overlay_survives_shrinking() -> None:
    mask = np.zeros((120, 168), np.bool_)
    mask[61, :] = True
    grid, screen = laid(mask, 42, 42)
    black = np.full((42, 42), 0xFF000000, np.uint32)
    covered = cover_evenly(black, mask, grid, screen, 240, 1.0)
    assert ((covered & 0xFF).max(axis=0) > 180).all()
    assert (covered >> 24 == 0xFF).all()
