"""`hounsfield node`, `echo`, `find`, `retrieve`, `send`: from outside, with their documents and exit codes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cache.made import STUDY, ct
from tests.network.receiving import Running, running
from tests.network.scripted import Script, scripted
from workstation.cli import main
from workstation.network.nodes import Node
from workstation.paths import Home

OBJECTS = [ct(number) for number in range(1, 5)]


@pytest.fixture
def archive(home: Path) -> Iterator[Node]:
    with scripted(OBJECTS, Script()) as node:
        assert main(["node", "add", "PACS", "--aet", node.aet, "--host", node.host, "--port", str(node.port)]) == 0
        yield node


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_nodes_are_listed_tested_and_forgotten(archive: Node, capsys: pytest.CaptureFixture[str]) -> None:
    code, listed = document(capsys, "node", "list")
    assert code == 0
    assert [(each["name"], each["aet"], each["port"]) for each in listed["nodes"]] == [
        ("PACS", "SCRIPTED", archive.port)
    ]
    code, tested = document(capsys, "node", "test", "PACS")
    assert (code, tested["ok"]) == (0, True)
    assert document(capsys, "node", "remove", "PACS")[0] == 0
    code, said = document(capsys, "echo", "PACS")
    assert (code, said["error"]) == (1, "There is no node 'PACS'; none is set up (hounsfield node add).")


def test_the_test_says_which_side_and_field_is_wrong(archive: Node, capsys: pytest.CaptureFixture[str]) -> None:
    main(["node", "add", "wrong", "--aet", "NOBODY", "--host", archive.host, "--port", str(archive.port)])
    code, tested = document(capsys, "node", "test", "wrong")
    assert (code, tested["ok"], tested["field"], tested["side"]) == (1, False, "aet", "this workstation")
    main(["node", "test", "wrong"])
    assert "wrong: it is not called 'NOBODY'" in capsys.readouterr().err


def test_a_study_is_found_and_retrieved(archive: Node, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = document(capsys, "find", "PACS", "PatientName=")
    assert code == 0
    assert [row["StudyInstanceUID"] for row in found["rows"]] == [f"{STUDY}.1"]
    code, came = document(capsys, "retrieve", "PACS", f"{STUDY}.1")
    assert (code, came["complete"], came["stored"], came["expected"]) == (0, True, 4, 4)
    code, studies = document(capsys, "studies")
    assert [each["study_instance_uid"] for each in studies] == [f"{STUDY}.1"]
    code, again = document(capsys, "retrieve", "PACS", f"{STUDY}.1")
    assert (code, again["stored"], again["already_stored"]) == (0, 0, 4)
    code, said = document(capsys, "find", "PACS", "NoSuchThing=1")
    assert (code, said["error"]) == (1, "There is no attribute called 'NoSuchThing'.")


def test_files_and_studies_are_sent(archive: Node, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "one.dcm").write_bytes(OBJECTS[0])
    (tmp_path / "none.txt").write_text("no object")
    with running(Home(tmp_path / "theirs").create()) as us:
        target: Running = us
        node = target.node
        main(["node", "add", "US", "--aet", node.aet, "--host", node.host, "--port", str(node.port)])
        code, sent = document(capsys, "send", "US", str(tmp_path / "one.dcm"), str(tmp_path / "none.txt"))
        assert (code, sent["sent"]) == (1, 1)
        assert [each["reason"] for each in sent["failed"]] == ["not a DICOM file"]
        document(capsys, "retrieve", "PACS", f"{STUDY}.1")
        code, sent = document(capsys, "send", "US", "1")
        assert (code, sent["sent"], sent["failed"]) == (0, 4, [])
        assert (target.tally.stored, target.tally.already_stored) == (4, 1)


def test_a_role_without_the_permission_is_refused(archive: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    from workstation.security import roles

    monkeypatch.setitem(roles.PERMISSIONS, roles.LOCAL_ROLE, frozenset(("read",)))
    for command in (
        ["echo", "PACS"],
        ["find", "PACS"],
        ["retrieve", "PACS", "1.2"],
        ["send", "PACS", "1"],
        ["receive"],
    ):
        assert main(command) == 1
    assert main(["node", "remove", "PACS"]) == 1
