"""The real data as pydicom sees it, by a walk of its own: each file, those in zip archives too."""

import io
import logging
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.errors import InvalidDicomError

PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


@dataclass(frozen=True)
class Found:
    """One DICOM object of the data; `uid` is empty where it has none."""

    name: str
    uid: str
    has_pixels: bool


def objects(folder: Path) -> Iterator[Found]:
    """Every object that pydicom can read under a folder."""
    spoken = logging.getLogger("pydicom")
    for name, data in files(folder):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            before, spoken.disabled = spoken.disabled, True
            found = _read(name, data)
            spoken.disabled = before
        if found is not None:
            yield found


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file, and of each member of an archive."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for member in archive.namelist():
                    if not member.endswith("/"):
                        yield f"{path.name}/{member}", archive.read(member)
        else:
            yield str(path.relative_to(folder)), path.read_bytes()


def _read(name: str, data: bytes) -> Found | None:
    try:
        dataset = pydicom.dcmread(io.BytesIO(data), force=data[:2] == b"\x08\x00")
        uid = str(dataset.get("SOPInstanceUID", "") or "")
        pixels = bool(dataset.get("Rows")) and bool(dataset.get("Columns")) and any(each in dataset for each in PIXELS)
    except (InvalidDicomError, EOFError, NotImplementedError, ValueError, TypeError):
        return None
    return Found(name, uid, pixels)
