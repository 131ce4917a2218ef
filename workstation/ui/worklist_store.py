"""What the list reads and writes, in jobs: the index, how far studies were read, what the list remembers."""

import getpass
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from workstation import jobs
from workstation.cache import thumbnails
from workstation.cache.entries import ReadingStatus, StudyRow
from workstation.cache.index import Index, IndexDamaged
from workstation.cache.rebuild import Rebuilt, rebuild
from workstation.errors import Cancelled, HounsfieldError
from workstation.network.mwl import Ordered
from workstation.paths import Home
from workstation.ui.worklist_model import Listed, listed
from workstation.worklist import kept
from workstation.worklist.kept import Kept
from workstation.worklist.orders import with_orders

KEEP_AFTER_MS = 500


class WorklistStore(QObject):
    """`found(Listed)` when studies or what was read of them were read, `remembered(Kept)`, `failed(sentence)`."""

    found = Signal(object)
    remembered = Signal(object)
    failed = Signal(str)

    def __init__(self, home: Home, collect: Callable[[], Kept]) -> None:
        super().__init__()
        self._home = home
        self._collect = collect
        self._knows = False
        self._begun = 0
        self._shown = 0
        self._written = 0
        self._rows: tuple[StudyRow, ...] = ()
        self.orders: tuple[Ordered, ...] = ()
        """What is ordered and stands in the list before its first image; shown with the next `refresh`."""
        self.urgencies: dict[str, str] = {}
        """What urgency was given here to a study, by StudyInstanceUID; the latest last."""
        self._rebuilding = False
        self._soon = QTimer(self, singleShot=True, interval=KEEP_AFTER_MS)
        self._soon.timeout.connect(self._keep)

    def refresh(self) -> None:
        """Read the studies and how far they were read."""
        self._run("Read the study list", self._studies)

    def set_rows(self, rows: tuple[StudyRow, ...]) -> None:
        """These are the studies; how far they were read is looked up."""
        self._rows = rows
        self._run("Read what was read", lambda: self._listed(rows))

    def remember(self) -> None:
        """Read what the list remembered, and throw away pictures that are too many."""
        jobs.run("Read the worklist's tabs", lambda job: kept.read(self._home), self._remembered, self._tell)
        jobs.run("Tidy thumbnails", lambda job: thumbnails.tidy(self._home), failed=self._tell, lane=jobs.Lane.LATER)

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

    def set_urgency(self, uid: str, word: str) -> None:
        """Give a study one of `items.URGENCIES`; with an empty word it is what its objects say again."""
        self.urgencies.pop(uid, None)
        if word:
            self.urgencies[uid] = word
        self.keep_soon()
        self.set_rows(self._rows)

    def park(self, uid: str, state_json: str) -> None:
        """Put a study aside with the state of its page."""
        self._write(lambda index: index.park(uid, state_json))

    def _write(self, call: Callable[[Index], None]) -> None:
        """A short job that holds the home's lock: another program that is importing makes it fail with a sentence."""

        rows, by_hand = self._rows, dict(self.urgencies)

        def write() -> Listed:
            with Index(self._home, writer=True) as index:
                call(index)
                return listed(rows, index.reading(), by_hand)

        self._run("Mark a study", write, writes=True)

    def _run(self, title: str, work: Callable[[], Listed], writes: bool = False) -> None:
        """In a job; what ends after something that was begun later, was read while a mark was written, or marks rows
        that are others by now, may be out of date, and is read again."""
        self._begun += 1
        number, written, rows = self._begun, self._written, self._rows

        def ended(found: Listed) -> None:
            overtaken = self._rows is not rows if writes else written != self._written
            self._written += writes
            if number < self._shown or overtaken:
                self.refresh()
                return
            self._shown = number
            self._found(found)

        jobs.run(title, lambda job: work(), ended, self._tell)

    def _studies(self) -> Listed:
        with Index(self._home) as index:
            return listed(with_orders(index.studies(), self.orders), index.reading(), dict(self.urgencies))

    def _listed(self, rows: tuple[StudyRow, ...]) -> Listed:
        with Index(self._home) as index:
            return listed(rows, index.reading(), dict(self.urgencies))

    def _found(self, found: Listed) -> None:
        self._rows = tuple(item.row for item in found.items)
        self.found.emit(found)

    def _remembered(self, found: Kept) -> None:
        self._knows = True
        self.urgencies = dict(found.urgencies) | self.urgencies
        if self.urgencies:
            self.refresh()
        self.remembered.emit(found)

    def _keep(self) -> None:
        now = self._collect()
        jobs.run("Keep the worklist's tabs", lambda job: kept.write(self._home.create(), now), failed=self._tell)

    def _rebuild(self, sentence: str) -> None:
        """The index is gone or spoiled: the files say all that it said of them."""
        if self._rebuilding:
            return
        self._rebuilding = True
        self.failed.emit(f"{sentence}: it is made anew from the files, and the studies are listed when that is done.")
        jobs.run("Rebuild the index", lambda job: rebuild(self._home, job.progress), self._rebuilt, self._not_rebuilt)

    def _rebuilt(self, found: Rebuilt) -> None:
        self._rebuilding = False
        self.failed.emit(found.sentence)
        self.refresh()

    def _not_rebuilt(self, error: Exception) -> None:
        self._rebuilding = False
        self._tell(error)

    def _tell(self, error: Exception) -> None:
        if isinstance(error, IndexDamaged):
            self._rebuild(error.sentence[:1].upper() + error.sentence[1:])
            return
        if not isinstance(error, Cancelled):
            sentence = error.sentence if isinstance(error, HounsfieldError) else type(error).__name__
            self.failed.emit(f"The study list: {sentence}.")


def who() -> str:
    """Who sits here while nobody signs in: the name the system knows, if it knows one."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "this workstation"
