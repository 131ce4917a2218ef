"""WADO-RS (PS3.18 10.4): objects as they are stored, frames, headers, bulk data."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from workstation.errors import HounsfieldError, Refused
from workstation.network import dicomjson, part10, qido, web_faults
from workstation.network.faults import NodeFault, Side
from workstation.network.multipart import LIMITS, CutShort, Limits, Part, Spoiled, boundary_of, parameter, parts
from workstation.network.pacs import Check
from workstation.network.part10 import Received
from workstation.network.web import Answer, Web
from workstation.network.web_faults import HttpFault

ANY_OBJECT: Final = 'multipart/related; type="application/dicom"; transfer-syntax=*'
ANY_FRAME: Final = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
ANY_BULK: Final = 'multipart/related; type="application/octet-stream", application/octet-stream, */*'
_UID: Final = re.compile(r"[0-9][0-9.]{0,63}")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as it is stored: a codestream, or native bytes; `transfer_syntax_uid` is empty where it is not said."""

    transfer_syntax_uid: str
    data: bytes


def is_uid(text: str) -> bool:
    """Whether it may stand in a path: what a node calls a UID may be another path."""
    return _UID.fullmatch(text) is not None


def place(study: str, series: str = "", instance: str = "") -> str:
    """The path of a study, series or instance. Raises HounsfieldError for what is no UID: it would be another path."""
    path = ""
    for name, uid in (("studies", study), ("series", series), ("instances", instance)):
        if uid or name == "studies":
            if not is_uid(uid):
                raise HounsfieldError(f"{uid[:80]!r} is no UID.")
            path += f"{'/' if path else ''}{name}/{uid}"
    return path


def objects(web: Web, path: str, check: Check, limits: Limits = LIMITS) -> Iterator[Received | None]:
    """Objects as they come, each a whole Part 10 file as it is stored; None for one that is no DICOM.

    Raises Gone when the answer ends before its end, NodeFault, Cancelled.
    """
    with _found("it has no such object"), web.asking(path, accept=ANY_OBJECT, check=check) as answer:
        for part in _parts(answer, limits):
            yield received(part.body)


def received(data: bytes) -> Received | None:
    """An object by its own meta information."""
    try:
        told = part10.unwrapped(data)
    except Refused:
        return None
    return Received(told.sop_class_uid, told.sop_instance_uid, told.transfer_syntax_uid, data)


def frames(web: Web, path: str, numbers: tuple[int, ...], check: Check, limits: Limits = LIMITS) -> Iterator[Frame]:
    """Frames of an instance by number, from 1. Raises NodeFault, Gone, Cancelled."""
    asked = f"{path}/frames/{','.join(map(str, numbers))}"
    count = 0
    with _found("it has no such frame"), web.asking(asked, accept=ANY_FRAME, check=check) as answer:
        for part in _parts(answer, limits):
            count += 1
            if count > len(numbers):
                break
            yield Frame(parameter(part.headers.get("content-type", ""), "transfer-syntax"), part.body)
    if count != len(numbers):
        raise NodeFault(f"it sends {count} frames where {len(numbers)} were asked for", Side.THEIRS)


def headers(web: Web, path: str, check: Check) -> list[dicomjson.Object]:
    """Every attribute of the instances of a study, series or instance; large values as BulkDataURI."""
    with _found("it has no such object"), web.asking(f"{path}/metadata", accept=qido.JSON, check=check) as answer:
        return qido.datasets(answer)


def bulk(web: Web, uri: str, check: Check, limits: Limits = LIMITS) -> bytes:
    """The value behind a BulkDataURI; the node's own host is asked and no other."""
    with _found("it has no such value"), web.asking(uri, accept=ANY_BULK, check=check) as answer:
        values = [part.body for part in _parts(answer, limits)]
    if len(values) != 1:
        raise NodeFault(f"it sends {len(values)} values where one was asked for", Side.THEIRS)
    return values[0]


def _parts(answer: Answer, limits: Limits) -> Iterator[Part]:
    """The parts of an answer; one that is not in parts is one."""
    if answer.media_type in ("application/dicom", "application/octet-stream"):
        yield Part({"content-type": answer.content_type}, answer.whole(limits.part_bytes))
        return
    count = 0
    try:
        for part in parts(answer.chunks(), boundary_of(answer.content_type), limits):
            yield part
            count += 1
    except CutShort as error:
        raise web_faults.cut_short(count) from error
    except Spoiled as error:
        if not answer.media_type.startswith("multipart/"):
            raise web_faults.not_dicomweb(answer.media_type) from error
        raise NodeFault("its answer is spoiled", Side.THEIRS, detail=str(error)) from error


@contextmanager
def _found(otherwise: str) -> Iterator[None]:
    """What is not there is no wrong URL, once the node was asked by query before."""
    try:
        yield
    except HttpFault as fault:
        if fault.status not in (404, 410):
            raise
        raise HttpFault(fault.status, otherwise, Side.THEIRS) from fault
