"""Measures and segments of a 3D scene: which of them it shows, kept by their tracking UIDs, and shown so again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from workstation.case.drawing_tools import space_of
from workstation.case.state import Case
from workstation.findings.finding import Finding
from workstation.findings.segment import Look, Segment


@dataclass(frozen=True)
class SceneMarks:
    """Tracking UIDs of the measures that a scene shows, and how each segment of its space looks in it."""

    measures: tuple[str, ...] = ()
    segments: tuple[tuple[str, Look], ...] = ()

    @property
    def words(self) -> str:
        """How many are shown: "2 measures and 1 segment"; empty for none."""
        return counted(len(self.measures), sum(not look.hidden for _, look in self.segments))


def counted(measures: int, segments: int) -> str:
    """So many of both in words; empty for none."""
    each = ((measures, "measure"), (segments, "segment"))
    return " and ".join(f"{count} {word}{'s' if count > 1 else ''}" for count, word in each if count)


def marks_of(case: Case, number: int) -> SceneMarks:
    """What a 3D tile shows now. Where all marks are hidden together it shows none."""
    findings, segments = _there(case, number)
    none = case.marks.hidden
    return SceneMarks(
        tuple(each.tracking_uid for each in findings if not (each.hidden or none)),
        tuple((each.tracking_uid, replace(each.look, hidden=each.hidden or none)) for each in segments),
    )


def show_as_kept(case: Case, number: int, kept: SceneMarks) -> str:
    """Show just these measures and segments in a 3D tile, as one step; a sentence on what is missing or hidden now."""
    findings, segments = _there(case, number)
    looks = dict(kept.segments)
    otherwise = [replace(each, hidden=each.tracking_uid not in kept.measures) for each in findings]
    changed: dict[str, Finding] = {each.tracking_uid: each for each in otherwise}
    dressed: dict[str, Segment] = {}
    for each in segments:
        look = looks.get(each.tracking_uid)
        now = replace(each.look, hidden=True) if look is None else replace(look, locked=each.locked)
        dressed[each.tracking_uid] = each if now == each.look else each.looking(now)
    case.marks.dress(
        tuple(changed.get(each.tracking_uid, each) for each in case.marks.findings),
        tuple(dressed.get(each.tracking_uid, each) for each in case.marks.segments),
    )
    gone = counted(len(set(kept.measures) - set(changed)), len(set(looks) - set(dressed)))
    later = counted(
        sum(each.hidden and not old.hidden for each, old in zip(otherwise, findings, strict=True)),
        sum(dressed[each.tracking_uid].hidden and not each.hidden for each in segments),
    )
    missing = f"No longer there: {gone}." if gone else ""
    return " ".join(filter(None, (missing, f"Not in this scene and hidden: {later}; Ctrl+Z shows." if later else "")))


def as_plain(marks: SceneMarks) -> dict[str, Any]:
    """As values that JSON can hold."""
    return {
        "measures": list(marks.measures),
        "segments": [{"uid": uid, **asdict(look)} for uid, look in marks.segments],
    }


def marks_from(plain: Mapping[str, Any]) -> SceneMarks:
    """What `as_plain` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    looks = []
    for each in plain["segments"]:
        shown = {name: bool(each[name]) for name in ("hidden", "locked", "outline_only")}
        looks.append((str(each["uid"]), Look(**shown, opacity=min(max(float(each["opacity"]), 0.0), 1.0))))
    return SceneMarks(tuple(str(each) for each in plain["measures"]), tuple(looks))


def _there(case: Case, number: int) -> tuple[list[Finding], list[Segment]]:
    """The measures and segments that lie in the space of a tile."""
    view = case.view(number)
    space = space_of(view.display_set, view.image) if view.display_set is not None else None
    if space is None:
        return [], []
    findings = [each for each in case.marks.findings if each.in_patient and each.frame_of_reference_uid == space]
    return findings, [each for each in case.marks.segments if each.frame_of_reference_uid == space]
