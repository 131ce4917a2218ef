"""One setting as a row: title and help, the control that fits its type, its default, and a reset."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workstation.settings import Setting, Settings, Value
from workstation.ui.theme import label

REST_MS = 400
"""A number is applied when it has rested so long: the page does not move under a hand that clicks on."""

NOTHING_TO_RESET = "Nothing to reset: this is the default."


def in_words(setting: Setting, value: Value) -> str:
    """A value as a person reads it: "12 pt", "High contrast", "on"."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict):
        return f"{len(value)} command{'' if len(value) == 1 else 's'} changed" if value else "none"
    if isinstance(value, str):
        return setting.choices.get(value, value) or "empty"
    return f"{value:g} {setting.unit}".strip()


def allowed_in_words(setting: Setting) -> str:
    """The range of a number: "9 to 16 pt"."""
    return f"{setting.least or 0:g} to {setting.most or 0:g} {setting.unit}".strip()


def matches(setting: Setting, section: str, words: list[str]) -> bool:
    """Whether every word stands in the title, the help, the name, the choices or the title of the section."""
    text = " ".join((setting.title, setting.help, setting.name, section, *setting.choices.values())).lower()
    return all(word in text for word in words)


class WholeBox(QSpinBox):
    """`refused` when what was typed is no number it takes."""

    refused = Signal()

    def fixup(self, text: str) -> str:
        self.refused.emit()
        return super().fixup(text)


class NumberBox(QDoubleSpinBox):
    """`refused` when what was typed is no number it takes."""

    refused = Signal()

    def fixup(self, text: str) -> str:
        self.refused.emit()
        return super().fixup(text)


class SettingRow(QFrame):
    """`chosen(name, value)` when the hand chose, `reset(name)` when it wants the default, `page_wanted(page)`,
    `refused(sentence)` when a number is typed that is not allowed.
    """

    chosen = Signal(str, object)
    reset = Signal(str)
    page_wanted = Signal(str)
    refused = Signal(str)

    def __init__(self, setting: Setting, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("row")
        self.setting = setting
        self._settings = settings
        self._filling = False
        self.control, self._fill = self._make_control()
        self.control.setAccessibleName(setting.title)
        self.control.setAccessibleDescription(setting.help)
        self.control.setToolTip(setting.help)
        self.default = label("", "quiet")
        self.default.setWordWrap(True)
        self.back = QPushButton("Reset")
        self.back.setAccessibleName(f"Reset {setting.title}")
        self.back.clicked.connect(self._reset)
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        title, help_text = label(self.setting.title, "name"), label(self.setting.help, "quiet")
        for each in (title, help_text):
            each.setWordWrap(True)
        title.setBuddy(self.control)
        self.control.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        words, choice = QVBoxLayout(), QVBoxLayout()
        for column, upper, lower in ((words, title, help_text), (choice, self.control, self.default)):
            column.setSpacing(3)
            column.addWidget(upper)
            column.addWidget(lower)
            column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 8, 2, 10)
        row.setSpacing(16)
        row.addLayout(words, 5)
        row.addLayout(choice, 3)
        row.addWidget(self.back, 0, Qt.AlignmentFlag.AlignTop)

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Where the keyboard stops, in order."""
        return (self.control, self.back)

    def refresh(self) -> None:
        """Show the value there is."""
        setting, name = self.setting, self.setting.name
        self._filling = True
        self._fill(self._settings.get(name))
        self._filling = False
        changed = self._settings.is_changed(name)
        by = " (of this site)" if self._settings.is_of_site(name) else ""
        late = "  ·  felt at the next start" if setting.restart else ""
        state = "Changed; default" if changed else "Default"
        allowed = f"  ·  {allowed_in_words(setting)}" if setting.type in ("int", "float") else ""
        self.default.setText(f"{state}: {in_words(setting, self._settings.default(name))}{by}{allowed}{late}")
        self.back.setEnabled(changed)
        to = in_words(setting, self._settings.default(name))
        self.back.setToolTip(f"Back to the default: {to}" if changed else NOTHING_TO_RESET)

    def _reset(self) -> None:
        self.control.setFocus()  # the button goes grey and would drop the keyboard
        self.reset.emit(self.setting.name)

    def _choose(self, value: Any) -> None:
        if not self._filling:
            self.chosen.emit(self.setting.name, value)

    def _refuse(self) -> None:
        self.refused.emit(f"{self.setting.title}: {allowed_in_words(self.setting)} is allowed.")

    def _make_control(self) -> tuple[QWidget, Callable[[Any], None]]:
        """The control and what fills it with a value."""
        if self.setting.page:
            return self._elsewhere()
        made, fill = {
            "bool": self._check_box,
            "choice": self._combo_box,
            "int": self._spin_box,
            "float": self._spin_box,
            "text": self._line,
        }[self.setting.type]()
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.installEventFilter(self)
        return made, fill

    def _check_box(self) -> tuple[QWidget, Callable[[Any], None]]:
        box = QCheckBox("")

        def fill(value: bool) -> None:
            box.setChecked(value)
            box.setText("On" if value else "Off")

        box.toggled.connect(self._choose)
        return box, fill

    def _combo_box(self) -> tuple[QWidget, Callable[[Any], None]]:
        box = QComboBox()
        for value, words in self.setting.choices.items():
            box.addItem(words, value)
        box.currentIndexChanged.connect(lambda place: self._choose(box.itemData(place)))
        return box, lambda value: box.setCurrentIndex(box.findData(value))

    def _spin_box(self) -> tuple[QWidget, Callable[[Any], None]]:
        setting = self.setting
        least, most = setting.least or 0, setting.most or 0
        box: WholeBox | NumberBox
        if setting.type == "int":
            box = WholeBox(minimum=int(least), maximum=int(most))
        else:
            box = NumberBox(minimum=least, maximum=most, decimals=2, singleStep=0.1 if most <= 1 else 0.5)
        box.setSuffix(f" {setting.unit}" if setting.unit else "")
        box.setKeyboardTracking(False)
        box.lineEdit().setTextMargins(6, 0, 0, 0)
        box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.PlusMinus)
        rest = QTimer(box, singleShot=True, interval=REST_MS)

        def choose() -> None:
            if rest.isActive():
                rest.stop()
                self._choose(box.value())

        rest.timeout.connect(lambda: self._choose(box.value()))
        box.valueChanged.connect(lambda value: None if self._filling else rest.start())
        box.editingFinished.connect(choose)
        box.refused.connect(self._refuse)
        box.lineEdit().inputRejected.connect(self._refuse)

        def fill(value: Any) -> None:
            rest.stop()
            box.setValue(value)

        return box, fill

    def _line(self) -> tuple[QWidget, Callable[[Any], None]]:
        line = QLineEdit()
        line.editingFinished.connect(lambda: self._choose(line.text()))
        return line, line.setText

    def _elsewhere(self) -> tuple[QWidget, Callable[[Any], None]]:
        """What has a page of its own: the value on a button that leads there."""
        button = QPushButton("")
        button.clicked.connect(lambda: self.page_wanted.emit(self.setting.page))
        return button, lambda value: button.setText(f"{in_words(self.setting, value)}  ·  change …")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A wheel that scrolls the page changes no setting on its way: only a control with the keyboard takes it."""
        if event.type() is QEvent.Type.Wheel and watched is self.control and not self.control.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)
