"""Commands that change how values become light: windows, inversion, palettes."""

from workstation.case import reasons as no
from workstation.case import view_tools
from workstation.case.command import command
from workstation.case.state import Case
from workstation.imaging.palettes import PALETTES
from workstation.imaging.view import Spread

WIDER = 1.1
BRIGHTER = 0.05
"""Of the width on screen."""

AUTO_PERCENTILES = (1.0, 99.0)


@command("Window as stored", "0", group="Window", why_not=no.no_grey)
def window_as_stored(case: Case) -> None:
    """Give the active tile the window its image brings."""
    view_tools.set_window(case, case.active, None)


@command("Next own window", "W", group="Window", why_not=no.no_grey)
def next_own_window(case: Case) -> None:
    """Step through the windows and tables that the image itself brings."""
    shown = case.tiles[case.active].display.window
    view_tools.set_window(case, case.active, shown + 1 if isinstance(shown, int) else 1)


@command("Window to the image", "A", group="Window", why_not=no.no_grey)
def auto_window(case: Case) -> None:
    """Fit the window to the values of the image on screen, without the darkest and the brightest hundredth."""
    low, high = AUTO_PERCENTILES
    view_tools.set_window(case, case.active, Spread(low, high, case.view(case.active).image))


@command("Wider window", "Shift+Right", group="Window", why_not=no.no_grey)
def wider_window(case: Case) -> None:
    """Make the window a tenth wider: less contrast."""
    view_tools.adjust_window(case, case.active, wider=WIDER)


@command("Narrower window", "Shift+Left", group="Window", why_not=no.no_grey)
def narrower_window(case: Case) -> None:
    """Make the window a tenth narrower: more contrast."""
    view_tools.adjust_window(case, case.active, wider=1 / WIDER)


@command("Brighter", "Shift+Down", group="Window", why_not=no.no_grey)
def brighter(case: Case) -> None:
    """Lower the level of the window by a twentieth of its width, as dragging downwards does."""
    view_tools.adjust_window(case, case.active, brighter=BRIGHTER)


@command("Darker", "Shift+Up", group="Window", why_not=no.no_grey)
def darker(case: Case) -> None:
    """Raise the level of the window by a twentieth of its width, as dragging upwards does."""
    view_tools.adjust_window(case, case.active, brighter=-BRIGHTER)


@command("Window as hung", "Shift+W", group="Window", why_not=no.window_is_as_hung)
def reset_window(case: Case) -> None:
    """Bring window, inversion and palette back to how they were hung; the place stays."""
    view_tools.reset_window(case, case.active)


@command("Next palette", "L", group="Window", why_not=no.no_grey, found_by="colour color map lut hot iron")
def next_palette(case: Case) -> None:
    """Colour the grey levels of the active tile with the next palette, and after the last with none."""
    view_tools.next_palette(case, case.active, PALETTES)


@command("Invert", "I", group="Window", why_not=no.no_image, found_by="negative inverse reverse")
def invert(case: Case) -> None:
    """Swap black and white in the active tile."""
    view_tools.invert(case, case.active)
