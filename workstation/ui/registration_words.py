"""How a registration stands, in words: its role in the theme, one line, what its quality rests on, and all numbers."""

import html
from typing import Final

from workstation.imaging.alignment import PARTED, Laid, Registration, Standing
from workstation.imaging.registration_reasons import limit_of, ordered, reasons_of, shown_of
from workstation.ui.theme import SIGNS

ONE_FRAME: Final = "One frame of reference: they lie as they were scanned. Part lets one be moved on the other."
NOT_LAID: Final = "Not registered: nothing crosses from one to the other."
WORDS: Final = {
    "good": "The numbers agree that it is good.",
    "check": "Check it by eye: the numbers leave it open.",
    "poor": "The numbers say that it is poor.",
}


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
    return "warning", f"{SIGNS['warning'][0]} Registered, NOT VERIFIED.{told}"


def plain(name: str) -> str:
    """The name of a number as it is read: agreement_worst_mm is "agreement worst"; `gain` is shown as what is left."""
    return "alike 15 mm aside" if name == "gain" else name.removesuffix("_mm").removesuffix(" mm").replace("_", " ")


def told_of(registration: Registration) -> str:
    """Simple HTML: kind and who made it, then what the word rests on, a line each; what decided comes first, bold."""
    made_by = f", made by {registration.made_by}" if registration.made_by else ""
    lines = [f"<small>{html.escape(registration.kind.capitalize() + made_by)}</small>"]
    for each in reasons_of(registration.quality) if registration.quality is not None else ():
        text = html.escape(each.text)
        lines.append(f"<b>{SIGNS['warning'][0]} {text}</b>" if each.decided else text)
    return "".join(f"<p style='margin:0 0 4px 0'>{each}</p>" for each in lines)


def numbers_of(registration: Registration) -> str:
    """Simple HTML: every number by its name, with its limits; empty where nobody measured."""
    if registration.quality is None:
        return ""
    numbers = registration.quality.numbers
    rows = [(plain(name), shown_of(name, numbers[name]), limit_of(name)) for name in ordered(registration.quality)]
    cells = "".join(
        f"<tr>{''.join(f'<td style=padding-right:8px><small>{html.escape(each)}</small></td>' for each in row)}</tr>"
        for row in rows
    )
    return f"<table cellspacing='1'>{cells}</table>"
