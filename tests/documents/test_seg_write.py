"""Segmentations written: valid, and the same segments again for us, highdicom, dcmqi and an archive."""

import os
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.sr.codedict import codes

from tests.documents.test_seg import by_highdicom, label_image
from tests.oracles.orthanc import orthanc
from tests.phantom.judges import Tool, dciodvfy_errors
from workstation import __version__
from workstation.dicom.header import read_instance
from workstation.documents.seg import Segmentation, read_segmentation
from workstation.documents.seg_write import write_segmentation
from workstation.documents.segment_terms import terms_for
from workstation.errors import Reason, Refused
from workstation.findings.segment import COLOURS, Algorithm, Segment
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Mask
from workstation.phantom.dicom import encoded
from workstation.phantom.grid import Grid as PhantomGrid
from workstation.phantom.series import PhantomSeries

SHAPE = (9, 40, 52)
KINDS = ("binary", "label map", "probability", "fractional")


@pytest.fixture(scope="module")
def images() -> tuple[DisplaySet, list[Any]]:
    """A small CT whose images are read against the direction in which they are stacked, and their headers."""
    voxels = np.zeros(SHAPE, np.int16)
    series = PhantomSeries(voxels, PhantomGrid(SHAPE, (-20.0, -31.0, 70.0), (0.7, 0.9), 2.5), reverse_order=True)
    files = list(encoded(series))
    (display_set,) = display_sets([read_instance(each) for each in files])
    headers = {str(d.SOPInstanceUID): d for d in (pydicom.dcmread(BytesIO(each)) for each in files)}
    return display_set, [headers[ref.instance.SOPInstanceUID] for ref in display_set.images]


def ball(grid: Grid, center: tuple[int, int, int], radius: float) -> Mask:
    k, j, i = np.ogrid[tuple(slice(0, each) for each in grid.size[::-1])]
    return Mask.of(grid, (i - center[0]) ** 2 + (j - center[1]) ** 2 + (3 * (k - center[2])) ** 2 <= radius**2)


def segment(display_set: DisplaySet, number: int, name: str, mask: Mask, algorithm: Algorithm) -> Segment:
    first = display_set.first
    return Segment(
        tracking_uid=f"2.25.{1000 + number}",
        number=number,
        mask=mask,
        study_instance_uid=first.StudyInstanceUID,
        series_instance_uid=first.SeriesInstanceUID,
        frame_of_reference_uid=first.FrameOfReferenceUID,
        colour=COLOURS[number],
        name=name,
        author="Reader^Demo",
        algorithm=algorithm,
        algorithm_name="" if algorithm is Algorithm.MANUAL else "Region growing",
    )


def segments(display_set: DisplaySet, overlapping: bool = False) -> list[Segment]:
    grid = display_set.grid
    assert grid is not None
    second = (25, 17, 5) if overlapping else (38, 17, 5)
    return [
        segment(display_set, 1, "Left kidney", ball(grid, (17, 20, 4), 9.5), Algorithm.MANUAL),
        segment(display_set, 2, "Cyst", ball(grid, second, 7.5), Algorithm.SEMIAUTOMATIC),
        segment(display_set, 3, "Leber, größer", ball(grid, (8, 33, 2), 4.5), Algorithm.AUTOMATIC),
    ]


def back(data: bytes, grid: Grid | None) -> Segmentation:
    return read_segmentation(data, [grid] if grid else [])


