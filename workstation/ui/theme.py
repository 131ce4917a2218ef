"""Dark, quiet, exact: neutral greys, one accent, text that is never pure white; or high contrast, for who needs it.

Sizes follow the settings: everything is made from the size of the text (points) and the density.
"""

from dataclasses import dataclass
from string import Template
from types import MappingProxyType
from typing import Final

from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from workstation.paint.fonts import family
from workstation.paths import resources
from workstation.settings import Settings


@dataclass(frozen=True)
class Colours:
    """The colours of one theme; text of each kind may stand on each ground (4.5:1 at least, tested)."""

    background: str
    surface: str
    raised: str
    chosen: str
    """Ground of what is selected."""
    line: str
    text: str
    quiet: str
    accent: str
    current: str
    prior: str
    registered: str
    warning: str
    error: str


DARK: Final = Colours(
    background="#16181b",
    surface="#1d2024",
    raised="#272b30",
    chosen="#1f3d4e",
    line="#363b42",
    text="#cdd1d6",
    quiet="#a2a9b2",
    accent="#5aaedb",
    current="#cdd1d6",
    prior="#cf9be0",
    registered="#6fc3b8",
    warning="#f0b24a",
    error="#ff8f7a",
)
HIGH_CONTRAST: Final = Colours(
    background="#000000",
    surface="#000000",
    raised="#101214",
    chosen="#002f48",
    line="#8b929b",
    text="#f2f4f6",
    quiet="#d5d9de",
    accent="#62c8ff",
    current="#f2f4f6",
    prior="#e9b8ff",
    registered="#7fe3d4",
    warning="#ffc95c",
    error="#ffa797",
)
THEMES: Final = MappingProxyType({"dark": DARK, "high-contrast": HIGH_CONTRAST})

RAISED: Final = DARK.raised

TEXT_COLOURS: Final = ("text", "quiet", "accent", "current", "prior", "registered", "warning", "error")
GROUNDS: Final = ("background", "surface", "raised", "chosen")

SIGNS: Final = MappingProxyType(
    {
        "current": ("●", "CURRENT"),
        "prior": ("◆", "PRIOR"),
        "registered": ("↔", "REGISTERED"),
        "warning": ("▲", "WARNING"),
        "error": ("×", "ERROR"),
    }
)
"""What tells these apart without colour: a shape and a word. One of them stands wherever the colour does."""

SPACES: Final = MappingProxyType({"compact": 0.55, "normal": 1.0, "comfortable": 1.5})
"""Room around things, beside that of `normal`."""


@dataclass(frozen=True)
class Look:
    """What the settings say of the surface; `size_pt` in points of the screen's own density."""

    theme: str = "dark"
    size_pt: int = 10
    density: str = "normal"

    @property
    def colours(self) -> Colours:
        return THEMES[self.theme]


