"""The main window: study list and reading page, status line, and the wiring between hand and jobs."""

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow

from workstation.cache.importer import ImportReport
from workstation.case.command import COMMANDS, Command, Where
from workstation.errors import Cancelled, Refused
from workstation.loading.load import Loader
from workstation.paths import Home, resources
from workstation.picture.corners import FILE as CORNER_FILE
from workstation.security.roles import require
from workstation.settings import Settings, load
from workstation.ui.audience import Audience
from workstation.ui.crash_page import CrashPage
from workstation.ui.health import Health
from workstation.ui.help_page import HelpPage
from workstation.ui.importing import Importing, sentence_of
from workstation.ui.in_force import InForce
from workstation.ui.keys import HELD, Keys, how, key_of
from workstation.ui.keys_page import KeysPage
from workstation.ui.log_file import log_path
from workstation.ui.menus import Menus
from workstation.ui.opening import Opening
from workstation.ui.pages import Pages
from workstation.ui.palette import Palette
from workstation.ui.places import Places
from workstation.ui.reading_page import ReadingPage
from workstation.ui.save_desk import SaveDesk
from workstation.ui.screen_size import pixel_mm
from workstation.ui.second_window import TilesElsewhere
from workstation.ui.settings_page import SettingsPage
from workstation.ui.state_file import StateFile
from workstation.ui.status_bar import status_bar
from workstation.ui.study_list import StudyListPage
from workstation.ui.surface_desk import SurfaceDesk
from workstation.ui.transfer_desk import Transfers
from workstation.ui.transfer_orders import Orders
from workstation.ui.transfer_prefetch import Prefetching
from workstation.ui.turntable_desk import TurntableDesk
from workstation.ui.window_commands import WORKS, all_commands
from workstation.ui.window_facts import window_facts
from workstation.ui.worklist_elsewhere import Archives

