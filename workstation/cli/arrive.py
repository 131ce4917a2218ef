"""`hounsfield import` and `hounsfield studies`: what comes in, and what is there."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from workstation.cli.result import Result

if TYPE_CHECKING:
    from workstation.cache.entries import SeriesRow, StudyRow
    from workstation.cache.importer import ImportReport
    from workstation.cache.index import Index
    from workstation.cache.outbox import Item

MOST_PROBLEMS: Final = 40


def add(subparsers: Any) -> None:
    """Add the commands of this module."""
    import_ = subparsers.add_parser("import", help="bring files, folders, zip archives, DICOMDIR media into the cache")
    import_.add_argument("paths", nargs="+", metavar="PATH")
    import_.add_argument("--progress", action="store_true", help="show progress even when stderr is no terminal")
    import_.add_argument("--json", action="store_true", help="one JSON document on stdout")
    import_.set_defaults(run=run_import)
    studies = subparsers.add_parser("studies", help="list the studies in the cache")
    studies.add_argument("--json", action="store_true", help="one JSON document on stdout")
    studies.set_defaults(run=run_studies)


def run_import(options: argparse.Namespace) -> Result:
    """Import PATHs; exit code 1 when anything was refused or it was stopped."""
    from workstation.cache.importer import import_paths
    from workstation.cli.ticker import Ticker
    from workstation.paths import home
    from workstation.traffic.onward import Onward

    ticker = Ticker("import", shown=True if options.progress else None)
    with stop_on_interrupt() as check:

        def progress(done: int, total: int) -> None:
            check()
            ticker(done, total)

        try:
            handed_over = _handed_over(options.paths, progress)
            report = handed_over or import_paths(home(), options.paths, progress)
        finally:
            ticker.clear()
    return _import_result(report, () if handed_over else Onward(home()).imported(report))


def run_studies(options: argparse.Namespace) -> Result:
    """List the studies; row numbers are what other commands take."""
    from workstation.cache.index import Index
    from workstation.paths import home

    with Index(home()) as index:
        rows = index.studies()
        document = [_study_document(index, row) for row in rows] if options.json else []
    return Result(document, "\n".join(line for row in rows for line in _study_lines(row)) or "no studies yet")


def _handed_over(given: list[str], progress: Callable[[int, int], None]) -> "ImportReport | None":
    """What the program that shows this home made of it; None where none does."""
    from pathlib import Path

    from workstation.cache import handover
    from workstation.cache.importer import ImportReport
    from workstation.paths import home

    asked = {"act": "import", "paths": [str(Path(each).absolute()) for each in given]}
    answer = handover.ask(home(), asked, progress)
    return None if answer is None else ImportReport.from_json(answer)


def sent_on(owed: "tuple[Item, ...]") -> str:
    """What the rules of routing put into the outbox, as lines below a result."""
    return "".join(f"\nkept to be sent to {each.node}, {each.why}; `hounsfield outbox` says more" for each in owed)


def _import_result(report: "ImportReport", owed: "tuple[Item, ...]") -> Result:
    document = {
        "stored": report.stored,
        "already_stored": report.already_stored,
        "refused": [{"path": path, "reason": reason.value} for path, reason in report.refused],
        "studies": list(report.studies),
        "seconds": round(report.seconds, 3),
    }
    if report.stopped:
        document["stopped"] = True
    text = (
        f"{report.stored} stored, {report.already_stored} already stored, {len(report.refused)} refused,"
        f" {len(report.studies)} studies, {report.seconds:.1f} s"
    )
    problems = [f"{path}: {reason.value}" for path, reason in report.refused[:MOST_PROBLEMS]]
    if len(report.refused) > MOST_PROBLEMS:
        problems.append(f"and {len(report.refused) - MOST_PROBLEMS} more; --json lists all")
    if report.stopped:
        problems.append("stopped before all was done; the same command goes on from here")
    return Result(document, text + sent_on(owed), tuple(problems), code=1 if problems else 0)


def _study_document(index: "Index", row: "StudyRow") -> dict[str, Any]:
    display_sets = _display_sets(index, row)
    return {
        "row": row.row,
        "study_instance_uid": row.study_instance_uid,
        "patient_id": row.patient_id,
        "patient_name": row.patient_name,
        "study_date": row.study_date,
        "description": row.description,
        "modalities": list(row.modalities),
        "notices": list(row.notices),
        "series": [
            {
                "series_instance_uid": series.series_instance_uid,
                "modality": series.modality,
                "description": series.description,
                "images": series.images,
                "display_sets": display_sets(series),
            }
            for series in row.series
        ],
    }


def _display_sets(index: "Index", row: "StudyRow") -> Callable[["SeriesRow"], int]:
    """How many display sets a series makes."""
    from collections import Counter

    from workstation.imaging.displaysets import display_sets

    stored = index.instances(row.study_instance_uid)
    counts = Counter(each.series_instance_uid for each in display_sets([each.instance for each in stored]))
    return lambda series: counts[series.series_instance_uid]


def _study_lines(row: "StudyRow") -> Iterator[str]:
    what = [row.patient_name or "(no name)", row.patient_id, row.study_date, "/".join(row.modalities), row.description]
    yield "  ".join([f"{row.row:>3}", *(text for text in what if text), f"({row.images} images)"])
    for notice in row.notices:
        yield f"       ! {notice}"
    for number, series in enumerate(row.series, start=1):
        yield f"     {row.row}.{number}  {series.modality}  {series.description or '-'}  ({series.images} images)"


@contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], None]]:
    """The first Ctrl-C ends the work at its next step, with everything done so far safe; the second ends it at once."""
    import signal

    from workstation.errors import Cancelled

    asked = []
    before = signal.getsignal(signal.SIGINT)

    def ask(*_: object) -> None:
        asked.append(True)
        signal.signal(signal.SIGINT, before)

    def check() -> None:
        if asked:
            raise Cancelled

    signal.signal(signal.SIGINT, ask)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
