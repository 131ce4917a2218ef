"""The line above the list: search while typing, modality and date."""

from collections import Counter

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QMenu, QPushButton, QWidget

from workstation.worklist.filters import Filter

DAYS = (("Any date", 0), ("Today", 1), ("2 days", 2), ("7 days", 7), ("30 days", 30), ("A year", 365))
HINT = "Search name, ID, date, description …   modality:ct   status:unread"


class FilterLine(QWidget):
    """`changed` when another filter is wanted, `searched` at each keystroke."""

    changed = Signal()
    searched = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.search = QLineEdit(placeholderText=HINT, clearButtonEnabled=True)
        self.search.setAccessibleName("Search studies")
        self.search.setToolTip(
            "Each word must be found; name: id: born: sex: modality: part: date: accession: referrer: urgency: status: "
            "claimed: look in one column only (/ or Ctrl+F)"
        )
        self.search.textChanged.connect(lambda text: self.searched.emit())
        self.modality = QPushButton()
        self.modality.setAccessibleName("Modalities")
        self.modality.setToolTip("Show only studies with these modalities")
        self.modality.setMenu(QMenu(self.modality))
        self.date = QComboBox()
        self.date.setAccessibleName("Study date")
        self.date.setToolTip("Show only studies made since")
        for title, days in DAYS:
            self.date.addItem(title, days)
        self.date.currentIndexChanged.connect(lambda at: self.changed.emit())
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.search, 1)
        line.addWidget(self.modality)
        line.addWidget(self.date)
        self._chosen: tuple[str, ...] = ()
        self._say()

    def filter(self) -> Filter:
        """What is asked for now."""
        return Filter(self.search.text(), self._chosen, (), int(self.date.currentData()))

    def clear(self) -> None:
        """Ask for nothing."""
        self._chosen = ()
        self.search.clear()
        self.date.setCurrentIndex(0)
        self._say()
        self.changed.emit()

    def offer(self, modalities: Counter[str]) -> None:
        """Which modalities there are, with how many studies."""
        menu = self.modality.menu()
        menu.clear()
        for name in sorted({*modalities, *self._chosen}):
            action = menu.addAction(f"{name}   {modalities[name]}")
            action.setCheckable(True)
            action.setChecked(name in self._chosen)
            action.toggled.connect(lambda wanted, name=name: self.choose(name, wanted))

    def choose(self, modality: str, wanted: bool) -> None:
        """Ask for a modality, or no longer."""
        others = tuple(each for each in self._chosen if each != modality)
        self._chosen = (*others, modality) if wanted else others
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        self.modality.setText(" ".join(self._chosen) or "Modality")
