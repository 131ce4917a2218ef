"""The box under the study list: what an import did, or what of a study is not shown."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit

from workstation import jobs
from workstation.case.ledger import study_ledger
from workstation.paths import Home
from workstation.ui.worklist_words import ledger_words

HIGHEST_PX = 180


class ReportBox(QPlainTextEdit):
    """Hidden while it has nothing to say. `changed` when that is another, `failed(sentence)`."""

    changed = Signal()
    failed = Signal(str)

    def __init__(self, home: Home) -> None:
        super().__init__(readOnly=True)
        self._home = home
        self.setMaximumHeight(HIGHEST_PX)
        self.setAccessibleName("Report")
        self.hide()

    def say(self, text: str) -> None:
        """Show a text; an empty one hides the box."""
        self.setPlainText(text)
        self.setVisible(bool(text))
        self.changed.emit()

    def tell_ledger(self, uid: str, name: str) -> None:
        """Account for each object of a study, which is called `name`."""
        jobs.run(
            "What is not shown",
            lambda job: study_ledger(self._home, uid),
            lambda found: self.say(ledger_words(name, found)),
            lambda error: self.failed.emit(getattr(error, "sentence", type(error).__name__)),
        )
