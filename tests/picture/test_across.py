"""What lies in another frame of reference is drawn where the registration puts it, is marked, and cannot be moved."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.case.stacks import CORONAL, beside, hung, stack, tile
from tests.findings.made import finding
from tests.imaging.test_alignment import wavy
from tests.picture.test_contours import dose, overlay, square, structure
from tests.picture.test_segments import SET as CT
from tests.picture.test_segments import one_voxel, segment
from workstation.case import registering as by
from workstation.case.aligning import align
from workstation.case.landmarks import place_landmark
from workstation.case.state import Case
from workstation.errors import Refused
from workstation.findings.dvh import dvh_of
from workstation.findings.finding import Kind
from workstation.imaging.alignment import Alignment, Quality, Registration
from workstation.imaging.dose import carried_dose
from workstation.imaging.view import Orientation, ScreenPlane, screen_plane
from workstation.picture.across import notices_across
from workstation.picture.contours import drawn_over, isodoses, notice, overlay_regions
from workstation.picture.landmarks import landmark_knobs, landmark_lines
from workstation.picture.marks import STALE, laid_out
from workstation.picture.reference import reference_lines
from workstation.picture.segments import segment_regions

pytestmark = pytest.mark.usefixtures("qapp")
SIZE = (600, 400)

TURNED = np.array([[0.0, -1, 0, 3], [1, 0, 0, -2], [0, 0, 1, 5], [0, 0, 0, 1]])
"""A point (x, y, z) of the frame 1.8 lies at (3 - y, x - 2, z + 5) of 1.9, in which the CT lies."""


def laid(**changed: Any) -> Alignment:
    usual: dict[str, Any] = {"matrix": TURNED, "made_by": "Other 7"}
    return Alignment((Registration("2.25.1", "1.9", "1.8", **(usual | changed)),))


def there(point: tuple[float, float, float]) -> tuple[float, float, float]:
    x, y, z = point
    return 3 - y, x - 2, z + 5


def shown(case: Case, number: int = 0) -> tuple[Any, ScreenPlane]:
    view = case.view(number)
    return view, screen_plane(view.plane, view.tile.framing, *SIZE)


def chips(case: Case, number: int = 0) -> list[str]:
    return [chip for chip, _ in notices_across(case.view(number))]


def test_contours_are_drawn_where_the_registration_puts_them() -> None:
    case = beside(CT, image=10)  # 25 mm, where the contour at 20 mm of 1.8 lies
    case.overlays.put((overlay(structure("1.8"), frame="1.8"),))
    assert overlay_regions(*shown(case)) == ()
    align(case, laid())
    view, screen = shown(case)
    (region,) = overlay_regions(view, screen)
    expected = [screen.pixel(there((float(x), float(y), 20.0)))[:2] for x, y, _ in square(20.0).points]
    assert region.loops[0] == pytest.approx(np.array(expected) + 0.5)


@pytest.mark.parametrize("way", [Orientation.CORONAL, Orientation.SAGITTAL])
def test_a_cut_across_contours_lies_where_the_registration_puts_it(way: Orientation) -> None:
    case = hung([tile(CT, orientation=way)], sets=[CT])
    case.overlays.put((overlay(structure("1.8"), frame="1.8"),))
    align(case, laid())
    middle = there((-2.0, 1.0, 20.0))
    case.place_crosshair(CT, middle)
    view, screen = shown(case)
    (region,) = overlay_regions(view, screen)
    x, y, _ = screen.pixel(middle)
    left, top, right, bottom = region.bounds
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((x, y), abs=1.5 * screen.px_per_mm)
    assert right - left == pytest.approx(12 * screen.px_per_mm, abs=1.5 * screen.px_per_mm)


def test_lines_of_equal_dose_are_drawn_where_the_registration_puts_them() -> None:
    case = beside(CT, image=10)
    case.overlays.put((overlay(dose(), frame="1.8"),))
    assert isodoses(*shown(case)) == ()
    align(case, laid())
    view, screen = shown(case)
    lines = [each for each in isodoses(view, screen) if len(each.stretches)]
    assert lines
    for line in lines:
        level = float(line.text.split()[0])
        x_there = -20.0 + 2.0 * level  # 1 Gy on each point of the grid, 2 mm apart
        expected = screen.pixel(there((x_there, 0.0, 20.0)))[1]
        assert np.asarray(line.stretches)[..., 1] == pytest.approx(expected + 0.5, abs=1.0)


def test_a_segment_is_drawn_where_the_registration_puts_it() -> None:
    index = (17, 9, 6)
    assert CT.grid is not None
    middle = there(CT.grid.point(index))
    case = hung([tile(CT, orientation=Orientation.AXIAL)], sets=[CT])
    case.marks.put_segments([segment(one_voxel(index), frame_of_reference_uid="1.8")])
    assert segment_regions(*shown(case)) == ()
    align(case, laid())
    case.place_crosshair(CT, middle)
    view, screen = shown(case)
    (region,) = segment_regions(view, screen)
    left, top, right, bottom = region.bounds
    x, y, _ = screen.pixel(middle)
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((x + 0.5, y + 0.5), abs=1e-6)
    i, j, _ = CT.grid.spacing
    assert (right - left, bottom - top) == pytest.approx((j * screen.px_per_mm, i * screen.px_per_mm))


def test_a_finding_is_drawn_dashed_where_the_registration_puts_it_and_offers_nothing_to_take_hold_of() -> None:
    line = [(-6.0, 2.0, 20.0), (6.0, 2.0, 20.0)]
    case = beside(CT, image=10)
    case.marks.take_up([finding(Kind.LENGTH, line, frame_of_reference_uid="1.8")])
    assert laid_out(*shown(case), 1.0, SIZE) == ()
    align(case, laid())
    view, screen = shown(case)
    (mark,) = laid_out(view, screen, 1.0, SIZE)
    expected = [screen.pixel(there(each))[:2] for each in line]
    assert np.asarray(mark.strokes[0].points) == pytest.approx(np.array(expected) + 0.5)
    assert all(each.dashed for each in mark.strokes)
    assert mark.handles == ()
    assert mark.lines[-1] == "(registered, not verified)"
    case.tiles[0] = replace(case.tiles[0], image=8)
    assert laid_out(*shown(case), 1.0, SIZE) == ()


def test_a_reference_line_lies_where_the_registration_puts_the_plane() -> None:
    coronal = stack("9", count=11, frame="1.8", study="1.1", orientation=CORONAL, center=(0.0, -10.0, 20.0))
    case = beside(CT, coronal, image=5)
    case.reference_lines, case.active = True, 1
    assert reference_lines(*shown(case)) == ()
    align(case, laid())
    view, screen = shown(case)
    (line,) = reference_lines(view, screen)
    at = case.view(1).plane.center_lps
    expected = screen.pixel(there(at))[0]
    assert (line.start[0], line.end[0]) == pytest.approx((expected, expected))


def test_what_nobody_registered_is_said_with_what_can_be_done() -> None:
    case = beside(CT, image=10)
    case.overlays.put((overlay(structure("1.8"), frame="1.8"),))
    assert chips(case) == ["not on this image"]
    ((_, sentence),) = notices_across(case.view(0))
    assert "Registration" in sentence and "anyway" in sentence
    assert notice(case.view(0)) is None
    case.overlays.put((overlay(structure("1.8"), False, "1.8"),))
    case.overlays.show("Structure", False)
    assert chips(case) == []


def test_what_nobody_accepted_is_written_until_somebody_does() -> None:
    prior = stack("9", frame="1.8", study="1.0")
    case = beside(CT, prior, image=4)
    assert chips(case) == []
    align(case, laid(quality=Quality("poor", {"overlap": 0.2})))
    for number in (0, 1):
        assert chips(case, number) == ["registered, not verified"]
        ((_, sentence),) = notices_across(case.view(number))
        assert "Other 7" in sentence and "poor. 20 % of the body lies within" in sentence and "below 25 %" in sentence
    align(case, laid(accepted=True))
    assert chips(case, 0) == chips(case, 1) == []
    align(case, case.alignment.show_anyway("1.8", "1.9"))
    assert chips(case, 0) == chips(case, 1) == ["NOT REGISTERED"]


def test_what_is_shown_anyway_is_drawn_as_its_coordinates_are() -> None:
    case = beside(CT, image=8)
    case.overlays.put((overlay(structure("1.8"), frame="1.8"),))
    align(case, Alignment().show_anyway("1.8", "1.9"))
    view, screen = shown(case)
    (region,) = overlay_regions(view, screen)
    expected = [screen.pixel((float(x), float(y), 20.0))[:2] for x, y, _ in square(20.0).points]
    assert region.loops[0] == pytest.approx(np.array(expected) + 0.5)


def test_outlines_are_not_drawn_through_a_bent_registration_and_that_is_said() -> None:
    case = beside(CT, image=10)
    case.overlays.put((overlay(structure("1.8"), frame="1.8"),))
    case.marks.put_segments([segment(one_voxel((17, 9, 6)), frame_of_reference_uid="1.8")])
    align(case, laid(kind="deformable", field=wavy(), accepted=True))
    view, screen = shown(case)
    assert not drawn_over(view, screen).regions and segment_regions(view, screen) == ()
    assert chips(case) == ["not drawn bent"]


def test_a_landmark_is_a_cross_where_it_was_clicked_and_a_dashed_one_where_its_other_half_lies() -> None:
    moving = stack("9", count=20, step_mm=2.5, frame="1.8", study="1.1")
    case = beside(CT, moving, image=10)
    align(case, laid())
    by.choose(case, CT.key, moving.key)
    place_landmark(case, "1.9", (3.0, -4.0, 25.0))
    place_landmark(case, "1.8", (-6.0, 1.0, 20.0))
    view, screen = shown(case)
    lines = landmark_lines(view, screen, 1.0)
    middles = [tuple(np.add(each.start, each.end) / 2) for each in lines]
    own, other = (screen.pixel(each)[:2] for each in ((3.0, -4.0, 25.0), there((-6.0, 1.0, 20.0))))
    assert np.asarray([*middles[:2], *middles[3:]]) == pytest.approx(np.array([own, own, other, other]) + 0.5)
    assert [each.dashed for each in lines] == [False, False, False, True, True]
    assert [each.label for each in lines] == ["", "", "1", "", ""]
    (ring,) = landmark_knobs(view, screen)
    assert ring.at == pytest.approx((own[0] + 0.5, own[1] + 0.5))
    case.tiles[0] = replace(case.tiles[0], image=7)
    assert landmark_lines(*shown(case), 1.0) == ()


def test_a_finding_whose_registration_was_moved_is_marked_stale() -> None:
    case = beside(CT, image=8)
    line = [(-6.0, 2.0, 20.0), (6.0, 2.0, 20.0)]
    case.marks.take_up([finding(Kind.LENGTH, line, alignments=("2.25.1",))])
    align(case, laid(accepted=True))

    def told() -> tuple[str, ...]:
        (mark,) = laid_out(*shown(case), 1.0, SIZE)
        return mark.lines

    assert STALE not in told()
    moved = case.alignment.registrations[0].with_matrix(np.eye(4))
    align(case, case.alignment.put(moved))
    assert STALE in told()
    align(case, case.alignment.without(moved.uid))
    assert STALE not in told()


def test_a_dose_reaches_a_structure_of_another_frame_through_the_registration_alone() -> None:
    box, rising = structure("1.9"), replace(dose(), frame_of_reference_uid="1.8")
    with pytest.raises(Refused):
        dvh_of(box, rising)
    found = laid().between("1.9", "1.8")
    assert found is not None
    histogram = dvh_of(box, carried_dose(rising, found, "1.9"))
    # The middle of the box, (-2, 1, 20), is the point (3, 5, 15) there, where 0.5 Gy a mm from x = -20 are 11.5 Gy.
    assert histogram.mean == pytest.approx(11.5, abs=0.05)
    assert histogram.volume_ml == pytest.approx(12 * 12 * 15 / 1000, rel=0.02)
