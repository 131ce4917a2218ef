"""Curves through sheared (tilted) volumes and through slices at uneven distances: lengths, places and widths are those
of the closed form, and where slices are missing there is nothing."""

import math

import numpy as np
import pytest

from tests.imaging import tubes
from workstation.imaging.centerline import centerline
from workstation.imaging.curved import straightened, stretched
from workstation.imaging.geometry import Grid, vec
from workstation.imaging.lumen import Block, lumen
from workstation.imaging.sampling import at_points
from workstation.imaging.uneven import Uneven, uneven_grid
from workstation.imaging.vessel import vessel

RADIUS_MM = 5.0
SHEAR = vec(np.array((0.0, -math.sin(math.radians(20.0)), math.cos(math.radians(20.0)))))
"""A gantry tilt of 20 degrees: slices follow each other along this, and are axial themselves."""


def sheared() -> Grid:
    axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), SHEAR)
    return Grid((-11.0, -9.0, -8.0), axes, (0.7, 0.9, 1.1 / SHEAR[2]), (32, 86, 53))


def even() -> Grid:
    axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    return Grid((-11.0, -9.0, -8.0), axes, (0.7, 0.9, 1.1), (32, 66, 53))


def every_fifth_missing(block: Block, lost: tuple[int, ...] = ()) -> Block:
    """The same voxels without each fifth slice, and without others that are `lost`."""
    kept = [k for k in range(len(block.stored)) if k % 5 != 4 and k not in lost]
    grid = block.grid
    places = [grid.point((0, 0, k)) for k in kept]
    found = uneven_grid(places, grid.axes[0], grid.axes[1], (grid.spacing[0], grid.spacing[1]), grid.size[:2])
    assert isinstance(found, Uneven) and found.size[2] == len(kept)
    return Block(block.stored[kept], found)


def tube(grid: Grid) -> Block:
    def is_inside(points: tubes.Points) -> np.ndarray:
        away = np.hypot(np.hypot(points[..., 1], points[..., 2]) - tubes.BEND_MM, points[..., 0])
        return np.asarray(away < RADIUS_MM)

    return tubes.block(grid, is_inside)


def arcs(grid: Grid) -> Block:
    """A volume whose values are tenths of a millimetre of the way along the bend, wherever they lie off it."""
    k, j, i = np.meshgrid(*(np.arange(n) for n in grid.size[::-1]), indexing="ij")
    points = np.stack([i, j, k], axis=-1) @ grid.lps_from_index[:3, :3].T + grid.lps_from_index[:3, 3]
    along = np.arctan2(points[..., 2], points[..., 1]) * tubes.BEND_MM
    return Block(np.rint(along * 10).astype(np.int16), grid)


LATTICES = {
    "tilted": lambda made: made(sheared()),
    "uneven": lambda made: every_fifth_missing(made(even())),
    "tilted and uneven": lambda made: every_fifth_missing(made(sheared())),
}


@pytest.mark.parametrize("lattice", LATTICES)
def test_each_column_shows_the_place_that_its_arc_length_names(lattice: str) -> None:
    block = LATTICES[lattice](arcs)
    line = centerline([tubes.on_bend(4.0 + share * (tubes.QUARTER_MM - 8.0)) for share in np.linspace(0.0, 1.0, 9)])
    assert line.length_mm == pytest.approx(tubes.QUARTER_MM - 8.0, rel=1e-3)
    for picture in (straightened(line, 8.0, 0.25), stretched(line, 8.0, 0.25)):
        found = at_points(block.stored, block.grid, picture.points())
        row = picture.rows // 2
        assert found.known[row].mean() > 0.75
        off = found.values[row] / 10 - (picture.arcs_mm + 4.0)
        assert np.abs(off[found.known[row]]).max() < 0.12


@pytest.mark.parametrize("lattice", ["tilted", "uneven"])
def test_a_vessel_is_followed_at_its_length_and_width(lattice: str) -> None:
    block = LATTICES[lattice](tube)
    line = vessel(block, tubes.on_bend(5.0), tubes.on_bend(tubes.QUARTER_MM - 5.0))
    assert line.length_mm == pytest.approx(tubes.QUARTER_MM - 10.0, abs=1.0)
    radius = np.hypot(line.points_lps[:, 1], line.points_lps[:, 2])
    assert np.abs(radius - tubes.BEND_MM).max() < 0.6
    found = lumen(block, line)
    assert found.measured.mean() > 0.8
    assert found.effective_mm[found.measured] == pytest.approx(2 * RADIUS_MM, abs=0.6)
    assert np.nanmedian(found.effective_mm) == pytest.approx(2 * RADIUS_MM, abs=0.25)


def test_where_slices_are_missing_nothing_is_shown_and_nothing_measured() -> None:
    lost = tuple(range(24, 32))
    block = every_fifth_missing(tube(even()), lost)
    hole = (block.grid.place_mm(19.5), 4.0)
    line = centerline([tubes.on_bend(share * tubes.QUARTER_MM) for share in np.linspace(0.02, 0.98, 9)])
    picture = straightened(line, 8.0, 0.25)
    found = at_points(block.stored, block.grid, picture.points())
    heights = picture.points()[..., 2] - block.grid.origin_lps[2]
    assert found.missing[np.abs(heights - hole[0]) < hole[1] - 0.5].all()
    measured = lumen(block, line)
    at = np.array([line.place(arc).point_lps[2] for arc in measured.arcs_mm]) - block.grid.origin_lps[2]
    steep = np.abs(line.along[np.searchsorted(line.arcs_mm, measured.arcs_mm).clip(max=len(line.along) - 1), 2]) > 0.5
    inside = (np.abs(at - hole[0]) < 1.0) & steep
    assert inside.any() and not measured.measured[inside].any()
    assert measured.measured.mean() > 0.5
