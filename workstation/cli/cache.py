"""`hounsfield cache`: what the cache holds, whether it is whole, and what may go."""

import argparse
from typing import TYPE_CHECKING, Any, Final

from workstation.cli.result import Result

if TYPE_CHECKING:
    from workstation.cache.entries import StudyRow
    from workstation.cache.room import Evicted
    from workstation.paths import Home

MOST_NAMED: Final = 40


def add(subparsers: Any) -> None:
    """Add the commands of this module."""
    command = subparsers.add_parser("cache", help="what the study cache holds, whether it is whole, what may go")
    command.epilog = "Example: hounsfield cache status; hounsfield cache pin 1; hounsfield cache evict 2"
    acts = command.add_subparsers(metavar="ACT", required=True)
    for name, run, said in (
        ("status", run_status, "what it holds, its limits, and where its key is kept"),
        ("verify", run_verify, "read every file and compare it with what was received"),
        ("rebuild", run_rebuild, "make the index anew from the files; seals what an earlier program left plain"),
    ):
        _json(acts.add_parser(name, help=said), name).set_defaults(run=run)
    evict = _json(
        acts.add_parser("evict", help="remove studies: these, or what quota and reserve ask for"), "evict 2 1.2.840.99"
    )
    evict.add_argument("studies", nargs="*", metavar="STUDY", help="UID, beginning of one, or row of `studies`")
    evict.set_defaults(run=run_evict)
    pin = _json(acts.add_parser("pin", help="keep studies whatever the quota says"), "pin 1")
    pin.add_argument("studies", nargs="+", metavar="STUDY", help="UID, beginning of one, or row of `studies`")
    pin.add_argument("--off", action="store_true", help="let them go with the others again")
    pin.set_defaults(run=run_pin)


def _json(command: Any, example: str) -> Any:
    command.epilog = f"Example: hounsfield cache {example}"
    command.add_argument("--json", action="store_true", help="one JSON document on stdout")
    return command


def run_status(options: argparse.Namespace) -> Result:
    """What a person asks first. Exit code 0 also when there is something to do about it: it says so."""
    from workstation.cache import files
    from workstation.cache.index import Index
    from workstation.cache.outbox import Outbox
    from workstation.cache.room import free_bytes, limits
    from workstation.paths import home as the_home
    from workstation.security import keys

    home = the_home()
    with Index(home) as index:
        rows, apart, used = index.studies(), len(index.quarantined()), index.stored_bytes()
    set_limits, beside = limits(home), files.beside_bytes(home)
    locked = keys.exists(home.root)
    document: dict[str, Any] = {
        "studies": len(rows),
        "images": sum(row.images for row in rows),
        "bytes": used,
        "beside_bytes": beside,
        "quota_bytes": set_limits.quota_bytes,
        "reserve_bytes": set_limits.reserve_bytes,
        "free_bytes": free_bytes(home) if home.root.exists() else None,
        "pinned": sum(row.pinned for row in rows),
        "open": len(_open_studies(home, rows)),
        "unsent": len(Outbox(home).unsent()),
        "quarantined": apart,
        "plain_files": sum(files.is_plain(path) for path, _ in files.stored(home)),
        "key": keys.origin_of(home.root).value if locked else None,
    }
    warnings = [keys.weakness(home.root)] if locked else []
    if document["plain_files"]:
        warnings.append(f"{document['plain_files']} files are not sealed yet; `hounsfield cache rebuild` seals them")
    if set_limits.quota_bytes and used + beside > set_limits.quota_bytes:
        warnings.append("the studies take more than the quota; `hounsfield cache evict` lets go what may go")
    document["warnings"] = [each for each in warnings if each]
    return Result(document, "\n".join([*_status_lines(document), *(f"! {each}" for each in document["warnings"])]))


def run_verify(options: argparse.Namespace) -> Result:
    """Exit code 1 when a file is damaged or gone."""
    from workstation.cache.verify import verify
    from workstation.cli.arrive import stop_on_interrupt
    from workstation.cli.ticker import Ticker
    from workstation.paths import home

    ticker = Ticker("verify")
    with stop_on_interrupt() as check:

        def progress(done: int, total: int) -> None:
            check()
            ticker(done, total)

        try:
            found = verify(home(), progress)
        finally:
            ticker.clear()
    document = {
        "whole": found.whole,
        "damaged": list(found.damaged),
        "gone": list(found.gone),
        "unknown": list(found.unknown),
        "plain_files": found.plain,
    }
    problems = [f"{uid}: its file is damaged; import or fetch it again" for uid in found.damaged]
    problems += [f"{uid}: its file is gone; import or fetch it again" for uid in found.gone]
    problems += [f"{name}: no object of the index; `hounsfield cache rebuild` looks at it" for name in found.unknown]
    more = len(problems) - MOST_NAMED
    shown = (*problems[:MOST_NAMED], f"and {more} more; --json lists all") if more > 0 else tuple(problems)
    return Result(document, f"{found.whole} files are what was received", shown, code=1 if problems else 0)


