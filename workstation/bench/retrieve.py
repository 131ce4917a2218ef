"""A study from Orthanc into the cache, each of the three ways, beside who only takes the bytes: curl, getscu, storescp.

Ours ends when every object is compared with the archive, safe and visible; theirs when the last byte came. The first
image counts when it can be opened, from the moment it was asked for.
"""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workstation.bench import peers
from workstation.bench.data import Study
from workstation.bench.receive import quick_turns
from workstation.bench.rows import Row
from workstation.cache.index import Index
from workstation.errors import HounsfieldError, NotFound
from workstation.network import nodes
from workstation.network.courier import Couriers
from workstation.network.dimse import DimsePacs
from workstation.network.nodes import Node
from workstation.network.reception import Reception
from workstation.paths import Home
from workstation.phantom.coded import STUDY
from workstation.traffic.abroad import bringing, comes_here, way_to
from workstation.traffic.fetch import Bring, fetch_study
from workstation.traffic.receive import receiving
from workstation.traffic.writer import Writer

NEEDED: Final = ("Orthanc", "getscu", "movescu", "storescp", "curl")
MOST_S: Final = {"WADO-RS": 1.0, "C-GET": 2.0, "C-MOVE": 2.0}
FIRST_S: Final = 1.0
_WATCH_S: Final = 0.005


@dataclass(frozen=True)
class _Archive:
    """A running Orthanc, and where it calls back for C-MOVE."""

    dicom: int
    web: str
    back: int
    scp: int


def retrieve(study: Study, runs: int) -> list[Row]:
    """Seconds until the study is complete, and until its first image can be opened."""
    lacking = [name for name in NEEDED if shutil.which(name) is None]
    if lacking:
        return [Row("retrieve", skipped=f"{lacking[0]} is not installed")]
    rows = []
    with tempfile.TemporaryDirectory(prefix="hounsfield-bench-") as folder, peers.storescp(Path(folder) / "scp") as scp:
        back = peers.free_port()
        callers = {"HOUNSFIELD": back, "STORESCP": scp}
        with peers.orthanc(Path(folder) / "orthanc", study.files, callers) as (dicom, web), quick_turns():
            archive = _Archive(dicom, web, back, scp)
            for way, (peer, command) in _beside(archive, Path(folder)).items():
                took, first, theirs = [], [], []
                for _ in range(runs):
                    theirs.append(_timed(command))
                    seconds = _fetched(archive, way, study.slices)
                    took.append(seconds[0])
                    first.append(seconds[1])
                rows.append(Row(f"retrieve, {way}", "s", peer, MOST_S[way], tuple(took), tuple(theirs)))
                rows.append(Row(f"retrieve, {way}, first image", "s", "", FIRST_S, tuple(first)))
    return rows


def _beside(archive: _Archive, folder: Path) -> dict[str, tuple[str, list[str]]]:
    """Way -> who else goes it, and how."""
    uid = STUDY.study_instance_uid
    key = ["-S", "-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={uid}"]
    node = ["-aet", "HOUNSFIELD", "-aec", "ORTHANC", "127.0.0.1", str(archive.dicom)]
    got = folder / "got"
    got.mkdir()
    accept = 'Accept: multipart/related; type="application/dicom"; transfer-syntax=*'
    url = f"{archive.web}/studies/{uid}"
    return {
        "WADO-RS": ("curl", ["curl", "-s", "-f", "-H", accept, "-o", str(folder / "curl"), url]),
        "C-GET": ("getscu", ["getscu", *key, "+B", "-od", str(got), "-pdu", "131072", *node]),
        "C-MOVE": ("storescp", ["movescu", *key, "-aem", "STORESCP", *node]),
    }


def _timed(command: list[str]) -> float:
    begun = time.monotonic()
    done = subprocess.run(command, env=os.environ | {"TCP_NODELAY": "1"}, capture_output=True)
    if done.returncode:
        raise HounsfieldError(f"{command[0]} ended with {done.returncode}")
    return time.monotonic() - begun


def _fetched(archive: _Archive, way: str, images: int) -> tuple[float, float]:
    """Seconds until the study is complete, and until the first image can be opened."""
    with tempfile.TemporaryDirectory(prefix="hounsfield-bench-") as folder:
        home = Home(Path(folder)).create()
        node = _node(archive, way)
        with Writer(home) as writer, _taking(archive, node, writer) as bring:
            os.sync()
            begun = time.monotonic()
            with _FirstImage(home) as first:
                report = fetch_study(way_to(node)(), STUDY.study_instance_uid, writer, bring=bring)
            spent = time.monotonic() - begun
        if not report.complete or report.stored != images:
            raise HounsfieldError(f"{way} brought {report.stored} of {images}")
        return spent, first.at - begun


def _node(archive: _Archive, way: str) -> Node:
    if way == "WADO-RS":
        return nodes.made("archive", {"url": archive.web})
    return Node("archive", "ORTHANC", "127.0.0.1", archive.dicom, retrieve="move" if way == "C-MOVE" else "get")


@contextmanager
def _taking(archive: _Archive, node: Node, writer: Writer) -> Iterator[Bring | None]:
    """What objects come by, up and ready."""
    if not comes_here(node):
        with receiving(Reception(port=archive.back), writer) as (receiver, _):
            DimsePacs(Node("us", "HOUNSFIELD", "127.0.0.1", receiver.port)).echo()
            yield None
        return
    with Couriers(writer.lander) as couriers:
        couriers.wait()
        yield bringing(couriers, way_to(node))


class _FirstImage:
    """Looks from outside, as the screen does, until there is something to open; `at` is when."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.at = float("inf")

    def __enter__(self) -> "_FirstImage":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        with Index(self._home) as index:
            while not self._over.wait(_WATCH_S):
                try:
                    if index.instances(STUDY.study_instance_uid):
                        self.at = time.monotonic()
                        return
                except NotFound:
                    continue
