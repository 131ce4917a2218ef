"""Thick slices refined for light: which are, and what that does to formulas."""

from dataclasses import replace

import numpy as np
import pytest

from tests.imaging.given import axial
from workstation.imaging.camera import framed
from workstation.imaging.scene import Scene
from workstation.imaging.transfer import Shading, preset_called
from workstation.render import volume_scene
from workstation.render.volume_fine import MOST_BETWEEN, MOST_VOXELS, refined, steps_between
from workstation.render.volume_left import Left
from workstation.render.volume_memory import SharedArray
from workstation.render.volume_request import Source


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


@pytest.mark.parametrize("tight", [False, True])
def test_a_volume_is_as_high_as_it_is_whether_or_not_there_is_memory_to_refine_it(
    tight: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = axial((12, 30, 40), (0.7, 0.9, 3.0))
    shared = SharedArray(np.zeros(grid.size[::-1], np.int16))
    rows = tuple(tuple(float(each) for each in row) for row in grid.lps_from_index)
    lit = replace(preset_called("bone", "CT").transfer, shading=Shading())
    monkeypatch.setattr(volume_scene, "_is_tight", lambda stored, times=1: tight and times > 1)
    left = Left.of(Scene(framed(grid), "bone", lit), quick=False)
    asked = Source(shared.handle, rows, (1.0, 0.0), 12)
    made = volume_scene._Volume(asked, left, lit.opacity, 0.0, quick=False, software=True)
    low, high = made.mapper.GetInput().GetBounds()[4:]
    assert (made.steps, low, high) == (1 if tight else MOST_BETWEEN, 0.0, pytest.approx(33.0))
