"""Structures, segments and isodoses over a tile: at their places, in their own frame of reference, only when asked."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.case.stacks import beside, hung, stack, tile
from workstation.case.overlays import Overlay, levels_of
from workstation.case.state import Case
from workstation.findings.segment import Segment
from workstation.findings.structures import Contour, Structure
from workstation.imaging.dose import Dose
from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Mask
from workstation.imaging.view import Orientation, ScreenPlane, screen_plane
from workstation.picture.contours import facts_of, isodoses, legend, notice, overlay_regions

pytestmark = pytest.mark.usefixtures("qapp")
SIZE = (600, 400)
Z = 20.0


def square(z: float) -> Contour:
    return Contour(np.array([(-8.0, -5.0, z), (4.0, -5.0, z), (4.0, 7.0, z), (-8.0, 7.0, z)]))


def structure(frame: str = "1.9") -> Structure:
    return Structure(1, "Target", (255, 0, 0), frame, tuple(square(z) for z in (15.0, 20.0, 25.0)))


def dose(prescribed: float | None = None) -> Dose:
    """0.5 Gy a mm from 0 Gy at x = -20, on points 2 mm apart that reach beyond the images."""
    values = np.broadcast_to(np.arange(21, dtype=np.float32), (14, 20, 21))
    axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    grid = Grid((-20.0, -30.0, -5.0), axes, (2.0, 3.0, 5.0), (21, 20, 14))
    return Dose("7", "1.1", "1.9", values, grid, "Gy", "PLAN", "PHYSICAL", prescribed=prescribed)


def overlay(what: Any, shown: bool = True, frame: str = "1.9") -> Overlay:
    name = "Dose" if isinstance(what, Dose) else "Target"
    return Overlay(f"{type(what).__name__}", "PLAN A", name, (255, 0, 0), frame, what, shown)


def seen(case: Case, *overlays: Overlay, number: int = 0) -> tuple[Any, ScreenPlane]:
    case.overlays.put(overlays)
    view = case.view(number)
    return view, screen_plane(view.plane, view.tile.framing, *SIZE)


def test_contours_lie_where_their_points_do() -> None:
    view, screen = seen(beside(stack("1"), image=4), overlay(structure()))
    (region,) = overlay_regions(view, screen)
    expected = [screen.pixel((float(x), float(y), Z))[:2] for x, y, _ in square(Z).points]
    assert region.loops[0] == pytest.approx(np.array(expected) + 0.5)
    assert region.colour == (255, 0, 0)


@pytest.mark.parametrize(("image", "there"), [(2, False), (3, True), (4, True), (5, True), (6, False)])
def test_a_structure_is_seen_on_its_own_images_alone(image: int, there: bool) -> None:
    view, screen = seen(beside(stack("1"), image=image), overlay(structure()))
    assert bool(overlay_regions(view, screen)) is there


@pytest.mark.parametrize("what", [structure("1.8"), dose()])
def test_nothing_of_another_frame_of_reference_is_drawn(what: Any) -> None:
    view, screen = seen(beside(stack("1", frame="1.9"), image=4), overlay(what, frame="1.8"))
    assert overlay_regions(view, screen) == ()
    assert isodoses(view, screen) == ()
    assert notice(view) is None


def test_a_plane_across_the_contours_cuts_the_voxels_inside() -> None:
    series = stack("1")
    case = hung([tile(series, orientation=Orientation.CORONAL)], sets=[series])
    case.place_crosshair(series, (0.0, 1.0, Z))
    view, screen = seen(case, overlay(structure()))
    (region,) = overlay_regions(view, screen)
    left, top, right, bottom = region.bounds
    # 12 mm across with columns of 0.6 mm, and the slabs of three images of 5 mm.
    assert (right - left) / screen.px_per_mm == pytest.approx(12.0, abs=0.6)
    assert (bottom - top) / screen.px_per_mm == pytest.approx(15.0, abs=0.1)


def test_a_segment_is_drawn_by_its_mask() -> None:
    series = stack("1")
    assert series.grid is not None
    array = np.zeros(series.grid.size[::-1], np.bool_)
    array[4, 10:20, 30:50] = True
    segment = Segment("2.25.1", 1, Mask.of(series.grid, array), "1.1", "1.1.1", "1.9", name="Target")
    view, screen = seen(beside(series, image=4), overlay(segment))
    (region,) = overlay_regions(view, screen)
    left, top, right, bottom = region.bounds
    assert (right - left) / screen.px_per_mm == pytest.approx(20 * 0.6, abs=0.01)
    assert (bottom - top) / screen.px_per_mm == pytest.approx(10 * 0.8, abs=0.01)


def test_a_line_of_equal_dose_lies_at_its_dose_in_each_plane() -> None:
    series = stack("1")
    case = hung([tile(series), tile(series, orientation=Orientation.CORONAL)], sets=[series])
    for number in (0, 1):
        view, screen = seen(case, overlay(dose(prescribed=10.0)), number=number)
        lines = isodoses(view, screen)
        at = {each.text: each for each in lines}
        whole = at["10 Gy  100 %"].stretches.reshape(-1, 2) - 0.5
        assert len(whole) > 10
        assert [screen.point(x, y)[0] for x, y in whole] == pytest.approx(np.zeros(len(whole)), abs=1e-3)
        assert facts_of(view, (), lines)[0]["kind"] == "isodose"


def test_levels_are_shares_of_the_prescription_else_of_the_largest_dose() -> None:
    assert [(each.dose, each.percent) for each in levels_of(dose(10.0))][:2] == [(10.7, 107), (10.0, 100)]
    assert levels_of(dose())[0].dose == pytest.approx(0.95 * 20)
    assert all(each.dose < 20 for each in levels_of(dose(19.0)))


def test_what_is_hidden_is_said_and_the_legend_names_what_is_shown() -> None:
    case = beside(stack("1"), image=4)
    view, screen = seen(case, overlay(structure(), shown=False), overlay(dose(10.0), shown=False))
    assert overlay_regions(view, screen) == ()
    assert isodoses(view, screen) == ()
    assert notice(view) is not None and notice(view)[0] == "1 structure and dose hidden"  # type: ignore[index]
    case.overlays.toggle_all()
    view = case.view(0)
    assert notice(view) is None
    rows = legend(view, overlay_regions(view, screen), isodoses(view, screen)).rows
    assert rows[0] == ("Target", (255, 0, 0))
    assert rows[1:3] == (("Dose (plan)", None), ("100 % = 10 Gy, prescribed", None))
    assert rows[3][0] == "10.7 Gy  107 %"


def test_what_an_algorithm_made_is_never_named_without_it() -> None:
    case = beside(stack("1"), image=4)
    made = replace(overlay(structure()), made_by="Contourer 2.1")
    view, screen = seen(case, made)
    assert legend(view, overlay_regions(view, screen), ()).rows[0][0] == "Target  (by Contourer 2.1)"


def test_hiding_all_and_showing_again_brings_back_what_was_shown() -> None:
    case = beside(stack("1"), image=4)
    case.overlays.put((overlay(structure(), shown=False), overlay(dose(), shown=False)))
    case.overlays.show("Structure", True)
    case.overlays.toggle_all()
    assert [each.shown for each in case.overlays.there] == [False, False]
    case.overlays.toggle_all()
    assert [each.shown for each in case.overlays.there] == [True, False]
