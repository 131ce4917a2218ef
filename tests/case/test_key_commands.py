"""Key images: a plane that lies exactly on a stored image is that image; any other is none and says the way out."""

from dataclasses import replace

import pytest

from tests.case.stacks import beside, stack
from workstation.case import view_tools
from workstation.case.command import COMMANDS
from workstation.case.key_commands import NO_KEY_IMAGE, OF_A_PLANE, is_key_image, key_of
from workstation.case.layout import show_set
from workstation.case.state import Case
from workstation.findings.key_image import Purpose
from workstation.imaging.oblique import Slab, SlabMode
from workstation.imaging.view import Orientation


def standing_at(z_mm: float, orientation: Orientation | None = Orientation.AXIAL) -> Case:
    """One tile on images 5 mm apart, the first at 0 mm."""
    case = beside(stack("1", step_mm=5.0, spacing=(0.8, 0.6)))
    case.tiles[0] = replace(case.tiles[0], orientation=orientation)
    view_tools.go_to_point(case, 0, (1.0, 2.0, z_mm))
    return case


def test_a_plane_on_a_stored_image_is_a_key_image() -> None:
    case = standing_at(20.0)
    command = COMMANDS["key-image"]
    assert command.why_not(case) == ""
    command.run(case)
    (key,) = case.marks.keys
    (display_set,) = case.sets.values()
    assert key.sop_instance_uid == display_set.images[4].instance.SOPInstanceUID
    assert is_key_image(case.view(0))
    assert key_of(standing_at(20.0, None).view(0)) == key, "as the stack has it"


@pytest.mark.parametrize(
    ("z_mm", "orientation"), [(21.0, Orientation.AXIAL), (20.0, Orientation.CORONAL), (20.0, Orientation.SAGITTAL)]
)
def test_a_plane_between_or_across_images_is_none_and_names_the_way_out(z_mm: float, orientation: Orientation) -> None:
    case = standing_at(z_mm, orientation)
    assert key_of(case.view(0)) is None
    assert COMMANDS["key-image"].why_not(case) == OF_A_PLANE
    show_set(case, 0, case.tiles[0].display_set or "")
    assert COMMANDS["key-image"].why_not(case) == ""


def test_a_slab_is_no_stored_image() -> None:
    case = standing_at(20.0)
    case.tiles[0] = replace(case.tiles[0], slab=Slab(10.0, SlabMode.MIP))
    assert key_of(case.view(0)) is None


def test_each_press_says_another_purpose_and_the_first_comes_again() -> None:
    case = standing_at(20.0)
    command = COMMANDS["what-the-key-image-is-for"]
    assert command.why_not(case) == NO_KEY_IMAGE
    COMMANDS["key-image"].run(case)
    seen = []
    for _ in range(len(Purpose) + 1):
        seen.append(case.marks.keys[0].purpose)
        command.run(case)
    assert seen == [*Purpose, Purpose.OF_INTEREST]
    case.marks.undo()
    assert case.marks.keys[0].purpose is Purpose.OF_INTEREST
