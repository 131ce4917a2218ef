"""Registrations as objects of the cache: read when a study is opened, and written beside it. For jobs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from workstation import paths
from workstation.cache import files, rejected
from workstation.cache.entries import Stored
from workstation.cache.index import Index
from workstation.case.aligning import align
from workstation.case.save import Done, save_object
from workstation.documents import made
from workstation.documents.registration import MODALITY, SOP_CLASSES, spatial_registration
from workstation.documents.registration_read import Document, read_registration
from workstation.errors import HounsfieldError, NotFound
from workstation.imaging.alignment import Alignment, Registration, stored_frame
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.parted import parted

if TYPE_CHECKING:
    from workstation.case.state import Case

NO_IMAGES: Final = "The images it lays on each other are not all here."


def read_registrations(
    home: paths.Home, sets: Mapping[str, DisplaySet]
) -> tuple[tuple[Document, ...], tuple[str, ...], frozenset[str]]:
    """What objects of the studies of some sets say of their frames of reference, the oldest first and what a reader
    accepted last; sentences about those that cannot be applied; and the UIDs of those that a reader rejected."""
    places = {
        ref.instance.SOPInstanceUID: (stored_frame(ref.instance.FrameOfReferenceUID), each.series_instance_uid)
        for each in sets.values()
        for ref in each.images
    }
    found: list[Document] = []
    problems: list[str] = []
    for stored in _stored(home, {each.study_instance_uid for each in sets.values()}):
        try:
            document = read_registration(files.read(home, stored.digest), places)
        except HounsfieldError as error:
            problems.append(f"A registration of the study is not applied: {error.sentence}.")
            continue
        found.append(document)
        problems += [f"A registration by {document.made_by}: {each}." for each in document.odd]
    found.sort(key=lambda each: (any(one.accepted for one in each.registrations), each.made))
    uids = {one.uid for each in found for one in each.registrations}
    return tuple(found), tuple(problems), rejected.among(home, uids)


def _stored(home: paths.Home, studies: set[str]) -> list[Stored]:
    wanted: list[Stored] = []
    with Index(home) as index:
        for study in sorted(studies):
            try:
                if any(each.modality == MODALITY for each in index.study(study).series):
                    wanted += [each for each in index.instances(study) if each.instance.SOPClassUID in SOP_CLASSES]
            except NotFound:
                continue
    return wanted


def as_registered(home: paths.Home, sets: Sequence[DisplaySet]) -> tuple[DisplaySet, ...]:
    """Sets with the series parted from their frames that registrations of their studies move within these."""
    documents, _, rejected = read_registrations(home, {each.key: each for each in sets})
    said = (one for each in documents for one in each.registrations if one.uid not in rejected)
    named = {frame for one in said for frame in one.pair}
    return tuple(apart if (apart := parted(each)).first.FrameOfReferenceUID in named else each for each in sets)


def take_up(case: "Case", documents: Sequence[Document], rejected: frozenset[str] = frozenset()) -> bool:
    """Lay the frames of a case on each other as documents say, under what was done here since; whether any says more.
    No step that could be taken back. Those that a reader rejected are known, and not applied."""
    case.registering.rejected |= rejected - {each.uid for each in case.alignment.registrations}
    read = tuple(one for each in documents for one in each.registrations)
    known = {each.uid for each in case.alignment.registrations} | case.registering.saved
    new = tuple(each for each in read if each.uid not in known)
    case.registering.saved |= {each.uid for each in read}
    new = tuple(each for each in new if each.uid not in case.registering.rejected)
    if not new:
        return False
    for each in new:
        case.registering.found.setdefault(each.pair, each)
    last = {each.pair: each for each in new}
    case.registering.found |= {pair: each for pair, each in last.items() if case.alignment.registration(*pair) is None}
    align(case, Alignment((*new, *case.alignment.registrations), case.alignment.shown_anyway))
    return True


def save_registration(
    home: paths.Home, registration: Registration, sets: Mapping[str, DisplaySet], node: str, creator: str = ""
) -> Done:
    """Keep a registration with the study of its fixed images, and for `node` where it is named.

    Raises NotFound where its images are not here, and what `save_object` raises.
    """
    fixed, moving = (_set_of(sets, frame, registration.sources) for frame in (registration.fixed, registration.moving))
    if fixed is None or moving is None:
        raise NotFound(NO_IMAGES)
    with Index(home) as index:
        digest = index.digest_of(fixed.first.SOPInstanceUID)
    if digest is None:
        raise NotFound(NO_IMAGES)
    source = made.header_of(files.read(home, digest))
    sides = [fixed], [moving]
    if registration.is_within:  # whose images it names is what tells the two apart: all of the series
        sides[1][:] = [each for each in sets.values() if each.first.FrameOfReferenceUID == registration.moving]
    images = [
        list({ref.instance.SOPInstanceUID: ref.instance for each in side for ref in each.images}.values())
        for side in sides
    ]
    data = spatial_registration(registration, images[0], images[1], source, creator)
    return save_object(home, fixed.study_instance_uid, data, node)


def _set_of(sets: Mapping[str, DisplaySet], frame: str, series: Sequence[str]) -> DisplaySet | None:
    """The set in a frame that a registration was made from, else the largest there."""
    there = [each for each in sets.values() if each.first.FrameOfReferenceUID == frame]
    return max(there, key=lambda each: (each.series_instance_uid in series, len(each.images)), default=None)
