"""The key images of the open case under its findings: each with a picture, which image it is, and what it is for."""

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPixmap
from PySide6.QtWidgets import QComboBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from workstation.case.state import Case
from workstation.findings.key_image import KeyImage, Purpose
from workstation.ui.findings_pictures import place_of
from workstation.ui.theme import label
from workstation.ui.thumbnail_icons import untinted

MOST_ROWS: Final = 3
ELSEWHERE: Final = "an image that is not on this computer"

Pictures = Callable[[KeyImage, int, float], QPixmap | None]


class _List(QListWidget):
    """Delete removes, Enter goes there."""

    removed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        else:
            super().keyPressEvent(event)


class KeyImages(QWidget):
    """`chosen` with the key image to go to, `removed` with the one that is none any more, `retitled` with one and its
    new purpose. Hidden while there are none.
    """

    chosen = Signal(object)
    removed = Signal(object)
    retitled = Signal(object, object)

    def __init__(self, pictures: Pictures) -> None:
        super().__init__()
        self._pictures = pictures
        self._case: Case | None = None
        self._keys: tuple[KeyImage, ...] = ()
        self._filling = False
        self.list = _List()
        self.list.setAccessibleName("Key images")
        self.list.setToolTip("A click goes to the image; Delete takes it back; the purpose is chosen below")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(lambda item: self._emit(self.chosen))
        self.list.itemActivated.connect(lambda item: self._emit(self.chosen))
        self.list.removed.connect(lambda: self._emit(self.removed))
        self.list.currentRowChanged.connect(self._show_purpose)
        self.purpose = QComboBox()
        self.purpose.setAccessibleName("What the key image is for")
        self.purpose.addItems([each.capitalize() for each in Purpose])
        self.purpose.activated.connect(self._retitle)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 6, 0, 0)
        for each in (label("Key images", "name"), self.list, self.purpose):
            whole.addWidget(each)
        self.hide()

    def show_case(self, case: Case | None) -> None:
        self._case, self._keys = case, ()
        self.follow()

    def follow(self) -> None:
        """The key images may be others now."""
        keys = self._case.marks.keys if self._case is not None else ()
        if keys != self._keys or self.list.count() != len(keys):
            row = self.list.currentRow()
            self._filling = True
            self._keys = keys
            self.list.clear()
            for key in keys:
                self.list.addItem(QListWidgetItem(self._words(key)))
            self.list.setCurrentRow(min(max(row, 0), len(keys) - 1))
            self._filling = False
            self._show_purpose(self.list.currentRow())
            side = self._side()
            self.list.setIconSize(QSize(side, side))
            self.list.setFixedHeight(min(len(keys), MOST_ROWS) * (side + 14) + 4)
        self.setVisible(bool(keys))
        self.redraw()

    def redraw(self) -> None:
        """More pictures may be there."""
        for row, key in enumerate(self._keys):
            picture = self._pictures(key, self._side(), self.devicePixelRatioF()) if self.isVisible() else None
            if picture is not None:
                self.list.item(row).setIcon(untinted(picture))

    def _side(self) -> int:
        return 2 * QFontMetrics(self.font()).lineSpacing()

    def _words(self, key: KeyImage) -> str:
        place = place_of(self._case, key) if self._case is not None else None
        if place is None:
            return f"{ELSEWHERE}\n{key.purpose}"
        display_set, image = place
        first = display_set.first
        series = f"{first.Modality} {first.SeriesNumber if first.SeriesNumber is not None else ''}".strip()
        return f"{series}, image {image + 1} of {len(display_set.images)}\n{key.purpose}"

    def _emit(self, signal: Any) -> None:
        if 0 <= self.list.currentRow() < len(self._keys):
            signal.emit(self._keys[self.list.currentRow()])

    def _show_purpose(self, row: int) -> None:
        if not self._filling and 0 <= row < len(self._keys):
            self.purpose.setCurrentIndex(list(Purpose).index(self._keys[row].purpose))

    def _retitle(self, number: int) -> None:
        if 0 <= self.list.currentRow() < len(self._keys):
            self.retitled.emit(self._keys[self.list.currentRow()], list(Purpose)[number])

    def facts(self) -> list[dict[str, Any]]:
        """What is listed, in plain JSON values."""
        return [{"sop_instance_uid": each.sop_instance_uid, "for": each.purpose.value} for each in self._keys]
