"""A body on a table, known voxel by voxel: the table goes and nothing of the body does."""

import numpy as np
import pytest

from tests.imaging.given import axial, given
from workstation.errors import Reason, Refused
from workstation.imaging.bed import body

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
