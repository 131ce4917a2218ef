"""A PhantomSeries as CT (PS3.3 A.3), MR (A.4) or PET (A.21) Image Storage objects, the same bytes each time."""

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.filereader import dcmread
from pydicom.filewriter import dcmwrite
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    MRImageStorage,
    PositronEmissionTomographyImageStorage,
)
from pydicom.valuerep import DSfloat

from workstation.phantom.acquisition import CtAcquisition, MrAcquisition
from workstation.phantom.dicom_pet import pet_acquisition, pet_stored
from workstation.phantom.objects import request
from workstation.phantom.series import PhantomSeries, uid_of

_STORAGE = {"CT": CTImageStorage, "MR": MRImageStorage, "PT": PositronEmissionTomographyImageStorage}
TRANSFER_SYNTAXES: tuple[UID, ...] = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian)


def write_series(series: PhantomSeries, folder: Path, transfer_syntax_uid: UID = ExplicitVRLittleEndian) -> list[Path]:
    """Write one file per image into `folder` (made if missing); paths come in InstanceNumber order.

    Raises ValueError for a transfer syntax that is not in TRANSFER_SYNTAXES, or values that do not fit 16 bits.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, content in enumerate(encoded(series, transfer_syntax_uid), start=1):
        path = folder / f"{series.modality}{series.series_number:03d}_{number:05d}.dcm"
        path.write_bytes(content)
        paths.append(path)
    return paths


def encoded(series: PhantomSeries, transfer_syntax_uid: UID = ExplicitVRLittleEndian) -> Iterator[bytes]:
    """The files of a series as bytes, in InstanceNumber order."""
    if series.modality == "CT" and transfer_syntax_uid == ExplicitVRLittleEndian:
        yield from _encoded_alike(series)
        return
    for dataset in datasets(series, transfer_syntax_uid):
        yield _bytes(dataset)


def _encoded_alike(series: PhantomSeries) -> Iterator[bytes]:
    """The same bytes, several times sooner: what all CT images of a series share is encoded once."""
    shared: FileDataset | None = None
    for slice_index in _order(series):
        if shared is None:
            shared = dcmread(io.BytesIO(_bytes(_image(series, slice_index, ExplicitVRLittleEndian))))
        position = series.grid.slice_position_lps(slice_index)
        shared.file_meta.MediaStorageSOPInstanceUID = UID(series.sop_instance_uid(slice_index))
        shared.SOPInstanceUID = shared.file_meta.MediaStorageSOPInstanceUID
        shared.InstanceNumber = series.instance_number(slice_index)
        shared.ImagePositionPatient = [_decimal(value) for value in position]
        shared.SliceLocation = _decimal(float(position @ series.grid.normal))
        shared.PixelData = _stored(series, slice_index).astype("<i2").tobytes()
        yield _bytes(shared)


def _bytes(dataset: FileDataset) -> bytes:
    buffer = io.BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()


def _order(series: PhantomSeries) -> Iterable[int]:
    order = range(len(series.voxels))
    return reversed(order) if series.reverse_order else order


def datasets(series: PhantomSeries, transfer_syntax_uid: UID = ExplicitVRLittleEndian) -> Iterator[FileDataset]:
    """The images of a series in InstanceNumber order, ready to be written or sent."""
    if transfer_syntax_uid not in TRANSFER_SYNTAXES:
        raise ValueError(f"phantoms are written uncompressed, not as {transfer_syntax_uid.name}")
    for slice_index in _order(series):
        yield _image(series, slice_index, transfer_syntax_uid)


def _image(series: PhantomSeries, slice_index: int, transfer_syntax_uid: UID) -> FileDataset:
    dataset = FileDataset(
        "",
        {},
        preamble=b"\0" * 128,
        file_meta=_file_meta(series, slice_index, transfer_syntax_uid),
        is_implicit_VR=transfer_syntax_uid.is_implicit_VR,
        is_little_endian=transfer_syntax_uid.is_little_endian,
    )
    _patient_and_study(dataset, series)
    request(dataset, series.study)
    _series_and_equipment(dataset, series)
    _place(dataset, series, slice_index)
    _ACQUISITION[series.modality](dataset, series, slice_index)
    _pixels(dataset, series, slice_index, transfer_syntax_uid)
    return dataset


def _file_meta(series: PhantomSeries, slice_index: int, transfer_syntax_uid: UID) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = _STORAGE[series.modality]
    meta.MediaStorageSOPInstanceUID = UID(series.sop_instance_uid(slice_index))
    meta.TransferSyntaxUID = transfer_syntax_uid
    meta.ImplementationClassUID = UID(uid_of("hounsfield phantom writer"))
    meta.ImplementationVersionName = "HOUNSFIELD_PH"
    return meta


def _patient_and_study(dataset: FileDataset, series: PhantomSeries) -> None:
    study = series.study
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.PatientName = study.patient_name
    dataset.PatientID = study.patient_id
    dataset.PatientBirthDate = study.patient_birth_date
    dataset.PatientSex = study.patient_sex
    dataset.PatientAge = study.patient_age
    if study.patient_size_m is not None:
        dataset.PatientSize = _decimal(study.patient_size_m)
    if study.patient_weight_kg is not None:
        dataset.PatientWeight = _decimal(study.patient_weight_kg)
    dataset.StudyInstanceUID = study.study_instance_uid
    dataset.StudyDate = study.study_date
    dataset.StudyTime = study.study_time
    dataset.StudyID = study.study_id
    dataset.StudyDescription = study.study_description
    dataset.AccessionNumber = study.accession_number
    dataset.ReferringPhysicianName = study.referring_physician_name


def _series_and_equipment(dataset: FileDataset, series: PhantomSeries) -> None:
    dataset.Modality = series.modality
    dataset.SeriesInstanceUID = series.series_instance_uid
    dataset.SeriesNumber = series.series_number
    dataset.SeriesDescription = series.series_description
    dataset.ProtocolName = series.protocol_name
    dataset.BodyPartExamined = series.body_part_examined
    dataset.PatientPosition = series.patient_position
    dataset.FrameOfReferenceUID = series.frame_of_reference_uid
    dataset.PositionReferenceIndicator = ""
    dataset.Manufacturer = "Hounsfield"
    dataset.ManufacturerModelName = "Phantom"
    dataset.DeviceSerialNumber = "1"
    dataset.SoftwareVersions = "1"
    for level in ("Series", "Acquisition", "Content"):
        setattr(dataset, f"{level}Date", series.study.study_date)
        setattr(dataset, f"{level}Time", series.series_time)


def _place(dataset: FileDataset, series: PhantomSeries, slice_index: int) -> None:
    grid = series.grid
    position = grid.slice_position_lps(slice_index)
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID
    dataset.InstanceNumber = series.instance_number(slice_index)
    dataset.AcquisitionNumber = 1
    dataset.ImagePositionPatient = [_decimal(value) for value in position]
    dataset.ImageOrientationPatient = [_decimal(value) for value in grid.image_orientation_patient]
    dataset.PixelSpacing = [_decimal(value) for value in grid.pixel_spacing_mm]
    dataset.SliceThickness = _decimal(series.slice_thickness_mm or grid.slice_spacing_mm)
    dataset.SliceLocation = _decimal(float(position @ grid.normal))
    dataset.WindowCenter = [_decimal(window.center) for window in series.windows]
    dataset.WindowWidth = [_decimal(window.width) for window in series.windows]
    dataset.WindowCenterWidthExplanation = [window.explanation for window in series.windows]


def _ct_acquisition(dataset: FileDataset, series: PhantomSeries, slice_index: int) -> None:
    tube = series.acquisition if isinstance(series.acquisition, CtAcquisition) else CtAcquisition()
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.KVP = _decimal(tube.KVP)
    dataset.XRayTubeCurrent = tube.XRayTubeCurrent
    dataset.ExposureTime = tube.ExposureTime
    dataset.ConvolutionKernel = series.convolution_kernel
    dataset.RescaleIntercept = _decimal(series.rescale_intercept)
    dataset.RescaleSlope = _decimal(series.rescale_slope)
    dataset.RescaleType = "HU"
    if series.gantry_detector_tilt_deg is not None:
        dataset.GantryDetectorTilt = _decimal(series.gantry_detector_tilt_deg)
    _contrast(dataset, series)


def _mr_acquisition(dataset: FileDataset, series: PhantomSeries, slice_index: int) -> None:
    scan = series.acquisition if isinstance(series.acquisition, MrAcquisition) else MrAcquisition()
    dataset.ImageType = list(scan.ImageType)
    dataset.ScanningSequence = list(scan.ScanningSequence)
    dataset.SequenceVariant = list(scan.SequenceVariant)
    dataset.ScanOptions = list(scan.ScanOptions)
    dataset.MRAcquisitionType = scan.MRAcquisitionType
    if scan.SequenceName:
        dataset.SequenceName = scan.SequenceName
    dataset.MagneticFieldStrength = _decimal(scan.MagneticFieldStrength)
    dataset.RepetitionTime = _decimal(scan.RepetitionTime)
    dataset.EchoTime = _decimal(scan.EchoTime)
    if scan.InversionTime is not None:
        dataset.InversionTime = _decimal(scan.InversionTime)
    dataset.EchoTrainLength = scan.EchoTrainLength
    dataset.FlipAngle = _decimal(scan.FlipAngle)
    dataset.SpacingBetweenSlices = _decimal(series.grid.slice_spacing_mm)
    if scan.DiffusionBValue is not None:
        dataset.DiffusionBValue = scan.DiffusionBValue
    _contrast(dataset, series)


def _contrast(dataset: FileDataset, series: PhantomSeries) -> None:
    if series.contrast_agent is not None:
        dataset.ContrastBolusAgent = series.contrast_agent
        dataset.ContrastBolusRoute = "IV"
    if series.contrast_start_time is not None:
        dataset.ContrastBolusVolume = _decimal(100)
        dataset.ContrastBolusStartTime = series.contrast_start_time
        dataset.ContrastFlowRate = [_decimal(4)]
        dataset.ContrastBolusIngredient = "IODINE"
        dataset.ContrastBolusIngredientConcentration = _decimal(350)


_ACQUISITION: dict[str, Callable[[FileDataset, PhantomSeries, int], None]] = {
    "CT": _ct_acquisition,
    "MR": _mr_acquisition,
    "PT": pet_acquisition,
}


def _pixels(dataset: FileDataset, series: PhantomSeries, slice_index: int, transfer_syntax_uid: UID) -> None:
    stored = _stored(series, slice_index)
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = stored.shape
    dataset.BitsAllocated = 16
    dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelRepresentation = int(stored.dtype.kind == "i")
    if series.pixel_padding_value is not None:
        dataset.add_new(0x00280120, "SS" if dataset.PixelRepresentation else "US", series.pixel_padding_value)
    order: Literal["<", ">"] = "<" if transfer_syntax_uid.is_little_endian else ">"
    dataset.PixelData = stored.astype(stored.dtype.newbyteorder(order)).tobytes()
    dataset["PixelData"].VR = "OW"


def _stored(series: PhantomSeries, slice_index: int) -> NDArray[np.int16] | NDArray[np.uint16]:
    voxels = series.voxels[slice_index]
    if series.modality == "MR":
        return np.asarray(voxels, np.uint16)
    if series.modality == "PT":
        return pet_stored(voxels)
    if series.rescale_slope == 1 and series.rescale_intercept == int(series.rescale_intercept):
        # Whole numbers stay whole: no need for floats, which take most of the time of writing.
        stored: NDArray[np.int32] | NDArray[np.float64] = voxels - np.int32(series.rescale_intercept)
    else:
        stored = np.rint((voxels.astype(np.float64) - series.rescale_intercept) / series.rescale_slope)
    if stored.min() < -32768 or stored.max() > 32767:
        raise ValueError(f"stored values {stored.min():.0f}..{stored.max():.0f} do not fit 16 bits")
    signed: NDArray[np.int16] = stored.astype(np.int16)
    return signed


def _decimal(value: float) -> DSfloat:
    """A decimal string of at most 16 characters (PS3.5 6.2, DS)."""
    return DSfloat(float(value) + 0.0, auto_format=True)
