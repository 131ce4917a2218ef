"""Reports of priors: valid objects that other programs read, with the sizes they were given."""

import re
import subprocess
from pathlib import Path

import pydicom
import pytest

from tests.phantom.judges import Tool, dcentvfy_errors, dciodvfy_errors
from workstation.phantom.pdf_page import Line, pdf_page
from workstation.phantom.reports import Followed, mammography_report, trunk_report, write_report
from workstation.phantom.series import PhantomStudy

STUDY = PhantomStudy(study_description="CT Thorax", study_date="20240305")
TRUNK = trunk_report(STUDY, [Followed("solid nodule in the left lower lobe", 10.2), Followed("second nodule", 6.0)])
BREAST = mammography_report(STUDY, [Followed("spiculated mass", 12.76)])


@pytest.mark.parametrize("report", [TRUNK, BREAST], ids=["trunk", "breast"])
def test_validators_find_nothing_wrong(report: object, tmp_path: Path, tool: Tool) -> None:
    write_report(report, tmp_path)
    files = sorted(tmp_path.iterdir())
    assert [dciodvfy_errors(tool, file) for file in files] == [[], []]
    assert dcentvfy_errors(tool, files) == []


def test_dcmtk_reads_what_was_said_with_its_size(tmp_path: Path, tool: Tool) -> None:
    write_report(TRUNK, tmp_path)
    dump = [tool("dsrdump"), "--print-long-values", tmp_path / "SR900_report.dcm"]
    done = subprocess.run(dump, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Basic Text SR Document" in done.stdout
    assert "Solid nodule in the left lower lobe, 10 mm." in done.stdout
    assert "Second nodule, 6 mm." in done.stdout
    assert "VERIFIED" in done.stdout


def test_a_mammography_report_names_the_side_and_rounds_the_size() -> None:
    assert "Left breast: spiculated mass, 13 mm." in BREAST.findings
    assert not any("mass, 13" in each for each in BREAST.findings if each.startswith("Right"))


def test_the_document_is_the_page_with_the_same_words(tmp_path: Path) -> None:
    write_report(TRUNK, tmp_path)
    document = pydicom.dcmread(tmp_path / "DOC901_report.dcm")
    page = document.EncapsulatedDocument[: document.EncapsulatedDocumentLength]
    assert document.MIMETypeOfEncapsulatedDocument == "application/pdf"
    assert page.startswith(b"%PDF-1.4") and page.endswith(b"%%EOF\n")
    assert b"10 mm" in page and b"Demo" not in document.DocumentTitle.encode()
    assert document.StudyInstanceUID == STUDY.study_instance_uid


def test_the_table_of_a_page_says_where_its_objects_begin() -> None:
    page = pdf_page([Line("a (b) \\ c"), Line("é"), Line("語")], "title")
    start = int(re.search(rb"startxref\n(\d+)\n", page)[1])
    assert page[start : start + 4] == b"xref"
    offsets = [int(each) for each in re.findall(rb"(\d{10}) 00000 n ", page[start:])]
    assert len(offsets) == 7
    for number, offset in enumerate(offsets, start=1):
        assert page[offset:].startswith(b"%d 0 obj\n" % number)
    stream = re.search(rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", page, re.DOTALL)
    assert int(stream[1]) == len(stream[2])
    assert rb"(a \(b\) \\ c)" in page and b"(\xe9)" in page and b"(?)" in page
