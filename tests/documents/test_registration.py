"""Registrations as documents: as the standard has them, read back as they were; other people's applied as they say."""

import io
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from tests.case.stacks import stack
from workstation import __version__
from workstation.documents.made import MODEL
from workstation.documents.registration import described, quality_in, spatial_registration
from workstation.documents.registration_read import Document, read_registration
from workstation.errors import Reason, Refused
from workstation.imaging.alignment import Alignment, Field, Quality, Registration
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid

FIXED = stack("1", count=3, frame="1.2.9", study="1.2.1")
MOVING = stack("2", count=2, frame="1.2.8", study="1.2.3", spacing=(3.5, 2.0))
QUALITY = Quality("good", {"overlap": 0.93, "mi": 0.412})
ANGLE = np.radians(17.3)
TURNED = np.array(
    [
        [np.cos(ANGLE), -np.sin(ANGLE), 0, 12.345678901],
        [np.sin(ANGLE), np.cos(ANGLE), 0, -231.98765],
        [0, 0, 1, 1234.5],
        [0, 0, 0, 1],
    ]
)


def source() -> Dataset:
    header = Dataset()
    header.SpecificCharacterSet = "ISO_IR 100"
    header.PatientName, header.PatientID, header.StudyInstanceUID = "Müller^Anna", "A", "1.2.1"
    header.FrameOfReferenceUID, header.PositionReferenceIndicator = "1.2.9", ""
    return header


def registration(**changed: Any) -> Registration:
    usual: dict[str, Any] = {"matrix": TURNED, "made_by": "SimpleITK 2.4.0 rigid", "quality": QUALITY}
    return Registration("2.25.77", "1.2.9", "1.2.8", **(usual | changed))


def bent(grid: Grid | None = None) -> Registration:
    grid = grid or Grid(
        (-11.0, -22.5, -3.0), ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)), (4.0, 5.5, 6.25), (7, 5, 3)
    )
    shifts = np.random.default_rng(1).normal(0, 3, (*reversed(grid.size), 3)).astype(np.float32)
    return registration(kind="deformable", field=Field(grid, shifts))


def written(made: Registration, creator: str = "") -> bytes:
    images = [[each.instance for each in one.images] for one in (FIXED, MOVING)]
    return spatial_registration(made, images[0], images[1], source(), creator)


def places(*sets: DisplaySet) -> dict[str, tuple[str, str]]:
    """The frame and the series of each image, as they are read with a registration."""
    return {
        ref.instance.SOPInstanceUID: (ref.instance.FrameOfReferenceUID, each.series_instance_uid)
        for each in sets
        for ref in each.images
    }


def only(document: Document) -> Registration:
    (found,) = document.registrations
    return found


def changed(data: bytes, change: Callable[[Dataset], None]) -> bytes:
    dataset = pydicom.dcmread(io.BytesIO(data))
    change(dataset)
    out = io.BytesIO()
    dataset.save_as(out)
    return out.getvalue()


def foreign(items: Sequence[tuple[str, NDArray[np.float64], str]]) -> bytes:
    """An object of another maker that lays these frames on 1.2.9."""

    def change(dataset: Dataset) -> None:
        dataset.Manufacturer, dataset.ManufacturerModelName, dataset.SoftwareVersions = "Other", "Fuse", "7"
        dataset.ContentCreatorName = "Doe^Jane"
        dataset.RegistrationSequence = Items([])
        for frame, matrix, kind in items:
            item, laid, one = Dataset(), Dataset(), Dataset()
            one.FrameOfReferenceTransformationMatrix = [f"{each:.10g}" for each in matrix.ravel()]
            one.FrameOfReferenceTransformationMatrixType = kind
            laid.RegistrationTypeCodeSequence, laid.MatrixSequence = Items([]), Items([one])
            item.FrameOfReferenceUID, item.MatrixRegistrationSequence = frame, Items([laid])
            dataset.RegistrationSequence.append(item)

    return changed(written(registration(accepted=True)), change)


def shifted(x: float, y: float, z: float) -> NDArray[np.float64]:
    matrix = np.eye(4)
    matrix[:3, 3] = x, y, z
    return matrix


def refused(data: bytes) -> Reason:
    with pytest.raises(Refused) as caught:
        read_registration(data)
    return caught.value.reason


@pytest.mark.parametrize(
    "made",
    [registration(), registration(kind="affine", matrix=np.diag([1.1, 0.9, 1.05, 1.0]), quality=None), bent()],
    ids=["rigid", "affine", "deformable"],
)
def test_it_is_what_the_standard_asks_for(made: Registration, tool: Callable[[str], Path], tmp_path: Path) -> None:
    file = tmp_path / "r.dcm"
    file.write_bytes(written(made, "Doe^Jane"))
    said = subprocess.run([tool("dciodvfy"), "-new", file], capture_output=True, text=True).stderr
    assert "SpatialRegistration" in said
    assert not [line for line in said.splitlines() if line.startswith("Error")], said


