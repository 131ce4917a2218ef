"""`stats --roi NAME --from OBJECT`: a tumour by its contours against SOURCE.md and SimpleITK, and a written segment."""

import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from tests.documents.rt_truth import GTV, IMAGE_MAX
from tests.loading.opened import Answer, hounsfield, imported
from workstation.dicom.header import read_instance
from workstation.documents.rtstruct import read_structures
from workstation.documents.seg_write import write_segmentation
from workstation.findings.contours import mask_of
from workstation.findings.segment import Segment
from workstation.imaging.displaysets import display_sets
from workstation.paths import Home

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(scope="module")
def files(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """CT and PET with their structure sets, and the CT's tumour once more as a segmentation."""
    folder = tmp_path_factory.mktemp("gtv") / "in"
    for modality in ("CT", "PET"):
        shutil.copytree(data_dir / f"petctmr_sts_006/dicom/STS_006/{modality}", folder / modality)
    ct = [path.read_bytes() for path in sorted((folder / "CT/image").glob("*.dcm"))]
    (display_set,) = display_sets([read_instance(each) for each in ct])
    headers = {
        str(d.SOPInstanceUID): d for d in (pydicom.dcmread(BytesIO(each), stop_before_pixels=True) for each in ct)
    }
    for header in headers.values():
        del header[0x00200010]  # its StudyID is longer than an SH may be, which pydicom would warn of
    (gtv,) = read_structures((folder / "CT/mask/RS.dcm").read_bytes()).structures
    assert display_set.grid is not None
    mask = mask_of(gtv, display_set.grid)
    first = display_set.first
    segment = Segment(
        "2.25.77", 1, mask, first.StudyInstanceUID, first.SeriesInstanceUID, first.FrameOfReferenceUID, name="Tumour"
    )
    images = [headers[ref.instance.SOPInstanceUID] for ref in display_set.images]
    (folder / "seg.dcm").write_bytes(write_segmentation([segment], images))
    return folder


@pytest.fixture(scope="module")
def home(files: Path) -> Home:
    return imported(files.parent, files)


def uid(path: Path, keyword: str) -> str:
    return str(pydicom.dcmread(path, stop_before_pixels=True)[keyword].value)


def asked(home: Home, files: Path, modality: str, source: str, *more: str) -> Answer:
    series = uid(next((files / modality / "image").glob("*.dcm")), "SeriesInstanceUID")
    return hounsfield(home, "stats", series, "--from", uid(files / source, "SOPInstanceUID"), *more)


def test_the_tumour_in_the_pet(home: Home, files: Path) -> None:
    answer = asked(home, files, "PET", "PET/mask/RS.dcm", "--roi", "gtv")
    assert answer.code == 0
    found, truth = answer.document, GTV["PET"]
    assert found["roi"] == "GTV_Mass_PET"
    assert "centre lies inside the contours" in found["rule"]
    assert found["count"] == truth.voxels
    assert found["volume_ml"] == pytest.approx(truth.volume_ml, rel=0.01)
    assert truth.max is not None
    assert found["max"] == pytest.approx(truth.max, rel=0.005)
    assert found["max"] < IMAGE_MAX * 0.99
    assert found["mean"] == pytest.approx(truth.mean, rel=0.005)


def label_statistics(files: Path) -> Any:
    """SimpleITK's, of the CT as GDCM reads it under the structure's own NIfTI mask."""
    import nibabel
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(files / "CT/image")))
    image = reader.Execute()
    mask: Any = nibabel.load(files.parent / "mask.nii.gz")
    label = SimpleITK.GetImageFromArray((np.asarray(mask.dataobj) > 0).astype(np.uint8).transpose(2, 1, 0))
    label.CopyInformation(image)
    statistics = SimpleITK.LabelStatisticsImageFilter()
    statistics.Execute(SimpleITK.Cast(image, SimpleITK.sitkFloat64), label)
    return statistics


@pytest.mark.parametrize(("source", "name"), [("CT/mask/RS.dcm", "GTV_Mass_CT"), ("seg.dcm", "Tum")])
def test_statistics_are_those_of_simpleitk(data_dir: Path, home: Home, files: Path, source: str, name: str) -> None:
    shutil.copy(data_dir / "petctmr_sts_006/nifti/STS_006/CT_mask.nii.gz", files.parent / "mask.nii.gz")
    theirs = label_statistics(files)
    answer = asked(home, files, "CT", source, "--roi", name)
    assert answer.code == 0
    found = answer.document
    assert (found["count"], found["min"], found["max"]) == (
        theirs.GetCount(1),
        theirs.GetMinimum(1),
        theirs.GetMaximum(1),
    )
    assert found["mean"] == pytest.approx(theirs.GetMean(1), rel=1e-9)
    assert found["sd"] == pytest.approx(theirs.GetSigma(1), rel=1e-9)
    assert found["mean"] == pytest.approx(GTV["CT"].mean, abs=0.1)


def test_a_segment_on_another_grid_is_brought_to_the_voxels_and_that_is_said(home: Home, files: Path) -> None:
    answer = asked(home, files, "PET", "seg.dcm", "--roi", "Tumour")
    assert answer.document["volume_ml"] == pytest.approx(GTV["PET"].volume_ml, rel=0.01)
    assert answer.document["notices"] == [
        "The segment lies on another grid: voxels of this series count whose centre lies in one of its voxels."
    ]


def test_names_that_mean_nothing_list_what_there_is(home: Home, files: Path) -> None:
    answer = asked(home, files, "CT", "CT/mask/RS.dcm", "--roi", "Lung")
    assert answer.code == 1
    assert answer.document["error"] == "There is no region 'Lung'; there are 'GTV_Mass_CT'."
    series = uid(next((files / "CT/image").glob("*.dcm")), "SeriesInstanceUID")
    other = hounsfield(home, "stats", series, "--roi", "GTV", "--from", "9.9.9")
    assert other.code == 1
    assert uid(files / "seg.dcm", "SOPInstanceUID") in other.document["error"]
    assert hounsfield(home, "stats", series, "--roi", "GTV").code == 2
