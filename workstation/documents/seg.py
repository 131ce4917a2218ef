"""Segmentations read (PS3.3 A.51, A.101, C.8.20): bytes to `Segmentation`, bounded; binary, fractional and label maps.

Masks are packed frame by frame and hold only what is set, so that a hundred segments of a CT open in a second or two
and take less memory than their file. Voxels are those of the file: nothing is resampled.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.dicom.attributes import Attributes
from workstation.dicom.scan import BIG_ENDIAN, DEFLATED, NATIVE, Dataset, scan
from workstation.documents.cielab import rgb_of
from workstation.documents.made import MAKER
from workstation.documents.segment_frames import Place, lattice, places_of
from workstation.documents.segment_terms import Term, Terms
from workstation.documents.sr.codes import SCHEME
from workstation.errors import Reason, Refused
from workstation.findings.finding import Status
from workstation.findings.segment import Algorithm, Segment, colour_of
from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Mask, Plane

SEGMENTATION: Final = "1.2.840.10008.5.1.4.1.1.66.4"
LABEL_MAP: Final = "1.2.840.10008.5.1.4.1.1.66.7"
SOP_CLASSES: Final = frozenset((SEGMENTATION, LABEL_MAP))

SUPERSEDES: Final = ("supersedes", SCHEME, "Takes the place of")
"""Purpose of a reference from a segmentation of ours to the one before it: a code of our own scheme."""

MOST_SEGMENTS: Final = 4_000
"""Atlases of the brain have some hundreds."""

HALF: Final = 0.5
"""A voxel belongs to a fractional segment from this share or probability on."""

_SEGMENTS, _CATEGORY, _ALGORITHM, _TYPE, _SERIES = 0x00620002, 0x00620003, 0x00620007, 0x0062000F, 0x00081115
_REFERENCED, _PURPOSE = 0x0008114A, 0x0040A170

Frame = bytes | memoryview
Decoded = Callable[[int], Frame]


@dataclass(frozen=True, eq=False)
class Segmentation:
    """What a segmentation says; `segments` lie on one grid. `kind` is binary, fractional, probability or label map.

    `terms` are by segment number. `shares` are, for fractional ones, the stored values of each slice that has any, by
    segment number; `most` is the value that means 1. `made_by` names algorithm and version where one made a segment.
    """

    sop_instance_uid: str
    label: str
    kind: str
    segments: tuple[Segment, ...]
    terms: Mapping[int, Terms] = field(default_factory=dict)
    shares: Mapping[int, Mapping[int, NDArray[Any]]] = field(default_factory=dict)
    most: int = 1
    made_by: Mapping[int, str] = field(default_factory=dict)
    odd: tuple[str, ...] = ()

    def fraction(self, number: int) -> NDArray[np.float32]:
        """The shares or probabilities (0 to 1) of a fractional segment [k, j, i]."""
        grid = next(each.mask.grid for each in self.segments if each.number == number)
        found = np.zeros(grid.size[::-1], dtype=np.float32)
        for k, image in self.shares[number].items():
            found[k] = image.astype(np.float32) / self.most
        return found


def read_segmentation(data: bytes, grids: Iterable[Grid] = (), decoded: Decoded | None = None) -> Segmentation:
    """Read a segmentation from the bytes of its file.

    Where its frames lie on slices of one of `grids` (of the series it was drawn on), its masks are on that grid; else
    on one made of its own frames. Compressed frames come from `decoded(frame)`, without which they are refused.

    Raises `Refused` as `scan` does, NOT_A_SEGMENTATION for another kind of object, NO_GEOMETRY, UNEVEN_SPACING,
    CONTRADICTING_POSITIONS or MIXED_ORIENTATION for frames that make no volume, TRANSFER_SYNTAX, PIXEL_LENGTH and
    TOO_LARGE.
    """
    dataset = scan(data)
    read = Attributes(dataset)
    if read.text("SOPClassUID") not in SOP_CLASSES:
        raise Refused(Reason.NOT_A_SEGMENTATION)
    kind, most = _kind(read)
    described = _described(read)
    frames = _Frames(dataset, read, decoded)
    places = places_of(read, frames.count)
    grid, numbers = lattice(places, frames.rows, frames.columns, grids)
    planes: dict[int, dict[int, Plane]] = defaultdict(dict)
    shares: dict[int, dict[int, NDArray[Any]]] = defaultdict(dict)
    for frame, (place, k) in enumerate(zip(places, numbers, strict=True)):
        for number, plane, image in _of_frame(frames, frame, place, kind, most):
            if plane is not None:
                _lay(planes[number], k, plane)
            if image is not None:
                shares[number][k] = image
    background = {0} if kind == "label map" else set()
    segments = tuple(
        _segment(read, segment, _mask(grid, planes.pop(number, {})))
        for number, segment in described.items()
        if number not in background
    )
    odd = [*read.odd, *(f"frames of a segment {number} that is not described" for number in planes.keys() - background)]
    terms = {number: _terms(segment) for number, segment in described.items() if number not in background}
    return Segmentation(
        read.text("SOPInstanceUID"),
        read.text("ContentDescription") or read.text("SeriesDescription") or read.text("ContentLabel"),
        kind,
        segments,
        terms,
        dict(shares),
        most,
        {number: by for number, segment in described.items() if (by := _made_by(segment))},
        tuple(dict.fromkeys(odd)),
    )


def _kind(read: Attributes) -> tuple[str, int]:
    """In words, and for fractions the stored value that means 1."""
    kind = read.text("SegmentationType")
    if kind == "FRACTIONAL":
        most = read.integer("MaximumFractionalValue") or 0
        if most <= 0:
            raise Refused(Reason.NOT_A_SEGMENTATION, detail="fractions without a maximum")
        return "probability" if read.text("SegmentationFractionalType") == "PROBABILITY" else "fractional", most
    if kind not in ("BINARY", "LABELMAP"):
        raise Refused(Reason.NOT_A_SEGMENTATION, detail="an unknown type of segmentation")
    return "binary" if kind == "BINARY" else "label map", 1


def _described(read: Attributes) -> dict[int, Attributes]:
    """The items of the SegmentSequence by their number."""
    found: dict[int, Attributes] = {}
    for item in read.items(_SEGMENTS):
        if len(found) == MOST_SEGMENTS:
            raise Refused(Reason.TOO_LARGE, detail=f"more than {MOST_SEGMENTS} segments")
        segment = read.having(item)
        number = segment.integer("SegmentNumber")
        if number is not None:
            found.setdefault(number, segment)
    return found


def _segment(read: Attributes, segment: Attributes, mask: Mask) -> Segment:
    number = segment.integer("SegmentNumber") or 0
    kind = segment.text("SegmentAlgorithmType").lower()
    algorithm = Algorithm(kind) if kind in set(Algorithm) else Algorithm.AUTOMATIC
    series = next((read.having(item).text("SeriesInstanceUID") for item in read.items(_SERIES)), "")
    return Segment(
        tracking_uid=segment.text("TrackingUID") or _uid(read.text("SOPInstanceUID"), number),
        number=number,
        mask=mask,
        study_instance_uid=read.text("StudyInstanceUID"),
        series_instance_uid=series,
        frame_of_reference_uid=read.text("FrameOfReferenceUID"),
        colour=rgb_of(segment.numbers("RecommendedDisplayCIELabValue")) or colour_of(max(number, 1)),
        name=segment.text("SegmentLabel"),
        status=Status.FROM_AI if algorithm is Algorithm.AUTOMATIC else Status.CONFIRMED,
        author=read.text("ContentCreatorName"),
        algorithm=algorithm,
        algorithm_name=segment.text("SegmentAlgorithmName"),
        origin=segment.text("SegmentDescription") if read.text("Manufacturer") == MAKER else "",
    )


def _made_by(segment: Attributes) -> str:
    """Name and version of the algorithm that made a segment; empty for what was drawn by hand (C.8.20.4)."""
    if segment.text("SegmentAlgorithmType") == "MANUAL":
        return ""
    for item in segment.items(_ALGORITHM):
        by = segment.having(item)
        said = " ".join(filter(None, (by.text("AlgorithmName"), by.text("AlgorithmVersion"))))
        if said:
            return said
    return segment.text("SegmentAlgorithmName") or "an algorithm without a name"


def _uid(sop_instance_uid: str, number: int) -> str:
    """A TrackingUID for a segment that brings none: the same each time it is read (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'{sop_instance_uid}/{number}').int}"


