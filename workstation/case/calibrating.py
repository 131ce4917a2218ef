"""The marks that follow a calibration line: what it gives them while it is there goes with it."""

from workstation.case.drawing_tools import calibrations, valued
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind


def recalibrated(case: Case, changed: Finding, is_gone: bool = False) -> tuple[Finding, ...]:
    """The other marks of an image with the values that follow from a calibration line that changed, or is gone."""
    if changed.kind is not Kind.CALIBRATION:
        return ()
    image = changed.sources[0].sop_instance_uid
    others = [each for each in case.marks if each.tracking_uid != changed.tracking_uid]
    lines = [changed if each.tracking_uid == changed.tracking_uid else each for each in case.marks]
    if is_gone:
        lines = others
    elif case.marks.find(changed.tracking_uid) is None:
        lines.append(changed)
    known = calibrations(lines, case.sets)
    same = [each for each in others if not each.in_patient and each.sources[0].sop_instance_uid == image]
    return tuple(valued(each, case.sets, known) for each in same)


def taken_away(case: Case, uid: str) -> None:
    """Remove a mark, and with a calibration line its millimetres from the others, as one step."""
    found = case.marks.find(uid)
    if found is not None:
        case.marks.remove(uid, *recalibrated(case, found, is_gone=True))
