"""The study list: what is to be read, search while typing, tabs, preview, import by drag and drop."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from workstation import paths
from workstation.cache.entries import StudyRow
from workstation.errors import Refused
from workstation.security.roles import require
from workstation.ui.theme import label
from workstation.ui.worklist_commands import WORKLIST_COMMANDS, OnList
from workstation.ui.worklist_facts import list_facts
from workstation.ui.worklist_filter_line import FilterLine
from workstation.ui.worklist_imports import ImportTarget
from workstation.ui.worklist_menu import row_menu
from workstation.ui.worklist_model import Listed, Unsent, WorklistModel, known_order
from workstation.ui.worklist_preview import WorklistPreview
from workstation.ui.worklist_report import ReportBox
from workstation.ui.worklist_store import WorklistStore, who
from workstation.ui.worklist_table import WorklistTable
from workstation.ui.worklist_tabs import WorklistTabs
from workstation.ui.worklist_words import NOTHING_YET, READING, nothing_found
from workstation.worklist.elsewhere import Elsewhere
from workstation.worklist.filters import BUILT_IN, Filter, Sort
from workstation.worklist.items import Item
from workstation.worklist.kept import Kept

MINUTE_MS = 60_000
FIND = "Find studies in the archives and fetch them"
STYLE = """
QTabBar::tab { background: transparent; color: palette(placeholder-text); padding: 5px 12px; border: 0;
    border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: palette(text); border-bottom: 2px solid palette(link); }
