"""Sentences of the study list: why it is empty, what of a study is not shown."""

from typing import Final

from workstation.imaging.ledger import Ledger
from workstation.ui.worklist_tabs import described
from workstation.worklist.filters import Filter, Tab

READING: Final = "Reading the study list …"
NOTHING_YET: Final = (
    "No study is here yet.\n\nDrop DICOM files, folders or zip archives onto this window,\n"
    "import a folder (Ctrl+I) or files (Ctrl+Shift+I),\nor find studies in the archives (Ctrl+R)."
)
MOST_LINES: Final = 200


def nothing_found(tab: Tab, asked: Filter) -> str:
    """Why a list with studies shows none, and what to do."""
    if asked == Filter():
        return f"No study is in the tab “{tab.name}” now. Ctrl+1 shows all."
    where = "" if tab.key == "all" else f" in the tab “{tab.name}”"
    return f"No study matches the search “{described(asked)}”{where}. Esc clears it."


def ledger_words(name: str, ledger: Ledger) -> str:
    """What of a study is not shown and why, for people."""
    total = len(ledger.entries)
    if not ledger.listed:
        return f"{name}: all {total} objects are shown (Esc closes this)."
    missing = [entry for entry in ledger.entries if not entry.shown_in]
    lines = [f"{entry.what}: {entry.reason}  ({entry.sop_instance_uid})" for entry in missing[:MOST_LINES]]
    more = [f"… and {len(missing) - MOST_LINES} more"] if len(missing) > MOST_LINES else []
    head = f"{name}: {ledger.shown} of {total} objects are shown; these are not (Esc closes this):"
    return "\n".join([head, *lines, *more])
