"""The air inside a body, on a phantom whose every part is known."""

import numpy as np
import pytest

from workstation.imaging.inside import EVERY, HALF, hull, inside_air, keep_hull, keep_inside

SHAPE = (64, 96, 120)


def phantom() -> tuple[np.ndarray, np.ndarray]:
    """A body in air with two lungs, a windpipe that leaves through the first image, and a vessel; where lungs are."""
    k, j, i = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    body = ((i - 60) / 50) ** 2 + ((j - 48) / 38) ** 2 < 1
    lungs = (((np.abs(i - 60) - 22) / 15) ** 2 + ((j - 46) / 20) ** 2 < 1) & (k > 20) & (k < 56)
    windpipe = ((i - 60) ** 2 + (j - 44) ** 2 < 9**2) & (k < 24)
    stored = np.where(body, 40, -1000) * np.ones(SHAPE, np.int64)
    stored[np.broadcast_to(lungs, SHAPE)] = -850
    stored[np.broadcast_to(windpipe, SHAPE)] = -1000
    stored[30:50, 44:50, 34:42] = 30
    return stored.astype(np.int16), np.broadcast_to(lungs | windpipe, SHAPE)


def test_lungs_and_windpipe_are_kept_with_their_vessels_and_the_air_outside_is_not() -> None:
    stored, lungs = phantom()
    kept = inside_air(stored, -400)
    assert kept.shape == tuple(-(-size // EVERY) for size in SHAPE)
    fine = np.repeat(np.repeat(np.repeat(kept, EVERY, 0), EVERY, 1), EVERY, 2)[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    assert fine[lungs].mean() > 0.999
    outside = stored == -1000
    outside &= ~lungs
    assert not fine[outside].any()


def test_what_is_not_kept_has_the_other_value_and_what_is_keeps_its_own() -> None:
    stored, lungs = phantom()
    left = stored.copy()
    keep_inside(left, inside_air(stored, -400), 99)
    assert (left[lungs] == stored[lungs]).mean() > 0.999
    assert (left[(stored == -1000) & ~lungs] == 99).all()
    assert (left[40, 46, 37], left[2, 2, 2]) == (30, 99)


@pytest.mark.parametrize("value", [-1000, 40])
def test_a_volume_without_a_body_or_without_air_has_none(value: int) -> None:
    assert not inside_air(np.full((16, 20, 24), value, np.int16), -400).any()


def test_a_hull_keeps_vessels_and_what_bulges_in_from_the_wall_but_not_the_wall() -> None:
    stored, lungs = phantom()
    k, j, i = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    nodule = ((i - 95) ** 2 + (j - 46) ** 2 < 5**2) & (k > 30) & (k < 50)
    stored[np.broadcast_to(nodule, SHAPE)] = 60
    kept = hull(stored, inside_air(stored, -400), -400)
    assert kept.shape == (SHAPE[0], SHAPE[1] // HALF, SHAPE[2] // HALF)
    left = stored.copy()
    keep_hull(left, kept, -2000)
    assert (left[40, 46, 37], left[40, 46, 92]) == (30, 60), "a vessel in the lung, a nodule at its wall"
    between_lungs, wall = left[40, 46, 60], left[40, 46, 3:21]
    assert between_lungs == -2000 and (wall == -2000).all()
    inside_lung = left[lungs & (left != -2000) & ~np.broadcast_to(nodule, SHAPE)]
    assert set(np.unique(inside_lung).tolist()) <= {-1000, -850, 30}
    assert (left[lungs] != -2000).mean() > 0.6
