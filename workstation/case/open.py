"""A study of the cache -> an open Case: index, display sets, priors, plan. Values only; no pixel is read here."""

import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

from workstation import paths
from workstation.cache import files, in_use
from workstation.cache.entries import Headers, Stored, StudyRow
from workstation.cache.index import Index, read_headers
from workstation.case.drawing_saved import Saved
from workstation.case.saved import standing
from workstation.case.state import Case
from workstation.dicom.entities import Instance
from workstation.documents import rwv
from workstation.errors import HounsfieldError, NotFound
from workstation.findings.saved import Draft
from workstation.hanging.choose import Answer, best_plan
from workstation.hanging.match import PriorVerdict, judge_prior
from workstation.hanging.protocol import Protocol, ProtocolError, read_protocol, read_protocols
from workstation.hanging.schema import ONE_LANDSCAPE
from workstation.hanging.study import recognised, regions_of_text
from workstation.imaging.displaysets import DisplaySet, display_sets

log = logging.getLogger(__name__)

MOST_LOOKED_INTO = 12
"""Earlier studies whose headers are read in search of priors; list rows rank them first."""

LOOKED_AHEAD_INTO = 2

MOST_KEPT = 8_000
"""Objects of the studies read last whose headers stay in memory, some 4 KiB each; one study always does."""

Sets = tuple[DisplaySet, ...]


@dataclass(frozen=True)
class Opened:
    """What opening a study found: its display sets, then those of the priors that hang, and how they hang."""

    sets: Sets
    digests: dict[str, str]
    answer: Answer
    priors: tuple[PriorVerdict, ...]
    """Every earlier study that was looked into, and why it hangs or not."""
    drafts: tuple[Draft, ...] = ()
    """What was measured in these studies: as their documents say, and over it what is not saved yet."""
    saved: Saved = field(default_factory=Saved)


def protocols(home: paths.Home) -> dict[str, Protocol]:
    """The shipped protocols, and over them those of the home folder; a wrong file there is left out and logged."""
    known = dict(_shipped(paths.protocols()))
    for file in sorted((home.root / "hanging_protocols").glob("*.toml")):
        try:
            known[file.stem] = read_protocol(file)
        except ProtocolError as error:
            log.warning("a hanging protocol is left out: %s", error.sentence)
    return known


@cache
def _shipped(folder: Path) -> dict[str, Protocol]:
    return read_protocols(folder)


def protocol_named(name: str) -> Protocol:
    """A protocol by name. Raises `NotFound` with the names there are."""
    known = protocols(paths.home())
    if name not in known:
        raise NotFound(f"There is no hanging protocol {name!r}; there are {', '.join(sorted(known))}.")
    return known[name]


def open_study(home: paths.Home, study_uid: str, protocol: str | None = None) -> Case:
    """Open a study as the protocol that fits it best hangs it, or the one named. Raises `NotFound`."""
    opened = read_study(home, study_uid, protocol)
    case = Case(opened.sets, opened.answer.plan, opened.digests)
    case.marks.take_up(opened.drafts, opened.saved)
    return case


def read_study(home: paths.Home, study_uid: str, protocol: str | None = None, screens: str = ONE_LANDSCAPE) -> Opened:
    """What a Case is made of, for the screens there are (`hanging.screens.role`); for any thread.

    Raises `NotFound` for a study or a protocol that is not there.
    """
    in_use.opened(home, (study_uid,))
    known = protocols(home)
    if protocol is not None:
        protocol_named(protocol)
    sets, digests = study_sets(home, study_uid)
    answer = best_plan(known, sets, named=protocol, screens=screens)
    wanted = known[answer.plan.protocol].most_priors
    verdicts: list[PriorVerdict] = []
    found: dict[str, tuple[Sets, dict[str, str]]] = {}
    for row in _earlier(home, study_uid) if wanted else ():
        other, other_digests = study_sets(home, row.study_instance_uid)
        verdict = judge_prior(recognised(sets), recognised(other))
        verdicts.append(verdict)
        if verdict.accepted:
            found[row.study_instance_uid] = (other, other_digests)
        if len(found) >= wanted:
            break
    if found:
        answer = best_plan(known, sets, [other for other, _ in found.values()], protocol, screens)
    in_use.opened(home, (study_uid, *answer.used))
    for used in answer.used:
        sets, digests = (*sets, *found[used][0]), digests | found[used][1]
    drafts, saved = standing(home, (study_uid, *answer.used), sets)
    return Opened(sets, digests, answer, tuple(verdicts), drafts, saved)


