"""How frames lie on each other: matrices against closed forms, both directions, fields, what is shown anyway."""

from typing import Any

import numpy as np
import pytest

from workstation.imaging.alignment import (
    Alignment,
    Field,
    Laid,
    Quality,
    Registration,
    Standing,
    moved,
    new_uid,
)
from workstation.imaging.geometry import Grid
from workstation.imaging.uneven import Uneven

GRID = Grid((-30.0, -20.0, 100.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (0.7, 0.9, 2.5), (90, 60, 20))
QUARTER = np.array([[0.0, -1, 0, 10], [1, 0, 0, -20], [0, 0, 1, 5], [0, 0, 0, 1]])
"""A quarter turn about the feet-to-head axis, and a shift: (x, y, z) to (10 - y, x - 20, z + 5)."""


def registration(**changed: Any) -> Registration:
    usual: dict[str, Any] = {"uid": "2.25.1", "fixed": "1.9", "moving": "1.8", "matrix": QUARTER}
    return Registration(**(usual | changed))


def laid(alignment: Alignment, fixed: str = "1.9", moving: str = "1.8") -> Laid:
    found = alignment.between(fixed, moving)
    assert found is not None
    return found


def wavy() -> Field:
    """Shifts of up to 4 mm that change by 0.1 mm a mm at most, so that no two points fall together."""
    grid = Grid((-40.0, -44.0, -50.0), GRID.axes, (4.0, 5.0, 6.0), (21, 19, 17))
    k, j, i = np.meshgrid(*(np.arange(size) for size in reversed(grid.size)), indexing="ij")
    x, y = grid.origin_lps[0] + 4.0 * i, grid.origin_lps[1] + 5.0 * j
    shifts = np.stack([4 * np.sin(y / 40), 3 * np.cos(x / 40), 0.05 * k], axis=-1).astype(np.float32)
    return Field(grid, shifts)


def test_a_moved_grid_has_its_voxels_where_the_matrix_takes_them() -> None:
    grid = moved(GRID, QUARTER)
    for index in ((0, 0, 0), (3, 7, 11), (89, 59, 19)):
        x, y, z = GRID.point(index)
        assert grid.point(index) == pytest.approx((10 - y, x - 20, z + 5))
    assert grid.spacing == pytest.approx(GRID.spacing)
    assert grid.size == GRID.size
    assert grid.axes[0] == pytest.approx((0, 1, 0))
    assert grid.axes[1] == pytest.approx((-1, 0, 0))


def test_a_scaled_grid_has_its_spacing_scaled() -> None:
    grid = moved(GRID, np.diag([2.0, 0.5, 1.1, 1.0]))
    assert grid.spacing == pytest.approx((1.4, 0.45, 2.75))
    assert grid.origin_lps == pytest.approx((-60, -10, 110))


def test_one_frame_lies_on_itself_and_two_have_nothing_to_do_with_each_other() -> None:
    same = laid(Alignment(), "1.9", "1.9")
    assert same.standing is Standing.SAME
    assert same.point_to_moving((1, 2, 3)) == (1, 2, 3)
    assert same.said == ""
    assert Alignment().between("1.9", "1.8") is None
    assert Alignment((registration(),)).between("1.9", "1.7") is None


@pytest.mark.parametrize("frames", [("", ""), ("", "1.9"), ("1.9", "")])
def test_what_names_no_frame_lies_on_nothing(frames: tuple[str, str]) -> None:
    assert Alignment(shown_anyway=frozenset({("", ""), ("", "1.9")})).between(*frames) is None


def test_a_registration_takes_points_both_ways() -> None:
    alignment = Alignment((registration(),))
    there, back = laid(alignment), laid(alignment, "1.8", "1.9")
    assert there.point_to_fixed((3, 4, 5)) == pytest.approx((6, -17, 10))
    assert there.point_to_moving((6, -17, 10)) == pytest.approx((3, 4, 5))
    assert back.point_to_fixed((6, -17, 10)) == pytest.approx((3, 4, 5))
    assert back.point_to_moving((3, 4, 5)) == pytest.approx((6, -17, 10))
    assert (there.uid, back.uid) == ("2.25.1", "2.25.1")


def test_not_accepted_is_said_and_accepted_is_silent() -> None:
    assert laid(Alignment((registration(),))).said == "registered, not verified"
    accepted = laid(Alignment((registration(accepted=True),)))
    assert (accepted.standing, accepted.said) == (Standing.ACCEPTED, "")
    assert laid(Alignment((registration(under_way=True),))).said == "still being registered"


def test_what_is_shown_anyway_lies_as_its_coordinates_do_even_where_it_is_registered() -> None:
    for alignment in (Alignment(), Alignment((registration(accepted=True),))):
        shown = alignment.show_anyway("1.8", "1.9")
        for frames in (("1.9", "1.8"), ("1.8", "1.9")):
            found = laid(shown, *frames)
            assert found.standing is Standing.ANYWAY
            assert found.point_to_moving((1, 2, 3)) == (1, 2, 3)
            assert found.said == "NOT REGISTERED"
        again = shown.show_anyway("1.9", "1.8", False)
        assert again.shown_anyway == frozenset()
        assert (again.between("1.9", "1.8") is None) is (not alignment.registrations)


def test_the_last_registration_of_two_frames_is_in_force() -> None:
    first, second = registration(accepted=True), registration(uid="2.25.2", fixed="1.8", moving="1.9")
    both = Alignment((first,)).put(second)
    assert both.registration("1.9", "1.8") is second
    assert laid(both).uid == "2.25.2"
    assert both.without("2.25.2").registration("1.8", "1.9") is first
    assert both.put(first).registration("1.9", "1.8") is first
    assert len(both.put(first).registrations) == 2


def test_a_matrix_by_hand_is_another_registration_that_nobody_accepted() -> None:
    was = registration(accepted=True, quality=Quality("good", {"overlap": 0.9}))
    now = was.with_matrix(np.eye(4))
    assert now.uid != was.uid
    assert (now.accepted, now.quality, now.fixed, now.moving) == (False, None, "1.9", "1.8")
    assert new_uid().startswith("2.25.")


def test_what_came_through_a_registration_holds_as_long_as_points_get_to_the_same_places() -> None:
    was = registration()
    assert Alignment((was,)).holds(was.uid)
    assert not Alignment().holds(was.uid)
    moved_on = Alignment((was, was.with_matrix(QUARTER @ QUARTER)))
    assert not moved_on.holds(was.uid)
    accepted = Alignment((was, registration(uid="2.25.9", accepted=True)))
    turned = Alignment((was, registration(uid="2.25.9", fixed="1.8", moving="1.9", matrix=np.linalg.inv(QUARTER))))
    assert accepted.holds(was.uid) and turned.holds(was.uid)
    bent = Alignment((was, registration(uid="2.25.9", kind="deformable", field=wavy())))
    assert not bent.holds(was.uid)


def test_a_field_is_looked_up_from_the_fixed_side_before_the_matrix() -> None:
    found = laid(Alignment((registration(kind="deformable", field=wavy()),)))
    p = wavy().grid.point((7, 5, 4))
    dx, dy, dz = (float(each) for each in wavy().shifts_mm[4, 5, 7])
    x, y, z = p[0] + dx, p[1] + dy, p[2] + dz
    assert found.point_to_moving(p) == pytest.approx((y + 20, 10 - x, z - 5), abs=1e-4)
    assert found.is_bent


def test_a_field_is_gone_back_along() -> None:
    alignment = Alignment((registration(kind="deformable", field=wavy()),))
    there, back = laid(alignment), laid(alignment, "1.8", "1.9")
    points = np.random.default_rng(3).uniform(-30, 30, (200, 3))
    moving = there.to_moving(points)
    assert np.abs(moving - laid(Alignment((registration(),))).to_moving(points)).max() > 2
    assert there.to_fixed(moving) == pytest.approx(points, abs=1e-3)
    assert back.to_fixed(points) == pytest.approx(moving)
    assert back.to_moving(moving) == pytest.approx(points, abs=1e-3)


def test_between_voxels_a_field_is_linear_and_beyond_them_it_is_nothing() -> None:
    bent = wavy()
    middle = np.asarray([bent.grid.point((2.5, 3.0, 4.0))])
    assert bent.at(middle)[0] == pytest.approx((bent.shifts_mm[4, 3, 2] + bent.shifts_mm[4, 3, 3]) / 2, abs=1e-5)
    assert bent.at(np.asarray([bent.grid.point((-0.6, 3.0, 4.0))]))[0] == pytest.approx((0, 0, 0))
    corner = np.asarray([bent.grid.point((20, 18, 16))])
    assert bent.at(corner)[0] == pytest.approx(bent.shifts_mm[16, 18, 20], abs=1e-5)


def test_slices_at_uneven_distances_stay_so_when_their_volume_is_moved() -> None:
    turned = np.array([[0.0, -1.0, 0.0, 5.0], [1.0, 0.0, 0.0, -7.0], [0.0, 0.0, 2.0, 11.0], [0.0, 0.0, 0.0, 1.0]])
    axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    uneven = Uneven((10.0, 20.0, 30.0), axes, (0.7, 0.9, 3.0), (4, 5, 3), (0.0, 3.0, 10.0))
    for index in ((1.0, 2.0, 0.0), (3.0, 0.0, 1.5), (0.0, 4.0, 2.0)):
        there = (turned @ [*uneven.point(index), 1.0])[:3]
        assert moved(uneven, turned).point(index) == pytest.approx(there, abs=1e-9)
