"""How a study or series is named by a person: a UID, the beginning of one, a row number."""

import re
from collections.abc import Sequence

from workstation.cache.entries import StudyRow
from workstation.errors import NotFound


def pick_one(kind: str, text: str, uids: Sequence[str]) -> str:
    """The UID that is `text` or the only one that begins with it; raises NotFound with a sentence."""
    if text in uids:
        return text
    found = [uid for uid in uids if text and uid.startswith(text)]
    if len(found) == 1:
        return found[0]
    plural = "studies" if kind == "study" else kind
    if found:
        raise NotFound(f"{len(found)} {plural} have a UID that begins with '{text}'; give more of it")
    raise NotFound(f"no {kind} in the cache is called '{text}'")


def parse_series_name(text: str, studies: Sequence[StudyRow]) -> tuple[str, str] | None:
    """(study UID, series UID) for "ROW" or "ROW.N"; None when `text` is no such name and may be a UID.

    "1.2" could also begin a UID; the row and series win where they exist.
    """
    match = re.fullmatch(r"(\d{1,8})(?:\.(\d{1,8}))?", text)
    if match is None:
        return None
    row, number = int(match[1]), match[2]
    if number is None:
        if not 1 <= row <= len(studies):
            raise NotFound(f"there is no row {row} in the study list, which has {len(studies)}")
        return _only_series(studies[row - 1])
    if not (1 <= row <= len(studies) and 1 <= int(number) <= len(studies[row - 1].series)):
        return None
    study = studies[row - 1]
    return study.study_instance_uid, study.series[int(number) - 1].series_instance_uid


def _only_series(study: StudyRow) -> tuple[str, str]:
    candidates = study.series if len(study.series) == 1 else [each for each in study.series if each.images]
    if len(candidates) != 1:
        count = len(study.series)
        raise NotFound(f"study {study.row} has {count} series: name one of {study.row}.1 to {study.row}.{count}")
    return study.study_instance_uid, candidates[0].series_instance_uid
