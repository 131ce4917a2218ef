"""The main window: study list and reading page, status line, and the wiring between hand and jobs."""

from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QPushButton, QStackedWidget, QWidget

from workstation import jobs
from workstation.cache.entries import ReadingStatus
from workstation.cache.index import Index
from workstation.case.command import COMMANDS, Command, Where
from workstation.case.habits import habits_of
from workstation.case.open import Opened, read_study
from workstation.case.park import parked as parked_text
from workstation.case.park import take_up
from workstation.case.presentation import presentations
from workstation.case.state import Case
from workstation.errors import Cancelled, Refused
from workstation.imaging.softcopy import Presentation
from workstation.loading.load import Loader
from workstation.paths import Home, resources
from workstation.picture.corners import FILE as CORNER_FILE
from workstation.security.roles import require
from workstation.settings import Settings, load
from workstation.ui.crash_page import CrashPage
from workstation.ui.help_page import HelpPage
from workstation.ui.importing import Importing, sentence_of
from workstation.ui.keys import HELD, Keymap, Keys, bindings, keymaps
from workstation.ui.keys_page import KeysPage
from workstation.ui.log_file import log_path
from workstation.ui.palette import Palette
from workstation.ui.places import Places
from workstation.ui.reading_page import ReadingPage
from workstation.ui.screen_size import pixel_mm
from workstation.ui.second_window import TilesElsewhere
from workstation.ui.settings_page import SettingsPage
from workstation.ui.state_file import StateFile
from workstation.ui.status_line import StatusLine
from workstation.ui.study_list import StudyListPage
from workstation.ui.tile_menu import tile_menu
from workstation.ui.window_commands import all_commands
from workstation.ui.window_facts import window_facts

P = TypeVar("P", bound=QWidget)

OPENED_AFTER_MS: Final = 700
"""A study that was on the screen for so long was opened."""


