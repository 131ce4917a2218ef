"""What the documents of a cached study say: findings of ours and of others, and key images; and drafts laid over them.

Of documents of ours the one counts whose place no other takes; where two programs wrote beside each other, all that
are left, the newest first. What cannot be read stays in the ledger and hides no other.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from workstation import paths
from workstation.cache import files
from workstation.cache.index import Index
from workstation.case.drawing_drafts import kept_with_known
from workstation.case.drawing_saved import Saved, laid_over, numbered
from workstation.case.drawing_tools import space_of
from workstation.case.saved_volumes import segments_there, with_numbers, with_volumes
from workstation.dicom.attributes import Attributes
from workstation.dicom.scan import scan
from workstation.documents import kos, seg
from workstation.documents.sr.places import Ground, GroundOf
from workstation.documents.sr.read import Read, can_hold, read_findings
from workstation.errors import HounsfieldError, NotFound
from workstation.findings.finding import Finding, Source
from workstation.findings.key_image import KeyImage
from workstation.findings.saved import Draft, Kept
from workstation.findings.segment import Segment
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid
from workstation.imaging.parted import FrameIn, frame_in

log = logging.getLogger(__name__)

HOLDING = frozenset(("SR", "KO", "SEG"))
"""Modality of series that may hold what is read here; most studies have none."""


UNNAMED: Final = re.compile(r"Segment (\d{1,4})")


@dataclass(frozen=True, eq=False)
class Segmented:
    """A segmentation of ours: the series it lies in, the one it was drawn on, and its segments; none, where the last
    of them was removed. `numbers` are those that its segments have in it, by tracking UID; `made` sorts by time."""

    sop_instance_uid: str
    series_instance_uid: str
    instance_number: int
    source_series_uid: str
    grid: Grid
    segments: tuple[Segment, ...]
    made: str = ""
    supersedes: frozenset[str] = frozenset()
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Documents:
    """What was found in a study: documents with measurements, and selections of key images, the newest first; and the
    segmentations of ours whose place no other takes, the newest first."""

    study_instance_uid: str
    measured: tuple[Read, ...] = ()
    selected: tuple[kos.Selection, ...] = ()
    segmented: tuple[Segmented, ...] = ()

    @property
    def standing(self) -> tuple[Read, ...]:
        """Documents of ours whose place no other of ours has taken."""
        ours = [each for each in self.measured if each.is_ours]
        replaced = {uid for each in ours for uid in each.supersedes}
        return tuple(each for each in ours if each.sop_instance_uid not in replaced)

    @property
    def saved(self) -> Saved:
        """What they say together."""
        found: dict[str, Finding] = {}
        others = [each for each in self.measured if not each.is_ours]
        for document in (*self.standing, *others):
            for finding in document.findings:
                found.setdefault(finding.tracking_uid, finding)
        ours = [each for each in self.selected if each.is_ours and each.purpose is not None]
        keys = (key for each in ours if each.made == ours[0].made for key in each.keys)  # written in one go
        segments: dict[str, Segment] = {}
        for segmentation in self.segmented:
            for segment in segmentation.segments:
                told = with_numbers(segment, segmentation.sop_instance_uid, self.standing)
                segments.setdefault(segment.tracking_uid, told)
        return Saved(found, frozenset(keys), segments)


def documents_of(home: paths.Home, study_uid: str, sets: Iterable[DisplaySet]) -> Documents:
    """The documents of a cached study. Raises `NotFound`."""
    with Index(home) as index:
        if not any(each.modality in HOLDING for each in index.study(study_uid).series):
            return Documents(study_uid)
        stored = index.instances(study_uid)
    known = tuple(sets)
    ground_of, segment_of = grounds(known), segments_there(home, stored, known)
    measured, selected, segmented = [], [], []
    for each in stored:
        uid = each.instance.SOPClassUID
        try:
            if can_hold(uid):
                read = read_findings(files.read(home, each.digest), ground_of)
                measured.append(read if read.is_ours else with_volumes(read, segment_of, known))
            elif uid == kos.KEY_OBJECTS:
                selected.append(kos.read_selection(files.read(home, each.digest)))
            elif uid == seg.SEGMENTATION:
                segmented.append(_segmented(files.read(home, each.digest), known))
        except HounsfieldError as error:
            log.warning("a document of a study cannot be read: %s", type(error).__name__)
    return Documents(
        study_uid,
        tuple(sorted(measured, key=lambda each: (each.made, each.instance_number), reverse=True)),
        tuple(sorted(selected, key=lambda each: (each.made, each.instance_number), reverse=True)),
        _standing([each for each in segmented if each is not None]),
    )


def _segmented(data: bytes, sets: tuple[DisplaySet, ...]) -> Segmented | None:
    """A segmentation of ours; None for others', which are laid over the images only. Raises as `seg` does."""
    read = Attributes(scan(data))
    if not seg.is_ours(read):
        return None
    source = seg.referenced_series(data)
    grids = [each.grid for each in sets if each.grid is not None and each.series_instance_uid == source]
    found = seg.read_segmentation(data, grids)
    return Segmented(
        found.sop_instance_uid,
        read.text("SeriesInstanceUID"),
        read.integer("InstanceNumber") or 1,
        source,
        found.segments[0].mask.grid,
        tuple(_as_drawn(each) for each in found.segments if each.mask),
        read.text("ContentDate") + read.text("ContentTime"),
        seg.superseded_by(read),
        {each.tracking_uid: each.number for each in found.segments},
    )


