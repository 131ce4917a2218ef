"""Palettes against PS3.6: their ends and steps, and the objects that the standard ships."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from workstation.imaging.palettes import PALETTES, palette

FILES = {"HOT_IRON": "hotiron", "PET": "pet", "HOT_METAL_BLUE": "hotmetalblue", "PET_20_STEP": "pet20step"}


def test_each_palette_has_256_opaque_colours_that_cannot_be_changed() -> None:
    for name in PALETTES:
        colours = palette(name)
        assert colours.shape == (256,) and np.all(colours >> np.uint32(24) == 255)
        with pytest.raises(ValueError, match="read-only"):
            colours[0] = 0


def test_hot_iron_goes_from_black_over_red_to_white() -> None:
    colours = palette("HOT_IRON")
    assert colours[0] == 0xFF000000 and colours[255] == 0xFFFFFFFF
    assert colours[127] == 0xFFFE0000 or colours[127] >> 16 & 255 > 250


def test_pet_20_step_has_twenty_colours() -> None:
    assert len(set(palette("PET_20_STEP").tolist())) == 20


@pytest.mark.parametrize("name", FILES)
def test_equals_the_objects_of_the_standard(name: str, data_dir: Path) -> None:
    dataset = pydicom.dcmread(data_dir / "derived_objects" / "pydicom" / f"{FILES[name]}.dcm")
    channels = [
        np.frombuffer(dataset[f"{colour}PaletteColorLookupTableData"].value, np.uint8)[:256]
        for colour in ("Red", "Green", "Blue")
    ]
    expected = [0xFF000000 | int(r) << 16 | int(g) << 8 | int(b) for r, g, b in zip(*channels, strict=True)]
    assert palette(name).tolist() == expected


def test_unknown_palette_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        palette("RAINBOW")
