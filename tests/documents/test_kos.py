"""Key images written as Key Object Selection and read again."""

from dataclasses import replace
from io import BytesIO

import pytest
from pydicom import dcmread

from tests.documents.findings_of_all_kinds import IMAGE, SERIES, STUDY, image
from tests.documents.test_sr import source
from workstation.documents import kos
from workstation.documents.made import Place
from workstation.errors import Reason, Refused
from workstation.findings.key_image import KeyImage

KEY = KeyImage(STUDY, SERIES, IMAGE)


def test_what_is_written_is_read_as_it_was() -> None:
    """An image by name, frames of another by their numbers, in the order they were chosen."""
    pixels = image().pixels
    assert pixels is not None
    many = replace(image("2.25.15"), pixels=replace(pixels, NumberOfFrames=9))
    keys = [KeyImage(STUDY, SERIES, "2.25.15", 6), KEY, KeyImage(STUDY, SERIES, "2.25.15", 0)]
    images = {IMAGE: image(), "2.25.15": many}
    data = kos.written(keys, source(), images, Place("2.25.99", 4), kos.TITLES["for-teaching"], "Für später")
    read = kos.read_selection(data)
    assert read.keys == tuple(keys) and read.is_ours
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
