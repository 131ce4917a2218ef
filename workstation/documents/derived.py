"""Reformats written as a series of derived images: CT, MR or PET Image Storage (PS3.3 A.3, A.4, A.21).

They lie in the frame of reference of what they were cut from and keep its stored values, rescale and windows. What says
how it was acquired is kept, what belongs to single source images (tube current, location) is not. PS3.3 C.7.6.1.1.2 and
C.7.6.1.1.3 have the derivation, C.12.4 the images it was made of.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, CTImageStorage, MRImageStorage, PositronEmissionTomographyImageStorage
from pydicom.valuerep import DSfloat

from workstation import __version__
from workstation.documents.made import MAKER, MODEL, bytes_of, header_of, inherited, new_uid, signed
from workstation.documents.sr.codes import Code
from workstation.errors import Reason, Refused
from workstation.imaging.alignment import stored_frame
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import Rescale
from workstation.imaging.images import ImageRef
from workstation.imaging.oblique import SlabMode, sample_mm
from workstation.imaging.reformat import Reformat
from workstation.imaging.volume import Voxels

STORAGE: Final = {"CT": CTImageStorage, "MR": MRImageStorage, "PT": PositronEmissionTomographyImageStorage}
WORDS: Final = {SlabMode.MIP: "MIP", SlabMode.MINIP: "MinIP", SlabMode.MEAN: "mean", SlabMode.SUM: "sum"}

_EVERY: Final = (
    "BodyPartExamined", "AnatomicRegionSequence", "Laterality", "PatientPosition", "ProtocolName",
    "FrameOfReferenceUID", "PositionReferenceIndicator", "AcquisitionDate", "AcquisitionTime", "AcquisitionDateTime",
    "AcquisitionNumber", "BurnedInAnnotation", "RescaleType", "PresentationLUTShape", "VOILUTFunction",
)  # fmt: skip
_CONTRAST: Final = (
    "ContrastBolusAgent", "ContrastBolusAgentSequence", "ContrastBolusRoute", "ContrastBolusVolume",
    "ContrastBolusStartTime", "ContrastBolusTotalDose", "ContrastFlowRate", "ContrastBolusIngredient",
    "ContrastBolusIngredientConcentration",
)  # fmt: skip
_ACQUIRED: Final = {
    "CT": (
        "KVP", "ScanOptions", "DataCollectionDiameter", "ReconstructionDiameter", "ConvolutionKernel", "FilterType",
        *_CONTRAST,
    ),
    "MR": (
        "ScanningSequence", "SequenceVariant", "ScanOptions", "MRAcquisitionType", "SequenceName", "RepetitionTime",
        "EchoTime", "InversionTime", "FlipAngle", "EchoTrainLength", "EchoNumbers", "MagneticFieldStrength",
        "ImagingFrequency", "ImagedNucleus", "NumberOfAverages", "ReceiveCoilName", "DiffusionBValue",
        *_CONTRAST,
    ),
    "PT": (
        "Units", "CountsSource", "SeriesType", "CorrectedImage", "DecayCorrection", "ReprojectionMethod",
        "CollimatorType", "RandomsCorrectionMethod", "AttenuationCorrectionMethod", "ScatterCorrectionMethod",
        "ReconstructionMethod", "ActualFrameDuration", "FrameReferenceTime", "DecayFactor", "DoseCalibrationFactor",
        "RadiopharmaceuticalInformationSequence", "PatientOrientationCodeSequence", "SUVType", "TypeOfDetectorMotion",
        "PatientGantryRelationshipCodeSequence", "SeriesDate", "SeriesTime",
    ),
}  # fmt: skip
"""PET keeps its series' date and time: what it was corrected for decay to."""

_EMPTY: Final = {
    "CT": ("KVP", "AcquisitionNumber"),
    "MR": ("ScanOptions", "MRAcquisitionType", "RepetitionTime", "EchoTime", "EchoTrainLength"),
    "PT": ("CollimatorType", "CorrectedImage", "ActualFrameDuration"),
}
"""Type 2 of each class: there, if need be empty."""

