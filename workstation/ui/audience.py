"""The audience view: the same tiles in larger type with fewer words, and nothing that says who the patient is.

For boards and theatres, where people look on who need not know the name (safety.md 23). What is burnt into pixels
stays there, and that is said.
"""

from typing import TYPE_CHECKING, Final

from workstation.case.state import Case

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

BEGUN: Final = "Audience view: no name is written. Names within the pixels of an image stay. Ctrl+Shift+A ends it."
LIST_NAMES: Final = "The study list names patients; end the audience view first (Ctrl+Shift+A)."


class Audience:
    """Whether people look on; it holds for every study that is opened until it is ended."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self.on = False

    def toggle(self) -> None:
        """Begin or end the audience view."""
        self.on = not self.on
        self._window.say(BEGUN if self.on else "")
        if self._window.reading.case is not None:
            self.tell(self._window.reading.case)
            self._window.reading.case.emit_changed(range(len(self._window.reading.case.tiles)))

    def tell(self, case: Case) -> None:
        """Have a case shown so."""
        case.audience = self.on

    @property
    def why_no_list(self) -> str:
        """Why the study list cannot be shown now; empty when it can."""
        return LIST_NAMES if self.on else ""