def _terms(segment: Attributes) -> Terms:
    category, kind = (_term(segment, tag) for tag in (_CATEGORY, _TYPE))
    return Terms(category, kind)


def _term(segment: Attributes, tag: int) -> Term:
    for item in segment.items(tag):
        code = segment.having(item)
        return Term(code.text("CodeValue"), code.text("CodingSchemeDesignator"), code.text("CodeMeaning"))
    return Term("", "", "")


def _mask(grid: Grid, planes: Mapping[int, Plane]) -> Mask:
    return Mask(grid, tuple(planes.get(k) for k in range(grid.size[2])))


def _lay(planes: dict[int, Plane], k: int, plane: Plane) -> None:
    """Put a plane in its place; two frames of one segment at one place are one thing."""
    before = planes.get(k)
    if before is None:
        planes[k] = plane
        return
    high, wide = (max(a[1], b[1]) for a, b in ((before.rows, plane.rows), (before.columns, plane.columns)))
    both = np.zeros((high, wide), np.bool_)
    for each in (before, plane):
        both[slice(*each.rows), slice(*each.columns)] |= each.image()
    joined = Plane.of(both)
    assert joined is not None  # noqa: S101  both hold something
    planes[k] = joined


Found = tuple[int, Plane | None, NDArray[Any] | None]


