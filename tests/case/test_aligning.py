"""What a registration carries over: the crosshair, linked scrolling, reference lines; never across patients."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.case.stacks import BERT, CORONAL, beside, hung, stack, tile
from workstation.case import view_tools
from workstation.case.aligning import align, laid_between
from workstation.case.commands import COMMANDS
from workstation.case.state import Case
from workstation.imaging.alignment import Alignment, Registration
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.view import Orientation

CT = stack("1", count=21, step_mm=2.5)
"""From 0 to 50 mm."""

PRIOR = stack("9", count=41, step_mm=2.5, start_mm=700.0, frame="1.8", study="1.0", center=(0.0, 7.0, 0.0))
"""From 700 to 800 mm, its middle 7 mm further to the back."""


def higher(matrix: NDArray[np.float64] | None = None, **changed: Any) -> Registration:
    """The prior lies 720 mm higher and 7 mm further to the back than the same place of the CT."""
    shift = np.eye(4)
    shift[:3, 3] = 0, -7, -720
    values: dict[str, Any] = {"uid": "2.25.1", "matrix": shift if matrix is None else matrix} | changed
    return Registration(fixed="1.9", moving="1.8", **values)


def planes(*sets: DisplaySet, link: str = "") -> Case:
    return hung([tile(each, link=link, orientation=Orientation.AXIAL) for each in sets], sets=sets)


def crosshair(case: Case, number: int) -> tuple[float, float, float]:
    found = case.view(number).crosshair_lps
    assert found is not None
    return found


def test_a_crosshair_goes_over_to_what_is_registered() -> None:
    case = planes(CT, PRIOR)
    case.place_crosshair(CT, (3.0, 4.0, 20.0))
    assert crosshair(case, 1) == pytest.approx((0.3, 7.4, 750.0), abs=1)  # its own middle still
    align(case, Alignment((higher(),)))
    assert crosshair(case, 1) == pytest.approx((3.0, 11.0, 740.0))
    case.place_crosshair(PRIOR, (-2.0, 9.0, 730.0))
    assert crosshair(case, 0) == pytest.approx((-2.0, 2.0, 10.0))
    assert crosshair(case, 1) == pytest.approx((-2.0, 9.0, 730.0))


def test_a_crosshair_goes_over_to_a_stack_of_what_is_registered() -> None:
    case = hung([tile(CT, orientation=Orientation.AXIAL), tile(PRIOR, image=3)], sets=[CT, PRIOR])
    align(case, Alignment((higher(),)))
    case.place_crosshair(CT, (3.0, 4.0, 20.0))
    assert case.tiles[1].image == 16  # 740 mm


def test_without_a_registration_a_crosshair_stays_among_its_own() -> None:
    case = planes(CT, PRIOR)
    align(case, Alignment((higher(),)))
    case.place_crosshair(CT, (3.0, 4.0, 20.0))
    align(case, Alignment())
    case.place_crosshair(CT, (0.0, 0.0, 5.0))
    assert crosshair(case, 1) == pytest.approx((3.0, 11.0, 740.0))


def test_what_is_shown_anyway_has_one_crosshair_by_its_coordinates() -> None:
    other = stack("9", count=21, step_mm=2.5, frame="1.8", study="1.0")
    case = planes(CT, other)
    align(case, Alignment((higher(accepted=True),)).show_anyway("1.9", "1.8"))
    case.place_crosshair(CT, (3.0, 4.0, 20.0))
    assert crosshair(case, 1) == pytest.approx((3.0, 4.0, 20.0))


def test_nothing_is_laid_across_patients() -> None:
    other = stack("9", count=41, step_mm=2.5, start_mm=700.0, frame="1.8", study="1.0", patient=BERT)
    case = planes(CT, other)
    before = crosshair(case, 1)
    align(case, Alignment((higher(),)).show_anyway("1.9", "1.8"))
    case.place_crosshair(CT, (3.0, 4.0, 20.0))
    assert laid_between(case, CT.key, other.key) is None
    assert crosshair(case, 1) == before
    assert case.view(1).pointer is None


@pytest.mark.parametrize("ways", [(None, None), (Orientation.AXIAL, Orientation.AXIAL), (None, Orientation.AXIAL)])
def test_linked_scrolling_goes_by_the_registration(ways: tuple[Orientation | None, Orientation | None]) -> None:
    sets = (CT, PRIOR)
    case = hung(
        [tile(each, link="a", orientation=way, image=8) for each, way in zip(sets, ways, strict=True)], sets=sets
    )
    align(case, Alignment((higher(),)))
    view_tools.scroll(case, 0, 2)
    one, other = (case.view(number).plane.center_lps[2] for number in (0, 1))
    assert other == pytest.approx(one + 720.0)
    view_tools.scroll(case, 1, 3)
    one, other = (case.view(number).plane.center_lps[2] for number in (0, 1))
    assert other == pytest.approx(one + 720.0)


def test_a_registration_that_comes_later_takes_linked_stacks_to_their_place() -> None:
    case = beside(CT, PRIOR, link="a")
    view_tools.to_image(case, 0, 12)
    assert case.view(1).plane.center_lps[2] != pytest.approx(30.0 + 720.0)
    align(case, Alignment((higher(),)))
    view_tools.to_image(case, 0, 8)
    assert case.view(1).plane.center_lps[2] == pytest.approx(20.0 + 720.0)


def test_what_the_reader_sets_beside_a_registration_is_kept() -> None:
    case = beside(CT, PRIOR, link="a", image=8)
    align(case, Alignment((higher(),)))
    COMMANDS["link-scroll"].run(case)
    view_tools.to_image(case, 1, 10)  # 725 mm, where 20 mm is 740 mm
    COMMANDS["link-scroll"].run(case)
    COMMANDS["link-here"].run(case)
    view_tools.to_image(case, 0, 12)
    assert case.view(1).plane.center_lps[2] == pytest.approx(30.0 + 705.0)


def test_a_third_that_nobody_registered_keeps_its_distance_to_both() -> None:
    third = stack("5", count=61, step_mm=2.5, start_mm=-60.0, frame="1.7", study="1.5")
    case = beside(CT, PRIOR, third, link="a")  # 25 mm, 750 mm and 15 mm
    align(case, Alignment((higher(),)))
    view_tools.to_image(case, 0, 12)
    assert case.view(2).plane.center_lps[2] == pytest.approx(20.0)
    view_tools.scroll(case, 1, 2)
    assert case.view(0).plane.center_lps[2] == pytest.approx(35.0)
    assert case.view(2).plane.center_lps[2] == pytest.approx(25.0)


def test_a_line_points_into_what_is_registered_and_all_are_painted_when_that_changes() -> None:
    coronal = stack("9", count=11, frame="1.8", study="1.0", orientation=CORONAL, center=(0.0, 0.0, 740.0))
    case = beside(CT, coronal, image=5)
    case.reference_lines = True
    assert case.view(1).pointer is None
    painted: list[tuple[int, ...]] = []
    case.changed.connect(painted.append)
    align(case, Alignment((higher(),)))
    assert painted[-1] == (0, 1)
    assert case.view(1).pointer is not None
    view_tools.to_image(case, 0, 6)
    assert painted[-1] == (0, 1)
