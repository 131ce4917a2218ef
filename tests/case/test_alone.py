"""A tile alone and back: what was zoomed there is as large beside its tile as it was; a true size stays true."""

import pytest

from tests.case.stacks import beside, stack
from workstation.case import view_tools
from workstation.case.state import Case
from workstation.imaging.view import Framing, screen_plane

PAGE = (1200, 400)


@pytest.fixture
def case() -> Case:
    """Two linked stacks side by side, as a page shows them."""
    made = beside(stack("1", spacing=(0.8, 0.6)), stack("2", spacing=(0.8, 0.6)), link="a", image=4)
    made.page_px, made.screen_mm_per_px = PAGE, 0.25
    return made


def zoomed(case: Case, number: int, columns: int) -> float:
    """How many times larger than fitted into its tile, with so many tiles side by side."""
    view = case.view(number)
    size = PAGE[0] // columns, PAGE[1]
    scale = screen_plane(view.plane, view.tile.framing, *size).px_per_mm
    return scale / screen_plane(view.plane, Framing(), *size).px_per_mm


def scale_alone(case: Case) -> float:
    view = case.view(0)
    return screen_plane(view.plane, view.tile.framing, *PAGE).px_per_mm


@pytest.mark.parametrize("page", [(1200, 400), (600, 900)])
def test_what_is_zoomed_alone_is_as_much_larger_than_its_tile_beside_the_others(
    page: tuple[int, int], case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "PAGE", page)
    case.page_px = page
    case.maximise(0)
    view_tools.zoom_about(case, 0, scale_alone(case), 1.5, 0.0, 0.0)
    assert zoomed(case, 0, columns=1) == pytest.approx(1.5)
    case.maximise(None)
    assert [zoomed(case, each, columns=2) for each in (0, 1)] == pytest.approx([1.5, 1.5])


def test_true_size_and_what_had_a_scale_before_stay(case: Case) -> None:
    case.maximise(0)
    view_tools.true_size(case, 0)
    case.maximise(None)
    assert [each.framing.px_per_mm for each in case.tiles] == [4.0, 4.0]
    case.maximise(0)
    view_tools.zoom_about(case, 0, 4.0, 1.5, 0.0, 0.0)
    case.maximise(None)
    assert [each.framing.px_per_mm for each in case.tiles] == [6.0, 6.0]


def test_what_is_only_looked_at_alone_stays_fitted(case: Case) -> None:
    case.maximise(1)
    case.maximise(None)
    assert [each.framing for each in case.tiles] == [Framing(), Framing()]
