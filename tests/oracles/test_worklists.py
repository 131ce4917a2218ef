"""Modality worklists of DCMTK's wlmscpfs and of Orthanc's plugin: what is scheduled comes as it was written."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.guards import required
from tests.network.archives import orthanc
from tests.network.loopback import serving
from workstation.bench.peers import free_port
from workstation.network.call import Patience
from workstation.network.faults import NodeFault
from workstation.network.mwl import Ordered, scheduled
from workstation.network.nodes import Node

Tool = Callable[[str], Path]
PLUGIN = Path("/usr/share/orthanc/plugins/libModalityWorklists.so")
DUMP = """
(0008,0005) CS [ISO_IR 100]
(0008,0050) SH [{accession}]
(0008,0090) PN [House^Gregory]
(0010,0010) PN [{name}]
(0010,0020) LO [{patient}]
(0010,0030) DA [19500102]
(0010,0040) CS [F]
(0020,000d) UI [1.2.826.0.1.3680043.10.77.{number}]
(0032,1060) LO [{procedure}]
(0040,0100) SQ
(fffe,e000) na
(0008,0060) CS [{modality}]
(0040,0001) AE [CT1]
(0040,0002) DA [{day}]
(0040,0003) TM [0815]
(0040,0007) LO [{procedure}]
(0040,0009) SH [SPS{number}]
(fffe,e00d) na
(fffe,e0dd) na
(0040,1001) SH [RP{number}]
(0040,1002) LO [{reason}]
(0040,1003) SH [{priority}]
"""
TODAY = f"{date.today():%Y%m%d}"
ORDERS = (
    {"accession": "A1", "name": "Müller^Jürgen", "patient": "P1", "procedure": "CT chest", "modality": "CT",
     "day": TODAY, "reason": "haemoptysis", "priority": "STAT", "number": 1},
    {"accession": "A2", "name": "Doe^Jane", "patient": "P2", "procedure": "MR brain", "modality": "MR",
     "day": "20200101", "reason": "", "priority": "ROUTINE", "number": 2},
)  # fmt: skip


def write(tool: Tool, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for order in ORDERS:
        text = folder / f"{order['number']}.dump"
        text.write_text(DUMP.format(**order), encoding="latin-1")
        subprocess.run([tool("dump2dcm"), "-q", text, folder / f"{order['number']}.wl"], check=True, timeout=30)
        text.unlink()


@pytest.fixture(scope="module", params=["wlmscpfs", "orthanc"])
def node(request: pytest.FixtureRequest, tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("worklist")
    if request.param == "wlmscpfs":
        write(tool, folder / "wl" / "WLM")
        (folder / "wl" / "WLM" / "lockfile").touch()
        port = free_port()
        with serving([tool("wlmscpfs"), "-dfp", folder / "wl", str(port)], port, folder):
            yield Node("ris", "WLM", "127.0.0.1", port)
    else:
        if not PLUGIN.exists():
            required.missing("orthanc", "Orthanc without its worklist plugin")
        write(tool, folder / "wl")
        worklists = {"Enable": True, "Database": str(folder / "wl")}
        with orthanc(tool, folder, free_port(), Plugins=[str(PLUGIN)], Worklists=worklists) as archive:
            yield archive.node


def by_accession(found: Iterator[Ordered]) -> dict[str, Ordered]:
    return {each.accession: each for each in found}


def test_all_that_is_scheduled_comes_as_it_was_written(node: Node) -> None:
    found = by_accession(scheduled(node))
    assert found.keys() == {"A1", "A2"}
    first = found["A1"]
    assert (first.patient_name, first.patient_id, first.birth_date, first.sex) == (
        "Müller^Jürgen",
        "P1",
        "19500102",
        "F",
    )
    assert (first.procedure, first.priority, first.reason) == ("CT chest", "STAT", "haemoptysis")
    assert (first.modality, first.station, first.start_date, first.start_time) == ("CT", "CT1", TODAY, "0815")
    assert first.study_instance_uid == "1.2.826.0.1.3680043.10.77.1" and first.step_id == "SPS1"
    assert found["A2"].reason == "" and found["A2"].priority == "ROUTINE"


def test_a_day_and_a_modality_narrow_it_within_the_step(node: Node) -> None:
    assert by_accession(scheduled(node, dates=TODAY)).keys() == {"A1"}
    assert by_accession(scheduled(node, modality="MR")).keys() == {"A2"}
    assert by_accession(scheduled(node, dates="20190101-20201231")).keys() == {"A2"}


def test_a_node_without_a_worklist_says_so(tool: Tool, tmp_path: Path) -> None:
    with orthanc(tool, tmp_path) as archive, pytest.raises(NodeFault, match=r"worklist|says no|make sense|abort"):
        list(scheduled(archive.node, patience=Patience(2.0, 2.0, 2.0)))
