"""Commands of the rotating MIP: it comes and goes, and looks from the four sides. The film's keys play it."""

from workstation.case import reasons as no
from workstation.case import turning
from workstation.case.command import command
from workstation.case.state import Case
from workstation.imaging.turning import why_not

FOUND = "mip rotating cine turn spin maximum intensity projection pet whole body"


def not_turning(case: Case) -> str:
    """The series of the active tile cannot be shown turning."""
    display_set = no.active_set(case)
    return why_not(display_set) if display_set is not None else no.EMPTY


@command("Rotating MIP", "F9", group="3D", why_not=not_turning, found_by=FOUND)
def rotating_mip(case: Case) -> None:
    """Show the brightest voxels of the active tile as it turns about its long axis (C plays), or its images again."""
    if turning.is_turning(case, case.active):
        turning.show_flat(case, case.active)
    else:
        turning.show_turning(case, case.active)


def _flat(case: Case) -> str:
    return no.no_image(case) or ("" if turning.is_turning(case, case.active) else "F9 shows the active tile turning.")


@command("MIP from the next side", "Shift+F9", group="3D", why_not=_flat, found_by=FOUND + " front behind left right")
def mip_from_the_next_side(case: Case) -> None:
    """Look from the next of the four sides of the patient: front, left, back, right."""
    shown = case.tiles[case.active].turning
    if shown is not None:
        turning.turn(case, case.active, turning.QUARTER - shown.angle % turning.QUARTER)
