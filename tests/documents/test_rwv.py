"""Real-world value maps: written, judged, read again, and followed where a PET says too little itself."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest

from tests.imaging.suv_cases import GE_SLICES_FACTOR
from tests.loading.opened import hounsfield, imported, studies
from workstation.case.open import study_sets
from workstation.dicom.header import read_instance
from workstation.documents import made, rwv
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.imaging.suv import Derivation, Kind, Refusal, suv_of
from workstation.paths import Home


def slices(data_dir: Path) -> list[Path]:
    return sorted((data_dir / "pet_suv" / "ge_discovery_st_bqml").glob("PT_*.dcm"))


def written(files: list[Path], kind: Kind = Kind.BW) -> tuple[bytes, DisplaySet]:
    (display_set,) = display_sets(read_instance(each.read_bytes()) for each in files)
    suv = suv_of(display_set, kind)
    assert isinstance(suv, Derivation)
    return rwv.written(made.header_of(files[0].read_bytes()), display_set, suv), display_set


@pytest.mark.parametrize("kind", Kind)
def test_written_maps_are_clean_and_say_each_image_its_slope(
    kind: Kind, data_dir: Path, tmp_path: Path, tool: Callable[[str], Path]
) -> None:
    data, display_set = written(slices(data_dir), kind)
    file = tmp_path / "map.dcm"
    file.write_bytes(data)
    judged = subprocess.run([tool("dciodvfy"), "-new", file], capture_output=True, text=True, check=False)
    assert "Error" not in judged.stderr, judged.stderr
    read = rwv.read(data)
    suv = suv_of(display_set, kind)
    assert isinstance(suv, Derivation)
    for ref in display_set.images:
        (value,) = read[ref.instance.SOPInstanceUID, None]
        assert value.slope == pytest.approx((ref.attributes.RescaleSlope or 0.0) * suv.factors[0], rel=1e-12)
        assert (value.intercept, value.first, value.last) == (0.0, -32768.0, 32767.0)


def without_a_dose(files: list[Path], folder: Path) -> None:
    """The same images, whose own header leads to no SUV."""
    for file in files:
        dataset = pydicom.dcmread(file)
        del dataset.RadiopharmaceuticalInformationSequence
        dataset.save_as(folder / file.name)


def test_a_map_beside_the_images_gives_the_factor_and_is_named(data_dir: Path, tmp_path: Path) -> None:
    data, _ = written(slices(data_dir))
    bare = tmp_path / "bare"
    bare.mkdir()
    without_a_dose(slices(data_dir), bare)
    alone = imported(tmp_path / "alone", bare)
    (bare / "map.dcm").write_bytes(data)
    home = imported(tmp_path / "beside", bare)

    def answer(home: Home) -> Derivation | Refusal | None:
        sets, _ = study_sets(home, studies(home)[0])
        return suv_of(next(each for each in sets if each.first.Modality == "PT"))

    lacking, found = answer(alone), answer(home)
    assert isinstance(lacking, Refusal) and lacking.keyword == "RadionuclideTotalDose"
    assert isinstance(found, Derivation)
    assert found.factors == pytest.approx((GE_SLICES_FACTOR,) * len(found.factors), rel=1e-6)
    uid = str(pydicom.dcmread(bare / "map.dcm").SOPInstanceUID)
    assert any(each.source == f"mapping object {uid}" for each in found.trace)


def test_the_command_writes_one(data_dir: Path, tmp_path: Path) -> None:
    home = imported(tmp_path, slices(data_dir)[0])
    out = tmp_path / "suv.dcm"
    assert hounsfield(home, "suv", "1.1", "--out", out).code == 0
    (value,) = next(iter(rwv.read(out.read_bytes()).values()))
    assert value.unit == "{SUVbw}g/ml"
