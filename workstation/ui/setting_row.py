"""One setting as a row: title and help, the control that fits its type, its default, and a reset."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
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


def matches(setting: Setting, section: str, words: list[str]) -> bool:
    """Whether every word stands in the title, the help, the name, the choices or the title of the section."""
    text = " ".join((setting.title, setting.help, setting.name, section, *setting.choices.values())).lower()
    return all(word in text for word in words)


class SettingRow(QFrame):
    """`chosen(name, value)` when the hand chose, `reset(name)` when it wants the default, `page_wanted(page)`."""

    chosen = Signal(str, object)
    reset = Signal(str)
    page_wanted = Signal(str)

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
        self.default.setText(f"{state}: {in_words(setting, self._settings.default(name))}{by}{late}")
        self.back.setEnabled(changed)
        to = in_words(setting, self._settings.default(name))
        self.back.setToolTip(f"Back to the default: {to}" if changed else NOTHING_TO_RESET)

    def _reset(self) -> None:
        self.control.setFocus()  # the button goes grey and would drop the keyboard
        self.reset.emit(self.setting.name)

    def _choose(self, value: Any) -> None:
        if not self._filling:
            self.chosen.emit(self.setting.name, value)

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
        box: QSpinBox | QDoubleSpinBox
        if setting.type == "int":
            box = QSpinBox(minimum=int(least), maximum=int(most))
        else:
            box = QDoubleSpinBox(minimum=least, maximum=most, decimals=2, singleStep=0.1 if most <= 1 else 0.5)
        box.setSuffix(f" {setting.unit}" if setting.unit else "")
        box.setKeyboardTracking(False)
        box.lineEdit().setTextMargins(6, 0, 0, 0)
        box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.PlusMinus)
        box.valueChanged.connect(self._choose)
        return box, box.setValue

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
