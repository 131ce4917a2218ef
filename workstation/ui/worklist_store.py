"""What the list reads and writes, in jobs: the index, how far studies were read, what the list remembers."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QTimer, Signal

from workstation import jobs
from workstation.cache.entries import Reading, ReadingStatus, StudyRow
from workstation.cache.index import Index
from workstation.errors import Cancelled, HounsfieldError
from workstation.paths import Home
from workstation.worklist import kept
from workstation.worklist.kept import Kept

KEEP_AFTER_MS = 500
Found = tuple[tuple[StudyRow, ...], dict[str, Reading]]


class WorklistStore(QObject):
    """`found(rows, readings)`, `marked(readings)` after a study was marked, `remembered(Kept)`, `failed(sentence)`."""

    found = Signal(object, object)
    marked = Signal(object)
    remembered = Signal(object)
    failed = Signal(str)

    def __init__(self, home: Home, collect: Callable[[], Kept]) -> None:
        super().__init__()
        self._home = home
        self._collect = collect
        self._knows = False
        self._soon = QTimer(self, singleShot=True, interval=KEEP_AFTER_MS)
        self._soon.timeout.connect(self._keep)

    def refresh(self) -> None:
        """Read the studies and how far they were read."""
        jobs.run("Read the study list", lambda job: _found(self._home), lambda rows: self.found.emit(*rows), self._tell)

    def read_readings(self) -> None:
        """How far studies were read, without the studies."""
        jobs.run("Read what was read", lambda job: _readings(self._home), self.marked.emit, self._tell)

    def remember(self) -> None:
        """Read what the list remembered."""
        jobs.run("Read the worklist's tabs", lambda job: kept.read(self._home), self._remembered, self._tell)

    def keep_soon(self) -> None:
        """Tabs or columns are others; several changes at once make one writing. Before they were read nothing is."""
        if self._knows:
            self._soon.start()

    def stop(self) -> None:
        """Write what is still to be written, now."""
        if self._soon.isActive():
            self._soon.stop()
            self._keep()

    def set_status(self, uid: str, status: ReadingStatus) -> None:
        """Say how far a study was read."""
        self._write(lambda index: index.set_status(uid, status))

    def claim(self, uid: str, who: str) -> None:
        """Claim a study, or with an empty name let it go."""
        self._write(lambda index: index.claim(uid, who))

    def park(self, uid: str, state_json: str) -> None:
        """Put a study aside with the state of its page."""
        self._write(lambda index: index.park(uid, state_json))

    def _write(self, call: Callable[[Index], None]) -> None:
        """A short job that holds the home's lock: another program that is importing makes it fail with a sentence."""

        def write(job: jobs.Job) -> dict[str, Reading]:
            with Index(self._home, writer=True) as index:
                call(index)
                return index.reading()

        jobs.run("Mark a study", write, self.marked.emit, self._tell)

    def _remembered(self, found: Kept) -> None:
        self._knows = True
        self.remembered.emit(found)

    def _keep(self) -> None:
        now = self._collect()
        jobs.run("Keep the worklist's tabs", lambda job: kept.write(self._home.create(), now), failed=self._tell)

    def _tell(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            sentence = error.sentence if isinstance(error, HounsfieldError) else type(error).__name__
            self.failed.emit(f"The study list: {sentence}.")


def _found(home: Home) -> Found:
    with Index(home) as index:
        return index.studies(), index.reading()


def _readings(home: Home) -> Mapping[str, Reading]:
    with Index(home) as index:
        return index.reading()
