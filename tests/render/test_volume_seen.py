"""What is left out of a volume is never seen: every value and direction that a ray meets is as it was."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.imaging.given import axial
from tests.render.test_volume_process import AXES, SIZE, SOLID, centres, drawn, ready
from workstation.imaging.camera import Side, framed
from workstation.imaging.geometry import Grid
from workstation.imaging.scene import ClipPlane, CropBox, Cut, Scene
from workstation.imaging.transfer import Points, Shading, TransferFunction, preset_called
from workstation.render.volume_fine import refined
from workstation.render.volume_left import Left
from workstation.render.volume_memory import SharedArray
from workstation.render.volume_process import Volumes
from workstation.render.volume_request import Frame, Source
from workstation.render.volume_scene import WIDE, WIDER, _Volume
from workstation.render.volume_seen import Extremes, box_of, fill_unseen, is_lit_by_neighbours, stored_points

ABOVE: Points = ((300.0, 0.0), (500.0, 1.0))
BELOW: Points = ((-900.0, 0.8), (-600.0, 0.0), (0.0, 0.0))
BETWEEN: Points = ((100.0, 0.0), (200.0, 0.4), (350.0, 0.0))


def lumps(shape: tuple[int, int, int]) -> NDArray[np.int16]:
    """Noise as coarse as organs are, most of it near nothing."""
    noise = np.random.default_rng(7).normal(0, 1, shape)
    for axis in range(3):
        noise = sum(np.roll(noise, by, axis) for by in range(-3, 4)) / np.sqrt(7)
    return np.asarray(noise * 260, dtype=np.int16)


def grains(shape: tuple[int, int, int]) -> NDArray[np.int16]:
    """Single voxels anywhere that stand out to either side, each with nothing about it."""
    random = np.random.default_rng(8)
    stored = random.normal(-100, 30, shape).astype(np.int16)
    for value in (6000, -7000):
        for _ in range(14):
            k, j, i = (int(random.integers(0, size)) for size in shape)
            stored[k, j, i] = value
    return stored


def opacity(values: NDArray[Any], points: Points) -> NDArray[np.float64]:
    at, opacities = zip(*points, strict=True)
    return np.asarray(np.interp(values, at, opacities))


def cells(values: NDArray[Any], extreme: Any) -> NDArray[Any]:
    """The least or greatest of the eight corners of each cell."""
    for axis in range(3):
        moved = np.moveaxis(values, axis, 0)
        values = np.moveaxis(extreme(moved[1:], moved[:-1]), 0, axis)
    return values


def shows(values: NDArray[Any], points: Points) -> NDArray[np.bool_]:
    """The cells in which some value between the corners has an opacity, looked at in a hundred steps."""
    low, high = cells(values, np.minimum).astype(float), cells(values, np.maximum).astype(float)
    steps = np.linspace(0, 1, 101)
    return np.asarray(np.any([opacity(low + (high - low) * each, points) > 0 for each in steps], axis=0))


def kept_voxels(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The corners of cells, and the next voxels along each axis."""
    corners = np.zeros([size + 1 for size in seen.shape], np.bool_)
    for k, j, i in np.ndindex(2, 2, 2):
        corners[k : k + seen.shape[0], j : j + seen.shape[1], i : i + seen.shape[2]] |= seen
    beside = corners.copy()
    for axis in range(3):
        from_, to = np.moveaxis(corners, axis, 0), np.moveaxis(beside, axis, 0)
        to[1:] |= from_[:-1]
        to[:-1] |= from_[1:]
    return beside


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize(
    ("phantom", "points"), [(lumps, ABOVE), (grains, ABOVE), (lumps, BELOW), (grains, BELOW), (lumps, BETWEEN)]
)
def test_all_that_a_ray_meets_is_as_it_was(
    phantom: Callable[[tuple[int, int, int]], NDArray[np.int16]], points: Points, steps: int
) -> None:
    stored = phantom((23, 62, 75))
    stored[:, :, 50:] = -100  # a side on which nothing is seen
    extremes = Extremes.of(stored)
    seen = extremes.seen(points)
    box, filling = box_of(seen, stored.shape), extremes.unseen_value(points)
    whole = refined(stored, steps) if steps > 1 else stored
    part = refined(stored[box], steps) if steps > 1 else stored[box].copy()
    first = (box[0].start * steps, box[1].start, box[2].start)
    if filling is not None:
        fill_unseen(part, seen, box, steps, filling)
        assert np.count_nonzero(part == filling) > 0.05 * part.size
    assert (filling is None) == (points is BETWEEN) and part.size < 0.9 * whole.size
    there = tuple(slice(at, at + size) for at, size in zip(first, part.shape, strict=True))
    wanted = shows(whole, points)
    inside = np.zeros(wanted.shape, np.bool_)
    inside[tuple(slice(each.start, each.stop - 1) for each in there)] = True
    assert wanted.any() and not np.any(wanted & ~inside), "the box holds every cell that shows something"
    kept = kept_voxels(wanted)[there]
    assert np.array_equal(whole[there][kept], part[kept])
    assert not np.any(shows(part, points) & ~wanted[tuple(slice(each.start, each.stop - 1) for each in there)])


