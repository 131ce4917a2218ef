"""Projections as Digital Mammography X-Ray Image Storage - For Presentation (PS3.3 A.27) or Digital X-Ray Image
Storage - For Presentation (PS3.3 A.26) objects, the same bytes each time."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import (
    UID,
    DigitalMammographyXRayImageStorageForPresentation,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
)
from pydicom.valuerep import DSfloat

from workstation.phantom.objects import request
from workstation.phantom.series import PhantomStudy, Window, uid_of

Code = tuple[str, str]
"""A SNOMED CT code and its meaning."""

_SOP_CLASSES = {
    "MG": DigitalMammographyXRayImageStorageForPresentation,
    "DX": DigitalXRayImageStorageForPresentation,
}


@dataclass(frozen=True, eq=False)
class Projection:
    """One projection for presentation: stored values, shape (rows, columns), uint16, `bits_stored` of them used.

    `imager_pixel_spacing_mm` is the distance of pixels on the detector (rows, columns), `magnification` how much
    larger than itself the object appears there. `more` are further attributes of the object by keyword.
    """

    pixels: NDArray[np.uint16]
    modality: Literal["MG", "DX"]
    study: PhantomStudy
    series: str
    """Images of a study with the same word here are one series."""
    series_number: int
    series_description: str
    instance_number: int
    view_position: str
    view_code: Code
    anatomic_region: Code
    image_laterality: Literal["R", "L", "U"]
    patient_orientation: tuple[str, str]
    imager_pixel_spacing_mm: tuple[float, float]
    window: Window
    equipment: tuple[str, str, str] = ("Hounsfield", "Phantom", "1")
    """Manufacturer, ManufacturerModelName and DeviceSerialNumber."""
    photometric_interpretation: Literal["MONOCHROME1", "MONOCHROME2"] = "MONOCHROME2"
    bits_stored: int = 12
    magnification: float = 1.0
    view_modifiers: tuple[Code, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def sop_instance_uid(self) -> str:
        """Follows from the pixels and from what they are said to be."""
        content = hashlib.sha256(np.ascontiguousarray(self.pixels).data).hexdigest()
        said = (self.series, self.view_position, self.image_laterality, self.imager_pixel_spacing_mm, self.equipment)
        return uid_of("projection", self.study.study_instance_uid, *said, content)


def write_projections(projections: Iterable[Projection], folder: Path) -> list[Path]:
    """Write one file per projection into `folder` (made if missing), one after another."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for each in projections:
        path = folder / f"{each.modality}{each.series_number:03d}_{each.instance_number:05d}.dcm"
        dcmwrite(path, dataset_of(each), enforce_file_format=True)
        paths.append(path)
    return paths


def dataset_of(projection: Projection) -> FileDataset:
    """The object, ready to be written or sent."""
    dataset = FileDataset(
        "", {}, preamble=b"\0" * 128, file_meta=_file_meta(projection), is_implicit_VR=False, is_little_endian=True
    )
    _patient_and_study(dataset, projection.study)
    request(dataset, projection.study)
    _series_and_equipment(dataset, projection)
    _image(dataset, projection)
    _acquisition(dataset, projection)
    if projection.modality == "MG":
        _mammography(dataset)
    for keyword, value in projection.more.items():
        setattr(dataset, keyword, _decimal(value) if isinstance(value, float) else value)
    _pixels(dataset, projection)
    return dataset


