"""Commands that measure and mark: the tools, and what is done with the marks there are."""

from dataclasses import replace
from typing import Final

from workstation.case import cutting
from workstation.case import reasons as no
from workstation.case.calibrating import recalibrated, taken_away
from workstation.case.command import command
from workstation.case.drawing import ERASER
from workstation.case.drawing_show import jump_to
from workstation.case.drawing_tools import calibrations, ground, shifted, valued
from workstation.case.state import Case
from workstation.case.volume_commands import not_3d
from workstation.findings.finding import WORKED_OUT, Kind
from workstation.findings.scale import brings_calibration
from workstation.imaging.view import on_screen

GROUP: Final = "Measuring"

TOOLS: Final = {
    Kind.LENGTH: ("Length", "U", "Measure a length: press and drag, or click both ends."),
    Kind.BIDIRECTIONAL: ("Bidirectional", "B", "Measure the longest axis, then the one square to it, in two drags."),
    Kind.ANGLE: ("Angle", "Shift+A", "Measure an angle: one end, the vertex, the other end."),
    Kind.COBB: ("Cobb angle", "Shift+O", "Measure the angle between two lines, drawn one after the other."),
    Kind.ELLIPSE: ("Ellipse", "Shift+E", "Measure the values inside an ellipse: drag from corner to corner."),
    Kind.RECTANGLE: ("Rectangle", "Shift+S", "Measure the values inside a rectangle: drag from corner to corner."),
    Kind.FREEHAND: ("Outline by hand", "Shift+F", "Measure the values inside an outline: drag round it."),
    Kind.POLYLINE: ("Polyline", "Shift+P", "Measure along a line: click its points; a double click ends it."),
    Kind.PROBE: ("Probe", "Shift+V", "Read the stored value of one voxel: click it."),
    Kind.ARROW: ("Arrow", "Shift+H", "Point at something: press where it points and drag away."),
    Kind.TEXT: ("Text", "Shift+N", "Write something on the image: click where, then type."),
    Kind.POINT_TO_LINE: ("Point to line", "Shift+D", "Measure from a line, drawn first, to a point."),
    Kind.CARDIOTHORACIC: ("Cardiothoracic ratio", "Shift+U", "Divide the width of the heart by that of the chest."),
    Kind.STEP_OFF: ("Step-off", "Shift+B", "Measure how far a second line lies off the first, as in a joint."),
    Kind.LEG_AXIS: ("Leg axis", "Shift+L", "Measure the axis of a leg: middle of hip, knee and ankle."),
    Kind.CALIBRATION: ("Calibrate", "Shift+Z", "Draw a line of known length and type its millimetres."),
    Kind.SPINE_LABEL: (
        "Label the spine",
        "Alt+J",
        "Name a vertebra: click it and type its name; each click above or below it names the next one.",
    ),
    Kind.TRAJECTORY: (
        "Trajectory",
        "Alt+U",
        "Plan a straight way: click its entry, then its target, in 3D or in any plane.",
    ),
    Kind.SURFACE: (
        "Distance on the surface",
        "Ctrl+Alt+Shift+U",
        "Measure along a surface in 3D: click two places on it; the straight distance is told too.",
    ),
}
"""Title, key and help of the tool of each kind."""

STAYS: Final = frozenset((Kind.SPINE_LABEL,))
"""The tool of these stays in hand after each mark, until Esc."""

OTHER_WORDS = {
    Kind.LENGTH: "measure measurement ruler distance caliper calliper diameter size",
    Kind.SPINE_LABEL: "vertebra vertebrae level labelling labeling lumbar thoracic cervical",
    Kind.TRAJECTORY: "needle biopsy path puncture access screw 3d entry target depth",
    Kind.SURFACE: "3d geodesic length measure measurement along skin organ curved tape",
}
"""What else a tool is called."""


def _tool(kind: Kind, title: str, key: str, text: str) -> None:
    def take(case: Case) -> None:
        case.marks.take(kind.value)

    take.__name__ = f"draw_{kind.value.replace('-', '_')}"
    take.__doc__ = text if kind in STAYS else f"{text} The key again: the tool stays until Esc."
    why_not = {Kind.CALIBRATION: _calibrated, Kind.SURFACE: not_3d}.get(kind, no.no_image)
    found_by = OTHER_WORDS.get(kind, "")
    command(title, key, group=GROUP, why_not=why_not, permission="measure", found_by=found_by)(take)


def _calibrated(case: Case) -> str:
    view = case.view(case.active)
    found = ground(view)
    if found is None or view.display_set is None:
        return no.EMPTY
    if found.frame_of_reference_uid:
        return "This image lies in the patient: its millimetres are known."
    return "This image brings its own calibration." if brings_calibration(view.display_set.images[view.image]) else ""


for _kind, _words in TOOLS.items():
    _tool(_kind, *_words)


@command("Eraser", "Shift+Del", group=GROUP, why_not=no.no_image, permission="measure")
def erase_marks(case: Case) -> None:
    """Remove the mark that is clicked. The key again: the tool stays until Esc."""
    case.marks.take(ERASER)


def _none_selected(case: Case) -> str:
    return "" if case.marks.find(case.marks.selected) else "No mark is selected; click one."


def _no_marks(case: Case) -> str:
    return "" if len(case.marks) else "There are no marks yet."


