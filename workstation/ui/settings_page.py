"""The settings as a page beside the others: sections, search, a row for each; a change is felt and kept at once."""

from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
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
from workstation.settings import Settings
from workstation.ui.corner_editor import CornerEditor
from workstation.ui.setting_row import SettingRow, in_words
from workstation.ui.theme import label, signed

CORNERS: Final = "corners"
"""The section under whose rows the corner text is edited."""

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
        self.search.textChanged.connect(self._show_rows)
        self.sections = QListWidget()
        self.sections.setAccessibleName("Sections of the settings")
        self.editor = CornerEditor(corner_file, settings.text("corners.amount"))
        self.rows = {name: self._row(name) for name in settings.descriptions.settings}
        self.headings = {key: label(title, "heading") for key, title in settings.descriptions.sections.items()}
        self.nothing = label("No setting matches the search. Esc clears it.", "quiet")
        self.problems = self._problem_label((*settings.problems, *self.editor.problems))
        self._lay_out()
        self._fill_sections()
        self._wire()
        self._refresh_reset()

    # ---------------------------------------------------------------- layout

    def _row(self, name: str) -> SettingRow:
        row = SettingRow(self.settings.descriptions.settings[name], self.settings)
        row.chosen.connect(self.choose)
        row.reset.connect(self._reset)
        row.page_wanted.connect(self.page_wanted)
        return row

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
            for row in self.rows.values():
                if row.setting.section == section:
                    column.addWidget(row)
            if section == CORNERS:
                column.addWidget(self.editor)
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
        self.editor.said.connect(self.said)
        self.editor.changed.connect(self.corner_text_changed)
        self.settings.changed.connect(self._setting_changed)
        for keys, call in (("Esc", self.leave), ("Ctrl+F", self.search_all)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(call)

    # ---------------------------------------------------------------- what is shown

    def _section_chosen(self) -> None:
        self.search.clear()
        self._show_rows()
        self.area.verticalScrollBar().setValue(0)

    def _show_rows(self) -> None:
        words = self.search.text().lower().split()
        item = self.sections.currentItem()
        chosen = item.data(Qt.ItemDataRole.UserRole) if item else ""
        titles = self.settings.descriptions.sections
        sections: set[str] = set()
        for row in self.rows.values():
            section = row.setting.section
            shown = row.matches(words, titles[section]) if words else section == chosen
            row.setVisible(shown)
            sections.update((section,) if shown else ())
        editor = self.editor.matches(words) if words else chosen == CORNERS
        self.editor.setVisible(editor)
        sections.update((CORNERS,) if editor else ())
        for section, heading in self.headings.items():
            heading.setVisible(section in sections)
        self.nothing.setVisible(not sections)
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
            self.rows[name].refresh()

    def _reset(self, name: str) -> None:
        self.settings.reset(name)

    def _setting_changed(self, name: str) -> None:
        row = self.rows[name]
        row.refresh()
        self._refresh_reset()
        if name == "corners.amount":
            self.editor.show_amount(self.settings.text(name))
        if name.startswith("look."):
            self._fit_sections()
        late = " It is felt at the next start." if row.setting.restart else ""
        self.said.emit(f"{row.setting.title}: {in_words(row.setting, self.settings.get(name))}.{late}")
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
        self.settings.save()
        self.editor.save()

    def facts(self) -> dict[str, Any]:
        """What this page shows, in plain values."""
        return {
            "section": self.sections.currentItem().text(),
            "search": self.search.text(),
            "rows": [name for name, row in self.rows.items() if not row.isHidden()],
            "changed": list(self.settings.changed_names),
            "problems": self.problems.text(),
            "corner_text": self.editor.facts() if not self.editor.isHidden() else None,
        }
