"""Safety rule 15: header budget before decoding; nesting depth is capped; bombs cost nothing."""

import resource
import sys
from pathlib import Path

import pytest

from tests.cache.made import ct, folder_of
from tests.dicom.test_header import UIDS, deflated, nested, part10
from workstation.cache.importer import import_paths
from workstation.dicom import header, scan
from workstation.errors import Reason, Refused
from workstation.paths import Home

RLE_CLAIM = {"Rows": 65535, "Columns": 65535, "PixelData": bytes(64)}


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def reasons(tmp_path: Path, **files: bytes) -> dict[str, Reason]:
    report = import_paths(Home(tmp_path / "home"), [folder_of(tmp_path / "source", files)])
    return {Path(path).name: reason for path, reason in report.refused}


def test_a_small_file_that_declares_gigabytes_is_refused_and_takes_none(tmp_path: Path) -> None:
    data = ct(1, **RLE_CLAIM)
    assert len(data) < 2000
    before = peak_bytes()
    assert reasons(tmp_path, claim=data, good=ct(2)) == {"claim": Reason.TOO_LARGE}
    assert peak_bytes() - before < 100 << 20


def test_a_hundred_million_frames_are_refused(tmp_path: Path) -> None:
    data = ct(1, Rows=512, Columns=512, NumberOfFrames=100_000_000)
    assert reasons(tmp_path, claim=data) == {"claim": Reason.TOO_LARGE}


def test_what_real_objects_declare_is_taken(tmp_path: Path) -> None:
    tomosynthesis = ct(1, Rows=4096, Columns=3328, NumberOfFrames=90)
    slide = ct(
        2, SOPClassUID="1.2.840.10008.5.1.4.1.1.77.1.6", Rows=512, Columns=512, NumberOfFrames=60_000, SamplesPerPixel=1
    )
    assert reasons(tmp_path, tomosynthesis=tomosynthesis, slide=slide) == {}


def test_a_deflated_bomb_is_refused_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "LARGEST_INFLATED", 8 << 20)
    bomb = deflated(part10(**UIDS), extra=bytes(200 << 20))
    before = peak_bytes()
    with pytest.raises(Refused) as refused:
        header.read_instance(bomb)
    assert refused.value.reason is Reason.TOO_LARGE
    assert peak_bytes() - before < 100 << 20


@pytest.mark.parametrize("defined", [True, False])
def test_nesting_is_capped_at_import(tmp_path: Path, defined: bool) -> None:
    start = ct(1, PixelData=None, Rows=None, Columns=None)
    assert reasons(tmp_path, deep=start + nested(2500, defined), flat=start + nested(10, defined)) == {
        "deep": Reason.TOO_DEEP
    }