@pytest.mark.parametrize("overlapping", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read_again(images: Any, kind: str, overlapping: bool) -> None:
    display_set, headers = images
    ours = segments(display_set, overlapping)
    if kind == "label map" and overlapping:
        with pytest.raises(Refused) as refused:
            write_segmentation(ours, headers, kind)
        assert refused.value.reason is Reason.CONFLICT
        return
    found = back(write_segmentation(ours, headers, kind), display_set.grid)
    assert found.kind == kind
    assert found.odd == ()
    assert found.made_by == {2: f"Region growing {__version__}", 3: f"Region growing {__version__}"}
    for one, other in zip(ours, found.segments, strict=True):
        assert one.mask == other.mask
        same = ("number", "name", "colour", "tracking_uid", "algorithm", "study_instance_uid", "series_instance_uid")
        assert [getattr(one, each) for each in same] == [getattr(other, each) for each in same]
        assert other.algorithm_name == one.algorithm_name
        assert found.terms[one.number] == terms_for(one.name)


@pytest.mark.parametrize("kind", KINDS)
def test_highdicom_reads_the_same_voxels(images: Any, kind: str) -> None:
    display_set, headers = images
    ours = segments(display_set)
    data = write_segmentation(ours, headers, kind)
    for each in ours:
        assert (by_highdicom(data, each.number, each.mask.grid) == each.mask.array()).all()


def test_shares_come_back_to_a_255th(images: Any) -> None:
    display_set, headers = images
    ours = segments(display_set)[:1]
    share = np.linspace(0, 1, int(np.prod(SHAPE))).reshape(SHAPE)
    found = back(write_segmentation(ours, headers, "probability", shares={1: share}), display_set.grid)
    inside = slice(*(ours[0].mask.box or [slice(0, 0)])[0].indices(SHAPE[0])[:2])
    assert found.fraction(1)[inside] == pytest.approx(share[inside], abs=0.5 / 255 + 1e-6)


@pytest.mark.parametrize("kind", ["binary", "probability", "fractional"])
def test_validator_finds_nothing_wrong(images: Any, kind: str, tmp_path: Path, tool: Tool) -> None:
    display_set, headers = images
    path = tmp_path / "seg.dcm"
    path.write_bytes(write_segmentation(segments(display_set), headers, kind))
    assert dciodvfy_errors(tool, path) == []


@pytest.mark.parametrize("kind", ["binary", "label map"])
def test_dcmqi_writes_the_same_label_images(
    images: Any, kind: str, tmp_path: Path, tool: Callable[[str], Path]
) -> None:
    display_set, headers = images
    ours = segments(display_set)
    path = tmp_path / "seg.dcm"
    path.write_bytes(write_segmentation(ours, headers, kind))
    program = tool("segimage2itkimage")
    command = [program, "--inputDICOM", path, "--outputDirectory", tmp_path, "--outputType", "nrrd"]
    done = subprocess.run(command, capture_output=True, timeout=60, env=os.environ | {"PYTHONPATH": ""})
    assert done.returncode == 0, done.stdout + done.stderr
    written = [label_image(each, ours[0].mask.grid) for each in sorted(tmp_path.glob("*.nrrd"))]
    together = np.maximum.reduce(written)
    for each in ours:
        assert ((together == each.number) == each.mask.array()).all()


def test_an_archive_gives_it_back(images: Any, tmp_path: Path, tool: Callable[[str], Path]) -> None:
    display_set, headers = images
    ours = segments(display_set)
    with orthanc(tool("Orthanc"), tmp_path) as archive:
        for kind in ("binary", "label map"):
            kept = archive.file(archive.store(write_segmentation(ours, headers, kind)))
            found = back(kept, display_set.grid)
            assert [each.mask for each in found.segments] == [each.mask for each in ours]
        assert archive.count("studies") == 1


def test_nothing_set_and_images_that_do_not_fit_are_refused(images: Any) -> None:
    display_set, headers = images
    ours = segments(display_set)
    empty = segment(display_set, 1, "Nothing", Mask.empty(ours[0].mask.grid), Algorithm.MANUAL)
    for wrong, given, reason in (([empty], headers, Reason.NOTHING_ENCLOSED), (ours, headers[1:], Reason.NO_GEOMETRY)):
        with pytest.raises(Refused) as refused:
            write_segmentation(wrong, given)
        assert refused.value.reason is reason


def test_terms_are_those_printed_in_the_standard() -> None:
    import tomllib

    from workstation import paths

    listed = {value.value for value in (getattr(codes.SCT, name) for name in codes.SCT.dir())}
    groups = tomllib.loads((paths.resources() / "segment_terms.toml").read_text())
    categories = {getattr(codes.cid7150, name).value for name in codes.cid7150.dir()}
    for group in groups.values():
        assert group["category"][0] in categories
        assert set(group["types"].values()) <= listed


@pytest.mark.parametrize(
    ("name", "category", "meaning"),
    [
        ("Left kidney", "Anatomical Structure", "Kidney"),
        ("Lt Lung", "Anatomical Structure", "Lung"),
        ("lower lobe of left lung", "Anatomical Structure", "Lower lobe of lung"),
        ("GTV_Mass_PET", "Morphologically Abnormal Structure", "Neoplasm"),
        ("ribs", "Anatomical Structure", "Rib"),
        ("Segment 3", "Tissue", "Tissue"),
        ("", "Tissue", "Tissue"),
    ],
)
def test_terms_by_the_words_of_a_name(name: str, category: str, meaning: str) -> None:
    found = terms_for(name)
    assert (found.category.meaning, found.type.meaning) == (category, meaning)
