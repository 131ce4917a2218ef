"""Saving: what the reader made of a study becomes documents, lies in the cache, and waits to be sent (safety.md 22).

Values only, captured by the main thread; all of it runs in a job. First the outbox is told, for a while ahead, then
the objects become visible, then they are due: whatever moment the program ends at, the drafts are there, or the
documents with what sends them. A document is never changed: a new one takes its place (PS3.3 C.17.2, predecessors).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from pydicom.dataset import Dataset

from workstation import paths
from workstation.cache import files, ingest
from workstation.cache.entries import Arrival
from workstation.cache.index import Index
from workstation.cache.outbox import Item, Outbox, State
from workstation.case import save_segments
from workstation.case.drawing_saved import SAVED, Saved
from workstation.case.save_segments import Group, changed_groups
from workstation.case.saved import Documents, documents_of, grounds
from workstation.dicom.entities import Instance
from workstation.documents import kos, made
from workstation.documents.sr import places, write
from workstation.documents.sr.volumes import Referred
from workstation.errors import HounsfieldError, NotFound, Refused
from workstation.findings.finding import Finding, Status
from workstation.findings.key_image import KeyImage
from workstation.findings.saved import Draft
from workstation.findings.segment import Segment
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.volume import Voxels
from workstation.security.roles import require

AHEAD_S: Final = 60.0
"""So long an item of the outbox waits for its objects to be visible; then it is due anyway."""


@dataclass(frozen=True)
class ToSave:
    """What there is to save of one study, as it stands. `findings` are all that its next document says."""

    study_instance_uid: str
    findings: tuple[Finding, ...]
    keys: tuple[KeyImage, ...]
    findings_changed: bool
    keys_changed: bool
    sets: tuple[DisplaySet, ...] = field(repr=False, default=())
    groups: tuple[Group, ...] = ()
    """Segments, by the series they lie on; only those groups that changed."""
    segments: tuple[Segment, ...] = field(repr=False, default=())
    """All of the study, with what they measure."""
    known: frozenset[str] = frozenset()
    """Tracking UIDs of the findings that documents said when this was captured."""


@dataclass(frozen=True)
class Done:
    """What was saved of a study. `findings` is what was written: as it was -> as it is read again.

    `left` are findings that no document can say where they lie, which stay drafts. `node` is where it will be sent;
    empty when it stays here. `segments` are those that were written, `segments_before` what their documents said
    before; `segments_left` could not be written, and stay drafts.
    """

    study_instance_uid: str
    findings: Mapping[Finding, Finding] = field(default_factory=dict)
    findings_saved: bool = False
    keys: frozenset[KeyImage] = frozenset()
    keys_saved: bool = False
    left: tuple[Finding, ...] = ()
    objects: tuple[str, ...] = ()
    node: str = ""
    segments: tuple[Segment, ...] = ()
    segments_before: tuple[Segment, ...] = ()
    segments_left: tuple[Segment, ...] = ()

    @property
    def segments_saved(self) -> bool:
        return bool(self.segments or self.segments_before)

    def taken_over(self, saved: Saved) -> Saved:
        """What documents say from now on."""
        if self.findings_saved:
            saved = saved.with_findings(self.study_instance_uid, tuple(self.findings.values()))
        saved = saved.with_segments(self.segments_before, self.segments)
        return saved.with_keys(self.study_instance_uid, self.keys) if self.keys_saved else saved


def to_save(
    findings: Sequence[Finding],
    keys: Sequence[KeyImage],
    saved: Saved,
    sets: Sequence[DisplaySet],
    segments: Sequence[Segment] = (),
) -> tuple[ToSave, ...]:
    """What of these marks is not in documents yet, study by study; what others wrote and nobody changed is theirs."""
    marked: tuple[Draft, ...] = (*findings, *keys, *saved.findings.values(), *saved.keys)
    marked = (*marked, *segments, *saved.segments.values())
    studies = dict.fromkeys(each.study_instance_uid for each in marked)
    found = []
    for study in studies:
        own = tuple(
            each
            for each in findings
            if each.study_instance_uid == study and not (each.document_uid and saved.state(each) == SAVED)
        )
        mine = tuple(each for each in keys if each.study_instance_uid == study)
        changed = any(saved.state(each) != SAVED for each in own) or bool(saved.removed(study, tuple(findings)))
        keys_changed = bool(mine) and set(mine) != {each for each in saved.keys if each.study_instance_uid == study}
        groups = changed_groups(study, segments, saved)
        if changed or keys_changed or groups:
            of_study = tuple(each for each in sets if each.study_instance_uid == study)
            volumes = tuple(each for each in segments if each.study_instance_uid == study and each.mask)
            known = frozenset(uid for uid, each in saved.findings.items() if each.study_instance_uid == study)
            found.append(ToSave(study, own, mine, changed, keys_changed, of_study, groups, volumes, known))
    return tuple(found)


def _no_voxels(segment: Segment) -> Voxels | None:
    """Nothing is loaded."""


def save(
    home: paths.Home,
    wanted: ToSave,
    node: str,
    observer: str = "",
    check: Callable[[], None] = lambda: None,
    voxels_of: Callable[[Segment], Voxels | None] = _no_voxels,
) -> Done:
    """Write the documents of one study into the cache, and the errand that sends them to `node` when it is named.

    `voxels_of` gives what segments lie on, as far as it is loaded: for those whose numbers are not worked out yet.

    Raises Refused by role or when the disk does not take it, NotFound when the study is gone, HounsfieldError when
    another program writes to this home; then nothing was saved and the drafts are as they were.
    """
    require("measure")
    known = documents_of(home, wanted.study_instance_uid, wanted.sets)
    check()
    with Index(home) as index:
        stored = {each.instance.SOPInstanceUID: each for each in index.instances(wanted.study_instance_uid)}
    images = {uid: each.instance for uid, each in stored.items()}
    digests = {uid: each.digest for uid, each in stored.items()}
    source = _source(home, wanted, digests, images)
    done = Done(wanted.study_instance_uid, node=node)
    made_objects, done, referred = _segments(home, wanted, done, known, digests, check)
    if wanted.findings_changed or made_objects:
        referred = save_segments.measured_as_said(referred, wanted.segments, voxels_of)
        told = {each.segment.tracking_uid: each.segment for each in referred}
        done = replace(done, segments=tuple(told[each.tracking_uid] for each in done.segments))
        document = write.Document(
            source, images, grounds(wanted.sets), _next(known), _headers(home, known), observer, referred
        )
        data, done = _findings(wanted, done, document, known)
        made_objects += data
    if wanted.keys_changed:
        made_objects += _selections(wanted.keys, known, source, images)
        done = replace(done, keys=frozenset(wanted.keys), keys_saved=True)
    check()
    return replace(done, objects=keep(home, wanted.study_instance_uid, made_objects, node)) if made_objects else done


def _segments(
    home: paths.Home,
    wanted: ToSave,
    done: Done,
    known: Documents,
    digests: Mapping[str, str],
    check: Callable[[], None],
) -> tuple[list[bytes], Done, tuple[Referred, ...]]:
    """The segmentations of the groups that changed, and how a document refers to all segments that are saved then; a
    group that cannot be written stays a draft, and what was saved of it stands."""
    files_made: list[bytes] = []
    groups: list[Group] = []
    referred: list[Referred] = []
    for group in wanted.groups:
        try:
            made_of = save_segments.written(home, group, known.segmented, wanted.sets, digests, check)
        except (Refused, NotFound):
            done = replace(done, segments_left=(*done.segments_left, *group.segments))
            continue
        files_made.append(made_of.data)
        groups.append(group)
        referred += made_of.referred
        before = (*done.segments_before, *group.before)
        done = replace(done, segments=(*done.segments, *made_of.segments), segments_before=before)
    return files_made, done, (*save_segments.standing(known.segmented, groups), *referred)


def _source(home: paths.Home, wanted: ToSave, digests: Mapping[str, str], images: Mapping[str, Instance]) -> Dataset:
    """The header of an image that was marked: it says whose study it is, as the images have it. Raises `NotFound`."""
    marked = [source.sop_instance_uid for each in wanted.findings for source in each.sources]
    marked += [each.sop_instance_uid for each in wanted.keys]
    shown = [uid for uid, each in images.items() if each.pixels is not None]
    uid = next((each for each in (*marked, *shown) if each in digests), None)
    if uid is None:
        raise NotFound("None of its images is in the cache any more.")
    return made.header_of(files.read(home, digests[uid]))


def _headers(home: paths.Home, known: Documents) -> list[Dataset]:
    """The documents whose place a new one takes."""
    found: list[Dataset] = []
    with Index(home) as index:
        for each in known.standing:
            digest = index.digest_of(each.sop_instance_uid)
            if digest is not None:
                found.append(made.header_of(files.read(home, digest)))
    return found


def _findings(wanted: ToSave, done: Done, document: write.Document, known: Documents) -> tuple[list[bytes], Done]:
    """The document of all findings that have a place and all segments, and the findings that have no place.

    `document` has all images of the study. Where nothing stood before, one that says nothing is not written. What
    another program wrote meanwhile, and was never on this page, is said on.
    """
    images, source = document.images, document.source
    placed: dict[Finding, Finding] = {}
    left = []
    for finding in wanted.findings:
        status = Status.CONFIRMED if finding.status is Status.DRAFT else finding.status
        try:
            if any(each.sop_instance_uid not in images for each in finding.sources):
                raise NotFound("its image is gone")
            saved = places.as_saved(finding, document.ground_of)
            placed[finding] = replace(saved, status=status, document_uid="")
        except (Refused, NotFound):
            left.append(finding)
    if not placed and not document.segments and not known.standing:
        return [], replace(done, left=tuple(left))
    said = (*placed.values(), *_unseen(wanted, known, images))
    used = {uid: images[uid] for each in said for uid in (source.sop_instance_uid for source in each.sources)}
    if not used:  # of segments alone, or the last finding was removed: the document says so by saying nothing
        used = {source.SOPInstanceUID: images[source.SOPInstanceUID]}
    data = write.written(said, replace(document, images=used))
    if not wanted.findings_changed:  # they are said once more, beside segments that are new
        return [data], done
    return [data], replace(done, findings=placed, findings_saved=True, left=tuple(left))


def _unseen(wanted: ToSave, known: Documents, images: Mapping[str, Instance]) -> tuple[Finding, ...]:
    """Findings of documents of ours that stand and were not there when this page was opened."""
    seen = wanted.known | {each.tracking_uid for each in wanted.findings}
    found: dict[str, Finding] = {}
    for document in known.standing:
        for each in document.findings:
            if each.tracking_uid not in seen and all(source.sop_instance_uid in images for source in each.sources):
                found.setdefault(each.tracking_uid, each)
    return tuple(found.values())


def _next(known: Documents) -> made.Place:
    """The place of the document that takes that of those that stand."""
    return _next_place([(each.series_instance_uid, each.instance_number) for each in known.standing])


def _selections(
    keys: Sequence[KeyImage], known: Documents, source: Dataset, images: Mapping[str, Instance]
) -> list[bytes]:
    """One for each purpose, all of one time: together they take the place of those of any time before."""
    first = _next_place([(e.series_instance_uid, e.instance_number) for e in known.selected if e.is_ours])
    series, now = first.series_instance_uid or made.new_uid(), datetime.now()
    stamp = (now.strftime("%Y%m%d"), now.strftime("%H%M%S.%f"))
    groups = {purpose: [each for each in keys if each.purpose is purpose] for purpose in kos.TITLES}
    found: list[bytes] = []
    for purpose, group in groups.items():
        if group:
            place = made.Place(series, first.number + len(found))
            found.append(kos.written(group, source, images, place, kos.TITLES[purpose], stamp=stamp))
    return found


def _next_place(before: Sequence[tuple[str, int]]) -> made.Place:
    """The series that the documents before are in, and the next number there."""
    if not before:
        return made.NEW
    return made.Place(before[0][0], max(number for _, number in before) + 1)


def save_object(home: paths.Home, study: str, data: bytes, node: str) -> Done:
    """Keep another object of a study, such as a picture. Raises as `save`."""
    require("measure")
    return Done(study, objects=keep(home, study, [data], node), node=node)


def keep(home: paths.Home, study: str, objects: Iterable[bytes], node: str) -> tuple[str, ...]:
    """Bring new objects of a study into the cache, and into the outbox for a node; their SOPInstanceUIDs.

    Raises what `save` raises; then none of them is promised to anybody.
    """
    arrivals: list[Arrival] = []
    outbox, item = Outbox(home), None
    with ingest.Ingest(home, lambda digest, arrival: False) as into:
        try:
            arrivals = [ingest.receive(home, data, "made here") for data in objects]
            uids = tuple(each.instance.SOPInstanceUID for each in arrivals)
            if node:
                _forget_lost(home, outbox, study)
                item = outbox.put(study, uids, node, after_s=AHEAD_S)
            outcomes = [outcome for each in arrivals for outcome in into.add(each)] + into.flush()
            refused = next((each.reason for each in outcomes if not each.stored and each.reason is not None), None)
            if refused is not None:
                raise Refused(refused, "what was to be saved")
        except HounsfieldError:
            if item is not None:
                with suppress(HounsfieldError):
                    outbox.forget(item.key)
            raise
    if item is not None:
        outbox.put_off(item.key, 0.0)
    return uids


def _forget_lost(home: paths.Home, outbox: Outbox, study: str) -> None:
    """A program that was killed before its objects were visible left a promise of nothing."""
    with Index(home) as index:
        there = {each.instance.SOPInstanceUID for each in index.instances(study)}
    for item in outbox.items():
        if _is_lost(item, study, there):
            outbox.forget(item.key)


def _is_lost(item: Item, study: str, there: set[str]) -> bool:
    named = set(item.sop_instance_uids)
    return item.study_instance_uid == study and item.state is State.FAILED and bool(named) and not named & there
