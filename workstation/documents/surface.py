"""A surface as Encapsulated STL (PS3.3 A.85.1): one closed mesh in mm, in the frame of reference of its images."""

from collections.abc import Sequence
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID

from workstation.dicom.entities import Instance
from workstation.documents import made
from workstation.errors import HounsfieldError, Reason, Refused
from workstation.imaging.mesh import Mesh
from workstation.imaging.mesh_files import read_stl, stl

ENCAPSULATED_STL: Final = "1.2.840.10008.5.1.4.1.1.104.3"
MIME_TYPE: Final = "model/stl"
MODALITY: Final = "M3D"
LONGEST_TITLE: Final = 1024


def write_surface(
    mesh: Mesh, source: Dataset, images: Sequence[Instance], title: str, place: made.Place = made.NEW
) -> bytes:
    """The file of an Encapsulated STL object.

    `source` is the header of an image of the series it was made of, `images` those it was made of. The mesh inside
    names nobody (safety.md 23); the object around it is the patient's. Raises `Refused` with NO_FRAME without a frame
    of reference, NO_SURFACE for an empty mesh.
    """
    frame = str(source.get("FrameOfReferenceUID", ""))
    if not frame:
        raise Refused(Reason.NO_FRAME)
    if not len(mesh.triangles):
        raise Refused(Reason.NO_SURFACE)
    dataset = made.new_object(source, ENCAPSULATED_STL, MODALITY, "Surfaces", place)
    dataset.FrameOfReferenceUID = UID(frame)
    dataset.PositionReferenceIndicator = source.get("PositionReferenceIndicator", "")
    dataset.ContentDate, dataset.ContentTime = dataset.InstanceCreationDate, dataset.InstanceCreationTime
    dataset.AcquisitionDateTime = _acquired(source)
    dataset.BurnedInAnnotation = "NO"
    dataset.DocumentTitle = title[:LONGEST_TITLE]
    dataset.ConceptNameCodeSequence = Items([])
    dataset.SourceInstanceSequence = Items([_reference(each) for each in images])
    if images:
        dataset.ReferencedSeriesSequence = Items([_series(source, images)])
    dataset.MeasurementUnitsCodeSequence = Items([_coded("mm", "UCUM", "mm")])
    dataset.ModelModification = dataset.ModelMirroring = "NO"
    data = stl(mesh)
    dataset.MIMETypeOfEncapsulatedDocument, dataset.EncapsulatedDocumentLength = MIME_TYPE, len(data)
    dataset.add_new("EncapsulatedDocument", "OB", data + b"\0" * (len(data) % 2))
    made.spelled(dataset, [dataset.DocumentTitle])
    return made.bytes_of(dataset)


def read_surface(data: bytes) -> tuple[Mesh, str]:
    """The mesh of an Encapsulated STL object in mm, and its title.

    Raises HounsfieldError for units that are no length, or a mesh that is shorter than it says.
    """
    from io import BytesIO

    from pydicom import dcmread

    read = dcmread(BytesIO(data), force=True)
    units = {str(item.get("CodeValue", "")) for item in read.get("MeasurementUnitsCodeSequence", [])}
    to_mm = {"mm": 1.0, "um": 0.001, "cm": 10.0, "m": 1000.0}
    unit = next(iter(units), "")
    if unit not in to_mm:
        raise HounsfieldError("The surface does not say in which unit it is.")
    held = bytes(read.get("EncapsulatedDocument", b""))
    mesh = read_stl(held[: int(read.get("EncapsulatedDocumentLength", len(held)))])
    scaled = mesh if unit == "mm" else Mesh(mesh.points * mesh.points.dtype.type(to_mm[unit]), mesh.triangles)
    return scaled, str(read.get("DocumentTitle", ""))


def _acquired(source: Dataset) -> str:
    """When the images were taken, as one value; empty where they do not say."""
    if source.get("AcquisitionDateTime"):
        return str(source.AcquisitionDateTime)
    day = str(source.get("AcquisitionDate", "") or source.get("SeriesDate", "") or "")
    time = str(source.get("AcquisitionTime", "") or source.get("SeriesTime", "") or "")
    return day + time if day else ""


def _series(source: Dataset, images: Sequence[Instance]) -> Dataset:
    """The series of the images once more, as Common Instance Reference wants it (C.12.2)."""
    item = Dataset()
    item.SeriesInstanceUID = source.SeriesInstanceUID
    item.ReferencedInstanceSequence = Items([_reference(each) for each in images])
    return item


def _reference(instance: Instance) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = instance.SOPClassUID, instance.SOPInstanceUID
    return item


def _coded(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item
