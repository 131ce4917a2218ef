"""Whether there are archives to ask, and what they said of the patients of the study list."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workstation import jobs
from workstation.network.nodes import load
from workstation.paths import Home
from workstation.worklist.elsewhere import Elsewhere
from workstation.worklist.found import FoundStudy
from workstation.worklist.items import Identity

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow


class Archives(QObject):
    """Keeps what the list says of them for as long as the window lives."""

    def __init__(self, window: "MainWindow", home: Home) -> None:
        super().__init__(window)
        self._window, self._home = window, home
        self._known = Elsewhere()
        window.list.priors_wanted.connect(self._ask)
        self.look()

    def look(self) -> None:
        """Read whether nodes are set up; what others said is forgotten."""
        jobs.run(
            "Read the nodes", lambda job: bool(load(self._home)[0]), self._there_are, lambda error: None, piece=True
        )

    def _there_are(self, some: bool) -> None:
        self._known = Elsewhere(some)
        self._window.list.say_elsewhere(self._known)

    def found(self, identity: Identity, studies: Iterable[FoundStudy]) -> None:
        """Every archive has said what it has of this patient."""
        self._known = self._known.told(identity, studies)
        self._window.list.say_elsewhere(self._known)

    def _ask(self, identity: Identity) -> None:
        self._window.toggle_query()
        self._window.query.ask_for(identity)
