"""Commands as a person meets them: each says why it cannot run, and no order of them leads to a broken case."""

import random

import pytest

from tests.case.stacks import BERT, SAGITTAL, beside, hung, stack, tile
from workstation.case import cycle, layout, view_tools
from workstation.case.commands import COMMANDS
from workstation.case.state import Case
from workstation.imaging.greyscale import Window
from workstation.imaging.view import Orientation, Spread

STUDY = (
    stack("1", count=21, step_mm=2.5),
    stack("2", count=11, step_mm=5.0, descending=True),
    stack("3", orientation=SAGITTAL),
    stack("4", count=1),
    stack("5", placed=False),
    stack("6", modality="MR", frame="1.8"),
)
PRIOR = stack("9", study="1.0", frame="1.7")
STRANGER = stack("8", study="2.0", frame="2.7", patient=BERT)


def any_case() -> Case:
    planes = [tile(STUDY[0], orientation=each) for each in Orientation]
    stages = (
        [tile(STUDY[0], link="a"), tile(PRIOR, link="a", prior=True, study_date="20240102")],
        [*planes, tile(STUDY[0])],
        [*map(tile, STUDY), tile(STRANGER)],
    )
    return hung(*stages, sets=(*STUDY, PRIOR, STRANGER))


def assert_consistent(case: Case) -> None:
    rows, columns = case.layout
    assert 1 <= rows <= 7 and 1 <= columns <= 7
    assert len(case.shown) <= rows * columns
    assert len(set(case.shown)) == len(case.shown)
    assert set(case.shown) <= set(range(len(case.tiles)))
    assert case.active in case.shown
    for number, each in enumerate(case.tiles):
        view = case.view(number)
        if each.display_set is None:
            assert view.display_set is None
            continue
        assert view.display_set is case.sets[each.display_set]
        assert 0 <= each.image < len(view.display_set.images)
        assert each.orientation is None or view.display_set.grid is not None
        earlier = view.display_set.study_instance_uid != "1.1"
        assert bool(each.prior) == earlier or view.display_set is STRANGER
        patients = {case.view(other).display_set.first.patient for other in case.group(number)}  # type: ignore[union-attr]
        assert len(patients) == 1


@pytest.mark.parametrize("seed", range(6))
def test_no_order_of_commands_breaks_a_case(seed: int) -> None:
    case, dice = any_case(), random.Random(seed)
    case.screen_mm_per_px = 0.25
    names = sorted(COMMANDS)
    for _ in range(300):
        action = dice.random()
        number = dice.choice(case.shown)
        if action < 0.08:
            case.activate(number)
        elif action < 0.12:
            layout.put_set(case, number, dice.choice(list(case.sets)))
        elif action < 0.16:
            layout.swap(case, number, dice.choice(case.shown))
        elif action < 0.2:
            cycle.peek_begin(case) if case.peeking is None else cycle.peek_end(case, keep=dice.random() < 0.5)
        elif action < 0.24:
            view_tools.go_to(case, number, dice.randrange(-3, 30))
        else:
            command = COMMANDS[dice.choice(names)]
            command.why_not(case)
            command.run(case)
        assert_consistent(case)


def test_every_command_has_a_sentence_as_help_and_a_group() -> None:
    for command in COMMANDS.values():
        assert command.help.endswith(".") and "\n\n" not in command.help, command.name
        assert command.group and command.title, command.name


def test_keys_are_given_once() -> None:
    keys = [key for command in COMMANDS.values() for key in command.keys]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("next-image", "This series has a single image."),
        ("play", "This series has a single image."),
        ("play-faster", "No film plays in this tile; C starts one."),
        ("next-phase", "This series has no second phase, echo or b-value."),
        ("subtract", "This series has a single image and no mask."),
        ("mask-left", "Nothing is subtracted here; D does that."),
        ("next-presentation", "No presentation state of the study speaks of this series."),
        ("true-size", "The size of the screen is not known; it can be entered in the settings."),
        ("next-tile", "There is one tile only."),
        ("swap-with-next", "There is one tile only."),
        ("next-stage", "This protocol has one stage only."),
        ("next-series", "This study has one series only."),
        ("next-of-this-place", "No other series has the same planes at this place."),
        ("reset", "The view is as it was hung."),
        ("reset-window", "The window is as it was hung."),
        ("hang-as-planned", "The stage hangs as it was planned."),
        ("fewer-rows", "There is one row only."),
        ("link-all", "There is no second tile with images to link with."),
        ("link-here", "This tile is not linked; K links all."),
        ("crosshair-lines", "No tile on screen is a plane; the crosshair belongs to planes."),
    ],
)
def test_a_lonely_image_says_why_not(name: str, sentence: str) -> None:
    assert COMMANDS[name].why_not(beside(STUDY[3])) == sentence


def test_an_empty_tile_says_so() -> None:
    case = beside(STUDY[0])
    layout.set_layout(case, 1, 2)
    case.activate(1)
    for name in ("next-image", "invert", "fit", "auto-window", "turn", "move-left", "true-size", "reset", "play"):
        assert COMMANDS[name].why_not(case) == "This tile is empty."
        COMMANDS[name].run(case)


def test_the_ends_are_said() -> None:
    case = beside(STUDY[0])
    COMMANDS["last-image"].run(case)
    assert COMMANDS["next-image"].why_not(case) == "This is the last image."
    assert COMMANDS["previous-image"].why_not(case) == ""
    case = hung([tile(STUDY[0], orientation=Orientation.CORONAL)], sets=STUDY)
    COMMANDS["first-image"].run(case)
    assert COMMANDS["previous-image"].why_not(case) == "This is the edge of the volume."
    assert COMMANDS["next-image"].why_not(case) == ""


def test_true_size_is_one_mm_for_one_mm_and_refuses_without_calibration() -> None:
    case = beside(STUDY[0])
    case.screen_mm_per_px = 0.2
    COMMANDS["true-size"].run(case)
    assert case.tiles[0].framing.px_per_mm == pytest.approx(5.0)
    bare = stack("7", calibrated=False, placed=False)
    case = beside(bare)
    case.screen_mm_per_px = 0.2
    assert COMMANDS["true-size"].why_not(case) == "The image is not calibrated: no pixel spacing is given."
    COMMANDS["true-size"].run(case)
    assert case.tiles[0].framing.px_per_mm is None


def test_window_commands_work_on_whatever_window_is_in_force() -> None:
    case = beside(STUDY[0])
    COMMANDS["wider-window"].run(case)
    COMMANDS["darker"].run(case)
    display = case.tiles[0].display
    assert display.window is None
    assert (display.wider, display.brighter) == pytest.approx((1.1, -0.055))
    view_tools.set_window(case, 0, Window(40.0, 400.0))
    assert (case.tiles[0].display.wider, case.tiles[0].display.brighter) == (1.0, 0.0)
    COMMANDS["auto-window"].run(case)
    assert case.tiles[0].display.window == Spread(1.0, 99.0, 10)
    COMMANDS["turn"].run(case)
    COMMANDS["reset-window"].run(case)
    assert case.tiles[0].display.window is None
    assert case.tiles[0].framing.quarter_turns == 1


def test_go_to_an_image_in_stack_and_plane() -> None:
    case = hung([tile(STUDY[0]), tile(STUDY[0], orientation=Orientation.AXIAL)], sets=STUDY)
    assert view_tools.go_to(case, 0, 3)
    assert case.view(1).plane.center_lps[2] == pytest.approx(7.5)
    assert view_tools.go_to(case, 1, 99)
    assert case.tiles[0].image == 20
    assert not view_tools.go_to(case, 0, 99)
