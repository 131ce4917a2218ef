"""Grey levels against DCMTK, image by image; both round down, so most agree in every pixel (PS3.3 C.11.2.1.2).

One level is allowed, for DCMTK rounds what a fractional rescale gives to whole numbers, and we do not.
Rows of the table name every object of the test data with one sample a pixel, or the folder of a series, of which the
first, the middle and the last file are compared. "native" is a copy with the pixels that we decoded, where DCMTK
lacks the codec: it judges the chain then, not the decoder.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.oracles.dcmtk import dcm2pnm
from tests.oracles.shown import Shown, shown
from workstation.dicom.header import read_instance
from workstation.errors import Refused
from workstation.imaging.greyscale import Window
from workstation.imaging.presets import is_shown_inverted
from workstation.picture.chain import chain_in_force, voi_choices, voi_in_force

Tool = Callable[[str], Path]

TABLE = {
    "charsets/chrArab.dcm": "dcm2pnm",
    "charsets/chrFren.dcm": "dcm2pnm",
    "charsets/chrFrenMulti.dcm": "dcm2pnm",
    "charsets/chrGerm.dcm": "dcm2pnm",
    "charsets/chrGreek.dcm": "dcm2pnm",
    "charsets/chrH31.dcm": "dcm2pnm",
    "charsets/chrH32.dcm": "dcm2pnm",
    "charsets/chrHbrw.dcm": "dcm2pnm",
    "charsets/chrI2.dcm": "dcm2pnm",
    "charsets/chrRuss.dcm": "dcm2pnm",
    "charsets/chrX1.dcm": "dcm2pnm",
    "charsets/chrX2.dcm": "dcm2pnm",
    "derived_objects/dcmqi/01.dcm": "dcm2pnm",
    "derived_objects/dcmqi/02.dcm": "dcm2pnm",
    "derived_objects/dcmqi/03.dcm": "dcm2pnm",
    "derived_objects/dcmqi/liver.dcm": "dcm2pnm",
    "derived_objects/dcmqi/partial_overlaps.dcm": "dcm2pnm",
    "derived_objects/dcmqi/sparse-labelmap-noppv.dcm": "dcm2pnm",
    "derived_objects/dcmqi/pm-example-slice.dcm": "dcm2pnm",
    "derived_objects/gsps/imageForPrLUTs.dcm": "dcm2pnm",
    "derived_objects/highdicom/ct_image.dcm": "dcm2pnm",
    "derived_objects/highdicom/seg_image_ct_binary*.dcm": "dcm2pnm",
    "derived_objects/highdicom/seg_image_ct_true_fractional.dcm": "dcm2pnm",
    "derived_objects/overlays/cplx_p02.dcm": "dcm2pnm",
    "derived_objects/overlays/ovly_p01.dcm": "dcm2pnm",
    "dicomdir_media/77654033/CR1/*": "dcm2pnm",
    "dicomdir_media/77654033/CR2/*": "dcm2pnm",
    "dicomdir_media/77654033/CR3/*": "dcm2pnm",
    "dicomdir_media/77654033/CT2/*": "dcm2pnm",
    "dicomdir_media/98892001/CT2N/*": "dcm2pnm",
    "dicomdir_media/98892001/CT5N/*": "dcm2pnm",
    "dicomdir_media/98892003/MR1/*": "dcm2pnm",
    "dicomdir_media/98892003/MR2/*": "dcm2pnm",
    "dicomdir_media/98892003/MR700/*": "dcm2pnm",
    "enhanced_multiframe/MOVEKNEE.dcm": "native",
    "enhanced_multiframe/eCT_Supplemental.dcm": "native",
    "enhanced_multiframe/emri_small.dcm": "dcm2pnm",
    "enhanced_multiframe/emri_small_jpeg_2k_lossless.dcm": "native",
    "enhanced_multiframe/ge_fmri_4d/*.dcm": "dcm2pnm",
    "enhanced_multiframe/legacy_converted_ct_24x38x3/image/*.dcm": "dcm2pnm",
    "enhanced_multiframe/legacy_converted_ct_24x38x3/multiframe/mf.dcm": "native",
    "enhanced_multiframe/legacy_converted_ct_24x38x3/seg/label.seg": "dcm2pnm",
    "enhanced_multiframe/siemens_mosaic_axasc35/MR*": "dcm2pnm",
    "ibsi2_digital_phantoms/dicom/impulse/*.dcm": "dcm2pnm",
    "ibsi2_digital_phantoms/dicom/orientation/*.dcm": "dcm2pnm",
    "ibsi2_digital_phantoms/dicom/sphere/*.dcm": "dcm2pnm",
    "mg_fourview_ddsm/*.dcm": "dcm2pnm",
    "mr_brain_nist/IDS-DEPT002-a/MR_7*.dcm": "dcm2pnm",
    "mr_brain_nist/IDS-DEPT002-a/MR_9*.dcm": "dcm2pnm",
    "nasty/dicom2nifti_failing/gantrytilting/001/*.dcm": "dcm2pnm",
    "nasty/dicom2nifti_failing/slicecount/001/*.dcm": "dcm2pnm",
    "nasty/dicom2nifti_failing/sliceincrement/001/*.dcm": "dcm2pnm",
    "nasty/fo-dicom/GH1308.dcm": "dcm2pnm",
    "nasty/fo-dicom/GH184.dcm": "dcmj2pnm",
    "nasty/fo-dicom/GH610.dcm": "dcmj2pnm",
    "nasty/pydicom/J2K_pixelrep_mismatch.dcm": "native",
    "nasty/pydicom_data/bad_sequence.dcm": "dcmj2pnm",
    "nasty/pydicom_data/explicit_VR-UN.dcm": "native",
    "nasty/pydicom_data/mlut_18.dcm": "dcm2pnm",
    "nasty/pydicom_data/vlut_04.dcm": "dcm2pnm",
    "pet_suv/ge_discovery_st_bqml/PT*.dcm": "dcm2pnm",
    "petctmr_sts_006/dicom/STS_006/CT/image/*.dcm": "dcm2pnm",
    "petctmr_sts_006/dicom/STS_006/MR_T1/image/*.dcm": "dcm2pnm",
    "petctmr_sts_006/dicom/STS_006/PET/image/*.dcm": "dcm2pnm",
    "rt_dicompyler/ct.0.dcm": "dcm2pnm",
    "rt_dicompyler/rtdose.dcm": "dcm2pnm",
    "transfer_syntaxes/cornerstone/CT0012.fragmented_no_bot_jpeg_baseline.51.dcm": "native",
    "transfer_syntaxes/cornerstone/CTImage.dcm_BigEndian*.dcm": "dcm2pnm",
    "transfer_syntaxes/cornerstone/CTImage.dcm_Deflated*.dcm": "dcm2pnm",
    "transfer_syntaxes/cornerstone/CTImage.dcm_JPEG2000*.dcm": "native",
    "transfer_syntaxes/cornerstone/CTImage.dcm_JPEGLS*.dcm": "dcml2pnm",
    "transfer_syntaxes/cornerstone/CTImage.dcm_JPEGProcess10_12*.dcm": "dcmj2pnm",
    "transfer_syntaxes/cornerstone/CTImage.dcm_JPEGProcess14SV1*.dcm": "dcmj2pnm",
    "transfer_syntaxes/cornerstone/CTImage.dcm_JPEGProcess14T*.dcm": "dcmj2pnm",
    "transfer_syntaxes/cornerstone/CTImage.dcm_JPEGProcess1T*.dcm": "dcmj2pnm",
    "transfer_syntaxes/cornerstone/CTImage.dcm_JPEGProcess2_4*.dcm": "dcmj2pnm",
    "transfer_syntaxes/cornerstone/CTImage.dcm_JPEGProcess6_8*.dcm": "dcmj2pnm",
    "transfer_syntaxes/cornerstone/CTImage.dcm_LittleEndian*.dcm": "dcm2pnm",
    "transfer_syntaxes/cornerstone/CTImage.dcm_RLE*.dcm": "dcm2pnm",
    "transfer_syntaxes/wg04/MR1_JLSN": "dcml2pnm",
    "transfer_syntaxes/wg04/MR1_JPLY": "dcmj2pnm",
    "transfer_syntaxes/wg04_htj2k/CT1_JPH": "native",
    "transfer_syntaxes/wg04_htj2k/CT1_UNC": "dcm2pnm",
    "wsi/seg_image_sm_dots.dcm": "dcm2pnm",
    "xray_xa_nm/966_fixed.dcm": "native",
    "xray_xa_nm/CR-MONO1-10-chest.dcm": "dcm2pnm",
    "xray_xa_nm/GH133.dcm": "dcmj2pnm",
    "xray_xa_nm/NM-MONO2-16-13x-heart.dcm": "dcm2pnm",
    "xray_xa_nm/xa_coronary/XA_5_0104.dcm": "dcmj2pnm",
}

NOT_JUDGED = {
    "derived_objects/parametric_map/parametric_map_float.dcm": "FloatPixelData, which DCMTK's pictures do not know",
    "nasty/dcm4che/3gb-bulk-data-truncated": "3 GB declared, 100 kB there",
    "nasty/pydicom/JPEG2000-embedded-sequence-delimiter.dcm": "its codestream declares another size than its header",
    "nasty/pydicom/MR_truncated.dcm": "DCMTK makes up the missing pixels",
    "nasty/pydicom/badVR.dcm": "its NumberOfFrames is no number",
}


def files(data_dir: Path, pattern: str) -> list[Path]:
    found = sorted(data_dir.glob(pattern))
    assert found, f"{pattern} names no file"
    return sorted({found[0], found[len(found) // 2], found[-1]})


def test_the_table_names_every_grey_image(data_dir: Path) -> None:
    named = {path for pattern in (*TABLE, *NOT_JUDGED) for path in data_dir.glob(pattern)}
    missing = []
    for path in sorted(data_dir.rglob("*")):
        if path.is_dir() or path in named or "fuzz" in path.parts:
            continue
        try:
            pixels = read_instance(path.read_bytes()).pixels
        except Refused:
            continue
        if pixels is not None and pixels.PhotometricInterpretation.startswith("MONOCHROME"):
            missing.append(str(path.relative_to(data_dir)))
    assert missing == []


@pytest.mark.parametrize(("pattern", "judge"), TABLE.items())
def test_grey_levels_are_those_of_dcmtk(pattern: str, judge: str, data_dir: Path, tool: Tool, tmp_path: Path) -> None:
    for path in files(data_dir, pattern):
        seen = shown(path)
        source = native_copy(path, seen, tmp_path) if judge == "native" else path
        for wanted, options in ways(seen):
            chain = chain_in_force(wanted.view, wanted.voxels)
            ours = chain.grey(wanted.stored)
            theirs, program = dcm2pnm(tool, source, tmp_path, "-O", *options)
            assert program == ("dcm2pnm" if judge == "native" else judge), path.name
            difference = ours.astype(int) - theirs
            assert np.abs(difference).max() <= 1, (path.name, options)
            if float(chain.rescale.slope).is_integer() and judge != "dcmj2pnm":
                assert np.mean(difference != 0) < 0.01, (path.name, options, "differs by one level in many pixels")
            assert ours.std() > 0 or theirs.std() == 0, path.name


def ways(seen: Shown) -> list[tuple[Shown, list[str]]]:
    """Each window and table the image brings, or a window of ours, with the same in DCMTK's words."""
    choices = voi_choices(seen.view, seen.voxels)
    windows = sum(isinstance(each, Window) for each in choices)
    turned = by_convention(seen)
    asked: list[tuple[Shown, list[str]]] = []
    for number, choice in enumerate(choices):
        option = ["+Wi", str(number + 1)] if isinstance(choice, Window) else ["+Wl", str(number - windows + 1)]
        sigmoid = isinstance(choice, Window) and choice.function == "SIGMOID"
        asked.append((seen.with_display(window=number, inverted=turned), option + ["+Wfs"] * sigmoid))
    return asked or [own_window(seen)]


