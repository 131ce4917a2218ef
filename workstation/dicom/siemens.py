"""Siemens MR: mosaics, and the CSA header that says what they are made of.

A mosaic is one stored image with the slices of a volume as its tiles, row by row, in the direction of the slice
normal. Its ImagePositionPatient is where the corner would be were the mosaic one large slice; the first slice has
the same centre (https://nipy.org/nibabel/dicom/dicom_mosaic.html).
"""

import math
import struct
from dataclasses import replace
from typing import Final

from workstation.dicom.attributes import Attributes
from workstation.dicom.entities import Frame, PixelFormat, Vec3

_MR: Final = "SIEMENS MR HEADER"
_CSA: Final = "SIEMENS CSA HEADER"
_MOST_TAGS: Final = 512
_MOST_ITEMS: Final = 256
_MOST_TILES: Final = 4096


def mosaic_tiles(read: Attributes, pixels: PixelFormat, whole: Frame) -> tuple[Frame, ...]:
    """The slices of a mosaic, each with its tile and, when the plane is known, its position; none if it is no mosaic.

    What says that it is a mosaic and not of how many slices is named in `odd` and shown as it is.
    """
    if "MOSAIC" not in read.texts("ImageType") or pixels.NumberOfFrames != 1:
        return ()
    csa = csa_header(read)
    count = int(next(iter(read.private_numbers(0x0019, _MR, 0x0A, "US") or csa.get("NumberOfImagesInMosaic", ())), 0))
    side = math.isqrt(max(count - 1, 0)) + 1
    if not 1 < count <= _MOST_TILES or pixels.Rows % side or pixels.Columns % side:
        read.odd.append("it says it is a mosaic but not of how many slices; shown as one image")
        return ()
    rows, columns = pixels.Rows // side, pixels.Columns // side
    first = _first_position(whole, pixels, rows, columns)
    normal = csa.get("SliceNormalVector", ())
    if len(normal) != 3 and whole.ImageOrientationPatient:
        normal = cross(whole.ImageOrientationPatient[:3], whole.ImageOrientationPatient[3:])
    step_mm = read.number("SpacingBetweenSlices")
    return tuple(
        replace(
            whole,
            tile=(index // side * rows, index % side * columns, rows, columns),
            ImagePositionPatient=moved(first, (index * step_mm, normal)) if first and step_mm else None,
            InStackPositionNumber=index + 1,
        )
        for index in range(count)
    )


def csa_header(read: Attributes) -> dict[str, tuple[float, ...]]:
    """The numbers of the image CSA header (0029,xx10), in the form that begins with SV10; {} when there is none."""
    raw = read.private(0x0029, _CSA, 0x10)
    data = read.bytes_of(raw) if raw else b""
    if not data.startswith(b"SV10"):
        return {}
    found: dict[str, tuple[float, ...]] = {}
    try:
        (count,) = struct.unpack_from("<I", data, 8)
        at = 16
        for _ in range(min(count, _MOST_TAGS)):
            name, _, _, _, items = struct.unpack_from("<64si4sii", data, at)
            at, values = _csa_values(data, at + 84, items)
            found[name.split(b"\0")[0].decode("latin-1")] = values
    except (struct.error, ValueError):
        pass  # what was read before the damage still holds
    return found


def _csa_values(data: bytes, at: int, items: int) -> tuple[int, tuple[float, ...]]:
    values = []
    for _ in range(min(max(items, 0), _MOST_ITEMS)):
        length = struct.unpack_from("<4i", data, at)[1]
        if not 0 <= length <= len(data) - at:
            raise ValueError("an item longer than the header")
        text = data[at + 16 : at + 16 + length].split(b"\0")[0].strip()
        try:
            values.append(float(text))
        except ValueError:
            text = b""
        at += 16 + -(-length // 4) * 4
    return at, tuple(values)


def _first_position(whole: Frame, pixels: PixelFormat, rows: int, columns: int) -> Vec3 | None:
    place, plane, pixel_mm = whole.ImagePositionPatient, whole.ImageOrientationPatient, whole.PixelSpacing
    if place is None or plane is None or pixel_mm is None:
        return None
    right_mm = (pixels.Columns - columns) / 2 * pixel_mm[1]
    down_mm = (pixels.Rows - rows) / 2 * pixel_mm[0]
    return moved(place, (right_mm, plane[:3]), (down_mm, plane[3:]))


def cross(a: tuple[float, ...], b: tuple[float, ...]) -> Vec3:
    """The vector product; a plain one, since workers that read headers do without numpy."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def moved(start: Vec3, *steps: tuple[float, tuple[float, ...]]) -> Vec3:
    """A point (LPS, mm) after steps of (length, unit vector)."""
    x, y, z = start
    for length, (dx, dy, dz) in steps:
        x, y, z = x + length * dx, y + length * dy, z + length * dz
    return (x, y, z)
