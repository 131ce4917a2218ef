"""How a registration stands, in words: its role in the theme, one line, and the numbers behind its quality."""

import html
from typing import Final

from workstation.imaging.alignment import Laid, Registration, Standing
from workstation.ui.theme import SIGNS

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
    if laid.standing is Standing.ACCEPTED:
        return "registered", f"{SIGNS['registered'][0]} REGISTERED and accepted.{told}"
    return "warning", f"{SIGNS['warning'][0]} Registered, NOT VERIFIED.{told}"


def plain(name: str) -> str:
    """The name of a number as it is read: agreement_worst_mm is "agreement worst, mm"."""
    return name.removesuffix("_mm").replace("_", " ") + (", mm" if name.endswith("_mm") else "")


def told_of(registration: Registration) -> str:
    """Simple HTML: kind, word, the numbers behind it, and who made it."""
    quality = registration.quality
    rows: list[tuple[str, str]] = [("Kind", registration.kind)]
    if quality is not None:
        rows.append(("Quality", quality.word))
        rows += [(plain(name), f"{value:.3g}") for name, value in quality.numbers.items()]
    if registration.made_by:
        rows.append(("Made by", registration.made_by))
    cells = "".join(
        f"<tr><td style='padding-right:10px'><small>{html.escape(name)}</small></td><td>{html.escape(value)}</td></tr>"
        for name, value in rows
    )
    return f"<table cellspacing='1'>{cells}</table>"
