"""What a person can do in the worklist, described as all commands are. They act on `window.list`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workstation.cache.entries import ReadingStatus
from workstation.case.command import Command, Where, possible
from workstation.ui.worklist_columns import name_of
from workstation.worklist.items import identity_of

if TYPE_CHECKING:
    from workstation.ui.study_list import StudyListPage

WORKLIST_COMMANDS: dict[str, Command] = {}

PageFunction = Callable[["StudyListPage"], None]


class OnList:
    """What these commands act on when the list itself runs them: a window of which only the list is asked for."""

    def __init__(self, page: "StudyListPage") -> None:
        self.list = page


def command(
    title: str,
    *keys: str,
    permission: str = "read",
    why_not: Callable[["StudyListPage"], str] = possible,
    found_by: str = "",
) -> Callable[[PageFunction], PageFunction]:
    """Put a function of the page into the table, named after itself."""

    def register(function: PageFunction) -> PageFunction:
        name = function.__name__.replace("_", "-")
        text = (function.__doc__ or "").strip()

        def run(window: Any) -> None:
            function(window.list)

        def why(window: Any) -> str:
            return why_not(window.list)

        WORKLIST_COMMANDS[name] = Command(
            name, title, keys, run, text, "Study list", Where.LIST, permission, why, found_by=found_by
        )
        return function

    return register


def _nothing_chosen(page: "StudyListPage") -> str:
    return "" if page.selected() else "No study is chosen."


def _no_priors(page: "StudyListPage") -> str:
    item = page.chosen()
    if item is None:
        return "No study is chosen."
    return "" if item.others else "No other study of this patient is here (same ID, issuer and birth date)."


def _no_id(page: "StudyListPage") -> str:
    item = page.chosen()
    return "" if item and item.row.patient_id else "This study has no PatientID."


@command("Open", why_not=_nothing_chosen)
def open_the_study(page: "StudyListPage") -> None:
    """Open the chosen study (Enter, or a double click)."""
    page.open_selected()


@command("Open with priors", "Shift+Return", why_not=_no_priors, found_by="prior compare comparison previous")
def open_with_priors(page: "StudyListPage") -> None:
    """Open the chosen study beside the patient's earlier ones."""
    page.opened_with_priors.emit(page.selected() or "")


def _no_archive(page: "StudyListPage") -> str:
    item = page.chosen()
    if item is None:
        return "No study is chosen."
    if not page.model.elsewhere.archives:
        return "No archive is set up that could be asked: Nodes (Ctrl+Shift+R) adds one."
    return "" if identity_of(item.row) is not None else "It has no PatientID or no birth date to ask for."


@command(
    "Priors in the archives", "Ctrl+P", permission="query", why_not=_no_archive, found_by="ask earlier previous pacs"
)
def priors_in_the_archives(page: "StudyListPage") -> None:
    """Ask the archives for all studies of the chosen patient."""
    item = page.chosen()
    identity = identity_of(item.row) if item is not None else None
    if identity is not None:
        page.priors_wanted.emit(identity)


@command("Mark read or unread", "Ctrl+M", why_not=_nothing_chosen)
def mark_read(page: "StudyListPage") -> None:
    """Say that the chosen study was read; again, that it was not."""
    item = page.chosen()
    if item is not None:
        read = item.status is ReadingStatus.READ
        page.store.set_status(item.uid, ReadingStatus.UNREAD if read else ReadingStatus.READ)


@command("Claim or let go", "Ctrl+L", why_not=_nothing_chosen)
def claim_the_study(page: "StudyListPage") -> None:
    """Say that you will read the chosen study; again, that you will not."""
    item = page.chosen()
    if item is not None:
        page.store.claim(item.uid, "" if item.reading.claimed_by == page.who else page.who)


@command("Let go what another claimed", "Ctrl+Shift+L", why_not=_nothing_chosen)
def unclaim_the_study(page: "StudyListPage") -> None:
    """Take the claim off the chosen study, whoever made it."""
    page.store.claim(page.selected() or "", "")


