"""A case that grows under the reader: the image on each tile, its window, framing and the crosshair stay."""

import random
from dataclasses import replace

import pytest

from tests.case.stacks import stack
from workstation.case import view_tools
from workstation.case.coming import Coming
from workstation.case.grow import CHIP, grow, growth, hang_anew, hangs_otherwise, is_untouched
from workstation.case.open import Opened
from workstation.case.state import STILL_COMING, Case
from workstation.case.tile import Playing
from workstation.hanging.choose import Answer
from workstation.hanging.hang import Plan, PlannedStage, PlannedTile
from workstation.imaging.arriving import image_of
from workstation.imaging.displaysets import display_sets
from workstation.imaging.greyscale import Window
from workstation.imaging.view import Display, Framing, Orientation
from workstation.picture.text import corners

IMAGES = [ref.instance for ref in stack("1", count=40, step_mm=1.25).images]
OTHERS = [ref.instance for ref in stack("2", count=6, step_mm=5.0).images]
STUDY = "1.1"


def opened(instances: list, planes: bool = False) -> Opened:
    sets = display_sets(instances)
    tiles = [PlannedTile(each.key) for each in sets][:2]
    tiles += [PlannedTile(why_empty="nothing fits")] * (2 - len(tiles))
    if planes and sets[0].grid is not None:
        tiles[1] = PlannedTile(sets[0].key, Orientation.CORONAL)
    plan = Plan("test", (PlannedStage("first", 1, 2, tuple(tiles)), PlannedStage("second", 1, 1, tuple(tiles[:1]))))
    digests = {each.SOPInstanceUID: "d" for each in instances}
    return Opened(sets, digests, Answer(plan, (), ()), ())


def case_of(found: Opened) -> Case:
    return Case(found.sets, found.answer.plan, found.digests)


def shown(case: Case, number: int = 0) -> tuple[str, int]:
    return image_of(case.sets[case.tiles[number].display_set or ""].images[case.view(number).image])


@pytest.mark.parametrize("seed", range(8))
def test_the_image_on_the_tile_stays_in_whatever_order_the_others_come(seed: int) -> None:
    order = list(IMAGES)
    random.Random(seed).shuffle(order)
    case = case_of(opened(order[:5]))
    view_tools.to_image(case, 0, 2)
    window, framing = Window(300.0, 77.0), Framing(px_per_mm=2.5)
    case.put(0, replace(case.tiles[0], display=Display(window), framing=framing))
    seen = shown(case)
    for count in (6, 13, 14, 30, 40):
        coming = {STUDY: "some have come"} if count < 40 else {}
        assert grow(case, growth(case.sets, opened(order[:count]), coming))
        assert shown(case) == seen
        assert (case.tiles[0].display.window, case.tiles[0].framing) == (window, framing)
    assert len(case.sets[case.tiles[0].display_set or ""].images) == 40
    assert case.digests.keys() == {each.SOPInstanceUID for each in IMAGES}


def test_a_plane_and_its_crosshair_stay_where_they_were() -> None:
    case = case_of(opened(IMAGES[10:24], planes=True))
    before = case.view(1).plane
    assert grow(case, growth(case.sets, opened(IMAGES, planes=True), {}))
    after = case.view(1).plane
    assert case.tiles[1].orientation is Orientation.CORONAL
    assert case.crosshairs and after.normal == before.normal
    middle = case.sets[case.tiles[1].display_set or ""].grid
    assert middle is not None and case.crosshair(case.view(1).display_set) != middle.middle_lps  # type: ignore[arg-type]


def test_until_it_has_settled_a_crosshair_nobody_placed_goes_with_the_middle() -> None:
    case = case_of(opened(IMAGES[:14], planes=True))
    hung = list(case.tiles)
    assert is_untouched(case, hung)
    assert grow(case, growth(case.sets, opened(IMAGES, planes=True), {}), settled=False)
    assert not case.crosshairs and is_untouched(case, case.tiles)
    left = list(case.tiles)
    view_tools.scroll(case, 0, 1)
    assert not is_untouched(case, left)


def test_what_is_told_of_another_state_is_not_taken() -> None:
    case = case_of(opened(IMAGES[:5]))
    late = growth(case.sets, opened(IMAGES[:6]), {})
    assert grow(case, growth(case.sets, opened(IMAGES[:8]), {}))
    assert not grow(case, late)
    assert len(case.sets[case.tiles[0].display_set or ""].images) == 8


def test_a_series_that_comes_fills_the_tile_that_was_empty_and_moves_no_other() -> None:
    case = case_of(opened(IMAGES[:5]))
    assert case.tiles[1].display_set is None
    hung = []
    case.stage_changed.connect(lambda: hung.append(True))
    assert grow(case, growth(case.sets, opened([*IMAGES[:8], *OTHERS]), {STUDY: "x"}))
    assert case.tiles[1].display_set == "1.1.2/0" and hung
    assert case.tiles[0].display_set == "1.1.1/0" and len(case.sets) == 2


