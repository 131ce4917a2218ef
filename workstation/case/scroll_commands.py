"""Commands that go through images: steps, ends, films, phases, and the mask of angiography."""

import time
from dataclasses import replace

from workstation.case import cine, view_tools
from workstation.case import reasons as no
from workstation.case.command import command
from workstation.case.presentation import apply_presentation
from workstation.case.reasons import active_set
from workstation.case.state import Case

MASK_STEP_PX = 0.25


@command("Next image", "Down", "Right", group="Scroll", step=True, why_not=no.at_the_end)
def next_image(case: Case) -> None:
    """Scroll one image onwards in the active tile."""
    view_tools.scroll(case, case.active, 1)


@command("Previous image", "Up", "Left", group="Scroll", step=True, why_not=no.at_the_start)
def previous_image(case: Case) -> None:
    """Scroll one image back in the active tile."""
    view_tools.scroll(case, case.active, -1)


@command("Ten images on", "PgDown", group="Scroll", step=True, why_not=no.at_the_end)
def ten_images_on(case: Case) -> None:
    """Jump ten images onwards in the active tile."""
    view_tools.scroll(case, case.active, 10)


@command("Ten images back", "PgUp", group="Scroll", step=True, why_not=no.at_the_start)
def ten_images_back(case: Case) -> None:
    """Jump ten images back in the active tile."""
    view_tools.scroll(case, case.active, -10)


@command("First image", "Home", group="Scroll", step=True, why_not=no.at_the_start)
def first_image(case: Case) -> None:
    """Go to the first image of the active tile."""
    view_tools.scroll(case, case.active, -_images(case))


@command("Last image", "End", group="Scroll", step=True, why_not=no.at_the_end)
def last_image(case: Case) -> None:
    """Go to the last image of the active tile."""
    view_tools.scroll(case, case.active, _images(case))


def _images(case: Case) -> int:
    display_set = active_set(case)
    return 10 * max(display_set.pixels.Rows, display_set.pixels.Columns, len(display_set.images)) if display_set else 0


@command("Play or stop", "C", group="Scroll", why_not=no.no_film, found_by="cine film movie loop video")
def play(case: Case) -> None:
    """Play the active stack as a film, in the time its object gives, or stop."""
    cine.toggle(case, case.active, time.monotonic())


@command("Play faster", "]", group="Scroll", why_not=no.plays_not)
def play_faster(case: Case) -> None:
    """Double the speed of the film in the active tile."""
    cine.change_speed(case, case.active, 1, time.monotonic())


@command("Play slower", "[", group="Scroll", why_not=no.plays_not)
def play_slower(case: Case) -> None:
    """Halve the speed of the film in the active tile."""
    cine.change_speed(case, case.active, -1, time.monotonic())


@command("Next phase", ".", group="Scroll", why_not=no.no_phase)
def next_phase(case: Case) -> None:
    """Show the next time, echo or b-value of a series at the same place."""
    _other_phase(case, 1)


@command("Previous phase", ",", group="Scroll", why_not=no.no_phase)
def previous_phase(case: Case) -> None:
    """Show the previous time, echo or b-value of a series at the same place."""
    _other_phase(case, -1)


def _other_phase(case: Case, step: int) -> None:
    shown = active_set(case)
    group = shown.group if shown else None
    if group is None:
        return
    wanted = (group.index + step) % group.count
    for key, other in case.sets.items():
        if other.group is not None and (other.group.key, other.group.index) == (group.key, wanted):
            tile = case.tiles[case.active]
            layers = tuple(each for each in tile.layers if each.display_set != key)
            image = min(tile.image, len(other.images) - 1)
            case.put(case.active, replace(tile, display_set=key, image=image, layers=layers))


@command("Subtract the mask", "D", group="Angiography", why_not=no.no_subtraction)
def subtract(case: Case) -> None:
    """Show how the image differs from its mask (angiography), or the image again."""
    view_tools.subtract(case, case.active)


@command("Mask to the left", "Alt+Left", group="Angiography", why_not=no.no_mask)
def mask_left(case: Case) -> None:
    """Move the mask of a subtraction a quarter of a pixel to the left."""
    view_tools.shift_mask(case, case.active, 0.0, -MASK_STEP_PX)


@command("Mask to the right", "Alt+Right", group="Angiography", why_not=no.no_mask)
def mask_right(case: Case) -> None:
    """Move the mask of a subtraction a quarter of a pixel to the right."""
    view_tools.shift_mask(case, case.active, 0.0, MASK_STEP_PX)


@command("Mask up", "Alt+Up", group="Angiography", why_not=no.no_mask)
def mask_up(case: Case) -> None:
    """Move the mask of a subtraction a quarter of a pixel up."""
    view_tools.shift_mask(case, case.active, -MASK_STEP_PX, 0.0)


@command("Mask down", "Alt+Down", group="Angiography", why_not=no.no_mask)
def mask_down(case: Case) -> None:
    """Move the mask of a subtraction a quarter of a pixel down."""
    view_tools.shift_mask(case, case.active, MASK_STEP_PX, 0.0)


@command("Next presentation state", "E", group="Hanging", why_not=no.no_presentation)
def next_presentation(case: Case) -> None:
    """Show the image as the next presentation state of the study says, and after the last as it is."""
    display_set, tile = active_set(case), case.tiles[case.active]
    if display_set is None:
        return
    places = [(ref.instance.SOPInstanceUID, ref.frame) for ref in display_set.images]
    states = [each for each in case.presentations if any(each.covers(*place) for place in places)]
    shown = tile.display.presentation
    following = states.index(shown) + 1 if shown in states else 0
    if following < len(states):
        case.put(case.active, apply_presentation(tile, display_set, states[following]))
    elif shown is not None:
        view_tools.reset(case, case.active)
