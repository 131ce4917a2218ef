"""`hounsfield cache`: status, verify, rebuild, evict, pin."""

import json
from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct, folder_of, raw_index
from workstation.cache import files, handover, in_use
from workstation.cache.handover import Desk
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.cache.outbox import Outbox
from workstation.cli import main
from workstation.paths import Home
from workstation.settings import FILE


@pytest.fixture
def filled(home: Path, tmp_path: Path) -> Home:
    here = Home(home)
    objects = {f"{study}-{number}": ct(number, study=study) for study in (1, 2, 3) for number in (1, 2)}
    import_paths(here, [folder_of(tmp_path / "source", objects)])
    db = raw_index(here)
    db.execute("UPDATE studies SET used = '2024-01-01T00:00:00+00:00'")
    db.close()
    return here


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, object]:
    assert main(["cache", *arguments, "--json"]) == code
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    return document


def studies(home: Home) -> list[str]:
    with Index(home) as index:
        return sorted(row.study_instance_uid for row in index.studies())


def test_status_of_an_empty_home_makes_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = said(capsys, "status")
    assert (document["studies"], document["bytes"], document["key"], document["warnings"]) == (0, 0, None, [])
    assert list(home.iterdir()) == []
    assert main(["cache", "status"]) == 0
    assert "0 studies" in capsys.readouterr().out


def test_status_says_what_is_there_and_what_is_weak(filled: Home, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "pin", f"{STUDY}.1")
    Outbox(filled).put(f"{STUDY}.2", (), "archive")
    with in_use.held(filled, f"{STUDY}.3"):
        document = said(capsys, "status")
    expected = {"studies": 3, "images": 6, "pinned": 1, "open": 1, "unsent": 1, "quarantined": 0, "plain_files": 0}
    assert {name: document[name] for name in expected} == expected
    assert document["bytes"] == sum(len(ct(number, study=study)) for study in (1, 2, 3) for number in (1, 2))
    assert document["key"] == "file"
    (warning,) = document["warnings"]  # type: ignore[misc]
    assert "whoever can read the files of this account can read the studies" in warning


def test_verify_finds_what_is_damaged_gone_and_unknown(filled: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "verify")["whole"] == 6
    with Index(filled) as index:
        first, second = index.instances(f"{STUDY}.1")
    path = files.place_of(filled, first.digest)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    files.place_of(filled, second.digest).unlink()
    (filled.files / "ab" / ("ab" * 32)).parent.mkdir(exist_ok=True)
    (filled.files / "ab" / ("ab" * 32)).write_bytes(b"\x02stray")
    document = said(capsys, "verify", code=1)
    assert document == {
        "whole": 4,
        "damaged": [first.instance.SOPInstanceUID],
        "gone": [second.instance.SOPInstanceUID],
        "unknown": ["ab" * 32],
        "plain_files": 0,
    }


def test_evict_takes_what_is_named_and_says_what_stays(filled: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "pin", f"{STUDY}.2"]) == 0
    assert "1 studies are pinned" in capsys.readouterr().out
    document = said(capsys, "evict", f"{STUDY}.1", f"{STUDY}.2", code=1)
    assert document["evicted"] == [f"{STUDY}.1"]
    assert document["kept"] == [{"study_instance_uid": f"{STUDY}.2", "reason": "it is pinned"}]
    said(capsys, "pin", "--off", f"{STUDY}.2")
    assert said(capsys, "evict", f"{STUDY}.2")["evicted"] == [f"{STUDY}.2"]
    assert studies(filled) == [f"{STUDY}.3"]


def test_evict_alone_keeps_quota_and_reserve(filled: Home, capsys: pytest.CaptureFixture[str]) -> None:
    (filled.root / FILE).write_text("[cache]\nreserve = 0.0\n")
    assert said(capsys, "evict")["evicted"] == []
    (filled.root / FILE).write_text("[cache]\nreserve = 0.0\nquota = 0.000001\n")
    assert said(capsys, "evict")["evicted"] == [f"{STUDY}.1", f"{STUDY}.2", f"{STUDY}.3"]
    assert studies(filled) == []


def test_rebuild_says_what_it_found(filled: Home, capsys: pytest.CaptureFixture[str]) -> None:
    document = said(capsys, "rebuild")
    assert document == {"objects": 6, "quarantined": 0, "sealed": 0, "marks": 0, "damaged": []}


def test_a_deleted_index_is_made_anew_before_the_command_goes_on(
    filled: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in filled.root.glob("index.sqlite*"):
        path.unlink()
    document = said(capsys, "status")
    assert document["studies"] == 3
    assert main(["studies"]) == 0
    assert "study 3" in capsys.readouterr().out


def test_a_study_is_opened_by_the_program_that_shows_the_home(filled: Home, capsys: pytest.CaptureFixture[str]) -> None:
    asked = []

    def answer(request: object, told: handover.Told) -> dict[str, object]:
        asked.append(request)
        return {}

    with Desk(filled, answer):
        assert main(["open", f"{STUDY}.2"]) == 0
        assert main([]) == 0
    assert asked == [{"act": "open", "study": f"{STUDY}.2"}, {"act": "open", "study": ""}]
    assert capsys.readouterr().out == "shown in the window that is open\n"


def test_an_import_is_handed_to_the_program_that_shows_the_home(
    filled: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def answer(request: object, told: handover.Told) -> dict[str, object]:
        asked.append(request)
        report = import_paths(filled, request["paths"], told)  # type: ignore[index]
        return report.to_json()

    folder_of(tmp_path / "more", {"a": ct(9), "b": b"once upon a time"})
    with Desk(filled, answer):
        assert main(["import", str(tmp_path / "more"), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert asked == [{"act": "import", "paths": [str(tmp_path / "more")]}]
    assert (document["stored"], document["studies"]) == (1, [f"{STUDY}.1"])
    assert document["refused"] == [{"path": str(tmp_path / "more" / "b"), "reason": "not a DICOM file"}]
