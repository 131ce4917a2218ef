"""What a person can do to the case on screen: each command a short function with a key and its help."""

import time
from dataclasses import replace

from workstation.case import cine, view_tools
from workstation.case.command import COMMANDS as COMMANDS
from workstation.case.command import command
from workstation.case.presentation import apply_presentation
from workstation.case.state import Case, Tile
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.palettes import PALETTES
from workstation.imaging.view import Interpolation

MASK_STEP_PX = 0.25


@command("Next image", "Down", "Right", group="Scroll", step=True)
def next_image(case: Case) -> None:
    """Scroll one image onwards in the active tile."""
    view_tools.scroll(case, case.active, 1)


@command("Previous image", "Up", "Left", group="Scroll", step=True)
def previous_image(case: Case) -> None:
    """Scroll one image back in the active tile."""
    view_tools.scroll(case, case.active, -1)


@command("Ten images on", "PgDown", group="Scroll", step=True)
def ten_images_on(case: Case) -> None:
    """Jump ten images onwards in the active tile."""
    view_tools.scroll(case, case.active, 10)


@command("Ten images back", "PgUp", group="Scroll", step=True)
def ten_images_back(case: Case) -> None:
    """Jump ten images back in the active tile."""
    view_tools.scroll(case, case.active, -10)


@command("First image", "Home", group="Scroll", step=True)
def first_image(case: Case) -> None:
    """Go to the first image of the active tile."""
    view_tools.scroll(case, case.active, -_images(case))


@command("Last image", "End", group="Scroll", step=True)
def last_image(case: Case) -> None:
    """Go to the last image of the active tile."""
    view_tools.scroll(case, case.active, _images(case))


def _images(case: Case) -> int:
    display_set = active_set(case)
    return 10 * max(display_set.pixels.Rows, display_set.pixels.Columns, len(display_set.images)) if display_set else 0


@command("Window as stored", "0", group="Window")
def window_as_stored(case: Case) -> None:
    """Give the active tile the window its image brings."""
    view_tools.set_window(case, case.active, None)


@command("Next own window", "W", group="Window")
def next_own_window(case: Case) -> None:
    """Step through the windows and tables that the image itself brings."""
    shown = case.tiles[case.active].display.window
    view_tools.set_window(case, case.active, shown + 1 if isinstance(shown, int) else 1)


@command("Next palette", "L", group="Window")
def next_palette(case: Case) -> None:
    """Colour the grey levels of the active tile with the next palette, and after the last with none."""
    view_tools.next_palette(case, case.active, PALETTES)


@command("Overlays", "G")
def overlays(case: Case) -> None:
    """Hide or show the overlay planes that the image brings."""
    view_tools.toggle_overlays(case, case.active)


@command("Subtract the mask", "D", group="Angiography")
def subtract(case: Case) -> None:
    """Show how the image differs from its mask (angiography), or the image again."""
    view_tools.subtract(case, case.active)


@command("Mask to the left", "Alt+Left", group="Angiography")
def mask_left(case: Case) -> None:
    """Move the mask of a subtraction a quarter of a pixel to the left."""
    view_tools.shift_mask(case, case.active, 0.0, -MASK_STEP_PX)


@command("Mask to the right", "Alt+Right", group="Angiography")
def mask_right(case: Case) -> None:
    """Move the mask of a subtraction a quarter of a pixel to the right."""
    view_tools.shift_mask(case, case.active, 0.0, MASK_STEP_PX)


@command("Mask up", "Alt+Up", group="Angiography")
def mask_up(case: Case) -> None:
    """Move the mask of a subtraction a quarter of a pixel up."""
    view_tools.shift_mask(case, case.active, -MASK_STEP_PX, 0.0)


@command("Mask down", "Alt+Down", group="Angiography")
def mask_down(case: Case) -> None:
    """Move the mask of a subtraction a quarter of a pixel down."""
    view_tools.shift_mask(case, case.active, MASK_STEP_PX, 0.0)


@command("Next presentation state", "E", group="Hanging")
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


@command("Play or stop", "C", group="Scroll")
def play(case: Case) -> None:
    """Play the active stack as a film, in the time its object gives, or stop."""
    cine.toggle(case, case.active, time.monotonic())


