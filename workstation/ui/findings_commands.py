"""What a person can do with a mark that needs a line to type into or the clipboard, described as all commands are."""

from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QGuiApplication

from workstation.case.command import Command, Where
from workstation.case.drawing_commands import GROUP
from workstation.findings.finding import Finding
from workstation.findings.words import told

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

NO_MARK: Final = "No mark is selected; click one."


def _touched(window: "MainWindow") -> Finding | None:
    case = window.reading.case
    return case.marks.find(case.marks.selected or case.marks.current) if case is not None else None


def _none(window: "MainWindow") -> str:
    return "" if _touched(window) else NO_MARK


def _site(window: "MainWindow") -> None:
    window.reading.findings.say_site()


def _copy(window: "MainWindow") -> None:
    found = _touched(window)
    if found is not None:
        QGuiApplication.clipboard().setText(as_words(found))
        window.say(f"The values of {found.title} are on the clipboard; they name no patient.")


def as_words(finding: Finding) -> str:
    """A finding for a report: its title and site, then a line a value with how it came about."""
    head = f"{finding.title} ({finding.site})" if finding.site else finding.title
    values = [f"{each.name}: {told(each)}{f' ({each.how})' if each.how else ''}" for each in finding.values]
    return "\n".join([head, *values, *([finding.text] if finding.text else []), *_refused(finding)])


def _refused(finding: Finding) -> list[str]:
    return [f"No more values: {finding.refused}."] if finding.refused else []


FINDINGS_COMMANDS: Final[dict[str, Command]] = {
    each.name: each
    for each in (
        Command(
            "site-of-the-mark",
            "Site of the mark",
            ("Ctrl+F2",),
            _site,
            "Type where the selected mark, or the last one touched, lies: a place of the coded list, or free text.",
            GROUP,
            Where.READING,
            "measure",
            _none,
            found_by="location organ anatomy region place snomed",
        ),
        Command(
            "copy-the-values",
            "Copy the values",
            ("Alt+V",),
            _copy,
            "Put the values of the selected mark, or of the last one that was touched, on the clipboard.",
            GROUP,
            Where.READING,
            "read",
            _none,
            found_by="clipboard text paste report numbers",
        ),
    )
}