_LOSSY: Final = ("LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod")
_MACHINE: Final = (
    "Manufacturer", "InstitutionName", "InstitutionAddress", "StationName", "InstitutionalDepartmentName",
    "ManufacturerModelName", "DeviceSerialNumber", "SoftwareVersions",
)  # fmt: skip
_PROJECTIONS: Final = {
    SlabMode.MIP: Code("113078", "DCM", "Maximum intensity projection"),
    SlabMode.MINIP: Code("113079", "DCM", "Minimum intensity projection"),
}
_REFORMATTED: Final = Code("113072", "DCM", "Multiplanar reformatting")
"""These are of CID 7203; pydicom's dictionary of all codes takes a tenth of a second to import."""

_ACQUISITION: Final = Code("109101", "DCM", "Acquisition Equipment")
_PROCESSING: Final = Code("109102", "DCM", "Processing Equipment")
_SOURCE: Final = Code("121322", "DCM", "Source image for image processing operation")


@dataclass(frozen=True)
class Stored:
    """How values are written: their type, what turns them into the quantity, and the value that is no image."""

    dtype: np.dtype[Any]
    rescale: Rescale
    padding: int
    scale: float = 1.0
    """What is written for each unit of what the block holds: 1 but where its slopes differed."""

    def pixels(self, values: NDArray[Any], nothing: NDArray[np.bool_] | None) -> NDArray[Any]:
        """Values of the block, (rows, columns), as they are written."""
        whole = values if self.scale == 1.0 else np.rint(values * self.scale)
        limits = np.iinfo(self.dtype)
        if whole.dtype.kind == "f":
            whole = np.clip(np.nan_to_num(whole), limits.min, limits.max)
        written = whole.astype(self.dtype)
        if nothing is not None:
            written[nothing] = self.padding
        return written


def check(display_set: DisplaySet) -> None:
    """Whether reformats of a set can be written. Raises `Refused` with NO_REFORMAT or why it is no volume."""
    if display_set.lattice is None:
        raise Refused(display_set.no_volume or Reason.NO_GEOMETRY, "the series")
    pixels = display_set.pixels
    if display_set.first.Modality not in STORAGE or pixels.SamplesPerPixel != 1:
        raise Refused(Reason.NO_REFORMAT, "the series")


def stored_as(voxels: Voxels) -> Stored:
    """Stored values stay what they are, as signed 16 bits where they fit; where slopes differ they share one.

    Raises `Refused` with NO_REFORMAT for values behind a table, or PIXEL_FORMAT for more than 16 bits.
    """
    tabled = any(look is not None and look.modality is not None for look in voxels.looks)
    if tabled or len(voxels.factors) > 1:  # of PET that was not decay-corrected the block holds other proportions
        raise Refused(Reason.NO_REFORMAT, "the series")
    kind = voxels.stored.dtype
    if kind.kind == "f":
        largest = max(float(np.nanmax(np.abs(image), initial=0.0)) for image in _unpadded(voxels))
        slope = (largest or 1.0) / np.iinfo(np.int16).max
        return Stored(np.dtype(np.int16), Rescale(slope, 0.0), np.iinfo(np.int16).min, 1 / slope)
    if kind.itemsize > 2:
        raise Refused(Reason.PIXEL_FORMAT, "the series")
    if kind.kind == "u" and max(int(image.max()) for image in voxels.stored) > np.iinfo(np.int16).max:
        return Stored(np.dtype(np.uint16), voxels.modality_rescale, _declared(voxels, np.iinfo(np.uint16), 0))
    return Stored(
        np.dtype(np.int16), voxels.modality_rescale, _declared(voxels, np.iinfo(np.int16), np.iinfo(np.int16).min)
    )


def _unpadded(voxels: Voxels) -> Iterator[NDArray[Any]]:
    from workstation.imaging.volume import is_padding

    for image in voxels.stored:
        yield image if voxels.padding is None else np.where(is_padding(image, voxels.padding), np.nan, image)