@command("Play faster", "]", group="Scroll")
def play_faster(case: Case) -> None:
    """Double the speed of the film in the active tile."""
    cine.change_speed(case, case.active, 1, time.monotonic())


@command("Play slower", "[", group="Scroll")
def play_slower(case: Case) -> None:
    """Halve the speed of the film in the active tile."""
    cine.change_speed(case, case.active, -1, time.monotonic())


@command("Next phase", ".", group="Scroll")
def next_phase(case: Case) -> None:
    """Show the next time, echo or b-value of a series at the same place."""
    _other_phase(case, 1)


@command("Previous phase", ",", group="Scroll")
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
            case.put(case.active, replace(tile, display_set=key, image=min(tile.image, len(other.images) - 1)))


@command("Invert", "I", group="Window")
def invert(case: Case) -> None:
    """Swap black and white in the active tile."""
    view_tools.invert(case, case.active)


@command("Fit", "F")
def fit(case: Case) -> None:
    """Fit the whole image into the active tile."""
    view_tools.fit(case, case.active)


@command("1:1", "O")
def one_to_one(case: Case) -> None:
    """Show one image pixel on one pixel of the screen."""
    view_tools.one_to_one(case, case.active)


@command("Turn", "R")
def turn(case: Case) -> None:
    """Turn the active tile a quarter clockwise."""
    view_tools.turn(case, case.active)


@command("Mirror", "H")
def mirror(case: Case) -> None:
    """Mirror left and right in the active tile; the letters follow."""
    view_tools.mirror(case, case.active)


@command("Smooth or exact pixels", "S")
def interpolation(case: Case) -> None:
    """Switch between smooth interpolation and the stored pixels as squares."""
    view_tools.toggle_interpolation(case, case.active, (Interpolation.LINEAR, Interpolation.NEAREST))


@command("Reset view", "Backspace")
def reset(case: Case) -> None:
    """Bring the active tile back to how it was hung."""
    view_tools.reset(case, case.active)


@command("Next tile", "Tab", group="Hanging")
def next_tile(case: Case) -> None:
    """Make the next tile the active one."""
    _activate_neighbour(case, 1)


@command("Previous tile", "Shift+Tab", group="Hanging")
def previous_tile(case: Case) -> None:
    """Make the previous tile the active one."""
    _activate_neighbour(case, -1)


def _activate_neighbour(case: Case, step: int) -> None:
    shown = case.shown
    if case.active in shown:
        case.activate(shown[(shown.index(case.active) + step) % len(shown)])


@command("Maximise", "M", "Return", group="Hanging")
def maximise(case: Case) -> None:
    """Show the active tile alone, or all tiles again."""
    case.maximise(None if case.maximised is not None else case.active)


@command("Next stage", "Space", group="Hanging")
def next_stage(case: Case) -> None:
    """Hang the next stage of the protocol."""
    case.hang_stage((case.stage + 1) % len(case.plan.stages))


@command("Previous stage", "Shift+Space", group="Hanging")
def previous_stage(case: Case) -> None:
    """Hang the previous stage of the protocol."""
    case.hang_stage((case.stage - 1) % len(case.plan.stages))


@command("Next series", "N", group="Hanging")
def next_series(case: Case) -> None:
    """Show the next series in the active tile."""
    _other_series(case, 1)


@command("Previous series", "P", group="Hanging")
def previous_series(case: Case) -> None:
    """Show the previous series in the active tile."""
    _other_series(case, -1)


def _other_series(case: Case, step: int) -> None:
    keys = list(case.sets)
    shown = case.tiles[case.active].display_set
    if keys:
        start = keys.index(shown) if shown in keys else -step
        show_set(case, case.active, keys[(start + step) % len(keys)])


def show_set(case: Case, number: int, key: str) -> None:
    """Show a display set as a stack in a tile."""
    display_set = case.sets[key]
    case.put(number, Tile(key, None, len(display_set.images) // 2))


def active_set(case: Case) -> DisplaySet | None:
    """The display set of the active tile."""
    key = case.tiles[case.active].display_set if case.tiles else None
    return case.sets[key] if key else None
