"""How wide a vessel is along a line, against tubes of known width; half a pixel is what may be missed."""

import math

import numpy as np
import pytest

from tests.imaging import tubes
from workstation.errors import Reason, Refused
from workstation.imaging.centerline import Centerline, centerline
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.lumen import RAYS, Block, lumen, narrowing

HALF_PIXEL_MM = 0.35


def clicked(aside_mm: float = 0.0) -> Centerline:
    """Seven points of the bend but its ends, `aside_mm` beside its middle."""
    arcs = np.linspace(0.03, 0.97, 7) * tubes.QUARTER_MM
    return centerline([(aside_mm, *tubes.on_bend(arc)[1:]) for arc in arcs])


def true_diameters(line: Centerline, arcs: np.ndarray, first: float, last: float) -> np.ndarray:
    points = np.array([line.place(arc).point_lps for arc in arcs])
    return 2 * (first + (last - first) * np.arctan2(points[:, 2], points[:, 1]) * tubes.BEND_MM / tubes.QUARTER_MM)


@pytest.mark.parametrize("how", [{}, {"noise": 20.0}, {"dark": True}], ids=["still", "noise", "dark"])
def test_a_tapering_tube_is_measured_within_half_a_pixel_everywhere(how: dict[str, object]) -> None:
    line = clicked()
    found = lumen(tubes.bend(6.0, 2.0, **how), line)
    true = true_diameters(line, found.arcs_mm, 6.0, 2.0)
    for measured in (found.effective_mm, found.mean_mm, found.least_mm, found.most_mm):
        assert np.abs(measured - true).max() < HALF_PIXEL_MM
    assert found.area_mm2 == pytest.approx(math.pi * true**2 / 4, rel=0.12)


def test_a_line_beside_the_middle_finds_the_middle_and_the_same_width() -> None:
    found = lumen(tubes.bend(5.0, 5.0), clicked(aside_mm=2.0))
    assert np.abs(found.centers_lps[:, 0]).max() < 0.2
    assert found.effective_mm == pytest.approx(10.0, abs=HALF_PIXEL_MM)
    assert found.outlines_lps.shape == (len(found.arcs_mm), RAYS, 3)
    away = np.linalg.norm(found.outlines_lps - found.centers_lps[:, None], axis=2)
    assert away == pytest.approx(5.0, abs=0.6)


def test_what_lies_beside_the_vessel_is_not_taken_in() -> None:
    """Lung on one side, muscle on the other, a bright vertebra two millimetres away: the wall stays where it is."""
    grid = Grid((-30.0, -26.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (0.7, 0.9, 1.1), (86, 58, 40))
    block = tubes.block(grid, lambda points: np.hypot(points[..., 0], points[..., 1]) < 7.0)
    x, y = (grid.point((i, 0, 0))[0] for i in range(86)), (grid.point((0, j, 0))[1] for j in range(58))
    x, y = np.meshgrid(np.array(list(x)), np.array(list(y)))
    around = np.hypot(x, y) > 8.0
    block.stored[:, around & (x > 8.0)] = -850
    block.stored[:, around & (y > 9.5)] = 700
    found = lumen(block, centerline(((0.0, 0.0, 5.0), (0.0, 0.0, 20.0), (0.0, 0.0, 38.0))))
    assert found.effective_mm == pytest.approx(14.0, abs=HALF_PIXEL_MM)


def stenosed() -> Block:
    """A tube of 10 mm that is 4 mm wide at z = 30, over a centimetre and a half."""
    grid = Grid((-12.0, -12.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (0.5, 0.6, 0.8), (48, 40, 76))

    def is_inside(points: np.ndarray) -> np.ndarray:
        radius = 5.0 - 3.0 * np.clip(1 - np.abs(points[..., 2] - 30.0) / 7.5, 0.0, 1.0) ** 0.5
        return np.hypot(points[..., 0], points[..., 1]) < radius

    return tubes.block(grid, is_inside)


def test_a_narrowing_against_the_width_between_its_marks() -> None:
    found = lumen(stenosed(), centerline(((0.0, 0.0, 2.0), (0.0, 0.0, 30.0), (0.0, 0.0, 58.0))), every_mm=0.5)
    told = narrowing(found, 12.0, 44.0)
    assert told.arc_mm == pytest.approx(28.0, abs=0.6)
    assert told.reference_mm == pytest.approx(10.0, abs=0.2)
    assert told.diameter_mm == pytest.approx(4.0, abs=0.5)
    assert told.of_diameter == pytest.approx(0.6, abs=0.05)
    assert told.of_area == pytest.approx(0.84, abs=0.04)
    assert narrowing(found, 44.0, 12.0) == told


def test_what_leaks_over_a_few_millimetres_is_not_measured_there() -> None:
    """A bright plate of three millimetres lies across the tube."""
    block = stenosed()
    block.stored[60:64] = tubes.INSIDE
    found = lumen(block, centerline(((0.0, 0.0, 2.0), (0.0, 0.0, 30.0), (0.0, 0.0, 58.0))))
    assert np.nanmax(found.most_mm) < 11.0 and np.nanmin(found.effective_mm) < 4.5
    assert (~found.measured).sum() <= 6


def test_an_outline_that_runs_into_a_neighbour_for_long_is_doubtful() -> None:
    """A tube of 14 mm, and along its second half a bright cylinder of 7 mm that touches it."""
    grid = Grid((-25.0, -21.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (0.7, 0.9, 1.1), (72, 47, 60))

    def is_inside(points: np.ndarray) -> np.ndarray:
        x, y, z = (points[..., axis] for axis in range(3))
        return np.asarray((np.hypot(x, y) < 7.0) | ((np.hypot(x - 9.5, y) < 3.5) & (z > 33.0)))

    found = lumen(tubes.block(grid, is_inside), centerline(((0.0, 0.0, 2.0), (0.0, 0.0, 33.0), (0.0, 0.0, 62.0))))
    wide = found.measured & (found.most_mm > 16.0)
    assert not found.doubtful[: found.at(25.0)].any()
    assert found.doubtful[wide].all()


def test_where_there_is_no_wall_nothing_is_measured() -> None:
    grid = tubes.bend(3.0, 3.0).grid
    ends: tuple[Vec3, Vec3] = ((0.0, 0.0, 0.0), (0.0, 30.0, 30.0))
    with pytest.raises(Refused) as refused:
        lumen(Block(np.full((53, 66, 32), 40, np.int16), grid), centerline(ends))
    assert refused.value.reason is Reason.NO_OUTLINE
