"""What a ray meets first, against where phantoms have their faces."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from workstation.imaging.camera import Side, framed
from workstation.imaging.geometry import Grid, vec
from workstation.imaging.greyscale import Rescale
from workstation.imaging.pick import hidden, picked
from workstation.imaging.scene import ClipPlane, CropBox, Scene
from workstation.imaging.transfer import Mode, TransferFunction

GRID = Grid((-40.0, -30.0, 60.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0)), (0.9, 0.7, 1.3), (90, 100, 80))
SOLID = TransferFunction(((450.0, 0.0), (550.0, 1.0)), ((0.0, 255, 255, 255),), unit_mm=0.1)
HU = Rescale(1.0, -1024.0)


def away() -> NDArray[np.float64]:
    i, j, k = GRID.size
    index = np.stack(np.meshgrid(np.arange(k), np.arange(j), np.arange(i), indexing="ij")[::-1], axis=-1)
    points = index @ GRID.lps_from_index[:3, :3].T + GRID.lps_from_index[:3, 3]
    return np.asarray(np.linalg.norm(points - np.asarray(GRID.center_lps), axis=-1))


def ball(radius_mm: float) -> NDArray[np.int16]:
    return (np.clip(500 - (away() - radius_mm) * 500, 0, 1000) + 1024).astype(np.int16)


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("angle", [0.0, 30.0])
def test_a_ray_stops_at_the_near_face_of_a_ball(side: Side, angle: float) -> None:
    camera = replace(framed(GRID, side), perspective_deg=angle).turned(20.0, -15.0)
    scene, stored, middle = Scene(camera, "", SOLID), ball(25.0), np.asarray(GRID.center_lps)
    for x, y in ((199.5, 149.5), (230.0, 170.0)):
        start, direction = camera.ray(x, y, 400, 300)
        found = picked(stored, GRID, HU, scene, start, direction)
        assert found is not None
        assert np.linalg.norm(np.asarray(found) - middle) == pytest.approx(25.0, abs=0.7)
        assert (np.asarray(found) - middle) @ np.asarray(direction) < 0
        assert camera.pixel(found, 400, 300)[:2] == pytest.approx((x, y), abs=1e-6)
    assert picked(stored, GRID, HU, scene, *camera.ray(2.0, 2.0, 400, 300)) is None


def test_what_is_clear_is_passed_and_what_is_cut_is_not_met() -> None:
    camera, middle = framed(GRID), GRID.center_lps
    shell = np.where(np.abs(away() - 30) < 2, 300 + 1024, ball(12.0)).astype(np.int16)
    ray = camera.ray(199.5, 149.5, 400, 300)
    scene = Scene(camera, "", SOLID)
    found = picked(shell, GRID, HU, scene, *ray)
    assert found is not None and middle[1] - found[1] == pytest.approx(12.0, abs=0.7)
    clipped = replace(scene, plane=ClipPlane((0.0, middle[1] + 3.0, 0.0), (0.0, 1.0, 0.0)))
    inside = picked(shell, GRID, HU, clipped, *ray)
    assert inside is not None and inside[1] - middle[1] == pytest.approx(3.0, abs=0.4)
    j = GRID.index(middle)[1]
    cropped = replace(scene, crop=CropBox((-0.5, j + 5.0, -0.5), (89.5, 99.5, 79.5)))
    beyond = picked(shell, GRID, HU, cropped, *ray)
    assert beyond is not None and beyond[1] - middle[1] == pytest.approx(3.5, abs=0.4)
    assert picked(shell, GRID, HU, scene, *ray, gone=(away() < 14).astype(np.uint8)) is None


def test_a_projection_is_picked_where_it_is_brightest() -> None:
    camera = framed(GRID)
    stored = ball(20.0)
    i, j, k = (round(each) for each in GRID.index(GRID.center_lps))
    stored[k, j + 9, i] = 3000
    mip = Scene(camera, "", replace(SOLID, mode=Mode.MIP))
    x, y, _ = camera.pixel(GRID.point((i, j + 9, k)), 400, 300)
    found = picked(stored, GRID, HU, mip, *camera.ray(x, y, 400, 300))
    assert found == pytest.approx(GRID.point((i, j + 9, k)), abs=0.2)


def test_a_veil_is_picked_where_it_is_strongest_and_too_thin_a_one_not_at_all() -> None:
    camera = framed(GRID)
    ray = camera.ray(199.5, 149.5, 400, 300)
    veil = Scene(camera, "", TransferFunction(((0.0, 0.0), (1000.0, 0.01)), ((0.0, 255, 255, 255),)))
    found = picked(ball(10.0), GRID, HU, veil, *ray)
    assert found is not None and abs(found[1] - GRID.center_lps[1]) < 11
    thin = replace(veil, transfer=TransferFunction(((0.0, 0.0), (1000.0, 0.001)), ((0.0, 255, 255, 255),)))
    assert picked(ball(10.0), GRID, HU, thin, *ray) is None


@pytest.mark.parametrize("angle", [0.0, 30.0])
def test_what_lies_behind_a_surface_is_hidden_and_what_lies_on_it_is_not(angle: float) -> None:
    camera, middle = replace(framed(GRID), perspective_deg=angle), np.asarray(GRID.center_lps)
    scene, stored = Scene(camera, "", SOLID), ball(25.0)
    before, on_it, within, behind, beside = (
        middle + each for each in ((0, -30, 0), (0, -25, 0), (0, 0, 0), (0, 30, 0), (32, 0, 0))
    )
    points = np.asarray([before, on_it, within, behind, beside])
    assert hidden(stored, GRID, HU, scene, points).tolist() == [False, False, True, True, False]
    opened = replace(scene, plane=ClipPlane(vec(middle - (0, 1.0, 0)), (0.0, 1.0, 0.0)))
    assert hidden(stored, GRID, HU, opened, points).tolist() == [False, False, False, True, False]
    j = GRID.index(vec(middle))[1]
    cropped = replace(scene, crop=CropBox((-0.5, j - 1.0, -0.5), (89.5, 99.5, 79.5)))
    assert hidden(stored, GRID, HU, cropped, points).tolist() == [False, False, False, True, False]
    gone = np.ones(stored.shape, np.uint8)
    assert not hidden(stored, GRID, HU, scene, points, (gone,)).any()
    flat = replace(scene, transfer=replace(SOLID, mode=Mode.MIP))
    assert not hidden(stored, GRID, HU, flat, points).any()
