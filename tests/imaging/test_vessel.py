"""The way of a vessel from two clicks: its length and its middle against tubes of known course."""

import math

import numpy as np
import pytest

from tests.imaging import tubes
from workstation.errors import Cancelled, Reason, Refused
from workstation.imaging.vessel import vessel


def test_two_clicks_follow_a_helix_to_its_length() -> None:
    first, last = tubes.on_helix(0.02), tubes.on_helix(0.98)
    line = vessel(tubes.helix(), first, last)
    assert line.length_mm == pytest.approx(0.96 * tubes.HELIX_LENGTH_MM, rel=5e-3)
    assert np.hypot(line.points_lps[:, 0], line.points_lps[:, 1]) == pytest.approx(tubes.HELIX_MM, abs=0.6)
    assert len(line.control_lps) < 40


def test_clicks_beside_the_middle_and_noise_find_the_middle() -> None:
    first, last = tubes.on_bend(4.0), tubes.on_bend(tubes.QUARTER_MM - 4.0)
    line = vessel(tubes.bend(6.0, 3.0, noise=20.0), (2.5, *first[1:]), (-1.0, *last[1:]))
    away = np.hypot(np.hypot(line.points_lps[:, 1], line.points_lps[:, 2]) - tubes.BEND_MM, line.points_lps[:, 0])
    assert away.max() < 0.8
    assert math.dist(line.points_lps[0], first) < 2.0


def test_points_in_different_tissue_or_different_vessels_have_no_way() -> None:
    block = tubes.bend(4.0, 4.0)
    with pytest.raises(Refused) as refused:
        vessel(block, tubes.on_bend(5.0), (0.0, 10.0, 10.0))
    assert refused.value.reason is Reason.NO_PATH
    cut = block.stored.copy()
    cut[22:32, 32:60] = tubes.OUTSIDE
    with pytest.raises(Refused) as refused:
        vessel(type(block)(cut, block.grid), tubes.on_bend(5.0), tubes.on_bend(tubes.QUARTER_MM - 5.0))
    assert refused.value.reason is Reason.NO_PATH


def test_refusals_and_stopping() -> None:
    block = tubes.bend(4.0, 4.0)
    for ends, reason in (
        ((tubes.on_bend(5.0), (0.0, 200.0, 0.0)), Reason.PAST_EDGE),
        ((tubes.on_bend(5.0), tubes.on_bend(5.3)), Reason.NO_EXTENT),
    ):
        with pytest.raises(Refused) as refused:
            vessel(block, *ends)
        assert refused.value.reason is reason
    with pytest.raises(Cancelled):
        vessel(block, tubes.on_bend(5.0), tubes.on_bend(40.0), stopped=lambda: True)
