"""Thick slices refined for light: which are, and what that does to formulas."""

import numpy as np
import pytest

from workstation.render.volume_fine import MOST_BETWEEN, MOST_VOXELS, refined, steps_between


@pytest.mark.parametrize(
    ("shape", "spacing", "steps"),
    [
        ((133, 512, 512), (0.7, 0.7, 2.5), MOST_BETWEEN),
        ((133, 512, 512), (0.9, 0.7, 1.6), 1),
        ((60, 512, 512), (0.9, 0.7, 2.0), 2),
        ((3, 512, 512), (0.7, 0.7, 5.0), 1),
        ((MOST_VOXELS // (512 * 512), 512, 512), (0.7, 0.7, 2.5), 1),
    ],
)
def test_only_thick_slices_are_refined_and_no_volume_becomes_too_large(
    shape: tuple[int, ...], spacing: tuple[float, ...], steps: int
) -> None:
    assert steps_between(shape, np.asarray(spacing)) == steps


def test_what_is_straight_stays_and_a_step_is_spread_without_overshoot() -> None:
    k, j, i = np.mgrid[:12, :30, :40]
    straight = (100 * k + 7 * j - 3 * i).astype(np.int16)
    fine = refined(straight, 3)
    assert fine.shape == (34, 30, 40) and fine.dtype == np.int16
    wanted = 100 / 3 * np.arange(34)[:, None, None] + 7 * j[:1] - 3 * i[:1]
    inner = (slice(4, -4), slice(5, -5), slice(5, -5))
    assert np.abs(fine - wanted)[inner].max() <= 0.51
    step = refined(np.where(k < 6, -1000, 400).astype(np.int16), 3)
    along = step[:, 15, 20].astype(int)
    assert (along.min(), along.max()) == (-1000, 400) and (np.diff(along) >= 0).all()
    assert along[16] + along[17] == pytest.approx(-600, abs=2), "half way lies half way"


def test_noise_is_less_and_its_mean_stays() -> None:
    noise = np.random.default_rng(2).normal(40, 20, (10, 40, 50)).astype(np.float32)
    fine = refined(noise, 2)
    assert fine.std() < 0.45 * noise.std()
    assert fine.mean() == pytest.approx(noise.mean(), abs=0.3)
