"""Reports are read as they were written: the demo's own, and those that other programs wrote, by pydicom's reading."""

from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.filebase import DicomBytesIO

from workstation.cache.importer import import_paths
from workstation.documents.reports import MOST_LINES, Line, read_report, reports_of
from workstation.errors import Reason, Refused
from workstation.paths import Home
from workstation.phantom.reports import Followed, encapsulated_pdf, text_sr, trunk_report, write_report
from workstation.phantom.trunk import ADA

REPORT = trunk_report(ADA, [Followed("nodule in the left lower lobe", 9.0), Followed("lesion in segment VII", 14.0)])
SHARED = ("highdicom/sr_document.dcm", "highdicom/sr_document_with_multiple_groups.dcm", "pydicom/test-SR.dcm")


def as_bytes(dataset: FileDataset) -> bytes:
    written = DicomBytesIO()
    dataset.save_as(written, enforce_file_format=True)
    return bytes(written.parent.getvalue())


def content(dataset: Dataset) -> Iterator[Dataset]:
    """All items below this one, as pydicom reads them."""
    for item in dataset.get("ContentSequence", ()):
        yield item
        yield from content(item)


def test_every_sentence_of_the_demos_report_stands_under_its_heading() -> None:
    read = read_report(as_bytes(text_sr(REPORT)))
    assert (read.title, read.study_instance_uid) == ("Diagnostic imaging report", ADA.study_instance_uid)
    assert read.status == "Complete, verified by Reader Demo"
    headings = [line.name for line in read.lines if line.heading]
    assert headings == ["History", "Current Procedure Descriptions", "Findings", "Impressions"]
    said = [line.text for line in read.lines if not line.heading and not line.context]
    assert said == [REPORT.indication, REPORT.procedure, *REPORT.findings, *REPORT.impression]
    assert Line(1, "Person Observer Name", "Reader Demo", context=True) in read.lines


@pytest.mark.parametrize("name", SHARED)
def test_nothing_that_others_wrote_is_left_out(name: str, data_dir: Path) -> None:
    data = (data_dir / "derived_objects" / name).read_bytes()
    items = list(content(pydicom.dcmread(data_dir / "derived_objects" / name)))
    read = read_report(data)
    assert len(items) == len(read.lines) > 0
    for item, line in zip(items, read.lines, strict=True):
        if "ConceptNameCodeSequence" in item:
            assert line.name == str(item.ConceptNameCodeSequence[0].CodeMeaning)
        if item.get("ValueType") == "TEXT":
            assert line.text.split() == str(item.TextValue).split()
        if item.get("ValueType") == "CODE":
            assert line.text == str(item.ConceptCodeSequence[0].CodeMeaning)
        if item.get("ValueType") == "NUM" and item.MeasuredValueSequence:
            assert float(line.text.split()[0]) == pytest.approx(float(item.MeasuredValueSequence[0].NumericValue), 1e-5)


def test_a_pdf_says_that_its_pages_are_not_shown() -> None:
    read = read_report(as_bytes(encapsulated_pdf(REPORT)))
    assert (read.title, read.lines) == (REPORT.title, ()) and "not shown" in read.status


def test_an_endless_report_is_cut_and_says_so() -> None:
    long = trunk_report(ADA, [Followed("nodule", 9.0), *[Followed("lesion", 4.0)] * (MOST_LINES + 100)])
    read = read_report(as_bytes(text_sr(long)))
    assert len(read.lines) == MOST_LINES + 1 and "goes on" in read.lines[-1].text


def test_what_is_no_report_is_refused(data_dir: Path) -> None:
    other = text_sr(REPORT)
    other.SOPClassUID = other.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.88.59"
    with pytest.raises(Refused) as refused:
        read_report(as_bytes(other))
    assert refused.value.reason is Reason.NOT_A_REPORT


def test_reports_of_a_cached_study(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_report(REPORT, tmp_path / "in")
    home = Home(tmp_path / "home").create()
    import_paths(home, [tmp_path / "in"])
    found = reports_of(home, [ADA.study_instance_uid, "1.2.3"])
    assert [(each.study_date, bool(each.lines)) for each in found] == [(ADA.study_date, True), (ADA.study_date, False)]
