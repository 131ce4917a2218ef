"""Structure sets: names, colours and contours, and the voxels they enclose, against closed forms and other programs."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from tests.documents.rt_truth import GTV
from workstation.case.regions import named
from workstation.documents.rtstruct import MOST_STRUCTURES, SOP_CLASS, read_structures
from workstation.errors import HounsfieldError, Reason, Refused
from workstation.findings.contours import mask_of
from workstation.findings.structures import StructureSet
from workstation.imaging.geometry import Grid, vec

GRID = Grid((-40.0, -30.0, 10.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (0.8, 1.1, 2.5), (100, 60, 20))
"""Voxel (i, j, k) has its centre at -40 + 0.8 i, -30 + 1.1 j, 10 + 2.5 k."""


def item(**attributes: Any) -> Dataset:
    dataset = Dataset()
    for name, value in attributes.items():
        setattr(dataset, name, Sequence(value) if name.endswith("Sequence") else value)
    return dataset


def contour(points: Any, kind: str = "CLOSED_PLANAR") -> Dataset:
    numbers = [f"{each:.4f}" for each in np.asarray(points, dtype=float).reshape(-1)]
    return item(ContourGeometricType=kind, NumberOfContourPoints=len(numbers) // 3, ContourData=numbers)


def file_of(dataset: Dataset) -> bytes:
    dataset.SOPInstanceUID = dataset.get("SOPInstanceUID", "1.2")
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = DicomBytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return bytes(stream.getvalue())


def structure_set(*contours: Dataset, name: str = "GTV", count: int = 1, **attributes: Any) -> bytes:
    frame = attributes.get("FrameOfReferenceUID", "1.5")
    regions = [
        item(ROINumber=n, ROIName=name, ReferencedFrameOfReferenceUID=frame, ROIGenerationAlgorithm="MANUAL")
        for n in range(1, count + 1)
    ]
    drawn = item(ReferencedROINumber=1, ROIDisplayColor=[255, 128, 0], ContourSequence=contours)
    values: dict[str, Any] = {
        "SOPClassUID": SOP_CLASS,
        "SOPInstanceUID": "1.2",
        "StudyInstanceUID": "1.3",
        "SeriesInstanceUID": "1.4",
        "StructureSetLabel": "PLAN A",
        "StructureSetROISequence": regions,
        "ROIContourSequence": [drawn],
        "RTROIObservationsSequence": [item(ReferencedROINumber=1, RTROIInterpretedType="GTV")],
    }
    return file_of(item(**(values | attributes)))


def read(*contours: Dataset) -> StructureSet:
    return read_structures(structure_set(*contours))


def square(x0: float, x1: float, y0: float, y1: float, z: float) -> list[tuple[float, float, float]]:
    return [(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)]


def centers() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y and z of every voxel, broadcast as [k, j, i]."""
    i, j, k = (np.arange(size) for size in GRID.size)
    x, y, z = (o + s * n for o, s, n in zip(GRID.origin_lps, GRID.spacing, (i, j, k), strict=True))
    return x[None, None, :], y[None, :, None], z[:, None, None]


def test_what_is_said_of_a_structure() -> None:
    found = read(contour(square(0, 10, 0, 10, 20)))
    (gtv,) = found.structures
    assert (found.label, found.study_instance_uid, found.odd) == ("PLAN A", "1.3", ())
    assert (gtv.number, gtv.name, gtv.colour, gtv.kind, gtv.made) == (1, "GTV", (255, 128, 0), "GTV", "MANUAL")
    assert gtv.frame_of_reference_uid == "1.5"


def test_a_square_encloses_the_centres_inside_and_on_its_line() -> None:
    # From x = -24 (centre 20) to -8.4 (between 39 and 40), y = -8 (centre 20) to 3 (centre 30), in slice 4 alone.
    (square_,) = read(contour(square(-24.0, -8.4, -8.0, 3.0, 20.0))).structures
    box, voxels = mask_of(square_, GRID).boxed()
    assert box == (slice(4, 5), slice(20, 31), slice(20, 40))
    assert voxels.all()


