"""The command that says how a study hangs, and why: hang."""

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workstation import paths
from workstation.cli.result import Result

if TYPE_CHECKING:
    from workstation.case.open import Opened
    from workstation.hanging.hang import PlannedTile
    from workstation.imaging.displaysets import DisplaySet


def add(commands: Any) -> None:
    """Add this module's command."""
    hang = commands.add_parser("hang", help="say which protocol hangs a study and what each tile shows")
    hang.add_argument("study", help="UID, beginning of a UID, or row of `hounsfield studies`")
    hang.add_argument("--protocol", help="hang it by this protocol instead of the one that fits best")
    hang.add_argument("--screens", metavar="SIZES", help="hang it on these: 1600x1200, or 2x2048x2560 for two")
    hang.add_argument("--explain", action="store_true", help="say every rule that held and failed, and every prior")
    hang.add_argument("--json", action="store_true", help="one JSON document on stdout")
    hang.set_defaults(run=_hang)


def _hang(options: argparse.Namespace) -> Result:
    from workstation.cache.index import Index
    from workstation.case.open import read_study
    from workstation.hanging.screens import monitors, role

    screens = role(monitors(options.screens) if options.screens else ())
    home = paths.home()
    with Index(home) as index:
        study = index.resolve_study(options.study)
    document = explained(read_study(home, study, options.protocol, screens)) | {"screens": screens}
    return Result(document, _as_text(document, options.explain))


def explained(opened: "Opened") -> dict[str, Any]:
    """A plan, its tiles, every protocol that was considered and every prior that was looked into, as plain values."""
    plan = opened.answer.plan
    sets = {each.key: each for each in opened.sets}
    return {
        "protocol": plan.protocol,
        "score": plan.score,
        "stages": [
            {
                "name": stage.name,
                "rows": stage.rows,
                "columns": stage.columns,
                "tiles": [_tile(tile, sets) for tile in stage.tiles],
            }
            for stage in plan.stages
        ],
        "considered": [
            {"protocol": each.protocol, "score": each.score, "passed": list(each.passed), "failed": list(each.failed)}
            for each in plan.considered
        ],
        "priors": [
            {
                "study_instance_uid": each.study_instance_uid,
                "study_date": each.study_date,
                "accepted": each.accepted,
                "hung": each.study_instance_uid in opened.answer.used,
                "score": each.score,
                "reasons": list(each.reasons),
            }
            for each in opened.priors
        ],
    }


def _tile(tile: "PlannedTile", sets: Mapping[str, "DisplaySet"]) -> dict[str, Any]:
    shown = sets[tile.display_set] if tile.display_set else None
    return {
        "series_instance_uid": shown.series_instance_uid if shown else None,
        "display_set": tile.display_set,
        "study_instance_uid": shown.study_instance_uid if shown else None,
        "layers": [sets[each.display_set].first.SeriesDescription or each.display_set for each in tile.layers],
        "plane": tile.plane or ("stack" if shown else None),
        "window": tile.window or None,
        "link": tile.link or None,
        "slab": f"{tile.slab_mm:g} mm {tile.slab}, not yet: the slices are shown as they are" if tile.slab_mm else None,
        "prior": tile.prior,
        "study_date": tile.study_date or None,
        "description": shown.first.SeriesDescription if shown else None,
        "reason": tile.reason if shown else tile.why_empty,
    }


def _as_text(document: Mapping[str, Any], explain: bool) -> str:
    lines = [f"{document['protocol']} ({document['score']:g}), on {document['screens']}"]
    for number, stage in enumerate(document["stages"], 1):
        lines.append(f"  stage {number}: {stage['name']}, {stage['rows']} x {stage['columns']}")
        lines += [f"    {_tile_line(tile, explain)}" for tile in stage["tiles"]]
    if explain:
        lines += [line for each in document["considered"] for line in _rule_lines(each)]
        lines += [_prior_line(each) for each in document["priors"]]
    return "\n".join(lines)


def _tile_line(tile: Mapping[str, Any], explain: bool) -> str:
    if tile["display_set"] is None:
        return f"empty: {tile['reason']}"
    shown = [tile["description"] or tile["display_set"], _in_words(tile["plane"]), tile["window"] or "own window"]
    shown += [f"under {each}" for each in tile["layers"]]
    if tile["slab"]:
        shown.append(f"slab {tile['slab']}")
    if tile["prior"]:
        shown.append(f"PRIOR of {tile['study_date']}")
    return ", ".join(shown) + (f"  [{tile['reason']}]" if explain else "")


def _in_words(plane: str) -> str:
    from workstation.hanging.schema import TURNING

    return "rotating MIP" if plane == TURNING else plane


def _rule_lines(considered: Mapping[str, Any]) -> list[str]:
    rules = [f"    + {rule}" for rule in considered["passed"]] + [f"    - {rule}" for rule in considered["failed"]]
    return [f"  {considered['protocol']}: {considered['score']:g}", *rules]


def _prior_line(prior: Mapping[str, Any]) -> str:
    verdict = "hangs" if prior["hung"] else "may hang" if prior["accepted"] else "does not hang"
    return f"  study of {prior['study_date']} {verdict}: {'; '.join(prior['reasons'])}"
