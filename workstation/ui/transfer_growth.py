"""A study that is opened while it still comes: its first image at once, the rest without moving what is looked at."""

import threading
import time
from collections import Counter
from collections.abc import Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from workstation import jobs
from workstation.case.coming import Coming
from workstation.case.grow import Growth, grow, growth, hang_anew, hangs_otherwise, images_shown, is_untouched
from workstation.case.open import Opened, read_study
from workstation.case.state import Case, Tile
from workstation.dicom.entities import Instance
from workstation.errors import HounsfieldError
from workstation.loading.load import Loading
from workstation.paths import Home

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

SETTLES_S: Final = 2.0
"""A study that nobody has touched hangs as what has come wants it for so long; then it stays as it hangs."""

LEAST_MS: Final = 400
AGAIN_S: Final = 3.0
TRIES: Final = 3
"""How often, and how long after one another, a study is opened anew that did not open."""

REST: Final = 10
"""Times as long as it took to look, before what has come is looked at again."""

QUIET_S: Final = 5.0
"""What comes unasked has no number and no end that is said: it has come when nothing came for so long."""

EYE_MS: Final = 150
"""How often the archive is told where the reader is by now."""

HANGS: Final = "Ctrl+Backspace hangs it as all of it wants."
ALL: Final = "All of it is here."
QUIET: Final = "Nothing more has come for a while."

Read = tuple[Opened, Growth, list[Loading], float]


