"""Segments written as a segmentation (PS3.3 A.51, A.101) by highdicom: binary, fractional, or a label map."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from workstation import __version__
from workstation.documents.cielab import encoded
from workstation.documents.made import (
    MAKER,
    MODEL,
    NEEDED,
    PATIENT,
    STUDY,
    Place,
    bytes_of,
    inherited,
    new_uid,
    signed,
    spelled,
)
from workstation.documents.seg import SEGMENTATION, SUPERSEDES
from workstation.documents.segment_terms import Terms, terms_for
from workstation.errors import Reason, Refused
from workstation.findings.segment import Algorithm, Segment
from workstation.imaging.masks import Mask

SERIES_NUMBER: Final = 9905
MOST_BYTES: Final = 2 << 30
"""Of the voxels that highdicom is given at once: only segments that overlap need an array each."""

KINDS: Final = {"binary": "BINARY", "label map": "LABELMAP", "probability": "FRACTIONAL", "fractional": "FRACTIONAL"}
LONGEST_LABEL: Final = 64
LONGEST_DESCRIPTION: Final = 1024

Shares = Mapping[int, NDArray[Any]]


def write_segmentation(
    segments: Sequence[Segment],
    images: Sequence[Dataset],
    kind: str = "binary",
    terms: Mapping[int, Terms] | None = None,
    shares: Shares | None = None,
    place: Place | None = None,
    description: str = "Segmentation",
    withdrawn: bool = False,
    sop_instance_uid: str = "",
    supersedes: Sequence[str] = (),
) -> bytes:
    """The file of a segmentation object; every segment lies on one grid.

    `images` are the headers of the images under the slices of that grid, in its order, or one header of a multi-frame
    object that holds them in that order. `terms` and `shares` (0 to 1, [k, j, i], for fractional kinds) are by segment
    number; without terms they follow from names, without shares a voxel that belongs has 1. `withdrawn` says that no
    segment is left: one empty frame. `supersedes` are the SOPInstanceUIDs of segmentations whose place it takes.

    Raises `Refused` with NOTHING_ENCLOSED when no voxel is set, CONFLICT for a label map of segments that overlap,
    NO_GEOMETRY when images and grid do not fit, TOO_LARGE.
    """
    import highdicom

    multi_frame = len(images) == 1 and int(images[0].get("NumberOfFrames", 1)) > 1
    first, last = _slices(segments, None if multi_frame else len(images), withdrawn)
    if kind == "label map" and _overlap(segments):
        raise Refused(Reason.CONFLICT, "label map", "segments overlap")
    pixels = _pixels(segments, first, last, kind, shares or {})
    fractional = {"probability": "PROBABILITY", "fractional": "OCCUPANCY"}.get(kind, "PROBABILITY")
    known = terms or {}
    made = highdicom.seg.Segmentation(
        source_images=[_bare(each) for each in (images if multi_frame else images[first:last])],
        pixel_array=pixels,
        segmentation_type=KINDS[kind],
        segment_descriptions=[
            _described(segment, number, known.get(segment.number) or terms_for(segment.name or segment.site))
            for number, segment in enumerate(segments, start=1)
        ],
        series_instance_uid=(place.series_instance_uid if place else "") or new_uid(),
        series_number=SERIES_NUMBER,
        sop_instance_uid=sop_instance_uid or new_uid(),
        instance_number=place.number if place else 1,
        manufacturer=MAKER,
        manufacturer_model_name=MODEL,
        software_versions=__version__,
        device_serial_number="1",
        fractional_type=fractional,
        omit_empty_frames=not withdrawn,
        content_description=description[:LONGEST_LABEL],
        content_creator_name=segments[0].author or None,
        series_description=description[:LONGEST_LABEL],
    )
    inherited(made, images[0])
    if supersedes:
        made.ReferencedInstanceSequence = [_superseded(each) for each in supersedes]
    words = [text for each in segments for text in (each.title, each.author, each.origin, each.algorithm_name)]
    spelled(made, [*words, description])
    signed(made)
    return bytes_of(made)


def _slices(segments: Sequence[Segment], images: int | None, withdrawn: bool) -> tuple[int, int]:
    """The slices that frames are written of: the first, and behind the last; all of a multi-frame object (None)."""
    count = segments[0].mask.grid.size[2]
    if images is not None and images != count:
        raise Refused(Reason.NO_GEOMETRY, detail=f"{images} images")
    ends = (0, 1) if withdrawn else _ends(segments)
    return (0, count) if images is None else ends


def _bare(image: Dataset) -> Dataset:
    """An image's header without whose it is: what scanners write there may break rules that highdicom holds us to."""
    bare = Dataset(image)
    bare.file_meta = image.file_meta
    for keyword in {*PATIENT, *STUDY, *NEEDED} - {"StudyInstanceUID"}:
        if keyword in bare:
            del bare[keyword]
    for keyword in NEEDED:
        setattr(bare, keyword, "")
    return bare


