"""Bone beside blood on a phantom that is known voxel by voxel."""

import numpy as np
import pytest

from tests.imaging.given import axial, given
from workstation.errors import Cancelled, Reason, Refused
from workstation.imaging.bones import bones
from workstation.phantom.vertebra import GRID, vertebra_phantom


def nobody(done: int, total: int) -> None:
    assert 0 <= done <= total


def test_bone_goes_and_the_vessel_that_touches_it_stays() -> None:
    series, truth = vertebra_phantom()
    grid = axial(GRID.shape, (0.7, 0.8, 1.0))
    found = bones(given(series.voxels, grid), nobody).array()
    assert (found & truth.bone).sum() >= 0.98 * truth.bone.sum()
    assert (found & truth.vessel).sum() <= 0.02 * truth.vessel.sum()
    assert (found & ~truth.bone & ~truth.vessel).sum() < 0.35 * truth.bone.sum()


def test_a_volume_that_is_no_ct_is_refused_and_work_can_be_ended() -> None:
    values = np.zeros((4, 6, 8), dtype=np.int16)
    with pytest.raises(Refused) as refused:
        bones(given(values, axial(values.shape, (0.7, 0.8, 1.0)), "SUV"), nobody)
    assert refused.value.reason is Reason.NOT_CT

    def stop(done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        bones(given(values, axial(values.shape, (0.7, 0.8, 1.0))), stop)


def test_air_holds_no_bone() -> None:
    values = np.full((6, 20, 24), -1000, dtype=np.int16)
    assert not bones(given(values, axial(values.shape, (0.7, 0.8, 1.0))), nobody)
