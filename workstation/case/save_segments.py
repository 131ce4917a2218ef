"""Saving segments: one binary segmentation for each series and grid they lie on (PS3.3 A.51).

A later one has the series of the one before and the next number in it, names it, and takes its place; the old one is
kept. Where no segment is left, one that holds no voxel says so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydicom.dataset import Dataset

from workstation import paths
from workstation.cache import files
from workstation.case.drawing_saved import LONGEST_LABEL, SAVED, Saved
from workstation.case.hot import reference_of
from workstation.case.saved import Segmented
from workstation.documents import made
from workstation.documents.seg import SEGMENTATION
from workstation.documents.seg_write import write_segmentation
from workstation.documents.sr.volumes import Referred
from workstation.errors import NotFound, Reason, Refused
from workstation.findings.finding import Status
from workstation.findings.segment import Segment
from workstation.findings.segment_values import measured
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Mask
from workstation.imaging.volume import Voxels


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


@dataclass(frozen=True, eq=False)
class Written:
    """The file that says a group, its segments as they will be read again, and how a document refers to each."""

    data: bytes
    segments: tuple[Segment, ...]
    referred: tuple[Referred, ...]


def written(
    home: paths.Home,
    group: Group,
    known: Sequence[Segmented],
    sets: Iterable[DisplaySet],
    digests: Mapping[str, str],
    check: Callable[[], None],
) -> Written:
    """What says a group from now on. `known` are the segmentations of ours that stand: those of the same images are
    superseded, and what another program put into them since is carried on.

    Raises NotFound when an image is gone, and `Refused` as `write_segmentation`, with NO_GEOMETRY also where no images
    lie under the grid.
    """
    before = _before(group, known)
    place, uid = _place(before), made.new_uid()
    headers = _headers(home, group, sets, digests, check)
    said = tuple(_as_saved(each) for each in group.segments)
    whole = (*said, *_carried(group, before))
    nothing = [] if whole else [replace(group.before[0], mask=Mask.empty(group.grid), name="No segments")]
    data = write_segmentation(
        whole or nothing,
        headers,
        place=place,
        withdrawn=not whole,
        sop_instance_uid=uid,
        supersedes=[each.sop_instance_uid for each in before],
    )
    series = place.series_instance_uid
    referred = [Referred(each, SEGMENTATION, uid, series, number) for number, each in enumerate(whole, 1)]
    return Written(data, said, tuple(referred))


def standing(known: Iterable[Segmented], replaced: Iterable[Group]) -> tuple[Referred, ...]:
    """How a document refers to the segments of segmentations that stand, but those of groups that are written anew."""
    gone = [(each.series_instance_uid, each.grid) for each in replaced]
    found: dict[str, Referred] = {}
    for each in known:
        if (each.source_series_uid, each.grid) in gone:
            continue
        for segment in each.segments:
            uid, number = segment.tracking_uid, each.numbers[segment.tracking_uid]
            refers = Referred(segment, SEGMENTATION, each.sop_instance_uid, each.series_instance_uid, number)
            found.setdefault(uid, refers)
    return tuple(found.values())


def measured_as_said(
    referred: Iterable[Referred], segments: Iterable[Segment], voxels_of: Callable[[Segment], Voxels | None]
) -> tuple[Referred, ...]:
    """With what each of them measures: as the reader was told it, else worked out now."""
    told = {each.tracking_uid: each for each in segments}
    found = []
    for each in referred:
        mine = told.get(each.segment.tracking_uid)
        same = mine is not None and mine.mask == each.segment.mask
        segment = replace(each.segment, number=mine.number) if mine is not None else each.segment
        values = mine.values if mine is not None and same else ()
        values = values or measured(segment.mask, voxels_of(segment), is_reference=reference_of(segment) is not None)
        found.append(replace(each, segment=replace(segment, values=values)))
    return tuple(found)


def _as_saved(segment: Segment) -> Segment:
    status = Status.CONFIRMED if segment.status is Status.DRAFT else segment.status
    return replace(segment, name=segment.name[:LONGEST_LABEL], status=status)


def _before(group: Group, known: Iterable[Segmented]) -> tuple[Segmented, ...]:
    """The segmentations of the same images that stand, the newest first."""
    return tuple(
        each for each in known if each.source_series_uid == group.series_instance_uid and each.grid == group.grid
    )


def _place(before: Sequence[Segmented]) -> made.Place:
    """The series that the newest segmentation before is in, and the next number there; else a new series."""
    if not before:
        return made.Place(made.new_uid())
    series = before[0].series_instance_uid
    last = max(each.instance_number for each in before if each.series_instance_uid == series)
    return made.Place(series, last + 1)


def _carried(group: Group, before: Iterable[Segmented]) -> tuple[Segment, ...]:
    """What stands in segmentations and was never on this page: another program wrote it meanwhile."""
    seen = {each.tracking_uid for each in (*group.segments, *group.before)}
    found = {each.tracking_uid: each for one in before for each in one.segments if each.tracking_uid not in seen}
    return tuple(found.values())


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
