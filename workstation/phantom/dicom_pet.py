"""What a PET image says besides its pixels: PET Series, Isotope and Image modules (PS3.3 C.8.9.1, C.8.9.2, C.8.9.4)."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.valuerep import DSfloat

from workstation.phantom.acquisition import PetAcquisition
from workstation.phantom.series import PhantomSeries

_STORED_MAX = 32767
_FDG = ("C-B1031", "SRT", "Fluorodeoxyglucose F^18^")
_F18 = ("C-111A1", "SRT", "^18^Fluorine")
_SUPINE = ("F-10340", "SRT", "supine")
_RECUMBENT = ("F-10450", "SRT", "recumbent")
_HEAD_FIRST = ("F-10470", "SRT", "headfirst")


def pet_slope(voxels: NDArray[np.float32]) -> float:
    """RescaleSlope of one slice: its largest value fills the 15 bits. Exactly what 16 characters of a DS can say."""
    largest = float(np.max(np.abs(voxels), initial=0.0))
    return float(_decimal(largest / _STORED_MAX)) if largest > 0 else 1.0


def pet_stored(voxels: NDArray[np.float32]) -> NDArray[np.int16]:
    """Stored values of one slice; times `pet_slope` they are its voxels."""
    stored: NDArray[np.int16] = np.rint(np.clip(voxels / pet_slope(voxels), -_STORED_MAX, _STORED_MAX)).astype(np.int16)
    return stored


def pet_acquisition(dataset: FileDataset, series: PhantomSeries, slice_index: int) -> None:
    """All PET modules of the image that holds `voxels[slice_index]`. Raises TypeError without a PetAcquisition."""
    scan = series.acquisition
    if not isinstance(scan, PetAcquisition):
        raise TypeError("a PET series needs a PetAcquisition")
    _series(dataset, series, scan)
    _isotope(dataset, scan)
    _image(dataset, series, scan, slice_index)


def _series(dataset: FileDataset, series: PhantomSeries, scan: PetAcquisition) -> None:
    dataset.Units = scan.Units
    dataset.CountsSource = "EMISSION"
    dataset.SeriesType = ["WHOLE BODY", "IMAGE"]
    dataset.NumberOfSlices = len(series.voxels)
    dataset.CorrectedImage = list(scan.CorrectedImage)
    dataset.DecayCorrection = "START"
    dataset.CollimatorType = "NONE"
    dataset.ReconstructionMethod = "OSEM3D 3i21s"
    dataset.ConvolutionKernel = "XYZ Gauss 5.00"
    dataset.RandomsCorrectionMethod = "DLYD"
    if "ATTN" in scan.CorrectedImage:
        dataset.AttenuationCorrectionMethod = "measured, CT"
    if "SCAT" in scan.CorrectedImage:
        dataset.ScatterCorrectionMethod = "Model-based"


def _isotope(dataset: FileDataset, scan: PetAcquisition) -> None:
    tracer, item = scan.tracer, Dataset()
    item.Radiopharmaceutical = "Fluorodeoxyglucose"
    item.RadiopharmaceuticalRoute = "Intravenous"
    item.RadiopharmaceuticalStartTime = tracer.RadiopharmaceuticalStartTime
    item.RadiopharmaceuticalStartDateTime = dataset.StudyDate + tracer.RadiopharmaceuticalStartTime
    item.RadionuclideTotalDose = _decimal(tracer.RadionuclideTotalDose)
    item.RadionuclideHalfLife = _decimal(tracer.RadionuclideHalfLife)
    item.RadionuclidePositronFraction = _decimal(0.9673)
    item.RadionuclideCodeSequence = [_code(_F18)]
    item.RadiopharmaceuticalCodeSequence = [_code(_FDG)]
    dataset.RadiopharmaceuticalInformationSequence = [item]
    orientation = _code(_RECUMBENT)
    orientation.PatientOrientationModifierCodeSequence = [_code(_SUPINE)]
    # The codes say what PatientPosition would (C.7.3.1.1.2: not both).
    del dataset.PatientPosition
    dataset.PatientOrientationCodeSequence = [orientation]
    dataset.PatientGantryRelationshipCodeSequence = [_code(_HEAD_FIRST)]


def _image(dataset: FileDataset, series: PhantomSeries, scan: PetAcquisition, slice_index: int) -> None:
    decay = math.log(2) / scan.tracer.RadionuclideHalfLife
    began, lasted = scan.frame_starts_s[slice_index], scan.frame_duration_s
    within = decay * lasted / (1 - math.exp(-decay * lasted))
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.AcquisitionTime = _later(series.series_time, began)
    dataset.RescaleIntercept = _decimal(0)
    dataset.RescaleSlope = _decimal(pet_slope(np.asarray(series.voxels[slice_index], np.float32)))
    dataset.FrameReferenceTime = _decimal(1000 * (began + math.log(within) / decay))
    dataset.ActualFrameDuration = round(1000 * lasted)
    dataset.DecayFactor = _decimal(math.exp(decay * began) * within)
    dataset.DoseCalibrationFactor = _decimal(1)
    if "SCAT" in scan.CorrectedImage:
        dataset.ScatterFractionFactor = _decimal(0.32)
    dataset.ImageIndex = dataset.InstanceNumber


def _later(time: str, seconds: float) -> str:
    """A TM some seconds later on the same day."""
    whole = int(time[:2]) * 3600 + int(time[2:4]) * 60 + int(time[4:6]) + round(seconds)
    return f"{whole // 3600:02d}{whole // 60 % 60:02d}{whole % 60:02d}"


def _code(triple: tuple[str, str, str]) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = triple
    return item


def _decimal(value: float) -> Any:
    return DSfloat(float(value) + 0.0, auto_format=True)