def _as_drawn(segment: Segment) -> Segment:
    """One without a name of its own has its number in what it is called."""
    unnamed = UNNAMED.fullmatch(segment.name)
    return replace(segment, name="", number=int(unnamed[1])) if unnamed else segment


def _standing(found: list[Segmented]) -> tuple[Segmented, ...]:
    """Those whose place no other takes, the newest first: the others are kept, and say nothing any more.

    One that names none is the first of its series, or of an earlier version, and took the place of all before it there.
    """
    replaced = {uid for each in found for uid in each.supersedes}
    for each in found:
        if not each.supersedes:
            same = [other for other in found if other.series_instance_uid == each.series_instance_uid]
            replaced |= {other.sop_instance_uid for other in same if other.instance_number < each.instance_number}
    left = [each for each in found if each.sop_instance_uid not in replaced]
    return tuple(sorted(left, key=lambda each: (each.made, each.instance_number), reverse=True))


def grounds(sets: Iterable[DisplaySet]) -> GroundOf:
    """What lies under each image of these sets."""
    known = tuple(sets)
    places: dict[tuple[str, int], Ground] = {}

    def ground_of(source: Source) -> Ground | None:
        place = source.sop_instance_uid, source.frame
        if place not in places:
            found = _image_of(known, source)
            if found is None:
                return None
            display_set, image = found
            places[place] = Ground(space_of(display_set, image), display_set.image_grid(image))
        return places[place]

    return ground_of


def _image_of(sets: Iterable[DisplaySet], source: Source) -> tuple[DisplaySet, int] | None:
    for each in sets:
        first = each.place_of.get(source.sop_instance_uid)
        if first is None:
            continue
        for image in range(first, len(each.images)):
            ref = each.images[image]
            if (ref.instance.SOPInstanceUID, ref.frame) == (source.sop_instance_uid, source.frame):
                return each, image
    return None


def _placed(kept: Kept | None, told: FrameIn) -> Kept | None:
    """Drafts where their series lie now: one may have been parted from its frame when they were kept."""
    if kept is None:
        return None
    drafts = (each if isinstance(each, KeyImage) else each.placed(told) for each in kept.drafts)
    return replace(kept, drafts=tuple(drafts))


def standing(home: paths.Home, studies: Iterable[str], sets: Iterable[DisplaySet]) -> tuple[tuple[Draft, ...], Saved]:
    """All that is said of these studies: by documents, and over them the drafts. For any thread."""
    known = tuple(sets)
    told = frame_in(known)
    drafts: list[Draft] = []
    findings: dict[str, Finding] = {}
    segments: dict[str, Segment] = {}
    keys: frozenset[KeyImage] = frozenset()
    for study in studies:
        try:
            saved = documents_of(home, study, [each for each in known if each.study_instance_uid == study]).saved
        except NotFound:
            continue
        saved = saved.placed(told)
        drafts += laid_over(saved, study, _placed(kept_with_known(home, study), told))
        findings |= saved.findings
        segments |= saved.segments
        keys |= saved.keys
    return numbered(tuple(drafts)), Saved(findings, keys, segments)
