"""`hounsfield findings`: what documents and drafts of a study say."""

import json
from pathlib import Path

import pytest

from tests.case.test_save import mark, saved_once
from workstation.cache.importer import import_paths
from workstation.case.drawing import Marks
from workstation.case.drawing_drafts import keep
from workstation.case.open import study_sets
from workstation.cli import main
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.orientation import orientation_phantom


def test_saved_and_drafts_are_told(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    series = orientation_phantom()[0]
    write_series(series, tmp_path / "study")
    place = Home(home)
    import_paths(place.create(), [tmp_path / "study"])
    study = series.study.study_instance_uid
    assert main(["findings", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "study_instance_uid": study, "findings": [], "segments": [], "key_images": [],
    }  # fmt: skip
    sets, marks = study_sets(place, study)[0], Marks()
    marks.add(mark(sets, 1))
    saved_once(place, sets, marks)
    marks.add(mark(sets, 2))
    keep(place, study, *marks.saved.of_drafts(study, marks.drafts))
    assert main(["findings", study, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [(each["number"], each["status"], each["saved"]) for each in found] == [
        (1, "confirmed", "saved"), (2, "draft", "not saved"),
    ]  # fmt: skip
    assert [each["values"][0]["value"] for each in found] == [each.values[0].value for each in marks]
    assert found[0]["points"] == [list(each) for each in marks.findings[0].points]
    assert main(["findings", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[1].endswith("(not saved)")
