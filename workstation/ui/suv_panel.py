"""How PET became SUV, beside the images: each input with its value, tag and source; what a person may put instead."""

import html
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workstation.imaging.suv_times import EDITED
from workstation.imaging.suv_values import BQML, Derivation, Edits, Inputs, Kind, Refusal, Trace
from workstation.ui.theme import label

WIDTH_PX: Final = 384
UNITS: Final = (
    (Kind.BW, "SUV by body weight"),
    (Kind.LBM_JANMA, "SUL, lean body mass (Janmahasatian)"),
    (Kind.LBM_JAMES128, "SUL, lean body mass (James)"),
    (Kind.LBM_JAMES120, "SUL, lean body mass (James, 120)"),
    (Kind.BSA, "SUV by body surface"),
    (Kind.IBW, "SUV by ideal body weight"),
    (BQML, "as stored"),
)
FIELDS: Final = (
    ("weight_kg", "Weight, kg"),
    ("height_m", "Height, m"),
    ("sex", "Sex, M or F"),
    ("dose_bq", "Dose, MBq"),
    ("half_life_s", "Half-life, s"),
    ("injected", "Injected, HHMMSS"),
    ("scanned", "Scanned, HHMMSS"),
)
"""Inputs that can be edited, with how they are typed."""

TYPED: Final[dict[str, Callable[[str], Any]]] = {
    "weight_kg": float,
    "height_m": float,
    "sex": lambda text: text.strip().upper(),
    "dose_bq": lambda text: float(text) * 1e6,
    "half_life_s": float,
    "injected": str.strip,
    "scanned": str.strip,
}
UNDO, REDO = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
NO_PET: Final = "No PET is shown in the active tile."


class _Line(QLineEdit):
    """Every key but Esc that is not a chord is typed here, Return too, and is no command of the page. What is typed and
    not taken yet is undone here; once it is taken, undo is the page's.
    """

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if not self.isModified() and (event.matches(UNDO) or event.matches(REDO)):
                event.ignore()
                return False
            chord = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
            if not chord and event.key() != Qt.Key.Key_Escape:
                event.accept()
                return True
        return super().event(event)


class SuvPanel(QWidget):
    """Shows what it is given. `told_in(unit)`, `edited(Edits)`, `undone` and `restored` are what the reader wants."""

    told_in = Signal(str)
    edited = Signal(object)
    undone = Signal()
    restored = Signal()
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("suv")
        self.setFixedWidth(WIDTH_PX)
        self.units = QComboBox()
        self.units.setAccessibleName("PET is told in")
        for unit, words in UNITS:
            self.units.addItem(words, str(unit))
        self.units.activated.connect(lambda at: self.told_in.emit(self.units.itemData(at)))
        self.trace = QLabel()
        self.trace.setWordWrap(True)
        self.trace.setMargin(2)
        self.trace.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.trace.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.lines = {name: _Line() for name, _ in FIELDS}
        self.undo, self.restore = QPushButton("Undo"), QPushButton("As the images say")
        self.undo.setToolTip("Take back the last edit of an input")
        self.restore.setToolTip("Forget all edits: what the images say counts again")
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        form = QFormLayout()
        for name, words in FIELDS:
            line = self.lines[name]
            line.setAccessibleName(words)
            line.returnPressed.connect(self._typed)
            form.addRow(words, line)
        buttons = QHBoxLayout()
        for button, signal in ((self.undo, self.undone), (self.restore, self.restored)):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(signal)
            buttons.addWidget(button)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.trace)
        hint = label("Type what is right and press Enter; what is edited is marked on every tile and value.", "quiet")
        hint.setWordWrap(True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(6, 6, 6, 6)
        whole.addWidget(label("Standardised uptake value", "name"))
        whole.addWidget(self.units)
        whole.addWidget(area, 1)
        whole.addWidget(hint)
        whole.addLayout(form)
        whole.addLayout(buttons)

    def write(self, unit: str, suv: Derivation | Refusal | None, inputs: Inputs | None, can_undo: bool) -> None:
        """Show how a series is told, and what its objects say where nothing is edited; None where there is no PET."""
        edits = inputs.edits if inputs is not None else Edits()
        stated = _stated(inputs) if inputs is not None else {}
        self.units.setCurrentIndex(self.units.findData(unit))
        self.trace.setText(f"<p>{NO_PET}</p>" if suv is None else trace_html(suv))
        for name, line in self.lines.items():
            value = getattr(edits, name)
            shown = "" if value is None else f"{value / 1e6:g}" if name == "dose_bq" else f"{value}"
            if not line.hasFocus() or not line.isModified():
                line.setText(shown)
            line.setPlaceholderText(stated.get(name, ""))
            line.setEnabled(suv is not None)
        self.undo.setEnabled(can_undo)
        self.restore.setEnabled(bool(edits.names))

    def _typed(self) -> None:
        """All lines together are the edits."""
        values: dict[str, Any] = {}
        for name, words in FIELDS:
            text = self.lines[name].text().strip().replace(",", ".")
            try:
                values[name] = TYPED[name](text) if text else None
            except ValueError:
                self.refused.emit(f"{words}: {text!r} is no number.")
                return
        for line in self.lines.values():
            line.setModified(False)
        self.edited.emit(Edits(**values))


def _stated(inputs: Inputs) -> dict[str, str]:
    """What the objects say, as it is typed."""
    dose, numbers = inputs.RadionuclideTotalDose, {}
    for name, value in (
        ("weight_kg", inputs.PatientWeight),
        ("height_m", inputs.PatientSize),
        ("dose_bq", dose / 1e6 if dose is not None else None),
        ("half_life_s", inputs.RadionuclideHalfLife),
    ):
        numbers[name] = f"{value:g}" if value is not None else ""
    injected = inputs.RadiopharmaceuticalStartTime or inputs.RadiopharmaceuticalStartDateTime[8:14]
    return numbers | {"sex": inputs.PatientSex, "injected": injected, "scanned": inputs.SeriesTime}


def trace_html(suv: Derivation | Refusal) -> str:
    """A derivation or refusal as a table: what and which value, then its tag and source; what is edited stands high,
    for a low panel shows the first lines alone."""
    rows = "".join(_row(each) for each in sorted(suv.trace, key=_place))
    if isinstance(suv, Refusal):
        why = f"<tr><td colspan='2'><b>No SUV: {html.escape(suv.tag)}</b><br>{html.escape(suv.reason)}.</td></tr>"
        rows = why + rows
    return f"<table cellspacing='0' cellpadding='3' width='100%'>{rows}</table>"


def _place(line: Trace) -> int:
    return 0 if line.input == "factor" else 1 if EDITED in line.source else 2


def _row(line: Trace) -> str:
    beside = html.escape("; ".join(filter(None, (line.tag, line.source))))
    name, value = html.escape(line.input), html.escape(line.value)
    first = f"<tr><td>{name}</td><td align='right'><b>{value}</b></td></tr>"
    return f"{first}<tr><td colspan='2'><small>{beside}</small></td></tr>"
