"""What documents say of segments: the numbers of our own, and findings where other programs measured theirs.

A segment of others is a place to put a number at: the middle of its largest slice. Its voxels are shown by the list of
structures (`case.overlays`), never among the reader's own (safety.md 14).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np

from workstation import paths
from workstation.cache.entries import Stored
from workstation.case import regions
from workstation.documents import seg
from workstation.documents.sr.read import Read
from workstation.documents.sr.volumes import OfSegment
from workstation.errors import HounsfieldError
from workstation.findings.finding import Finding, Kind, Source, Status
from workstation.findings.segment import Segment
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.masks import Mask

SegmentOf = Callable[[OfSegment], Segment | None]
"""The segment that a document speaks of; None when its object is not there."""


def segments_there(home: paths.Home, stored: Iterable[Stored], sets: Iterable[DisplaySet]) -> SegmentOf:
    """Segments of the segmentations of a study; each object is read once, and only when it is asked for."""
    known = tuple(sets)
    objects = {each.instance.SOPInstanceUID: each for each in stored if each.instance.SOPClassUID in seg.SOP_CLASSES}
    opened: dict[str, Mapping[int, Segment]] = {}

    def segment_of(said: OfSegment) -> Segment | None:
        uid = said.sop_instance_uid
        if uid not in objects:
            return None
        if uid not in opened:
            try:
                found = regions.read(home, objects[uid], known).regions
            except HounsfieldError:
                found = ()
            opened[uid] = {each.number: each for each in found if isinstance(each, Segment)}
        return opened[uid].get(said.segment_number)

    return segment_of


def with_volumes(read: Read, segment_of: SegmentOf, sets: Iterable[DisplaySet]) -> Read:
    """A document of another program with a finding for each segment it measured; what is not there is `left`."""
    known = tuple(sets)
    found, left = list(read.findings), list(read.left)
    for said in read.segments:
        segment = segment_of(said)
        place = _middle(segment.mask) if segment is not None else None
        if segment is None or place is None:
            left.append(said.name or "a segment")
        else:
            found.append(_finding(read, said, segment, place, known, len(found) + 1))
    return replace(read, findings=tuple(found), left=tuple(left))


def _middle(mask: Mask) -> tuple[int, int, int] | None:
    """The voxel (i, j, k) of a mask nearest to the middle of its largest slice; None of an empty one."""
    counts = [plane.count if plane is not None else 0 for plane in mask.planes]
    k = int(np.argmax(counts)) if counts else 0
    plane = mask.planes[k] if counts else None
    if plane is None:
        return None
    rows, columns = np.nonzero(plane.image())
    nearest = int(np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2))
    return int(columns[nearest]) + plane.columns[0], int(rows[nearest]) + plane.rows[0], k


def _finding(
    read: Read, said: OfSegment, segment: Segment, place: tuple[int, int, int], sets: Iterable[DisplaySet], number: int
) -> Finding:
    under = next((each for each in sets if each.grid == segment.mask.grid), None)
    ref = under.images[place[2]] if under is not None else None
    by_algorithm = said.made_by or segment.status is Status.FROM_AI
    about = f"{said.name}, measured in its segment" if said.name else "Measured in its segment"
    return Finding(
        tracking_uid=said.tracking_uid,
        number=number,
        kind=Kind.TEXT,
        points=(segment.mask.grid.point(place),),
        frame_of_reference_uid=segment.frame_of_reference_uid,
        sources=(Source(ref.instance.SOPInstanceUID, ref.frame),) if ref is not None else (),
        study_instance_uid=read.study_instance_uid,
        series_instance_uid=under.series_instance_uid if under is not None else segment.series_instance_uid,
        name=segment.name or said.name,
        site=said.site,
        text="\n".join(filter(None, (about, said.text))),
        status=Status.FROM_AI if by_algorithm else Status.CONFIRMED,
        author=said.made_by or segment.algorithm_name or read.observer,
        values=said.values,
        document_uid=read.sop_instance_uid,
    )


def with_numbers(segment: Segment, sop_instance_uid: str, standing: Iterable[Read]) -> Segment:
    """A segment of ours with what our documents say of it: its number among others, its site, and what it measures."""
    for read in standing:
        for said in read.segments:
            if (said.tracking_uid, said.sop_instance_uid) == (segment.tracking_uid, sop_instance_uid):
                number = said.number or segment.number
                return replace(segment, number=number, site=said.site, values=said.values)
    return segment
