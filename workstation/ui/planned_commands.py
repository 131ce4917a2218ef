"""Commands that measure between segments and at the clip plane of 3D. Described as the commands of the case are."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from workstation.case.command import Command, Where
from workstation.case.state import Case
from workstation.ui.planned_desk import (
    clip_plane_of,
    lines_to_cut_along,
    place_that_stays,
    segment_to_cut,
    set_of,
    two_shown,
)

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

PLANNED_COMMANDS: dict[str, Command] = {}
GROUP: Final = "Measuring"

WindowFunction = Callable[["MainWindow"], None]


def _command(
    title: str, key: str, why_not: Callable[[Case], str], found_by: str
) -> Callable[[WindowFunction], WindowFunction]:
    def stands_against(window: Any) -> str:
        case = window.reading.case
        if case is None or not case.tiles:
            return "No study with images is open."
        return "" if window.reading.planned.is_busy else why_not(case)

    def register(function: WindowFunction) -> WindowFunction:
        name = function.__name__.replace("_", "-")
        text = (function.__doc__ or "").strip()
        PLANNED_COMMANDS[name] = Command(
            name,
            title,
            (key,),
            function,
            text,
            GROUP,
            Where.READING,
            permission="measure",
            why_not=stands_against,
            found_by=found_by,
        )
        return function

    return register


def _no_pair(case: Case) -> str:
    pair = two_shown(case)
    if pair is None:
        return "Show just the two segments whose margin it shall be, and hide the others."
    one, other = pair
    if one.frame_of_reference_uid != other.frame_of_reference_uid:
        return "These segments lie in two spaces: nothing tells how far apart they are."
    return "" if set_of(case, one) is not None else "The series of these segments is not open."


def _no_segment(case: Case) -> str:
    segment = segment_to_cut(case)
    if segment is None:
        return "There is no segment to cut; Ctrl+B paints one."
    return "" if set_of(case, segment) is not None else "The series of this segment is not open."


def _no_curved_cut(case: Case) -> str:
    segment = segment_to_cut(case)
    if segment is None or _no_segment(case):
        return _no_segment(case)
    if len(lines_to_cut_along(case, segment)) < 2:
        return "Draw the cut as open lines on two images or more, and hide other lines: Shift+P draws one."
    if place_that_stays(case, segment) is None:
        return "Put the crosshair into the part of the segment that stays."
    return ""


def _no_cut(case: Case) -> str:
    if sentence := _no_segment(case):
        return sentence
    return "" if clip_plane_of(case) is not None else "No clip plane cuts it: F8 shows 3D, Ctrl+Alt+0 the plane."


@_command("Margin between two segments", "Alt+I", _no_pair, "distance gap tumour vessel resection minimum")
def margin_between_segments(window: "MainWindow") -> None:
    """Measure the least distance between the two segments that are shown, and mark where it is."""
    window.reading.planned.measure_margin()


@_command("Remnant behind the clip plane", "Alt+Q", _no_cut, "resection liver volume kept future ml kg FLR")
def remnant_of_the_segment(window: "MainWindow") -> None:
    """Measure what the clip plane leaves of the segment in hand: ml, share, and ml per kg where the weight is known."""
    window.reading.planned.measure_remnant()


@_command(
    "Remnant behind a curved cut", "Alt+Shift+Q", _no_curved_cut, "resection liver volume kept lines drawn ml kg FLR"
)
def remnant_behind_lines(window: "MainWindow") -> None:
    """Measure what a smooth cut through the drawn lines leaves of the segment in hand, where the crosshair lies."""
    window.reading.planned.measure_curved_remnant()
