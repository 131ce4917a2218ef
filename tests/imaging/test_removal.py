"""What is taken out of a volume: the largest part stays whole, what touches nothing goes, what was gone counts not."""

import numpy as np
import pytest

from tests.imaging.given import axial, given
from workstation.errors import Cancelled
from workstation.imaging.removal import all_but_largest, without_bed, without_bones
from workstation.imaging.transfer import TransferFunction
from workstation.phantom.vertebra import GRID, vertebra_phantom

BRIGHT = TransferFunction(opacity=((100.0, 0.0), (200.0, 1.0)), colours=((0.0, 255, 255, 255),))


def nobody(done: int, total: int) -> None:
    assert 0 <= done <= total


def test_of_what_is_seen_the_largest_part_stays() -> None:
    values = np.full((8, 30, 40), -1000, dtype=np.int16)
    values[2:6, 3:20, 4:20] = 300
    values[3, 25, 30] = 300
    values[5, 22:24, 30:33] = 300
    values[1, 4, 4] = 90
    voxels = given(values, axial(values.shape, (0.7, 0.8, 1.0)))
    gone = all_but_largest(voxels, BRIGHT, None, nobody)
    expected = np.zeros(values.shape, dtype=np.uint8)
    expected[3, 25, 30] = 1
    expected[5, 22:24, 30:33] = 1
    assert (gone == expected).all()
    block = np.zeros(values.shape, dtype=np.uint8)
    block[2:6, 3:20, 4:20] = 1
    second = all_but_largest(voxels, BRIGHT, block, nobody)
    assert second.sum() == 1 and second[3, 25, 30] == 1


def test_where_one_part_is_seen_nothing_goes() -> None:
    values = np.full((4, 6, 8), 300, dtype=np.int16)
    assert not all_but_largest(given(values, axial(values.shape, (0.7, 0.8, 1.0))), BRIGHT, None, nobody).any()


def test_bones_go_and_the_body_stays() -> None:
    series, truth = vertebra_phantom()
    voxels = given(series.voxels, axial(GRID.shape, (0.7, 0.8, 1.0)))
    gone = without_bones(voxels, nobody)
    assert gone.dtype == np.uint8 and gone[truth.bone].mean() >= 0.98 and gone[truth.vessel].mean() <= 0.02
    assert not without_bed(voxels, nobody)[truth.bone | truth.vessel].any()


def test_a_search_can_be_ended() -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled

    values = np.full((4, 6, 8), 300, dtype=np.int16)
    with pytest.raises(Cancelled):
        all_but_largest(given(values, axial(values.shape, (0.7, 0.8, 1.0))), BRIGHT, None, stop)
