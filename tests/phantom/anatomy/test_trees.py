"""Trees reach what they should, thicken toward the root, and fill the volume they have."""

import numpy as np
import pytest

from workstation.phantom.anatomy.canvas import Canvas, Field
from workstation.phantom.anatomy.trees import Beads, grow, stamp


def canvas(z_mm: float) -> Canvas:
    x_mm = np.arange(-20, 20, 0.5, dtype=np.float32)[None, :]
    y_mm = np.arange(-20, 20, 0.5, dtype=np.float32)[:, None]
    blank = np.zeros((80, 80), np.float32)
    return Canvas(blank, x_mm + 0 * y_mm, y_mm + 0 * x_mm, x_mm, y_mm, blank, blank, blank, blank, z_mm, 0.5, 1.0)


def test_a_tree_reaches_its_targets_and_is_thickest_at_its_root() -> None:
    rng = np.random.default_rng(0)
    targets = rng.uniform((50, -50, -50), (150, 50, 50), (200, 3))
    tree = grow(rng, (0.0, 0.0, 0.0), targets, 0.5)
    ways = np.linalg.norm(tree.centers_lps[None] - targets[:, None], axis=-1).min(axis=1)
    assert ways.max() < 1e-9
    at_root = np.linalg.norm(tree.centers_lps, axis=1).argmin()
    assert tree.radii_mm[at_root] == tree.radii_mm.max()
    assert tree.radii_mm.min() == pytest.approx(0.5)
    assert np.all(np.diff(tree.centers_lps[:, 2]) >= 0)


def test_a_straight_branch_fills_its_cylinder() -> None:
    centers = np.stack([np.zeros(401), np.zeros(401), np.linspace(-20, 20, 401)], axis=1)
    beads = Beads(centers, np.full(401, 3.0))
    area_mm2 = float(stamp(canvas(0.0), beads).sum()) * 0.25
    assert area_mm2 == pytest.approx(np.pi * 9, rel=0.03)
    assert stamp(canvas(30.0), beads).max() == 0


def test_a_branch_thinner_than_a_pixel_is_faint() -> None:
    beads = Beads(np.zeros((1, 3)), np.array([0.15]))
    assert 0 < stamp(canvas(0.0), beads).max() < 0.3


def test_beads_leave_the_spheres_kept_free() -> None:
    beads = Beads(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 9.0]]), np.array([1.0, 1.0]))
    assert beads.without([((0.0, 0.0, 10.5), 1.0)]).centers_lps.tolist() == [[0.0, 0.0, 0.0]]


def test_a_field_is_smooth_and_has_mean_nought_and_deviation_one() -> None:
    axis = np.arange(0, 200, 0.5, dtype=np.float32)
    field = Field(np.random.default_rng(0), 4.0, axis[None, :], axis[:, None], axis)
    image = np.stack([field.slice(k) for k in (0, 100, 200, 300)])
    assert image.mean() == pytest.approx(0, abs=0.1)
    assert image.std() == pytest.approx(1, abs=0.15)
    assert np.abs(np.diff(image, axis=2)).max() < 1.0
    assert np.abs(field.slice(101) - image[1]).max() < 1.0
