"""A finding as a row of its list: tick, picture, number and name, value, site and status, on three lines.

Names and sites give way where there is no room; a value is wrapped, and a status is a word.
"""

from collections.abc import Callable
from typing import Final, cast

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workstation.findings.finding import TITLES, Finding, Status
from workstation.findings.words import listed
from workstation.ui.findings_table import CHANGED_SINCE, NUMBER, SITE, STATUS, FindingsModel, offer, sites

Index = QModelIndex | QPersistentModelIndex
LINES: Final = 3
PAD_PX: Final = 5
NO_SITE: Final = "no site"

Pictures = Callable[[Finding, int, float], QPixmap | None]


class RowDelegate(QStyledItemDelegate):
    """`pictures(finding, side, ratio)` gives the picture of a row, or None while there is none."""

    def __init__(self, parent: QWidget, pictures: Pictures) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self.field = NUMBER
        """What an editor that opens now is for: SITE, or anything else for the name."""
        self.ticking = False
        """Whether the last press was on a box."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, LINES * option.fontMetrics.lineSpacing() + 2 * PAD_PX)

    # ---------------------------------------------------------------- where

    @staticmethod
    def tick(row: QRect, font_px: int) -> QRect:
        """The box at the left of a row, whose text is so high."""
        return QRect(row.left() + PAD_PX, row.top() + PAD_PX + 1, font_px, font_px)

    def _picture(self, option: QStyleOptionViewItem) -> QRect:
        side = option.rect.height() - 2 * PAD_PX
        left = self.tick(option.rect, _box_px(option)).right() + 1 + PAD_PX
        return QRect(left, option.rect.top() + PAD_PX, side, side)

    def words(self, option: QStyleOptionViewItem, line: int, lines: int = 1) -> QRect:
        """The room for some lines of text."""
        high, left = option.fontMetrics.lineSpacing(), self._picture(option).right() + 1 + 2 * PAD_PX
        top = option.rect.top() + PAD_PX + line * high
        return QRect(left, top, option.rect.right() - PAD_PX - left, lines * high)

    # ---------------------------------------------------------------- paint

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        option.text = ""
        widget = option.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        finding, model = _of(index)
        palette = option.palette
        quiet, text = palette.color(QPalette.ColorRole.PlaceholderText), palette.color(QPalette.ColorRole.Text)
        painter.save()
        self._tick(painter, option, finding, widget)
        self._draw(painter, option, finding, widget)
        status = model.data(model.index(index.row(), STATUS))
        used = self._line(
            painter, option, 0, f"{status}, hidden" if finding.hidden else status, _shade(status, palette)
        )
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        name = f"{finding.number}  {finding.name or TITLES[finding.kind]}"
        room = self.words(option, 0).adjusted(0, 0, -used - 2 * PAD_PX, 0)
        painter.setPen(quiet if finding.hidden else text)
        painter.drawText(room, 0, QFontMetrics(bold).elidedText(name, Qt.TextElideMode.ElideRight, room.width()))
        painter.setFont(option.font)
        self._value_and_site(painter, option, index, quiet)
        painter.restore()

    def _tick(self, painter: QPainter, option: QStyleOptionViewItem, finding: Finding, widget: QWidget) -> None:
        box = QStyleOptionViewItem(option)
        box.rect = self.tick(option.rect, _box_px(option))
        state = QStyle.StateFlag.State_Off if finding.hidden else QStyle.StateFlag.State_On
        box.state = QStyle.StateFlag.State_Enabled | state
        widget.style().drawPrimitive(QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck, box, painter, widget)

    def _draw(self, painter: QPainter, option: QStyleOptionViewItem, finding: Finding, widget: QWidget) -> None:
        place = self._picture(option)
        picture = self._pictures(finding, place.width(), widget.devicePixelRatioF())
        painter.fillRect(place, Qt.GlobalColor.black)
        if picture is not None:
            painter.drawPixmap(place, picture)

    def _line(self, painter: QPainter, option: QStyleOptionViewItem, line: int, words: str, colour: QColor) -> int:
        """Words at the right end of a line; their width."""
        painter.setPen(colour)
        painter.setFont(option.font)
        painter.drawText(self.words(option, line), Qt.AlignmentFlag.AlignRight, words)
        return option.fontMetrics.horizontalAdvance(words)

    def _value_and_site(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, quiet: QColor) -> None:
        """The value has the second line, and the third where it needs it; the site has what is left of that, after what
        the same lesion measured before.
        """
        finding, model = _of(index)
        metrics, value = option.fontMetrics, listed(finding)
        first, rest = broken(value, metrics, self.words(option, 1).width())
        painter.drawText(self.words(option, 1), 0, first)
        last = self.words(option, 2)
        if rest:
            cut = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, last.width())
            painter.drawText(last, 0, cut)
            last.setLeft(last.left() + metrics.horizontalAdvance(cut) + 3 * PAD_PX)
        painter.setPen(quiet)
        words = finding.site or NO_SITE
        if before := model.before(finding):
            words = f"{before}  {finding.site}"
        site = metrics.elidedText(words, Qt.TextElideMode.ElideRight, last.width())
        if len(site) > 3:
            painter.drawText(last, Qt.AlignmentFlag.AlignRight if rest else Qt.AlignmentFlag.AlignLeft, site)

    # ----------------------------------------------------------------- hand

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        """A press on the box shows the mark or hides it, and is nothing else."""
        self.ticking = isinstance(event, QMouseEvent) and self.on_tick(option, event)
        if not self.ticking:
            return False
        if event.type() is QEvent.Type.MouseButtonRelease:
            finding, rows = _of(index)
            state = Qt.CheckState.Checked if finding.hidden else Qt.CheckState.Unchecked
            rows.setData(rows.index(index.row(), NUMBER), state, Qt.ItemDataRole.CheckStateRole)
        return True

    def on_tick(self, option: QStyleOptionViewItem, event: QMouseEvent) -> bool:
        """Whether a mouse is on the box of a row."""
        box = self.tick(option.rect, _box_px(option))
        return box.adjusted(-PAD_PX, -PAD_PX, PAD_PX, PAD_PX).contains(event.position().toPoint())

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        line = QLineEdit(parent)
        line.setAccessibleName("Site of the finding" if self.field == SITE else "Name of the finding")
        if self.field == SITE:
            offer(line).setStringList(sites())
        return line

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        finding, _ = _of(index)
        if isinstance(editor, QLineEdit):
            editor.setText(finding.site if self.field == SITE else finding.name)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        _, rows = _of(index)
        if isinstance(editor, QLineEdit):
            rows.setData(rows.index(index.row(), self.field if self.field == SITE else index.column()), editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        place = self.words(option, 2 if self.field == SITE else 0)
        high = editor.sizeHint().height()
        editor.setGeometry(place.left() - PAD_PX, place.center().y() - high // 2, place.width() + PAD_PX, high)


def _of(index: Index) -> tuple[Finding, FindingsModel]:
    model = cast(FindingsModel, index.model())
    return model.rows[index.row()], model


def _box_px(option: QStyleOptionViewItem) -> int:
    return option.fontMetrics.ascent() + 2


def _shade(status: str, palette: QPalette) -> QColor:
    """Drafts are quiet; what an algorithm found, or what was changed, is not overlooked."""
    if status == Status.DRAFT:
        return palette.color(QPalette.ColorRole.PlaceholderText)
    stands_out = status in (Status.FROM_AI, CHANGED_SINCE)
    return palette.color(QPalette.ColorRole.Link if stands_out else QPalette.ColorRole.Text)


def broken(text: str, metrics: QFontMetrics, room: int) -> tuple[str, str]:
    """What fits into one line, and the rest: broken at the last space that leaves the first part room."""
    if metrics.horizontalAdvance(text) <= room:
        return text, ""
    words = text.split(" ")
    for count in range(len(words) - 1, 0, -1):
        first = " ".join(words[:count]).rstrip()
        if metrics.horizontalAdvance(first) <= room:
            return first, " ".join(words[count:]).lstrip()
    return text, ""
