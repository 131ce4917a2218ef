"""Layers cover what lies under them, in their share of each voxel."""

import numpy as np
import pytest

from workstation.phantom.anatomy.solids import Ellipsoid, Tube
from workstation.phantom.brain_layers import Layers, empty_layers, mirrored

BALL = Ellipsoid((10.0, 0.0, 2.0), (8.0, 8.0, 8.0))


@pytest.fixture
def head() -> Layers:
    z, y, x = (np.arange(-20, 20, 1.0, dtype=np.float32) + 0.5 for _ in range(3))
    return empty_layers(np.random.default_rng(1), (z, y, x), 0.0)


def test_a_ball_has_its_volume_and_its_place(head: Layers) -> None:
    head.paint("white", BALL)
    share = head.composed({"white": 1.0})
    assert share.sum() == pytest.approx(4 / 3 * np.pi * 8**3, rel=0.02)
    z, y, x = (float((share * axis).sum() / share.sum()) for axis in (head.z, head.y, head.x))
    assert (x, y, z) == pytest.approx((10, 0, 2), abs=0.05)


def test_later_layers_lie_over_earlier_ones(head: Layers) -> None:
    head.paint("white", BALL)
    head.paint("grey", BALL.grown(-3))
    values = head.composed({"white": 2.0, "grey": 5.0})
    assert values[22, 20, 30] == 5.0
    assert values[22, 20, 36] == 2.0
    assert values[0, 0, 0] == 0.0


def test_a_layer_stays_within_what_it_is_given(head: Layers) -> None:
    left = (head.x > 10).astype(np.float32)
    head.paint("white", BALL, within=left)
    share = head.composed({"white": 1.0})
    assert share[22, 20, 33] == 1.0
    assert share[..., :30].max() == 0.0


def test_both_sides_are_mirror_images(head: Layers) -> None:
    turned = Ellipsoid((9.0, 1.0, 0.0), (3.0, 7.0, 4.0), ((0.8, 0.6, 0.0), (-0.6, 0.8, 0.0), (0.0, 0.0, 1.0)))
    head.pair("grey", turned)
    head.pair("white", Tube(((5, -9, -8, 2), (14, 9, -12, 3))))
    share = head.composed({"grey": 1.0, "white": 2.0})
    assert np.allclose(share, share[..., ::-1], atol=1e-5)
    assert mirrored(mirrored(turned)) == turned


def test_what_is_nowhere_is_no_layer(head: Layers) -> None:
    head.paint("white", Ellipsoid((200.0, 0.0, 0.0), (3.0, 3.0, 3.0)))
    assert head.layers == []