def _ends(segments: Sequence[Segment]) -> tuple[int, int]:
    """The slices that hold something: the first, and behind the last."""
    boxes = [each.mask.box for each in segments]
    filled = [box[0] for box in boxes if box is not None]
    if not filled:
        raise Refused(Reason.NOTHING_ENCLOSED)
    return min(each.start for each in filled), max(each.stop for each in filled)


def _overlap(segments: Sequence[Segment]) -> bool:
    """Whether any voxel belongs to two segments."""
    for k in range(segments[0].mask.grid.size[2]):
        planes = [each.mask for each in segments if each.mask.planes[k] is not None]
        if len(planes) > 1 and _most(planes, k) > 1:
            return True
    return False


def _most(masks: Sequence[Mask], k: int) -> int:
    """How many masks share a voxel of slice k."""
    count = np.zeros(masks[0].grid.size[1::-1], np.uint16)
    for mask in masks:
        plane = mask.planes[k]
        if plane is not None:
            count[slice(*plane.rows), slice(*plane.columns)] += plane.image()
    return int(count.max())


def _pixels(segments: Sequence[Segment], first: int, last: int, kind: str, shares: Shares) -> NDArray[Any]:
    """What highdicom takes: labels in one array where segments do not overlap, else an array for each of them."""
    columns, rows, _ = segments[0].mask.grid.size
    fractional = KINDS[kind] == "FRACTIONAL"
    layered = fractional or _overlap(segments)
    size = (last - first) * rows * columns * (len(segments) if layered else 1) * (4 if fractional else 2)
    if size > MOST_BYTES:
        raise Refused(Reason.TOO_LARGE, detail=f"{size} bytes of voxels that overlap")
    if not layered:
        labels = np.zeros((last - first, rows, columns), np.uint8 if len(segments) < 256 else np.uint16)
        for number, segment in enumerate(segments, start=1):
            box, inside = segment.mask.boxed()
            labels[box[0].start - first : box[0].stop - first, box[1], box[2]][inside] = number
        return labels
    layers = np.zeros((last - first, rows, columns, len(segments)), np.float32 if fractional else np.uint8)
    for number, segment in enumerate(segments):
        share = shares.get(segment.number)
        layers[..., number] = segment.mask.array()[first:last] if share is None else share[first:last]
    return layers


def _described(segment: Segment, number: int, terms: Terms) -> Any:
    import highdicom
    from pydicom.sr.coding import Code

    category, kind = (Code(each.value, each.scheme, each.meaning) for each in (terms.category, terms.type))
    algorithm = None
    if segment.algorithm is not Algorithm.MANUAL:
        by = Code("123110", "DCM", "Artificial Intelligence")
        if segment.algorithm is Algorithm.SEMIAUTOMATIC:
            by = Code("123109", "DCM", "Manual Processing")
        algorithm = highdicom.AlgorithmIdentificationSequence(segment.algorithm_name or MODEL, by, __version__)
    described = highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=segment.title[:LONGEST_LABEL],
        segmented_property_category=category,
        segmented_property_type=kind,
        algorithm_type=segment.algorithm.value.upper(),
        algorithm_identification=algorithm,
        tracking_uid=segment.tracking_uid,
        tracking_id=segment.title[:LONGEST_LABEL],
        display_color=highdicom.color.CIELabColor.from_dicom_value(encoded(segment.colour)),
    )
    if segment.origin:
        described.SegmentDescription = segment.origin[:LONGEST_DESCRIPTION]
    return described


def _superseded(uid: str) -> Dataset:
    """An item of the General Reference Module (PS3.3 C.12.4): SEG knows no predecessors as SR does."""
    item, purpose = Dataset(), Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = SEGMENTATION, uid
    purpose.CodeValue, purpose.CodingSchemeDesignator, purpose.CodeMeaning = SUPERSEDES
    item.PurposeOfReferenceCodeSequence = [purpose]
    return item
