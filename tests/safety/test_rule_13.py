"""A mark is drawn only on its own frame of reference, or through a registration that is written until it is accepted;
one in pixels only on its own image (safety.md 13)."""

from dataclasses import replace

import numpy as np
import pytest

from tests.case.stacks import ANNA, BERT, CORONAL, beside, hung, stack, tile
from tests.findings.made import finding
from tests.picture.test_contours import dose, overlay, structure
from workstation.case import view_tools
from workstation.case.aligning import align
from workstation.case.commands import COMMANDS
from workstation.case.state import Case
from workstation.dicom.entities import Patient
from workstation.findings.finding import Finding, Kind
from workstation.findings.segment import Segment
from workstation.imaging.alignment import Alignment, Registration
from workstation.imaging.masks import Mask
from workstation.imaging.view import Orientation, screen_plane
from workstation.picture.across import notices_across
from workstation.picture.contours import drawn_over
from workstation.picture.marks import laid_out, one_laid_out
from workstation.picture.reference import reference_lines
from workstation.picture.segments import segment_regions
from workstation.picture.text import corners

pytestmark = pytest.mark.usefixtures("qapp")
SIZE = (400, 300)
LINE = [(-6.0, 2.0, 20.0), (6.0, 2.0, 20.0)]


def drawn(case: Case, found: Finding) -> bool:
    case.marks.take_up([found])
    view = case.view(0)
    screen = screen_plane(view.plane, view.tile.framing, *SIZE)
    held = one_laid_out(found, view, screen, 1.0, SIZE)
    painted = laid_out(view, screen, 1.0, SIZE)
    assert bool(held) is bool(painted)
    return bool(painted)


@pytest.mark.parametrize("orientation", [None, *Orientation])
def test_another_frame_of_reference_shows_nothing(orientation: Orientation | None) -> None:
    ct = stack("1", frame="1.9", count=20, step_mm=2.0)
    case = hung([tile(ct, orientation=orientation, image=10)], sets=[ct])
    case.place_crosshair(ct, (0.0, 2.0, 20.0))
    assert drawn(case, finding(Kind.LENGTH, LINE, frame_of_reference_uid="1.9"))
    assert not drawn(case, finding(Kind.LENGTH, LINE, frame_of_reference_uid="1.99"))


def test_studies_without_a_frame_of_reference_share_none() -> None:
    case = beside(stack("1", frame="", study="1.1"), image=4)
    assert drawn(case, finding(Kind.LENGTH, LINE, frame_of_reference_uid="1.1"))
    assert not drawn(case, finding(Kind.LENGTH, LINE, frame_of_reference_uid="1.2"))


def test_pixels_of_another_image_show_nothing() -> None:
    films = stack("1", count=2, placed=False, modality="DX")
    case = beside(films, image=0)
    own, other = (ref.instance.SOPInstanceUID for ref in films.images)
    assert drawn(case, finding(Kind.LENGTH, [(3, 3), (9, 9)], image=own))
    assert not drawn(case, finding(Kind.LENGTH, [(3, 3), (9, 9)], image=other))
    assert not drawn(case, finding(Kind.LENGTH, LINE, frame_of_reference_uid="1.9"))


@pytest.mark.parametrize("orientation", [None, *Orientation])
def test_structures_and_doses_of_another_frame_of_reference_show_nothing(orientation: Orientation | None) -> None:
    ct = stack("1", frame="1.9", count=20, step_mm=2.0)
    case = hung([tile(ct, orientation=orientation, image=10)], sets=[ct])
    case.place_crosshair(ct, (-2.0, 1.0, 20.0))
    for frame, seen in (("1.9", True), ("1.99", False)):
        for what in (structure(frame), dose()):
            case.overlays.put((overlay(what, frame=frame),))
            view = case.view(0)
            drawn_here = drawn_over(view, screen_plane(view.plane, view.tile.framing, *SIZE))
            assert bool(drawn_here.regions or drawn_here.isodoses) is seen, (type(what).__name__, frame)
            case.overlays.put(())


OTHER = "1.99"


def two_frames(patient: Patient = ANNA) -> Case:
    """A CT in the frame 1.9 beside another study in 1.99, in which a structure, a dose, a segment and a finding lie."""
    ct = stack("1", frame="1.9", count=20, step_mm=2.0)
    study = "1.0" if patient is ANNA else "2.0"
    other = stack("9", 20, 2.0, orientation=CORONAL, center=(0, 0, 19), frame=OTHER, study=study, patient=patient)
    case = hung([tile(ct, orientation=Orientation.AXIAL, image=10), tile(other, image=10)], sets=[ct, other])
    case.place_crosshair(ct, (-2.0, 1.0, 20.0))
    case.overlays.put((overlay(structure(OTHER), frame=OTHER), overlay(dose(), frame=OTHER)))
    case.marks.take_up([finding(Kind.LENGTH, LINE, frame_of_reference_uid=OTHER)])
    assert ct.grid is not None
    voxels = np.zeros(ct.grid.size[::-1], dtype=bool)
    voxels[8:12, 10:30, 10:50] = True
    case.marks.put_segments([Segment("2.25.2", 1, Mask.of(ct.grid, voxels), "1.0", "1.0.9", OTHER)])
    case.reference_lines, case.active = True, 1
    return case