@command("Delete the mark", "Del", group=GROUP, why_not=_none_selected, permission="measure")
def delete_mark(case: Case) -> None:
    """Remove the selected mark; undo brings it back."""
    taken_away(case, case.marks.selected)


def _nothing_to_undo(case: Case) -> str:
    if cutting.can_undo(case) or (case.steps_beside is not None and case.steps_beside.history.can_undo):
        return ""
    return "" if case.marks.can_undo or case.curve.is_newest else "There is nothing to undo."


def _nothing_to_redo(case: Case) -> str:
    if cutting.can_redo(case) or (case.steps_beside is not None and case.steps_beside.history.can_redo):
        return ""
    return "" if case.marks.can_redo or case.curve.is_next else "There is nothing to redo."


@command("Undo", "Ctrl+Z", group=GROUP, why_not=_nothing_to_undo, permission="measure")
def undo(case: Case) -> None:
    """Take back the last change: of a mark, the curve on screen, a cut in 3D or an SUV input; back to the opening."""
    drawn, beside = case.curve if case.curve.is_newest else case.marks, case.steps_beside
    if beside is not None and beside.history.made > max(cutting.made(case), drawn.history.made):
        beside.undo()
    elif cutting.made(case) > drawn.history.made:
        cutting.undo(case, case.active)
    else:
        drawn.undo()


@command("Redo", "Ctrl+Shift+Z", "Ctrl+Y", group=GROUP, why_not=_nothing_to_redo, permission="measure")
def redo(case: Case) -> None:
    """Do again what was taken back."""
    drawn, beside = case.curve if case.curve.is_next else case.marks, case.steps_beside
    cut = cutting.taken_back(case)
    back = beside.history.taken_back if beside is not None else 0
    if beside is not None and back and not any(0 < each < back for each in (cut, drawn.history.taken_back)):
        beside.redo()
    elif cut and not 0 < drawn.history.taken_back < cut:
        cutting.redo(case, case.active)
    else:
        drawn.redo()


def _nothing_to_hide(case: Case) -> str:
    return "" if case.marks.segments else _no_marks(case)


@command("Hide marks", "Shift+G", group=GROUP, why_not=_nothing_to_hide)
def hide_marks(case: Case) -> None:
    """Hide all marks and segments, or show them again; a tool shows them too."""
    case.marks.hide(not case.marks.hidden)


@command("Next mark", "Shift+PgDown", group=GROUP, why_not=_no_marks)
def next_mark(case: Case) -> None:
    """Select the next mark in the order of their numbers, and go to where it is."""
    _step(case, 1)


@command("Previous mark", "Shift+PgUp", group=GROUP, why_not=_no_marks)
def previous_mark(case: Case) -> None:
    """Select the mark before in the order of their numbers, and go to where it is."""
    _step(case, -1)


def _step(case: Case, step: int) -> None:
    """Round the end; from none to the first, or to the last."""
    ordered = sorted(case.marks, key=lambda each: each.number)
    if not ordered:
        return
    uids = [each.tracking_uid for each in ordered]
    at = uids.index(case.marks.selected) if case.marks.selected in uids else (-1 if step > 0 else len(uids))
    jump_to(case, ordered[(at + step) % len(ordered)])


@command("Nudge right", "Ctrl+Alt+Right", group=GROUP, why_not=_none_selected, permission="measure")
def nudge_right(case: Case) -> None:
    """Move the selected mark by one pixel of the image; Right alone does so while a mark is selected."""
    nudge(case, 1, 0)


@command("Nudge left", "Ctrl+Alt+Left", group=GROUP, why_not=_none_selected, permission="measure")
def nudge_left(case: Case) -> None:
    """Move the selected mark by one pixel of the image; Left alone does so while a mark is selected."""
    nudge(case, -1, 0)


@command("Nudge up", "Ctrl+Alt+Up", group=GROUP, why_not=_none_selected, permission="measure")
def nudge_up(case: Case) -> None:
    """Move the selected mark by one pixel of the image; Up alone does so while a mark is selected."""
    nudge(case, 0, -1)


@command("Nudge down", "Ctrl+Alt+Down", group=GROUP, why_not=_none_selected, permission="measure")
def nudge_down(case: Case) -> None:
    """Move the selected mark by one pixel of the image; Down alone does so while a mark is selected."""
    nudge(case, 0, 1)


def nudge(case: Case, right: int, down: int) -> None:
    """Move the selected mark by so many pixels of the image, in directions of the screen."""
    view, found = case.view(case.active), case.marks.find(case.marks.selected)
    under = ground(view)
    off_images = view.tile.scene is not None or view.tile.turning is not None
    if found is None or under is None or found.kind in WORKED_OUT or off_images:
        return
    across, along = on_screen(view.plane, view.tile.framing)
    step = min(view.plane.pixel_mm)
    by = tuple(step * (right * a + down * b) for a, b in zip(across, along, strict=True))
    points = under.kept(shifted(under.spread(found.points), (by[0], by[1], by[2])))
    label = found.label and under.kept(shifted(under.spread((found.label,)), (by[0], by[1], by[2])))[0]
    moved = replace(found, points=points, label=label)
    told = valued(moved, case.sets, calibrations(case.marks, case.sets), case.marks.segments)
    case.marks.change(told, *recalibrated(case, told))
