"""Commands of a planned way: sections square to it and along it, by its depth."""

from workstation.case import reasons as no
from workstation.case import ways
from workstation.case.command import command
from workstation.case.plane_commands import plane_tile
from workstation.case.state import Case
from workstation.imaging.trajectory import Trajectory

GROUP = "Measuring"
WORDS = "trajectory needle path biopsy probe eye view section cross depth"


def _no_way(case: Case) -> str:
    if sentence := no.no_volume(case):
        return sentence
    found = ways.way_of(case)
    if found is None:
        return "Plan a trajectory first: Alt+U, then its entry and its target."
    same = case.space_of(case.tiles[case.active]) == found.frame_of_reference_uid
    return "" if same else "The trajectory lies in another space than this series."


def _way(case: Case) -> Trajectory | None:
    found = ways.way_of(case)
    return Trajectory(found.points[0], found.points[1]) if found is not None else None


@command("Sections of the trajectory", "Alt+H", group=GROUP, why_not=_no_way, found_by=WORDS)
def sections_of_the_trajectory(case: Case) -> None:
    """Lay the planes by the planned way, at its target: the axial one square to it, the others along it."""
    way = _way(case)
    if way is not None:
        ways.show_at(case, plane_tile(case), way, way.depth_mm)


@command("Entry of the trajectory", "Ctrl+Alt+Home", group=GROUP, why_not=_no_way, found_by=WORDS)
def entry_of_the_trajectory(case: Case) -> None:
    """Lay the planes by the planned way, at its entry."""
    way = _way(case)
    if way is not None:
        ways.show_at(case, plane_tile(case), way, 0.0)


@command("Deeper on the trajectory", "Ctrl+Alt+PgDown", group=GROUP, why_not=_no_way, step=True, found_by=WORDS)
def deeper_on_the_trajectory(case: Case) -> None:
    """Lay the planes by the planned way, 1 mm deeper than they are."""
    way = _way(case)
    if way is not None:
        ways.step(case, plane_tile(case), way, 1)


@command("Back on the trajectory", "Ctrl+Alt+PgUp", group=GROUP, why_not=_no_way, step=True, found_by=WORDS)
def back_on_the_trajectory(case: Case) -> None:
    """Lay the planes by the planned way, 1 mm nearer to the entry than they are."""
    way = _way(case)
    if way is not None:
        ways.step(case, plane_tile(case), way, -1)
