"""Segments and structures of others copied into own segments, to be edited: the original stays what it is.

A copy says what it was copied from and which algorithm made that, for as long as it lives (safety.md 14).
"""

from dataclasses import replace
from typing import Final

from workstation.case.drawing_tools import space_of
from workstation.case.overlays import Overlay
from workstation.case.segmenting import Answer, Work, fresh
from workstation.case.state import Case
from workstation.errors import HounsfieldError
from workstation.findings import contours
from workstation.findings.finding import Status
from workstation.findings.roi import OTHER_GRID, mask_on
from workstation.findings.segment import Algorithm, Segment
from workstation.findings.structures import Structure
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.masks import Mask
from workstation.jobs import Job

NOWHERE: Final = "No images of its frame of reference make a volume it could be edited on."
BESIDE: Final = "Nothing of it lies on these images."


def can_be_copied(overlay: Overlay) -> bool:
    """A segment, or a structure that encloses something."""
    return isinstance(overlay.what, Segment) or (isinstance(overlay.what, Structure) and overlay.what.encloses)


def copied(case: Case, overlay: Overlay) -> Work:
    """The work that copies a segment or a structure onto a series. Raises HounsfieldError where none fits it."""
    what, under = overlay.what, _under(case, overlay)
    if under is None or under.grid is None or not isinstance(what, Segment | Structure):
        raise HounsfieldError(NOWHERE)
    grid, own = under.grid, fresh(case.marks, under)
    by_hand = isinstance(what, Segment) and what.algorithm is Algorithm.MANUAL
    by_hand = by_hand or (isinstance(what, Structure) and not overlay.made_by)
    algorithm = Algorithm.MANUAL if by_hand else _algorithm(what)
    begun = replace(
        own,
        name=overlay.name,
        colour=overlay.colour,
        algorithm=algorithm,
        algorithm_name="" if by_hand else overlay.made_by,
        status=Status.FROM_AI if algorithm is Algorithm.AUTOMATIC else Status.DRAFT,
        origin=_origin(overlay, under),
    )
    done = f"{overlay.name} is copied into an own segment; the original stays as it is, and is hidden."

    def run(job: Job, mask: Mask) -> Answer:
        job.check()
        found = mask_on(what, grid)
        return Answer(found, said=done if found else BESIDE)

    return Work("Copy a segment", begun, run, copies=True)


def _algorithm(what: Segment | Structure) -> Algorithm:
    return what.algorithm if isinstance(what, Segment) else Algorithm.AUTOMATIC


def _under(case: Case, overlay: Overlay) -> DisplaySet | None:
    """The set that a copy lies on: that of its own voxels, else the active tile's, else any of its space."""
    frame = overlay.frame_of_reference_uid
    same = [each for each in case.sets.values() if each.grid is not None and space_of(each, 0) == frame]
    active = case.view(case.active).display_set
    named = overlay.what.series_instance_uid if isinstance(overlay.what, Segment) else ""
    grid = overlay.what.mask.grid if isinstance(overlay.what, Segment) else None
    same.sort(key=lambda each: (each.grid != grid, each.series_instance_uid != named, each is not active))
    return same[0] if same else None


def _origin(overlay: Overlay, under: DisplaySet) -> str:
    """From which object, by which algorithm, and by which rule where its voxels are not its own."""
    by = f", algorithm {overlay.made_by}" if overlay.made_by else ""
    rule = ""
    if isinstance(overlay.what, Structure):
        rule = f"; {contours.RULE}"
    elif isinstance(overlay.what, Segment) and overlay.what.mask.grid != under.grid:
        rule = f"; {OTHER_GRID[0].lower()}{OTHER_GRID[1:].rstrip('.')}"
    return f"from {overlay.source}{by}{rule}"
