"""Transcoded copies are recognised; anything else is another object."""

from pathlib import Path

import pytest
from pydicom.uid import ImplicitVRLittleEndian, JPEGLSLossless, RLELossless

from tests.cache.made import ct, transcoded
from workstation.cache.same import same_object

SYNTAXES = "transfer_syntaxes/cornerstone/CTImage.dcm_{}.dcm"
EXPLICIT = "LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1"


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, RLELossless, JPEGLSLossless])
def test_a_transcoded_copy_is_the_same(syntax: str) -> None:
    assert same_object(ct(1), transcoded(ct(1), syntax))


@pytest.mark.parametrize(
    "change",
    [
        {"PatientName": "Somebody^Else"},
        {"RescaleIntercept": -1023},
        {"PixelData": bytes(48)},
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"StudyID": "added"},
        {"SliceThickness": None},
        {"PixelRepresentation": 1},
    ],
)
@pytest.mark.parametrize("syntax", [None, RLELossless])
def test_any_difference_makes_another_object(change: dict[str, object], syntax: str | None) -> None:
    other = ct(1, **change)
    assert not same_object(ct(1), transcoded(other, syntax) if syntax else other)


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("LittleEndianImplicitTransferSyntax_1.2.840.10008.1.2", True),
        ("DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99", True),
        ("RLELosslessTransferSyntax_1.2.840.10008.1.2.5", True),
        ("JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57", True),
        ("JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70", True),
        ("JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80", True),
        ("JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90", True),
        ("JPEGLSLossyTransferSyntax_1.2.840.10008.1.2.4.81", False),
        ("JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91", False),
        # Its private numbers were left in the other byte order by whoever wrote it.
        ("BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2", False),
    ],
)
def test_real_copies_by_somebody_elses_transcoder(data_dir: Path, name: str, same: bool) -> None:
    plain = (data_dir / SYNTAXES.format(EXPLICIT)).read_bytes()
    assert same_object(plain, (data_dir / SYNTAXES.format(name)).read_bytes()) is same
