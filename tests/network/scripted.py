"""An archive by pynetdicom that misbehaves as it is told: another implementation of the protocol judges ours."""

import logging
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    CTImageStorage,
    PatientRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)
from pynetdicom.transport import AssociationSocket, ThreadedAssociationServer

from tests.network.read import dataset
from workstation.network.nodes import Node


def _shut(self: Any) -> None:
    """WORKAROUND: pynetdicom leaves its socket open, for the garbage to warn of, where the other end closed before."""
    if self.socket is None:
        return
    with suppress(OSError):
        self.socket.shutdown(socket.SHUT_RDWR)
    self.socket.close()


AssociationSocket._shutdown_socket = _shut  # type: ignore[method-assign]


@dataclass
class Script:
    """What goes wrong, each as often as its number says; everything else is honest."""

    aborts_after: list[int] = field(default_factory=list)
    """The connection is broken off after so many objects of a C-GET; one entry a C-GET."""
    hides: list[int] = field(default_factory=list)
    """So many objects are left out of a C-GET that says it is whole; one entry a C-GET."""
    waits_after: int = -1
    """After so many objects of a C-GET nothing more comes until it is cancelled."""
    falls_silent_after: list[int] = field(default_factory=list)
    """After so many objects nothing more comes at all; one entry a C-GET."""
    silent: bool = False
    """A query is never answered."""
    find_status: int = 0
    counts: bool = True
    """NumberOfSeriesRelatedInstances is there."""
    gets: list[list[str]] = field(default_factory=list)
    """What each C-GET was asked for: instances, or nothing for all."""
    cancelled: threading.Event = field(default_factory=threading.Event)


class Archive:
    def __init__(self, objects: Sequence[bytes], script: Script) -> None:
        self.objects = [dataset(each) for each in objects]
        self.script = script
        self.stop = threading.Event()

    def find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        if self.script.silent:
            self.stop.wait(30)
        if self.script.find_status:
            yield self.script.find_status, None
            return
        asked = event.identifier
        level = asked.QueryRetrieveLevel
        key = {"STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID", "IMAGE": "SOPInstanceUID"}[level]
        seen = set()
        for each in self.objects:
            if each[key].value in seen or not _fits(each, asked):
                continue
            seen.add(each[key].value)
            if event.is_cancelled:
                self.script.cancelled.set()
                yield 0xFE00, None
                return
            yield 0xFF00, self._row(each, asked, level)

    def _row(self, each: Dataset, asked: Dataset, level: str) -> Dataset:
        row = Dataset()
        row.QueryRetrieveLevel = level
        row.SpecificCharacterSet = each.SpecificCharacterSet
        for element in asked:
            if element.keyword in each:
                row[element.tag] = each[element.tag]
        if "NumberOfSeriesRelatedInstances" in asked and self.script.counts:
            mine = [other for other in self.objects if other.SeriesInstanceUID == each.SeriesInstanceUID]
            row.NumberOfSeriesRelatedInstances = str(len(mine))
        return row

    def get(self, event: Any) -> Iterator[Any]:
        found = [each for each in self.objects if _fits(each, event.identifier)]
        wanted = event.identifier.get("SOPInstanceUID") or []
        self.script.gets.append([wanted] if isinstance(wanted, str) else list(wanted))
        hidden = self.script.hides.pop(0) if self.script.hides else 0
        breaks = self.script.aborts_after.pop(0) if self.script.aborts_after else None
        mute = self.script.falls_silent_after.pop(0) if self.script.falls_silent_after else None
        found = found[hidden:]
        yield len(found)
        for number, each in enumerate(found):
            if number == breaks:
                event.assoc.dul.socket.close()
                return
            if number == mute:
                self.stop.wait(30)
            cancelled = event.is_cancelled  # true once only: pynetdicom forgets a C-CANCEL that was asked for
            while number == self.script.waits_after and not cancelled and not self.stop.wait(0.01):
                cancelled = event.is_cancelled
            if cancelled:
                self.script.cancelled.set()
                yield 0xFE00, None
                return
            yield 0xFF00, each


def _fits(each: Dataset, asked: Mapping[str, Any]) -> bool:
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        wanted = asked.get(keyword)
        if wanted and each[keyword].value not in ([wanted] if isinstance(wanted, str) else list(wanted)):
            return False
    return True


@contextmanager
def scripted(objects: Sequence[bytes], script: Script, tls: Any = None, require_calling: str = "") -> Iterator[Node]:
    """The archive, listening; what it logs about what it was told to do is not heard."""
    logger = logging.getLogger("pynetdicom")
    before, logger.disabled = logger.level, False
    logger.setLevel(logging.CRITICAL + 1)
    archive = Archive(objects, script)
    ae = AE("SCRIPTED")
    ae.require_called_aet = True
    if require_calling:
        ae.require_calling_aet = [require_calling]
    for uid in (
        Verification,
        PatientRootQueryRetrieveInformationModelFind,
        StudyRootQueryRetrieveInformationModelFind,
        StudyRootQueryRetrieveInformationModelGet,
        StudyRootQueryRetrieveInformationModelMove,
    ):
        ae.add_supported_context(uid)
    ae.add_supported_context(CTImageStorage, scu_role=True, scp_role=True)
    handlers = [(evt.EVT_C_FIND, archive.find), (evt.EVT_C_GET, archive.get), (evt.EVT_C_MOVE, _unknown_destination)]
    server = ae.make_server(
        ("127.0.0.1", 0), evt_handlers=handlers, ssl_context=tls, server_class=ThreadedAssociationServer
    )
    ae._servers.append(server)  # what start_server does, with a longer interval
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Node("scripted", "SCRIPTED", "127.0.0.1", server.server_address[1])
    finally:
        archive.stop.set()
        ae.shutdown()
        thread.join()
        logger.setLevel(before)


def _unknown_destination(event: Any) -> Iterator[Any]:
    yield None, None
