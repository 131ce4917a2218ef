"""The cache that journeys through the window walk in: made once, opened by one program at a time."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, GrayscaleSoftcopyPresentationStateStorage

from tests.journeys.expected import EARLIER, PHASES, SECOND_PATIENT, STATE
from workstation.cache.importer import import_paths
from workstation.paths import Home
from workstation.phantom.coded import coded_ct
from workstation.phantom.dicom import datasets, write_series
from workstation.phantom.trunk import trunk_ct
from workstation.worklist import kept
from workstation.worklist.filters import BUILT_IN, Filter, Tab

ANEW = '[export]\nfolder = "exports"\n[tiles]\nreturn_to_place = false\n'
DPI = 127
"""What a person has set of the screen: 5 pixels are a millimetre."""


@pytest.fixture(scope="module")
def walked(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of one file of journeys: what one leaves behind, marks and pictures it saved, no other one meets."""
    folder = tmp_path_factory.mktemp("walked") / "window"
    shutil.copytree(imported.parent, folder)
    return folder / "home"


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the trunk, a study of two series of numbered images, and one of two phases with a prior.

    Each opening hangs anew: journeys begin where the study begins. No program ever runs on it.
    """
    folder = tmp_path_factory.mktemp("window")
    trunk = trunk_ct(size="tiny")[0]
    write_series(trunk, folder / "trunk")
    _write_presentation(folder / "trunk" / "state.dcm", next(datasets(trunk)))
    write_series(coded_ct(40, 256), folder / "coded")
    write_series(replace(coded_ct(12, 128), series_number=2, series_description="Few"), folder / "few")
    _write_phases(folder / "phases")
    write_series(replace(coded_ct(3, 64), study=EARLIER), folder / "earlier")
    sources = [folder / name for name in ("trunk", "coded", "few", "phases", "earlier")]
    import_paths(Home(folder / "home").create(), sources)
    (folder / "home" / "settings.toml").write_text(ANEW, encoding="utf-8")
    return folder / "home"


@pytest.fixture(scope="module")
def prepared(walked: Path) -> Path:
    """The cache with ten tabs in the list and with the size of the screen in the settings."""
    extra = tuple(Tab(f"own-{number}", f"Own {number}", Filter(days=7300 + number)) for number in range(10))
    kept.write(Home(walked), kept.Kept(tabs=(*BUILT_IN, *extra)[:10]))
    (walked / "settings.toml").write_text(f"{ANEW}screen_dpi = {DPI}\n", encoding="utf-8")
    return walked


def _write_presentation(file: Path, image: Dataset) -> None:
    """A presentation state that shows one image of the trunk inverted, in a window of its own."""
    state = Dataset()
    state.file_meta = FileMetaDataset()
    state.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    state.file_meta.MediaStorageSOPClassUID = state.SOPClassUID = GrayscaleSoftcopyPresentationStateStorage
    state.file_meta.MediaStorageSOPInstanceUID = state.SOPInstanceUID = UID(STATE)
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate"):
        setattr(state, keyword, image[keyword].value)
    state.SeriesInstanceUID, state.Modality, state.ContentLabel = f"{STATE}.1", "PR", "BONE"
    reference, window, area = Dataset(), Dataset(), Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    series = Dataset()
    series.SeriesInstanceUID, series.ReferencedImageSequence = image.SeriesInstanceUID, [reference]
    state.ReferencedSeriesSequence = [series]
    window.WindowCenter, window.WindowWidth = 500, 2000
    state.SoftcopyVOILUTSequence = [window]
    area.PresentationSizeMode = "SCALE TO FIT"
    area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = [1, 1], [image.Columns, image.Rows]
    state.DisplayedAreaSelectionSequence = [area]
    state.RescaleSlope, state.RescaleIntercept, state.RescaleType = 1, image.RescaleIntercept, "HU"
    state.PresentationLUTShape = "INVERSE"
    state.save_as(file, enforce_file_format=True)


def _write_phases(folder: Path) -> None:
    """Two passes over the same places in one series, told apart by AcquisitionNumber."""
    folder.mkdir()
    for number, dataset in enumerate(datasets(replace(coded_ct(8, 64), study=SECOND_PATIENT))):
        for phase in (1, 2):
            dataset.AcquisitionNumber, dataset.InstanceNumber = phase, 8 * (phase - 1) + number + 1
            dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = UID(f"2.25.77{phase}{number}")
            dataset.StudyInstanceUID = PHASES
            dataset.save_as(folder / f"{phase}{number}.dcm")
