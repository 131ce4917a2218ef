"""What objects of the cache say over images, found and read: structure sets, segmentations, doses and their plans."""

from collections.abc import Iterable, Mapping
from typing import Final

from workstation import paths
from workstation.cache import files
from workstation.cache.entries import Stored
from workstation.cache.index import Index
from workstation.case import regions
from workstation.case.overlays import Overlay
from workstation.documents import rtdose
from workstation.errors import HounsfieldError, NotFound
from workstation.findings.structures import Structure
from workstation.imaging.displaysets import DisplaySet

MODALITIES: Final = frozenset(("RTSTRUCT", "RTDOSE", "SEG"))
CLASSES: Final = regions.CLASSES | {rtdose.SOP_CLASS}

DOSE_COLOUR: Final = (205, 205, 205)
"""In the list; its lines have colours of their own."""

SEGMENT_FILL: Final = 0.2
"""Of segments when they are first shown; structures are outlines."""


def read_overlays(home: paths.Home, sets: Mapping[str, DisplaySet]) -> tuple[tuple[Overlay, ...], tuple[str, ...]]:
    """All that objects of the studies of some sets bring, in the frames of reference that they name, and sentences
    about those that cannot be read; any thread."""
    found: list[Overlay] = []
    problems: list[str] = []
    prescribed: dict[str, float] = {}
    stored = _stored(home, {each.study_instance_uid for each in sets.values()})
    for each in stored:
        if each.instance.SOPClassUID == rtdose.PLAN:
            dose = _prescribed(home, each)
            prescribed |= {each.instance.SOPInstanceUID: dose} if dose else {}
    for each in stored:
        if each.instance.SOPClassUID in CLASSES:
            try:
                read, odd = _read(home, each, sets, prescribed)
                found += read
                problems += odd
            except HounsfieldError as error:
                problems.append(f"{each.instance.Modality}: {error.sentence}")
    order = {"structure": 0, "segment": 1, "dose": 2}
    return tuple(sorted(found, key=lambda overlay: order[overlay.kind])), tuple(problems)


def _stored(home: paths.Home, studies: Iterable[str]) -> list[Stored]:
    wanted: list[Stored] = []
    with Index(home) as index:
        for study in sorted(studies):
            try:
                if MODALITIES & {each.modality for each in index.study(study).series}:
                    wanted += [e for e in index.instances(study) if e.instance.SOPClassUID in CLASSES | {rtdose.PLAN}]
            except NotFound:
                continue
    return wanted


def _prescribed(home: paths.Home, stored: Stored) -> float | None:
    try:
        return rtdose.prescribed_gy(files.read(home, stored.digest))
    except HounsfieldError:
        return None


def _read(
    home: paths.Home, stored: Stored, sets: Mapping[str, DisplaySet], prescribed: Mapping[str, float]
) -> tuple[list[Overlay], list[str]]:
    uid = stored.instance.SOPInstanceUID
    if stored.instance.SOPClassUID == rtdose.SOP_CLASS:
        dose = rtdose.read_dose(files.read(home, stored.digest))
        dose = rtdose.with_prescription(dose, prescribed.get(dose.plan_uid))
        name = f"Dose ({dose.summation.lower() or 'of no said kind'})"
        source = stored.instance.SeriesDescription or "RTDOSE"
        return [Overlay(uid, source, name, DOSE_COLOUR, dose.frame_of_reference_uid, dose)], list(dose.odd)
    read = regions.read(home, stored, sets.values())
    if read.ours:  # they are among the reader's own segments
        return [], []
    source = read.label or stored.instance.Modality
    found = [
        Overlay(
            f"{uid}/{each.number}",
            source,
            regions.name_of(each),
            each.colour,
            each.frame_of_reference_uid,
            each,
            opacity=0.0 if isinstance(each, Structure) else SEGMENT_FILL,
            made_by=read.made_by.get(each.number, ""),
            series_instance_uid=read.series_of(each),
        )
        for each in read.regions
        if not isinstance(each, Structure) or each.contours
    ]
    empty = [regions.name_of(e) for e in read.regions if isinstance(e, Structure) and not e.contours]
    odd = [*read.odd, *(f"{name} has no contours" for name in empty)]
    return found, [f"{source}: {sentence}." for sentence in odd]
