"""Why the screen shows what it shows, as text: active tile, protocol, tiles, priors, and what is left out."""

import html
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workstation.case.open import Opened
from workstation.case.state import Case
from workstation.hanging.hang import Considered
from workstation.hanging.schema import TURNING
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.ledger import Ledger
from workstation.picture.text import date

MIP = "rotating MIP"
RUNNERS_UP = 3
"""Protocols named after the one that won."""


def explained(case: Case, opened: Opened | None, facts: Mapping[str, Any], ledger: Ledger | None, unseen: str) -> str:
    """The panel as simple HTML. `facts` are those of the picture in the active tile; `ledger` None while it is made."""
    parts = [
        _section(f"Tile {case.active + 1}", _active(case, facts)),
        _section("How this study hangs", _protocol(case)),
        _section(f"The tiles of stage {case.stage + 1}", _tiles(case)),
        _section("Earlier studies", _priors(opened) if opened else []),
        _section("What is not shown", _not_shown(ledger)),
        _section("Coverage", [unseen or "Everything was on the screen."]),
    ]
    return "".join(parts)


def _section(title: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    return f"<h4>{html.escape(title)}</h4>" + "".join(f"<p>{html.escape(line)}</p>" for line in lines)


def _active(case: Case, facts: Mapping[str, Any]) -> list[str]:
    tile = case.tiles[case.active]
    if tile.display_set is None:
        return [case.why_empty(case.active) or "It is empty."]
    display_set = case.sets[tile.display_set]
    plane = MIP if tile.turning is not None else tile.orientation or "stack"
    lines = [f"{_title(display_set)}, {plane}. {_why_here(case)}"]
    fidelity = facts.get("fidelity")
    if fidelity:
        lines.append("Fidelity: " + FIDELITY.get(fidelity, f"{fidelity}."))
    lines += [_layer(each) for each in facts.get("layers", ()) if each["drawn"]]
    said = [str(each) for each in facts.get("notices", ())]
    notices = [f"{each.chip}: {each.sentence}" for each in display_set.notices]
    lines += [each for each in said if not any(each == notice.sentence for notice in display_set.notices)] + notices
    return lines if notices or said else [*lines, "There is nothing else to know of it."]


def _layer(layer: Mapping[str, Any]) -> str:
    """How what lies over the image is sampled and laid: what is told and counted of it never went through that."""
    low, high = layer["ends"]
    way = f"{100 * layer['opacity']:.0f} % of it" if layer["blend"] == "mix" else f"as {layer['blend']}"
    once = ", bent once by its registration" if layer["resampled"] else ""
    return (
        f"Over it lies {layer['name']}, {way}, colours from {low:g} to {high:g} {layer['unit']}".rstrip()
        + f"; {layer['interpolation']} between its voxels{once}, {layer['standing']}. Its values are of stored voxels."
    )


FIDELITY = {
    "full": "full; each pixel of the screen shows a stored pixel.",
    "interpolated": "interpolated; values between stored pixels are worked out. The command 1:1 shows stored pixels.",
}


def _why_here(case: Case) -> str:
    planned = case.plan.stages[case.stage].tiles
    tile = case.tiles[case.active]
    as_planned = case.active < len(planned) and planned[case.active].display_set == tile.display_set
    if not as_planned:
        return "It was put here by hand."
    reason = planned[case.active].reason
    return f"It hangs here because: {reason}." if reason else ""


def _protocol(case: Case) -> list[str]:
    plan = case.plan
    by_name = {each.protocol: each for each in plan.considered}
    if plan.protocol not in by_name or not by_name[plan.protocol].score:
        return [f"Protocol {plan.protocol}: it was asked for by name, or no other fits."]
    lines = [f"Protocol {plan.protocol} won with {plan.score:g} points.", *_rules(by_name[plan.protocol])]
    others = [each for each in plan.considered if each.protocol != plan.protocol][:RUNNERS_UP]
    return lines + [_lost(each) for each in others]


def _rules(considered: Considered) -> list[str]:
    return [f"Met: {rule}." for rule in considered.passed] + [f"Not met: {rule}." for rule in considered.failed]


def _lost(considered: Considered) -> str:
    missing = f" Not met: {'; '.join(considered.failed)}." if considered.failed else ""
    return f"{considered.protocol} had {considered.score:g} points.{missing}"


def _tiles(case: Case) -> list[str]:
    lines = []
    for number, tile in enumerate(case.plan.stages[case.stage].tiles, 1):
        if tile.display_set is None:
            lines.append(f"{number}. Empty: {tile.why_empty}")
            continue
        plane = MIP if tile.plane == TURNING else tile.plane or "stack"
        shown = [_title(case.sets[tile.display_set]), plane, tile.window or "its own window"]
        shown += [f"under {_title(case.sets[each.display_set])}" for each in tile.layers]
        if tile.prior:
            shown.append(f"PRIOR of {date(tile.study_date) or 'an unknown date'}")
        lines.append(f"{number}. {', '.join(shown)}" + (f": {tile.reason}" if tile.reason else ""))
    return lines


def _priors(opened: Opened) -> list[str]:
    lines = []
    for each in opened.priors:
        hangs = "hangs" if each.study_instance_uid in opened.answer.used else "may hang"
        when = date(each.study_date) or "Date unknown"
        lines.append(f"{when} {hangs if each.accepted else 'does not hang'}: {'; '.join(each.reasons)}.")
    return lines or ["No earlier study of this patient is in the cache."]


def _not_shown(ledger: Ledger | None) -> list[str]:
    if ledger is None:
        return ["Every object is being accounted for …"]
    counted = Counter((each.what, str(each.reason.value)) for each in ledger.entries if each.reason)
    lines = [f"{count} × {what}: {reason}." for (what, reason), count in counted.most_common()]
    lost = sum(each.images_lost for each in ledger.entries if each.shown_in)
    if lost:
        lines.append(f"{lost} images of objects that are shown otherwise could not be shown.")
    return lines or [f"All {_counted(len(ledger.entries), 'object')} of the study are shown."]


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"


def _title(display_set: DisplaySet) -> str:
    first = display_set.first
    parts: Iterable[object] = (first.SeriesNumber, first.SeriesDescription or first.Modality)
    return " ".join(str(part) for part in parts if part not in (None, ""))
