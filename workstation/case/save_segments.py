"""Saving segments: one binary segmentation for each series and grid they lie on (PS3.3 A.51).

A later one has the series of the one before and the next number in it, and takes its place; the old one is kept. Where
no segment is left, one that holds no voxel says so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydicom.dataset import Dataset

from workstation import paths
from workstation.cache import files
from workstation.case.drawing_saved import LONGEST_LABEL, SAVED, Saved
from workstation.case.saved import Segmented
from workstation.documents import made
from workstation.documents.seg_write import write_segmentation
from workstation.errors import NotFound, Reason, Refused
from workstation.findings.finding import Status
from workstation.findings.segment import Segment
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Mask


@dataclass(frozen=True, eq=False)
class Group:
    """Segments of one series on one grid, which one segmentation says. `before` are those that the last one said."""

    series_instance_uid: str
    grid: Grid
    segments: tuple[Segment, ...]
    before: tuple[Segment, ...]


def changed_groups(study: str, segments: Iterable[Segment], saved: Saved) -> tuple[Group, ...]:
    """What of these segments is not in documents yet; one without a voxel is nothing that could be saved."""
    now = [each for each in segments if each.study_instance_uid == study and each.mask]
    before = saved.segments_of(study)
    found = []
    for series, grid in dict.fromkeys((each.series_instance_uid, each.mask.grid) for each in (*now, *before)):
        mine, known = _on(now, series, grid), _on(before, series, grid)
        gone = {each.tracking_uid for each in known} - {each.tracking_uid for each in mine}
        if gone or any(saved.state(each) != SAVED for each in mine):
            found.append(Group(series, grid, mine, known))
    return tuple(found)


def _on(segments: Iterable[Segment], series: str, grid: Grid) -> tuple[Segment, ...]:
    return tuple(each for each in segments if each.series_instance_uid == series and each.mask.grid == grid)


def written(
    home: paths.Home,
    group: Group,
    known: Sequence[Segmented],
    sets: Iterable[DisplaySet],
    digests: Mapping[str, str],
    check: Callable[[], None],
) -> tuple[bytes, tuple[Segment, ...]]:
    """The file that says a group, and its segments as they will be read again.

    `known` are the segmentations of ours that stand. Raises NotFound when an image is gone, and `Refused` as
    `write_segmentation`, with NO_GEOMETRY also where no images lie under the grid.
    """
    place = _place(group, known)
    headers = _headers(home, group, sets, digests, check)
    if not group.segments:
        nothing = replace(group.before[0], mask=Mask.empty(group.grid), name="No segments")
        return write_segmentation([nothing], headers, place=place, withdrawn=True), ()
    said = tuple(_as_saved(each) for each in group.segments)
    return write_segmentation(said, headers, place=place), said


def _as_saved(segment: Segment) -> Segment:
    status = Status.CONFIRMED if segment.status is Status.DRAFT else segment.status
    return replace(segment, name=segment.name[:LONGEST_LABEL], status=status)


def _place(group: Group, known: Sequence[Segmented]) -> made.Place:
    """The series that the segmentation before is in, and the next number there."""
    for each in known:
        if each.source_series_uid == group.series_instance_uid and each.grid == group.grid:
            return made.Place(each.series_instance_uid, each.instance_number + 1)
    return made.NEW


def _headers(
    home: paths.Home,
    group: Group,
    sets: Iterable[DisplaySet],
    digests: Mapping[str, str],
    check: Callable[[], None],
) -> list[Dataset]:
    """The headers of the images under the slices of a grid, in its order; one of a multi-frame object."""
    for each in sets:
        if each.series_instance_uid == group.series_instance_uid and each.grid == group.grid:
            break
    else:
        raise Refused(Reason.NO_GEOMETRY, detail="no images lie under a segment")
    names = list(dict.fromkeys(ref.instance.SOPInstanceUID for ref in each.images))
    if len(names) not in (1, len(each.images)) or (len(names) == 1 and each.first.images != len(each.images)):
        raise Refused(Reason.NO_GEOMETRY, detail="a segment lies on a part of the frames of an object")
    headers: list[Dataset] = []
    for name in names:
        check()
        if name not in digests:
            raise NotFound("One of its images is not in the cache any more.")
        headers.append(made.header_of(files.read(home, digests[name])))
    return headers
