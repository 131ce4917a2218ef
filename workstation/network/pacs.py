"""One way to talk to an archive, whatever it speaks: DIMSE (`dimse`), DICOMweb behind the same words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from workstation.network.nodes import Node
from workstation.network.part10 import Received


class Level(StrEnum):
    """What a query asks for, and what identifies it."""

    PATIENT = "PATIENT"
    STUDY = "STUDY"
    SERIES = "SERIES"
    IMAGE = "IMAGE"

    @property
    def unique_key(self) -> str:
        return _UNIQUE[self]


_UNIQUE = {
    Level.PATIENT: "PatientID",
    Level.STUDY: "StudyInstanceUID",
    Level.SERIES: "SeriesInstanceUID",
    Level.IMAGE: "SOPInstanceUID",
}

Row = Mapping[str, str]
"""One match: DICOM keyword -> text; several values stand apart by a backslash, as DICOM has it."""


@dataclass(frozen=True)
class Selection:
    """What to retrieve: a study, one of its series, or instances of that series; `sop_classes` and `modalities` help
    to agree on what comes."""

    study: str
    series: str = ""
    instances: tuple[str, ...] = ()
    sop_classes: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progress:
    """How far a transfer is; `total` 0 means that the node has not said. `bytes` count what came or went."""

    done: int
    total: int
    bytes: int = 0


@dataclass(frozen=True)
class Retrieved:
    """What a node says it sent, and what came: `failed` and `left` are the node's own counts."""

    came: int
    completed: int
    failed: int = 0
    refused: int = 0
    """Objects that came and our own side did not take."""


@dataclass(frozen=True)
class Stored:
    """The word of the archive about one object: `problem` is empty when it is safe there."""

    sop_instance_uid: str
    problem: str = ""
    status: int = 0
    remark: str = ""
    """What it says about an object that it has taken."""


Sink = Callable[[Received], bool]
"""Takes one object; False when it was not taken. Called on the thread that retrieves."""

Told = Callable[[Progress], None]
Check = Callable[[], None]
"""Raises `Cancelled` when somebody asked to stop; called often, on the thread that works."""


def _nobody(_: Progress) -> None:
    return


def _never() -> None:
    return


@dataclass(frozen=True)
class Watch:
    """Who is told how far a transfer is, and who may stop it."""

    told: Told = field(default=_nobody)
    check: Check = field(default=_never)


UNWATCHED: Final = Watch()


class Pacs(Protocol):
    """An archive. Every method may raise NodeFault (whose side, which field) and Cancelled."""

    @property
    def node(self) -> Node: ...

    def echo(self) -> float:
        """Seconds until the answer."""
        ...

    def find(self, level: Level, keys: Mapping[str, str], check: Check = _never) -> Iterator[Row]:
        """Matches as they come. An empty value asks for that attribute; closing the iterator stops the query."""
        ...

    def retrieve(self, what: Selection, sink: Sink, watch: Watch = UNWATCHED) -> Retrieved:
        """Have objects sent. `sink` is not called where they come to the receiver instead (C-MOVE)."""
        ...

    def store(self, objects: Iterable[bytes], watch: Watch = UNWATCHED, total: int = 0) -> Iterator[Stored]:
        """Send Part 10 files; the archive's word for each as it comes."""
        ...
