"""What hangs for comparison is linked: the demo's trunk beside its prior, MR sequences, the liver in phases."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.hanging.labelled import built, labelled_studies
from workstation import paths
from workstation.case import layout, view_tools
from workstation.case.commands import COMMANDS
from workstation.case.state import Case
from workstation.dicom.header import read_instance
from workstation.hanging.choose import best_plan
from workstation.hanging.hang import hang
from workstation.hanging.protocol import read_protocols
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.imaging.greyscale import Window
from workstation.phantom.demo_entry import write_slices
from workstation.phantom.trunk_studies import CT_STUDIES, CURRENT, PRIOR

PROTOCOLS = read_protocols(paths.protocols())
STUDIES = {each.name: each for each in labelled_studies()}

Pair = tuple[tuple[DisplaySet, ...], tuple[DisplaySet, ...]]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The display sets of the demo's trunk CT and of the one a year earlier."""
    made = []
    for demo in (each for study in (CURRENT, PRIOR) for each in CT_STUDIES if each.study == study):
        folder = tmp_path_factory.mktemp("trunk")
        write_slices(demo, folder, "tiny")
        made.append(display_sets(read_instance(path.read_bytes()) for path in sorted(folder.rglob("*.dcm"))))
    return made[0], made[1]


def opened(sets: Sequence[DisplaySet], *priors: Sequence[DisplaySet]) -> Case:
    plan = best_plan(PROTOCOLS, sets, priors).plan
    return Case([*sets, *(each for prior in priors for each in prior)], plan, {})


def heights_mm(case: Case) -> list[float]:
    return [case.view(number).plane.center_lps[2] for number in case.shown]


def test_the_trunk_scrolls_with_its_prior_by_as_many_mm(pair: Pair) -> None:
    case = opened(*pair)
    assert [tile.prior for tile in case.tiles] == [False, True, False, True]
    assert len({each.first.FrameOfReferenceUID for each in case.sets.values()}) == 2
    view_tools.scroll(case, 0, 1)  # planes of one study have met by now
    before = heights_mm(case)
    view_tools.scroll(case, 0, 4)  # slices of 7.5 mm
    moved = [now - then for now, then in zip(heights_mm(case), before, strict=True)]
    assert [abs(each) for each in moved] == pytest.approx([30.0] * 4, abs=1e-3)
    assert len({each > 0 for each in moved}) == 1
    view_tools.scroll(case, 1, -2)  # slices of 15 mm, and back
    assert heights_mm(case) == pytest.approx(before, abs=1e-3)


@pytest.mark.parametrize("led", range(4))
def test_whichever_tile_leads_the_others_are_at_one_height_with_it(pair: Pair, led: int) -> None:
    case = opened(*pair)
    view_tools.scroll(case, led, 2)
    # She lay and breathed otherwise: the prior's middle, and all it shows, stands 15 mm higher.
    levels = [height - 15.0 * tile.prior for height, tile in zip(heights_mm(case), case.tiles, strict=True)]
    assert levels == pytest.approx([levels[led]] * 4, abs=4.0)  # the middles differ by a slice


@pytest.mark.parametrize("led", range(4))
def test_a_crosshair_click_takes_the_prior_along_as_scrolling_would(pair: Pair, led: int) -> None:
    clicked, scrolled = opened(*pair), opened(*pair)
    view = clicked.view(led)
    assert view.crosshair_lps is not None
    x, y, z = view.crosshair_lps
    for steps in (3, -2):
        view_tools.scroll(scrolled, led, steps)
        height = scrolled.view(led).plane.center_lps[2]
        view_tools.go_to_point(clicked, led, (x + 20.0, y - 10.0, height))
        assert heights_mm(clicked) == pytest.approx(heights_mm(scrolled), abs=1e-3)
    assert height != pytest.approx(z)
    higher = [mm - 15.0 * tile.prior for mm, tile in zip(heights_mm(clicked), clicked.tiles, strict=True)]
    assert higher == pytest.approx([height - 15.0 * clicked.tiles[led].prior] * 4, abs=4.0)


def test_a_click_moves_the_priors_crosshair_within_the_image_too(pair: Pair) -> None:
    case = opened(*pair)
    before = case.view(0).crosshair_lps, case.view(1).crosshair_lps
    assert before[0] is not None and before[1] is not None
    x, y, z = before[0]
    view_tools.go_to_point(case, 0, (x + 20.0, y - 10.0, z + 15.0))
    after = case.view(1).crosshair_lps
    assert after is not None
    assert [b - a for a, b in zip(before[1], after, strict=True)] == pytest.approx([20.0, -10.0, 15.0], abs=1e-3)


def test_a_click_leaves_the_prior_where_scrolling_is_not_linked(pair: Pair) -> None:
    case = opened(*pair)
    COMMANDS["link-scroll"].run(case)
    before = heights_mm(case)
    view_tools.go_to_point(case, 2, (84.0, 44.0, -55.0))
    assert heights_mm(case)[0::2] == pytest.approx([-55.0] * 2)
    assert heights_mm(case)[1::2] == before[1::2]