def _declared(voxels: Voxels, limits: Any, otherwise: int) -> int:
    """The source's own PixelPaddingValue, where it fits."""
    value = voxels.display_set.first.PixelPaddingValue
    return value if value is not None and limits.min <= value <= limits.max else int(otherwise)


def derived_series(
    source: bytes, voxels: Voxels, order: Reformat, pictures: Iterable[tuple[NDArray[Any], NDArray[np.bool_] | None]]
) -> Iterator[bytes]:
    """The files of a new series, one after the other. `source` is the file of the set's first image.

    `pictures` are the values of each image of `order`, as the block stores them, with a mask of what is no image.
    Raises `Refused` as `check` and `stored_as` do.
    """
    display_set = voxels.display_set
    check(display_set)
    stored = stored_as(voxels)
    head = _series(header_of(source), display_set, order, stored)
    made_from: tuple[int, int] | None = None
    shared: FileDataset | None = None
    for number, (values, nothing) in enumerate(pictures):
        reached = _reached(order, number, display_set)
        if shared is None or reached != made_from:
            head.SourceImageSequence = _sources(display_set.images[reached[0] : reached[1]])
            # Encoded once: what is read back is written as it is, a thousand references included.
            head.PixelData = b"\0\0"
            head["PixelData"].VR = "OW"
            shared, made_from = dcmread(BytesIO(bytes_of(head))), reached
        _placed(shared, order, number)
        shared.PixelData = stored.pixels(values, nothing).astype(stored.dtype.newbyteorder("<")).tobytes()
        yield bytes_of(shared)


def _series(source: FileDataset, display_set: DisplaySet, order: Reformat, stored: Stored) -> FileDataset:
    """All that the images of the series share."""
    modality = display_set.first.Modality
    head = FileDataset("", {}, preamble=bytes(128), is_implicit_VR=False, is_little_endian=True)
    head.SOPClassUID, head.SOPInstanceUID = UID(STORAGE[modality]), UID(new_uid())
    head.Modality, head.SeriesInstanceUID = modality, UID(new_uid())
    now = datetime.now()
    date, time = now.strftime("%Y%m%d"), now.strftime("%H%M%S.%f")
    head.InstanceCreationDate = head.SeriesDate = head.ContentDate = date
    head.InstanceCreationTime = head.SeriesTime = head.ContentTime = time
    signed(head)
    inherited(head, source)
    for keyword in (*_EVERY, *_ACQUIRED[modality], *_LOSSY):
        if keyword in source and not source[keyword].is_empty:
            head[keyword] = source[keyword]
    _sound(head)
    for keyword in _EMPTY[modality]:
        if keyword not in head:
            setattr(head, keyword, None)
    if modality == "MR" and "ScanningSequence" not in head:  # of an object that says it otherwise
        head.ScanningSequence, head.SequenceVariant = "RM", "NONE"
    _first_of(head, display_set.images[0])
    head.SeriesNumber = _number(display_set)
    head.SeriesDescription = description(order, display_set)
    _derivation(head, source, order, display_set)
    _pixels(head, order, stored, _thickness_mm(order, display_set))
    if modality == "PT":
        head.NumberOfSlices = order.grid.size[2]
        head.SeriesType = [(source.get("SeriesType") or ["STATIC"])[0], "IMAGE"]
    return head


def _sound(head: FileDataset) -> None:
    """Leave out what the source says against the standard: we would say it too. Values of a wrong type, empty codes."""
    for element in list(head):
        known = dictionary_VR(element.tag) if dictionary_has_tag(element.tag) else element.VR
        codes_ = element.value if element.keyword.endswith("CodeSequence") else ()
        if element.VR not in known.split(" or ") or not all(_is_code(item) for item in codes_):
            del head[element.tag]


def _is_code(item: Dataset) -> bool:
    """PS3.3 8.8: a value, its scheme and its meaning."""
    value = any(item.get(each) for each in ("CodeValue", "LongCodeValue", "URNCodeValue"))
    return value and bool(item.get("CodeMeaning"))