if TYPE_CHECKING:
    from workstation.ui.node_page import NodePage
    from workstation.ui.query_page import QueryPage


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
        self._home = home
        self._refused = ""
        self._from_query = False
        """The page in front was opened from where archives are queried, and goes back there."""
        self.opening = Opening(self, home, protocol)
        self.audience = Audience(self)
        self.loader = Loader(home, self.opening.arrived)
        self.list: StudyListPage = StudyListPage(home)
        self.reading: ReadingPage = ReadingPage(home, self.loader)
        self.places = places or Places()
        self.elsewhere = TilesElsewhere(self.reading, self.loader, self.run, self._hold, self.places)
        self.crash = CrashPage(str(log_path(home)))
        self.transfers = Transfers(self, home, protocol)
        came_in = partial(self.transfers.growing.arrived, unasked=True)
        self.importing = Importing(home, self.say, self.list.report.say, self._import_ended, self.imported, came_in)
        self.menus = Menus(self)
        self.pages = Pages()
        self._fill_pages()
        self.orders = Orders(self, home)
        self.archives = Archives(self, home)
        self.saving = SaveDesk(self, home)
        self.prefetching = Prefetching(self, self.transfers, home)
        self.palette_panel = Palette(self)
        self.setCentralWidget(self.pages)
        self.setWindowTitle("Hounsfield")
        self.resize(1600, 1000)
        self.surfaces = SurfaceDesk(self, home)
        self.surfaces.said.connect(self.say)
        self.turntables = TurntableDesk(self, home)
        self.turntables.said.connect(self.say)
        self.reading.scenes.said.connect(self.say)
        self.status = status_bar(self)
        self._wire()
        self.health = Health(self, home)
        self._state = StateFile(state, self.facts, self) if state is not None else None
        if self._state is not None:
            self.changed.connect(self._state.changed)
        self.show_list()

    def _fill_pages(self) -> None:
        self.pages.put("list", self.list)
        self.pages.put("reading", self.reading)
        self.pages.put("crash", self.crash, self.crash.go_on)
        self.pages.put_seldom("help", lambda: (self.help, self.help.browser))
        self.pages.put_seldom("keys", lambda: (self.keys_page, self.keys_page.search))
        self.pages.put_seldom("settings", lambda: (self.settings_page, self.settings_page.search))
        self.pages.put_seldom("query", lambda: (self.query, self.query))
        self.pages.put_seldom("nodes", lambda: (self.nodes, self.nodes.list))

    def _wire(self) -> None:
        self.list.opened.connect(self.open_study)
        self.list.dropped.connect(self.importing.begin)
        self.list.changed.connect(self.changed)
        self.list.said.connect(self.say)
        self.list.archives_wanted.connect(lambda: self.run("find-in-the-archives"))
        self.list.opened_with_priors.connect(self.open_study)
        self.elsewhere.changed.connect(self.changed)
        self.reading.closed.connect(self._leave_study)
        self.reading.changed.connect(self.changed)
        self.reading.findings.said.connect(self.say)
        self.reading.curved.said.connect(self.say)
        self.reading.turning.said.connect(self.say)
        self.reading.thickness.said.connect(self.say)
        self.reading.reformats.said.connect(self.say)
        self.reading.volumes.said.connect(self.say)
        self.reading.planned.said.connect(self.say)
        self.reading.registration.said.connect(self.say)
        self.reading.pet.said.connect(self.say)
        self.reading.suv.said.connect(self.say)
        self.reading.reformats.wrote.connect(self.transfers.growing.complete)
        self.crash.went_on.connect(self._go_on)
        self.crash.restart_wanted.connect(lambda: self.restart_wanted.emit(self.opening.asked_for))
        self.crash.copied.connect(lambda: self.say("The report is on the clipboard; it names no patient."))
        self.reading.grid.menu_wanted.connect(lambda number, place: self.menus.open_tile_menu(place))
        self.palette_panel.chosen.connect(self.run)
        self.palette_panel.closed.connect(self.pages.focus)
        self.palette_panel.changed.connect(self.changed)
        places = {Where.READING: self.reading, Where.LIST: self.list, Where.EVERYWHERE: self}
        self.keys = Keys(places, self.run, self._hold)
        self.reading.volume.cuts.pressed.connect(self.run)
        self.reading.volume.cuts.tell(
            lambda name: self.keys.bound.get(name, ()), lambda name: self.why_not(all_commands()[name])
        )
        self.in_force = InForce(self)
        self.in_force.bind()
        self.elsewhere.changed.connect(self.in_force.obey)
        self.settings.changed.connect(self.in_force.obey)
        self.transfers.changed.connect(self.changed)
        self.saving.changed.connect(self.changed)
        for shut in (self.status.shut, self.transfers.shut):
            self.pages.currentChanged.connect(lambda index, shut=shut: shut())

    # Pages that are seldom opened are made when they are: together they cost the start a tenth of a second.

    @cached_property
    def help(self) -> HelpPage:
        """All keys and what the mouse does."""
        page = HelpPage()
        page.closed.connect(self.leave_page)
        page.say(self.keys.bound, self.in_force.keymap.mouse)
        return page

    @cached_property
    def keys_page(self) -> KeysPage:
        """Where keys are changed."""
        page = KeysPage()
        page.closed.connect(self.leave_page)
        page.chosen.connect(self.in_force.choose)
        preset, own = self.settings.text("keys.preset"), self.settings.table("keys.overrides")
        page.show_keys(preset, own, self.in_force.keymap.name)
        return page

    @cached_property
    def settings_page(self) -> SettingsPage:
        """What can be set."""
        page = SettingsPage(self.settings, self._home.root / CORNER_FILE)
        page.closed.connect(self.leave_page)
        page.said.connect(self.say)
        page.changed.connect(self.changed)
        page.page_wanted.connect(lambda page: self.toggle_keys_page())
        page.corner_text_changed.connect(self._repaint)
        return page

    @cached_property
    def query(self) -> "QueryPage":
        """Where studies are looked for in the archives."""
        from workstation.ui.query_page import QueryPage

        page = QueryPage(self._home, self.transfers, self.list.model)
        page.closed.connect(self.leave_page)
        page.said.connect(self.say)
        page.changed.connect(self.changed)
        page.nodes_wanted.connect(self.toggle_nodes)
        page.of_patient.connect(self.archives.found)
        self.keys.add_place(Where.QUERY, page)
        self.in_force.bind()
        return page

    @cached_property
    def nodes(self) -> "NodePage":
        """Where archives and peers are set up."""
        from workstation.ui.node_page import NodePage

        page = NodePage(self._home)
        page.closed.connect(self.leave_page)
        page.said.connect(self.say)
        page.changed.connect(self.changed)
        page.kept.connect(self._nodes_kept)
        return page

    def run(self, name: str) -> None:
        """Run a command by name, or say why it can do nothing now."""
        command = all_commands()[name]
        if sentence := self.why_not(command):
            self._refuse(sentence)
            return
        self._forget_refusal()
        if name in COMMANDS:
            self.reading.run(name)
        else:
            command.run(self)
        if command.said:
            self._refuse(command.said)  # until the next command, as a refusal is

    def _hold(self) -> None:
        """The key that shows the next series of the same place went down."""
        if sentence := self.why_not(COMMANDS[HELD]):
            self._refuse(sentence)
        else:
            self._forget_refusal()
            self.reading.peek()

    def _refuse(self, sentence: str) -> None:
        """Say why a command does nothing now."""
        self._refused = sentence
        self.say(sentence)

    def _forget_refusal(self) -> None:
        """What refused the last command may be true no longer once another one runs."""
        if self._refused and self.status.message.text() == self._refused:
            self.say("")
        self._refused = ""

    def why_not(self, command: Command) -> str:
        """Why a command can do nothing now; empty when it can."""
        if command.where is not Where.EVERYWHERE and command.where.value != self.page:
            there = how(self.keys.bound, "find-in-the-archives") if command.where is Where.QUERY else ""
            return f"This works {WORKS[command.where]}{there}."
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

    def say(self, sentence: str, more: str = "") -> None:
        """The one place for messages; `more` stands in its tooltip and in the list of the last messages."""
        self.status.say(sentence, more)
        self.changed.emit()

    # ---------------------------------------------------------------- list

    def show_list(self) -> None:
        """Go back to the list; the open study is let go, and what of it others do not see yet is said."""
        self.say(self.saving.left_behind(self.reading.case, key_of(self.keys.bound, "save-findings")))
        self.opening.let_go()  # where drafts cannot be kept, that is said over it
        self.opening.count_arrivals()
        self.pages.show_page("list")
        self.refresh()

    def _leave_study(self) -> None:
        if why_not := self.audience.why_no_names:
            self._refuse(why_not)
        else:
            self.show_list()

    def refresh(self) -> None:
        """Read the study list again."""
        self.list.refresh()

    def tell(self, error: Exception) -> None:
        """Say why a job failed."""
        if not isinstance(error, Cancelled):
            self.say(sentence_of(error))

    def imported(self, report: ImportReport) -> None:
        """Something was imported, by this window or by a command it was asked by: what a rule wants sent on goes on."""
        self.transfers.growing.imported(report.studies)
        self.transfers.send_on(partial(self.transfers.onward.imported, report))

    def _import_ended(self) -> None:
        self.status.look()
        self.refresh()

    def open_study(self, study_uid: str) -> None:
        """Open a study of the cache; a later wish overtakes an earlier one."""
        self.opening.open(study_uid)

    def say_when_opened(self, sentence: str) -> None:
        """Say something once the next study is open, where opening would say over it."""
        self.opening.say_when_opened(sentence)

    def park(self) -> None:
        """Put the open study aside as it is; opening it again returns to exactly this."""
        self.opening.park()

    # ---------------------------------------------------------------- rest

    def toggle_help(self) -> None:
        """Show the keys in place of the page; the study stays open behind them."""
        self._toggle_page("help")

    def toggle_keys_page(self) -> None:
        """Show the page where keys are changed, or go back."""
        self._toggle_page("keys")

    def toggle_settings_page(self) -> None:
        """Show the settings, or go back."""
        self._toggle_page("settings")

    def toggle_query(self) -> None:
        """Show the page where archives are queried, or go back; it keeps what it found."""
        self._toggle_page("query")

    def _nodes_kept(self) -> None:
        self.transfers.nodes_kept()
        self.archives.look()
        if self.pages.is_made("query"):
            self.query.refresh_nodes()

    def toggle_nodes(self) -> None:
        """Show the nodes, or go back."""
        self._toggle_page("nodes")

    def _repaint(self) -> None:
        """What stands on the tiles is written otherwise now."""
        if self.reading.case is not None:
            self.reading.case.emit_changed(tuple(range(len(self.reading.case.tiles))))

    def _toggle_page(self, name: str) -> None:
        if self.page == name:
            self.leave_page()
            return
        aside = self.page not in ("list", "reading")
        self._from_query = name != "query" and (self.page == "query" or (aside and self._from_query))
        self.pages.show_page(name)
        self.say("")

    def leave_page(self) -> None:
        """Back to the query from which this page was opened, or to the open study, or to the list."""
        below = "reading" if self.reading.case is not None else "list"
        self.pages.show_page("query" if self._from_query else below)
        self._from_query = False
        self.changed.emit()

    def unexpected(self, error: BaseException) -> None:
        """Something of ours failed: say it on a page of its own. What is open stays as it is behind it."""
        self.crash.add(error)
        if self.pages.crashed():
            self.say(f"Something went wrong ({type(error).__name__}). It was written to the log.")

    def _go_on(self) -> None:
        self.pages.go_on()
        self.say("")

    @property
    def page(self) -> str:
        """The name of the page in front."""
        return self.pages.front

    def facts(self) -> dict[str, Any]:
        """What is on screen, in plain JSON values."""
        return window_facts(self)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange:
            self.changed.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.importing.stop()
        if self.pages.is_made("settings"):
            self.settings_page.finish()
        self.places.note("main", self)
        self.health.stop()
        self.opening.let_go()
        for name in ("query", "nodes"):
            if self.pages.is_made(name):
                getattr(self, name).close_down()
        self.orders.close()
        self.prefetching.close()
        self.transfers.close()
        if self._state is not None:
            self._state.stop()
        self.status.end()
        super().closeEvent(event)
