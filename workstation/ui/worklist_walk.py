"""From the open study to the next one of the list, without going back to it. These commands act on the window."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workstation.cache.entries import ReadingStatus
from workstation.case.command import Command, Where
from workstation.worklist import order

if TYPE_CHECKING:
    from workstation.ui.study_list import StudyListPage
    from workstation.ui.window import MainWindow

WALK_COMMANDS: dict[str, Command] = {}

Way = Callable[["MainWindow", str], str | None]
"""Which study follows on the one that is open, by StudyInstanceUID."""


def _command(name: str, title: str, key: str, text: str, way: Way, none: str, read: bool = False) -> None:
    def run(window: Any) -> None:
        present = _present(window)
        uid = way(window, present)
        if read:
            window.list.store.set_status(present, ReadingStatus.READ)
            unseen = window.reading.coverage.unseen_sentence()
            (window.say if uid is None else window.say_when_opened)(f"Read. {unseen}".strip())
        if uid is not None:
            window.open_study(uid)

    def why_not(window: Any) -> str:
        present = _present(window)
        if not present:
            return "No study is open."
        return "" if read or way(window, present) is not None else none

    WALK_COMMANDS[name] = Command(name, title, (key,), run, text, "Study list", Where.READING, why_not=why_not)


def _present(window: "MainWindow") -> str:
    first = window.reading.case.first if window.reading.case else None
    return first.StudyInstanceUID if first else ""


def neighbour(page: "StudyListPage", uid: str, step: int) -> str | None:
    """The study `step` rows below (or above) another in the order of the list; None beyond its ends."""
    return order.neighbour(page.rows_around(uid), uid, step)


def next_unread(page: "StudyListPage", after: str) -> str | None:
    """The next unread study below another one, going on at the top; None when there is no other."""
    unread = {item.uid for item in page.model.items if item.status is ReadingStatus.UNREAD}
    return order.next_of(page.rows_around(after), after, unread)


_NONE_UNREAD = "No other study of this tab of the list is unread."
_command(
    *("next-unread-study", "Next unread study", "Ctrl+U"),
    "Open the next unread study of the tab of the list that is in front.",
    lambda window, present: next_unread(window.list, present),
    _NONE_UNREAD,
)
_command(
    *("read-and-next", "Read, and next unread study", "Ctrl+Return"),
    "Say that the open study was read, and open the next unread one where there is one.",
    lambda window, present: next_unread(window.list, present),
    _NONE_UNREAD,
    read=True,
)
_command(
    *("next-study", "Next study", "Ctrl+PgDown"),
    "Open the study below this one in the list.",
    lambda window, present: neighbour(window.list, present, 1),
    "This is the last study of the list.",
)
_command(
    *("previous-study", "Previous study", "Ctrl+PgUp"),
    "Open the study above this one in the list.",
    lambda window, present: neighbour(window.list, present, -1),
    "This is the first study of the list.",
)