def _earlier(home: paths.Home, study_uid: str) -> Iterator[StudyRow]:
    """Studies that may be priors of a study by what their list rows say, the likeliest first."""
    with Index(home) as index:
        rows = index.studies()
    current = next(row for row in rows if row.study_instance_uid == study_uid)
    regions = _regions_of(current)

    def rank(row: StudyRow) -> tuple[float, float]:
        """A CT goes before the PET/CT of last week: what hangs beside a series is the same of an earlier day."""
        return -_likeness(_made_with(current), _made_with(row)), -_likeness(regions, _regions_of(row))

    same = [row for row in rows if row != current and _may_be_same_patient(row, current)]
    before = [row for row in same if row.study_date and row.study_date <= current.study_date]
    return iter(sorted(before, key=rank)[:MOST_LOOKED_INTO])  # equal ones stay newest first


def _may_be_same_patient(row: StudyRow, current: StudyRow) -> bool:
    return bool(row.patient_id) and (row.patient_id, row.patient_birth_date) == (
        current.patient_id,
        current.patient_birth_date,
    )


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """What two have in common of what both have."""
    return len(one & other) / len(one | other) if one and other else 0.0


def _made_with(row: StudyRow) -> frozenset[str]:
    """The modalities of its images: reports and marks that came to a study later make it no other one."""
    return frozenset(each.modality for each in row.series if each.images)


def _regions_of(row: StudyRow) -> frozenset[str]:
    return regions_of_text(row.description, *(each.description for each in row.series))


def look_ahead(home: paths.Home, study_uid: str) -> None:
    """Have ready what opening a study will ask for: its display sets, and those of studies that may be its priors.

    For whoever has time while a person still thinks; says to nobody that the study was opened.
    """
    study_sets(home, study_uid)
    for row in islice(_earlier(home, study_uid), LOOKED_AHEAD_INTO):
        study_sets(home, row.study_instance_uid)


def study_sets(home: paths.Home, study_uid: str) -> tuple[Sets, dict[str, str]]:
    """The display sets of a cached study, and the digest of each of its objects by SOPInstanceUID.

    A study whose headers are still what they were is not worked out again.
    """
    with Index(home) as index:
        headers = index.headers(study_uid)
    place = home.root, study_uid
    with _guard:
        known = _kept.pop(place, None)
    if known is None or known.headers != headers:
        stored = read_headers(headers, (known.headers, known.stored) if known is not None else None)
        digests = {each.instance.SOPInstanceUID: each.digest for each in stored}
        instances = _mapped(home, [each.instance for each in stored], digests)
        known = _Worked(headers, stored, display_sets(instances), digests)
    with _guard:
        _kept[place] = known
        while len(_kept) > 1 and sum(len(each.digests) for each in _kept.values()) > MOST_KEPT:
            del _kept[next(iter(_kept))]
    return known.sets, dict(known.digests)


def _mapped(home: paths.Home, instances: list[Instance], digests: dict[str, str]) -> list[Instance]:
    """The instances with what the study's real-world value maps say of them; one that cannot be read says nothing."""
    maps = [each for each in instances if each.SOPClassUID == rwv.REAL_WORLD_VALUE_MAPPING]
    read: list[rwv.Mappings] = []
    for each in maps:
        with suppress(HounsfieldError):
            read.append(rwv.read(files.read(home, digests[each.SOPInstanceUID])))
    return rwv.laid_on(instances, read) if read else instances


@dataclass(frozen=True)
class _Worked:
    """A study's display sets with what they were worked out from."""

    headers: Headers
    stored: tuple[Stored, ...]
    sets: Sets
    digests: dict[str, str]


_kept: dict[tuple[Path, str], _Worked] = {}
"""The studies read last, the oldest first."""

_guard = threading.Lock()
