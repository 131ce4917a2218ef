"""How a registration stands, in words: its role in the theme, one line, what its quality rests on, and all numbers."""

import html
from typing import Final

from workstation.imaging.alignment import PARTED, Laid, Registration, Standing
from workstation.imaging.motion import Motion
from workstation.imaging.registration_reasons import limit_of, ordered, reasons_of, shown_of
from workstation.ui.theme import SIGNS

ONE_FRAME: Final = "One frame of reference: they lie as they were scanned. Part lets one be moved on the other."
NOT_LAID: Final = "Not registered: nothing crosses from one to the other."
WORDS: Final = {
    "good": "Quality by its numbers: good.",
    "check": "Quality by its numbers: uncertain, check it by eye.",
    "poor": "Quality by its numbers: poor.",
}
NAMES: Final = {
    "overlap": "Body covered by the other images",
    "agreement_worst_mm": "Other starts end off by, at most",
    "agreement_mm": "Other starts end off by, median",
    "half_off_mm": "Half of the body ends off by, at most",
    "halves_mm": "Two halves of the body end apart by",
    "chance": "Match when turned wrongly by 90° or 180°",
    "gain": "Match 15 mm aside, at most",
    "mean_gain": "Match lost 15 mm aside, mean share",
    "better": "Better match from another start",
    "rival": "Match at another position",
    "edges": "Edges match better than 10 mm aside by",
    "alike": "Match of the images here",
    "rms mm": "Landmarks apart, root mean square",
    "most mm": "Landmarks apart, at most",
    "landmarks": "Pairs of landmarks",
    "stretch_low": "Smallest scale",
    "stretch_high": "Largest scale",
    "jacobian_low": "Volume left where it shrinks most",
    "jacobian_high": "Volume where it grows most, times",
    "more_alike": "Better match by bending",
    "shift_mean_mm": "Shift by bending, mean",
    "shift_most_mm": "Shift by bending, at most",
}
"""What numbers are called where all of them are listed; `gain` is shown as what is left."""

NO_LIMIT: Final = "no limit"
LEAST_MM, LEAST_DEG = 0.05, 0.05
"""What is less is no shift, and no turn."""


def standing_of(laid: Laid | None, registration: Registration | None, running: bool) -> tuple[str, str]:
    """A role of the theme and the line that says how two frames lie on each other."""
    if laid is None:
        return "quiet", NOT_LAID
    if laid.standing is Standing.ANYWAY:
        return "warning", f"{SIGNS['warning'][0]} NOT REGISTERED: shown as the coordinates are."
    if running:
        return "quiet", "What you see is how far the registration has come."
    quality = registration.quality if registration is not None else None
    told = f" {WORDS[quality.word]}" if quality is not None else " Nobody measured how good it is."
    if laid.said == PARTED:
        return "warning", f"{SIGNS['warning'][0]} Parted: it still lies where it was scanned."
    if laid.standing is Standing.MOVED:
        way = f" {laid.way}" if laid.way else ""
        return "warning", f"{SIGNS['warning'][0]} Moved{way} within one frame of reference, NOT ACCEPTED.{told}"
    if laid.standing is Standing.ACCEPTED:
        return "registered", f"{SIGNS['registered'][0]} REGISTERED and accepted.{told}"
    return "warning", f"{SIGNS['warning'][0]} Registered, NOT VERIFIED until you accept it.{told}"


def plain(name: str) -> str:
    """The name of a number as it is read; one that no program of ours makes as it is stored."""
    return NAMES.get(name, name.removesuffix("_mm").removesuffix(" mm").replace("_", " "))


def moved_text(motion: Motion, bent: bool = False) -> str:
    """How far the moving images are shifted and turned, with the parts along and about the patient's axes."""
    sides = zip("LPH", "RAF", motion.shift_mm, strict=True)
    parts = ", ".join(f"{plus if value >= 0 else minus} {abs(value):.1f}" for plus, minus, value in sides)
    turns = ", ".join(f"{side} {value:.1f}°" for side, value in zip("LPH", motion.turn_deg, strict=True))
    shifted, turned = motion.whole_mm >= LEAST_MM, motion.whole_deg >= LEAST_DEG
    said = f"Shifted by {motion.whole_mm:.1f} mm ({parts})" if shifted else "Not shifted"
    said += f"; turned by {motion.whole_deg:.1f}° (about {turns})" if turned else "; not turned"
    return f"{said}{', and bent' if bent else ''}.".replace("-0.0°", "0.0°").replace("-", "\N{MINUS SIGN}")


def told_of(registration: Registration, motion: Motion | None = None) -> str:
    """Simple HTML: kind and who made it, how far it moves the images, then what the word rests on, a line each; what
    decided comes first, bold."""
    made_by = f", made by {registration.made_by}" if registration.made_by else ""
    lines = [f"<small>{html.escape(registration.kind.capitalize() + made_by)}</small>"]
    if motion is not None:
        lines.append(html.escape(moved_text(motion, registration.field is not None)))
    for each in reasons_of(registration.quality) if registration.quality is not None else ():
        text = html.escape(each.text)
        lines.append(f"<b>{SIGNS['warning'][0]} {text}</b>" if each.decided else text)
    return "".join(f"<p style='margin:0 0 4px 0'>{each}</p>" for each in lines)


def numbers_of(registration: Registration) -> str:
    """Simple HTML: every number by its name, with its limits; empty where nobody measured."""
    if registration.quality is None:
        return ""
    numbers = registration.quality.numbers
    rows = [
        (plain(name), shown_of(name, numbers[name]), limit_of(name) or NO_LIMIT)
        for name in ordered(registration.quality)
    ]
    cells = "".join(
        f"<tr>{''.join(f'<td style=padding-right:8px><small>{html.escape(each)}</small></td>' for each in row)}</tr>"
        for row in rows
    )
    return f"<table cellspacing='1'>{cells}</table>"