def _of_frame(frames: "_Frames", frame: int, place: Place, kind: str, most: int) -> Iterator[Found]:
    """What a frame holds: segment number, its plane, and for fractions the stored values."""
    if kind == "label map":
        yield from _labels(frames.values(frame))
    elif kind == "binary":
        yield place.segment, frames.bits(frame), None
    else:
        values = frames.values(frame)
        if values.any():
            yield place.segment, Plane.of(values >= HALF * most), values


def _labels(values: NDArray[Any]) -> Iterator[Found]:
    """A plane for each label in a frame: sorted once, whatever number of labels there is."""
    rows, columns = np.nonzero(values)
    labels = values[rows, columns]
    order = np.argsort(labels, kind="stable")
    rows, columns, labels = rows[order], columns[order], labels[order]
    starts = np.flatnonzero(np.diff(labels, prepend=0))
    for start, end in zip(starts, [*starts[1:], len(labels)], strict=True):
        own, across = rows[start:end], columns[start:end]
        top, left = int(own[0]), int(across.min())
        image = np.zeros((int(own[-1]) + 1 - top, int(across.max()) + 1 - left), np.bool_)
        image[own - top, across - left] = True
        yield int(labels[start]), Plane.of(image, top, left), None


class _Frames:
    """The pixels of a segmentation, frame by frame."""

    def __init__(self, dataset: Dataset, read: Attributes, decoded: Decoded | None) -> None:
        self.rows, self.columns = read.integer("Rows") or 0, read.integer("Columns") or 0
        self.count = read.integer("NumberOfFrames") or 1
        self._bits = read.integer("BitsAllocated") or 0
        if self.rows <= 0 or self.columns <= 0 or self.count <= 0 or self._bits not in (1, 8, 16):
            raise Refused(Reason.PIXEL_FORMAT)
        self._decoded = decoded
        self._pixels = self.rows * self.columns
        self._order = ">" if dataset.big_endian else "<"
        self._data: memoryview = memoryview(b"")
        native = dataset.transfer_syntax_uid in NATIVE or dataset.transfer_syntax_uid == DEFLATED
        if not native:
            if decoded is None:
                raise Refused(Reason.TRANSFER_SYNTAX)
            return
        if dataset.transfer_syntax_uid == BIG_ENDIAN and self._bits < 16:
            raise Refused(Reason.TRANSFER_SYNTAX)
        self._decoded = None
        start, declared = dataset.pixel_start, dataset.pixel_declared
        if start is None or declared is None:
            raise Refused(Reason.PIXEL_DATA)
        self._data = memoryview(dataset.data)[start : start + declared]
        if len(self._data) * 8 < self.count * self._pixels * self._bits:
            raise Refused(Reason.PIXEL_LENGTH)

    def values(self, frame: int) -> NDArray[Any]:
        """The stored values of a frame, shape (rows, columns)."""
        if self._bits == 1:
            return self._unpacked(frame).view(np.uint8)
        kind = np.dtype(np.uint8) if self._bits == 8 else np.dtype(f"{self._order}u2")
        size = self._pixels * kind.itemsize
        raw = self._data[frame * size : (frame + 1) * size] if self._decoded is None else self._decoded(frame)
        if len(raw) < size:
            raise Refused(Reason.PIXEL_LENGTH)
        return np.frombuffer(raw, kind, self._pixels).reshape(self.rows, self.columns)

    def bits(self, frame: int) -> Plane | None:
        """What is set in a frame of bits: the first pixel in the lowest bit, frames without a gap (PS3.5 8.1.1)."""
        if self._bits != 1 or self.columns % 8 or self._decoded is not None:
            return Plane.of(self.values(frame) != 0)
        # Whole bytes make up a row: only rows and bytes that hold something are unpacked.
        size = self._pixels // 8
        packed = np.frombuffer(self._data, np.uint8, size, frame * size).reshape(self.rows, -1)
        rows = np.flatnonzero(packed.any(axis=1))
        if not rows.size:
            return None
        inner = packed[rows[0] : rows[-1] + 1]
        across = np.flatnonzero(inner.any(axis=0))
        image = np.unpackbits(inner[:, across[0] : across[-1] + 1], axis=1, bitorder="little").view(np.bool_)
        return Plane.of(image, int(rows[0]), int(across[0]) * 8)

    def _unpacked(self, frame: int) -> NDArray[np.bool_]:
        if self._decoded is not None:
            raw: Frame = self._decoded(frame)
            first = 0
        else:
            first = frame * self._pixels
            raw = self._data[first // 8 : (first + self._pixels + 7) // 8]
        bits = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")[first % 8 :]
        if len(bits) < self._pixels:
            raise Refused(Reason.PIXEL_LENGTH)
        return bits[: self._pixels].reshape(self.rows, self.columns).view(np.bool_)


def referenced_series(data: bytes) -> str:
    """The series a segmentation was drawn on; empty when it does not say."""
    read = Attributes(scan(data))
    return next((read.having(item).text("SeriesInstanceUID") for item in read.items(_SERIES)), "")


def is_ours(read: Attributes) -> bool:
    """Whether it is one that this program saves segments in, and opens again to be edited."""
    return read.text("Manufacturer") == MAKER and read.text("SegmentationType") == "BINARY"


def superseded_by(read: Attributes) -> frozenset[str]:
    """The SOPInstanceUIDs of segmentations whose place one of ours takes."""
    found = set()
    for item in read.items(_REFERENCED):
        reference = read.having(item)
        for elements in reference.items(_PURPOSE):
            purpose = reference.having(elements)
            if (purpose.text("CodeValue"), purpose.text("CodingSchemeDesignator")) == SUPERSEDES[:2]:
                found.add(reference.text("ReferencedSOPInstanceUID"))
    return frozenset(found)
