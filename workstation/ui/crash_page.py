"""The page for a mistake of our own: what happened in plain words, what is safe, and how to go on. It loses nothing."""

import datetime
import platform
import time
from dataclasses import dataclass
from typing import Final

import PySide6
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from workstation import __version__
from workstation.ui.log_file import traced
from workstation.ui.theme import label

TOGETHER_S: Final = 1.0
"""Mistakes within this time of the last one are counted, not shown one by one."""

MOST_FAULTS: Final = 20
WIDTH_PX: Final = 860
SAFE: Final = (
    "Everything that was stored is stored. The study, its tiles, windows and places are as they were.\n"
    "What you did last may not have been done: look before you rely on it."
)


@dataclass(frozen=True)
class Fault:
    """One mistake: its kind, where it came from, and how often it came."""

    kind: str
    trace: tuple[str, ...]
    count: int = 1


class CrashPage(QWidget):
    """`went_on` and `restart_wanted` are the ways out; `copied` after the report went to the clipboard."""

    went_on = Signal()
    restart_wanted = Signal()
    copied = Signal()

    def __init__(self, log_name: str) -> None:
        super().__init__()
        self.setObjectName("page")
        self.faults: list[Fault] = []
        self._last_s = -TOGETHER_S
        self.said = label("", "heading")
        self.safe = label(SAFE, "empty")
        self.report = QPlainTextEdit(readOnly=True)
        self.report.setAccessibleName("Report without any patient's name")
        self.where = label(f"The report names no patient. The same stands in {log_name}.", "quiet")
        self.go_on = QPushButton("Go on")
        self.copy = QPushButton("Copy the report")
        self.restart = QPushButton("Restart the window with the same study")
        self._soon = QTimer(self, singleShot=True, interval=100)
        self._soon.timeout.connect(self._write)
        self._lay_out()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for button, what, tip in (
            (self.go_on, self._go_on, "Back to where you were (Enter)"),
            (self.copy, self._copy, "Put the report on the clipboard, to send it to whoever looks after the program"),
            (self.restart, self.restart_wanted.emit, "Make the window anew and open the same study in it"),
        ):
            button.setToolTip(tip)
            button.setAutoDefault(True)
            button.clicked.connect(what)
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout()
        for each in (self.said, self.safe):
            each.setWordWrap(True)
            column.addWidget(each)
        column.addLayout(buttons)
        column.addWidget(self.report, 1)
        column.addWidget(self.where)
        inside = QWidget()
        inside.setMaximumWidth(WIDTH_PX)
        inside.setLayout(column)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(40, 40, 40, 24)
        whole.addWidget(inside)

    def add(self, error: BaseException) -> None:
        """One more mistake. One like those before, or within a second of the last, is counted with it."""
        fault, now_s = Fault(type(error).__name__, traced(error)), time.monotonic()
        same = next(
            (n for n, each in enumerate(self.faults) if (each.kind, each.trace) == (fault.kind, fault.trace)), None
        )
        if same is None and (now_s - self._last_s < TOGETHER_S or len(self.faults) >= MOST_FAULTS) and self.faults:
            same = len(self.faults) - 1
        if same is None:
            self.faults.append(fault)
        else:
            known = self.faults[same]
            self.faults[same] = Fault(known.kind, known.trace, known.count + 1)
        self._last_s = now_s
        self._soon.start()

    def text(self) -> str:
        """The report: program, machine and mistakes; nothing of any patient."""
        lines = [
            f"Hounsfield {__version__}, Python {platform.python_version()}, Qt {PySide6.__version__}, "
            f"{platform.system()} {platform.release()}, {datetime.datetime.now():%Y-%m-%d %H:%M}",
        ]
        for fault in self.faults:
            times = f", {fault.count} times" if fault.count > 1 else ""
            lines += ["", f"{fault.kind}{times}", *fault.trace]
        return "\n".join(lines)

    def _write(self) -> None:
        last = self.faults[-1] if self.faults else None
        if last is not None:
            often = (
                f" {sum(each.count for each in self.faults)} times" if len(self.faults) > 1 or last.count > 1 else ""
            )
            self.said.setText(f"The program made a mistake{often} ({last.kind}) and caught it.")
        self.report.setPlainText(self.text())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
        self.copied.emit()

    def _go_on(self) -> None:
        self.faults.clear()
        self._last_s = -TOGETHER_S
        self.went_on.emit()

    def showEvent(self, event: object) -> None:
        self._write()
        self.go_on.setFocus()
