"""`register`: two series of one head, in frames of their own and in one; the JSON, the word, what is written."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from tests.loading.opened import hounsfield, imported
from workstation.cache.index import Index
from workstation.case.open import study_sets
from workstation.documents.registration_read import read_registration
from workstation.imaging.alignment import own_frame
from workstation.paths import Home
from workstation.phantom.brain import brain_mr
from workstation.phantom.dicom import write_series

AWAY_MM = (7.0, -5.0, 4.0)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("register")
    first = next(each for each in brain_mr("tiny") if "MPRAGE" in each.series_description)
    x, y, z = (at + by for at, by in zip(first.grid.origin_lps, AWAY_MM, strict=True))
    grid = replace(first.grid, origin_lps=(x, y, z))
    other = replace(first, grid=grid, series_number=9, frame_of_reference="elsewhere", series_description="again")
    beside = replace(first, grid=grid, series_number=10, series_description="moved")
    for number, series in enumerate((first, other, beside)):
        write_series(series, folder / "in" / str(number))
    return imported(folder, folder / "in")


def test_it_says_how_one_lies_on_the_other_and_writes_it(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "reg.dcm"
    answer = hounsfield(home, "register", "1.1", "1.2", "--kind", "rigid", "--out", out)
    assert answer.code == 0, answer.stderr
    said = answer.document
    assert said["kind"] == "rigid" and said["seconds"] > 0 and said["file"] == str(out)
    assert [row[3] for row in said["matrix"]] == pytest.approx([*(-each for each in AWAY_MM), 1.0], abs=0.5)
    assert said["quality"]["word"] == "good" and said["quality"]["numbers"]["overlap"] > 0.9
    assert said["frames"]["fixed"] != said["frames"]["moving"]
    written = pydicom.dcmread(out)
    assert written.Modality == "REG" and written.FrameOfReferenceUID == said["frames"]["fixed"]
    assert [each.name for each in tmp_path.iterdir()] == ["reg.dcm"]


def test_two_series_of_one_frame_are_told_apart_by_the_images_that_it_names(
    home: Home, tmp_path: Path, tool: Callable[[str], Path]
) -> None:
    out = tmp_path / "reg.dcm"
    answer = hounsfield(home, "register", "1.1", "1.3", "--out", out)
    assert answer.code == 0, answer.stderr
    said = answer.document
    assert said["frames"]["fixed"] == said["frames"]["moving"] and "\\" not in str(said)
    assert [row[3] for row in said["matrix"]] == pytest.approx([*(-each for each in AWAY_MM), 1.0], abs=0.5)
    checked = subprocess.run([tool("dciodvfy"), "-new", out], capture_output=True, text=True).stderr
    assert not [line for line in checked.splitlines() if line.startswith("Error")], checked
    with Index(home) as index:
        (study,) = (each.study_instance_uid for each in index.studies())
    sets, _ = study_sets(home, study)
    places = {
        ref.instance.SOPInstanceUID: (ref.instance.FrameOfReferenceUID, each.series_instance_uid)
        for each in sets
        for ref in each.images
    }
    (read,) = read_registration(out.read_bytes(), places).registrations
    assert (read.fixed, read.moving) == (
        said["frames"]["fixed"], own_frame(said["frames"]["fixed"], said["series"]["moving"])
    )  # fmt: skip


def test_one_series_is_registered_but_nothing_is_written(home: Home, tmp_path: Path) -> None:
    answer = hounsfield(home, "register", "1.1", "1.1", "--out", tmp_path / "reg.dcm")
    assert answer.code == 1 and "frames of reference" in answer.stderr
    assert answer.document["file"] is None and answer.document["quality"]["word"] == "good"
    assert not list(tmp_path.iterdir())
