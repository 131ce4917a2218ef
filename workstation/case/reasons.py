"""Why a command can do nothing now: one sentence each, empty when it can. Cheap: a palette asks all of them at once."""

from collections.abc import Callable

from workstation.case import cycle, layout, view_tools
from workstation.case.state import Case, Share
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.together import same_patient

Reason = Callable[[Case], str]

EMPTY = "This tile is empty."


def active_set(case: Case) -> DisplaySet | None:
    """The display set of the active tile."""
    key = case.tiles[case.active].display_set if case.active < len(case.tiles) else None
    return case.sets[key] if key else None


def first_of(*reasons: Reason) -> Reason:
    """The first reason there is."""

    def why_not(case: Case) -> str:
        return next((sentence for each in reasons if (sentence := each(case))), "")

    return why_not


def no_image(case: Case) -> str:
    return "" if active_set(case) else EMPTY


def _reads(wanted: Callable[[Case, DisplaySet], str]) -> Reason:
    """A reason asked of the active tile's set, where there is one."""

    def why_not(case: Case) -> str:
        display_set = active_set(case)
        return wanted(case, display_set) if display_set else EMPTY

    return why_not


@_reads
def at_the_end(case: Case, display_set: DisplaySet) -> str:
    """There is no image after the one on screen."""
    return _no_step(case, display_set, 1, "last")


@_reads
def at_the_start(case: Case, display_set: DisplaySet) -> str:
    """There is no image before the one on screen."""
    return _no_step(case, display_set, -1, "first")


def _no_step(case: Case, display_set: DisplaySet, step: int, word: str) -> str:
    if view_tools.can_scroll(case, case.active, step):
        return ""
    if _is_plane(case):
        return "This is the edge of the volume."
    return f"This is the {word} image." if len(display_set.images) > 1 else "This series has a single image."


def _is_plane(case: Case) -> bool:
    return case.tiles[case.active].orientation is not None


@_reads
def no_film(case: Case, display_set: DisplaySet) -> str:
    if _is_plane(case):
        return "A reformatted plane does not play; its stack does."
    return "This series has a single image." if len(display_set.images) == 1 else ""


def plays_not(case: Case) -> str:
    return "" if case.active in case.playing else "No film plays in this tile; C starts one."


@_reads
def no_phase(case: Case, display_set: DisplaySet) -> str:
    return "" if display_set.group is not None else "This series has no second phase, echo or b-value."


@_reads
def no_grey(case: Case, display_set: DisplaySet) -> str:
    return "This image is in colour; it has no window." if is_colour(display_set) else ""


def is_colour(display_set: DisplaySet) -> bool:
    return display_set.pixels.SamplesPerPixel > 1 or display_set.pixels.PhotometricInterpretation == "PALETTE COLOR"


@_reads
def no_subtraction(case: Case, display_set: DisplaySet) -> str:
    if is_colour(display_set):
        return "Images in colour are not subtracted."
    if _is_plane(case):
        return "A reformatted plane is not subtracted; its stack is."
    return "This series has a single image and no mask." if len(display_set.images) == 1 else ""


def no_mask(case: Case) -> str:
    subtracted = case.active < len(case.tiles) and case.tiles[case.active].display.subtracted
    return "" if subtracted else "Nothing is subtracted here; D does that."


@_reads
def no_presentation(case: Case, display_set: DisplaySet) -> str:
    places = [(ref.instance.SOPInstanceUID, ref.frame) for ref in display_set.images] if case.presentations else []
    covered = any(each.covers(*place) for each in case.presentations for place in places)
    return "" if covered else "No presentation state of the study speaks of this series."


@_reads
def no_true_size(case: Case, display_set: DisplaySet) -> str:
    if not display_set.spacing_is_known:
        return "The image is not calibrated: no pixel spacing is given."
    return "" if case.screen_mm_per_px else "The size of the screen is not known; it can be entered in the settings."


def nothing_changed(case: Case) -> str:
    if active_set(case) is None:
        return EMPTY
    changed = any(case.tiles[each] != case.as_hung(each) for each in case.linked(case.active))
    changed = changed or layout.planes_are_moved(case, case.active)
    return "" if changed else "The view is as it was hung."


def window_is_as_hung(case: Case) -> str:
    if active_set(case) is None:
        return EMPTY
    changed = any(case.tiles[each].display != case.as_hung(each).display for each in case.alike(case.active))
    return "" if changed else "The window is as it was hung."


def no_second_tile(case: Case) -> str:
    return "" if len(case.shown) > 1 else "There is one tile only."


def no_second_stage(case: Case) -> str:
    return "" if len(case.plan.stages) > 1 else "This protocol has one stage only."


def no_second_series(case: Case) -> str:
    return "" if len(case.sets) > 1 else "This study has one series only."


def no_series_of_this_place(case: Case) -> str:
    if active_set(case) is None:
        return EMPTY
    alike = len(cycle.candidates(case, case.active)) > 1
    return "" if alike else "No other series has the same planes at this place."


def as_planned(case: Case) -> str:
    return "The stage hangs as it was planned." if layout.is_as_planned(case) else ""


def nothing_to_link(case: Case) -> str:
    filled = [case.sets[key] for number in case.shown if (key := case.tiles[number].display_set)]
    if len(filled) < 2:
        return "There is no second tile with images to link with."
    first = active_set(case) or filled[0]
    others = [each for each in filled if each is not first]
    if others and not any(same_patient(first, each) for each in others):
        return "The other tiles show another patient; nothing is linked across patients."
    return ""


def not_linked(case: Case) -> str:
    if active_set(case) is None:
        return EMPTY
    return "" if len(case.group(case.active)) > 1 else "This tile is not linked; K links all."


def scrolls_alone(case: Case) -> str:
    return "" if Share.SCROLL in case.shared(case.active) else "Linked tiles do not scroll together now; Alt+S."


@_reads
def no_frame(case: Case, display_set: DisplaySet) -> str:
    return "" if display_set.first.FrameOfReferenceUID else "This series names no frame of reference."


def no_plane(case: Case) -> str:
    return "" if case.crosshair_is_shown() else "No tile on screen is a plane; the crosshair belongs to planes."


@_reads
def no_volume(case: Case, display_set: DisplaySet) -> str:
    """The series cannot be cut in other planes."""
    if display_set.lattice is not None:
        return ""
    reason = display_set.no_volume.value if display_set.no_volume else "it is no volume"
    return f"This series has no other planes: {reason}."


@_reads
def not_a_plane(case: Case, display_set: DisplaySet) -> str:
    """The active tile shows stored images."""
    return "" if _is_plane(case) else "This tile shows stored images; Alt+M shows planes of them."


def not_turned(case: Case) -> str:
    """The planes lie along the volume's axes."""
    if sentence := not_a_plane(case):
        return sentence
    turned = case.space_of(case.tiles[case.active]) in case.triads
    return "" if turned else "The planes lie as the scanner laid them; Backspace resets thickness and crosshair."