def test_an_outline_within_an_outline_is_a_hole_and_so_is_a_keyhole() -> None:
    outer, inner = square(-20.1, 20.1, -15.3, 15.3, 20.0), square(-8.3, 8.3, -6.2, 6.2, 20.0)
    by_two = read(contour(outer), contour(inner)).structures[0]
    # The channel between the two runs along y = -15.3 … -6.2 and comes back on itself.
    channel = [(0.3, -15.3, 20.0), (0.3, -6.2, 20.0)]
    ring = [outer[0], *channel, inner[1], inner[2], inner[3], inner[0], channel[1], channel[0], *outer[1:]]
    by_keyhole = read(contour(ring)).structures[0]
    x, y, _ = centers()
    within = (abs(x) <= 20.1) & (abs(y) <= 15.3) & ~((abs(x) < 8.3) & (abs(y) < 6.2))
    for each in (by_two, by_keyhole):
        assert (mask_of(each, GRID).plane(4) == within[0]).all()


def test_a_cylinder_has_its_closed_volume() -> None:
    radius, turns = 17.3, np.linspace(0, 2 * math.pi, 720, endpoint=False)
    rings = [
        contour(np.column_stack([radius * np.cos(turns), radius * np.sin(turns), np.full(720, z)]))
        for z in 12.5 + 2.5 * np.arange(12)
    ]
    (cylinder,) = read(*rings).structures
    assert mask_of(cylinder, GRID).volume_ml == pytest.approx(math.pi * radius**2 * 30.0 / 1000, rel=5e-3)


def test_contours_of_every_third_slice_fill_what_is_nearest_and_leave_gaps_open() -> None:
    places = (15.0, 22.5, 30.0, 52.5, 60.0)
    (sparse,) = read(*(contour(square(-8.4, 8.4, -8.4, 8.4, z)) for z in places)).structures
    filled = [k for k, plane in enumerate(mask_of(sparse, GRID).planes) if plane]
    # Half of 7.5 mm to each side: 11.25 … 33.75 and 48.75 … 63.75, the centres at 10 + 2.5 k.
    assert filled == [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 18, 19]


@pytest.mark.parametrize("turned", [False, True])
def test_contours_in_planes_that_cut_across_the_images(turned: bool) -> None:
    """A ball drawn in sagittal planes, or in planes that lie along no axis of the grid, is the same ball."""
    radius, middle, step = 14.0, np.array([0.0, 2.0, 33.0]), 0.5
    normal = np.array([0.6, 0.48, 0.64]) if turned else np.array([1.0, 0.0, 0.0])
    right = np.array([-0.8, 0.36, 0.48]) if turned else np.array([0.0, 1.0, 0.0])
    down = np.cross(normal, right)
    rings = []
    for at in np.arange(-radius + step / 2, radius, step):
        size, turns = math.sqrt(radius**2 - at**2), np.linspace(0, 2 * math.pi, 180, endpoint=False)
        points = middle + at * normal + size * (np.cos(turns)[:, None] * right + np.sin(turns)[:, None] * down)
        rings.append(contour(points))
    (ball,) = read(*rings).structures
    x, y, z = centers()
    away = np.sqrt((x - middle[0]) ** 2 + (y - middle[1]) ** 2 + (z - middle[2]) ** 2)
    found = mask_of(ball, GRID).array()
    assert found[away < radius - step].all()
    assert not found[away > radius + step].any()
    assert mask_of(ball, GRID).volume_ml == pytest.approx(4 / 3 * math.pi * radius**3 / 1000, rel=0.01)


def test_a_grid_that_is_turned_and_sheared_holds_the_same_centres() -> None:
    axes = (vec((0.8, 0.6, 0.0)), vec((-0.6, 0.8, 0.0)), vec((0.0, 0.2588, 0.9659)))
    grid = Grid((-25.0, -30.0, 8.0), axes, (0.9, 1.3, 2.0), (70, 50, 24))
    (prism,) = read(*(contour(square(-11.35, 9.11, -7.73, 12.9, z)) for z in np.arange(11.0, 40.0, 3.0))).structures
    index = np.stack(np.meshgrid(*(np.arange(size) for size in grid.size), indexing="ij"), axis=-1).reshape(-1, 3)
    x, y, z = (index @ grid.lps_from_index[:3, :3].T + grid.lps_from_index[:3, 3]).T
    deepest = np.minimum.reduce([x + 11.35, 9.11 - x, y + 7.73, 12.9 - y])
    within = (z >= 9.5) & (z < 39.5)
    found = mask_of(prism, grid).array().transpose(2, 1, 0).reshape(-1)
    assert (within & (deepest > 0)).sum() > 5000
    assert found[within & (deepest >= 0)].all()
    assert not found[~within | (deepest < -0.011)].any()


