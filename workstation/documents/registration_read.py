"""Spatial Registrations read (PS3.3 C.20.2, C.20.3), ours and other people's: bytes to `Registration`, bounded.

An object lays any number of frames on its own one, so it may give several registrations: of each frame on its own one,
and of those that lie on it on each other. What it moves within its own frame is a series that its images name; that one
lies in a frame of its own from then on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from types import MappingProxyType
from typing import Final

import numpy as np

from workstation.dicom.attributes import Attributes
from workstation.dicom.scan import scan
from workstation.documents import made
from workstation.documents.registration import ACCEPTED, DEFORMABLE, SOP_CLASSES, quality_in
from workstation.errors import Reason, Refused
from workstation.imaging.alignment import APART, Field, Kind, Registration, inverse, is_own, own_frame
from workstation.imaging.geometry import Grid, Matrix, cross, is_orientation, row_and_column_directions, vec

MOST_ITEMS: Final = 64
MOST_VECTORS: Final = 1 << 26
"""Of a field: 768 MB of floats, a vector every millimetre of a trunk."""

FARTHEST_MM: Final = 1e5
RIGID_WITHIN: Final = 1e-4

_ITEMS, _BENT_ITEMS, _IMAGES = 0x00700308, 0x00640002, 0x00081140
_LAID, _MATRICES, _GRID, _VECTORS, _PRE, _POST = 0x00700309, 0x0070030A, 0x00640005, 0x00640009, 0x0064000F, 0x00640010

Places = Mapping[str, tuple[str, str]]
"""The frames of reference and the series of the images that are here, by their SOPInstanceUIDs."""


@dataclass(frozen=True, eq=False)
class Document:
    """What an object says: its registrations, the last ones being the most direct, and what was left out of it."""

    sop_instance_uid: str
    is_ours: bool
    made_by: str
    registrations: tuple[Registration, ...]
    odd: tuple[str, ...] = ()
    made: str = ""
    """ContentDate and ContentTime; sorts by time."""


@dataclass(frozen=True)
class _Item:
    frame: str
    matrix: Matrix
    field: Field | None
    comment: str
    images: frozenset[str] = frozenset()


def read_registration(data: bytes, places: Places = MappingProxyType({})) -> Document:
    """Read a registration from the bytes of its file; `places` help where it names images and no frame, and say which
    series it moves within its frame.

    Raises `Refused` as `scan` does, with NOT_A_REGISTRATION for another kind of object or a matrix or field that is
    none, with NO_FRAMES where it does not name two frames of reference, TOO_LARGE beyond the limits.
    """
    read = Attributes(scan(data))
    sop_class = read.text("SOPClassUID")
    if sop_class not in SOP_CLASSES:
        raise Refused(Reason.NOT_A_REGISTRATION)
    fixed = read.text("FrameOfReferenceUID")
    items = _items(read, fixed, places, bent=sop_class == DEFORMABLE)
    laid = [each for each in items if each.frame != fixed]
    if not fixed or not laid:
        raise Refused(Reason.NO_FRAMES)
    uid, ours = read.text("SOPInstanceUID"), read.text("Manufacturer") == made.MAKER
    maker = _maker(read)
    described = Registration(
        uid,
        fixed,
        "",
        np.eye(4),
        accepted=ours and read.text("ContentLabel") == ACCEPTED,
        quality=quality_in(read.text("ContentDescription")) if ours else None,
        made_by=maker,
    )
    direct = [_registration(described, each, uid if len(laid) == 1 else "") for each in laid]
    plain = [each for each in laid if each.field is None and not is_own(each.frame)]
    across = [_between(described, *each) for each in combinations(plain, 2)]
    when = read.text("ContentDate") + read.text("ContentTime")
    return Document(uid, ours, maker, (*(each for each in across if each), *direct), tuple(read.odd), when)


def _items(read: Attributes, fixed: str, places: Places, bent: bool) -> list[_Item]:
    found: list[_Item] = []
    for elements in read.items(_BENT_ITEMS if bent else _ITEMS):
        if len(found) == MOST_ITEMS:
            raise Refused(Reason.TOO_LARGE, detail=f"more than {MOST_ITEMS} items")
        item = read.having(elements)
        images = frozenset(item.having(each).text("ReferencedSOPInstanceUID") for each in item.items(_IMAGES))
        frame = item.text("SourceFrameOfReferenceUID" if bent else "FrameOfReferenceUID") or _frame_of(images, places)
        if not frame:
            read.odd.append("a registration of nobody knows which frame")
            continue
        found.append(replace(_bent(item, frame) if bent else _straight(item, frame), images=images))
    return [_within(read, fixed, each, found, places) for each in found]


def _within(read: Attributes, fixed: str, item: _Item, items: list[_Item], places: Places) -> _Item:
    """What is moved within the frame that the object lays others on: a series, where of the images that are here it
    names those of that one, all of them, and nothing else is said of any of these."""
    if item.frame != fixed or not (item.field or not np.allclose(item.matrix, np.eye(4), atol=1e-6)):
        return item
    series = {places[each][1] for each in item.images if each in places}
    whole = frozenset(uid for uid, place in places.items() if place == (fixed, *series))
    others = (each.images for each in items if each is not item)
    if len(series) == 1 and whole and whole <= item.images and not any(each & whole for each in others):
        return replace(item, frame=own_frame(fixed, next(iter(series))))
    read.odd.append("a registration of images within one frame of reference, which is not applied")
    return item


def _frame_of(images: frozenset[str], places: Places) -> str:
    """The one frame that images lie in."""
    frames = {frame for uid in images if (frame := places.get(uid, ("", ""))[0])}
    return next(iter(frames)) if len(frames) == 1 else ""


def _straight(item: Attributes, frame: str) -> _Item:
    """C.20.2.1.1: several matrices are multiplied in their order, so the last one is applied first."""
    matrix, comment, count = np.eye(4), "", 0
    for elements in item.items(_LAID):
        laid = item.having(elements)
        comment = laid.text("FrameOfReferenceTransformationComment")
        for each in laid.items(_MATRICES):
            matrix = matrix @ _matrix(laid.having(each))
            count += 1
    if not count:
        raise Refused(Reason.NOT_A_REGISTRATION, detail="an item without a matrix")
    if count > 1:
        item.odd.append(f"its matrix is the product of {count}, multiplied in their order")
    return _Item(frame, matrix, None, comment)


def _bent(item: Attributes, frame: str) -> _Item:
    """C.20.3.1.1: source = post (pre p + shift(p)), which is post pre (p + shift(p) turned back by pre)."""
    matrices = []
    for tag in (_PRE, _POST):
        found = [_matrix(item.having(each)) for each in item.items(tag)]
        matrices.append(found[0] if found else np.eye(4))
    pre, post = matrices
    grids = [_field(item.having(each)) for each in item.items(_GRID)]
    field = grids[0] if grids else None
    if field is not None and not np.array_equal(pre[:3, :3], np.eye(3)):
        back = np.linalg.inv(pre[:3, :3]).astype(np.float32)
        field = replace(field, shifts_mm=np.ascontiguousarray(field.shifts_mm @ back.T))
    comment = item.text("FrameOfReferenceTransformationComment")
    return _Item(frame, inverse(post @ pre), field, comment)


def _matrix(item: Attributes) -> Matrix:
    """Row by row (C.20.2.1.1); it must be a place in a patient again, the same way round, and of no other form than it
    says by more than rounding."""
    matrix = np.array(item.numbers("FrameOfReferenceTransformationMatrix", 16)).reshape(-1, 4)
    if matrix.shape != (4, 4) or not np.allclose(matrix[3], (0, 0, 0, 1), atol=1e-6):
        raise Refused(Reason.NOT_A_REGISTRATION, detail="no 4 x 4 matrix")
    part = matrix[:3, :3]
    if not 1e-3 < np.linalg.det(part) < 1e3 or np.abs(matrix[:3, 3]).max() > FARTHEST_MM:
        raise Refused(Reason.NOT_A_REGISTRATION, detail="a matrix that mirrors, or leaves the patient")
    said = item.text("FrameOfReferenceTransformationMatrixType")
    products = part.T @ part
    if said == "RIGID" and not np.allclose(products, np.eye(3), atol=1e-2):
        item.odd.append("a matrix that is called RIGID and is not")
    if said == "RIGID_SCALE" and not np.allclose(products - np.diag(np.diag(products)), 0, atol=1e-2):
        item.odd.append("a matrix that is called RIGID_SCALE and is sheared")
    matrix[3] = (0, 0, 0, 1)
    return np.asarray(matrix, dtype=np.float64)


def _field(item: Attributes) -> Field:
    """C.20.3.1.2 and 3; where the shift is undefined (NaN) nothing is shifted, and that is said."""
    place, plane = item.numbers("ImagePositionPatient", 3), item.numbers("ImageOrientationPatient", 6)
    size, spacing = item.numbers("GridDimensions", 3), item.numbers("GridResolution", 3)
    raw = item.elements.get(_VECTORS)
    if not place or not is_orientation(plane) or len(size) != 3 or len(spacing) != 3 or raw is None:
        raise Refused(Reason.NOT_A_REGISTRATION, detail="a field without a place")
    columns, rows, slices = (int(each) for each in size)
    if min(columns, rows, slices) < 1 or not all(0 < each < FARTHEST_MM for each in spacing):
        raise Refused(Reason.NOT_A_REGISTRATION, detail="a field without extent")
    if columns * rows * slices > MOST_VECTORS:
        raise Refused(Reason.TOO_LARGE, detail=f"{columns} x {rows} x {slices} vectors")
    held = item.bytes_of(raw)
    if len(held) < columns * rows * slices * 12:
        raise Refused(Reason.NOT_A_REGISTRATION, detail="a field that ends before its grid does")
    order = ">" if item.big_endian else "<"
    vectors = np.frombuffer(held, f"{order}f4", columns * rows * slices * 3).reshape(slices, rows, columns, 3)
    shifts = vectors.astype(np.float32)
    undefined = ~np.isfinite(shifts).all(axis=-1)
    if undefined.any():
        shifts[undefined] = 0.0
        item.odd.append(f"its field is undefined in {int(undefined.sum())} places, where nothing is shifted")
    right, down = row_and_column_directions(plane)
    axes = (right, down, cross(right, down))
    return Field(Grid(vec(place), axes, vec(spacing), (columns, rows, slices)), shifts)


def _registration(described: Registration, item: _Item, uid: str) -> Registration:
    ours = described.made_by.startswith(made.MAKER)
    told = item.comment if ours else f"{item.comment} ({described.made_by})"
    made_by = told if item.comment else described.made_by
    uid = uid or f"{described.uid}/{item.frame.replace(APART, '/')}"
    kind = _kind(item.matrix, item.field)
    return replace(
        described, uid=uid, moving=item.frame, matrix=item.matrix, field=item.field, kind=kind, made_by=made_by
    )


def _between(described: Registration, one: _Item, other: _Item) -> Registration | None:
    """Two frames that lie on the same one lie on each other (C.20.2.1.1, Equation C.20.2-3)."""
    if one.frame == other.frame:
        return None
    laid = replace(other, matrix=inverse(one.matrix) @ other.matrix)
    found = _registration(described, laid, f"{described.uid}/{one.frame}/{other.frame}")
    return replace(found, fixed=one.frame)


def _kind(matrix: Matrix, field: Field | None) -> Kind:
    if field is not None:
        return "deformable"
    part = matrix[:3, :3]
    return "rigid" if np.allclose(part.T @ part, np.eye(3), atol=RIGID_WITHIN) else "affine"


def _maker(read: Attributes) -> str:
    """Who or what made it, with its version (safety.md 14)."""
    what = " ".join(each for each in (read.text("Manufacturer"), read.text("ManufacturerModelName")) if each)
    if read.text("ManufacturerModelName").startswith(read.text("Manufacturer")):
        what = read.text("ManufacturerModelName")
    version, person = read.text("SoftwareVersions"), read.text("ContentCreatorName")
    told = " ".join(each for each in (what, version) if each) or "nobody knows whom"
    return f"{told}, {person}" if person else told
