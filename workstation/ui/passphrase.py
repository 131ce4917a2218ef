"""The one question before the window: the passphrase of a home that is locked with one."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout

from workstation import jobs
from workstation.errors import HounsfieldError
from workstation.security import keys
from workstation.ui.theme import label

WHY = "The studies on this workstation are locked with a passphrase. Nothing is shown before it is typed."
LOST = "Lost means lost: nobody can open them without it. What the archives have stays there."
LOOKING = "Looking …"
WIDTH_PX = 460


class Passphrase(QDialog):
    """Accepted once the home at `root` is open; rejected where whoever sits here leaves."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root
        self.setWindowTitle("Hounsfield is locked")
        self.setObjectName("page")
        self.setFixedWidth(WIDTH_PX)
        self.typed = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.typed.setAccessibleName("Passphrase")
        self.typed.setAccessibleDescription(f"{WHY} {LOST}")
        self.told = label("", "error")
        self.open_it = QPushButton("Open")
        self.open_it.setDefault(True)
        self.open_it.setToolTip("Open the studies (Enter)")
        self.open_it.clicked.connect(self.try_it)
        leave = QPushButton("Leave")
        leave.setAutoDefault(False)
        leave.setToolTip("End the program (Esc)")
        leave.clicked.connect(self.reject)
        what, why, lost = label("Hounsfield is locked", "title"), label(WHY, "name"), label(LOST, "quiet")
        called = label("&Passphrase", "")
        called.setBuddy(self.typed)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(leave)
        foot.addWidget(self.open_it)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 18, 20, 16)
        whole.setSpacing(10)
        for each in (what, why, called, self.typed, self.told, lost):
            whole.addWidget(each)
        for each in (why, lost, self.told):
            each.setWordWrap(True)
            each.setTextFormat(Qt.TextFormat.PlainText)
        whole.addLayout(foot)

    def try_it(self) -> None:
        """Whether that is it: on a thread, since making it hard to guess takes a while."""
        typed = self.typed.text()
        if not typed or not self.open_it.isEnabled():
            return
        self.open_it.setEnabled(False)
        self.told.setText(LOOKING)

        def opened(done: Any) -> None:
            self.typed.clear()
            self.accept()

        jobs.run("Open the home", lambda job: keys.unlock(self._root, typed), opened, self._no, piece=True)

    def _no(self, error: Exception) -> None:
        sentence = error.sentence if isinstance(error, HounsfieldError) else f"That failed: {type(error).__name__}"
        self.told.setText(f"× {sentence[:1].upper()}{sentence[1:]}.")
        self.open_it.setEnabled(True)
        self.typed.setFocus()
        self.typed.selectAll()