@pytest.mark.parametrize("accepted", [False, True])
@pytest.mark.parametrize("made", [registration(), bent()], ids=["rigid", "deformable"])
def test_it_is_read_back_as_it_was(made: Registration, accepted: bool) -> None:
    document = read_registration(written(replace(made, accepted=accepted), "Doe^Jane"))
    read = only(document)
    assert (read.uid, read.fixed, read.moving, read.kind) == ("2.25.77", "1.2.9", "1.2.8", made.kind)
    assert read.accepted is accepted
    assert read.made_by == "SimpleITK 2.4.0 rigid"
    assert read.quality == QUALITY
    assert read.matrix == pytest.approx(made.matrix, abs=1e-9)
    assert document.made_by == f"{MODEL} {__version__}, Doe^Jane"
    assert document.is_ours and not document.odd
    if made.field is not None:
        assert read.field is not None
        assert read.field.shifts_mm.tobytes() == made.field.shifts_mm.tobytes()
        assert read.field.grid == made.field.grid


def test_a_left_handed_field_shifts_the_same_points() -> None:
    grid = Grid((-11.0, -22.5, 9.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0)), (4.0, 5.5, 6.25), (7, 5, 3))
    made = bent(grid)
    read = only(read_registration(written(made))).field
    assert made.field is not None and read is not None
    points = np.random.default_rng(2).uniform((-8, -20, -2), (10, -4, 8), (50, 3))
    assert np.abs(made.field.at(points)).max() > 1
    assert read.at(points) == pytest.approx(made.field.at(points), abs=1e-5)


def test_it_belongs_to_the_fixed_study_and_names_the_images_of_both() -> None:
    read = pydicom.dcmread(io.BytesIO(written(registration(), "Doe^Jane")))
    assert (read.PatientID, str(read.PatientName), read.StudyInstanceUID) == ("A", "Müller^Anna", "1.2.1")
    assert (read.Modality, read.FrameOfReferenceUID, read.ContentCreatorName) == ("REG", "1.2.9", "Doe^Jane")
    fixed, moving = read.RegistrationSequence
    assert fixed.FrameOfReferenceUID == "1.2.9"
    named = [each.ReferencedSOPInstanceUID for each in moving.ReferencedImageSequence]
    assert named == ["1.2.3.2.0", "1.2.3.2.1"]
    (own,) = read.ReferencedSeriesSequence
    assert len(own.ReferencedInstanceSequence) == 3
    (other,) = read.StudiesContainingOtherReferencedInstancesSequence
    assert other.StudyInstanceUID == "1.2.3"
    assert other.ReferencedSeriesSequence[0].SeriesInstanceUID == "1.2.3.2"


def test_the_numbers_of_the_quality_fit_or_are_left_out_whole() -> None:
    many = Quality("check", {f"number {each}": each / 7 for each in range(20)})
    text = described(registration(quality=many))
    assert len(text) <= 64
    read = quality_in(text)
    assert read is not None and read.word == "check"
    assert 0 < len(read.numbers) < 20
    assert all(read.numbers[name] == pytest.approx(many.numbers[name], rel=1e-5) for name in read.numbers)
    assert quality_in("Registration of two scans") is None


def test_another_makers_is_applied_and_nobody_here_has_accepted_it() -> None:
    document = read_registration(foreign([("1.2.9", np.eye(4), "RIGID"), ("1.2.8", shifted(1, 2, 3), "RIGID")]))
    read = only(document)
    assert not document.is_ours and not read.accepted
    assert read.made_by == "Other Fuse 7, Doe^Jane"
    laid = Alignment((read,)).between("1.2.9", "1.2.8")
    assert laid is not None and laid.said == "registered, not verified"
    assert laid.point_to_fixed((10, 20, 30)) == pytest.approx((11, 22, 33))


