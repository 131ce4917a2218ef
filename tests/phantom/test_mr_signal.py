"""Signals follow the equations of spin physics."""

import math

import numpy as np
import pytest

from workstation.phantom.mr_signal import TISSUES, Sequence, Tissue, recorded


def test_spin_echo_is_recovery_times_decay() -> None:
    tissue = Tissue(t1_ms=800, t2_ms=80, density=0.7)
    expected = 0.7 * (1 - math.exp(-600 / 800)) * math.exp(-20 / 80)
    assert Sequence(600, 20).signal(tissue) == pytest.approx(expected)


def test_inversion_nulls_a_tissue_at_its_own_time() -> None:
    null_ms = 4300 * math.log(2)
    assert Sequence(1e6, 10, null_ms).signal(TISSUES["csf"]) == pytest.approx(0, abs=1e-9)
    assert Sequence(1e6, 10, null_ms).signal(TISSUES["white"]) > 0.5


def test_diffusion_weighting_is_the_exponential_of_b_times_adc() -> None:
    tissue = TISSUES["infarct"]
    low, high = (Sequence(5000, 80, b_value=b).signal(tissue) for b in (0.0, 1000.0))
    assert -math.log(high / low) / 1000 * 1e6 == pytest.approx(tissue.adc)


def test_contrast_and_fat_saturation_reach_only_what_they_should() -> None:
    plain, enhanced = Sequence(600, 10), Sequence(600, 10, contrast=True)
    assert enhanced.signal(TISSUES["rim"]) > 1.8 * plain.signal(TISSUES["rim"])
    assert enhanced.signal(TISSUES["csf"]) == plain.signal(TISSUES["csf"])
    saturated = Sequence(600, 10, fat_saturated=True)
    assert saturated.signal(TISSUES["fat"]) < 0.1 * plain.signal(TISSUES["fat"])
    assert saturated.signal(TISSUES["grey"]) == plain.signal(TISSUES["grey"])


def test_noise_is_rician() -> None:
    rng = np.random.default_rng(3)
    signal = recorded(rng, np.full((200, 200), 5.0, np.float32), 1.0)
    # The second moment of a Rician is signal squared plus twice the variance.
    assert (signal**2).mean() == pytest.approx(5**2 + 2, rel=0.01)
    assert recorded(rng, np.zeros((200, 200), np.float32), 1.0).mean() == pytest.approx(
        math.sqrt(math.pi / 2), rel=0.01
    )


def test_edges_ring_where_k_space_ends() -> None:
    edge = np.zeros((64, 96), np.float32)
    edge[:, 24:72] = 1.0
    image = recorded(np.random.default_rng(1), edge, 0.0, (1.0, 0.5))
    # Gibbs: the overshoot beside a step is 9 % of it at its peak, which pixels may miss; along it nothing rings.
    assert 1.05 < image.max() < 1.1
    assert np.ptp(image, axis=0).max() < 1e-5
    whole = recorded(np.random.default_rng(1), edge, 0.0)
    assert np.allclose(whole, edge, atol=1e-5)


def test_what_is_not_acquired_takes_no_noise_away() -> None:
    empty = np.zeros((160, 200), np.float32)
    noise = recorded(np.random.default_rng(2), empty, 1.0, (0.9, 0.5))
    assert (noise**2).mean() == pytest.approx(2, rel=0.05)
