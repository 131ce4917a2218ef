"""The main window: study list and reading page, status line, and the wiring between hand and jobs."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QPushButton, QStackedWidget, QWidget

from workstation import jobs
from workstation.cache.entries import StudyRow
from workstation.cache.importer import ImportReport, import_paths
from workstation.cache.index import Index
from workstation.case.command import COMMANDS, Command, Where
from workstation.case.open import Opened, read_study
from workstation.case.presentation import presentations
from workstation.case.state import Case
from workstation.errors import Cancelled, HounsfieldError, Refused
from workstation.imaging.softcopy import Presentation
from workstation.loading.load import Loader
from workstation.paths import Home, resources
from workstation.security.roles import require
from workstation.settings import Settings, load
from workstation.ui.crash_page import CrashPage
from workstation.ui.help_page import HelpPage
from workstation.ui.keys import Keys, bindings, keymaps
from workstation.ui.keys_page import KeysPage
from workstation.ui.log_file import log_path
from workstation.ui.palette import Palette
from workstation.ui.places import Places
from workstation.ui.reading_page import ReadingPage
from workstation.ui.second_window import TilesElsewhere
from workstation.ui.state_file import StateFile
from workstation.ui.status_line import StatusLine
from workstation.ui.study_list import StudyListPage
from workstation.ui.tile_menu import tile_menu
from workstation.ui.window_commands import all_commands


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
        self._import_job: jobs.Job | None = None
        self.menu: QMenu | None = None
        self._before_crash: QWidget | None = None
        self.loader = Loader(home, self._arrived)
        self.list = StudyListPage()
        self.reading = ReadingPage(home, self.loader)
        self.places = places or Places()
        self.elsewhere = TilesElsewhere(self.reading, self.loader, self.run, self.places)
        self.elsewhere.changed.connect(self.changed)
        self.help = HelpPage()
        self.keys_page = KeysPage()
        self.pages = QStackedWidget()
        self.pages.addWidget(self.list)
        self.pages.addWidget(self.reading)
        self.pages.addWidget(self.help)
        self.pages.addWidget(self.keys_page)
        self.crash = CrashPage(str(log_path(home)))
        self.pages.addWidget(self.crash)
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
        self.list.dropped.connect(self.import_paths)
        self.list.changed.connect(self.changed)
        self.reading.closed.connect(self.show_list)
        self.reading.changed.connect(self.changed)
        self.help.closed.connect(self.leave_page)
        self.keys_page.closed.connect(self.leave_page)
        self.keys_page.chosen.connect(self._keys_chosen)
        self.crash.went_on.connect(self._go_on)
        self.crash.restart_wanted.connect(lambda: self.restart_wanted.emit(self._asked_for))
        self.crash.copied.connect(lambda: self.say("The report is on the clipboard; it names no patient."))
        self.reading.grid.menu_wanted.connect(lambda number, place: self.open_tile_menu(place))
        self.palette_panel.chosen.connect(self.run)
        self.palette_panel.closed.connect(self._focus_page)
        self.palette_panel.changed.connect(self.changed)
        places = {Where.READING: self.reading, Where.LIST: self.list, Where.EVERYWHERE: self}
        self.keys = Keys(places, self.run)
        self._bind()
        self._obey()
        self.settings.changed.connect(self._obey)

    def _status_line(self) -> None:
        self.status = StatusLine()
        self.message = self.status.message
        self.status.changed.connect(self.changed)
        help_button = QPushButton("Keys")
        help_button.setToolTip("All keys and what the mouse does (F1)")
        help_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        help_button.clicked.connect(self.toggle_help)
        line = self.statusBar()
        line.setSizeGripEnabled(False)
        line.addWidget(self.status, 1)
        line.addPermanentWidget(help_button)

    def _bind(self) -> None:
        """Put the keys and the mouse of the settings in force."""
        preset, own = self.settings.text("keys.preset"), self.settings.table("keys.overrides")
        mouse = keymaps().get(self.settings.text("mouse.preset"), keymaps()["hounsfield"])
        bound = bindings(preset, own)
        self.keys.bind(bound)
        self.elsewhere.bind(bound)
        self.help.say(bound, mouse.mouse)
        self.reading.grid.hand.mouse = mouse.mouse
        self.keys_page.show_keys(preset, own, mouse.name)

    def _obey(self, name: str = "") -> None:
        """Put the settings of the tiles in force."""
        settings, grid = self.settings, self.reading.grid
        grid.hand.zoom_sign = -1 if settings.flag("mouse.invert_zoom") else 1
        grid.wheel_sign = 1 if settings.text("mouse.wheel") == "down-is-next" else -1
        grid.accelerated = settings.flag("mouse.acceleration")
        grid.magnifier.size_px = settings.whole("magnifier.size")
        grid.magnifier.factor = settings.number("magnifier.factor")

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

    def why_not(self, command: Command) -> str:
        """Why a command can do nothing now; empty when it can."""
        page = {self.list: Where.LIST, self.reading: Where.READING}.get(self.pages.currentWidget())
        if command.where not in (page, Where.EVERYWHERE):
            where = "while a study is open" if command.where is Where.READING else "in the study list"
            return f"This works {where}."
        try:
            require(command.permission)
        except Refused as refused:
            return refused.sentence
        case = self.reading.case
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
        jobs.run("Read the study list", lambda job: _rows(self._home), self.list.set_rows, self._tell)

    def _tell(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self.say(error.sentence if isinstance(error, HounsfieldError) else f"That failed: {type(error).__name__}.")

    # ---------------------------------------------------------------- open

    def open_study(self, study_uid: str) -> None:
        """Open a study of the cache; a later wish overtakes an earlier one."""
        self._asked_for = study_uid
        self.say("Opening …")
        jobs.run(
            "Open a study",
            lambda job: (read_study(self._home, study_uid, self._protocol), presentations(self._home, study_uid)),
            lambda found: self._opened(study_uid, *found),
            self._tell,
        )

    def _opened(self, study_uid: str, opened: Opened, states: tuple[Presentation, ...] = ()) -> None:
        if study_uid != self._asked_for:
            return
        self.elsewhere.bring_back()
        self.loader.close_all()
        self.pages.setCurrentWidget(self.reading)
        case = Case(opened.sets, opened.answer.plan, opened.digests)
        case.presentations = states
        self.reading.show_case(case, opened)
        self.reading.setFocus()
        self._count_arrivals()
        self.say("" if opened.sets else "This study holds no images. Esc goes back to the list.")

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

    # -------------------------------------------------------------- import

    def import_paths(self, paths: list[Path]) -> None:
        """Import in the background; one at a time."""
        if self.is_importing:
            self.say("An import is running; wait for it or stop it first (Ctrl+.).")
            return
        self.list.say_report("")
        self.say(f"Importing {len(paths)} item{'s' if len(paths) != 1 else ''} …")
        self._import_job = jobs.run("Import", lambda job: self._import(job, paths), self._imported, self._import_ended)

    def _import(self, job: jobs.Job, paths: list[Path]) -> ImportReport:
        return import_paths(self._home, paths, job.progress)

    def _imported(self, report: ImportReport) -> None:
        self._import_ended(None)
        said = f"{report.stored} stored, {report.already_stored} already there, {len(report.refused)} refused"
        self.say(f"Import done in {report.seconds:.1f} s: {said}.")
        refused = "\n".join(f"{path}: {reason}" for path, reason in report.refused)
        self.list.say_report(f"Refused (Esc closes this):\n{refused}" if refused else "")

    def _import_ended(self, error: Exception | None) -> None:
        if isinstance(error, Cancelled):
            self.say("Import stopped; what was stored stays, and a second import goes on from there.")
        elif error is not None:
            self._tell(error)
        self.refresh()

    @property
    def is_importing(self) -> bool:
        return self._import_job is not None and not self._import_job.finished

    def stop_import(self) -> None:
        if self._import_job is not None:
            self._import_job.cancel()

    # ---------------------------------------------------------------- rest

    def toggle_help(self) -> None:
        """Show the keys in place of the page; the study stays open behind them."""
        self._toggle_page(self.help, self.help.browser)

    def toggle_keys_page(self) -> None:
        """Show the page where keys are changed, or go back."""
        self._toggle_page(self.keys_page, self.keys_page.search)

    def _toggle_page(self, page: QWidget, focus: QWidget) -> None:
        if self.pages.currentWidget() is page:
            self.leave_page()
            return
        self.pages.setCurrentWidget(page)
        focus.setFocus()
        self.changed.emit()

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
        focused = (self.list.table, self.reading, self.help.browser, self.keys_page.table, self.crash.go_on)
        focused[self.pages.currentIndex()].setFocus()

    def facts(self) -> dict[str, Any]:
        """What is on screen, in plain JSON values; places in device pixels of the screen."""
        case, grid = self.reading.case, self.reading.grid
        ratio = self.devicePixelRatioF()
        corner = grid.mapToGlobal(QPoint(0, 0))
        left, top = round(corner.x() * ratio), round(corner.y() * ratio)
        tiles = [
            {
                **(tile.picture.facts if tile.picture else {}),
                "tile": tile.number + 1,
                "rect": [left + tile.rect.x(), top + tile.rect.y(), tile.rect.width(), tile.rect.height()],
                "painted": tile.painted,
                "busy": tile.busy,
            }
            for tile in grid.tiles
        ]
        first = case.first if case else None
        page = ("list", "reading", "help", "keys", "crash")[self.pages.currentIndex()]
        return {
            "page": page,
            "keyboard": self.isActiveWindow(),
            "study_instance_uid": first.StudyInstanceUID if first else None,
            "stage": case.stage + 1 if case else None,
            "playing": [number + 1 for number in sorted(case.playing)] if case else [],
            "speeds": [case.playing[number].speed for number in sorted(case.playing)] if case else [],
            "maximised": bool(case and case.maximised is not None),
            "active": case.active + 1 if case else None,
            "tiles": tiles,
            "grid": [left, top, round(grid.width() * ratio), round(grid.height() * ratio)],
            "strip": self.reading.strip.isVisible(),
            "second_window": self._second_facts(),
            "panel": self.reading.panel.toPlainText() if self.reading.panel.isVisible() else None,
            "loading": self.status.loading_text,
            "banner": self.reading.banner.text(),
            "coverage": self.reading.coverage.facts(),
            "message": self.message.text(),
            "list": self.list.facts(),
            "palette": self.palette_panel.facts(),
            "menu": [a.text() for a in self.menu.actions()] if self.menu and self.menu.isVisible() else None,
            "magnifier": self.reading.grid.magnifier.on,
            "keys": self.keys_page.facts(),
        }

    def _second_facts(self) -> dict[str, Any] | None:
        second = self.elsewhere.window
        if second is None:
            return None
        shown = [
            {**(tile.picture.facts if tile.picture else {}), "tile": tile.number + 1} for tile in second.grid.tiles
        ]
        return {"tiles": shown, "screen": second.screen().name(), "ratio": second.devicePixelRatioF()}

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange:
            self.changed.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.stop_import()
        self.places.note("main", self)
        self.elsewhere.bring_back()
        self.reading.show_case(None)
        self.loader.close_all()
        if self._state is not None:
            self._state.stop()
        self.status.end()
        super().closeEvent(event)


def _rows(home: Home) -> tuple[StudyRow, ...]:
    with Index(home) as index:
        return index.studies()
