"""STOW-RS (PS3.18 10.5): objects handed in, and the archive's word about each."""

from collections.abc import Iterable, Iterator
from typing import Final

from workstation.network import dicomjson, faults, part10, qido, web_faults
from workstation.network.multipart import related
from workstation.network.pacs import Progress, Stored, Watch
from workstation.network.web import Web
from workstation.network.web_faults import HttpFault

GROUP: Final = 32
GROUP_BYTES: Final = 32 << 20
"""Objects and bytes in one request; one larger object goes alone."""

REFERENCED, FAILED, OTHER_FAILED = "00081199", "00081198", "0008119A"
UID, REASON, WARNING = "00081155", "00081197", "00081196"

_OF_CONTENT: Final = frozenset((400, 413, 415, 422))
"""Of HTTP: about what was sent, not about who sent it or where."""

_SYNTAX: Final = 0xC122
_REMARKS: Final = {
    0xB000: "it changed some values to fit its own records",
    0xB006: "it left out some of the elements",
    0xB007: "it says that the object does not match its class",
}
_UNSAID = "it does not say what became of this object"


def store(web: Web, objects: Iterable[bytes], watch: Watch, total: int) -> Iterator[Stored]:
    """The word about each, group by group. Raises NodeFault, Cancelled, Refused for what is no Part 10 file."""
    done = sent = 0
    for group in _groups(objects):
        watch.check()
        words = _words(web, group, watch)
        done, sent = done + len(group), sent + sum(map(len, group))
        watch.told(Progress(done, total, sent))
        yield from words


def _words(web: Web, group: list[bytes], watch: Watch) -> list[Stored]:
    """One request; where the node refuses it as a whole, one for each object: a bad one shall cost no other."""
    uids = [part10.unwrapped(each).sop_instance_uid for each in group]
    post = related(group, "application/dicom")
    try:
        with web.asking("studies", accept=qido.JSON, check=watch.check, post=post, fine=(200, 202, 409)) as answer:
            words = said(qido.datasets(answer))
    except HttpFault as fault:
        if fault.status not in _OF_CONTENT:
            raise
        if len(group) == 1:
            return [Stored(uids[0], fault.sentence, 0xA900)]
        return [_words(web, [each], watch)[0] for each in group]
    return [words.get(uid, Stored(uid, _UNSAID, 0x0110)) for uid in uids]


def said(answer: list[dicomjson.Object]) -> dict[str, Stored]:
    """SOPInstanceUID -> the word about it (PS3.18 10.5.3, table I.2-2). A failure counts more than a success."""
    words: dict[str, Stored] = {}
    try:
        for module in answer:
            for item in dicomjson.items(module, REFERENCED):
                uid, status = str(dicomjson.value(item, UID) or ""), _code(item, WARNING, 0)
                words[uid] = Stored(uid, "", status, _remark(status))
            for item in dicomjson.items(module, FAILED):
                uid, status = str(dicomjson.value(item, UID) or ""), _code(item, REASON, 0x0110)
                words[uid] = Stored(uid, _problem(status), status)
    except ValueError as error:
        raise web_faults.not_dicomweb(qido.JSON) from error
    return words


def _groups(objects: Iterable[bytes]) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    for each in objects:
        if group and (len(group) == GROUP or sum(map(len, group)) + len(each) > GROUP_BYTES):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _code(item: dicomjson.Object, tag: str, otherwise: int) -> int:
    found = dicomjson.value(item, tag)
    return found if isinstance(found, int) and 0 < found < 0x10000 else otherwise


def _problem(status: int) -> str:
    if status == _SYNTAX:
        return f"it does not take this transfer syntax (status {status:04X})"
    return faults.failed_status(status).sentence


def _remark(status: int) -> str:
    return _REMARKS.get(status, f"it has a remark (status {status:04X})") if status else ""
