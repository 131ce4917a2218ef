"""How a study comes to the reading page and leaves it: opened, parked, let go."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer

from workstation import jobs
from workstation.cache.entries import ReadingStatus
from workstation.cache.index import Index
from workstation.case.habits import habits_of
from workstation.case.open import Opened, read_study
from workstation.case.park import cut_away, take_up
from workstation.case.park import parked as parked_text
from workstation.case.presentation import presentations
from workstation.case.state import Case
from workstation.hanging.schema import ONE_LANDSCAPE
from workstation.imaging.softcopy import Presentation
from workstation.paths import Home
from workstation.picture import bent
from workstation.ui.screens import screens_of

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

OPENED_AFTER_MS: Final = 700
"""A study that was on the screen for so long was opened."""

PARKED: Final = "As it was when it was parked. It stays parked until it is parked anew or marked read."
LEFT: Final = "As you left it."
CUT_AGAIN: Final = "What was cut away in 3D is there again: {}."

PLACES_KEPT: Final = 50
"""Studies of this session whose place is remembered; a few kilobytes each."""

COUNTED_MS: Final = 200
"""Images arrive up to twenty times a second; how many there are is said a few times."""

LOADING_STOPPED: Final = "Loading was stopped; what is there stays, and scrolling to an image that is missing goes on."


class Opening:
    """Opens studies in a window's reading page; a later wish overtakes an earlier one."""

    def __init__(self, window: "MainWindow", home: Home, protocol: str | None) -> None:
        self._window = window
        self._home = home
        self._protocol = protocol
        self.asked_for = ""
        """The StudyInstanceUID of the last wish; empty while the list is in front."""
        self.screens = ONE_LANDSCAPE
        """The role of the screens the window lay on when it was last asked to open something."""
        self._word = ""
        self._places: dict[str, str] = {}
        """Where the studies of this session were left, by StudyInstanceUID, as they are parked."""
        self._counts = QTimer(window, singleShot=True, interval=COUNTED_MS)
        self._counts.timeout.connect(self.count_arrivals)

    def open(self, study_uid: str) -> None:
        """Read a study of the cache in a job and show it."""
        self.asked_for = study_uid
        screens = self.look_at_screens()
        self._window.say("Opening …")
        jobs.run(
            "Open a study",
            lambda job: _read(self._home, study_uid, self._protocol, screens),
            lambda found: self.opened(study_uid, *found),
            self._window.tell,
        )

    def opened(
        self, study_uid: str, opened: Opened, states: tuple[Presentation, ...] = (), parked: str | None = None
    ) -> None:
        """Show what was read, unless another study is wished for by now (safety.md 1)."""
        if study_uid != self.asked_for:
            return
        window = self._window
        QTimer.singleShot(OPENED_AFTER_MS, window, lambda: self._note_opened(study_uid))
        self._keep_place()
        window.elsewhere.bring_back()
        window.loader.close_all()
        bent.forget()
        window.pages.setCurrentWidget(window.reading)
        case = Case(opened.sets, opened.answer.plan, opened.digests, habits_of(window.settings))
        case.presentations = states
        case.marks.take_up(opened.drafts, opened.saved)
        window.audience.tell(case)
        returned = self._return(case, study_uid, parked)
        window.reading.show_case(case, opened)
        window.reading.setFocus()
        self.count_arrivals()
        said, self._word = self._word or returned, ""
        window.say(said if opened.sets else "This study holds no images. Esc goes back to the list.")

    def _return(self, case: Case, study_uid: str, parked: str | None) -> str:
        """Put a case where it was left in this session, else where it was parked; what to say of it."""
        left = self._places.get(study_uid) if self._window.settings.flag("tiles.return_to_place") else None
        if left is not None and left != parked and take_up(case, left):
            return _said(LEFT, left)
        return _said(PARKED, parked) if parked is not None and take_up(case, parked) else ""

    def _keep_place(self) -> None:
        """Remember where the open study is left."""
        case = self._window.reading.case
        if case is None or case.first is None or not self._window.settings.flag("tiles.return_to_place"):
            return
        self._places.pop(case.first.StudyInstanceUID, None)
        self._places[case.first.StudyInstanceUID] = parked_text(case)
        if len(self._places) > PLACES_KEPT:
            del self._places[next(iter(self._places))]

    def _note_opened(self, study_uid: str) -> None:
        """Not before an image was shown: a study that was parked stays parked while nobody has seen it."""
        if study_uid != self.asked_for:
            return
        if self._is_shown(study_uid):
            self._window.list.store.set_status(study_uid, ReadingStatus.OPENED)
        else:
            QTimer.singleShot(OPENED_AFTER_MS, self._window, lambda: self._note_opened(study_uid))

    def _is_shown(self, study_uid: str) -> bool:
        """Whether an image of this study is on a screen."""
        pictures = [tile.picture for grid in self._window.reading.grids for tile in grid.tiles]
        shown = [each.facts for each in pictures if each is not None and not each.facts["message"]]
        return any(facts["study_instance_uid"] == study_uid for facts in shown)

    def look_at_screens(self) -> str:
        """The role of the screens the window lies on now, kept for jobs, which may not ask a window."""
        self.screens = screens_of(self._window)
        return self.screens

    def say_when_opened(self, sentence: str) -> None:
        """Say something once the next study is open, where opening would say over it."""
        self._word = sentence

    def park(self) -> None:
        """Put the open study aside as it is; opening it again returns to exactly this."""
        window, case = self._window, self._window.reading.case
        if case is not None and case.first is not None:
            window.list.store.park(case.first.StudyInstanceUID, parked_text(case))
            window.show_list()
            window.say("Parked: opening it again returns to where it was.")

    def stop_loading(self) -> None:
        """Load no further images; scrolling to one that is missing goes on."""
        self._window.loader.pause()
        self.count_arrivals()
        self._window.say(LOADING_STOPPED)

    def let_go(self) -> None:
        """Nothing is open and nothing asked for any more."""
        self._keep_place()
        self.asked_for = ""
        self._window.elsewhere.bring_back()
        self._window.reading.show_case(None)
        self._window.loader.close_all()
        bent.forget()

    def arrived(self, key: str) -> None:
        """More of a display set is in memory."""
        self._window.reading.arrived(key)
        self.count_soon()

    def count_soon(self) -> None:
        """Have `count_arrivals` say how many there are, a few times a second."""
        if not self._counts.isActive():
            self._counts.start()

    def count_arrivals(self) -> None:
        """Say in the status line how much of what is wanted is in memory."""
        window, case = self._window, self._window.reading.case
        loadings = [window.loader.get(each) for each in case.sets] if case else []
        coming = [each for each in loadings if each and not each.is_paused]
        total = sum(len(each.display_set.images) for each in coming)
        there = sum(each.voxels.arrived + len(each.problems) for each in coming)
        window.status.say_loading(there, total)
        window.status.say_memory(sum(each.voxels.stored.nbytes for each in loadings if each))


def _said(sentence: str, text: str) -> str:
    """A sentence about a case that was taken up, with what of it is not as it was."""
    names = cut_away(text)
    return f"{sentence} {CUT_AGAIN.format(', '.join(names))}" if names else sentence


def _read(
    home: Home, study_uid: str, protocol: str | None, screens: str
) -> tuple[Opened, tuple[Presentation, ...], str | None]:
    """What a study holds, its presentation states, and how it was parked."""
    with Index(home) as index:
        parked = index.parked(study_uid)
    return read_study(home, study_uid, protocol, screens), presentations(home, study_uid), parked
