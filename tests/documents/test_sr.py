"""Findings as SR and back: every kind, in the patient and in pixels, by the codes of PS3.16."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.documents.findings_of_all_kinds import (
    COLUMN_MM,
    IMAGE,
    ROW_MM,
    SPACE,
    STUDY,
    all_kinds,
    ground_of,
    image,
    of_kind,
)
from workstation.documents.made import Place
from workstation.documents.sr.places import as_saved
from workstation.documents.sr.read import read_findings
from workstation.documents.sr.write import Document, written
from workstation.errors import Reason, Refused
from workstation.findings.finding import Kind, Source

SPACES = [(SPACE, True), (STUDY, True), (None, False)]


def source(**more: Any) -> Dataset:
    """The header of an image that findings are drawn on."""
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 100"
    made.PatientName, made.PatientID, made.PatientBirthDate = "Sør^Åse", "ID-1", "19600102"
    made.PatientSex, made.StudyInstanceUID, made.Modality = "F", STUDY, "CT"
    for keyword, value in more.items():
        setattr(made, keyword, value)
    return made


def document(space: str | None, spaced: bool, **more: Any) -> Document:
    instance = image(spaced=spaced, frame_of_reference="" if space == STUDY else SPACE)
    return Document(source(), {IMAGE: instance}, ground_of(instance, space), **more)


def items(dataset: Dataset) -> Iterator[Dataset]:
    for item in dataset.get("ContentSequence", ()):
        yield item
        yield from items(item)


def named(dataset: Dataset, value: str) -> list[Dataset]:
    return [each for each in items(dataset) if each.ConceptNameCodeSequence[0].CodeValue == value]


@pytest.mark.parametrize(("space", "spaced"), SPACES)
def test_what_is_written_is_read_as_it_was(space: str | None, spaced: bool) -> None:
    """But for single precision, in which SCOORD keeps points; saved again it is the same to the last bit."""
    about = document(space, spaced, observer="Reader^Test")
    findings = all_kinds(about.images[IMAGE], space)
    assert {each.kind for each in findings} == set(Kind)
    once = read_findings(written(findings, about), about.ground_of)
    assert once.is_ours and once.left == ()
    assert list(once.findings) == [as_saved(each, about.ground_of) for each in findings]
    again = read_findings(written(once.findings, about), about.ground_of)
    assert again.findings == once.findings
    for given, read in zip(findings, once.findings, strict=True):
        if given.kind not in (Kind.ELLIPSE, Kind.BIDIRECTIONAL):
            assert np.allclose(given.points, read.points, atol=5e-5)


def test_points_in_pixels_count_from_the_corner() -> None:
    """PS3.3 C.18.6.1.1: the centre of the first pixel is (0.5, 0.5)."""
    about = document(None, False)
    length = of_kind(Kind.LENGTH, 1, about.images[IMAGE], None)
    data = dcmread(BytesIO(written([replace(length, points=((0.0, 0.0, 0.0), (9.0, 4.25, 0.0)))], about)))
    (line,) = [each for each in items(data) if each.ValueType == "SCOORD"]
    assert list(line.GraphicData) == [0.5, 0.5, 9.5, 4.75]
    assert line.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == IMAGE


def test_points_in_the_patient_name_their_space() -> None:
    about = document(SPACE, True)
    data = dcmread(BytesIO(written([of_kind(Kind.RECTANGLE, 1, about.images[IMAGE], SPACE)], about)))
    (region,) = [each for each in items(data) if each.ValueType == "SCOORD3D"]
    assert (region.GraphicType, region.ReferencedFrameOfReferenceUID) == ("POLYGON", SPACE)
    corners = np.reshape(region.GraphicData, (-1, 3))
    assert len(corners) == 5 and np.array_equal(corners[0], corners[-1])
    across = np.asarray((0.8, 0.6, 0.0)) * 20 * COLUMN_MM
    assert np.allclose(corners[1] - corners[0], across, atol=1e-4)


def test_without_a_frame_of_reference_points_lie_on_their_image() -> None:
    """What lies beside the image could be told by nobody: it is refused, not moved."""
    about = document(STUDY, True)
    length = of_kind(Kind.LENGTH, 1, about.images[IMAGE], STUDY)
    data = dcmread(BytesIO(written([length], about)))
    assert [each.ValueType for each in items(data) if each.ValueType.startswith("SCOORD")] == ["SCOORD"]
    x, y, z = length.points[0]
    off = replace(length, points=((x, y, z + 0.5), length.points[1]))
    with pytest.raises(Refused) as refused:
        written([off], about)
    assert refused.value.reason is Reason.NO_FRAME


def test_numbers_have_the_codes_and_units_of_the_standard() -> None:
    """Sizes of the rectangle from its corners: 20 columns of 0.5 mm by 5.5 rows of 0.7 mm."""
    about = document(SPACE, True)
    data = dcmread(BytesIO(written([of_kind(Kind.RECTANGLE, 1, about.images[IMAGE], SPACE)], about)))
    (area,), (width,) = named(data, "42798000"), named(data, "103355008")
    measured = area.MeasuredValueSequence[0]
    assert measured.MeasurementUnitsCodeSequence[0].CodeValue == "mm2"
    assert measured.FloatingPointValue == pytest.approx(20 * COLUMN_MM * 5.5 * ROW_MM, abs=1e-9)
    assert width.MeasuredValueSequence[0].FloatingPointValue == pytest.approx(5.5 * ROW_MM, abs=1e-9)
    hounsfield = named(data, "112031")
    told = {each.ContentSequence[0].ConceptCodeSequence[0].CodeValue for each in hounsfield}
    assert told == {"373098007", "386136009", "255605001", "56851009", "373099004"}
    assert hounsfield[0].MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue == "[hnsf'U]"


def test_what_lies_at_the_detector_says_so() -> None:
    """safety.md 8: its millimetres are not those of the patient."""
    about = document(None, False)
    length = of_kind(Kind.LENGTH, 1, about.images[IMAGE], None)
    flat = replace(length, values=(replace(length.values[0], unit="mm at detector"),))
    data = written([flat], about)
    (number,) = named(dcmread(BytesIO(data)), "410668003")
    assert number.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue == "mm"
    methods = [each.ConceptCodeSequence[0].CodeMeaning for each in number.ContentSequence if each.ValueType == "CODE"]
    assert methods == ["In the plane of the detector"]
    assert read_findings(data, about.ground_of).findings[0].values[0].unit == "mm at detector"


def test_an_ellipse_stretched_by_its_pixels_is_the_same_ellipse() -> None:
    """Turned by 30 degrees in mm, its axes are not square in pixels; SCOORD wants axes that are (C.18.6.1.2)."""
    about = document(None, False)
    turned = []
    for radius, turn in ((10.0, 30.0), (-10.0, 30.0), (6.0, 120.0), (-6.0, 120.0)):
        x, y = radius * np.cos(np.radians(turn)), radius * np.sin(np.radians(turn))
        turned.append((60.0 + float(x) / COLUMN_MM, 50.0 + float(y) / ROW_MM, 0.0))
    ellipse = replace(of_kind(Kind.ELLIPSE, 1, about.images[IMAGE], None), points=tuple(turned))
    (read,) = read_findings(written([ellipse], about), about.ground_of).findings
    one, other = np.subtract(read.points[1], read.points[0]), np.subtract(read.points[3], read.points[2])
    assert abs(float(one @ other)) < 1e-3 * np.linalg.norm(one) * np.linalg.norm(other)
    assert np.linalg.norm(one) >= np.linalg.norm(other)
    millimetres = np.array([[COLUMN_MM], [ROW_MM]])
    axes = np.column_stack([one[:2] / 2, other[:2] / 2]) * millimetres
    assert np.allclose(np.linalg.svd(axes, compute_uv=False), [10.0, 6.0], atol=1e-4)


def test_whose_it_is_stands_as_the_image_has_it() -> None:
    about = document(SPACE, True)
    finding = of_kind(Kind.LENGTH, 1, about.images[IMAGE], SPACE)
    data = dcmread(BytesIO(written([replace(finding, name="Größe")], about)))
    assert data.SpecificCharacterSet == "ISO_IR 100"
    assert str(data.PatientName) == "Sør^Åse" and data.PatientID == "ID-1" and data.StudyDate == ""
    wide = dcmread(BytesIO(written([replace(finding, name="Печень")], about)))
    assert wide.SpecificCharacterSet == "ISO_IR 192" and str(wide.PatientName) == "Sør^Åse"
    assert (
        read_findings(written([replace(finding, name="Печень")], about), about.ground_of).findings[0].name == "Печень"
    )


def test_a_later_document_names_the_one_before() -> None:
    about = document(SPACE, True)
    finding = of_kind(Kind.LENGTH, 1, about.images[IMAGE], SPACE)
    first = dcmread(BytesIO(written([finding], about)))
    place = Place(first.SeriesInstanceUID, 2)
    second = read_findings(written([finding], replace(about, supersedes=(first,), place=place)), about.ground_of)
    assert second.supersedes == (first.SOPInstanceUID,)
    assert (second.series_instance_uid, second.instance_number) == (first.SeriesInstanceUID, 2)
    assert second.sop_instance_uid != first.SOPInstanceUID


def test_other_frames_of_one_object_are_told_apart() -> None:
    about = document(None, False)
    many = replace(image(spaced=False), pixels=replace(image().pixels, NumberOfFrames=9))  # type: ignore[type-var]
    about = replace(about, images={IMAGE: many})
    length = replace(of_kind(Kind.LENGTH, 1, image(spaced=False), None), sources=(Source(IMAGE, 6),))
    (read,) = read_findings(written([length], about), about.ground_of).findings
    assert read.sources == (Source(IMAGE, 6),)


def test_another_object_is_refused() -> None:
    about = document(SPACE, True)
    data = dcmread(BytesIO(written([of_kind(Kind.LENGTH, 1, about.images[IMAGE], SPACE)], about)))
    data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.59"
    stream = BytesIO()
    data.save_as(stream)
    with pytest.raises(Refused) as refused:
        read_findings(stream.getvalue(), about.ground_of)
    assert refused.value.reason is Reason.NOT_A_REPORT


def test_third_party_findings_are_read_by_their_codes(data_dir: Any) -> None:
    """highdicom's examples: a circle with an area; what has no place on an image is named."""
    folder = data_dir / "derived_objects" / "highdicom"
    one = read_findings((folder / "sr_document.dcm").read_bytes(), lambda source: None)
    assert not one.is_ours
    (spine,) = one.findings
    assert (spine.name, spine.site, spine.kind) == ("Spinal cord", "Cervico-thoracic spine", Kind.ELLIPSE)
    assert [(each.name, each.value, each.unit) for each in spine.values] == [("Area", 1.7, "cm²")]
    assert spine.document_uid == one.sop_instance_uid and spine.text == "Planar ROI Measurements"
    many = read_findings((folder / "sr_document_with_multiple_groups.dcm").read_bytes(), lambda source: None)
    assert many.left == ("Image0001",)
    found = {each.name: each for each in many.findings}
    assert {name: each.kind for name, each in found.items()} == {
        "Nodule": Kind.ELLIPSE, "Aorta": Kind.POLYLINE, "Vertebra": Kind.TEXT,
    }  # fmt: skip
    assert [(each.name, each.value, each.unit) for each in found["Vertebra"].values] == [("Volume", 200.0, "mm³")]
    assert "Level of Significance: Not significant" in found["Nodule"].text