def _first_of(head: FileDataset, ref: ImageRef) -> None:
    """What multi-frame objects say in their functional groups, the windows, and what goes together."""
    frame = ref.attributes
    head.FrameOfReferenceUID = stored_frame(ref.instance.FrameOfReferenceUID)
    head.PositionReferenceIndicator = head.get("PositionReferenceIndicator") or ""
    if frame.windows:
        head.WindowCenter = [_decimal(each.center) for each in frame.windows]
        head.WindowWidth = [_decimal(each.width) for each in frame.windows]
        if any(each.explanation for each in frame.windows):
            head.WindowCenterWidthExplanation = [each.explanation for each in frame.windows]
    if ref.instance.Modality == "MR" and frame.EchoTime is not None:
        head.EchoTime = _decimal(frame.EchoTime)
    if "IR" not in head.get("ScanningSequence", ()) and "InversionTime" in head:
        del head.InversionTime  # C.8.3.1: of inversion recovery alone
    if "PatientOrientationCodeSequence" in head and "PatientPosition" in head:
        del head.PatientPosition  # C.7.3.1: one of the two


def _number(display_set: DisplaySet) -> int:
    """A number behind that of the source, as far as it has one that leaves room."""
    number = display_set.first.SeriesNumber or 0
    return number * 100 + 1 if 0 <= number < 10_000 else number + 1


def description(order: Reformat, display_set: DisplaySet) -> str:
    """What the series is called, 64 letters at most."""
    slab = f" {WORDS[order.slab.mode]} {order.slab.thickness_mm:g} mm" if order.slab.is_thick else ""
    of = display_set.first.SeriesDescription
    return f"{order.name}{slab}{f' of {of}' if of else ''}"[:64].strip()


def _derivation(head: FileDataset, source: FileDataset, order: Reformat, display_set: DisplaySet) -> None:
    """ImageType (C.8.2.1.1.1, C.8.3.1.1.1, C.8.9.4.1.3), what was done, with which programs and machines."""
    slab = order.slab
    projected = slab.is_thick and slab.mode in _PROJECTIONS
    word = WORDS[slab.mode].upper() if projected else "MPR"
    head.ImageType = {
        "CT": ["DERIVED", "SECONDARY", "AXIAL", word],
        "MR": ["DERIVED", "SECONDARY", "PROJECTION IMAGE" if projected else "MPR"],
        "PT": ["DERIVED", "PRIMARY", word],
    }[display_set.first.Modality]
    done = [_REFORMATTED, *([_PROJECTIONS[slab.mode]] if projected else [])]
    head.DerivationCodeSequence = Items([_coded(each) for each in done])
    thick = f"{slab.thickness_mm:g} mm thick ({WORDS[slab.mode]})" if slab.is_thick else "without thickness"
    head.DerivationDescription = (
        f"{order.name} planes {thick}, {order.grid.spacing[2]:.3g} mm apart, from series "
        f"{display_set.first.SeriesNumber or 'without number'}, linear interpolation"
        f"{'; its slices lie at uneven distances, where some are missing there is padding' * (not display_set.grid)}"
    )
    machine = Dataset()
    machine.Manufacturer = ""
    for keyword in _MACHINE:
        if source.get(keyword):
            machine[keyword] = source[keyword]
    machine.PurposeOfReferenceCodeSequence = Items([_coded(_ACQUISITION)])
    program = Dataset()
    program.Manufacturer, program.ManufacturerModelName, program.SoftwareVersions = MAKER, MODEL, __version__
    program.PurposeOfReferenceCodeSequence = Items([_coded(_PROCESSING)])
    program.ContributionDescription = "Planes cut from a volume"
    head.ContributingEquipmentSequence = Items([machine, program])
    if source.get("InstitutionName"):
        head.InstitutionName = source.InstitutionName