def _urgency(word: str, title: str, *keys: str) -> None:
    def give(page: "StudyListPage") -> None:
        item = page.chosen()
        if item is not None:
            page.store.set_urgency(item.uid, "" if item.by_hand == word else word)

    give.__name__ = f"urgency_{word.lower()}"
    give.__doc__ = f"Give the chosen study the urgency {word} here; again, or what its objects say, takes it back."
    command(title, *keys, why_not=_nothing_chosen)(give)


for _word, _title, _keys in (
    ("STAT", "Urgency: stat", ("Ctrl+Shift+U",)),
    ("HIGH", "Urgency: high", ()),
    ("ROUTINE", "Urgency: routine", ()),
    ("LOW", "Urgency: low", ()),
):
    _urgency(_word, _title, *_keys)


def _not_by_hand(page: "StudyListPage") -> str:
    item = page.chosen()
    return "" if item and item.by_hand else "No urgency was given here to the chosen study."


@command("Urgency: as its objects say", why_not=_not_by_hand)
def urgency_as_it_came(page: "StudyListPage") -> None:
    """Take back the urgency that was given here to the chosen study."""
    page.store.set_urgency(page.selected() or "", "")


@command("Copy the patient ID", "Ctrl+C", why_not=_no_id)
def copy_patient_id(page: "StudyListPage") -> None:
    """Put the PatientID of the chosen study on the clipboard."""
    item = page.chosen()
    if item is not None:
        page.copy(item.row.patient_id, "The patient ID")


@command("Copy the study UID", "Ctrl+Shift+C", why_not=_nothing_chosen)
def copy_study_uid(page: "StudyListPage") -> None:
    """Put the StudyInstanceUID of the chosen study on the clipboard."""
    page.copy(page.selected() or "", "The StudyInstanceUID")


@command("What is not shown", "Ctrl+D", why_not=_nothing_chosen)
def what_is_not_shown(page: "StudyListPage") -> None:
    """List each object of the chosen study that cannot be shown, and why."""
    item = page.chosen()
    if item is not None:
        page.report.tell_ledger(item.uid, name_of(item.row))


@command("Remove from the cache", permission="administer", why_not=lambda page: "Removing studies is not built yet.")
def remove_the_study(page: "StudyListPage") -> None:
    """Remove the chosen study from this workstation."""


@command("Preview", "F2")
def toggle_preview(page: "StudyListPage") -> None:
    """Show or hide the series and priors of the chosen study."""
    page.toggle_preview()


@command("Keep the filter as a tab", "Ctrl+S")
def keep_filter(page: "StudyListPage") -> None:
    """Keep what is searched and filtered now as a tab of its own."""
    page.keep_filter()


@command("Next tab", "Ctrl+Tab")
def next_tab(page: "StudyListPage") -> None:
    """Bring the next tab to the front."""
    page.tabs.step(1)


@command("Previous tab", "Ctrl+Shift+Tab")
def previous_tab(page: "StudyListPage") -> None:
    """Bring the tab before to the front."""
    page.tabs.step(-1)


def _tab(number: int) -> None:
    def tab(page: "StudyListPage") -> None:
        page.tabs.setCurrentIndex(number - 1)

    tab.__name__ = f"tab_{number}"
    tab.__doc__ = f"Bring tab {number} of the study list to the front."

    def why_not(page: "StudyListPage") -> str:
        return "" if number <= page.tabs.count() else f"There are only {page.tabs.count()} tabs."

    command(f"Tab {number}", f"Ctrl+{number}", why_not=why_not)(tab)


for _number in range(1, 10):
    _tab(_number)

ROW_MENU = (
    ("open-the-study", "open-with-priors", "priors-in-the-archives"),
    ("mark-read", "claim-the-study", "unclaim-the-study"),
    ("urgency-stat", "urgency-high", "urgency-routine", "urgency-low", "urgency-as-it-came"),
    ("copy-patient-id", "copy-study-uid", "what-is-not-shown"),
    ("remove-the-study",),
)
"""The context menu of a row; groups are set apart by lines."""
