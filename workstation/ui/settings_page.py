"""The settings as a page beside the others: sections, search, a row for each; a change is felt and kept at once."""

import logging
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workstation import jobs
from workstation.errors import Cancelled, HounsfieldError
from workstation.picture import corners
from workstation.settings import Settings
from workstation.ui.corner_editor import CornerEditor
from workstation.ui.setting_row import SettingRow, in_words, matches
from workstation.ui.theme import label, signed

log = logging.getLogger(__name__)

CORNERS: Final = "corners"
"""The section under whose rows the corner text is edited."""

EDITOR_WORDS: Final = "corner text on images lines fields modality top bottom left right"
"""Words under which a search finds the editor."""

NOTHING_CHANGED: Final = "Every setting is at its default."


class SettingsPage(QWidget):
    """`closed` when Esc leads back, `said` with a sentence after a change, `page_wanted` for what is set elsewhere.

    `corner_text_changed` when tiles are to be painted anew; `changed` after anything shown here changed.
    """

    closed = Signal()
    said = Signal(str)
    page_wanted = Signal(str)
    corner_text_changed = Signal()
    changed = Signal()

    def __init__(self, settings: Settings, corner_file: Path) -> None:
        super().__init__()
        self.setObjectName("page")
        self.settings = settings
        self.search = QLineEdit(placeholderText="Search settings …  (Ctrl+F)", clearButtonEnabled=True)
        self.search.setAccessibleName("Search settings")
        self.sections = QListWidget()
        self.sections.setAccessibleName("Sections of the settings")
        self._corner_file = corner_file
        own, corner_problems = corners.read_own(corner_file)
        corners.use(own, settings.text("corners.amount"))
        self.rows: dict[str, SettingRow] = {}
        self.editor: CornerEditor | None = None
        self.columns: dict[str, QVBoxLayout] = {}
        self.headings = {key: label(title, "heading") for key, title in settings.descriptions.sections.items()}
        self.nothing = label("No setting matches the search. Esc clears it.", "quiet")
        self.problems = self._problem_label((*settings.problems, *corner_problems))
        self._idle = QTimer(self, interval=0)
        self._idle.timeout.connect(self._build_next)
        self._lay_out()
        self._fill_sections()
        self._wire()
        self._refresh_reset()

    # ---------------------------------------------------------------- layout

    def _problem_label(self, problems: tuple[str, ...]) -> QLabel:
        made = label("\n".join(signed("warning", each) for each in problems), "warning")
        made.setWordWrap(True)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.setVisible(bool(problems))
        return made

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setObjectName("page")
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 0, 16, 12)
        column.setSpacing(0)
        for section, heading in self.headings.items():
            column.addWidget(heading)
            self.columns[section] = QVBoxLayout()
            self.columns[section].setSpacing(0)
            column.addLayout(self.columns[section])
        column.addWidget(self.nothing)
        column.addStretch(1)
        self.area = QScrollArea(widgetResizable=True)
        self.area.setObjectName("page")
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        top = QHBoxLayout()
        top.addWidget(label("Settings", "title"))
        top.addWidget(self.search, 1)
        middle = QHBoxLayout()
        middle.addWidget(self.sections)
        middle.addWidget(self.area, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.addLayout(top)
        whole.addWidget(self.problems)
        whole.addLayout(middle, 1)
        whole.addLayout(self._bottom())

    def _bottom(self) -> QHBoxLayout:
        """Reset all with its question in place, and the way back."""
        self.reset_all = QPushButton("Reset all …")
        self.question = label("", "quiet")
        self.question.setWordWrap(True)
        self.yes = QPushButton("Reset all of these")
        self.yes.setToolTip("Every setting named here goes back to its default.")
        self.no = QPushButton("Keep them")
        self.no.setToolTip("Change nothing (Esc).")
        self.way_back = label("Esc goes back.", "quiet")
        row = QHBoxLayout()
        row.addWidget(self.reset_all)
        row.addWidget(self.question, 1)
        for each in (self.yes, self.no, self.way_back):
            row.addWidget(each)
        self._ask(False)
        return row

    def _fill_sections(self) -> None:
        for section, title in self.settings.descriptions.sections.items():
            self.sections.addItem(title)
            self.sections.item(self.sections.count() - 1).setData(Qt.ItemDataRole.UserRole, section)
        self.sections.setCurrentRow(0)
        self._fit_sections()
        self._show_rows()

    def _fit_sections(self) -> None:
        self.sections.setFixedWidth(self.sections.sizeHintForColumn(0) + 24)

    def _wire(self) -> None:
        self.sections.currentRowChanged.connect(self._section_chosen)
        self.reset_all.clicked.connect(lambda: self._ask(True))
        self.no.clicked.connect(lambda: self._ask(False))
        self.yes.clicked.connect(self._reset_all)
        self.search.textChanged.connect(self._show_rows)
        self.settings.changed.connect(self._setting_changed)
        for keys, call in (("Esc", self.leave), ("Ctrl+F", self.search_all)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(call)

    # ---------------------------------------------------------------- rows, made when they are first looked at

    def _row(self, name: str) -> SettingRow:
        """The row of a setting. All at once would keep the main thread for a third of a second."""
        if name not in self.rows:
            setting = self.settings.descriptions.settings[name]
            row = SettingRow(setting, self.settings)
            row.chosen.connect(self.choose)
            row.reset.connect(self.settings.reset)
            row.refused.connect(self.said)
            row.page_wanted.connect(self.page_wanted)
            earlier = [other for other in takewhile(lambda other: other != name, self._names) if other in self.rows]
            same = sum(self.rows[other].setting.section == setting.section for other in earlier)
            self.rows[name] = row
            self.columns[setting.section].insertWidget(same, row)
            self._order_stops()
        return self.rows[name]

    def _editor(self) -> CornerEditor:
        if self.editor is None:
            self.editor = CornerEditor(self._corner_file)
            self.editor.said.connect(self.said)
            self.editor.changed.connect(self.corner_text_changed)
            self.columns[CORNERS].addWidget(self.editor)
            self._order_stops()
        return self.editor

    def _order_stops(self) -> None:
        """Tab goes through what is there from top to bottom, in whatever order it was made."""
        before: QWidget = self.sections
        for section in self.columns:
            shown: list[SettingRow | CornerEditor] = [
                self.rows[name] for name in self._names if name in self.rows and name.startswith(f"{section}.")
            ]
            shown += [self.editor] if section == CORNERS and self.editor is not None else []
            for stop in (stop for each in shown for stop in each.stops):
                QWidget.setTabOrder(before, stop)
                before = stop

    def _build_next(self) -> None:
        """One more row that nobody looks at yet, so that a search finds all of them made."""
        missing = next((name for name in self._names if name not in self.rows), None)
        if missing is not None:
            self._row(missing).hide()
        else:
            self._idle.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._idle.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._idle.stop()

    # ---------------------------------------------------------------- what is shown

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(self.settings.descriptions.settings)

    def _section_chosen(self) -> None:
        self.search.clear()
        self._show_rows()
        self.area.verticalScrollBar().setValue(0)

    def _show_rows(self) -> None:
        words = self.search.text().lower().split()
        item = self.sections.currentItem()
        chosen = str(item.data(Qt.ItemDataRole.UserRole)) if item else ""
        titles, settings = self.settings.descriptions.sections, self.settings.descriptions.settings
        shown = {
            name
            for name, each in settings.items()
            if (matches(each, titles[each.section], words) if words else each.section == chosen)
        }
        editor = all(word in EDITOR_WORDS for word in words) if words else chosen == CORNERS
        for name in self._names:
            if name in shown or name in self.rows:
                self._row(name).setVisible(name in shown)
        if editor or self.editor is not None:
            self._editor().setVisible(editor)
        for section, heading in self.headings.items():
            heading.setVisible(
                any(settings[name].section == section for name in shown) or (editor and section == CORNERS)
            )
        self.nothing.setVisible(not shown and not editor)
        self.changed.emit()

    def search_all(self) -> None:
        """Put the keyboard into the search line."""
        self.search.setFocus()
        self.search.selectAll()

    def leave(self) -> None:
        """Out of the question first, then out of the search, then back."""
        if self.yes.isVisible():
            self._ask(False)
        elif self.search.text():
            self.search.clear()
        else:
            self.closed.emit()

    # ---------------------------------------------------------------- changes

    def choose(self, name: str, value: Any) -> None:
        """Set a value; where it is refused, say why and show what there is."""
        try:
            self.settings.set(name, value)
        except HounsfieldError as error:
            self.said.emit(error.sentence)
            self._row(name).refresh()

    def _setting_changed(self, name: str) -> None:
        setting, value = self.settings.descriptions.settings[name], self.settings.get(name)
        if name in self.rows:
            self.rows[name].refresh()
        self._refresh_reset()
        if name == "corners.amount":
            corners.use(corners.own_layouts(), str(value))
            self.corner_text_changed.emit()
        if name.startswith("look."):
            self._fit_sections()
        late = " It is felt at the next start." if setting.restart else ""
        self.said.emit(f"{setting.title}: {in_words(setting, value)}.{late}")
        self.changed.emit()
        jobs.run("Save the settings", lambda job: self.settings.save(), failed=self._not_saved)

    def _not_saved(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self.said.emit(error.sentence if isinstance(error, HounsfieldError) else "The settings were not saved.")

    def _ask(self, asking: bool) -> None:
        names = self.settings.changed_names
        titles = ", ".join(self.settings.descriptions.settings[name].title for name in names)
        self.question.setText(f"Back to the default: {titles}?" if asking else "")
        for each, shown in ((self.reset_all, not asking), (self.way_back, not asking), (self.yes, asking)):
            each.setVisible(shown)
        self.no.setVisible(asking)
        if asking:
            self.no.setFocus()
        elif self.isVisible():
            (self.reset_all if names else self.search).setFocus()

    def _reset_all(self) -> None:
        count = len(self.settings.changed_names)
        self.settings.reset_all()
        self._ask(False)
        self.said.emit(f"{count} setting{'' if count == 1 else 's'} went back to the default.")

    def _refresh_reset(self) -> None:
        count = len(self.settings.changed_names)
        self.reset_all.setEnabled(bool(count))
        said = f"{count} setting{'' if count == 1 else 's'} differ{'s' if count == 1 else ''} from the default."
        self.reset_all.setToolTip(f"{said} You are asked first." if count else NOTHING_CHANGED)

    def finish(self) -> None:
        """Write what is not written yet; at the end of the program, when no job would."""
        try:
            self.settings.save()
            if self.editor is not None:
                self.editor.finish()
        except HounsfieldError as error:
            log.warning("not saved at the end: %s", error.sentence)

    def facts(self) -> dict[str, Any]:
        """What this page shows, in plain values."""
        return {
            "section": self.sections.currentItem().text(),
            "search": self.search.text(),
            "rows": [name for name in self._names if name in self.rows and not self.rows[name].isHidden()],
            "changed": list(self.settings.changed_names),
            "problems": self.problems.text(),
            "corner_text": self.editor.facts() if self.editor and not self.editor.isHidden() else None,
        }