def test_where_nothing_or_all_is_seen_nothing_is_left_out() -> None:
    stored = lumps((9, 30, 41))
    extremes = Extremes.of(stored)
    for points in (((5000.0, 0.0), (6000.0, 1.0)), ((-5000.0, 0.1), (6000.0, 1.0))):
        assert box_of(extremes.seen(points), stored.shape) == tuple(slice(0, size) for size in stored.shape)


def test_values_are_those_of_the_file_whichever_way_they_are_scaled() -> None:
    transfer = TransferFunction(ABOVE, ((0.0, 255, 255, 255),))
    assert stored_points(transfer, (2.0, -100.0)) == ((200.0, 0.0), (300.0, 1.0))
    assert stored_points(transfer, (-1.0, 0.0)) == ((-500.0, 1.0), (-300.0, 0.0))
    assert Extremes.of(lumps((9, 30, 41))).unseen_value(((-500.0, 1.0), (-300.0, 0.0))) is not None


def test_only_numbers_whose_directions_hang_on_the_next_voxels_are_left_out() -> None:
    lit_by = [is_lit_by_neighbours(np.zeros(1, each)) for each in ("int8", "uint16", "int16", "int32", "float32")]
    assert lit_by == [True, True, True, False, False]


GRID = Grid((-40.0, -30.0, -60.0), AXES, (0.9, 0.7, 2.6), (90, 100, 40))
MIDDLE = np.array((22.0, 18.0, 11.5))
"""Of the ball, away from the middle of the grid on every axis, so that the box about it begins somewhere."""


@pytest.fixture(scope="module")
def drawing() -> Iterator[Volumes]:
    made = ready()
    yield made
    made.close()


def lit(frame: Frame) -> NDArray[np.bool_]:
    """Nearly to the rim, where the light of the eye comes along the surface."""
    return (frame.rgb32 & 0xFF) > 8


def ball(radius_mm: float = 14.0) -> SharedArray:
    away = np.linalg.norm(centres(GRID) - MIDDLE, axis=-1)
    return SharedArray(np.clip(500 - (away - radius_mm) * 100, 0, 1000).astype(np.int16))


