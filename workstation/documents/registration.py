"""Registrations as Spatial Registration and Deformable Spatial Registration (PS3.3 A.39.1, A.39.2, C.20.2, C.20.3).

What is read back is what was written: matrices to sixteen characters a number (DS), fields to the bit (OF). Of a series
that was parted from its frame of reference the two items name one frame, and their images tell them apart (C.20.2.1.2).
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID
from pydicom.valuerep import format_number_as_ds

from workstation.dicom.entities import Instance
from workstation.documents import made
from workstation.errors import Reason, Refused
from workstation.imaging.alignment import Field, Quality, Registration, inverse, is_own, stored_frame
from workstation.imaging.geometry import Matrix, cross
from workstation.imaging.registration_reasons import ordered

SPATIAL: Final = "1.2.840.10008.5.1.4.1.1.66.1"
DEFORMABLE: Final = "1.2.840.10008.5.1.4.1.1.66.3"
SOP_CLASSES: Final = frozenset((SPATIAL, DEFORMABLE))
MODALITY: Final = "REG"

ACCEPTED: Final = "ACCEPTED"
NOT_VERIFIED: Final = "NOT VERIFIED"
"""ContentLabel of ours: whether a reader has said that it is right."""

LONGEST: Final = 64
"""Characters of an LO (PS3.5 6.2)."""

BY_CONTENT: Final = ("125024", "Image Content-based Alignment")
BY_EYE: Final = ("125025", "Visual Alignment")
BY_POINTS: Final = ("125022", "Fiducial Alignment")
IDENTITY: Final = ("125021", "Frame of Reference Identity")
"""Of CID 7100."""


def spatial_registration(
    registration: Registration,
    fixed: Sequence[Instance],
    moving: Sequence[Instance],
    source: Dataset,
    creator: str = "",
    place: made.Place = made.NEW,
) -> bytes:
    """The file of a registration: a Spatial Registration, or where it has a field a Deformable one.

    `fixed` and `moving` are the images it was made from; `source` is the header of one of the fixed ones and says whose
    it is. `creator` is the person who accepted it. Its SOPInstanceUID is the registration's uid. Raises `Refused` with
    NO_FRAMES where it does not name two frames, nor a series that was parted from one and moved on the rest of it.
    """
    if not registration.fixed or not registration.moving or registration.fixed == registration.moving:
        raise Refused(Reason.NO_FRAMES)
    if is_own(registration.fixed) or (is_own(registration.moving) and not registration.is_within):
        raise Refused(Reason.NO_FRAMES)
    bent = registration.field is not None
    dataset = made.new_object(source, DEFORMABLE if bent else SPATIAL, MODALITY, "Registration", place)
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = UID(registration.uid)
    dataset.FrameOfReferenceUID = UID(registration.fixed)
    dataset.Laterality = ""  # 2C, and of no side
    dataset.PositionReferenceIndicator = source.get("PositionReferenceIndicator", "")
    dataset.ContentDate, dataset.ContentTime = dataset.InstanceCreationDate, dataset.InstanceCreationTime
    dataset.ContentLabel = ACCEPTED if registration.accepted else NOT_VERIFIED
    dataset.ContentDescription = described(registration)
    dataset.ContentCreatorName = creator
    if bent:
        dataset.DeformableRegistrationSequence = Items([_bent(registration, moving)])
    else:
        laid = (_straight(registration.fixed, np.eye(4), "RIGID", IDENTITY, "", fixed), _moved(registration, moving))
        dataset.RegistrationSequence = Items(laid)
    _refer(dataset, (*fixed, *moving))
    made.spelled(dataset, [dataset.ContentDescription, creator, registration.made_by])
    return made.bytes_of(dataset)


def described(registration: Registration) -> str:
    """Kind, word and as many of its numbers as there is room for, what decided first: "rigid; good; overlap=0.93"."""
    parts: list[str] = [registration.kind]
    quality = registration.quality
    if quality is not None:
        parts += [quality.word, *(f"{name}={quality.numbers[name]:.6g}" for name in ordered(quality))]
    text = ""
    for part in parts:
        longer = f"{text}; {part}" if text else part
        if len(longer) > LONGEST:
            break
        text = longer
    return text


def quality_in(description: str) -> Quality | None:
    """What `described` said of the quality."""
    parts = [each.strip() for each in description.split(";")]
    word = next((each for each in ("good", "check", "poor") if each in parts[1:2]), None)
    if word is None:
        return None
    numbers = {}
    for name, _, value in (each.partition("=") for each in parts[2:]):
        try:
            numbers[name] = float(value)
        except ValueError:
            continue
    return Quality(word, numbers)


def _moved(registration: Registration, images: Sequence[Instance]) -> Dataset:
    kind = "RIGID" if registration.kind == "rigid" else "AFFINE"
    return _straight(
        registration.moving, registration.matrix, kind, _method(registration), registration.made_by, images
    )


def _method(registration: Registration) -> tuple[str, str]:
    if "landmark" in registration.made_by:
        return BY_POINTS
    return BY_EYE if "by hand" in registration.made_by else BY_CONTENT


def _straight(
    frame: str, matrix: Matrix, kind: str, method: tuple[str, str], comment: str, images: Sequence[Instance]
) -> Dataset:
    """An item of the RegistrationSequence: the matrix takes its frame to the registered one (C.20.2.1.1)."""
    laid = Dataset()
    if comment:
        laid.FrameOfReferenceTransformationComment = comment[:LONGEST]
    laid.RegistrationTypeCodeSequence = Items([_coded(*method)])
    laid.MatrixSequence = Items([_matrix(matrix, kind)])
    item = Dataset()
    item.FrameOfReferenceUID = UID(stored_frame(frame))
    if images:
        item.ReferencedImageSequence = Items([_reference(each) for each in images])
    item.MatrixRegistrationSequence = Items([laid])
    return item


def _bent(registration: Registration, images: Sequence[Instance]) -> Dataset:
    """An item of the DeformableRegistrationSequence: from the registered frame shifted, then taken to the source
    (C.20.3.1.1)."""
    field = registration.field
    assert field is not None  # noqa: S101  asked for before
    item = Dataset()
    item.SourceFrameOfReferenceUID = UID(stored_frame(registration.moving))
    if images:
        item.ReferencedImageSequence = Items([_reference(each) for each in images])
    if registration.made_by:
        item.FrameOfReferenceTransformationComment = registration.made_by[:LONGEST]
    item.RegistrationTypeCodeSequence = Items([_coded(*_method(registration))])
    item.DeformableRegistrationGridSequence = Items([_grid(field)])
    item.PostDeformationMatrixRegistrationSequence = Items([_matrix(inverse(registration.matrix), "AFFINE")])
    return item


def _grid(field: Field) -> Dataset:
    """C.20.3.1.2; vectors are stored from the head of a right-handed grid, so a left-handed one is turned round."""
    grid, shifts = field.grid, field.shifts_mm
    origin = grid.origin_lps
    if np.dot(cross(grid.axes[0], grid.axes[1]), grid.axes[2]) < 0:
        shifts, origin = shifts[::-1], grid.point((0, 0, grid.size[2] - 1))
    item = Dataset()
    item.ImagePositionPatient = [format_number_as_ds(float(each)) for each in origin]
    directions = (*grid.axes[0], *grid.axes[1])
    item.ImageOrientationPatient = [format_number_as_ds(float(each)) for each in directions]
    item.GridDimensions = list(grid.size)
    item.GridResolution = list(grid.spacing)
    item.VectorGridData = np.ascontiguousarray(shifts, dtype="<f4").tobytes()
    return item


def _matrix(matrix: Matrix, kind: str) -> Dataset:
    item = Dataset()
    item.FrameOfReferenceTransformationMatrix = [format_number_as_ds(float(each)) for each in matrix.ravel()]
    item.FrameOfReferenceTransformationMatrixType = kind
    return item


def _refer(dataset: FileDataset, images: Iterable[Instance]) -> None:
    """Common Instance Reference (C.12.2): all that is named, by series, and those of other studies apart."""
    studies: dict[str, dict[str, list[Dataset]]] = {}
    for each in images:
        series = studies.setdefault(each.StudyInstanceUID, {})
        series.setdefault(each.SeriesInstanceUID, []).append(_reference(each))
    own = studies.pop(str(dataset.StudyInstanceUID), {})
    if own:
        dataset.ReferencedSeriesSequence = Items([_series(*each) for each in own.items()])
    others = []
    for study, series in studies.items():
        other = Dataset()
        other.StudyInstanceUID = UID(study)
        other.ReferencedSeriesSequence = Items([_series(*each) for each in series.items()])
        others.append(other)
    if others:
        dataset.StudiesContainingOtherReferencedInstancesSequence = Items(others)


def _series(uid: str, references: Sequence[Dataset]) -> Dataset:
    item = Dataset()
    item.SeriesInstanceUID, item.ReferencedInstanceSequence = UID(uid), Items(references)
    return item


def _reference(instance: Instance) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = instance.SOPClassUID, instance.SOPInstanceUID
    return item


def _coded(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item