QTabBar::tab:hover { color: palette(text); }
"""


class StudyListPage(ImportTarget):
    """`opened(study_instance_uid)` when a study is chosen, `opened_with_priors(uid)` beside its priors;
    `archives_wanted` when one is to be looked for elsewhere, `priors_wanted(Identity)` those of a patient;
    `said(sentence)` for the status line,
    `changed` after anything shown here changed. `store` marks studies.

    Without `home` it is that of this user. `keys` are the keys of the commands as they are bound now, by name.
    """

    opened = Signal(str)
    opened_with_priors = Signal(str)
    archives_wanted = Signal()
    priors_wanted = Signal(object)
    said = Signal(str)
    changed = Signal()

    def __init__(self, home: paths.Home | None = None) -> None:
        super().__init__()
        self._home = home or paths.home()
        self._read = False
        self._lent = False
        self._left_in: list[str] = []
        self.who = who()
        self.keys: Mapping[str, tuple[str, ...]] = {}
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click on empty ground brings the keyboard back
        self.setStyleSheet(STYLE)
        self.model = WorklistModel()
        self.line = FilterLine()
        self.search = self.line.search
        self.archives = _button("Archives", FIND, self.archives_wanted)
        self.tabs = WorklistTabs()
        self.table = WorklistTable(self.model)
        self.preview = WorklistPreview(self._home)
        self.empty = label(READING, "empty")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.report = ReportBox(self._home)
        self.store = WorklistStore(self._home, self._kept)
        self._minute = QTimer(self, interval=MINUTE_MS)
        self._lay_out()
        self._wire()
        self.tabs.set_tabs(BUILT_IN, "all")
        self._apply()
        self.store.remember()

    # ------------------------------------------------------------- building

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(label("Studies", "title"))
        top.addWidget(self.line, 1)
        top.addWidget(self.archives)
        for text, tip, slot in (
            ("Open", "Open the selected study (Enter)", self.open_selected),
            ("Import folder …", "Import a folder (Ctrl+I); or drop files, folders, zips here", self.choose_folder),
            ("Import files …", "Import files, zip archives or a DICOMDIR (Ctrl+Shift+I)", self.choose_files),
        ):
            top.addWidget(_button(text, tip, slot))
        second = QHBoxLayout()
        second.addWidget(self.tabs, 1)
        for text, tip, slot in (
            ("Keep as tab", "Keep what is searched and filtered now as a tab (Ctrl+S)", self.keep_filter),
            ("Preview", "Show or hide series and priors of the chosen study (F2)", self.toggle_preview),
        ):
            second.addWidget(_button(text, tip, slot))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.addLayout(top)
        whole.addLayout(second)
        whole.addWidget(self.table, 1)
        whole.addWidget(self.empty, 1)
        whole.addWidget(self.preview)
        whole.addWidget(self.report)

    def _wire(self) -> None:
        self.line.searched.connect(self._searched)
        self.line.changed.connect(self._apply)
        self.search.returnPressed.connect(self.open_selected)
        to_table = QShortcut(QKeySequence("Down"), self.search)
        to_table.setContext(Qt.ShortcutContext.WidgetShortcut)
        to_table.activated.connect(self.table.setFocus)
        self.tabs.chosen.connect(lambda key: self._tab_chosen())
        self.tabs.kept_changed.connect(self._tabs_changed)
        self.table.doubleClicked.connect(lambda index: self.open_selected())
        self.table.selectionModel().selectionChanged.connect(lambda *changed: self._chosen_changed())
        self.table.sort_wanted.connect(self.sort_by)
        self.table.columns_changed.connect(self._keep)
        self.table.typed.connect(self._typed)
        self.table.menu_wanted.connect(self._show_menu)
        self.preview.opened.connect(self._open)
        for each in (self.preview, self.report):
            each.changed.connect(self.changed)
        self.report.failed.connect(self.said)
        self.store.found.connect(self._show_listed)
        self.store.remembered.connect(self._restore)
        self.store.failed.connect(self.said)
        self._minute.timeout.connect(self._tick)

    # ----------------------------------------------------------------- rows

    def refresh(self) -> None:
        """Read the list again, off the main thread."""
        self.store.refresh()

    def set_rows(self, rows: tuple[StudyRow, ...]) -> None:
        """Show these studies as soon as it is known how far they were read."""
        self.store.set_rows(tuple(rows))

    def say_unsent(self, why: Mapping[str, Unsent]) -> None:
        """What of these studies could not be sent so far, to whom and why, by StudyInstanceUID."""
        if why != self.model.unsent:
            self.model.set_unsent(why)
            self.table.fit()
            self.table.viewport().update()
            self._chosen_changed()

    def say_elsewhere(self, elsewhere: Elsewhere) -> None:
        """What archives have of these patients beside what is here."""
        self.model.set_elsewhere(elsewhere)
        self.table.viewport().update()
        self.changed.emit()

    def _show_listed(self, found: Listed) -> None:
        first = not self.model.items
        self._read = True
        self.model.set_listed(found)
        self.line.offer(self.model.modalities())
        self._apply()
        if first and self.table.isVisible() and not self.search.text():
            self.table.setFocus()

    def _apply(self) -> None:
        """Show what tab and filter line want, keep the chosen study chosen, and say what there is."""
        chosen, tab = self.selected(), self.tabs.tab()
        self.model.set_view(tab.filter.both(self.line.filter()), tab.sort)
        self.table.show_order(tab.sort)
        self.tabs.count_up(self.model.counts(self.tabs.tabs()))
        self.select(chosen)
        self._say_empty()

    def _searched(self) -> None:
        """At each keystroke: the best match is the first row."""
        tab = self.tabs.tab()
        self.model.set_view(tab.filter.both(self.line.filter()), tab.sort)
        self.select(None)
        self._say_empty()

    def _tick(self) -> None:
        """Another minute of waiting; after midnight another Today."""
        day = self.model.now.date()
        self.model.set_now(datetime.now())
        if self.model.now.date() != day:
            self._apply()
        self.table.viewport().update()

    def _say_empty(self) -> None:
        """Instead of an empty table: why, and what to do."""
        some = bool(self.model.shown)
        if some:
            sentence = ""
        elif not self._read:
            sentence = READING
        else:
            sentence = nothing_found(self.tabs.tab(), self.line.filter()) if self.model.items else NOTHING_YET
        self.empty.setText(sentence)
        self.empty.setVisible(not some)
        self._show_table(some)
        self._chosen_changed()

    def _show_table(self, some: bool) -> None:
        """An empty table hides; the keyboard waits on the tabs meanwhile and comes back with it."""
        had_keyboard = self.isVisible() and self.window().focusWidget() in (self.table, None)
        self.table.setVisible(some)
        self.setFocusProxy(self.table if some else self.tabs)
        if had_keyboard and not some:
            self.tabs.setFocus()
            self._lent = True
        elif some and self._lent:
            self._lent = False
            if self.tabs.hasFocus():
                self.table.setFocus()

    # --------------------------------------------------------------- choice

    def select(self, study_instance_uid: str | None) -> None:
        """Choose a study, or the first row."""
        row = self.model.place(study_instance_uid)
        if row is not None or self.model.shown:
            self.table.selectRow(row or 0)

    def selected(self) -> str | None:
        """The StudyInstanceUID of the chosen row."""
        item = self.chosen()
        return item.uid if item else None

    def chosen(self) -> Item | None:
        """The chosen row."""
        rows = self.table.selectionModel().selectedRows() if self.model.shown else []
        return self.model.shown[rows[0].row()] if rows else None

    def _chosen_changed(self) -> None:
        item = self.chosen()
        others = (self.model.item(uid) for uid in item.others) if item else ()
        unsent = self.model.unsent.get(item.uid) if item else None
        told = unsent.told if unsent else ""
        self.preview.show_item(item, [other for other in others if other is not None], told)
        self.changed.emit()

    def open_selected(self) -> None:
        chosen = self.selected()
        if chosen:
            self._open(chosen)

    def _open(self, uid: str) -> None:
        self._left_in = [item.uid for item in self.model.shown]
        self.opened.emit(uid)

    def rows_around(self, uid: str) -> list[str]:
        """The rows of the list; those from which a study was opened when it is in the tab no longer."""
        return [item.uid for item in self.model.shown] if self.model.place(uid) is not None else self._left_in

    # ------------------------------------------------------- tabs and order

    def sort_by(self, column: str) -> None:
        """Sort by a column; again by the same, the other way round."""
        now = self.tabs.tab().sort
        self.tabs.set_order(Sort(column, now.column == column and not now.descending))
        self._apply()

    def keep_filter(self) -> None:
        """Keep what is searched and filtered now, within the tab in front, as a tab of its own."""
        tab, asked = self.tabs.tab(), self.line.filter()
        if asked == Filter():
            self.said.emit("There is nothing to keep: search for something, or choose a modality or a date first.")
            return
        self.tabs.save(tab.filter.both(asked), tab.sort)
        self.line.clear()

    def _tab_chosen(self) -> None:
        self._apply()
        self._keep()

    def _tabs_changed(self) -> None:
        self.tabs.count_up(self.model.counts(self.tabs.tabs()))
        self._keep()

    def _kept(self) -> Kept:
        shown, given = not self.preview.isHidden(), tuple(self.store.urgencies.items())
        return Kept(self.tabs.tabs(), self.tabs.tab().key, self.table.places(), shown, given)

    def _keep(self) -> None:
        self.store.keep_soon()
        self.changed.emit()

    def _restore(self, found: Kept) -> None:
        self.tabs.set_tabs(tuple(replace(tab, sort=known_order(tab.sort)) for tab in found.tabs), found.tab)
        self.table.arrange(found.columns)
        self.preview.setVisible(found.preview)
        self._apply()

    # ------------------------------------------------------------- commands

    def say_keys(self, bound: Mapping[str, tuple[str, ...]]) -> None:
        """These keys are bound now; menus and tooltips say them."""
        self.keys = bound
        key = "".join(bound.get("find-in-the-archives", ())[:1])
        self.archives.setToolTip(f"{FIND} ({key})" if key else FIND)

    def why_not(self, name: str) -> str:
        """Why a command of `WORKLIST_COMMANDS` can do nothing now; empty when it can."""
        command = WORKLIST_COMMANDS[name]
        try:
            require(command.permission)
        except Refused as refused:
            return refused.sentence
        return command.why_not(OnList(self))

    def run(self, name: str) -> None:
        """Run a command of `WORKLIST_COMMANDS`, or say why it can do nothing now."""
        if sentence := self.why_not(name):
            self.said.emit(sentence)
        else:
            WORKLIST_COMMANDS[name].run(OnList(self))

    def _show_menu(self, at: QPoint) -> None:
        row_menu(self).exec(at)

    def toggle_preview(self) -> None:
        self.preview.setVisible(self.preview.isHidden())
        self._keep()

    def copy(self, text: str, what: str) -> None:
        """Put a text on the clipboard and say so."""
        QGuiApplication.clipboard().setText(text)
        self.said.emit(f"{what} was copied.")

    def search_all(self) -> None:
        """Put the cursor into the search line."""
        self.search.setFocus()
        self.search.selectAll()
        self.changed.emit()

    def _typed(self, text: str) -> None:
        """Letters typed on the table begin a search."""
        if text.isprintable() and text.strip():
            self.search.setFocus()
            self.search.setText(text)

    def leave(self) -> None:
        """Close what stands in the way: the report, then the search and the filters."""
        if self.report.isVisible():
            self.report.say("")
        else:
            self.line.clear()
            self.table.setFocus()
            self.changed.emit()

    def facts(self) -> dict[str, Any]:
        """What the list shows, in plain JSON values."""
        return list_facts(self)

    # --------------------------------------------------------------- events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_selected()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._lent = self._lent or not self.model.shown  # what comes to the front with no row waits on the tabs
        self._tick()
        self._minute.start()
        self._chosen_changed()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._minute.stop()
        self.store.stop()
        self.preview.stop()


def _button(text: str, tip: str, slot: Any) -> QPushButton:
    made = QPushButton(text)
    made.setToolTip(tip)
    made.clicked.connect(slot)
    return made
