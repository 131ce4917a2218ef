"""The audience view: the same tiles in larger type with fewer words, and nothing that says who the patient is.

For boards and theatres, where people look on who need not know the name (safety.md 23). What is burnt into pixels
stays there, and that is said.
"""

from typing import TYPE_CHECKING, Final

from workstation.case.state import Case
from workstation.ui.keys import how

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

COMMAND: Final = "audience-view"
BEGUN: Final = "No names; any in the pixels stay."
"""Short: it stands whole on a small screen in the largest type. How the view ends is said over the images."""
ENDED: Final = "The audience view has ended: names are written again."
NAMED_THERE: Final = "Patients are named there; end the audience view first{}."


class Audience:
    """Whether people look on; it holds for every study that is opened until it is ended."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self.on = False

    def toggle(self) -> None:
        """Begin or end the audience view."""
        self.on = not self.on
        self._window.status.shut()
        self._window.transfers.shut()
        self._window.transfers.look()  # the status line says whose study comes, or that one does
        self._window.say(BEGUN if self.on else "")
        if self._window.reading.case is not None:
            self.tell(self._window.reading.case)
            self._window.reading.case.emit_changed(range(len(self._window.reading.case.tiles)))

    def go_on(self, study_uid: str) -> None:
        """In a window that takes the place of one with people before it; without a study only the list is left."""
        if study_uid:
            self._window.pages.setCurrentWidget(self._window.reading)  # not the list, not for a moment
            self.toggle()
            self._window.say_when_opened(BEGUN)
        else:
            self._window.say(ENDED)

    def tell(self, case: Case) -> None:
        """Have a case shown so."""
        case.audience = self.on

    @property
    def why_no_names(self) -> str:
        """Why nothing that can name a patient is shown now, as the study list; empty when it may be."""
        return NAMED_THERE.format(how(self._window.keys.bound, COMMAND)) if self.on else ""
