"""What is done with the selected mark: confirmed, hidden, and shown in each tile that has its place."""

from tests.case.stacks import beside, stack
from tests.findings.made import finding
from workstation.case.commands import COMMANDS
from workstation.case.state import Case
from workstation.findings.finding import Kind, Status

MIDDLE = "1.9"


def marked(status: Status = Status.FROM_AI) -> Case:
    case = beside(stack("1", frame=MIDDLE), stack("2", frame=MIDDLE))
    place = case.sets[next(iter(case.sets))].image_grid(3).origin_lps
    case.marks.add(finding(Kind.PROBE, [place], frame_of_reference_uid=MIDDLE, status=status))
    case.marks.select("2.25.1")
    return case


def test_each_needs_a_selected_mark() -> None:
    case = beside(stack("1"))
    for name in ("confirm-the-mark", "hide-the-mark", "show-the-mark-in-all-tiles"):
        assert COMMANDS[name].why_not(case) == "No mark is selected; click one."
        COMMANDS[name].run(case)


def test_what_an_algorithm_found_is_confirmed_once() -> None:
    case = marked()
    COMMANDS["confirm-the-mark"].run(case)
    assert [each.status for each in case.marks] == [Status.CONFIRMED]
    assert COMMANDS["confirm-the-mark"].why_not(case) == "This mark is confirmed."
    case.marks.undo()
    assert [each.status for each in case.marks] == [Status.FROM_AI]


def test_it_is_hidden_and_shown_again() -> None:
    case = marked()
    COMMANDS["hide-the-mark"].run(case)
    assert case.marks.shown.findings == () and len(case.marks) == 1
    COMMANDS["hide-the-mark"].run(case)
    assert len(case.marks.shown.findings) == 1


def test_every_tile_with_its_place_goes_there() -> None:
    case = marked()
    assert COMMANDS["show-the-mark-in-all-tiles"].why_not(case) == ""
    COMMANDS["show-the-mark-in-all-tiles"].run(case)
    assert [case.view(number).image for number in case.shown] == [3, 3]