def test_what_is_open_or_bent_is_kept_and_encloses_nothing() -> None:
    bent = [(0, 0, 20), (10, 0, 20), (10, 10, 24), (0, 10, 20)]
    found = read(contour(bent), contour(square(0, 5, 0, 5, 20), "OPEN_PLANAR"), contour([(1, 2, 3)], "POINT"))
    (structure,) = found.structures
    assert len(structure.contours) == 3
    assert not structure.encloses
    assert not mask_of(structure, GRID)
    assert found.odd == ("1 contours of GTV that do not lie in a plane enclose nothing",)


def test_points_that_are_no_numbers_are_left_out_and_said() -> None:
    nonsense = item(ContourGeometricType="CLOSED_PLANAR", ContourData=["1", "2", "3", "4"])
    far = contour([(0, 0, 0), (1, 0, 0), (1, 2e6, 0)])
    found = read(nonsense, far, contour(square(0, 10, 0, 10, 20)))
    assert len(found.structures[0].contours) == 1
    assert "a contour without readable points" in found.odd


def test_names_are_exact_or_a_beginning_that_one_alone_has() -> None:
    found = read_structures(
        file_of(
            item(
                SOPClassUID=SOP_CLASS,
                StructureSetROISequence=[
                    item(ROINumber=n, ROIName=name) for n, name in enumerate(("Lung", "Lung L", "Heart"))
                ],
            )
        )
    )
    assert named(found.structures, "Lung").name == "Lung"
    assert named(found.structures, "hea").name == "Heart"
    for wrong, words in (("Lu", "Several begin with 'Lu'"), ("Liver", "There is no region 'Liver'")):
        with pytest.raises(HounsfieldError, match=f"{words}.*'Lung', 'Lung L', 'Heart'"):
            named(found.structures, wrong)


def test_another_object_and_too_many_regions_are_refused() -> None:
    with pytest.raises(Refused) as other:
        read_structures(file_of(item(SOPClassUID="1.2.840.10008.5.1.4.1.1.2")))
    assert other.value.reason is Reason.NOT_A_STRUCTURE_SET
    with pytest.raises(Refused) as many:
        read_structures(structure_set(count=MOST_STRUCTURES + 1))
    assert many.value.reason is Reason.TOO_LARGE


def test_every_cut_of_a_file_is_read_or_refused() -> None:
    data = structure_set(*(contour(square(0, 10, 0, 10, z)) for z in (20, 22.5)))
    for end in range(0, len(data), 7):
        try:
            read_structures(data[:end])
        except Refused:
            continue


@pytest.mark.parametrize("modality", ["PET", "CT", "MR_T1"])
def test_the_tumour_is_the_mask_it_was_made_from_voxel_for_voxel(data_dir: Path, modality: str) -> None:
    import nibabel

    folder = data_dir / "petctmr_sts_006"
    found = read_structures((folder / f"dicom/STS_006/{modality}/mask/RS.dcm").read_bytes())
    image: Any = nibabel.load(folder / f"nifti/STS_006/{modality}_mask.nii.gz")
    to_lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ image.affine
    spacing = np.linalg.norm(to_lps[:3, :3], axis=0)
    axes = [vec(to_lps[:3, n] / spacing[n]) for n in range(3)]
    grid = Grid(vec(to_lps[:3, 3]), (axes[0], axes[1], axes[2]), vec(spacing), image.shape)
    mask = mask_of(found.structures[0], grid)
    assert (mask.array() == (np.asarray(image.dataobj) > 0).transpose(2, 1, 0)).all()
    assert mask.count == GTV[modality].voxels
    assert mask.volume_ml == pytest.approx(GTV[modality].volume_ml, rel=0.001)