@pytest.mark.parametrize(
    ("matrix", "said", "kind"),
    [
        (TURNED, "RIGID", "rigid"),
        (np.diag([1.2, 0.9, 1.1, 1.0]), "RIGID_SCALE", "affine"),
        (TURNED @ np.array([[1, 0.2, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]), "AFFINE", "affine"),
    ],
)
def test_each_type_of_matrix_is_applied(matrix: NDArray[np.float64], said: str, kind: str) -> None:
    document = read_registration(foreign([("1.2.8", matrix, said)]))
    read = only(document)
    assert read.kind == kind and not document.odd
    assert read.matrix == pytest.approx(matrix, abs=1e-6)


def test_frames_that_lie_on_the_same_one_lie_on_each_other() -> None:
    document = read_registration(foreign([("1.2.8", shifted(10, 0, 0), "RIGID"), ("1.2.7", shifted(0, 5, 0), "RIGID")]))
    alignment = Alignment(document.registrations)
    for fixed, moving, expected in (("1.2.9", "1.2.8", (10, 0, 0)), ("1.2.8", "1.2.7", (-10, 5, 0))):
        laid = alignment.between(fixed, moving)
        assert laid is not None and laid.point_to_fixed((0, 0, 0)) == pytest.approx(expected)
    assert len({each.uid for each in document.registrations}) == 3


def test_several_matrices_are_multiplied_in_their_order() -> None:
    def change(dataset: Dataset) -> None:
        (laid,) = dataset.RegistrationSequence[1].MatrixRegistrationSequence
        second = Dataset()
        second.FrameOfReferenceTransformationMatrix = list(shifted(1, 0, 0).ravel())
        second.FrameOfReferenceTransformationMatrixType = "RIGID"
        laid.MatrixSequence.append(second)

    document = read_registration(changed(written(registration()), change))
    assert only(document).matrix == pytest.approx(TURNED @ shifted(1, 0, 0))
    assert document.odd == ("its matrix is the product of 2, multiplied in their order",)


def test_what_is_turned_before_it_is_shifted_is_looked_up_as_the_standard_has_it() -> None:
    pre, post = TURNED, shifted(4, -3, 2)

    def change(dataset: Dataset) -> None:
        (item,) = dataset.DeformableRegistrationSequence
        for keyword, matrix in (("Pre", pre), ("Post", post)):
            one = Dataset()
            one.FrameOfReferenceTransformationMatrix = [f"{each:.12g}" for each in matrix.ravel()]
            one.FrameOfReferenceTransformationMatrixType = "RIGID"
            setattr(item, f"{keyword}DeformationMatrixRegistrationSequence", Items([one]))

    made = bent()
    assert made.field is not None
    laid = Alignment(read_registration(changed(written(made), change)).registrations).between("1.2.9", "1.2.8")
    assert laid is not None
    for index in ((0, 0, 0), (3, 2, 1), (6, 4, 2)):
        point = np.asarray(made.field.grid.point(index))
        i, j, k = index
        expected = post[:3, :3] @ (pre[:3, :3] @ point + pre[:3, 3] + made.field.shifts_mm[k, j, i]) + post[:3, 3]
        assert laid.point_to_moving(tuple(point)) == pytest.approx(tuple(expected), abs=1e-3)


def test_where_a_field_is_undefined_nothing_is_shifted_and_that_is_said() -> None:
    made = bent()
    assert made.field is not None
    holes = made.field.shifts_mm.copy()
    holes[1, 2, 3] = np.nan
    document = read_registration(written(replace(made, field=Field(made.field.grid, holes))))
    read = only(document).field
    assert read is not None and not read.shifts_mm[1, 2, 3].any() and read.shifts_mm[1, 2, 4].any()
    assert document.odd == ("its field is undefined in 1 places, where nothing is shifted",)


def test_without_two_frames_it_is_refused_with_the_sentence() -> None:
    def no_frame(dataset: Dataset) -> None:
        del dataset.FrameOfReferenceUID

    def no_source(dataset: Dataset) -> None:
        for item in dataset.RegistrationSequence:
            del item.FrameOfReferenceUID

    def one_frame(dataset: Dataset) -> None:
        dataset.RegistrationSequence[1].FrameOfReferenceUID = "1.2.9"

    for change in (no_frame, no_source, one_frame):
        assert refused(changed(written(registration()), change)) is Reason.NO_FRAMES
    with pytest.raises(Refused):
        written(replace(registration(), moving=""))
    assert "frames of reference" in Reason.NO_FRAMES.value


def test_images_say_their_frame_where_the_object_does_not() -> None:
    def no_source(dataset: Dataset) -> None:
        for item in dataset.RegistrationSequence:
            del item.FrameOfReferenceUID

    data = changed(written(registration()), no_source)
    assert only(read_registration(data, places(FIXED, MOVING))).moving == "1.2.8"


@pytest.mark.parametrize(
    "matrix",
    [np.diag([-1.0, 1, 1, 1]), np.diag([0.0, 1, 1, 1]), np.diag([1.0, 1, 1, 2]), shifted(1e6, 0, 0)],
    ids=["mirrored", "flat", "homogeneous", "far"],
)
def test_a_matrix_that_is_no_place_in_a_patient_is_refused(matrix: NDArray[np.float64]) -> None:
    assert refused(foreign([("1.2.8", matrix, "AFFINE")])) is Reason.NOT_A_REGISTRATION


def test_a_field_that_ends_too_early_or_claims_too_much_is_refused() -> None:
    def cut(dataset: Dataset) -> None:
        (grid,) = dataset.DeformableRegistrationSequence[0].DeformableRegistrationGridSequence
        grid.VectorGridData = grid.VectorGridData[:-12]

    def huge(dataset: Dataset) -> None:
        (grid,) = dataset.DeformableRegistrationSequence[0].DeformableRegistrationGridSequence
        grid.GridDimensions = [60000, 60000, 60000]

    assert refused(changed(written(bent()), cut)) is Reason.NOT_A_REGISTRATION
    assert refused(changed(written(bent()), huge)) is Reason.TOO_LARGE


def test_another_kind_of_object_is_refused() -> None:
    def other(dataset: Dataset) -> None:
        dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"

    assert refused(changed(written(registration()), other)) is Reason.NOT_A_REGISTRATION


def test_a_matrix_that_is_not_of_the_type_it_says_is_named() -> None:
    document = read_registration(foreign([("1.2.8", np.diag([1.3, 1, 1, 1]), "RIGID")]))
    assert only(document).kind == "affine"
    assert document.odd == ("a matrix that is called RIGID and is not",)
