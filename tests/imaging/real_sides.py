"""Real series as sides of a registration, put together to a few mm; read by pydicom, far from our own loading."""

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pydicom

from workstation.imaging.geometry import Grid, vec
from workstation.imaging.registration_sides import Side, coarser

STS = "petctmr_sts_006/dicom/STS_006"


def lidc_chest(data: Path, spacing_mm: float) -> Side:
    """The chest CT: every second of its images."""
    with zipfile.ZipFile(data / "ct_chest_lidc0001/LIDC-IDRI-0001.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".dcm"))
        heads = {name: pydicom.dcmread(io.BytesIO(archive.read(name)), stop_before_pixels=True) for name in names}
        images = sorted((each for each in names if heads[each].Modality == "CT"), key=lambda each: _along(heads[each]))
        return coarser(_side(pydicom.dcmread(io.BytesIO(archive.read(each))) for each in images[::2]), spacing_mm)


def sts_thigh(data: Path, name: str, spacing_mm: float) -> Side:
    """The cropped thigh in CT, PET or MR ("CT", "PET", "MR_T1")."""
    return coarser(_side(map(pydicom.dcmread, sorted((data / STS / name / "image").glob("*.dcm")))), spacing_mm)


def nist_brain(data: Path, spacing_mm: float) -> Side:
    """The largest series of the brain MR."""
    found: dict[str, list[pydicom.Dataset]] = {}
    for path in sorted((data / "mr_brain_nist").rglob("*")):
        if path.is_file() and path.suffix != ".md":
            head = pydicom.dcmread(path, force=True)
            found.setdefault(str(head.get("SeriesInstanceUID")), []).append(head)
    return coarser(_side(found[max(found, key=lambda each: len(found[each]))]), spacing_mm)


def _along(image: pydicom.Dataset) -> float:
    row, column = np.reshape(image.ImageOrientationPatient, (2, 3)).astype(float)
    return float(np.cross(row, column) @ np.asarray(image.ImagePositionPatient, dtype=float))


def _side(images: Iterable[pydicom.Dataset]) -> Side:
    ordered = sorted(images, key=_along)
    first = ordered[0]
    values = [
        each.pixel_array.astype(np.float32) * float(each.get("RescaleSlope", 1))
        + float(each.get("RescaleIntercept", 0))
        for each in ordered
    ]
    row, column = np.reshape(first.ImageOrientationPatient, (2, 3)).astype(float)
    down, across = map(float, first.PixelSpacing)
    spacing = (across, down, (_along(ordered[-1]) - _along(first)) / (len(ordered) - 1))
    axes = (vec(row), vec(column), vec(np.cross(row, column)))
    size = (int(first.Columns), int(first.Rows), len(ordered))
    return Side(np.stack(values), Grid(vec(first.ImagePositionPatient), axes, spacing, size), str(first.Modality))
