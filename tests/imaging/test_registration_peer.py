"""Ours and elastix on one pair in one run: both end where the patient was moved to."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.imaging.moved import error, moved_side, rigid
from workstation.bench.registration import elastix
from workstation.imaging.geometry import Grid
from workstation.imaging.registration import register
from workstation.imaging.registration_sides import Side, body_of, coarser, points_of, with_body
from workstation.phantom.shoulders import Upper

AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
ITERATIONS = 60


def head() -> Side:
    x, y, z = np.arange(-88.0, 88.0, 5.1), np.arange(-104.0, 112.0, 4.7), np.arange(166.0, 348.0, 5.4)
    upper = Upper(0, 5.0)
    across, down = x[None, :].astype(np.float32), y[:, None].astype(np.float32)
    values = np.stack([upper.slice(across, down, float(each))[0] for each in z])
    return Side(values, Grid((x[0], y[0], z[0]), AXES, (5.1, 4.7, 5.4), (len(x), len(y), len(z))), "CT")


def test_ours_and_elastix_find_the_same(tool: Callable[[str], Path], record_property: Callable[..., None]) -> None:
    tool("elastix")
    side = head()
    body = with_body(coarser(side, 4.0))
    points = points_of(body.grid, body_of(body))[::11]
    off = rigid(2, 14.0, 8.0, points.mean(axis=0))
    seen = moved_side(side, off, noise=30.0, seed=2)
    truth = np.linalg.inv(off)
    theirs, seconds = elastix(side, seen, ITERATIONS)
    there = points @ off[:3, :3].T + off[:3, 3]
    their_mm, their_deg = error(theirs, truth, there)
    our_mm, our_deg = error(register(side, seen).matrix, truth, there)
    record_property("elastix", f"{their_mm:.2f} mm, {their_deg:.2f} degrees, {seconds:.1f} s")
    assert their_mm < 1.0 and their_deg < 1.0, (their_mm, their_deg)
    assert our_mm < 1.0 and our_deg < 1.0, (our_mm, our_deg)
    assert our_mm < their_mm + 0.5, (our_mm, their_mm)
