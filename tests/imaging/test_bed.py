"""A body on a table, known voxel by voxel: the table goes and nothing of the body does."""

import numpy as np
import pytest

from tests.imaging.given import axial, given
from workstation.errors import Reason, Refused
from workstation.imaging.bed import body
from workstation.phantom.whole_body import pet_ct

SPACING = (1.1, 1.3, 3.0)


def made(gap_mm: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A trunk with lungs and an arm, a thin ear, and a table bent below; how far apart is given."""
    k, j, i = np.indices((24, 150, 200))
    x, y, z = i * 1.1 - 110, j * 1.3 - 90, k * 3.0 - 36
    trunk = (x / 80) ** 2 + (y / 55) ** 2 <= 1
    arm = (x - 97) ** 2 + y**2 <= 11**2
    ear = (np.abs(y + 58) <= 4) & (np.abs(x) <= 2) & (np.abs(z) <= 9)
    lung = (x / 40) ** 2 + (y / 30) ** 2 <= 1
    table = np.abs(y - (55 + gap_mm + 2 - (x / 100) ** 2 * 8)) <= 2
    values = np.full(x.shape, -1000, dtype=np.int16)
    values[table] = -50
    values[trunk | arm | ear] = 40
    values[lung] = -850
    return values, trunk | arm | ear, table & ~(trunk | arm | ear)


@pytest.mark.parametrize("gap_mm", [0.0, 14.0])
def test_the_table_goes_and_no_voxel_of_the_body(gap_mm: float) -> None:
    values, patient, table = made(gap_mm)
    found = body(given(values, axial(values.shape, SPACING)), lambda done, total: None).array()
    assert found[patient].all()
    assert (found & table).sum() <= (0.05 if gap_mm else 0.25) * table.sum()


def test_what_is_no_ct_has_no_bed() -> None:
    values = np.zeros((4, 6, 8), dtype=np.int16)
    with pytest.raises(Refused) as refused:
        body(given(values, axial(values.shape, SPACING), ""), lambda done, total: None)
    assert refused.value.reason is Reason.NOT_CT


@pytest.mark.parametrize("across_mm", [1.4, 2.8])
def test_rims_and_a_nose_stay_whatever_the_size_of_voxels(across_mm: float) -> None:
    """Slices of 6 mm: a trunk whose corners are too sharp for balls, a nose 24 mm long and a rim at -400 HU."""
    wide = round(300 / across_mm)
    k, j, i = np.indices((30, wide, wide))
    x, y = i * across_mm - 150, j * across_mm - 150
    trunk = (np.abs(x) + np.abs(y) <= 80) & (np.abs(x) <= 70)
    nose = (np.abs(x) <= 3) & (y < -60) & (y >= -104) & (np.abs(k - 15) <= 2)
    rim = ~trunk & (np.abs(x) + np.abs(y) <= 80 + across_mm) & (np.abs(x) <= 70)
    table = np.abs(y - 100) <= 2.8
    values = np.full(x.shape, -1000, dtype=np.int16)
    values[rim] = -400
    values[table] = 60
    values[trunk | nose] = 40
    grid = axial(values.shape, (across_mm, across_mm, 6.0))
    found = body(given(values, grid), lambda done, total: None).array()
    assert found[trunk | nose | rim].all() and not (found & table).any()


def test_the_whole_body_of_the_demo_keeps_its_face_and_arms() -> None:
    """The middle of its table's upper shell, 2.8 mm thick, lies at y = 117 mm less (x / 62)²."""
    ct = next(pet_ct("small"))
    grid = axial(ct.voxels.shape, (*reversed(ct.grid.pixel_spacing_mm), ct.grid.slice_spacing_mm))
    x = ct.grid.origin_lps[0] + np.arange(grid.size[0]) * grid.spacing[0]
    y = ct.grid.origin_lps[1] + np.arange(grid.size[1]) * grid.spacing[1]
    below = y[:, None] + (x / 62) ** 2 - 117
    solid = ct.voxels > -500
    patient = solid & (below < -4)
    found = body(given(ct.voxels, grid), lambda done, total: None).array()
    assert patient.sum() > 900_000 and (patient & ~found).sum() < 3e-4 * patient.sum()
    table = solid & (below > -1)
    assert table.sum() > 30_000 and (found & table).sum() < 2e-3 * table.sum()
