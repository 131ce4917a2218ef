"""A mark is drawn only on its own frame of reference, and one in pixels only on its own image (safety.md 13)."""

import pytest

from tests.case.stacks import beside, hung, stack, tile
from tests.findings.made import finding
from tests.picture.test_contours import dose, overlay, structure
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind
from workstation.imaging.view import Orientation, screen_plane
from workstation.picture.contours import drawn_over
from workstation.picture.marks import laid_out, one_laid_out

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
