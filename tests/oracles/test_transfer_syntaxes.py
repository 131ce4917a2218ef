"""Each file of transfer_syntaxes, alone in a home, against its uncompressed twin or another program's decoder.

The judge of each file stands in TABLE. "twin" is the uncompressed object of the same picture: identical pixels.
The other judges decode the same file in the same run; lossy pictures may differ by what the table allows.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.loading.opened import imported, loaded, studies
from workstation.cache.importer import import_paths
from workstation.errors import Reason
from workstation.paths import Home

FOLDER = "transfer_syntaxes"
CT = "cornerstone/CTImage.dcm_"
CT_PLAIN = CT + "LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm"
PATTERN = "cornerstone/TestPattern_"

TABLE: dict[str, tuple[str, str, int]] = {
    CT + "LittleEndianImplicitTransferSyntax_1.2.840.10008.1.2.dcm": ("twin", CT_PLAIN, 0),
    CT_PLAIN: ("gdcm", "", 0),
    CT + "BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2.dcm": ("twin", CT_PLAIN, 0),
    CT + "DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99.dcm": ("twin", CT_PLAIN, 0),
    CT + "JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57.dcm": ("twin", CT_PLAIN, 0),
    CT + "JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70.dcm": ("twin", CT_PLAIN, 0),
    CT + "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80.dcm": ("twin", CT_PLAIN, 0),
    CT + "JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90.dcm": ("twin", CT_PLAIN, 0),
    CT + "RLELosslessTransferSyntax_1.2.840.10008.1.2.5.dcm": ("twin", CT_PLAIN, 0),
    CT + "JPEGProcess1TransferSyntax_1.2.840.10008.1.2.4.50.dcm": ("dcmdjpeg", "", 1),
    CT + "JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51.dcm": ("dcmdjpeg", "", 1),
    CT + "JPEGProcess6_8TransferSyntax_1.2.840.10008.1.2.4.53.dcm": ("dcmdjpeg", "", 1),
    CT + "JPEGProcess10_12TransferSyntax_1.2.840.10008.1.2.4.55.dcm": ("dcmdjpeg", "", 1),
    CT + "JPEGLSLossyTransferSyntax_1.2.840.10008.1.2.4.81.dcm": ("dcmdjpls", "", 0),
    CT + "JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91.dcm": ("gdcm", "", 1),
    "cornerstone/CT0012.fragmented_no_bot_jpeg_baseline.51.dcm": ("dcmdjpeg", "", 1),
    PATTERN + "RGB.dcm": ("gdcm", "", 0),
    PATTERN + "JPEG-Lossless_RGB.dcm": ("twin", PATTERN + "RGB.dcm", 0),
    PATTERN + "JPEG-LS-Lossless.dcm": ("twin", PATTERN + "RGB.dcm", 0),
    PATTERN + "JPEG-LS-NearLossless.dcm": ("dcmdjpls", "", 0),
    PATTERN + "JPEG-Baseline_YBRFull.dcm": ("dcmdjpeg", "", 2),
    PATTERN + "JPEG-Baseline_YBR422.dcm": ("dcmdjpeg", "", 2),
    PATTERN + "Palette.dcm": ("dcm2pnm", "", 0),
    PATTERN + "Palette_16.dcm": ("dcm2pnm", "", 0),
    "pydicom/HTJ2KLossless_08_RGB.dcm": ("pylibjpeg", "", 0),
    "wg04/MR1_JLSN": ("dcmdjpls", "", 0),
    "wg04/MR1_JPLY": ("dcmdjpeg", "", 1),
    "wg04/US1_J2KI": ("gdcm", "", 1),
    "wg04/US1_J2KR": ("twin", "wg04_htj2k/US1_UNC", 0),
    "wg04/US1_RLE": ("twin", "wg04_htj2k/US1_UNC", 0),
    "wg04_htj2k/CT1_UNC": ("gdcm", "", 0),
    "wg04_htj2k/CT1_JPH": ("twin", "wg04_htj2k/CT1_UNC", 0),
    "wg04_htj2k/US1_UNC": ("gdcm", "", 0),
    "wg04_htj2k/US1_JPH": ("twin", "wg04_htj2k/US1_UNC", 0),
}
"""File: judge, twin, largest difference allowed (stored values, or levels of a colour)."""


def alone(folder: Path, path: Path) -> NDArray[Any]:
    """The images of a file that is the only one of its home."""
    folder.mkdir()
    home = imported(folder, path)
    (voxels,) = loaded(home, studies(home)[0])
    assert voxels.whole
    return np.asarray(voxels.stored).copy()


def test_every_file_has_a_judge(data_dir: Path) -> None:
    folder = data_dir / FOLDER
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"}
    assert files == TABLE.keys()


@pytest.mark.parametrize("name", TABLE)
def test_a_file_shows_what_its_judge_sees(
    name: str, data_dir: Path, tmp_path: Path, tool: Callable[[str], Path]
) -> None:
    judge, twin, allowed = TABLE[name]
    path = data_dir / FOLDER / name
    ours = alone(tmp_path / "ours", path)
    if judge == "twin":
        theirs = alone(tmp_path / "twin", data_dir / FOLDER / twin)
        assert ours.dtype == theirs.dtype
    else:
        theirs = JUDGES[judge](path, tmp_path, tool)
    theirs = theirs.reshape(ours.shape)
    assert abs(ours.astype(np.int64) - theirs).max() <= allowed


def by_gdcm(path: Path, folder: Path, tool: Callable[[str], Path]) -> NDArray[Any]:
    """gdcmconv to raw pixels, read as they lie."""
    return converted([tool("gdcmconv"), "--raw"], path, folder)


def by_dcmtk(program: str) -> Callable[[Path, Path, Callable[[str], Path]], NDArray[Any]]:
    # Upsampling of chroma by repetition would differ at every edge; dcmdjpeg has libjpeg's own by default.
    return lambda path, folder, tool: converted([program], path, folder)


def converted(command: list[Any], path: Path, folder: Path) -> NDArray[Any]:
    import pydicom

    target = folder / "raw.dcm"
    subprocess.run([*map(str, command), str(path), str(target)], check=True, capture_output=True, timeout=60)
    dataset = pydicom.dcmread(target)
    kind = ("i" if dataset.PixelRepresentation else "u") + str(dataset.BitsAllocated // 8)
    count = dataset.Rows * dataset.Columns * dataset.SamplesPerPixel * int(dataset.get("NumberOfFrames") or 1)
    values = np.frombuffer(dataset.PixelData, kind, count)
    if dataset.get("PlanarConfiguration"):
        values = np.moveaxis(values.reshape(3, dataset.Rows, dataset.Columns), 0, -1)
    return values.astype(np.int64)


def by_pylibjpeg(path: Path, folder: Path, tool: Callable[[str], Path]) -> NDArray[Any]:
    import openjpeg
    import pydicom
    from pydicom.encaps import generate_frames

    dataset = pydicom.dcmread(path)
    return np.asarray(openjpeg.decode(next(generate_frames(dataset.PixelData, number_of_frames=1)))).astype(np.int64)


def by_dcm2pnm(path: Path, folder: Path, tool: Callable[[str], Path]) -> NDArray[Any]:
    target = folder / "raw.ppm"
    subprocess.run([str(tool("dcm2pnm")), "--write-raw-pnm", str(path), str(target)], check=True, timeout=60)
    magic, size, top, pixels = target.read_bytes().split(b"\n", 3)
    assert magic == b"P6" and top == b"255", (magic, size, top)
    return np.frombuffer(pixels, np.uint8).astype(np.int64)


JUDGES: dict[str, Callable[[Path, Path, Callable[[str], Path]], NDArray[Any]]] = {
    "gdcm": by_gdcm,
    "dcmdjpeg": by_dcmtk("dcmdjpeg"),
    "dcmdjpls": by_dcmtk("dcmdjpls"),
    "pylibjpeg": by_pylibjpeg,
    "dcm2pnm": by_dcm2pnm,
}


BIG_ENDIAN = CT + "BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2.dcm"
TRANSCODED = {name for name, (judge, twin, _) in TABLE.items() if (judge, twin) == ("twin", CT_PLAIN)}
REALLY_DIFFERENT = {"1.2.840.10008.1.2.2.dcm", "CT1_JPH", "CT1_UNC"}
"""How their names end: the big-endian twin has private numbers whose bytes were not turned round, CT1_JPH lost most
of the private elements of CT1_UNC; whichever comes second is put aside."""


def test_twins_are_recognised_when_all_come_together(data_dir: Path, tmp_path: Path) -> None:
    """safety.md 21: what was only transcoded is already there; what differs is put aside and named."""
    home = Home(tmp_path / "home").create()
    assert import_paths(home, [data_dir / FOLDER / CT_PLAIN]).stored == 1
    report = import_paths(home, [data_dir / FOLDER])
    refused = {Path(path).name: reason for path, reason in report.refused if reason is not Reason.NOT_DICOM}
    assert set(refused.values()) == {Reason.CONFLICT} and len(refused) == 2, refused
    assert all(name.endswith(tuple(REALLY_DIFFERENT)) for name in refused), refused
    there = TRANSCODED - {BIG_ENDIAN} | {CT_PLAIN, "wg04_htj2k/US1_JPH"}
    assert report.already_stored == len(there)
    assert report.stored + report.already_stored + len(refused) == len(TABLE)
