"""The whole demo patient, small: judged by dicom3tools and Orthanc, accounted for by the ledger, hung as it should."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest

from tests.hanging.shown import differs, labels
from tests.loading.opened import hounsfield
from tests.oracles.orthanc import orthanc
from tests.phantom.judges import Tool, dcentvfy_errors, dciodvfy_errors
from workstation.cache import files
from workstation.cache.index import Index
from workstation.case.open import read_study
from workstation.paths import Home
from workstation.phantom.demo import catalogue
from workstation.phantom.demo_making import absent

pytestmark = pytest.mark.usefixtures("qapp")

PROTOCOLS = {
    "CT of the trunk": "ct-body",
    "CT of the trunk a year earlier": "ct-body",
    "CT of the liver in three phases": "ct-liver",
    "CT of the chest two years earlier": "ct-chest",
    "PET/CT of the whole body": "pet-ct",
    "Brain MR": "mr-brain",
    "Mammography": "mg-screening",
    "Mammography a year ago": "mg-screening",
    "Chest X-ray": "dx-chest",
    "Chest X-ray a year ago": "dx-chest",
    "Ultrasound of the abdomen": "us",
}


@dataclass(frozen=True)
class Demo:
    """What `hounsfield demo` left: its home, its pictures, its answer, and a copy of each study's files."""

    home: Home
    out: Path
    answer: Any
    studies: dict[str, list[Path]]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    home = Home(folder / "home").create()
    answer = hounsfield(home, "demo", "--size", "tiny", "--page", "640x400", "--out", folder / "out")
    assert answer.code == 0, answer.stderr
    studies = {each.title: _copied(home, each.study_instance_uid, folder) for each in catalogue()}
    return Demo(home, folder / "out", answer.document, studies)


def _copied(home: Home, study: str, folder: Path) -> list[Path]:
    paths = []
    with Index(home) as index:
        for stored in index.instances(study):
            paths.append(folder / f"{stored.digest}.dcm")
            paths[-1].write_bytes(files.read(home, stored.digest))
    return paths


def test_the_validators_find_nothing_wrong(demo: Demo, tool: Tool) -> None:
    for title, paths in demo.studies.items():
        assert {path.name: said for path in _ends(paths) if (said := dciodvfy_errors(tool, path))} == {}, title
        assert dcentvfy_errors(tool, paths) == [], title


def test_the_list_says_what_is_urgent_and_why(demo: Demo) -> None:
    with Index(demo.home) as index:
        said = {row.study_instance_uid: (row.priority, row.indication) for row in index.studies()}
    assert said == {each.study_instance_uid: (each.study.priority, each.study.indication) for each in catalogue()}


def _ends(paths: list[Path]) -> list[Path]:
    """The first and the last object of each series: those between differ in number and place alone."""
    series: dict[str, list[Path]] = {}
    for path in paths:
        series.setdefault(pydicom.dcmread(path, stop_before_pixels=True).SeriesInstanceUID, []).append(path)
    return [path for own in series.values() for path in {own[0], own[-1]}]


def test_orthanc_takes_all_and_gives_the_same_pixels_back(demo: Demo, tool: Tool, tmp_path: Path) -> None:
    sent = [path.read_bytes() for paths in demo.studies.values() for path in paths]
    with orthanc(tool("Orthanc"), tmp_path) as server:
        for data in sent:
            assert _content(server.file(server.store(data))) == _content(data)
        assert server.count("patients") == 1
        assert server.count("studies") == len(demo.studies)
        assert server.count("instances") == len(sent)


def _content(data: bytes) -> tuple[str, bytes | None]:
    dataset = pydicom.dcmread(BytesIO(data))
    return dataset.SOPInstanceUID, dataset.get("PixelData") or dataset.get("EncapsulatedDocument")


def test_every_image_is_shown_and_only_reports_are_listed(demo: Demo) -> None:
    for entry in catalogue():
        found = hounsfield(demo.home, "ledger", entry.study_instance_uid).document
        listed = [row for row in found["instances"] if row["shown_in"] is None]
        assert found["shown"] > 0 and not any(row["images"] for row in listed), entry.title
        assert len(listed) == (2 if entry.report else 0), entry.title
        assert not any(row["images_lost"] for row in found["instances"]), entry.title


def test_each_stage_of_each_study_is_drawn_and_told(demo: Demo) -> None:
    pictures = demo.answer["pictures"]
    assert {each["title"] for each in pictures} == set(demo.studies)
    assert sorted(Path(each["file"]).name for each in pictures) == sorted(path.name for path in demo.out.glob("*.png"))
    for picture in pictures:
        assert Path(picture["file"]).with_suffix(".json").is_file()
        assert any(tile["series_instance_uid"] for tile in picture["tiles"]), picture["file"]
        for tile in picture["tiles"]:
            empty = tile["series_instance_uid"] is None
            assert tile["shows"].startswith("empty") == empty == bool(tile["message"]), (picture["file"], tile)


def test_each_study_hangs_by_its_own_protocol(demo: Demo) -> None:
    assert {each["title"]: each["protocol"] for each in demo.answer["pictures"]} == PROTOCOLS


def test_each_study_hangs_as_labelled(demo: Demo) -> None:
    uids = {each.title: each.study_instance_uid for each in catalogue()}
    assert {each.study for each in labels("demo")} == set(uids)
    for label in labels("demo"):
        opened = read_study(demo.home, uids[label.study])
        assert differs(label, opened.answer.plan.protocol, opened.answer.plan.stages[0], opened.sets) == ""


def test_priors_are_dated_and_older(demo: Demo) -> None:
    dates = {each.study_instance_uid: each.study.study_date for each in catalogue()}
    current = {each.title: each.study_instance_uid for each in catalogue()}
    hung = [
        (current[picture["title"]], tile["study_instance_uid"], tile)
        for picture in demo.answer["pictures"]
        for tile in picture["tiles"]
        if tile["series_instance_uid"] and tile["study_instance_uid"] != current[picture["title"]]
    ]
    assert hung
    for study, prior, tile in hung:
        assert dates[prior] < dates[study]
        assert f"PRIOR of {dates[prior]}" in tile["shows"]
        assert any("PRIOR" in line for lines in tile["text"].values() for line in lines)


def test_nothing_is_left_to_make(demo: Demo) -> None:
    assert sorted(demo.answer["made"]) == sorted(demo.studies)
    assert absent(demo.home, catalogue()) == ()