@pytest.mark.parametrize("side", [Side.ANTERIOR, Side.LEFT, Side.FEET])
def test_what_is_lit_lies_where_it_is_and_is_cut_where_it_is_cut(drawing: Volumes, side: Side) -> None:
    shared, camera = ball(), replace(framed(GRID, side), across_mm=110.0)
    wall = ((499.0, 0.0), (501.0, 1.0))
    matt = replace(SOLID, opacity=wall, shading=Shading(ambient=0.0, diffuse=1.0, specular=0.0))
    scene, mm2 = Scene(camera, "", matt, light_deg=(0.0, 0.0)), (110.0 / SIZE[1]) ** 2
    frame = drawn(drawing, shared, GRID, scene)
    rows, columns = np.nonzero(lit(frame))
    x, y, _ = camera.pixel((MIDDLE[0], MIDDLE[1], MIDDLE[2]), *SIZE)
    assert frame.steps > 1 and (columns.mean(), rows.mean()) == pytest.approx((x, y), abs=1.0)
    assert len(rows) * mm2 == pytest.approx(np.pi * 14.0**2, rel=0.05), "blurred it is 0.1 mm smaller"
    index = np.linalg.solve(GRID.lps_from_index[:3, :3], MIDDLE - GRID.lps_from_index[:3, 3])
    half = CropBox((-0.5, -0.5, -0.5), (89.5, 99.5, float(index[2])))
    away = CropBox((-0.5, -0.5, -0.5), (20.0, 20.0, 8.0))
    gone = SharedArray((centres(GRID)[..., 2] > MIDDLE[2]).astype(np.uint8))
    plane = ClipPlane((MIDDLE[0], MIDDLE[1], MIDDLE[2]), (0.0, 0.0, -1.0))
    share = 1.0 if side is Side.FEET else 0.5
    for cut in ({"crop": half}, {"plane": plane}, {"cuts": (Cut("above", 1, gone.handle),)}):
        left = lit(drawn(drawing, shared, GRID, replace(scene, **cut)))
        assert np.count_nonzero(left) == pytest.approx(share * len(rows), rel=0.08), cut
    assert not lit(drawn(drawing, shared, GRID, replace(scene, crop=away))).any()


def test_what_lies_in_shadow_has_the_part_of_light_that_falls_on_all_alike(drawing: Volumes) -> None:
    """White, half of it ambient and nothing else: half as bright all over, and round to the very rim."""
    wall = ((499.0, 0.0), (501.0, 1.0))
    half = replace(SOLID, opacity=wall, shading=Shading(ambient=0.5, diffuse=0.0, specular=0.0))
    frame = drawn(drawing, ball(), GRID, Scene(replace(framed(GRID), across_mm=110.0), "", half))
    grey = frame.rgb32 & 0xFF
    rows, columns = np.nonzero(grey > 64)
    assert len(rows) * (110.0 / SIZE[1]) ** 2 == pytest.approx(np.pi * 14.0**2, rel=0.05)
    assert np.percentile(grey[rows, columns], [10, 90]) == pytest.approx([127.5, 127.5], abs=4)


def test_a_volume_is_made_anew_where_more_is_to_be_seen_and_then_for_more_than_that() -> None:
    stored = np.full((23, 62, 75), -100, np.int16)
    for row, value in ((4, 600), (24, 285), (44, 170)):
        stored[4:10, row : row + 8, 4:12] = value
    shared = SharedArray(stored)
    rows = tuple(tuple(float(each) for each in row) for row in axial((23, 62, 75), (0.7, 0.9, 1.0)).lps_from_index)
    bone = preset_called("bone", "CT").transfer
    left = Left.of(Scene(framed(GRID), "bone", bone), quick=False)
    source = Source(shared.handle, rows, (1.0, 0.0), 23)

    def made(points: Points, wider: float) -> _Volume:
        return _Volume(source, left, points, wider, quick=False, software=True)

    lower, lower_yet = (((value, 0.0), (value + 200.0, 1.0)) for value in (160.0, 80.0))
    first = made(ABOVE, WIDE)
    assert first.has_all_of(ABOVE) and first.has_all_of(((281.0, 0.0), (500.0, 1.0))), "a little more is there"
    assert not first.has_all_of(lower) and not first.has_all_of(BELOW)
    again = made(lower, WIDER)
    assert again.has_all_of(lower) and again.has_all_of(lower_yet) and again.has_all_of(ABOVE)
    assert not made(ABOVE, 0.0).has_all_of(((281.0, 0.0), (500.0, 1.0)))
    assert not again.has_all_of(BELOW) and not made(BELOW, 0.0).has_all_of(ABOVE)
