"""Segments with their numbers as other people's programs read them: SEG and SR of TID 1411, written together."""

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from highdicom.sr import Comprehensive3DSR, MeasurementReport
from highdicom.sr.sop import srread
from pydicom import dcmread

from tests.documents.test_seg_write import ball, images, segments
from tests.oracles.orthanc import orthanc
from tests.oracles.pixelmed import complaints
from tests.oracles.test_documents import said_by
from workstation.documents.seg import SEGMENTATION
from workstation.documents.seg_write import write_segmentation
from workstation.documents.sr.read import read_findings
from workstation.documents.sr.volumes import Referred
from workstation.documents.sr.write import Document, written
from workstation.findings.finding import Value
from workstation.findings.segment import Segment
from workstation.findings.segment_values import measured

__all__ = ["images"]
Tool = Callable[[str], Path]
SEG, SERIES = "2.25.7001", "2.25.7002"
MEAN = Value("Mean", 41.25, "HU", "stored voxels of the segment")


class Written:
    """A segmentation that takes the place of one before, and the report that measures its segments."""

    def __init__(self, images: Any, folder: Path) -> None:
        display_set, headers = images
        self.segments: list[Segment] = [
            replace(each, values=(*measured(each.mask), MEAN, replace(MEAN, name="SD", value=3.5)), site="Kidney")
            for each in segments(display_set)
        ]
        self.segments[1] = replace(self.segments[1], origin='copied from "Series of others", made by Net 2')
        self.seg = write_segmentation(self.segments, headers, sop_instance_uid=SEG, supersedes=["2.25.6999"])
        series = str(dcmread(BytesIO(self.seg), stop_before_pixels=True).SeriesInstanceUID)
        referred = [Referred(each, SEGMENTATION, SEG, series, n) for n, each in enumerate(self.segments, 1)]
        first = display_set.first
        document = Document(headers[0], {first.SOPInstanceUID: first}, lambda source: None, segments=referred)
        self.sr = written([], document)
        self.paths = {"seg": folder / "seg.dcm", "sr": folder / "sr.dcm"}
        self.paths["seg"].write_bytes(self.seg)
        self.paths["sr"].write_bytes(self.sr)


@pytest.fixture(scope="module")
def made_here(images: Any, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return Written(images, tmp_path_factory.mktemp("volumes"))


@pytest.mark.parametrize("name", ["seg", "sr"])
def test_each_object_is_as_its_definition_has_it(name: str, made_here: Written, tool: Tool) -> None:
    said = said_by(tool("dciodvfy"), "-new", made_here.paths[name]).splitlines()
    assert [line for line in said if line.startswith(("Error", "Abort"))] == []


def test_the_report_follows_its_template(made_here: Written, tool: Tool) -> None:
    assert complaints(tool("java"), made_here.paths["sr"]) == []


def test_dcmtk_reads_it(made_here: Written, tool: Tool) -> None:
    said = said_by(tool("dsrdump"), "+Pn", made_here.paths["sr"])
    assert not [line for line in said.splitlines() if line[:2] in ("E:", "F:")]
    assert said.count("Referenced Segment") == 3


def test_dcmqi_reads_the_same_numbers_of_the_same_segments(made_here: Written, tool: Tool, tmp_path: Path) -> None:
    target = tmp_path / "read.json"
    said_by(tool("tid1500reader"), "--inputDICOM", made_here.paths["sr"], "--outputMetadata", target)
    groups = json.loads(target.read_text())["Measurements"]
    for number, (group, segment) in enumerate(zip(groups, made_here.segments, strict=True), 1):
        assert (group["TrackingUniqueIdentifier"], group["ReferencedSegment"]) == (segment.tracking_uid, number)
        assert group["segmentationSOPInstanceUID"] == SEG
        assert group["SourceSeriesForImageSegmentation"] == segment.series_instance_uid
        numbers = [float(each["value"]) for each in group["measurementItems"]]
        assert numbers == pytest.approx([each.value for each in segment.values], rel=1e-9)


def test_highdicom_reads_it_back(made_here: Written) -> None:
    document = srread(made_here.paths["sr"])
    assert isinstance(document, Comprehensive3DSR) and isinstance(document.content, MeasurementReport)
    groups = document.content.get_volumetric_roi_measurement_groups()
    for number, (group, segment) in enumerate(zip(groups, made_here.segments, strict=True), 1):
        assert (group.tracking_uid, group.tracking_identifier) == (segment.tracking_uid, segment.title)
        refers = group.referenced_segment
        assert refers is not None and refers.referenced_sop_instance_uid == SEG
        assert number in np.atleast_1d(refers.referenced_segment_numbers or 0)
        assert [each.value for each in group.get_measurements()] == [each.value for each in segment.values]


def test_we_read_it_back_as_it_was(made_here: Written) -> None:
    read = read_findings(made_here.sr, lambda source: None)
    assert read.is_ours and not read.findings and not read.left
    for said, segment in zip(read.segments, made_here.segments, strict=True):
        assert (said.tracking_uid, said.sop_instance_uid) == (segment.tracking_uid, SEG)
        assert (said.number, said.segment_number) == (segment.number, segment.number)
        assert said.values == segment.values and said.site == segment.site


def test_an_archive_keeps_each_byte(made_here: Written, tool: Tool, tmp_path: Path) -> None:
    with orthanc(tool("Orthanc"), tmp_path) as archive:
        for data in (made_here.seg, made_here.sr):
            assert archive.file(archive.store(data)) == data
        assert archive.count("studies") == 1


def test_a_ball_has_the_volume_and_the_axes_that_its_voxels_have(made_here: Written, images: Any) -> None:
    """The rule of voxels: as many as were counted, each of 0.7 x 0.9 x 2.5 mm."""
    grid = images[0].grid
    (volume,) = [each for each in made_here.segments[0].values if each.name == "Volume"]
    assert volume.value == pytest.approx(ball(grid, (17, 20, 4), 9.5).count * 0.7 * 0.9 * 2.5 / 1000, rel=1e-12)
