"""`hounsfield import` and `hounsfield studies`, as a script uses them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cache.made import STUDY, ct, folder_of

HOUNSFIELD = [sys.executable, "-c", "import sys; from workstation.cli import main; sys.exit(main())"]


def start(home: Path, *arguments: str | Path) -> "subprocess.Popen[str]":
    environment = os.environ | {"HOUNSFIELD_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [*HOUNSFIELD, *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(home: Path, *arguments: str | Path) -> tuple[int, str, str]:
    with start(home, *arguments) as program:
        output, errors = program.communicate(timeout=60)
    return program.returncode, output, errors


def document(home: Path, *arguments: str | Path) -> Any:
    return json.loads(run(home, *arguments, "--json")[1])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    objects = {f"{study}/{number}": ct(number, study=study) for study in (1, 2) for number in range(1, 4)}
    return folder_of(tmp_path / "source", objects)


def test_an_import_and_what_is_there_after_it(home: Path, source: Path) -> None:
    code, output, errors = run(home, "import", source, "--json")
    report = json.loads(output)
    assert (code, errors) == (0, "")
    assert report.pop("seconds") >= 0
    assert report == {"stored": 6, "already_stored": 0, "refused": [], "studies": [f"{STUDY}.1", f"{STUDY}.2"]}
    rows = document(home, "studies")
    assert [row["row"] for row in rows] == [1, 2]
    assert rows[0] == {
        "row": 1,
        "study_instance_uid": f"{STUDY}.2",
        "patient_id": "P2",
        "patient_name": "Yamada^Tarou=山田^太郎",
        "study_date": "20240102",
        "description": "study 2",
        "modalities": ["CT"],
        "notices": [],
        "series": [
            {
                "series_instance_uid": f"{STUDY}.2.1",
                "modality": "CT",
                "description": "series 1",
                "images": 3,
                "display_sets": 1,
            }
        ],
    }


def test_refusals_are_told_with_their_reason_and_exit_code_1(home: Path, source: Path) -> None:
    folder_of(source, {"notes.txt": b"notes"})
    code, output, errors = run(home, "import", source, "--json")
    assert code == 1
    assert json.loads(output)["refused"] == [{"path": f"{source}/notes.txt", "reason": "not a DICOM file"}]
    assert errors == f"hounsfield: {source}/notes.txt: not a DICOM file\n"


def test_people_read_lines_not_json(home: Path, source: Path) -> None:
    code, output, errors = run(home, "import", source)
    assert (code, errors) == (0, "")
    assert output.startswith("6 stored, 0 already stored, 0 refused, 2 studies, ")
    code, output, _ = run(home, "studies")
    assert code == 0
    assert output.splitlines()[0].split() == [
        "1",
        "Yamada^Tarou=山田^太郎",
        "P2",
        "20240102",
        "CT",
        "study",
        "2",
        "(3",
        "images)",
    ]
    assert "     1.1  CT  series 1  (3 images)" in output.splitlines()


def test_no_studies_yet(home: Path) -> None:
    assert run(home, "studies") == (0, "no studies yet\n", "")
    assert document(home, "studies") == []


@pytest.mark.parametrize("arguments", [["import"], ["bogus"], ["studies", "--bogus"]])
def test_wrong_usage_is_exit_code_2(home: Path, arguments: list[str]) -> None:
    code, output, errors = run(home, *arguments)
    assert (code, output) == (2, "") and "usage: hounsfield" in errors
    code, output, _ = run(home, *arguments, "--json")
    assert code == 2 and list(json.loads(output)) == ["error"]


def test_an_index_that_is_none_is_made_anew_with_a_sentence(home: Path, source: Path) -> None:
    run(home, "import", source)
    before = run(home, "studies", "--json")
    (home / "index.sqlite").write_bytes(b"once upon a time" * 300)
    code, output, errors = run(home, "studies", "--json")
    assert (code, output) == before[:2]
    assert "damaged; it is made anew from the files" in errors and "The index was rebuilt from the files" in errors
    assert run(home, "studies", "--json") == before


def test_a_home_of_a_newer_program_is_a_sentence(home: Path, source: Path) -> None:
    (home / "key.json").write_text('{"version": 9}')
    code, output, errors = run(home, "import", source, "--json")
    assert code == 1
    sentence = "this home was locked by a newer Hounsfield; use that one, or another home"
    assert json.loads(output) == {"error": sentence}
    assert errors == f"hounsfield: {sentence}\n"


def test_a_home_in_a_place_that_is_no_folder_is_a_sentence(tmp_path: Path, source: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    code, output, errors = run(tmp_path / "file" / "home", "import", source, "--json")
    assert code == 1 and "Traceback" not in errors
    assert list(json.loads(output)) == ["error"]


def test_progress_is_shown_when_asked_and_not_to_a_file(home: Path, source: Path) -> None:
    assert run(home, "import", source)[2] == ""
    assert "import 6 of 6" in run(home, "import", source, "--progress")[2]


def test_an_interrupt_leaves_a_clean_state_and_the_next_run_goes_on(home: Path, tmp_path: Path) -> None:
    pixels = bytes(256 * 200 * 2)
    objects = {str(number): ct(number, Rows=256, Columns=200, PixelData=pixels) for number in range(500)}
    source = folder_of(tmp_path / "many", objects)
    with start(home, "import", source, "--json", "--progress") as program:
        assert program.stderr is not None
        shown = ""
        while "import" not in shown.rpartition(" of ")[0] and (letter := program.stderr.read(1)):
            shown += letter
        program.send_signal(signal.SIGINT)
        output, errors = program.communicate(timeout=30)
    report = json.loads(output)
    assert program.returncode == 1
    assert report["stopped"] is True and "goes on from here" in errors and "Traceback" not in errors
    again = document(home, "import", source)
    assert (again["stored"], again["already_stored"]) == (500 - report["stored"], report["stored"])
    assert list((home / "incoming").iterdir()) == []


def test_help_and_version(home: Path) -> None:
    assert run(home, "--version")[1].startswith("hounsfield ")
    output = run(home, "--help")[1]
    assert "import" in output and "studies" in output


BROKEN = """
import sys
from workstation.cli import arrive, main
def broken(options):
    raise ValueError("cannot read Smith^John")
arrive.run_studies = broken
sys.exit(main(["studies", "--json"]))
"""


def test_the_unexpected_is_a_sentence_without_what_it_read(home: Path) -> None:
    environment = os.environ | {"HOUNSFIELD_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", BROKEN], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "ValueError" in json.loads(done.stdout)["error"]
    assert "ValueError" in done.stderr and "Smith" not in done.stdout + done.stderr


def test_a_terminal_without_the_letters_of_a_name_shows_their_codes(home: Path, source: Path) -> None:
    run(home, "import", source)
    environment = os.environ | {"HOUNSFIELD_HOME": str(home), "PYTHONIOENCODING": "ascii"}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    done = subprocess.run([*HOUNSFIELD, "studies"], env=environment, capture_output=True, check=True)
    assert b"Yamada^Tarou=\\u5c71" in done.stdout