def test_a_prior_dropped_back_stands_as_far_off_as_it_did(pair: Pair) -> None:
    case = opened(*pair)
    view_tools.scroll(case, 0, 1)
    key = case.tiles[1].display_set
    assert key is not None
    offset = heights_mm(case)[1] - heights_mm(case)[0]
    for number in (1, 3):
        layout.put_set(case, number, case.tiles[0].display_set or "")
    view_tools.go_to_point(case, 0, (84.0, 44.0, -130.0))
    layout.put_set(case, 1, key)
    thick = case.sets[key].first.frames[0].SliceThickness or 0.0
    assert heights_mm(case)[1] - heights_mm(case)[0] == pytest.approx(offset, abs=thick)
    view_tools.scroll(case, 0, 6)
    assert heights_mm(case)[1] - heights_mm(case)[0] == pytest.approx(offset, abs=thick)


def test_a_window_goes_to_the_prior_and_zoom_and_pan_to_all(pair: Pair) -> None:
    case = opened(*pair)
    lung = case.tiles[2].display.window
    view_tools.set_window(case, 0, Window(60.0, 300.0))
    assert [tile.display.window for tile in case.tiles] == [Window(60.0, 300.0)] * 2 + [lung] * 2
    view_tools.zoom_about(case, 0, 2.0, 1.5, 0.0, 0.0)
    view_tools.pan(case, 3, 7.0, -4.0)
    assert len({tile.framing for tile in case.tiles}) == 1
    assert case.tiles[0].framing.px_per_mm == 3.0


def test_a_stranger_is_no_prior_and_follows_nothing(pair: Pair) -> None:
    sets, prior = pair
    stranger = [_of_another(each) for each in prior]
    assert all(not tile.prior for stage in opened(sets, stranger).plan.stages for tile in stage.tiles)
    forced = Case([*sets, *stranger], hang(PROTOCOLS["ct-body"], sets, [stranger]), {})
    assert [tile.prior for tile in forced.tiles] == [False, True, False, True]
    before = heights_mm(forced)
    view_tools.scroll(forced, 0, 3)
    assert heights_mm(forced)[1::2] == before[1::2]
    assert heights_mm(forced)[0] != before[0]


def _of_another(display_set: DisplaySet) -> DisplaySet:
    images = (
        replace(ref, instance=replace(ref.instance, patient=replace(ref.instance.patient, PatientID="DEMO-2")))
        for ref in display_set.images
    )
    return replace(display_set, images=tuple(images))


def test_sequences_of_one_frame_scroll_by_position() -> None:
    case = opened(built(STUDIES["brain-siemens-de"]).sets)
    axial = [number for number in case.shown if abs(case.view(number).plane.normal[2]) > 0.99]
    assert len(axial) >= 4
    assert len({case.sets[case.tiles[number].display_set or ""].first.FrameOfReferenceUID for number in axial}) == 1
    before = heights_mm(case)[0]
    view_tools.scroll(case, 0, 3)
    assert abs(heights_mm(case)[0] - before) > 9.0
    assert [heights_mm(case)[number] for number in axial] == pytest.approx([heights_mm(case)[0]] * len(axial))


def test_sequences_that_are_stacks_scroll_by_position() -> None:
    case = opened(built(STUDIES["brain-siemens-de"]).sets)
    for number in case.shown:  # as they were acquired, of as many thicknesses as there are
        case.tiles[number] = replace(case.tiles[number], orientation=None)
    view_tools.to_image(case, 0, 4)
    own = case.view(0)
    for number in case.shown[1:]:
        view = case.view(number)
        assert view.display_set is not None
        thickness = view.display_set.images[0].attributes.SliceThickness or 0.0
        if abs(view.plane.normal[2]) > 0.99:
            assert abs(view.plane.center_lps[2] - own.plane.center_lps[2]) <= thickness / 2 + 1e-6


def test_windows_of_sequences_stay_their_own() -> None:
    case = opened(built(STUDIES["brain-siemens-de"]).sets)
    before = [tile.display.window for tile in case.tiles]
    view_tools.set_window(case, 1, Window(400.0, 700.0))
    assert [tile.display.window for tile in case.tiles] == [before[0], Window(400.0, 700.0), *before[2:]]


def test_phases_of_the_liver_do_all_together() -> None:
    case = opened(built(STUDIES["liver-siemens-de"]).sets)
    phases = [number for number in case.shown if case.tiles[number].display_set]
    assert len(phases) >= 3
    view_tools.scroll(case, 0, 5)
    view_tools.set_window(case, 0, Window(80.0, 120.0))
    view_tools.pan(case, 0, 9.0, 5.0)
    tiles = [case.tiles[number] for number in phases]
    assert max(heights_mm(case)) - min(heights_mm(case)) <= 1e-6
    assert {tile.display.window for tile in tiles} == {Window(80.0, 120.0)}
    assert {tile.framing.pan_mm for tile in tiles} == {(9.0, 5.0)}


@pytest.mark.parametrize("protocol", [each for name, each in PROTOCOLS.items() if name.startswith(("ct", "mr", "pet"))])
def test_every_ct_mr_and_pet_beside_its_prior_is_linked(protocol: object) -> None:
    stages = [stage for stage in protocol.stages if any(tile.prior for tile in stage.tiles)]  # type: ignore[attr-defined]
    assert all(tile.link for stage in stages for tile in stage.tiles)