def crossing(case: Case) -> set[str]:
    """What of another frame reaches the CT tile; and whether the other tile's crosshair follows the CT's."""
    view = case.view(0)
    screen = screen_plane(view.plane, view.tile.framing, *SIZE)
    over = drawn_over(view, screen)
    ct, other = (case.sets[each.display_set or ""] for each in case.tiles)
    before = case.crosshair(other)
    case.place_crosshair(ct, (-1.0, 3.0, 20.0))
    found = {
        "structure": bool(over.regions),
        "dose": bool(over.isodoses),
        "segment": bool(segment_regions(view, screen)),
        "finding": bool(laid_out(view, screen, 1.0, SIZE)),
        "line": bool(reference_lines(view, screen)),
        "crosshair": case.crosshair(other) != before,
    }
    case.place_crosshair(ct, (-2.0, 1.0, 20.0))
    return {name for name, there in found.items() if there}


ALL = {"structure", "dose", "segment", "finding", "line", "crosshair"}
REGISTERED = Registration("2.25.1", "1.9", OTHER, np.eye(4))


def chips(case: Case) -> list[str]:
    return [chip for chip, _ in notices_across(case.view(0))]


def test_another_frame_needs_a_registration_and_says_so() -> None:
    case = two_frames()
    assert crossing(case) == set()
    assert chips(case) == ["not on this image"]


def test_what_is_registered_crosses_and_stays_marked_until_it_is_accepted() -> None:
    case = two_frames()
    align(case, Alignment((REGISTERED,)))
    assert crossing(case) == ALL - {"segment"}, "outlines of another study wait until somebody has looked"
    assert chips(case) == ["registered, not verified"]
    align(case, Alignment((replace(REGISTERED, accepted=True),)))
    assert crossing(case) == ALL
    assert chips(case) == []


def test_what_is_shown_anyway_is_marked_as_long_as_it_is() -> None:
    case = two_frames()
    align(case, Alignment((replace(REGISTERED, accepted=True),)).show_anyway("1.9", OTHER))
    assert crossing(case) == ALL
    assert chips(case) == ["NOT REGISTERED"]
    align(case, Alignment().show_anyway("1.9", OTHER).show_anyway("1.9", OTHER, False))
    assert crossing(case) == set()


def test_nothing_crosses_from_one_patient_to_another_whatever_is_registered() -> None:
    case = two_frames(BERT)
    align(case, Alignment((replace(REGISTERED, accepted=True),)).show_anyway("1.9", OTHER))
    assert crossing(case) == set()
    assert case.alignment.between("1.9", OTHER) is None


def test_the_unregistered_original_is_one_key_away() -> None:
    case = two_frames()
    align(case, Alignment((replace(REGISTERED, accepted=True),)))
    COMMANDS["show-anyway"].run(case)
    assert chips(case) == ["NOT REGISTERED"]
    COMMANDS["show-anyway"].run(case)
    assert chips(case) == []


def with_prior(alignment: Alignment | None = None, link: str = "all") -> Case:
    """Planes of a study above those of an earlier one in another frame, linked; 300 mm higher by their coordinates."""
    now = stack("1", frame="1.9", count=20, step_mm=2.0)
    before = stack("9", 20, 2.0, start_mm=300.0, frame=OTHER, study="1.0")
    planned = [tile(now, link="all", orientation=Orientation.AXIAL)]
    planned += [tile(before, orientation=Orientation.AXIAL, prior=True, link=link)]
    case = hung(planned, sets=[now, before])
    if alignment is not None:
        align(case, alignment)
    return case


def told(case: Case, number: int) -> tuple[str, ...]:
    return corners(case.view(number), None, "", None)["top_right"]


def test_a_prior_that_only_scrolls_along_says_by_which_offset() -> None:
    case = with_prior()
    apart = ("not registered", "offset H 300 mm, linked")
    assert told(case, 1)[1:3] == apart and told(case, 1)[0].startswith("PRIOR")
    assert not set(apart) & set(told(case, 0)), "the prior says it"
    now = case.sets[case.tiles[0].display_set or ""]
    for height in (30.0, 6.0):
        view_tools.bring_to(case, now, (1.0, 2.0, height))  # as a list of lesions does
        planes = [case.view(number).plane.center_lps[2] for number in (0, 1)]
        assert planes == pytest.approx([height, height + 300.0]) and told(case, 1)[1:3] == apart
    COMMANDS["link-scroll"].run(case)
    view_tools.bring_to(case, now, (1.0, 2.0, 20.0))
    assert told(case, 1)[1:3] == ("not registered", "not linked")
    COMMANDS["link-scroll"].run(case)
    COMMANDS["link-here"].run(case)
    assert told(case, 1)[1:3] == ("not registered", "offset H 286 mm, linked")


def test_an_accepted_registration_of_a_prior_is_told_from_none() -> None:
    shifted = np.eye(4)
    shifted[2, 3] = -300.0
    found = Registration("2.25.7", "1.9", OTHER, shifted)
    case = with_prior(Alignment((found,)))
    assert not any("registered" in line for line in told(case, 1))
    assert "registered, not verified" in [chip for chip, _ in notices_across(case.view(1))]
    align(case, Alignment((replace(found, accepted=True),)))
    assert told(case, 1)[1] == "registered" and not any("offset" in line or "not" in line for line in told(case, 1))
    assert told(with_prior(link=""), 1)[1:3] == ("not registered", "not linked")
