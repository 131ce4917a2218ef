"""Colour images and overlay planes against DCMTK's pictures, named one by one.

JPEG colour may differ where chroma was stored at half width: DCMTK repeats it, our decoder interpolates. For these
the mean difference and the share of far pixels are bounded instead of the largest. It reads no J2K, and not the
items of us_cine/DIRW0007.dcm, which end without their delimiter.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.oracles.dcmtk import dcm2pnm
from tests.oracles.shown import shown
from workstation.imaging.look import overlay_mask
from workstation.imaging.view import Framing
from workstation.picture.compose import compose

pytestmark = pytest.mark.usefixtures("qapp")
Tool = Callable[[str], Path]

EXACT = {
    "nasty/fo-dicom/1403-OB.dcm": "dcm2pnm",
    "nasty/pydicom/SC_rgb_small_odd.dcm": "dcm2pnm",
    "nasty/pydicom_data/OT-PAL-8-face.dcm": "dcm2pnm",
    "transfer_syntaxes/cornerstone/TestPattern_JPEG-LS-Lossless.dcm": "dcml2pnm",
    "transfer_syntaxes/cornerstone/TestPattern_JPEG-LS-NearLossless.dcm": "dcml2pnm",
    "transfer_syntaxes/cornerstone/TestPattern_JPEG-Lossless_RGB.dcm": "dcmj2pnm",
    "transfer_syntaxes/cornerstone/TestPattern_Palette.dcm": "dcm2pnm",
    "transfer_syntaxes/cornerstone/TestPattern_Palette_16.dcm": "dcm2pnm",
    "transfer_syntaxes/cornerstone/TestPattern_RGB.dcm": "dcm2pnm",
    "transfer_syntaxes/wg04/US1_RLE": "dcm2pnm",
    "transfer_syntaxes/wg04_htj2k/US1_UNC": "dcm2pnm",
    "us_cine/examples_palette.dcm": "dcm2pnm",
    "us_cine/examples_rgb_color.dcm": "dcm2pnm",
}
NEAR = {
    "transfer_syntaxes/cornerstone/TestPattern_JPEG-Baseline_YBR422.dcm": "dcmj2pnm",
    "transfer_syntaxes/cornerstone/TestPattern_JPEG-Baseline_YBRFull.dcm": "dcmj2pnm",
    "us_cine/US-YBR_FULL_422-EVRLE.dcm": "dcm2pnm",
    "us_cine/examples_ybr_color.dcm": "dcmj2pnm",
    "wsi/vl_wsi_140_tiles.dcm": "dcmj2pnm",
}


def difference(path: Path, judge: str, tool: Tool, folder: Path) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    seen = shown(path)
    theirs, program = dcm2pnm(tool, path, folder)
    assert program == judge
    assert theirs.shape == seen.stored.shape
    return np.abs(seen.stored.astype(np.int64) - theirs)


@pytest.mark.parametrize(("name", "judge"), EXACT.items())
def test_colour_is_dcmtk_s(name: str, judge: str, data_dir: Path, tool: Tool, tmp_path: Path) -> None:
    assert int(difference(data_dir / name, judge, tool, tmp_path).max()) <= 1


@pytest.mark.parametrize(("name", "judge"), NEAR.items())
def test_colour_with_halved_chroma_is_near(name: str, judge: str, data_dir: Path, tool: Tool, tmp_path: Path) -> None:
    apart = difference(data_dir / name, judge, tool, tmp_path)
    mean, far = float(apart.mean()), float(np.mean(apart.max(axis=2) > 16))
    assert mean < 1.5
    assert far < 0.03


def test_overlay_planes_are_where_dcmtk_puts_them(data_dir: Path, tool: Tool, tmp_path: Path) -> None:
    """In grey far from white, what DCMTK turns white with one overlay and not without is that overlay."""
    path = data_dir / "derived_objects/overlays/ovly_p01.dcm"
    seen = shown(path)
    look = seen.voxels.look(0)
    assert look is not None
    assert [each.group for each in look.overlays] == [0x6000, 0x6002, 0x6004, 0x6006]
    window = ["+Ww", "8000", "16000"]
    bare, _ = dcm2pnm(tool, path, tmp_path, "-O", *window)
    assert int(bare.max()) < 200
    for number, overlay in enumerate(look.overlays, start=1):
        covered, _ = dcm2pnm(tool, path, tmp_path, "+O", str(number), "+Omr", *window)
        mask = overlay_mask(overlay, *seen.stored.shape)
        assert 0 < int(mask.sum()) < mask.size
        assert np.array_equal(covered == 255, mask), hex(overlay.group)


def test_overlays_are_on_the_picture_too(data_dir: Path) -> None:
    seen = shown(data_dir / "derived_objects/overlays/ovly_p01.dcm")
    seen = seen.with_framing(one_to_one=True)
    assert seen.view.tile.framing == Framing(one_to_one=True)
    rows, columns = seen.stored.shape
    look = seen.voxels.look(0)
    assert look is not None
    image = compose(seen.view, seen.voxels, "", (columns, rows), 1.0, bare=True).image
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(rows, image.bytesPerLine())
    grey = flat[:, : columns * 4].reshape(rows, columns, 4)[..., 0].copy()
    mask = np.logical_or.reduce([overlay_mask(each, rows, columns) for each in look.overlays])
    assert set(np.unique(grey[mask]).tolist()) == {222}
