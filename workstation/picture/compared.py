"""What must be said of a PET beside one of another day: why their values may not be compared."""

from collections.abc import Iterable
from itertools import product

from workstation.case.hot import reference
from workstation.case.state import TileView
from workstation.findings.segment import Segment
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.hot_reference import Region
from workstation.imaging.suv_compared import Said, differences, examination, liver_differs

LEAN: str = "SUVlbm"


def compared_notices(view: TileView) -> list[Said]:
    """Chips and sentences on both of them; each chip once."""
    laid = (each.display_set for each in view.layers if not each.why_not)
    shown = [each for each in (view.display_set, *laid) if each is not None and each.first.pet is not None]
    said: dict[str, str] = {}
    for own, other in product(shown, view.compared):
        now, before = (other, own) if view.tile.prior else (own, other)
        found = list(differences(examination(now), examination(before)))
        livers = [_liver(view.marks.segments, each) for each in (now, before)]
        if livers[0] is not None and livers[1] is not None and (liver := liver_differs(livers[0], livers[1])):
            found.append(liver)
        said |= dict(found)
    return list(said.items())


def _liver(segments: Iterable[Segment], display_set: DisplaySet) -> float | None:
    """The mean SUL of its liver reference, where one was laid and counted by lean body mass."""
    laid = reference(segments, display_set, Region.LIVER)
    means = [each.value for each in laid.values if each.name == "Mean" and each.unit.startswith(LEAN)] if laid else []
    return means[0] if means else None
