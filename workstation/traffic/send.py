"""Objects of the cache, or files, to a node; only its word counts as sent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workstation.cache import files
from workstation.cache.index import Index
from workstation.errors import Refused
from workstation.network.pacs import UNWATCHED, Pacs, Stored, Watch
from workstation.paths import Home


@dataclass(frozen=True)
class SendReport:
    """What the node said: how many it has now, and each that it has not with the reason."""

    sent: int
    failed: tuple[tuple[str, str], ...] = ()


def send_study(pacs: Pacs, home: Home, study: str, watch: Watch = UNWATCHED) -> SendReport:
    """Every visible object of a study. Raises NotFound, NodeFault, Cancelled, Refused for a damaged object."""
    with Index(home) as index:
        stored = index.instances(study)
    return _reported(pacs.store((files.read(home, each.digest) for each in stored), watch, len(stored)))


def send_files(pacs: Pacs, paths: Iterable[Path], watch: Watch = UNWATCHED) -> SendReport:
    """Part 10 files, as they are; what is none is in the report. Raises NodeFault, Cancelled."""
    paths = tuple(paths)
    failed: list[tuple[str, str]] = []
    report = _reported(pacs.store(_read(paths, failed), watch, len(paths)))
    return SendReport(report.sent, (*failed, *report.failed))


def _read(paths: Iterable[Path], failed: list[tuple[str, str]]) -> Iterator[bytes]:
    from workstation.network.part10 import unwrapped

    for path in paths:
        try:
            data = path.read_bytes()
            unwrapped(data)
        except OSError as error:
            failed.append((str(path), error.strerror or "cannot be read"))
        except Refused as refused:
            failed.append((str(path), refused.reason.value))
        else:
            yield data


def _reported(answers: Iterable[Stored]) -> SendReport:
    sent = 0
    failed = []
    for answer in answers:
        sent += not answer.problem
        if answer.problem:
            failed.append((answer.sop_instance_uid, answer.problem))
    return SendReport(sent, tuple(failed))
