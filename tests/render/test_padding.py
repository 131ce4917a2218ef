"""Padding taken out of planes along the volume's axes, pixel by pixel as the rule says it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from workstation.imaging.padded import PaddedBlocks
from workstation.imaging.view import Interpolation
from workstation.render.padding import Unpadded

PADDING = (-2000.0, -2000.0)
SHAPE = (47, 61)


def matrix(step_x: float, step_y: float, turned: bool) -> NDArray[np.float64]:
    """Pixels that begin a little outside the voxels, or end there where steps go back."""
    i = (step_x, 0.0, 0.0, -1.3 if step_x > 0 else 30.6)
    j = (0.0, step_y, 0.0, -0.5 if step_y > 0 else 22.0)
    if turned:
        i, j = (0.0, step_x, 0.0, i[3]), (step_y, 0.0, 0.0, j[3])
    return np.array([i, j, (0.0, 0.0, 0.0, 1.0), (0.0, 0.0, 0.0, 1.0)])


def told(
    stored: NDArray[np.int16], values: NDArray[np.int16], at: NDArray[np.float64]
) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """The nearest voxel where padding is among those that are blended; nothing where it is padding itself."""
    found, nothing = values.copy(), np.zeros(values.shape, np.bool_)
    for y, x in np.ndindex(*SHAPE):
        i, j, k = (
            float(np.clip(each, 0, size - 1))
            for each, size in zip(at[:3] @ (x, y, 0.0, 1.0), stored.shape[::-1], strict=True)
        )
        near = stored[int(k + 0.5), int(np.floor(j + 0.5)), int(np.floor(i + 0.5))]
        around = stored[int(k), [int(j), int(np.ceil(j))]][:, [int(i), int(np.ceil(i))]]
        nothing[y, x] = near == PADDING[0]
        if (around == PADDING[0]).any() and not nothing[y, x]:
            found[y, x] = near
    return found, nothing


@pytest.mark.parametrize("share", [0.004, 0.4], ids=["few", "noise"])
@pytest.mark.parametrize("step", [(0.31, 0.4), (-0.5, 0.25), (1.0, 1.0), (0.5, -1.7)], ids=str)
@pytest.mark.parametrize("turned", [False, True], ids=["upright", "turned"])
def test_padding_is_taken_out_as_the_rule_says(share: float, step: tuple[float, float], turned: bool) -> None:
    random = np.random.default_rng(5)
    stored = random.integers(0, 1000, (3, 29, 33)).astype(np.int16)
    stored[random.random(stored.shape) < share] = -2000
    stored[1, 10:16, 12:20] = -2000
    values = random.integers(0, 1000, SHAPE).astype(np.int16)
    at = matrix(*step, turned)
    found, nothing = Unpadded(stored, Interpolation.LINEAR, PADDING, PaddedBlocks(), None).of(values, at)
    truth, where = told(stored, values, at)
    assert nothing is not None and np.array_equal(nothing, where)
    assert np.array_equal(found[~where], truth[~where])


def test_planes_in_turn_have_each_their_own_padding() -> None:
    """What was found for one is kept for the next with the same padding, and for no other."""
    random = np.random.default_rng(7)
    first = random.integers(0, 1000, (1, 29, 33)).astype(np.int16)
    first[0, 10:16, 12:20] = -2000
    other, same = first[:, ::-1].copy(), np.where(first > -2000, 1000 - first, first)
    values = random.integers(0, 1000, SHAPE).astype(np.int16)
    at = matrix(0.31, 0.4, turned=False)
    holes = []
    for stored in (first, other, same, other):
        found, nothing = Unpadded(stored, Interpolation.LINEAR, PADDING, PaddedBlocks(), None).of(values, at)
        truth, where = told(stored, values, at)
        assert nothing is not None and np.array_equal(nothing, where)
        assert np.array_equal(found[~where], truth[~where])
        holes.append(nothing)
    assert holes[2] is holes[0] and holes[3] is holes[1] and holes[1] is not holes[0]
