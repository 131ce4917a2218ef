"""`hounsfield findings`: what was measured and marked in a study, as its documents say and as drafts over them."""

import argparse
from typing import TYPE_CHECKING, Any

from workstation.cli.result import Result

if TYPE_CHECKING:
    from workstation.case.drawing_saved import Saved
    from workstation.findings.finding import Finding
    from workstation.findings.key_image import KeyImage
    from workstation.findings.segment import Segment


def add(subparsers: Any) -> None:
    """Add the command of this module."""
    command = subparsers.add_parser("findings", help="what was measured and marked in a study, saved or as a draft")
    command.add_argument("study", help="UID, beginning of a UID, or row of `hounsfield studies`")
    command.add_argument("--json", action="store_true", help="one JSON document on stdout")
    command.set_defaults(run=run_findings)


def run_findings(options: argparse.Namespace) -> Result:
    """Exit code 0 also when there are none."""
    from workstation import paths
    from workstation.cache.index import Index
    from workstation.case.open import study_sets
    from workstation.case.saved import standing
    from workstation.findings.finding import Finding
    from workstation.findings.key_image import KeyImage
    from workstation.findings.segment import Segment

    home = paths.home()
    with Index(home) as index:
        study = index.resolve_study(options.study)
    drafts, saved = standing(home, (study,), study_sets(home, study)[0])
    findings = sorted((each for each in drafts if isinstance(each, Finding)), key=lambda each: each.number)
    segments = sorted((each for each in drafts if isinstance(each, Segment)), key=lambda each: each.number)
    keys = [each for each in drafts if isinstance(each, KeyImage)]
    document = {
        "study_instance_uid": study,
        "findings": [_row(each, saved) for each in findings],
        "segments": [_segment(each, saved) for each in segments],
        "key_images": [_key(each, saved) for each in keys],
    }
    lines = [_line(each, saved) for each in findings]
    lines += [f"{each.title}  {each.mask.volume_ml:.2f} ml  ({saved.state(each)})" for each in segments]
    lines += [f"key image {each.sop_instance_uid} frame {each.frame + 1}" for each in keys]
    return Result(document, "\n".join(lines) or "nothing is measured or marked in this study")


def _row(finding: "Finding", saved: "Saved") -> dict[str, Any]:
    return {
        "number": finding.number,
        "kind": finding.kind.value,
        "name": finding.title,
        "site": finding.site,
        "text": finding.text,
        "status": finding.status.value,
        "saved": saved.state(finding),
        "author": finding.author,
        "tracking_uid": finding.tracking_uid,
        "series_instance_uid": finding.series_instance_uid,
        "sources": [{"sop_instance_uid": each.sop_instance_uid, "frame": each.frame + 1} for each in finding.sources],
        "frame_of_reference_uid": finding.frame_of_reference_uid,
        "points": [list(each) for each in finding.points],
        "closed": finding.encloses,
        "values": [
            {"name": each.name, "value": each.value, "unit": each.unit, "how": each.how} for each in finding.values
        ],
        "refused": finding.refused,
        "document_uid": finding.document_uid,
    }


def _segment(segment: "Segment", saved: "Saved") -> dict[str, Any]:
    return {
        "number": segment.number,
        "name": segment.title,
        "status": segment.status.value,
        "saved": saved.state(segment),
        "algorithm": segment.algorithm.value,
        "made_by": segment.algorithm_name,
        "origin": segment.origin,
        "tracking_uid": segment.tracking_uid,
        "series_instance_uid": segment.series_instance_uid,
        "colour": list(segment.colour),
        "voxels": segment.mask.count,
        "volume_ml": segment.mask.volume_ml,
        "values": [
            {"name": each.name, "value": each.value, "unit": each.unit, "how": each.how} for each in segment.values
        ],
    }


def _key(key: "KeyImage", saved: "Saved") -> dict[str, Any]:
    return {
        "series_instance_uid": key.series_instance_uid,
        "sop_instance_uid": key.sop_instance_uid,
        "frame": key.frame + 1,
        "saved": "saved" if key in saved.keys else "not saved",
    }


def _line(finding: "Finding", saved: "Saved") -> str:
    from workstation.findings.words import summary

    told = [f"{finding.number}", finding.title, summary(finding), finding.site, f"({saved.state(finding)})"]
    return "  ".join(each for each in told if each)
