"""Filters kept as tabs, each with how many studies it has now."""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QInputDialog, QMenu, QTabBar, QWidget

from workstation.worklist.filters import BUILT_IN_KEYS, Filter, Sort, Tab
from workstation.worklist.kept import MOST_TABS, new_key

FIXED = "This tab comes with the program."


class WorklistTabs(QTabBar):
    """`chosen(tab key)` when another tab is in front, `kept_changed` when there are others, or in another order."""

    chosen = Signal(str)
    kept_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._tabs: dict[str, Tab] = {}
        self._counts: dict[str, int] = {}
        self.setMovable(True)
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName("Kept filters")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.currentChanged.connect(lambda at: self.chosen.emit(self.key_at(at)))
        self.tabMoved.connect(lambda *places: self._relabel())
        self.tabMoved.connect(lambda *places: self.kept_changed.emit())
        self.tabBarDoubleClicked.connect(self.rename)
        self.customContextMenuRequested.connect(self._menu_asked)

    def set_tabs(self, tabs: tuple[Tab, ...], chosen: str) -> None:
        """Show these; says nothing."""
        with QSignalBlocker(self):
            while self.count():
                self.removeTab(0)
            self._tabs = {}
            for tab in tabs:
                self._add(tab)
            self.choose(chosen)
        self._relabel()

    def tabs(self) -> tuple[Tab, ...]:
        """From left to right."""
        return tuple(self._tabs[self.key_at(at)] for at in range(self.count()))

    def tab(self) -> Tab:
        """The one in front."""
        return self._tabs[self.key_at(self.currentIndex())]

    def key_at(self, at: int) -> str:
        return str(self.tabData(at))

    def choose(self, key: str) -> None:
        """Bring a tab to the front."""
        at = next((at for at in range(self.count()) if self.key_at(at) == key), None)
        if at is not None:
            self.setCurrentIndex(at)

    def step(self, by: int) -> None:
        """To the next tab or the one before, round the end."""
        self.setCurrentIndex((self.currentIndex() + by) % self.count())

    def count_up(self, counts: Mapping[str, int]) -> None:
        """How many studies each tab has, by key."""
        self._counts = dict(counts)
        self._relabel()

    def save(self, wanted: Filter, order: Sort) -> None:
        """Keep this filter as a tab of its own, named after what it asks for, and bring it to the front."""
        if self.count() >= MOST_TABS:
            return
        tab = Tab(new_key(self._tabs.values()), described(wanted), wanted, order)
        with QSignalBlocker(self):
            self._add(tab)
        self.kept_changed.emit()
        self.choose(tab.key)

    def set_order(self, order: Sort) -> None:
        """The tab in front is sorted so from now on."""
        tab = self.tab()
        self._tabs[tab.key] = replace(tab, sort=order)
        self.kept_changed.emit()

    def rename(self, at: int) -> None:
        """Ask for another name."""
        tab = self._tabs.get(self.key_at(at))
        if tab is None or tab.key in BUILT_IN_KEYS:
            return
        name, wanted = QInputDialog.getText(self, "Rename the tab", "Name", text=tab.name)
        if wanted and name.strip():
            self._tabs[tab.key] = replace(tab, name=name.strip()[:60])
            self._relabel()
            self.kept_changed.emit()

    def remove(self, at: int) -> None:
        """Forget a tab that the reader made; All comes to the front if it was there."""
        key = self.key_at(at)
        if key in BUILT_IN_KEYS or key not in self._tabs:
            return
        if at == self.currentIndex():
            self.choose("all")
        with QSignalBlocker(self):
            self.removeTab(at)
        del self._tabs[key]
        self._relabel()
        self.kept_changed.emit()

    def move_tab(self, at: int, by: int) -> None:
        """One place to the left or right."""
        if 0 <= at + by < self.count():
            self.moveTab(at, at + by)

    def menu(self, at: int, parent: QWidget | None = None) -> QMenu:
        """What can be done with a tab."""
        menu = QMenu("Tab", parent or self)
        menu.setToolTipsVisible(True)
        fixed = self.key_at(at) in BUILT_IN_KEYS
        for title, run, why_not in (
            ("Rename …", lambda: self.rename(at), FIXED if fixed else ""),
            ("Delete", lambda: self.remove(at), FIXED if fixed else ""),
            ("Move to the left", lambda: self.move_tab(at, -1), "" if at > 0 else "It is the first."),
            ("Move to the right", lambda: self.move_tab(at, 1), "" if at + 1 < self.count() else "It is the last."),
        ):
            action = menu.addAction(title)
            action.triggered.connect(run)
            action.setEnabled(not why_not)
            action.setToolTip(why_not)
        return menu

    def _menu_asked(self, at: QPoint) -> None:
        tab = self.tabAt(at)
        self.menu(tab if tab >= 0 else self.currentIndex()).exec(self.mapToGlobal(at))

    def _add(self, tab: Tab) -> None:
        self._tabs[tab.key] = tab
        self.setTabData(self.addTab(tab.name), tab.key)

    def _relabel(self) -> None:
        for at, tab in enumerate(self.tabs()):
            count = self._counts.get(tab.key)
            self.setTabText(at, (tab.name if count is None else f"{tab.name}  {count}").replace("&", "&&"))
            key = f" (Ctrl+{at + 1})" if at < 9 else ""
            self.setTabToolTip(at, f"{described(tab.filter)}{key}. A right click renames, deletes, moves.")


def described(wanted: Filter) -> str:
    """A filter in words."""
    days = {0: "", 1: "today", 7: "7 days", 30: "30 days"}.get(wanted.days, f"{wanted.days} days")
    parts = [" ".join(wanted.modalities), days, " or ".join(wanted.statuses), wanted.search]
    return ", ".join(part for part in parts if part) or "All studies"
