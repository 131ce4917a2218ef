"""Key images written as Key Object Selection and read again."""

from dataclasses import replace
from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr.codedict import codes

from tests.documents.findings_of_all_kinds import IMAGE, SERIES, STUDY, image
from tests.documents.test_sr import source
from workstation.documents import kos
from workstation.documents.made import Place
from workstation.errors import Reason, Refused
from workstation.findings.key_image import KeyImage, Purpose

KEY = KeyImage(STUDY, SERIES, IMAGE)
TEACHING = Purpose.TEACHING


def test_what_is_written_is_read_as_it_was() -> None:
    """An image by name, frames of another by their numbers, in the order they were chosen."""
    pixels = image().pixels
    assert pixels is not None
    many = replace(image("2.25.15"), pixels=replace(pixels, NumberOfFrames=9))
    keys = [KeyImage(STUDY, SERIES, "2.25.15", 6, TEACHING), replace(KEY, purpose=TEACHING)]
    keys.append(KeyImage(STUDY, SERIES, "2.25.15", 0, TEACHING))
    images = {IMAGE: image(), "2.25.15": many}
    data = kos.written(keys, source(), images, Place("2.25.99", 4), kos.TITLES[TEACHING], "Für später")
    read = kos.read_selection(data)
    assert read.keys == tuple(keys) and read.is_ours
    assert read.purpose is TEACHING
    assert (read.title, read.description) == ("For Teaching", "Für später")
    assert (read.series_instance_uid, read.instance_number) == ("2.25.99", 4)
    items = [each for each in dcmread(BytesIO(data)).ContentSequence if each.ValueType == "IMAGE"]
    assert [each.ReferencedSOPSequence[0].get("ReferencedFrameNumber") for each in items] == [7, None, 1]


def test_another_object_is_refused() -> None:
    data = dcmread(BytesIO(kos.written([KEY], source(), {IMAGE: image()})))
    data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.11"
    stream = BytesIO()
    data.save_as(stream)
    with pytest.raises(Refused) as refused:
        kos.read_selection(stream.getvalue())
    assert refused.value.reason is Reason.NOT_A_REPORT


def test_titles_and_reasons_are_those_of_the_standards_lists() -> None:
    """CID 7010 and CID 7011 as pydicom prints them."""
    listed = {each.value: each.meaning for each in (*kos.TITLES.values(), *kos.REASONS)}
    listed |= {each.value: each.meaning for each in (kos.REJECTED_QUALITY, kos.REJECTED_SAFETY, kos.WRONG_ENTRY)}
    known = {
        getattr(codes.DCM, name).value: getattr(codes.DCM, name).meaning
        for cid in (7010, 7011)
        for name in cid_concepts[cid]["DCM"]
    }
    assert listed.items() <= known.items()
    assert set(kos.TITLES) == set(Purpose)


def test_a_rejection_names_its_reason_and_is_no_selection_of_key_images() -> None:
    """TID 2010: the title is modified by a term of CID 7011."""
    data = kos.written([KEY], source(), {IMAGE: image()}, title=kos.REJECTED_QUALITY, reason=kos.REASONS[1])
    read = kos.read_selection(data)
    assert read.purpose is None and read.title == "Rejected for Quality Reasons"
    assert [each.sop_instance_uid for each in read.keys] == [IMAGE]
    first = dcmread(BytesIO(data)).ContentSequence[0]
    assert (first.RelationshipType, first.ConceptNameCodeSequence[0].CodeValue) == ("HAS CONCEPT MOD", "113011")
    assert first.ConceptCodeSequence[0].CodeMeaning == "Motion blur"
