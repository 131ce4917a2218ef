"""`hounsfield hang`: real studies hang without an error, and the answer explains itself."""

import json
from pathlib import Path

import pytest

from tests.hanging.shown import differs, labels
from workstation import jobs, paths
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.case.ledger import study_ledger
from workstation.case.open import open_study, read_study
from workstation.cli import main

KEYS = {"series_instance_uid", "display_set", "study_instance_uid", "plane", "window", "prior"}


def imported(data_dir: Path, *folders: str) -> list[str]:
    home = paths.home().create()
    import_paths(home, [data_dir / each for each in folders], lambda done, total: None)
    jobs.shutdown()
    with Index(home) as index:
        return [row.study_instance_uid for row in index.studies()]


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert main(["hang", *arguments, "--json"]) == 0
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


def test_a_plain_chest_ct_hangs_as_one(home: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (study,) = imported(data_dir, "ct_chest_lidc0001")
    document = said(capsys, study, "--explain")
    assert set(document) >= {"protocol", "score", "stages", "considered"}
    assert document["protocol"] == "ct-chest"
    stage = document["stages"][0]  # type: ignore[index]
    assert [(tile["plane"], tile["window"]) for tile in stage["tiles"]] == [
        ("axial", "lung"),
        ("axial", "mediastinum"),
        ("coronal", "lung"),
        ("sagittal", "bone"),
    ]
    assert all(set(tile) >= KEYS and tile["study_instance_uid"] == study for tile in stage["tiles"])
    assert all(set(each) == {"protocol", "score", "passed", "failed"} for each in document["considered"])  # type: ignore[attr-defined]
    assert said(capsys, study, "--protocol", "planes")["protocol"] == "planes"
    assert main(["hang", study, "--explain"]) == 0
    assert "regions of the study has chest (required)" in capsys.readouterr().out


def test_a_prior_is_loaded_and_wears_its_date(home: Path, data_dir: Path) -> None:
    imported(data_dir, "mr_longitudinal_decubitus")
    with Index(paths.home()) as index:
        later, earlier = index.studies()
    case = open_study(paths.home(), later.study_instance_uid)
    tiles = [tile for tile in case.tiles if tile.prior]
    assert [(tile.study_date, case.sets[tile.display_set or ""].study_instance_uid) for tile in tiles] == [
        (earlier.study_date, earlier.study_instance_uid)
    ]
    assert case.first is not None
    assert case.first.StudyInstanceUID == later.study_instance_uid
    assert {ref.instance.SOPInstanceUID for each in case.sets.values() for ref in each.images} <= set(case.digests)
    assert not read_study(paths.home(), earlier.study_instance_uid).answer.used


def test_four_patient_ids_stay_four_patients(home: Path, data_dir: Path) -> None:
    studies = imported(data_dir, "mg_fourview_ddsm")
    assert len(studies) == 4
    for study in studies:
        opened = read_study(paths.home(), study)
        assert {each.study_instance_uid for each in opened.sets} == {study}
        assert not any(verdict.accepted for verdict in opened.priors)
        shown = [tile.display_set for tile in opened.answer.plan.stages[0].tiles]
        assert shown == [each.key for each in opened.sets]


@pytest.mark.timeout(600)
def test_all_real_data_hangs_as_labelled_and_nothing_is_lost(home: Path, data_dir: Path) -> None:
    folders = [each.name for each in sorted(data_dir.iterdir()) if each.is_dir() and each.name != "fuzz"]
    left = list(labels("real"))
    wrong: list[str] = []
    for study in imported(data_dir, *folders):
        opened = read_study(paths.home(), study)
        plan, own = opened.answer.plan, [each for each in opened.sets if each.study_instance_uid == study]
        assert {each.key for each in own} <= {tile.display_set for stage in plan.stages for tile in stage.tiles}
        for entry in study_ledger(paths.home(), study).entries:
            assert entry.shown_in or (entry.reason and not entry.images), entry
            assert not entry.images_lost, entry
        for label in [each for each in left if own and each.means(own[0].first)]:
            left.remove(label)
            wrong += filter(None, [differs(label, plan.protocol, plan.stages[0], opened.sets)])
    assert not left
    assert len(wrong) <= 0.05 * len(labels("real")), wrong


def test_screens_are_explained(home: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (study,) = imported(data_dir, "ct_chest_lidc0001")
    wide = said(capsys, study)
    upright = said(capsys, study, "--screens", "2x2048x2560")
    assert (wide["screens"], upright["screens"]) == ("one landscape", "two portrait")
    assert [(each["rows"], each["columns"]) for each in wide["stages"]] == [(2, 2), (1, 3)]  # type: ignore[attr-defined]
    assert [(each["rows"], each["columns"]) for each in upright["stages"]] == [(2, 2), (2, 2)]  # type: ignore[attr-defined]
    assert main(["hang", study, "--screens", "large"]) != 0
    assert "'large' is no screen" in capsys.readouterr().err


def test_a_slab_that_is_not_shown_yet_says_so(home: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "hanging_protocols"
    folder.mkdir()
    (folder / "slabs.toml").write_text(
        'by_name_only = true\n[sets.ct]\nmodality = ["CT"]\n[[stages]]\nlayout = "1x2"\n'
        'tiles = [{ show = "ct", plane = "coronal", slab_mm = 20, slab = "mip" }, { show = "ct", plane = "axial" }]\n',
        encoding="utf-8",
    )
    (study,) = imported(data_dir, "ct_chest_lidc0001")
    thick, thin = said(capsys, study, "--protocol", "slabs")["stages"][0]["tiles"]  # type: ignore[index]
    assert thick["slab"].startswith("20 mm mip, not yet")
    assert thin["slab"] is None
    assert main(["hang", study, "--protocol", "slabs"]) == 0
    assert "slab 20 mm mip, not yet" in capsys.readouterr().out


@pytest.mark.expects_log("a hanging protocol is left out: wrong.toml, line 1: 'titel' is not a key")
def test_a_wrong_protocol_of_the_home_never_stops_reading(home: Path, data_dir: Path) -> None:
    folder = home / "hanging_protocols"
    folder.mkdir()
    (folder / "wrong.toml").write_text('titel = "x"', encoding="utf-8")
    (folder / "mine.toml").write_text(
        'title = "Mine"\n[[rules]]\nfact = "modalities"\nhas = ["CT"]\nweight = 1000\n'
        '[[stages]]\nname = "a"\nlayout = "1x1"\ntiles = [{ plane = "coronal" }]\n',
        encoding="utf-8",
    )
    (study,) = imported(data_dir, "ct_chest_lidc0001")
    assert read_study(paths.home(), study).answer.plan.protocol == "mine"