class Growing(QObject):
    """`arrived` is for any thread; everything else for the main thread.

    `coming` says of each study that is under way how much of it is here: StudyInstanceUID -> sentence.
    """

    def __init__(self, window: "MainWindow", home: Home, protocol: str | None) -> None:
        super().__init__(window)
        self._window, self._home, self._protocol = window, home, protocol
        self._guard = threading.Lock()
        self._came: set[str] = set()
        self._posted = False
        self.coming: dict[str, str] = {}
        self.arriving: dict[str, Coming] = {}
        """The same for tiles and strip: how many of each series, how it stands, from where."""
        self._wanted = ""
        self._fresh: set[str] = set()
        self._case: Case | None = None
        self._since_s = self._asked_s = 0.0
        self._tries = 0
        self._left: list[Tile] = []
        """The tiles as they were hung, or as growing has left them: another one was touched."""
        self._reading = False
        self._ended = False
        self._complete = ""
        """What is said once all that came is shown."""
        window.reading.changed.connect(self._see)
        self._unasked: Counter[str] = Counter()
        self._counted: dict[str, tuple[int, float]] = {}
        """Of each study that comes unasked: how many objects, and when the last one came."""
        self._seen: frozenset[str] = frozenset()
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._look)
        self._eye = QTimer(self, interval=EYE_MS)
        self._eye.timeout.connect(self._follow)

    def open_when_it_comes(self, study: str) -> None:
        """Open this study as soon as its first image is here, unless something else is wished for by then."""
        self._wanted = study
        self._window.opening.asked_for = study
        self._window.opening.look_at_screens()

    def forget(self, study: str) -> None:
        """It will not come: nobody waits for it any more."""
        if self._wanted == study:
            self._wanted = ""

    @property
    def wanted(self) -> str:
        """The study that is to be opened once it begins to come."""
        return self._wanted

    def arrived(self, instance: Instance, unasked: bool = False) -> None:
        """An object became visible, `unasked` for where a peer pushed it or somebody imports it; on whatever thread."""
        with self._guard:
            self._came.add(instance.StudyInstanceUID)
            self._unasked[instance.StudyInstanceUID] += unasked
            if self._posted:
                return
            self._posted = True
        jobs.post(self._told)

    def end(self) -> None:
        """Look no more; called as the window closes."""
        self._ended = True
        self._soon.stop()
        self._eye.stop()

    def complete(self, study: str, said: str = ALL) -> None:
        """Nothing more of it comes now: what was held back is shown, and opened where somebody still waits for it."""
        self.coming.pop(study, None)
        self.arriving.pop(study, None)
        self._counted.pop(study, None)
        self._complete = said
        self._open_wanted({study})
        self._fresh.add(study)
        self._soon.stop()  # it may rest for long after what was read last, and nothing more comes to wait for
        self._look_soon(0)

    def imported(self, studies: Collection[str]) -> None:
        """An import of these has ended: nothing more comes of them."""
        for study in set(studies) & self._counted.keys():
            self.complete(study)

    def _see(self) -> None:
        """Note when another study was opened, and how it hung."""
        case = self._window.reading.case
        if case is not self._case:
            self._case, self._since_s = case, time.monotonic()
            self._left = list(case.tiles) if case is not None else []
            self._expect(case)
            if self._fresh:
                self._look_soon(LEAST_MS)

    def _expect(self, case: Case | None) -> None:
        """Have empty tiles say whether what belongs there may still come."""
        if case is not None:
            case.expect(more=self._study_of(case) in self.coming)
            if case.say_coming(self.arriving):
                self._window.reading.strip.say_coming()

    def stands(self, arriving: Mapping[str, Coming]) -> None:
        """How the studies stand that errands bring."""
        self.arriving.update(arriving)
        self._expect(self._window.reading.case)

    def _study_of(self, case: Case) -> str:
        return case.first.StudyInstanceUID if case.first is not None else self._window.opening.asked_for

    def _told(self) -> None:
        with self._guard:
            came, self._came, self._posted = self._came, set(), False
            unasked, self._unasked = self._unasked, Counter()
        if self._ended:
            return
        self._fresh |= came
        for study, count in (+unasked).items():
            self._count(study, count)
        self._open_wanted(came)
        self._eye.start()
        self._look_soon(LEAST_MS)

    def _open_wanted(self, came: Collection[str]) -> None:
        """Open what somebody waits for once it has begun to come, or turns out to be here already."""
        if self._wanted and self._wanted in came:
            wanted, self._wanted = self._wanted, ""
            if self._window.opening.asked_for == wanted:
                self._asked_s, self._tries = time.monotonic(), TRIES
                self._window.open_study(wanted)

    def _count(self, study: str, count: int) -> None:
        """More of a study has come that nobody here has asked for."""
        before, _ = self._counted.get(study, (0, 0.0))
        if study in self.coming and not before:
            return  # an errand fetches it as well, and knows how much there is
        self._counted[study] = before + count, time.monotonic()
        self.arriving[study] = Coming()
        self.coming[study] = f"This series may still be coming: {before + count} objects of the study have arrived."

    def _follow(self) -> None:
        """While anything comes: who sends it is told what is looked at; what came unasked is whole some time."""
        now = time.monotonic()
        for study in [study for study, (_, last_s) in self._counted.items() if now - last_s > QUIET_S]:
            self.complete(study, QUIET)
        case = self._window.reading.case
        study = self._study_of(case) if case is not None else ""
        if case is not None and study in self.coming:
            seen = frozenset(uid for uid, _ in images_shown(case))
            if seen != self._seen:
                self._seen = seen
                self._window.transfers.look_at(study, tuple(sorted(seen)))
        if not self.coming:
            self._eye.stop()

    def _look_soon(self, within_ms: int) -> None:
        if not self._soon.isActive() and not self._reading and not self._ended:
            self._soon.start(within_ms)

    def _look(self) -> None:
        """Read what has come of the open study, in a job."""
        case = self._window.reading.case
        if self._window.opening.asked_for in self._fresh and not self._is_open(case):
            self._open_again()
            return
        if case is None or self._reading:
            return
        here = {each.study_instance_uid for each in case.sets.values()}
        study = self._study_of(case)
        if not self._fresh & {*here, study}:
            return
        self._fresh.clear()
        self._reading = True
        before, coming, loader = case.sets, dict(self.coming), self._window.loader
        arriving = dict(self.arriving)
        looked_at = images_shown(case)

        def read(job: jobs.Job) -> Read:
            begun = time.monotonic()
            opened = read_study(self._home, study, self._protocol, self._window.opening.screens)
            grown = growth(before, opened, coming, looked_at, arriving)
            made = (loader.grown(grown.sets[key], grown.digests) for key in grown.changed)
            loadings = [each for each in made if each is not None]
            return opened, grown, loadings, time.monotonic() - begun

        jobs.run("Read what came", read, lambda found: self._take(case, found), self._failed, piece=True)

    def _is_open(self, case: Case | None) -> bool:
        """Whether the study that was asked for last is the one on the screen; one without images shows nothing."""
        wanted = self._window.opening.asked_for
        sets = case.sets.values() if case is not None else ()
        return case is not None and (not sets or any(each.study_instance_uid == wanted for each in sets))

    def _open_again(self) -> None:
        """It is being opened just now; where that did not come about, what has come since may make the difference."""
        if self._tries and time.monotonic() - self._asked_s > AGAIN_S:
            self._tries -= 1
            self._asked_s = time.monotonic()
            self._window.open_study(self._window.opening.asked_for)
        if self._tries:
            self._look_soon(LEAST_MS)

    def _failed(self, error: Exception) -> None:
        self._reading = False
        if isinstance(error, HounsfieldError):
            self._window.say(error.sentence)

    def _show_more(self, case: Case, opened: Opened) -> None:
        """What stands beside the tiles follows them, and lets a picture go before."""
        if not self._ended and case is self._window.reading.case:
            self._window.reading.grew(opened)
            self._window.opening.count_soon()

    def _take(self, case: Case, found: Read) -> None:
        opened, grown, loadings, spent_s = found
        self._reading = False
        if self._ended:
            return
        if case is not self._window.reading.case or case.sets is not grown.before:
            self._fresh |= {each.study_instance_uid for each in grown.before.values()} or {self._study_of(case)}
            self._look_soon(LEAST_MS)  # what it was read for is no longer shown so, and nothing more may come
            return
        settled = time.monotonic() - self._since_s > SETTLES_S or not is_untouched(case, self._left)
        if grown.changed or case.digests.keys() != grown.digests.keys():
            for loading in loadings:
                self._window.loader.replace(loading)
            grow(case, grown, settled)
            jobs.post(partial(self._show_more, case, opened))
        self._expect(case)
        if hangs_otherwise(case):
            if not settled:
                hang_anew(case)
            elif self._complete:
                self._window.say(f"{self._complete} {HANGS}")
        if not self._fresh:
            self._complete = ""
        if not settled:
            self._left = list(case.tiles)
        if self._fresh:
            comes = not self.coming.keys().isdisjoint(each.study_instance_uid for each in opened.sets)
            self._look_soon(max(LEAST_MS, round(1000 * REST * spent_s) if comes else 0))
