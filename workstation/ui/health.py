"""Two fields of the status line: whether the archives answered when they were last asked, and the self-check.

Both are asked for after the first picture, or once the list has been in front for a while, and again on demand; nothing
is asked on its own after that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from workstation import jobs
from workstation.errors import Cancelled, HounsfieldError
from workstation.network.nodes import load
from workstation.paths import Home
from workstation.picture.selfcheck import SelfCheck, self_check
from workstation.ui.theme import SIGNS

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

WITHOUT_PICTURE_MS: Final = 4000
"""So long after the start both are asked for where no study was opened."""

SHORT_BELOW_PX: Final = 1000
"""In a narrower status line the fields say less."""

PADDING_PX: Final = 14

HOW_TO_SET_UP: Final = "Nothing is asked of any archive. `hounsfield node add` sets one up."
AGAIN: Final = "Ctrl+Shift+H asks again."


@dataclass(frozen=True)
class Asked:
    """One archive that was asked; `problem` is why it did not answer, empty when it did."""

    name: str
    problem: str = ""


class Field(QLabel):
    """A few words, or fewer where there is no room; as wide as they ever get, so that nothing beside it moves."""

    def __init__(self, longest: tuple[str, str]) -> None:
        super().__init__()
        self._longest = longest
        self._words = ("", "")
        self.short = False

    def say(self, role: str, words: tuple[str, str], tooltip: str) -> None:
        """Words and short words, dressed by their role."""
        sign = SIGNS[role][0] + " " if role in SIGNS else ""
        self._words = sign + words[0], sign + words[1]
        self.setToolTip(tooltip)
        self.setAccessibleName(words[0])
        if self.objectName() != role:
            self.setObjectName(role)
            self.style().polish(self)
        self.fit(self.short)

    def fit(self, short: bool) -> None:
        """Take the long or the short words."""
        self.short = short
        self.setText(self._words[short])
        self.setFixedWidth(self.wide_px(short))

    def wide_px(self, short: bool) -> int:
        """How wide it is with the long or the short words."""
        wide = self.fontMetrics().horizontalAdvance
        return max(wide(each) for each in (self._longest[short], self._words[short])) + PADDING_PX

    @property
    def warns(self) -> bool:
        return self.objectName() in SIGNS


class HealthFields(QWidget):
    """The two fields. Where there is no room they say less, then those that warn of nothing leave; a warning stays."""

    warned = Signal()
    """They say something else: it may want another room."""

    def __init__(self) -> None:
        super().__init__()
        self._narrow, self._whole, self._quiet = False, True, True
        self.archives = Field(("▲ 0 of 0 archives answer", "▲ 0/0 archives"))
        self.check = Field(("Self-check to come", "Check to come"))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        for each in (self.archives, self.check):
            line.addWidget(each)
        self.say_archives(None)
        self.say_check(None)

    def fit(self, width_px: int) -> None:
        """Take the words for a line so wide."""
        self._narrow = width_px < SHORT_BELOW_PX
        self._show()

    def show_whole(self, whole: bool) -> None:
        """Take the words for a line so wide, or the short ones."""
        self._whole = whole
        self._show()

    def show_quiet(self, quiet: bool) -> None:
        """Show both, or what warns alone."""
        self._quiet = quiet
        self._show()

    def _show(self) -> None:
        for each in (self.archives, self.check):
            each.fit(self._narrow or not self._whole)
            each.setVisible(self._quiet or each.warns)

    @property
    def widths_px(self) -> tuple[int, int, int]:
        """With the words for the line, with the short ones, and of what warns alone with these."""
        both = (self.archives, self.check)
        whole, short = (sum(each.wide_px(least) for each in both) for least in (self._narrow, True))
        return whole, short, sum(each.wide_px(True) for each in both if each.warns)

    def say_archives(self, asked: Sequence[Asked] | None) -> None:
        """What became of asking; None before that."""
        if asked is None:
            self.archives.say(
                "quiet",
                ("Archives not checked", "Not checked"),
                f"No archive was asked yet whether it answers. {AGAIN}",
            )
        elif not asked:
            self.archives.say("quiet", ("No archive set up", "No archive"), HOW_TO_SET_UP)
        else:
            silent = sum(bool(each.problem) for each in asked)
            there, of = len(asked) - silent, len(asked)
            lines = [f"{each.name}: {each.problem or 'it answers.'}" for each in asked]
            words = f"{there} of {of} archives answer", f"{there}/{of} archives"
            self.archives.say("warning" if silent else "quiet", words, "\n".join([*lines, AGAIN]))
        self._show()
        self.warned.emit()

    def say_check(self, found: SelfCheck | None) -> None:
        """What came of the self-check; None before it was made."""
        if found is None:
            words = "Self-check to come", "Check to come"
            self.check.say("quiet", words, f"It is made after the first picture. {AGAIN}")
        elif found.passed:
            self.check.say("quiet", ("Self-check passed", "Checked"), f"{found.sentence} {AGAIN}")
        else:
            self.check.say("error", ("Self-check FAILED", "Check FAILED"), found.sentence)
        self._show()
        self.warned.emit()

    def facts(self) -> dict[str, str]:
        """What they say, at full length."""
        return {"archives": self.archives.accessibleName(), "self_check": self.check.accessibleName()}


class Health(QObject):
    """Asks, in jobs of their own, and says it in the fields."""

    def __init__(self, window: "MainWindow", home: Home) -> None:
        super().__init__(window)
        self._window, self._home = window, home
        self.fields = window.status.health
        self._first = QTimer(self, singleShot=True, interval=WITHOUT_PICTURE_MS)
        self._first.timeout.connect(self.ask)
        self._first.start()
        window.reading.grid.painted.connect(self._painted)

    def _painted(self) -> None:
        """The first picture is on the screen: now is time."""
        if self._first.isActive():
            self._first.setInterval(0)

    def stop(self) -> None:
        """Ask no more."""
        self._first.stop()

    def ask(self) -> None:
        """Make the self-check, and ask each archive whether it answers."""
        self._first.stop()
        jobs.run("Self-check", lambda job: self_check(), self._checked, self._failed, jobs.Lane.LATER)
        jobs.run("Asking the archives", self._ask_archives, self._answered, self._not_asked)

    def _checked(self, found: SelfCheck) -> None:
        self.fields.say_check(found)
        if not found.passed:
            self._window.say(f"The self-check failed. {found.wrong}")
        self._window.changed.emit()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self._checked(SelfCheck(f"The picture could not be made ({type(error).__name__})."))

    def _ask_archives(self, job: jobs.Job) -> tuple[Asked, ...]:
        """On a thread, one after another; the network is imported where there is somebody to ask."""
        nodes, problems = load(self._home)
        asked = [Asked(*problem.split(": ", 1)) for problem in problems if ": " in problem]
        for number, node in enumerate(nodes.values()):
            from workstation.traffic.carrier import pacs_of

            job.progress(number, len(nodes))
            job.check()
            try:
                pacs_of(node).echo()
            except HounsfieldError as error:
                asked.append(Asked(node.name, error.sentence))
            else:
                asked.append(Asked(node.name))
        return tuple(asked)

    def _answered(self, asked: tuple[Asked, ...]) -> None:
        self.fields.say_archives(asked)
        self._window.changed.emit()

    def _not_asked(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self.fields.say_archives((Asked("Archives", f"They could not be asked ({type(error).__name__})."),))
