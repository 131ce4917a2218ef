"""Where an image is put in its tile when it is not put in the middle."""

from dataclasses import replace

import pytest

from workstation.imaging.placing import CENTERED, Placing, anchor, pieces
from workstation.imaging.view import Framing, Plane, screen_plane

PLANE = Plane((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (60.0, 100.0), (0.5, 0.4), level_mm=12.0)
"""From (-30, -50) to (30, 50), with its level at y = 12."""


def test_centred_is_middle_on_middle() -> None:
    assert anchor(CENTERED, (60.0, 100.0), 70.0, (200.0, 80.0)) == ((100.0, 40.0), (30.0, 50.0))


@pytest.mark.parametrize(("edge", "x"), [("left", -30.0), ("right", 30.0)])
def test_the_image_touches_its_edge_and_stands_level(edge: str, x: float) -> None:
    screen = screen_plane(PLANE, Framing(px_per_mm=2.0, placing=Placing(edge, 0.25)), 300, 240)
    at, level, _ = screen.pixel((x, 12.0, 0.0))
    assert at == pytest.approx(-0.5 if edge == "left" else 299.5)
    assert level == pytest.approx(0.25 * 240 - 0.5)


def test_without_a_level_of_its_own_an_image_stays_in_the_middle() -> None:
    screen = screen_plane(replace(PLANE, level_mm=None), Framing(placing=Placing("left", 0.25)), 300, 240)
    assert screen.pixel((0.0, 0.0, 0.0))[1] == pytest.approx(119.5)


@pytest.mark.parametrize("placing", [CENTERED, Placing("right", 0.3), Placing("left", piece=(1, 2))])
def test_what_is_held_stays_when_the_scale_changes(placing: Placing) -> None:
    before, after = (screen_plane(PLANE, Framing(px_per_mm=each, placing=placing), 300, 240) for each in (4.0, 8.0))
    assert before.anchor_px == after.anchor_px
    assert before.anchor_px is not None
    held = before.point(before.anchor_px[0] - 0.5, before.anchor_px[1] - 0.5)
    assert after.pixel(held)[:2] == pytest.approx((before.anchor_px[0] - 0.5, before.anchor_px[1] - 0.5), abs=0.6)


def test_pieces_cover_an_image() -> None:
    assert pieces((640.0, 832.0), (500.0, 310.0)) == (3, 2)
    assert pieces((500.0, 310.0), (500.0, 310.0)) == (1, 1)
    assert pieces((100.0, 50.0), (500.0, 310.0)) == (1, 1)
