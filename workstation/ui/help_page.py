"""The keyboard and mouse help: made from the commands themselves, so that it cannot be wrong about them."""

import html

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from workstation.imaging.presets import presets
from workstation.ui.keys import DRAGS, WHEELS, Bound, Mouse
from workstation.ui.theme import label
from workstation.ui.window_commands import all_commands

GESTURES = (
    ("Shift + wheel", "Go along the second axis of a series: the next time, echo or b-value at the same place."),
    ("Left click", "Beside planes: put the crosshair here; all planes follow."),
    ("Left drag on the crosshair's middle", "Move the crosshair."),
    ("Left drag on another plane's line", "Move that plane; its ring turns both others, with Shift that one alone."),
    ("Left drag on the bars beside it", "Pull its faces apart: the plane becomes a slab."),
    ("Alt + wheel", "Make the plane thicker or thinner."),
    (
        "Left drag on the curve",
        "Move its point, or pull the line itself to a new one; Shift and a click takes one away.",
    ),
    ("Left drag with a tool", "Make one mark; a click places each point too, a double click ends a polyline."),
    ("Left drag on a mark", "Move it, its handle or its label; a click selects it, then arrows nudge it."),
    ("Shift + left drag", "Scroll quickly: downwards onwards."),
    ("Ctrl + left drag", "Move the image."),
    ("Alt + left drag onto another tile", "Swap the two tiles."),
    ("Right click", "Open what fits the tile: series, windows, commands."),
    ("Double click", "Show this tile alone, or all again."),
    ("Click in the series strip", "Show that series in the active tile."),
    ("Drag from the series strip", "Show that series in the tile under it."),
)

SEGMENT_GESTURES = (
    ("Left drag with a brush", "Paint or wipe the segment in hand, in the tile under the pointer; all planes follow."),
    ("Shift + wheel with a brush", "Make it larger or smaller, over any tile."),
    ("Shift + wheel, region growing", "Widen or narrow its tolerance; the range it takes stands at the pointer."),
    ("Left press, region growing", "Show what is like that voxel; a drag to the right widens it, letting go takes it."),
    ("Left drag, threshold", "To the right the lower end of the range rises, upwards the upper; a click takes it."),
    ("Left drag in a sphere", "From its middle: what of the sphere a threshold or an isocontour takes."),
    ("Left drag, limit", "A box or an outline that all tools but scissors stay within; a click takes it away."),
    ("Keys in the list of segments", "Up and Down choose, F2 names, Space on a number shows or hides, Del deletes."),
)
"""What the mouse and the list do while a tool of segments is in hand; its keys stand among the commands."""


VOLUME_GESTURES = (
    ("Left drag", "Turn the volume; where a button windows or scrolls on images, it turns here."),
    ("Shift + left drag", "Turn it in the plane of the screen."),
    ("Ctrl + left drag", "Move it."),
    ("Wheel", "Zoom about the pointer."),
    ("Left click", "Put the crosshair on what is seen first there; all planes follow."),
    ("Left drag on a ring of the crop box", "Move that face of the box."),
    ("Left drag on the clip plane's rings", "The one in the plane moves it, the tip of its arrow tips it."),
    ("In the chart of opacity", "Drag a point; a double click adds one, the right button takes it away."),
)
"""What the mouse does in a 3D tile; its keys stand among the commands."""


LAYER_GESTURES = (
    ("Left drag on a colour bar", "Above moves the upper end of its window, below the lower one, between them both."),
    ("Wheel on a colour bar", "Mix more or less of the layer in."),
    ("Left drag on the edge of a swipe", "Move it: the layer is to its right."),
    ("Pointer over a fused tile", "Below the colour bars stands what is stored there, in each series."),
)
"""What the mouse does where series lie over each other."""


REGISTRATION_GESTURES = (
    ("Left drag, moving by mouse", "Push the moving images, in the tile of either; all of a drag is one step."),
    ("Shift + left drag, the same", "Turn them about the middle of what is seen, as the hand goes round it."),
    ("Left click, placing landmarks", "A place in the fixed images, then the same place in the moving ones."),
    ("Arrows in the panel", "Nudge them in the active tile, with Shift further, with Ctrl less; Home and End turn."),
)
"""What the mouse does while a registration is moved by mouse or landmarks are placed; both are in its panel."""


def mouse_rows(mouse: Mouse) -> list[tuple[str, str]]:
    """What the mouse does under a preset."""
    wheel, other = WHEELS[mouse.wheel], WHEELS["zoom" if mouse.wheel == "scroll" else "scroll"]
    drags = (("Left drag", mouse.left), ("Middle drag", mouse.middle), ("Right drag", mouse.right))
    rows = [("Wheel", wheel), ("Ctrl + wheel", other), *((name, DRAGS[does]) for name, does in drags)]
    return [(name, f"{what[0].upper()}{what[1:]}.") for name, what in rows] + list(GESTURES)


FOOT = "Esc or F1 goes back. Shift+F1 changes keys and mouse; Ctrl+K finds any command by a word."
LIST_KEYS = (
    ("Up, Down", "Choose a study."),
    ("Enter", "Open the chosen study."),
    ("Drop onto the list", "Import files, folders, zip archives."),
)


def help_html(bound: Bound, mouse: Mouse) -> str:
    """All keys and gestures as a page: the first column says what to do, the second what happens."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, command in all_commands().items():
        groups.setdefault(command.group, []).append((" or ".join(bound.get(name, ())) or "–", command.help))
    numbers = [
        (each.key, f"Window {each.name}: centre {each.center:g}, width {each.width:g} HU") for each in presets("CT")
    ]
    list_keys = [*LIST_KEYS, *groups.pop("Study list")]
    program_keys = groups.pop("Program")
    left = "".join(_table(title, rows) for title, rows in groups.items())
    by_mouse = (
        ("Mouse on the images", mouse_rows(mouse)),
        ("Mouse with tools of segments", list(SEGMENT_GESTURES)),
        ("Mouse on fused tiles", list(LAYER_GESTURES)),
        ("Mouse while registering", list(REGISTRATION_GESTURES)),
        ("Mouse in 3D", list(VOLUME_GESTURES)),
    )
    tables = (*by_mouse, ("Study list", list_keys), ("Everywhere", program_keys))
    right = "".join(_table(title, list(rows)) for title, rows in tables) + _table("Number keys on CT", numbers)
    return f'<table width="100%"><tr><td width="46%">{left}</td><td>{right}</td></tr></table>'


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr><td width=190 style="font-weight:600">{html.escape(key)}</td><td>{html.escape(what)}</td></tr>'
        for key, what in rows
    )
    return f'<p style="font-size:15px; font-weight:600">{title}</p><table cellpadding=2>{cells}</table>'


class HelpPage(QWidget):
    """Keys and mouse, in place of the page that was there; `closed` when Esc or F1 leads back."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("page")
        self.browser = QTextBrowser()
        self.browser.setAccessibleName("Keys and mouse")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.addWidget(label("Keys and mouse", "title"))
        whole.addWidget(self.browser)
        whole.addWidget(label(FOOT, "quiet"))
        self.say({}, Mouse())
        shortcut = QShortcut(QKeySequence("Esc"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.closed)

    def say(self, bound: Bound, mouse: Mouse) -> None:
        """List the keys that are bound, by command name, and what the mouse does."""
        self.browser.setHtml(help_html(bound, mouse))