def test_it_says_that_more_is_coming_and_no_longer_at_the_end() -> None:
    case = case_of(opened(IMAGES[:5]))
    grow(case, growth(case.sets, opened(IMAGES[:8]), {STUDY: "8 of 40 images have come."}))
    (first,) = case.sets.values()
    assert (first.notices[0].chip, first.notices[0].sentence) == (CHIP, "8 of 40 images have come.")
    grow(case, growth(case.sets, opened(IMAGES), {}))
    (last,) = case.sets.values()
    assert not any(each.chip == CHIP for each in last.notices)


def test_the_corner_says_how_much_is_here_and_names_the_image_by_its_own_number() -> None:
    """Places change as images come out of order (safety.md 10)."""
    numbered = [replace(each, InstanceNumber=100 - n) for n, each in enumerate(IMAGES)]
    some = [*numbered[10:15], *numbered[20:23]]
    case = case_of(opened(some))
    view_tools.to_image(case, 0, 6)
    (only,) = case.sets.values()
    named = f"no. {only.images[6].instance.InstanceNumber}"
    case.say_coming({STUDY: Coming({only.series_instance_uid: 40})})
    assert image_line(case) == f"Image {named}  ·  8 of 40, still coming"
    case.say_coming({STUDY: Coming({only.series_instance_uid: 40}, "nothing for 9 s")})
    assert image_line(case) == f"Image {named}  ·  8 of 40, nothing for 9 s"
    assert grow(case, growth(case.sets, opened(numbered[5:30]), {STUDY: "x"}))
    assert image_line(case) == f"Image {named}  ·  25 of 40, nothing for 9 s"
    case.say_coming({STUDY: Coming()})
    assert image_line(case) == f"Image {named}  ·  25 so far, still coming"
    case.say_coming({})
    assert image_line(case) == f"Image {case.view(0).image + 1} / 25  ({named})"


def test_a_series_of_which_all_is_here_is_not_said_to_be_coming() -> None:
    """The errand may still bring another series, or not have ended yet."""
    whole, part = {"1.1.1": len(IMAGES), "1.1.2": 90}, {STUDY: "30 of 40 images have come."}
    case = case_of(opened(IMAGES[:5]))
    case.say_coming({STUDY: Coming(whole)})
    grow(case, growth(case.sets, opened([*IMAGES[:8], *OTHERS]), part, arriving=case.arriving))
    assert {key: CHIP in [each.chip for each in made.notices] for key, made in case.sets.items()} == {
        "1.1.1/0": True,
        "1.1.2/0": True,
    }
    assert image_line(case).endswith("8 of 40, still coming")
    grow(case, growth(case.sets, opened([*IMAGES, *OTHERS]), part, arriving=case.arriving))
    assert {key: CHIP in [each.chip for each in made.notices] for key, made in case.sets.items()} == {
        "1.1.1/0": False,
        "1.1.2/0": True,
    }
    assert "coming" not in image_line(case)
    grow(case, growth(case.sets, opened([*IMAGES, *OTHERS]), {}))
    assert not any(each.chip == CHIP for made in case.sets.values() for each in made.notices)


def image_line(case: Case) -> str:
    lines = corners(case.view(0), None, "HU", 1.0)["bottom_left"]
    return next(each for each in lines if each.startswith("Image"))


def test_an_empty_tile_does_not_say_what_a_study_lacks_while_it_still_comes() -> None:
    case = case_of(opened(IMAGES[:5]))
    assert (case.view(0).why_empty, case.view(1).why_empty) == ("", "nothing fits")
    told: list[int] = []
    case.changed.connect(told.extend)
    case.expect(more=True)
    assert (case.view(0).why_empty, case.view(1).why_empty) == ("", STILL_COMING)
    grow(case, growth(case.sets, opened(IMAGES[:8]), {STUDY: "x"}))
    assert case.view(1).why_empty == STILL_COMING
    del told[:]
    case.expect(more=False)
    assert (case.view(1).why_empty, told) == ("nothing fits", [1])
    case.expect(more=False)
    assert told == [1]


def test_that_there_is_no_prior_is_true_whatever_of_the_study_still_comes() -> None:
    case = case_of(opened(IMAGES[:5]))
    case.tiles[1] = replace(case.tiles[1], prior=True)
    case.expect(more=True)
    assert case.view(1).why_empty == "nothing fits"


def test_a_film_goes_on_from_the_same_image() -> None:
    case = case_of(opened(IMAGES[20:]))
    case.playing[0] = Playing(0.0, 3)
    grow(case, growth(case.sets, opened(IMAGES), {}))
    assert case.playing[0].from_image == 23


def test_the_stage_that_hangs_is_left_and_the_others_are_renewed() -> None:
    case = case_of(opened(IMAGES[:5]))
    case.hang_stage(1)
    now = opened([*IMAGES, *OTHERS])
    grow(case, growth(case.sets, now, {}))
    assert case.stage == 1 and len(case.tiles) == 1
    assert case.plan.stages[0].tiles[1].display_set == "1.1.2/0"
    assert hangs_otherwise(case)
    looked_at, hung = shown(case), []
    case.stage_changed.connect(lambda: hung.append(shown(case)))
    hang_anew(case)
    assert case.stage == 0 and len(case.tiles) == 2
    assert hung == [looked_at]
