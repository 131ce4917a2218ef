"""Commands for what other objects say over the images."""

from workstation.case.command import command
from workstation.case.state import Case


def _none(case: Case) -> str:
    return "" if case.overlays.there else "The study brings no structures, segments or dose."


@command(
    "Structures and dose",
    "Alt+R",
    group="Picture",
    why_not=_none,
    found_by="rtstruct rtdose seg contours isodose segments radiotherapy overlay",
)
def structures_and_dose(case: Case) -> None:
    """Draw the structures, segments and doses that the study brings, as they were last shown; or hide them all."""
    case.overlays.toggle_all()
