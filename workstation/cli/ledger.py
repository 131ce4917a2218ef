"""`hounsfield ledger`: every object of a study, shown where or listed why."""

import argparse
from typing import TYPE_CHECKING, Any

from workstation.cli.result import Result

if TYPE_CHECKING:
    from workstation.imaging.ledger import Entry


def add(subparsers: Any) -> None:
    """Add the command of this module."""
    command = subparsers.add_parser("ledger", help="account for every object of a study: shown where, or listed why")
    command.add_argument("study", help="UID, beginning of a UID, or row of `hounsfield studies`")
    command.add_argument("--load", action="store_true", help="decode every image, to know what only decoding finds out")
    command.add_argument("--json", action="store_true", help="one JSON document on stdout")
    command.set_defaults(run=run_ledger)


def run_ledger(options: argparse.Namespace) -> Result:
    """Exit code 0 also when objects are listed: a reason is an answer."""
    from workstation import jobs, paths
    from workstation.cache.index import Index
    from workstation.case.ledger import study_ledger

    home = paths.home()
    with Index(home) as index:
        study = index.resolve_study(options.study)
    try:
        found = study_ledger(home, study, options.load)
    finally:
        jobs.shutdown()
    document = {
        "study_instance_uid": study,
        "instances": [_row(entry) for entry in found.entries],
        "shown": found.shown,
        "listed": found.listed,
    }
    lines = [f"{found.shown} objects are shown, {found.listed} are listed", *map(_line, found.entries)]
    return Result(document, "\n".join(lines))


def _row(entry: "Entry") -> dict[str, Any]:
    return {
        "sop_instance_uid": entry.sop_instance_uid,
        "what": entry.what,
        "images": entry.images,
        "images_lost": entry.images_lost,
        "shown_in": entry.shown_in[0] if entry.shown_in else None,
        "display_sets": list(entry.shown_in),
        "reason": entry.reason.value if entry.reason else None,
    }


def _line(entry: "Entry") -> str:
    where = "shown in " + ", ".join(entry.shown_in) if entry.shown_in else f"listed: {entry.reason}"
    return f"  {entry.sop_instance_uid}  {entry.what}  {where}"
