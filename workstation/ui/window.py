"""The main window: study list and reading page, status line, and the wiring between hand and jobs."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QMainWindow, QProgressBar, QPushButton, QStackedWidget

from workstation import jobs
from workstation.cache.entries import StudyRow
from workstation.cache.importer import ImportReport, import_paths
from workstation.cache.index import Index
from workstation.case.open import DEFAULT_PROTOCOL, protocol_named, study_sets
from workstation.case.state import Case
from workstation.errors import Cancelled, HounsfieldError
from workstation.hanging.hang import hang
from workstation.imaging.displaysets import DisplaySet
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.ui.help_page import HelpPage
from workstation.ui.reading_page import ReadingPage
from workstation.ui.study_list import StudyListPage


class MainWindow(QMainWindow):
    """The program's one window."""

    def __init__(self, home: Home) -> None:
        super().__init__()
        self._home = home
        self._asked_for = ""
        self._import_job: jobs.Job | None = None
        self.loader = Loader(home, self._arrived)
        self.list = StudyListPage()
        self.reading = ReadingPage(self.loader)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.list)
        self.pages.addWidget(self.reading)
        self.setCentralWidget(self.pages)
        self.setWindowTitle("Hounsfield")
        self.resize(1600, 1000)
        self._status_line()
        self.list.opened.connect(self.open_study)
        self.list.dropped.connect(self.import_paths)
        self.reading.closed.connect(self.show_list)
        for key, call in (("F1", self.show_help), ("?", self.show_help), ("Ctrl+Q", self.close)):
            QShortcut(QKeySequence(key), self).activated.connect(call)
        self.show_list()

    def _status_line(self) -> None:
        self.message = QLabel("")
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setMaximumWidth(220)
        self.bar.hide()
        self.stop = QPushButton("Stop")
        self.stop.hide()
        self.stop.clicked.connect(self._stop_import)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self.message, 1)
        self.statusBar().addPermanentWidget(self.bar)
        self.statusBar().addPermanentWidget(self.stop)

    def say(self, sentence: str) -> None:
        """The one place for messages."""
        self.message.setText(sentence)

    # ---------------------------------------------------------------- list

    def show_list(self) -> None:
        """Go back to the list; the open study is let go."""
        self._asked_for = ""
        self.reading.show_case(None)
        self.loader.close_all()
        self.pages.setCurrentWidget(self.list)
        self.list.table.setFocus()
        self.refresh()

    def refresh(self) -> None:
        """Read the study list again."""
        jobs.run("Read the study list", lambda job: _rows(self._home), self.list.set_rows, self._tell)

    def _tell(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self.say(error.sentence if isinstance(error, HounsfieldError) else f"That failed: {type(error).__name__}.")

    # ---------------------------------------------------------------- open

    def open_study(self, study_uid: str, protocol: str = DEFAULT_PROTOCOL) -> None:
        """Open a study of the cache; a later wish overtakes an earlier one."""
        self._asked_for = study_uid
        self.say("")
        jobs.run(
            "Open a study",
            lambda job: study_sets(self._home, study_uid),
            lambda found: self._opened(study_uid, protocol, *found),
            self._tell,
        )

    def _opened(self, study_uid: str, protocol: str, sets: tuple[DisplaySet, ...], digests: dict[str, str]) -> None:
        if study_uid != self._asked_for:
            return
        self.loader.close_all()
        self.reading.show_case(Case(sets, hang(protocol_named(protocol), sets), digests))
        self.pages.setCurrentWidget(self.reading)
        self.reading.setFocus()
        if not sets:
            self.say("This study holds no images.")

    def _arrived(self, key: str) -> None:
        self.reading.grid.arrived(key)

    # -------------------------------------------------------------- import

    def import_paths(self, paths: list[Path]) -> None:
        """Import in the background; one at a time."""
        if self._import_job is not None and not self._import_job.finished:
            self.say("An import is running; wait for it or stop it first.")
            return
        self.bar.setRange(0, 0)
        self.bar.show()
        self.stop.show()
        self.say(f"Importing {len(paths)} item{'s' if len(paths) != 1 else ''} …")
        self._import_job = jobs.run("Import", lambda job: self._import(job, paths), self._imported, self._import_ended)

    def _import(self, job: jobs.Job, paths: list[Path]) -> ImportReport:
        def progress(done: int, total: int) -> None:
            job.progress(done, total)
            jobs.post(lambda: self._import_progress(job))

        return import_paths(self._home, paths, progress)

    def _import_progress(self, job: jobs.Job) -> None:
        self.bar.setRange(0, max(1, job.total))
        self.bar.setValue(job.done)
        left = f", about {job.eta_s:.0f} s left" if job.eta_s is not None else ""
        self.say(f"Importing: {job.done} of {job.total}{left}")

    def _imported(self, report: ImportReport) -> None:
        self._import_ended(None)
        said = f"{report.stored} stored, {report.already_stored} already there, {len(report.refused)} refused"
        self.say(f"Import done in {report.seconds:.1f} s: {said}.")
        refused = "\n".join(f"{path}: {reason}" for path, reason in report.refused)
        self.list.say_report(f"Refused:\n{refused}" if refused else "")

    def _import_ended(self, error: Exception | None) -> None:
        self.bar.hide()
        self.stop.hide()
        if isinstance(error, Cancelled):
            self.say("Import stopped; what was stored stays, and a second import goes on from there.")
        elif error is not None:
            self._tell(error)
        self.refresh()

    def _stop_import(self) -> None:
        if self._import_job is not None:
            self._import_job.cancel()

    # ---------------------------------------------------------------- rest

    def show_help(self) -> None:
        HelpPage(self).open()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._stop_import()
        self.reading.show_case(None)
        self.loader.close_all()
        super().closeEvent(event)


def _rows(home: Home) -> tuple[StudyRow, ...]:
    with Index(home) as index:
        return index.studies()
