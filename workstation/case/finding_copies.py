"""A mark once more on another series: the same place where both share a frame of reference, else the same place of the
image on screen. Where the two are registered with each other, the same place of the patient. Never on another patient's
images."""

from dataclasses import replace

import numpy as np

from workstation.case.drawing import tracking_uid
from workstation.case.drawing_show import middle_of
from workstation.case.drawing_tools import Ground, Points, calibrations, ground, source_near, valued
from workstation.case.state import Case
from workstation.case.tile import TileView
from workstation.findings.finding import WORKED_OUT, Finding, Kind, Status
from workstation.findings.layered import carried
from workstation.imaging.geometry import vec
from workstation.imaging.view import on_screen


def copies(case: Case, finding: Finding) -> tuple[Finding, ...]:
    """The finding on each other series on screen that it can be brought to, numbered on, with values of its own."""
    own, found, seen = case.view(case.active), list[Finding](), set[str]()
    known = calibrations(case.marks, case.sets)
    for view in (case.view(number) for number in case.shown if number != case.active):
        if view.display_set is None or view.display_set.key in seen or not _fits(own, view, finding):
            continue
        placed = _placed(own, view, finding)
        if placed is not None:
            seen.add(view.display_set.key)
            number = case.marks.next_number() + len(found)
            found.append(valued(replace(placed, tracking_uid=tracking_uid(), number=number), case.sets, known))
    return tuple(found)


def _fits(own: TileView, other: TileView, finding: Finding) -> bool:
    """Whether another series of the same patient is there whose lengths are told in the same unit."""
    one, two = own.display_set, other.display_set
    if one is None or two is None or one is two or finding.kind in (Kind.CALIBRATION, *WORKED_OUT):
        return False
    if two.series_instance_uid == finding.series_instance_uid:
        return False
    return one.first.patient == two.first.patient and one.spacing_is_known and two.spacing_is_known


def _placed(own: TileView, other: TileView, finding: Finding) -> Finding | None:
    here, there = ground(own), ground(other)
    if here is None or there is None or finding.frame_of_reference_uid != here.frame_of_reference_uid:
        return None
    if finding.in_patient and there.frame_of_reference_uid == finding.frame_of_reference_uid:
        return _same_space(other, there, finding)
    laid = own.alignment.between(finding.frame_of_reference_uid or "", there.frame_of_reference_uid or "")
    if finding.in_patient and laid is not None and there.frame_of_reference_uid is not None:
        through = carried(finding, laid, there.frame_of_reference_uid)
        found = _same_space(other, there, through)
        return None if found is None else replace(found, kind=through.kind, alignments=(laid.uid,) if laid.uid else ())
    return _bare(finding, there, there.kept(_carried(own, other, here.spread(finding.points))))


def _same_space(other: TileView, there: Ground, finding: Finding) -> Finding | None:
    """On the image of the other series that lies nearest; None where the series does not reach it."""
    display_set, middle = other.display_set, middle_of(finding)
    if display_set is None or display_set.lattice is None or not display_set.lattice.contains(middle):
        return None
    return replace(_bare(finding, there, finding.points), sources=(source_near(display_set, middle),))


def _bare(finding: Finding, there: Ground, points: Points) -> Finding:
    """What a reader draws anew keeps its name and site, but no status, place of the label or value of another."""
    return replace(
        finding,
        points=points,
        frame_of_reference_uid=there.frame_of_reference_uid,
        sources=there.sources,
        study_instance_uid=there.study_instance_uid,
        series_instance_uid=there.series_instance_uid,
        status=Status.DRAFT,
        author="",
        values=(),
        refused="",
        hidden=False,
        label=None,
        document_uid="",
        alignments=(),
    )


def _carried(own: TileView, other: TileView, points: Points) -> Points:
    """As far from the middle of the other image as from that of their own, along the directions of the screen, mm."""
    away = np.asarray(points) - np.asarray(own.plane.center_lps)
    return tuple(vec(np.asarray(other.plane.center_lps) + each @ _axes(own).T @ _axes(other)) for each in away)


def _axes(view: TileView) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Rows: unit vectors to the right and down on the screen, and into it."""
    right, down = (np.asarray(each) / np.linalg.norm(each) for each in on_screen(view.plane, view.tile.framing))
    return np.array([right, down, np.cross(right, down)])
