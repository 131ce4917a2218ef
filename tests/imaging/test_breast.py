"""Air and nipple are found in real films, at the heights a person reads off them, and where there is none, nothing."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from workstation.imaging.breast import find_breast

READ_OFF = {"1-280": 0.56, "1-281": 0.595, "1-282": 0.545, "1-283": 0.66}
"""Height of the nipple as a part of the image, measured on the pictures by eye."""


@pytest.mark.parametrize(("name", "height"), READ_OFF.items())
def test_the_nipple_of_scanned_films(name: str, height: float, data_dir: Path) -> None:
    stored = pydicom.dcmread(data_dir / "mg_fourview_ddsm" / f"{name}.dcm").pixel_array
    found = find_breast(stored)
    assert found is not None
    assert found.nipple == pytest.approx(height, abs=0.015)
    assert 0.5 < found.air.mean() < 0.8
    turned = find_breast(65535 - stored[:, ::-1])
    assert turned is not None
    assert turned.nipple == pytest.approx(found.nipple or 0, abs=0.003)


def test_letters_in_the_air_are_no_nipple() -> None:
    rows, columns = np.mgrid[:400, :300]
    image = np.where(np.hypot(rows - 220, columns) < 150, 1000, 0)
    image[(np.hypot(rows - 250, columns - 150) < 12)] = 1000
    image[190:230, 240:270] = 1500
    found = find_breast(image.astype(np.uint16))
    assert found is not None
    assert found.nipple == pytest.approx(250 / 400, abs=0.01)
    assert not found.air[210, 255]


def test_without_air_or_without_tissue_nothing_is_found() -> None:
    noise = np.random.default_rng(1).integers(500, 3000, (200, 150)).astype(np.uint16)
    assert find_breast(np.zeros((200, 150), np.uint16)) is None
    assert find_breast(noise) is None


def test_air_reaches_to_the_last_pixel_of_a_large_image() -> None:
    rows, columns = np.mgrid[:2403, :1603]
    image = np.where(np.hypot(rows - 1200, columns) < 900, 1000, 0).astype(np.uint16)
    found = find_breast(image)
    assert found is not None
    assert found.step == 3
    whole = np.kron(found.air, np.ones((3, 3), bool))[1 : 1 + image.shape[0], 1 : 1 + image.shape[1]]
    assert whole.shape == image.shape
    assert whole[image == 0].all()
    assert not whole[1200, :850].any()
