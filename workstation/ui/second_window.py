"""A second window with tiles of the same case, on another screen where there is one.

A tile that is moved here leaves its place in the first window empty and comes back when this one closes. All else is
the case's: what is scrolled or windowed here follows there, and the same keys work.
"""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workstation.case.command import Where
from workstation.case.state import Case
from workstation.loading.load import Loader
from workstation.ui.banner import PatientBanner
from workstation.ui.keys import Keys
from workstation.ui.places import Places, other_screen, show_at
from workstation.ui.reading_page import ReadingPage
from workstation.ui.tile_grid import TileGrid


class SecondWindow(QWidget):
    """Shows the tiles `numbers` of a case. `closed` as it goes; what it showed comes back then."""

    closed = Signal()
    activated = Signal()
    """The keyboard came or went."""

    def __init__(
        self,
        loader: Loader,
        run: Callable[[str], None],
        hold: Callable[[], None],
        released: Callable[[QKeyEvent], None],
    ) -> None:
        super().__init__()
        self._released = released
        self.setObjectName("page")
        self.setWindowTitle("Hounsfield, second window (Esc brings its tiles back)")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.numbers: tuple[int, ...] = ()
        self._case: Case | None = None
        self._run = run
        self.banner = PatientBanner()
        self.grid = TileGrid(loader)
        self.keys = Keys({Where.READING: self, Where.EVERYWHERE: self}, self._pressed, hold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.grid, 1)

    def bind(self, bound: Mapping[str, tuple[str, ...]]) -> None:
        """Make these the keys here."""
        self.keys.bind(bound)

    def show_tiles(self, case: Case, numbers: tuple[int, ...]) -> None:
        """Show these tiles of a case and no other."""
        self.numbers = numbers
        self.grid.show_only(numbers)
        if case is not self._case:
            self._let_go()
            self._case = case
            case.changed.connect(self._follow)
            case.stage_changed.connect(self._follow)
            self.grid.show_case(case)
        self._follow()

    def _let_go(self) -> None:
        if self._case is not None:
            self._case.changed.disconnect(self._follow)
            self._case.stage_changed.disconnect(self._follow)
            self._case = None

    def _follow(self, numbers: tuple[int, ...] = ()) -> None:
        self.banner.show_case(self._case)

    def _pressed(self, name: str) -> None:
        """Esc leaves this window, not the study."""
        if name == "back":
            self.close()
        else:
            self._run(name)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """A key that was held to peek is let go."""
        self._released(event)
        super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange:
            self.activated.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()
        self._let_go()
        self.grid.show_case(None)


PLACE = "second"


class TilesElsewhere(QObject):
    """Moves tiles of the reading page to the second window and back. `changed` after each move."""

    changed = Signal()

    def __init__(
        self,
        reading: ReadingPage,
        loader: Loader,
        run: Callable[[str], None],
        hold: Callable[[], None],
        places: Places,
    ) -> None:
        super().__init__(reading)
        self._reading, self._loader, self._run, self._places = reading, loader, run, places
        self._hold = hold
        self._bound: Mapping[str, tuple[str, ...]] = {}
        self.window: SecondWindow | None = None

    def bind(self, bound: Mapping[str, tuple[str, ...]]) -> None:
        self._bound = bound
        if self.window is not None:
            self.window.bind(bound)

    def toggle(self) -> None:
        """Move the active tile to the second window, or back when it is there."""
        case = self._reading.case
        if case is None or not case.tiles:
            return
        there = self.window.numbers if self.window is not None else ()
        left = tuple(each for each in there if each != case.active)
        there = left if left != there else (*there, case.active)
        if there:
            self._show(case, there)
        else:
            self.bring_back()

    def _show(self, case: Case, numbers: tuple[int, ...]) -> None:
        window = self.window or self._made()
        window.show_tiles(case, numbers)
        self._reading.grid.leave_out(frozenset(numbers))
        self.changed.emit()

    def _made(self) -> SecondWindow:
        window = self.window = SecondWindow(self._loader, self._run, self._hold, self._reading.released)
        window.bind(self._bound)
        window.closed.connect(self._gone)
        window.activated.connect(self.changed)
        self._reading.add_grid(window.grid)
        beside = other_screen(self._reading)
        show_at(window, self._places.get(PLACE), beside or self._reading.screen(), maximised=beside is not None)
        window.activateWindow()
        window.setFocus()  # keys belong to what has the keyboard
        return window

    def bring_back(self) -> None:
        """Close the second window."""
        if self.window is not None:
            self.window.close()

    def _gone(self) -> None:
        window, self.window = self.window, None
        if window is not None:
            self._places.note(PLACE, window)
            self._reading.remove_grid(window.grid)
            self._reading.grid.leave_out(frozenset())
            window.deleteLater()
            self._reading.window().activateWindow()  # without a window manager nobody else gives it the keyboard
            self.changed.emit()
