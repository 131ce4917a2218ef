"""Spoiled tables, overlays, shutters and presentation states are left out or refused; nothing else is ever raised."""

import random
from pathlib import Path

import pytest

from workstation.dicom.header import read_instance
from workstation.dicom.looks import ImageLook, read_look
from workstation.documents.gsps import read_presentation
from workstation.errors import HounsfieldError
from workstation.imaging.look import entries, overlay_mask
from workstation.imaging.shutters import hidden

HEADS = {
    "nasty/pydicom_data/vlut_04.dcm": 1600,
    "nasty/pydicom_data/mlut_18.dcm": 9600,
    "xray_xa_nm/GH133.dcm": 30000,
    "derived_objects/overlays/ovly_p01.dcm": 1500,
}
SPOILINGS = 300


def spoiled(data: bytes, reach: int, chance: random.Random) -> bytes:
    """Some bytes changed before `reach`, now and then cut off behind it."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        changed[chance.randrange(132, min(reach, len(data)))] = chance.choice((0, 1, 255, chance.randrange(256)))
    return bytes(changed[: chance.randrange(200, len(changed))] if chance.random() < 0.2 else changed)


@pytest.mark.parametrize(("name", "reach"), HEADS.items())
def test_looks_of_spoiled_files(name: str, reach: int, data_dir: Path) -> None:
    data = (data_dir / name).read_bytes()[: 200_000 + reach]
    instance = read_instance((data_dir / name).read_bytes())
    chance = random.Random(11)
    found = 0
    for _ in range(SPOILINGS):
        look = read_look(spoiled(data, reach, chance), instance, 0, data[-100_000:])
        if look is not None:
            found += 1
            apply(look)
    assert found > SPOILINGS // 10


def apply(look: ImageLook) -> None:
    for lut in (look.modality, look.presentation, *look.voi):
        assert lut is None or (1 <= lut.bits <= 16 and int(entries(lut).max()) < 1 << lut.bits)
    for overlay in look.overlays:
        assert overlay_mask(overlay, 30, 50).shape == (30, 50)
    if look.shutter is not None:
        assert hidden(look.shutter, 30, 50).shape == (30, 50)


def test_spoiled_presentation_states(data_dir: Path) -> None:
    data = (data_dir / "derived_objects/gsps/prLUTs.dcm").read_bytes()
    chance = random.Random(12)
    read = 0
    for _ in range(SPOILINGS):
        try:
            state = read_presentation(spoiled(data, len(data), chance))
        except HounsfieldError:
            continue
        read += 1
        assert state.quarter_turns in range(4)
    assert read > SPOILINGS // 10