def by_convention(seen: Shown) -> bool:
    """Whether we turn it round and DCMTK does not: then the reader turns it back."""
    return seen.view.display_set is not None and is_shown_inverted(seen.view.display_set)


def own_window(seen: Shown) -> tuple[Shown, list[str]]:
    """Our percentile window; where the rescale is fractional, in stored values, for DCMTK rounds its results."""
    chosen, rescale = voi_in_force(seen.view, seen.voxels), seen.voxels.rescale
    assert isinstance(chosen, Window)
    turned = by_convention(seen)
    if float(rescale.slope).is_integer():
        window = Window(round(chosen.center, 2), max(round(chosen.width, 2), 2.0))
        return seen.with_display(window=window, inverted=turned), ["+Ww", str(window.center), str(window.width)]
    exact = Window(chosen.center, chosen.width, "LINEAR_EXACT")
    center = (exact.center - rescale.intercept) / rescale.slope + 0.5
    width = exact.width / rescale.slope + 1
    return seen.with_display(window=exact, inverted=turned), ["-M", "+Ww", f"{center:.6f}", f"{width:.6f}"]


def native_copy(path: Path, seen: Shown, folder: Path) -> Path:
    """The object with our decoded first frame as native pixels, and what functional groups say at the top."""
    dataset = pydicom.dcmread(path, force=True)
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.NumberOfFrames = 1
    del dataset.PixelData
    dataset.add_new("PixelData", "OW", seen.stored.tobytes())
    frame = seen.view.display_set.images[0].attributes if seen.view.display_set else None
    if frame is not None and frame.RescaleSlope is not None and "RescaleSlope" not in dataset:
        dataset.RescaleSlope, dataset.RescaleIntercept = frame.RescaleSlope, frame.RescaleIntercept
    if frame is not None and frame.windows and "WindowCenter" not in dataset:
        dataset.WindowCenter = [each.center for each in frame.windows]
        dataset.WindowWidth = [each.width for each in frame.windows]
    target = folder / "native.dcm"
    dataset.save_as(target, enforce_file_format=True)
    return target
