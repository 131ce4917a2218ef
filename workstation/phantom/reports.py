"""Reports of the demo patient's earlier studies, as Basic Text SR (PS3.3 A.35.1) and Encapsulated PDF (A.45.1).

What they say follows from what was painted: sizes are those of the phantom. The SR is built with pydicom: highdicom
writes the richer kinds only and wants the images themselves as evidence.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import BasicTextSRStorage, EncapsulatedPDFStorage

from workstation.phantom.objects import coded, new_object, save
from workstation.phantom.pdf_page import Line, pdf_page
from workstation.phantom.series import PhantomStudy

READER: Final = "Reader^Demo"
ORGANISATION: Final = "Hounsfield demo hospital"
SR_SERIES: Final = 900
PDF_SERIES: Final = 901
LETTERS_A_LINE: Final = 88


@dataclass(frozen=True)
class Report:
    """What was said of a study: plain sentences under the usual headings."""

    study: PhantomStudy
    title: str
    indication: str
    procedure: str
    findings: tuple[str, ...]
    impression: tuple[str, ...]

    @property
    def text(self) -> str:
        """All sentences, one a line."""
        return "\n".join((self.title, self.indication, self.procedure, *self.findings, *self.impression))


@dataclass(frozen=True)
class Followed:
    """A finding that a report gives the size of: "nodule in the left lower lobe"."""

    what: str
    diameter_mm: float

    @property
    def size(self) -> str:
        return f"{self.diameter_mm:.0f} mm"

    @property
    def sentence(self) -> str:
        return f"{self.what[0].upper()}{self.what[1:]}, {self.size}."


def trunk_report(study: PhantomStudy, followed: Sequence[Followed]) -> Report:
    """The report of a CT of chest, abdomen and pelvis whose lesions are `followed`."""
    return Report(
        study,
        "CT of chest, abdomen and pelvis with contrast medium",
        "Colon carcinoma, resected in 2023. Restaging.",
        "Helical CT in the portal venous phase after intravenous iodinated contrast medium.",
        (
            *(each.sentence for each in followed),
            "No pleural effusion. The airways are open. Heart and great vessels of normal size.",
            "Spleen, pancreas, adrenal glands and kidneys without focal lesion. No ascites.",
            "No suspicious bone lesion. Degenerative changes of the spine.",
        ),
        (
            f"{followed[0].sentence[:-1]}, and {followed[1].what}, {followed[1].size}: suspicious of metastases.",
            "Follow-up CT is advised.",
        ),
    )


def mammography_report(study: PhantomStudy, followed: Sequence[Followed]) -> Report:
    """The report of a screening mammography whose findings are `followed`."""
    return Report(
        study,
        "Screening mammography, both breasts, two views",
        "Screening. No complaint, no family history.",
        "Craniocaudal and mediolateral oblique view of both breasts.",
        (
            "Scattered fibroglandular density (ACR B).",
            "Right breast: no mass, no suspicious calcification, no distortion.",
            *(f"Left breast: {each.what}, {each.size}." for each in followed),
            "Axillary lymph nodes as far as shown without abnormality.",
        ),
        ("Right BI-RADS 1. Left BI-RADS 3: control in one year.",),
    )


def write_report(report: Report, folder: Path) -> None:
    """Write the report into `folder`, once as SR and once as PDF."""
    save(text_sr(report), folder, "SR900_report")
    save(encapsulated_pdf(report), folder, "DOC901_report")


# ------------------------------------------------------------------------ SR


def text_sr(report: Report) -> FileDataset:
    """The report as Basic Text SR by TID 2000 (PS3.16), complete and verified."""
    dataset = new_object(report.study, BasicTextSRStorage, "SR", SR_SERIES, "Report", report.text)
    dataset.InstanceNumber = 1
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.PerformedProcedureCodeSequence = []
    dataset.CompletionFlag = "COMPLETE"
    dataset.VerificationFlag = "VERIFIED"
    dataset.VerifyingObserverSequence = [_verifier(report)]
    dataset.update(_container(coded("18748-4", "LN", "Diagnostic imaging report"), None))
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "2000"
    dataset.ContentTemplateSequence = [template]
    dataset.ContentSequence = [*_context(), *_chapters(report)]
    return dataset


def _verifier(report: Report) -> Dataset:
    item = Dataset()
    item.VerifyingObserverName = READER
    item.VerifyingObserverIdentificationCodeSequence = []
    item.VerifyingOrganization = ORGANISATION
    item.VerificationDateTime = f"{report.study.study_date}{report.study.study_time}"
    return item


def _context() -> list[Dataset]:
    """In which language, and who speaks (TID 1204, TID 1002)."""
    language = _item("CODE", "HAS CONCEPT MOD", coded("121049", "DCM", "Language of Content Item and Descendants"))
    language.ConceptCodeSequence = [coded("en", "RFC5646", "English")]
    kind = _item("CODE", "HAS OBS CONTEXT", coded("121005", "DCM", "Observer Type"))
    kind.ConceptCodeSequence = [coded("121006", "DCM", "Person")]
    person = _item("PNAME", "HAS OBS CONTEXT", coded("121008", "DCM", "Person Observer Name"))
    person.PersonName = READER
    return [language, kind, person]


def _chapters(report: Report) -> list[Dataset]:
    """Headings of CID 7001, and under each what is said, as elements of CID 7002."""
    history = coded("121060", "DCM", "History")
    chapters = (
        (history, history, (report.indication,)),
        (coded("121064", "DCM", "Current Procedure Descriptions"), coded("121065", "DCM", "Procedure Description"),
         (report.procedure,)),
        (coded("121070", "DCM", "Findings"), coded("121071", "DCM", "Finding"), report.findings),
        (coded("121072", "DCM", "Impressions"), coded("121073", "DCM", "Impression"), report.impression),
    )  # fmt: skip
    return [_chapter(heading, element, sentences) for heading, element, sentences in chapters]


def _chapter(heading: Dataset, element: Dataset, sentences: Sequence[str]) -> Dataset:
    chapter = _container(heading, "CONTAINS")
    chapter.ContentSequence = []
    for sentence in sentences:
        text = _item("TEXT", "CONTAINS", element)
        text.TextValue = sentence
        chapter.ContentSequence.append(text)
    return chapter


def _container(name: Dataset, relationship: str | None) -> Dataset:
    container = _item("CONTAINER", relationship, name)
    container.ContinuityOfContent = "SEPARATE"
    return container


def _item(value_type: str, relationship: str | None, name: Dataset) -> Dataset:
    """A content item (PS3.3 C.17.3); the root has no relationship."""
    item = Dataset()
    if relationship is not None:
        item.RelationshipType = relationship
    item.ValueType = value_type
    item.ConceptNameCodeSequence = [name]
    return item


# ----------------------------------------------------------------------- PDF


def encapsulated_pdf(report: Report) -> FileDataset:
    """The same report as a page (PS3.3 C.24.2)."""
    page = pdf_page(_page_lines(report), report.title)
    dataset = new_object(report.study, EncapsulatedPDFStorage, "DOC", PDF_SERIES, "Report as PDF", page.hex())
    dataset.ConversionType = "WSD"
    dataset.InstanceNumber = 1
    dataset.AcquisitionDateTime = f"{report.study.study_date}{report.study.study_time}"
    dataset.BurnedInAnnotation = "YES"
    dataset.DocumentTitle = report.title
    dataset.ConceptNameCodeSequence = [coded("18748-4", "LN", "Diagnostic imaging report")]
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocumentLength = len(page)
    dataset.EncapsulatedDocument = page + b"\0" * (len(page) % 2)
    return dataset


def _page_lines(report: Report) -> list[Line]:
    """The words of the page: who, what, and the chapters."""
    study = report.study
    date = f"{study.study_date[:4]}-{study.study_date[4:6]}-{study.study_date[6:]}"
    born = f"{study.patient_birth_date[:4]}-{study.patient_birth_date[4:6]}-{study.patient_birth_date[6:]}"
    last, _, first = study.patient_name.partition("^")
    lines = [
        Line(ORGANISATION, 9.0),
        Line(report.title, 16.0, bold=True, above_pt=14.0),
        Line(f"{last}, {first}   born {born}   ID {study.patient_id}", above_pt=12.0),
        Line(f"Study of {date}   {study.study_description}   {study.accession_number}"),
    ]
    chapters = (
        ("Indication", (report.indication,)),
        ("Procedure", (report.procedure,)),
        ("Findings", report.findings),
        ("Impression", report.impression),
    )
    for heading, sentences in chapters:
        lines.append(Line(heading, 11.5, bold=True, above_pt=16.0))
        lines += [Line(part) for sentence in sentences for part in textwrap.wrap(sentence, LETTERS_A_LINE)]
    reader = " ".join(reversed(READER.split("^")))
    return [*lines, Line(f"Read and signed by {reader}, {date}", 9.0, above_pt=24.0)]
