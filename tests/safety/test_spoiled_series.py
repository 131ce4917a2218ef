"""Spoiled headers reach the display sets as some image or as a refusal, never as an exception (safety.md 10, 15)."""

from pathlib import Path
from random import Random

import pytest

from workstation.dicom import header
from workstation.dicom.entities import Instance
from workstation.errors import Refused
from workstation.imaging.displaysets import display_sets

FILES = (
    "enhanced_multiframe/MOVEKNEE.dcm",
    "enhanced_multiframe/legacy_converted_ct_24x38x3/multiframe/mf.dcm",
    "enhanced_multiframe/siemens_mosaic_axasc35/MR.1.3.12.2.1107.5.2.32.35131.2014031012493950715786673",
    "derived_objects/dcmqi/partial_overlaps.dcm",
    "rt_dicompyler/rtdose.dcm",
    "xray_xa_nm/NM-MONO2-16-13x-heart.dcm",
)


def spoiled(data: bytes, random: Random, size: int) -> bytes:
    """Numbers changed into others and into nonsense after the file meta, and now and then any byte."""
    changed = bytearray(data)
    for at in random.choices([at for at in range(400, size) if chr(data[at]).isdigit()], k=random.randint(1, 40)):
        changed[at] = random.choice(b"0123456789.-\\eE")
    if random.random() < 0.3:
        changed[random.randrange(400, size)] = random.choice((0, 255, random.randrange(256)))
    return bytes(changed)


@pytest.mark.parametrize("name", FILES)
def test_spoiled_headers_make_display_sets_or_refusals(data_dir: Path, name: str) -> None:
    data = (data_dir / name).read_bytes()
    size = min(len(data), data.rindex(b"\xe0\x7f\x10\x00") if b"\xe0\x7f\x10\x00" in data else len(data))
    random = Random(name)
    read = 0
    for _ in range(60):
        together: list[Instance] = []
        for _ in range(3):
            try:
                together.append(header.read_instance(spoiled(data, random, size)))
            except Refused:
                continue
        sets = display_sets(together)
        images = sum(min(each.images, 65_536) for each in together)
        assert sum(len(each.images) for each in sets) == images
        for each in sets:
            assert len(each.image_grid(0).lps_from_index) == 4 and each.pixels.Rows > 0
            assert len(each.times_ms) in (0, len(each.images))
        read += len(together)
    assert read > 60
