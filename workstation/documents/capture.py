"""A picture as Secondary Capture (PS3.3 A.8.1): what a tile showed, with everything that was written over it."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from workstation.dicom.entities import Instance
from workstation.documents import made

SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"
Code = tuple[str, str, str]
CURVED: Final = ("113073", "DCM", "Curved multiplanar reformatting")


def written(
    rgb: NDArray[np.uint8],
    source: Dataset,
    images: Sequence[tuple[Instance, int]],
    description: str,
    lossy: Sequence[tuple[str, float]] = (),
    place: made.Place = made.NEW,
    derived_by: Code | None = None,
) -> bytes:
    """The file of a picture.

    `rgb` is (rows, columns, 3); `source` the header of an image of the study it was made of, `images` those it shows,
    with their frames from 0; `lossy` method and ratio of each time they were compressed with loss (safety.md 12).
    `derived_by` says how a picture that is no image of the patient's own space came to be (CID 7203).
    """
    dataset = made.new_object(source, SECONDARY_CAPTURE, "OT", "Captures", place)
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.ConversionType, dataset.BurnedInAnnotation = "WSD", "YES"
    dataset.SecondaryCaptureDeviceManufacturer = made.MAKER
    dataset.SecondaryCaptureDeviceManufacturerModelName = made.MODEL
    dataset.DateOfSecondaryCapture = dataset.ContentDate = dataset.InstanceCreationDate
    dataset.TimeOfSecondaryCapture = dataset.ContentTime = dataset.InstanceCreationTime
    dataset.DerivationDescription = description
    if derived_by is not None:
        dataset.DerivationCodeSequence = [_coded(*derived_by)]
    dataset.PatientOrientation, dataset.Laterality = "", ""
    dataset.SourceImageSequence = [_reference(*each) for each in images]
    dataset.LossyImageCompression = "01" if lossy else "00"
    if lossy:
        dataset.LossyImageCompressionMethod = [method for method, _ in lossy]
        dataset.LossyImageCompressionRatio = [f"{ratio:g}" for _, ratio in lossy]
    rows, columns, samples = rgb.shape
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = rows, columns, samples
    dataset.PhotometricInterpretation, dataset.PlanarConfiguration = "RGB", 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    pixels = np.ascontiguousarray(rgb, dtype=np.uint8).tobytes()
    dataset.add_new("PixelData", "OB", pixels + b"\0" * (len(pixels) % 2))
    made.spelled(dataset, [description])
    return made.bytes_of(dataset)


def _reference(instance: Instance, frame: int) -> Dataset:
    """An image that was captured; why it is named, in a code (CID 7202)."""
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = instance.SOPClassUID, instance.SOPInstanceUID
    if instance.images > 1:
        item.ReferencedFrameNumber = frame + 1
    item.PurposeOfReferenceCodeSequence = [_coded("121322", "DCM", "Source image for image processing operation")]
    return item


def _coded(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item
