"""Reports beside the images (F6): of the study in the active tile first, then of the patient's others that hang."""

import html
from collections.abc import Iterable, Sequence

from workstation import jobs
from workstation.case.state import Case
from workstation.documents.reports import Line, Report, reports_of
from workstation.paths import Home
from workstation.picture.text import date
from workstation.ui.side_panel import TextPanel

NONE = "No study on the screen brings a report."
READING = "The reports are being read …"


class ReportPanel(TextPanel):
    """What was said of the studies on the screen, as their reports say it."""

    def __init__(self, home: Home) -> None:
        super().__init__("report", "Reports")
        self._home = home
        self._case: Case | None = None
        self._job: jobs.Job | None = None
        self._reports: tuple[Report, ...] | None = None
        self.soon.timeout.connect(self.say)

    def show_case(self, case: Case | None) -> None:
        """Reports of a case; of one before nothing stays."""
        if self._job is not None:
            self._job.cancel()
        self._case, self._job, self._reports = case, None, None
        self.write("")
        self.follow()

    def open(self) -> None:
        self.show()
        self.say()

    def say(self) -> None:
        """Write the reports, those of the active tile's study first."""
        case = self._case
        if self.isHidden() or case is None or not case.tiles:
            return
        if case.audience:
            self.hide()  # a report may name the patient
            return
        if self._job is None:
            self._ask(case)
        if self._reports is None:
            self.write(f"<p>{READING}</p>")
        else:
            self.write(written(_with_first(self._reports, _active_study(case)), _own_study(case)))

    def _ask(self, case: Case) -> None:
        studies = tuple(dict.fromkeys(each.first.StudyInstanceUID for each in case.sets.values()))
        self._job = jobs.run(
            "Read the reports",
            lambda job: reports_of(self._home, studies),
            lambda reports: self._read(case, reports),
            failed=lambda error: self._read(case, ()),
        )

    def _read(self, case: Case, reports: tuple[Report, ...]) -> None:
        if case is self._case:
            self._reports = reports
            self.say()


def written(reports: Sequence[Report], own: str) -> str:
    """Reports as simple HTML; those of another study than `own` are called PRIOR."""
    return "".join(_report(each, own) for each in reports) or f"<p>{NONE}</p>"


def _report(report: Report, own: str) -> str:
    whose = "Report" if report.study_instance_uid == own else "◆ PRIOR  Report"
    head = f"<h4>{html.escape(f'{whose} of {date(report.study_date)}')}</h4><p><b>{html.escape(report.title)}</b></p>"
    said = [_line(each) for each in report.lines if not each.context]
    context = "; ".join(f"{each.name}: {each.text}" for each in report.lines if each.context and each.text)
    foot = f"<p><small>{html.escape('. '.join(filter(None, (report.status, context))))}</small></p>"
    return head + "".join(said) + foot


def _line(line: Line) -> str:
    if line.heading:
        return f"<p style='margin-top:8px'><b>{html.escape(line.name)}</b></p>"
    # a sentence under its heading needs no name of its own; a value does
    name = f"{line.name}: " if line.name and len(line.text) < SHORT else ""
    return f"<p>{html.escape(name + line.text).replace(chr(10), '<br>')}</p>"


SHORT = 24
"""Letters; a longer text speaks for itself."""


def _with_first(reports: Iterable[Report], study: str) -> tuple[Report, ...]:
    newest = sorted(reports, key=lambda each: each.study_date, reverse=True)
    return tuple(sorted(newest, key=lambda each: each.study_instance_uid != study))


def _active_study(case: Case) -> str:
    display_set = case.tiles[case.active].display_set
    return case.sets[display_set].first.StudyInstanceUID if display_set else _own_study(case)


def _own_study(case: Case) -> str:
    return case.first.StudyInstanceUID if case.first is not None else ""