def run_rebuild(options: argparse.Namespace) -> Result:
    """Exit code 1 when files cannot be read."""
    from workstation.paths import home

    found = _rebuild(home())
    document = {
        "objects": found.objects,
        "quarantined": found.quarantined,
        "sealed": found.sealed,
        "marks": found.marks,
        "damaged": list(found.damaged),
    }
    problems = tuple(f"{name}: cannot be read" for name in found.damaged[:MOST_NAMED])
    return Result(document, found.sentence, problems, code=1 if found.damaged else 0)


def run_evict(options: argparse.Namespace) -> Result:
    """Exit code 1 when something that was named stays."""
    from workstation.cache.index import Index
    from workstation.cache.room import Room, limits
    from workstation.paths import home as the_home

    home = the_home()
    with Index(home, writer=True) as index:
        room = Room(index, limits(home))
        if options.studies:
            evicted = room.evict_these([index.resolve_study(each) for each in options.studies])
        else:
            evicted = room.evict(surplus) if (surplus := room.surplus()) else _nothing()
    document = {
        "evicted": list(evicted.studies),
        "freed_bytes": evicted.freed_bytes,
        "kept": [{"study_instance_uid": uid, "reason": reason.value} for uid, reason in evicted.kept],
    }
    text = f"{len(evicted.studies)} studies removed, {_size(evicted.freed_bytes)}"
    problems = tuple(f"{uid} stays: {reason}" for uid, reason in evicted.kept)
    return Result(document, text, problems, code=1 if problems else 0)


def run_pin(options: argparse.Namespace) -> Result:
    """Pin, or with --off unpin."""
    from workstation.cache.index import Index
    from workstation.paths import home

    with Index(home(), writer=True) as index:
        studies = [index.resolve_study(each) for each in options.studies]
        for each in studies:
            index.pin(each, not options.off)
    done = "are not pinned any more" if options.off else "are pinned: no quota removes them"
    return Result({"studies": studies, "pinned": not options.off}, f"{len(studies)} studies {done}")


def rebuilt(reason: str) -> tuple[str, ...]:
    """Make the index of the home anew, and say what was wrong and what became of it."""
    from workstation.paths import home

    return f"{reason}; it is made anew from the files", _rebuild(home()).sentence


def _rebuild(home: "Home") -> Any:
    from workstation.cache.rebuild import rebuild
    from workstation.cli.ticker import Ticker

    ticker = Ticker("rebuild")
    try:
        return rebuild(home, ticker)
    finally:
        ticker.clear()


def _nothing() -> "Evicted":
    from workstation.cache.room import Evicted

    return Evicted()


def _open_studies(home: "Home", rows: "tuple[StudyRow, ...]") -> list[str]:
    from workstation.cache import in_use, vault

    if not (rows and home.in_use.exists()):
        return []
    with in_use.guard(home):
        names = in_use.in_use(home)
    uids = (row.study_instance_uid for row in rows)
    return [uid for uid in uids if vault.name_on_disk(home, uid) in names]


def _status_lines(document: dict[str, Any]) -> list[str]:
    quota = f"of {_size(document['quota_bytes'])}" if document["quota_bytes"] else "without a quota"
    free = f"{_size(document['free_bytes'])} free" if document["free_bytes"] is not None else "nothing there yet"
    key = f"sealed, key in: {document['key']}" if document["key"] else "no key yet: the first import makes one"
    return [
        f"{document['studies']} studies, {document['images']} images, {_size(document['bytes'])} {quota}",
        f"{_size(document['beside_bytes'])} of pictures and quarantine, which the quota counts too",
        f"disk: {free}, {_size(document['reserve_bytes'])} stay free",
        f"{document['pinned']} pinned, {document['open']} open, {document['unsent']} with something unsent,"
        f" {document['quarantined']} objects in quarantine",
        key,
    ]


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
