"""`suv`, and `stats` of PET: keys that scripts rely on, units, and what is refused."""

import math
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import UID

from tests.imaging.suv_cases import GE_SLICES_FACTOR
from tests.loading.opened import hounsfield, imported, loaded, studies
from workstation import jobs
from workstation.cache.index import Index
from workstation.case.open import study_sets
from workstation.imaging.suv_values import BQML, Edits, Measure
from workstation.loading.load import Loader
from workstation.paths import Home

KEYS = ["kind", "factor", "unit", "trace", "refused"]


@pytest.fixture(scope="module")
def sarcoma(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = data_dir / "petctmr_sts_006" / "dicom" / "STS_006" / "PET"
    yield imported(tmp_path_factory.mktemp("sarcoma"), folder)


@pytest.fixture(scope="module")
def slices(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The GE slices, and one of them made three times without a weight."""
    folder = data_dir / "pet_suv" / "ge_discovery_st_bqml"
    spoiled = tmp_path_factory.mktemp("spoiled")
    for number, file in enumerate(sorted(folder.glob("PT_*.dcm"))[:3]):
        dataset = pydicom.dcmread(file)
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3", "1.2.3.4"
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = UID(f"1.2.3.4.{number}")
        dataset.PatientWeight = None
        dataset.save_as(spoiled / f"{number}.dcm")
    yield imported(tmp_path_factory.mktemp("slices"), folder, spoiled)


def series_of(home: Home, study: str, modality: str) -> str:
    with Index(home) as index:
        (row,) = [each for each in index.studies() if each.study_instance_uid == study]
    return next(each.series_instance_uid for each in row.series if each.modality == modality)


def test_suv_has_exactly_its_keys_and_a_trace_of_four(slices: Home) -> None:
    study = next(each for each in studies(slices) if each != "1.2.3")
    answer = hounsfield(slices, "suv", series_of(slices, study, "PT"))
    assert answer.code == 0, answer.stderr
    assert list(answer.document) == KEYS
    assert (answer.document["kind"], answer.document["unit"]) == ("SUVbw", "g/ml")
    assert answer.document["factor"] == pytest.approx(GE_SLICES_FACTOR, rel=1e-6)
    assert answer.document["refused"] is None
    assert all(list(each) == ["input", "value", "tag", "source"] for each in answer.document["trace"])
    assert any("dates shifted" in each["source"] for each in answer.document["trace"])


def test_a_series_without_a_weight_names_it_and_is_counted_as_stored(slices: Home) -> None:
    answer = hounsfield(slices, "suv", "1.2.3.4")
    assert answer.code == 1
    assert answer.document["refused"]["tag"] == "PatientWeight (0010,1030)"
    voxels = loaded(slices, "1.2.3")[0]
    assert voxels.unit == "Bq/ml"
    grid = voxels.display_set.image_grid(1)
    x, y, z = grid.point((64, 64, 0))
    counted = hounsfield(slices, "stats", "1.2.3.4", f"--sphere={x},{y},{z},9")
    assert counted.document["unit"] == "Bq/ml"
    assert "no SUV: PatientWeight" in counted.stderr
    assert "no SUV" not in hounsfield(slices, "stats", "1.2.3.4", f"--sphere={x},{y},{z},9", "--unit=bqml").stderr


def test_values_are_suv_or_what_is_stored(slices: Home) -> None:
    study = next(each for each in studies(slices) if each != "1.2.3")
    series = series_of(slices, study, "PT")
    grid = loaded(slices, study)[0].display_set.image_grid(5)
    x, y, z = grid.point((64, 64, 0))
    suv, stored = (
        hounsfield(slices, "stats", series, f"--sphere={x},{y},{z},9", *more).document
        for more in ((), ("--unit=bqml",))
    )
    assert (suv["unit"], stored["unit"]) == ("SUVbw", "Bq/ml")
    assert suv["max"] == pytest.approx(stored["max"] * GE_SLICES_FACTOR, rel=1e-6)


def test_the_tumour_has_the_values_of_its_mask_and_is_not_scaled_twice(sarcoma: Home) -> None:
    (study,) = studies(sarcoma)
    pet, mask = (series_of(sarcoma, study, each) for each in ("PT", "RTSTRUCT"))
    assert hounsfield(sarcoma, "suv", pet).document["factor"] == 1.0
    answer = hounsfield(sarcoma, "stats", pet, "--roi", "GTV", "--from", mask)
    assert answer.document["unit"] == "SUVbw"
    assert answer.document["max"] == pytest.approx(26.65, rel=0.005)
    assert answer.document["mean"] == pytest.approx(7.86, rel=0.005)


def test_the_same_voxels_are_told_in_another_measure(slices: Home) -> None:
    study = next(each for each in studies(slices) if each != "1.2.3")
    sets, digests = study_sets(slices, study)
    (pet,) = [each for each in sets if each.first.Modality == "PT"]
    loader = Loader(slices)
    try:
        loading = loader.open(pet, digests)
        loader.wait(60.0)
        first = loading.voxels
        loader.tell(Measure(BQML), digests)
        stored = loading.voxels
        assert stored.stored is first.stored
        assert (first.unit, stored.unit) == ("SUVbw", "Bq/ml")
        assert first.values(3).max() == pytest.approx(stored.values(3).max() * GE_SLICES_FACTOR, rel=1e-6)
        heavy = Measure().edited(pet.series_instance_uid, Edits(weight_kg=170.0))
        loader.tell(heavy, digests)
        assert loading.voxels.values(3).max() == pytest.approx(2 * first.values(3).max(), rel=1e-9)
    finally:
        loader.close_all()
        jobs.shutdown()


def test_only_pet_has_suv(data_dir: Path, tmp_path: Path) -> None:
    folder = data_dir / "petctmr_sts_006" / "dicom" / "STS_006" / "CT" / "image"
    home = imported(tmp_path, sorted(folder.glob("*.dcm"))[0])
    answer = hounsfield(home, "suv", "1.1")
    assert (answer.code, answer.document["reason"]) == (1, "NO_PET")


def test_images_that_were_not_decay_corrected_have_a_factor_each(data_dir: Path, tmp_path: Path) -> None:
    """Of three bed positions 5 and 10 minutes apart; told as stored the block is filled anew."""
    (tmp_path / "in").mkdir()
    for number, file in enumerate(sorted((data_dir / "pet_suv" / "ge_discovery_st_bqml").glob("PT_*.dcm"))[:3]):
        dataset = pydicom.dcmread(file)
        dataset.DecayCorrection, dataset.CorrectedImage = "NONE", ["ATTN", "NORM"]
        del dataset.DecayFactor
        dataset.AcquisitionTime = ("115220", "115720", "120220")[number]
        dataset.save_as(tmp_path / "in" / file.name)
    home = imported(tmp_path, tmp_path / "in")
    sets, digests = study_sets(home, studies(home)[0])
    loader = Loader(home)
    try:
        loader.open(sets[0], digests)
        loader.wait(60.0)
        loading = loader.get(sets[0].key)
        assert loading is not None
        suv = loading.voxels
        begun = {"115220": 0, "115720": 300, "120220": 600}
        after = [begun[each.instance.AcquisitionTime] for each in sets[0].images]
        decay = math.log(2) / 6588
        average = math.log(decay * 240 / (1 - math.exp(-decay * 240))) / decay
        expected = [85e3 / 606_671_936 * 2 ** ((3440 + late + average) / 6588) for late in after]
        assert suv.factors == pytest.approx(expected, rel=1e-9)
        told = [suv.values(image).max() for image in range(3)]
        loader.tell(Measure(BQML), digests)
        loader.wait(60.0)
        loading = loader.get(sets[0].key)
        assert loading is not None and loading.voxels.unit == "Bq/ml"
        stored = [loading.voxels.values(image).max() for image in range(3)]
        assert [one / other for one, other in zip(told, stored, strict=True)] == pytest.approx(expected, rel=1e-6)
    finally:
        loader.close_all()
        jobs.shutdown()
