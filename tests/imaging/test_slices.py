"""Positions make the volume: gaps, uneven spacing, tilt and order, each named; SliceThickness (9 mm) never used."""

import pytest

from tests.imaging.stacks import image, stack
from workstation.dicom.entities import Instance
from workstation.errors import Reason
from workstation.imaging.displaysets import DisplaySet, display_sets


def only(instances: list[Instance]) -> DisplaySet:
    (found,) = display_sets(instances)
    return found


def notices(found: DisplaySet) -> dict[str, str]:
    return {notice.chip: notice.sentence for notice in found.notices}


def test_spacing_is_the_distance_of_positions() -> None:
    grid = only(stack([0.0, 2.5, 5.0])).grid
    assert grid is not None
    assert grid.spacing == (0.5, 0.7, 2.5) and grid.size == (4, 6, 3)


def test_a_gap_is_named_with_its_slices_and_positions_stay_right() -> None:
    found = only(stack([0.0, 5.0, 10.0, 20.0, 25.0]))
    assert found.no_volume is Reason.UNEVEN_SPACING
    assert notices(found) == {"gap": "Slices are 5.00 mm apart except between images 3-4 (10.00 mm)."}
    assert [found.image_grid(n).origin_lps[2] for n in range(5)] == [0.0, 5.0, 10.0, 20.0, 25.0]


def test_uneven_slices_are_named() -> None:
    found = only(stack([0.0, 5.0, 10.0, 16.0, 21.0]))
    assert notices(found) == {"uneven": "Slices are 5.00 mm apart except between images 3-4 (6.00 mm)."}


def test_rounded_positions_are_even() -> None:
    assert only(stack([0.0, 3.27, 6.54, 9.8, 13.07])).grid is not None


def test_a_tilt_is_named_and_the_grid_is_sheared() -> None:
    slices = [image(1 + n, (0.0, 1.2 * n, 5.0 * n)) for n in range(4)]
    found = only(slices)
    assert found.grid is not None
    assert found.grid.point((0, 0, 3)) == pytest.approx((0.0, 3.6, 15.0))
    assert notices(found)["tilt 13.5°"].startswith("The slices are sheared by 13.5°")


def test_slices_that_leave_their_line_are_no_volume() -> None:
    slices = [image(1 + n, (1.0 if n == 2 else 0.0, 0.0, 5.0 * n)) for n in range(5)]
    found = only(slices)
    assert found.no_volume is Reason.CONTRADICTING_POSITIONS
    assert "strays by 1.00 mm" in notices(found)["positions"]


@pytest.mark.parametrize("count", [1, 2])
def test_fewer_than_three_slices_are_no_volume(count: int) -> None:
    assert only(stack([4.0 * n for n in range(count)])).no_volume is Reason.TOO_FEW_SLICES


def test_images_without_a_place_have_no_geometry() -> None:
    found = only([image(n, None) for n in (1, 2, 3)])
    assert found.no_volume is Reason.NO_GEOMETRY and not found.in_patient(0)


@pytest.mark.parametrize("numbers", [(1, 2, 3, 4), (4, 3, 2, 1)])
def test_reading_order_follows_instance_number(numbers: tuple[int, ...]) -> None:
    slices = [image(number, (0.0, 0.0, 3.0 * n)) for n, number in enumerate(numbers)]
    found = only(slices)
    assert [ref.instance.InstanceNumber for ref in found.images] == [1, 2, 3, 4]
    assert found.grid is not None
    assert found.grid.origin_lps[2] == (0.0 if numbers[0] == 1 else 9.0)


def test_without_numbers_axial_images_are_read_from_the_head() -> None:
    found = only(stack([0.0, 3.0, 6.0], InstanceNumber=None))
    assert found.images[0].position_lps == (-3.0, 5.0, 6.0)


def test_an_image_of_unequal_pixels_without_a_unit_keeps_its_shape() -> None:
    found = only([image(1, None, PixelSpacing=None, PixelAspectRatio=(3.0, 2.0))])
    assert found.image_grid(0).spacing[:2] == (1.0, 1.5)
    assert not found.spacing_is_known


def test_what_headers_lack_is_said_once() -> None:
    odd = ("SeriesInstanceUID is missing; such images are kept as one series of their study",)
    found = only(stack([0.0, 2.5, 5.0], odd=odd))
    assert notices(found) == {"odd header": f"{odd[0]} (3 objects)"}
