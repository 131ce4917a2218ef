"""QIDO-RS (PS3.18 10.6): a query as a URL, and its matches page by page."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from workstation.errors import HounsfieldError
from workstation.network import dicomjson, web_faults
from workstation.network.faults import NodeFault, Side
from workstation.network.pacs import Check, Level, Row
from workstation.network.web import Answer, Web

JSON: Final = "application/dicom+json"
LARGEST_BYTES: Final = 64 << 20
MOST_ROWS: Final = 500_000
PAGE: Final = {Level.PATIENT: 200, Level.STUDY: 200, Level.SERIES: 500, Level.IMAGE: 1000}
_ESCAPED: Final = re.compile(r"[^A-Za-z0-9_.~*?,:/\\-]")
"""What stands escaped in a URL, the backslash between several values aside."""
_UID: Final = re.compile(r"[0-9][0-9.]{0,63}")
_JSON_TYPES: Final = frozenset((JSON, "application/json", "text/json", ""))


def question(level: Level, keys: Mapping[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """Path and query. Raises HounsfieldError for a keyword that is none."""
    from pydicom.datadict import dictionary_VR, tag_for_keyword

    left = dict(keys)
    path = _path(level, left)
    query = [("fuzzymatching", "false")]
    for keyword, value in left.items():
        tag = tag_for_keyword(keyword)
        if tag is None:
            raise HounsfieldError(f"There is no attribute called {keyword!r}.")
        if not value:
            query += [("includefield", keyword)] if keyword != level.unique_key else []
        else:
            query.append((keyword, value.replace("\\", ",") if dictionary_VR(tag) == "UI" else value))
    return path, query


def _path(level: Level, left: dict[str, str]) -> str:
    """The resource; what it says already is taken out of `left`."""
    path = ""
    if level in (Level.SERIES, Level.IMAGE) and _UID.fullmatch(left.get("StudyInstanceUID", "")):
        path = f"studies/{left.pop('StudyInstanceUID')}/"
        if level is Level.IMAGE and _UID.fullmatch(left.get("SeriesInstanceUID", "")):
            path += f"series/{left.pop('SeriesInstanceUID')}/"
    return path + {Level.SERIES: "series", Level.IMAGE: "instances"}.get(level, "studies")


def matches(web: Web, level: Level, keys: Mapping[str, str], check: Check) -> Iterator[Row]:
    """Matches as they come. Raises NodeFault, Cancelled.

    Some archives take an escaped character of a URL for the escape itself and find nothing: then what stands for
    anything is asked for in its place, and compared here.
    """
    some = False
    for row in _paged(web, level, keys, check):
        some = True
        yield row
    loose = {keyword: _ESCAPED.sub("*", value) for keyword, value in keys.items()}
    if some or loose == keys:
        return
    for row in _paged(web, level, loose, check):
        if all(_fits(keys[keyword], row.get(keyword, "")) for keyword in keys if keys[keyword] != loose[keyword]):
            yield row


def some(web: Web, level: Level, keys: Mapping[str, str], most: int, check: Check) -> list[Row]:
    """So many matches at most, whichever the node gives first. Raises NodeFault, Cancelled."""
    path, query = question(level, keys)
    with web.asking(path, [*query, ("limit", str(most))], JSON, check, fine=(200, 204)) as answer:
        return [row for row in read(answer)[:most] if _identity(level, row)]


def _paged(web: Web, level: Level, keys: Mapping[str, str], check: Check) -> Iterator[Row]:
    """Ends at a page that brings nothing new: a node may give fewer at a time than asked for, or know no pages."""
    path, query = question(level, keys)
    seen: set[tuple[str, str]] = set()
    offset = 0
    while True:
        check()
        page = [*query, ("limit", str(PAGE[level])), ("offset", str(offset))]
        with web.asking(path, page, JSON, check, fine=(200, 204)) as answer:
            rows = read(answer)
        before = len(seen)
        for row in rows:
            identity = _identity(level, row)
            if identity not in seen:
                seen.add(identity)
                yield row
        offset += len(rows)
        if not rows or len(seen) == before:
            return
        if len(seen) > MOST_ROWS:
            raise web_faults.too_much(f"over {MOST_ROWS} matches")


def _fits(asked: str, found: str) -> bool:
    """Wildcard matching (PS3.4 C.2.2.2.4), of a name by any of its component groups."""
    pattern = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in asked.casefold())
    return any(re.fullmatch(pattern, each, re.DOTALL) for each in (found.casefold(), *found.casefold().split("=")))


def _identity(level: Level, row: Row) -> tuple[str, str]:
    if level is Level.PATIENT:
        return row.get("PatientID", ""), row.get("IssuerOfPatientID", "")
    uid = row.get(level.unique_key, "")
    if not uid:
        raise NodeFault("it sends matches without their UID", Side.THEIRS)
    return uid, ""


def read(answer: Answer) -> list[dict[str, str]]:
    """Rows of one answer. Raises NodeFault."""
    try:
        return [dicomjson.row(each) for each in datasets(answer)]
    except ValueError as error:
        raise web_faults.not_dicomweb(answer.media_type) from error


def datasets(answer: Answer) -> list[dicomjson.Object]:
    """Datasets of one answer. Raises NodeFault."""
    if answer.status == 204:
        return []
    if answer.media_type not in _JSON_TYPES:
        raise web_faults.not_dicomweb(answer.media_type)
    try:
        return dicomjson.objects(answer.whole(LARGEST_BYTES))
    except ValueError as error:
        raise web_faults.not_dicomweb(answer.media_type) from error