STYLE: Final = Template("""
* { font-family: "$family"; font-size: ${size}pt; color: $text; placeholder-text-color: $quiet; }
QMainWindow, QDialog, QWidget#page, QScrollArea#page, QStackedWidget#page { background: $background; border: 0; }
QLabel#banner, QLabel#stage { background: $surface; padding: 0 10px; }
QLabel#stage { color: $quiet; }
PatientBanner QLabel { background: $surface; padding: 0 10px; }
QLabel#empty { color: $quiet; font-size: ${bigger}pt; }
QLabel#title { font-size: ${biggest}pt; font-weight: 600; }
QLabel#heading { font-size: ${bigger}pt; font-weight: 600; }
QLabel#name { font-weight: 600; }
QLabel#quiet, QStatusBar QLabel { color: $quiet; }
QLabel#current { color: $current; }
QLabel#prior { color: $prior; }
QLabel#registered { color: $registered; }
QLabel#warning { color: $warning; }
QLabel#error { color: $error; }
QFrame#row, QFrame#chosen-row { border: 0; border-bottom: 1px solid $line; }
QFrame#chosen-row { background: $chosen; }
QStatusBar { background: $surface; border-top: 1px solid $line; min-height: ${bar}px; max-height: ${bar}px; }
QStatusBar::item { border: 0; }
QStatusBar QPushButton { padding: 1px 8px; margin: 2px; }
QLineEdit, QAbstractSpinBox, QComboBox { background: $raised; border: 1px solid $line; border-radius: 4px;
    padding: ${pad}px ${wide}px; selection-background-color: $chosen; selection-color: $text; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line; selection-background-color: $chosen;
    selection-color: $text; }
QAbstractItemView, QPlainTextEdit, QTextEdit { background: $background; alternate-background-color: $surface;
    border: 1px solid $line; selection-background-color: $chosen; selection-color: $text; outline: 0; }
QAbstractItemView::item { padding: ${pad}px ${wide}px; }
QHeaderView::section { background: $surface; color: $quiet; border: 0; border-bottom: 1px solid $line;
    padding: ${pad}px ${wide}px; font-weight: 600; }
QListWidget#strip { border: 1px solid $background; border-right: 1px solid $line; }
QListWidget#strip::item { padding: 4px; border: 1px solid transparent; border-radius: 3px; }
QListWidget#strip::item:selected { border-color: $accent; background: $raised; }
QPushButton { background: $raised; border: 1px solid $line; border-radius: 4px; padding: ${pad}px ${wider}px; }
QPushButton:hover { border-color: $accent; }
QPushButton:checked { background: $chosen; border-color: $accent; }
QDialog QPushButton:default { border: 2px solid $accent; font-weight: 600; }
QPushButton:disabled { color: $quiet; background: $background; border: 1px dashed $line; }
QToolButton { background: $raised; border: 1px solid $line; border-radius: 4px;
    padding: ${pad}px ${wider}px ${pad}px ${wide}px; }
QToolButton:hover { border-color: $accent; }
QTabBar { background: $background; border: 0; }
QTabBar::tab { background: $background; color: $quiet; border: 1px solid transparent; border-radius: 4px;
    padding: ${pad}px ${wide}px; margin-right: 2px; }
QTabBar::tab:hover { border-color: $line; }
QTabBar::tab:selected { background: $raised; color: $text; border-bottom: 2px solid $quiet; }
QTabBar::tab:focus { border: 1px solid $accent; }
QFrame#drawer, QFrame#palette { background: $surface; border: 1px solid $line; border-radius: 4px; }
QMenu { background: $raised; border: 1px solid $line; padding: 3px; }
QMenu::item { padding: ${pad}px ${wider}px; }
QMenu::item:selected { background: $chosen; }
QMenu::item:disabled { color: $quiet; }
QMenu::separator { background: $line; height: 1px; margin: 3px; }
QSplitter::handle { background: $line; }
QCheckBox { padding: 2px 4px; border: 1px solid transparent; border-radius: 4px; spacing: ${wide}px; }
QCheckBox::indicator, QAbstractItemView::indicator { width: ${box}px; height: ${box}px; border: 1px solid $quiet;
    border-radius: 3px; background: $raised; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { background: $accent; border-color: $accent;
    image: url("$tick"); }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QAbstractItemView:focus, QPlainTextEdit:focus,
QTextEdit:focus, QAbstractButton:focus, QCheckBox:focus, QListWidget#strip:focus {
    border: 1px solid $accent; }
QProgressBar { background: $raised; border: 0; border-radius: 3px; max-height: 8px; text-align: center; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4px; }
QScrollBar:vertical { background: $background; width: 10px; }
QScrollBar::handle:vertical { background: $line; border-radius: 5px; min-height: 30px; }
QScrollBar:horizontal { background: $background; height: 10px; }
QScrollBar::handle:horizontal { background: $line; border-radius: 5px; min-width: 30px; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; width: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
""")


def style(look: Look) -> str:
    """The style sheet of a look. Needs a QGuiApplication, for the font."""
    space = SPACES[look.density]
    size_px = look.size_pt * QGuiApplication.primaryScreen().logicalDotsPerInch() / 72.0
    sizes = {
        "size": look.size_pt,
        "bigger": round(look.size_pt * 1.15),
        "biggest": round(look.size_pt * 1.3),
        "bar": round(size_px * 2.05),
        "box": round(size_px * 0.95),
        "pad": max(1, round(5 * space)),
        "wide": max(3, round(7 * space)),
        "wider": max(5, round(12 * space)),
    }
    tick = (resources() / "marks" / "tick.svg").as_posix()
    return STYLE.substitute(vars(look.colours), family=family(), tick=tick, **sizes)


def label(text: str, role: str) -> QLabel:
    """A label dressed by its role: title, heading, name, quiet, banner, or one of `SIGNS`."""
    made = QLabel(text)
    made.setObjectName(role)
    return made


def signed(role: str, text: str) -> str:
    """A text under its sign, so that its kind is not told by colour alone: "▲ WARNING  the disk is nearly full"."""
    shape, word = SIGNS[role]
    return f"{shape} {word}  {text}"


def look_of(settings: Settings) -> Look:
    return Look(settings.text("look.theme"), settings.whole("look.font_size"), settings.text("look.density"))


def apply(application: QApplication, look: Look | None = None) -> None:
    """Dress the program; again at any time."""
    look = look or Look()
    colours = look.colours
    palette = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, colours.background),
        (QPalette.ColorRole.Base, colours.background),
        (QPalette.ColorRole.Button, colours.raised),
        (QPalette.ColorRole.Text, colours.text),
        (QPalette.ColorRole.WindowText, colours.text),
        (QPalette.ColorRole.ButtonText, colours.text),
        (QPalette.ColorRole.PlaceholderText, colours.quiet),
        (QPalette.ColorRole.Highlight, colours.chosen),
        (QPalette.ColorRole.HighlightedText, colours.text),
        (QPalette.ColorRole.Link, colours.accent),
        (QPalette.ColorRole.LinkVisited, colours.prior),  # nothing else is one here
    ):
        palette.setColor(role, QColor(colour))
    application.setPalette(palette)
    application.setStyleSheet(style(look))


def follow(application: QApplication, settings: Settings) -> None:
    """Dress the program as the settings say, now and whenever they change."""

    def changed(name: str) -> None:
        if name.startswith("look."):
            apply(application, look_of(settings))

    settings.changed.connect(changed)
    apply(application, look_of(settings))