class MainWindow(QMainWindow):
    """The program's one window. `changed` follows everything that a person could see."""

    changed = Signal()
    restart_wanted = Signal(str)
    """Make the window anew, with this study open, or the list when empty."""

    def __init__(
        self,
        home: Home,
        state: Path | None = None,
        protocol: str | None = None,
        settings: Settings | None = None,
        places: Places | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings or load(resources() / "settings.toml", home.root)
        self._protocol = protocol
        self._home = home
        self._asked_for = ""
        self._word = ""
        self.menu: QMenu | None = None
        self._before_crash: QWidget | None = None
        self.loader = Loader(home, self._arrived)
        self.list: StudyListPage = StudyListPage(home)
        self.reading: ReadingPage = ReadingPage(home, self.loader)
        self.places = places or Places()
        self.elsewhere = TilesElsewhere(self.reading, self.loader, self.run, self.places)
        self.elsewhere.changed.connect(self.changed)
        self.elsewhere.changed.connect(self._obey)
        self.crash = CrashPage(str(log_path(home)))
        self.importing = Importing(home, self.say, self.list.say_report, self._import_ended)
        self.pages = QStackedWidget()
        self._pages: dict[str, QWidget] = {
            "list": self.list,
            "reading": self.reading,
            "crash": self.crash,
        }
        for page in self._pages.values():
            self.pages.addWidget(page)
        self.pages.setMinimumSize(640, 360)  # no page makes the window larger than its screen
        self.palette_panel = Palette(self)
        self.setCentralWidget(self.pages)
        self.setWindowTitle("Hounsfield")
        self.resize(1600, 1000)
        self._status_line()
        self._wire()
        self._state = StateFile(state, self.facts, self) if state is not None else None
        if self._state is not None:
            self.changed.connect(self._state.changed)
        self.show_list()

    def _wire(self) -> None:
        self.list.opened.connect(self.open_study)
        self.list.dropped.connect(self.importing.begin)
        self.list.changed.connect(self.changed)
        self.list.said.connect(self.say)
        self.list.opened_with_priors.connect(self.open_study)
        self.reading.closed.connect(self.show_list)
        self.reading.changed.connect(self.changed)
        self.crash.went_on.connect(self._go_on)
        self.crash.restart_wanted.connect(lambda: self.restart_wanted.emit(self._asked_for))
        self.crash.copied.connect(lambda: self.say("The report is on the clipboard; it names no patient."))
        self.reading.grid.menu_wanted.connect(lambda number, place: self.open_tile_menu(place))
        self.palette_panel.chosen.connect(self.run)
        self.palette_panel.closed.connect(self._focus_page)
        self.palette_panel.changed.connect(self.changed)
        places = {Where.READING: self.reading, Where.LIST: self.list, Where.EVERYWHERE: self}
        self.keys = Keys(places, self.run, self._hold)
        self._bind()
        self.settings.changed.connect(self._obey)
        self.pages.currentChanged.connect(lambda index: self.status.shut())

    # Pages that are seldom opened are made when they are: together they cost the start a tenth of a second.

    @cached_property
    def help(self) -> HelpPage:
        """All keys and what the mouse does."""
        page = self._add_page("help", HelpPage())
        page.closed.connect(self.leave_page)
        page.say(self.keys.bound, self._keymap.mouse)
        return page

    @cached_property
    def keys_page(self) -> KeysPage:
        """Where keys are changed."""
        page = self._add_page("keys", KeysPage())
        page.closed.connect(self.leave_page)
        page.chosen.connect(self._keys_chosen)
        page.show_keys(self.settings.text("keys.preset"), self.settings.table("keys.overrides"), self._keymap.name)
        return page

    @cached_property
    def settings_page(self) -> SettingsPage:
        """What can be set."""
        page = self._add_page("settings", SettingsPage(self.settings, self._home.root / CORNER_FILE))
        page.closed.connect(self.leave_page)
        page.said.connect(self.say)
        page.changed.connect(self.changed)
        page.page_wanted.connect(lambda page: self.toggle_keys_page())
        page.corner_text_changed.connect(self._repaint)
        return page

    def _add_page(self, name: str, page: P) -> P:
        self._pages[name] = page
        self.pages.addWidget(page)
        return page

    @property
    def _keymap(self) -> Keymap:
        return keymaps().get(self.settings.text("mouse.preset"), keymaps()["hounsfield"])

    def _status_line(self) -> None:
        self.status = StatusLine()
        self.status.changed.connect(self.changed)
        self.status.left.connect(self._focus_page)
        line = self.statusBar()
        line.setSizeGripEnabled(False)
        line.addWidget(self.status, 1)
        for text, tip, run in (
            ("Commands", "Find any command by a word (Ctrl+K)", self.open_palette),
            ("Settings", "What can be set, with a search line (Ctrl+,)", self.toggle_settings_page),
            ("Keys", "All keys and what the mouse does (F1); Shift+F1 changes them", self.toggle_help),
        ):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(run)
            line.addPermanentWidget(button)

    def _bind(self) -> None:
        """Put the keys and the mouse of the settings in force."""
        bound = bindings(self.settings.text("keys.preset"), self.settings.table("keys.overrides"))
        self.keys.bind(bound)
        self.list.keys = bound
        self.elsewhere.bind(bound)
        self._obey()
        if "help" in self._pages:
            self.help.say(bound, self._keymap.mouse)

    def _obey(self, name: str = "") -> None:
        """Put the settings of the tiles in force."""
        settings = self.settings
        mouse = self._keymap
        for grid in self.reading.grids:
            grid.hand.mouse = mouse.mouse
            grid.hand.zoom_sign = -1 if settings.flag("mouse.invert_zoom") else 1
            grid.wheel_sign = 1 if settings.text("mouse.wheel") == "down-is-next" else -1
            grid.accelerated = settings.flag("mouse.acceleration")
            grid.magnifier.size_px = settings.whole("magnifier.size")
            grid.magnifier.factor = settings.number("magnifier.factor")
        self.reading.arrange(settings.text("tiles.strip") == "right", settings.flag("tiles.coverage"))

    def _keys_chosen(self, preset: str, own: dict[str, tuple[str, ...]], mouse: str) -> None:
        for name, value in (("keys.preset", preset), ("keys.overrides", own), ("mouse.preset", mouse)):
            self.settings.set(name, value)
        self._bind()
        jobs.run("Save the settings", lambda job: self.settings.save(), failed=self._tell)
        self.changed.emit()

    def run(self, name: str) -> None:
        """Run a command by name, or say why it can do nothing now."""
        command = all_commands()[name]
        if sentence := self.why_not(command):
            self.say(sentence)
        elif name in COMMANDS:
            self.reading.run(name)
        else:
            command.run(self)

    def _hold(self) -> None:
        """The key that shows the next series of the same place went down."""
        if sentence := self.why_not(COMMANDS[HELD]):
            self.say(sentence)
        else:
            self.reading.peek()

    def why_not(self, command: Command) -> str:
        """Why a command can do nothing now; empty when it can."""
        if command.where is not Where.EVERYWHERE and command.where.value != self.page:
            where = "while a study is open" if command.where is Where.READING else "in the study list"
            return f"This works {where}."
        try:
            require(command.permission)
        except Refused:
            return "The role of whoever sits here does not allow this."
        case = self.reading.case
        if case is not None:
            dpi, both = self.settings.number("tiles.screen_dpi"), (self, self.elsewhere.window)
            case.screen_mm_per_px = pixel_mm(both, dpi)  # asked anew each time: windows move between screens
        if command.name in COMMANDS:
            return "No study with images is open." if case is None or not case.tiles else command.why_not(case)
        return command.why_not(self)

    def open_tile_menu(self, place: QPoint | None = None) -> None:
        """What fits the active tile, at a place of the screen or in the middle of the tile."""
        case, grid = self.reading.case, self.reading.grid
        if case is None or not case.tiles:
            return
        ratio = grid.devicePixelRatioF()
        active = next((tile.rect.center() for tile in grid.tiles if tile.number == case.active), QPoint())
        middle = grid.mapToGlobal(QPoint(round(active.x() / ratio), round(active.y() / ratio)))
        menu = tile_menu(self, case, self.run, self.why_not, self.keys.bound)
        menu.aboutToHide.connect(self.changed)
        menu.aboutToShow.connect(self.changed)
        self.menu = menu
        menu.popup(place or middle)

    def open_palette(self) -> None:
        """Show every command by its name, those that work here first."""
        commands = sorted(all_commands().values(), key=lambda each: bool(self.why_not(each)))
        self.palette_panel.open(commands, self.keys.bound, self.why_not)

    def say(self, sentence: str) -> None:
        """The one place for messages."""
        self.status.say(sentence)
        self.changed.emit()

    # ---------------------------------------------------------------- list

    def show_list(self) -> None:
        """Go back to the list; the open study is let go."""
        self._asked_for = ""
        self.elsewhere.bring_back()
        self.reading.show_case(None)
        self.loader.close_all()
        self._count_arrivals()
        self.pages.setCurrentWidget(self.list)
        self.list.table.setFocus()
        self.say("")
        self.refresh()

    def refresh(self) -> None:
        """Read the study list again."""
        self.list.refresh()

    def _tell(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self.say(sentence_of(error))

    def _import_ended(self) -> None:
        self.status.look()
        self.refresh()

    # ---------------------------------------------------------------- open

    def open_study(self, study_uid: str) -> None:
        """Open a study of the cache; a later wish overtakes an earlier one."""
        self._asked_for = study_uid
        self.say("Opening …")
        jobs.run(
            "Open a study",
            lambda job: _read(self._home, study_uid, self._protocol),
            lambda found: self._opened(study_uid, *found),
            self._tell,
        )

    def _opened(
        self, study_uid: str, opened: Opened, states: tuple[Presentation, ...] = (), parked: str | None = None
    ) -> None:
        if study_uid != self._asked_for:
            return
        QTimer.singleShot(OPENED_AFTER_MS, lambda: self._note_opened(study_uid))
        self.elsewhere.bring_back()
        self.loader.close_all()
        self.pages.setCurrentWidget(self.reading)
        case = Case(opened.sets, opened.answer.plan, opened.digests, habits_of(self.settings))
        case.presentations = states
        returned = parked is not None and take_up(case, parked)
        self.reading.show_case(case, opened)
        self.reading.setFocus()
        self._count_arrivals()
        said, self._word = self._word or ("As it was when it was parked." if returned else ""), ""
        self.say(said if opened.sets else "This study holds no images. Esc goes back to the list.")

    def _note_opened(self, study_uid: str) -> None:
        """Not before the first picture: writing costs two waits for the disk."""
        if study_uid == self._asked_for:
            self.list.store.set_status(study_uid, ReadingStatus.OPENED)

    def say_when_opened(self, sentence: str) -> None:
        """Say something once the next study is open, where opening would say over it."""
        self._word = sentence

    def park(self) -> None:
        """Put the open study aside as it is; opening it again returns to exactly this."""
        case = self.reading.case
        if case is not None and case.first is not None:
            self.list.store.park(case.first.StudyInstanceUID, parked_text(case))
            self.show_list()
            self.say("Parked: opening it again returns to where it was.")

    def _arrived(self, key: str) -> None:
        self.reading.arrived(key)
        self._count_arrivals()

    def _count_arrivals(self) -> None:
        """Say in the status line how much of what is wanted is in memory."""
        case = self.reading.case
        loadings = [self.loader.get(each) for each in case.sets] if case else []
        total = sum(len(each.display_set.images) for each in loadings if each)
        there = sum(each.voxels.arrived + len(each.problems) for each in loadings if each)
        self.status.say_loading(there, total)
        self.status.say_memory(sum(each.voxels.stored.nbytes for each in loadings if each))

    # ---------------------------------------------------------------- rest

    def toggle_help(self) -> None:
        """Show the keys in place of the page; the study stays open behind them."""
        self._toggle_page(self.help, self.help.browser)

    def toggle_keys_page(self) -> None:
        """Show the page where keys are changed, or go back."""
        self._toggle_page(self.keys_page, self.keys_page.search)

    def toggle_settings_page(self) -> None:
        """Show the settings, or go back."""
        self._toggle_page(self.settings_page, self.settings_page.search)

    def _repaint(self) -> None:
        """What stands on the tiles is written otherwise now."""
        if self.reading.case is not None:
            self.reading.case.emit_changed(tuple(range(len(self.reading.case.tiles))))

    def _toggle_page(self, page: QWidget, focus: QWidget) -> None:
        if self.pages.currentWidget() is page:
            self.leave_page()
            return
        self.pages.setCurrentWidget(page)
        focus.setFocus()
        self.say("")

    def leave_page(self) -> None:
        """Back to the open study, or to the list."""
        self.pages.setCurrentWidget(self.reading if self.reading.case is not None else self.list)
        self._focus_page()
        self.changed.emit()

    def unexpected(self, error: BaseException) -> None:
        """Something of ours failed: say it on a page of its own. What is open stays as it is behind it."""
        self.crash.add(error)
        if self.pages.currentWidget() is not self.crash:
            self._before_crash = self.pages.currentWidget()
            self.pages.setCurrentWidget(self.crash)
            self.say(f"Something went wrong ({type(error).__name__}). It was written to the log.")

    def _go_on(self) -> None:
        self.pages.setCurrentWidget(self._before_crash or self.list)
        self._focus_page()
        self.say("")

    def _focus_page(self) -> None:
        """Give the keyboard to what is in front."""
        page = self.pages.currentWidget()
        if isinstance(page, HelpPage):
            page.browser.setFocus()
        elif isinstance(page, SettingsPage):
            page.search.setFocus()
        elif isinstance(page, KeysPage | StudyListPage):
            page.table.setFocus()
        else:
            (self.crash.go_on if page is self.crash else self.reading).setFocus()

    @property
    def page(self) -> str:
        """The name of the page in front."""
        return next(name for name, page in self._pages.items() if page is self.pages.currentWidget())

    def facts(self) -> dict[str, Any]:
        """What is on screen, in plain JSON values."""
        return window_facts(self)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange:
            self.changed.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.importing.stop()
        self._asked_for = ""
        if "settings" in self._pages:
            self.settings_page.finish()
        self.places.note("main", self)
        self.elsewhere.bring_back()
        self.reading.show_case(None)
        self.loader.close_all()
        if self._state is not None:
            self._state.stop()
        self.status.end()
        super().closeEvent(event)


def _read(home: Home, study_uid: str, protocol: str | None) -> tuple[Opened, tuple[Presentation, ...], str | None]:
    """What a study holds, its presentation states, and how it was parked."""
    with Index(home) as index:
        parked = index.parked(study_uid)
    return read_study(home, study_uid, protocol), presentations(home, study_uid), parked
