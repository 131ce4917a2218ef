"""A layer that a field bends: its hot voxel lands where the field says, padding stays out, values stay stored ones."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.loading.opened import rgb_of
from tests.picture.layered import SIZE, case_of, fused_view, layer_of, voxels_of
from workstation import jobs
from workstation.imaging.alignment import Field, Registration
from workstation.imaging.geometry import Grid, vec
from workstation.picture import bent
from workstation.picture.compose import compose
from workstation.picture.fused import LoadedLayer, value_at

pytestmark = pytest.mark.usefixtures("qapp")

AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    yield
    bent.forget()
    jobs.shutdown()
    jobs.drain()


def field() -> Field:
    """Up to 9 mm, smooth, other along each axis, over 160 mm."""
    grid = Grid((-80.0, -80.0, -40.0), AXES, (8.0, 10.0, 7.0), (21, 17, 20))
    k, j, i = np.indices((20, 17, 21)).astype(np.float64)
    bell = np.exp(-(((i - 10) / 5) ** 2) - ((j - 8) / 4) ** 2 - ((k - 9) / 5) ** 2)
    shifts = np.stack([9.0 * bell, -6.0 * bell, 4.0 * bell], axis=-1).astype(np.float32)
    return Field(grid, shifts)


@pytest.mark.parametrize("backwards", [False, True], ids=["made onto the CT", "made onto the PET"])
def test_a_bent_layer_shows_its_hot_voxel_where_the_registration_has_it(backwards: bool) -> None:
    case, ct, pet = case_of(frame="1.8")
    matrix = np.eye(4)
    matrix[:3, 3] = (3.0, -2.0, 1.5)
    frames = ("1.8", "1.9") if backwards else ("1.9", "1.8")
    case.alignment = case.alignment.put(Registration("1.2.3", *frames, matrix, "deformable", field(), True))
    assert pet.lattice is not None
    laid = case.alignment.between("1.9", "1.8")
    assert laid is not None and laid.is_bent
    hot = pet.lattice.point((12, 10, 7))
    there = laid.point_to_fixed(hot)
    assert max(abs(np.subtract(there, np.add(hot, matrix[:3, 3] * (-1 if backwards else 1))))) > 3.0, "it is bent there"
    values = np.zeros((14, 20, 24), np.int16)
    values[7, 10, 12] = 255
    stored = voxels_of(pet, values)
    case.place_crosshair(ct, there)
    view = fused_view(case, layer_of(pet, high=120.0, opacity=1.0))
    came: list[bool] = []
    grid = view.layers[0].grid
    assert grid is not None
    waiting = bent.bent(laid, grid, stored, lambda: came.append(True))
    assert waiting.voxels is None
    while bent.is_bending():
        jobs.drain(0.05)
    assert came == [True]
    loaded = bent.bent(laid, grid, stored, lambda: came.append(True))
    made = compose(view, voxels_of(ct, 0), "", SIZE, 1.0, bare=True, layered=[loaded])
    assert made.screen is not None and made.pixels is not None
    light = rgb_of(made.image)[..., 0].astype(float)
    y, x = np.indices(light.shape)
    found = (float((light * x).sum() / light.sum()), float((light * y).sum() / light.sum()))
    away_mm = np.subtract(made.screen.pixel(there)[:2], found) / made.screen.px_per_mm
    assert np.abs(away_mm).max() < 1.9, "half a voxel of the PET"
    (pixels,) = made.pixels.layers
    assert value_at(pixels, there) == 255, "the stored voxel, not one that was sampled"


def test_a_bent_layer_has_nothing_where_its_padding_lies() -> None:
    case, _, pet = case_of(frame="1.8")
    case.alignment = case.alignment.put(Registration("1.2.4", "1.9", "1.8", np.eye(4), "deformable", field(), True))
    laid = case.alignment.between("1.9", "1.8")
    assert laid is not None and pet.lattice is not None
    values = np.full((14, 20, 24), 100, np.int16)
    values[:, :, :12] = -5
    voxels, grid = bent.warped(voxels_of(pet, values, padding=-5), laid, pet.lattice, lambda done, total: None)
    assert set(np.unique(voxels.stored[~np.isnan(voxels.stored)])) == {100.0}
    assert np.isnan(voxels.stored).any()
    low, high = np.array(grid.point((0, 0, 0))), np.array(grid.point(vec([float(each - 1) for each in grid.size])))
    first, last = np.array(pet.lattice.point((0, 0, 0))), np.array(pet.lattice.point((23, 19, 13)))
    assert (low <= first - 8.0).all() and (high >= last + 8.0).all(), "room for what the field shifts outwards"


def test_what_cannot_be_bent_says_so() -> None:
    case, ct, pet = case_of(frame="1.8")
    case.alignment = case.alignment.put(Registration("1.2.5", "1.9", "1.8", np.eye(4), "deformable", field(), True))
    view = fused_view(case, layer_of(pet))
    made = compose(view, voxels_of(ct, 0), "", SIZE, 1.0, layered=[LoadedLayer(None, None, bent.FAILED)])
    assert any(bent.FAILED in each for each in made.facts["notices"])
    assert made.facts["layers"][0]["drawn"] is False