def _thickness_mm(order: Reformat, display_set: DisplaySet) -> float:
    """How thick an image is: its slab, else the source's slices or, across them, its samples."""
    normal, grid, thickness = order.grid.axes[2], display_set.lattice, display_set.images[0].attributes.SliceThickness
    assert grid is not None  # noqa: S101  `check` has seen to it
    if order.slab.is_thick:
        return order.slab.thickness_mm
    along = abs(float(np.dot(normal, grid.axes[2]))) > 1 - 1e-6
    return thickness if along and thickness else sample_mm(grid, normal)


def _pixels(head: FileDataset, order: Reformat, stored: Stored, thickness_mm: float) -> None:
    right, down, step = order.grid.spacing
    columns, rows, _ = order.grid.size
    head.SamplesPerPixel, head.PhotometricInterpretation = 1, "MONOCHROME2"
    head.Rows, head.Columns = rows, columns
    head.BitsAllocated, head.BitsStored, head.HighBit = 16, 16, 15
    signed_ = stored.dtype.kind == "i"
    head.PixelRepresentation = int(signed_)
    head.add_new(0x00280120, "SS" if signed_ else "US", stored.padding)
    slope, intercept = stored.rescale.slope, stored.rescale.intercept
    if head.Modality != "MR" or (slope, intercept) != (1.0, 0.0):
        head.RescaleIntercept, head.RescaleSlope = _decimal(intercept), _decimal(slope)
        if head.Modality == "CT":
            head.RescaleType = head.get("RescaleType") or "HU"
    head.PixelSpacing = [_decimal(down), _decimal(right)]
    head.SliceThickness = _decimal(thickness_mm)
    head.SpacingBetweenSlices = _decimal(step)
    head.ImageOrientationPatient = [_decimal(each) for axis in order.grid.axes[:2] for each in axis]


def _placed(shared: FileDataset, order: Reformat, number: int) -> None:
    """What each image has for itself."""
    shared.SOPInstanceUID = shared.file_meta.MediaStorageSOPInstanceUID = UID(new_uid())
    shared.InstanceNumber = number + 1
    position = order.grid.point((0, 0, number))
    shared.ImagePositionPatient = [_decimal(each) for each in position]
    shared.SliceLocation = _decimal(float(np.dot(position, order.grid.axes[2])))
    if shared.Modality == "PT":
        shared.ImageIndex = number + 1


def _reached(order: Reformat, number: int, display_set: DisplaySet) -> tuple[int, int]:
    """From which image of the source to before which one a plane takes its values."""
    grid = display_set.lattice
    assert grid is not None  # noqa: S101  `check` has seen to it
    columns, rows, _ = order.grid.size
    corners = [order.grid.point((i, j, number)) for i in (0, columns - 1) for j in (0, rows - 1)]
    half = np.asarray(order.grid.axes[2]) * order.slab.thickness_mm / 2
    depths = [
        grid.index((x + s * half[0], y + s * half[1], z + s * half[2]))[2] for x, y, z in corners for s in (-1, 1)
    ]
    last = grid.size[2] - 1
    low = int(np.clip(np.floor(min(depths) + 1e-6), 0, last))
    return low, int(np.clip(np.ceil(max(depths) - 1e-6), low, last)) + 1


def _sources(refs: Sequence[ImageRef]) -> Items:
    """SourceImageSequence; frames of one object in one item (C.12.4, 10.3)."""
    frames: dict[tuple[str, str], list[int]] = {}
    for ref in refs:
        name = (ref.instance.SOPClassUID, ref.instance.SOPInstanceUID)
        frames.setdefault(name, []).extend([ref.frame + 1] if ref.instance.images > 1 else [])
    items = []
    for (sop_class, sop_instance), numbers in frames.items():
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, sop_instance
        if numbers:
            item.ReferencedFrameNumber = numbers
        item.PurposeOfReferenceCodeSequence = Items([_coded(_SOURCE)])
        items.append(item)
    return Items(items)


def _coded(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme, code.meaning
    return item


def _decimal(value: float) -> DSfloat:
    """A decimal string of at most 16 characters (PS3.5 6.2, DS)."""
    return DSfloat(float(value) + 0.0, auto_format=True)