def _file_meta(projection: Projection) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = _SOP_CLASSES[projection.modality]
    meta.MediaStorageSOPInstanceUID = UID(projection.sop_instance_uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(uid_of("hounsfield phantom writer"))
    meta.ImplementationVersionName = "HOUNSFIELD_PH"
    return meta


def _patient_and_study(dataset: Dataset, study: PhantomStudy) -> None:
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.PatientName = study.patient_name
    dataset.PatientID = study.patient_id
    dataset.PatientBirthDate = study.patient_birth_date
    dataset.PatientSex = study.patient_sex
    dataset.PatientAge = study.patient_age
    dataset.StudyInstanceUID = study.study_instance_uid
    dataset.StudyDate = study.study_date
    dataset.StudyTime = study.study_time
    dataset.StudyID = study.study_id
    dataset.StudyDescription = study.study_description
    dataset.AccessionNumber = study.accession_number
    dataset.ReferringPhysicianName = study.referring_physician_name


def _series_and_equipment(dataset: Dataset, projection: Projection) -> None:
    study = projection.study
    dataset.Modality = projection.modality
    dataset.PresentationIntentType = "FOR PRESENTATION"
    dataset.SeriesInstanceUID = uid_of("projections", study.study_instance_uid, projection.series)
    dataset.SeriesNumber = projection.series_number
    dataset.SeriesDescription = projection.series_description
    dataset.Manufacturer, dataset.ManufacturerModelName, dataset.DeviceSerialNumber = projection.equipment
    dataset.SoftwareVersions = "1"
    for level in ("Series", "Acquisition", "Content"):
        setattr(dataset, f"{level}Date", study.study_date)
        setattr(dataset, f"{level}Time", study.study_time)


def _image(dataset: Dataset, projection: Projection) -> None:
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID
    dataset.InstanceNumber = projection.instance_number
    dataset.ImageType = ["DERIVED", "PRIMARY", ""]
    dataset.BodyPartExamined = "BREAST" if projection.modality == "MG" else "CHEST"
    dataset.PatientOrientation = list(projection.patient_orientation)
    dataset.ImageLaterality = projection.image_laterality
    dataset.AnatomicRegionSequence = [_coded(projection.anatomic_region)]
    dataset.BurnedInAnnotation = "NO"
    dataset.LossyImageCompression = "00"
    dataset.WindowCenter = _decimal(projection.window.center)
    dataset.WindowWidth = _decimal(projection.window.width)
    dataset.WindowCenterWidthExplanation = projection.window.explanation
    dataset.AcquisitionContextSequence = []


def _acquisition(dataset: Dataset, projection: Projection) -> None:
    rows_mm, columns_mm = projection.imager_pixel_spacing_mm
    dataset.ViewPosition = projection.view_position
    dataset.ViewCodeSequence = [_coded(projection.view_code)]
    if projection.modality == "MG":
        dataset.ViewCodeSequence[0].ViewModifierCodeSequence = [_coded(each) for each in projection.view_modifiers]
    dataset.ImagerPixelSpacing = [_decimal(rows_mm), _decimal(columns_mm)]
    dataset.DetectorType = "DIRECT"
    dataset.DetectorConfiguration = "AREA"
    dataset.DetectorConditionsNominalFlag = "YES"
    dataset.FieldOfViewShape = "RECTANGLE"
    rows, columns = projection.pixels.shape
    dataset.FieldOfViewDimensions = [round(rows * rows_mm), round(columns * columns_mm)]
    dataset.FieldOfViewOrigin = [_decimal(0), _decimal(0)]
    dataset.FieldOfViewRotation = "0"
    dataset.FieldOfViewHorizontalFlip = "NO"
    dataset.EstimatedRadiographicMagnificationFactor = _decimal(projection.magnification)


def _mammography(dataset: Dataset) -> None:
    dataset.PositionerType = "MAMMOGRAPHIC"
    dataset.OrganExposed = "BREAST"
    dataset.BreastImplantPresent = "NO"
    dataset.PartialView = "NO"


def _pixels(dataset: Dataset, projection: Projection) -> None:
    inverse = projection.photometric_interpretation == "MONOCHROME1"
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = projection.photometric_interpretation
    dataset.PresentationLUTShape = "INVERSE" if inverse else "IDENTITY"
    dataset.PixelIntensityRelationship = "LOG"
    # -1: higher stored values mean more X-rays on the detector, and so less tissue (PS3.3 C.8.11.3.1.2).
    dataset.PixelIntensityRelationshipSign = 1 if inverse else -1
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = _decimal(0), _decimal(1), "US"
    dataset.Rows, dataset.Columns = projection.pixels.shape
    dataset.BitsAllocated = 16
    dataset.BitsStored = projection.bits_stored
    dataset.HighBit = projection.bits_stored - 1
    dataset.PixelRepresentation = 0
    dataset.PixelData = projection.pixels.astype("<u2").tobytes()
    dataset["PixelData"].VR = "OW"


def _coded(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code[0], "SCT", code[1]
    return item


def _decimal(value: float) -> DSfloat:
    """A decimal string of at most 16 characters (PS3.5 6.2, DS)."""
    return DSfloat(float(value) + 0.0, auto_format=True)
