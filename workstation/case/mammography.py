"""How mammograms are framed when they are hung: chest walls together, one scale for a stage, nipples at one height."""

from collections.abc import Mapping, Sequence
from typing import Final

from workstation.hanging.hang import PlannedTile
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.placing import Placing
from workstation.imaging.view import Framing

NIPPLE_LEVELS: Final[Mapping[str, float]] = {"CC": 0.5, "MLO": 0.58}
"""How far down its tile the nipple stands, by ViewPosition: in oblique views more of the breast lies above it."""

USUAL_LEVEL: Final = 0.54


def hung_framing(planned: PlannedTile, stage: Sequence[PlannedTile], sets: Mapping[str, DisplaySet]) -> Framing:
    """The framing a planned tile is hung with; `stage` are all tiles of its stage, which share one scale in mm."""
    if not planned.chest_wall or planned.display_set is None:
        return Framing(mirrored=planned.mirrored)
    beside = [each for each in stage if each.chest_wall and each.display_set]
    sizes = [sets[each.display_set or ""].image_grid(each.image or 0).extent_mm for each in beside]
    area_mm = (max(size[0] for size in sizes), max(size[1] for size in sizes))
    view = sets[planned.display_set].images[planned.image or 0].instance.ViewPosition.strip().upper()
    level = NIPPLE_LEVELS.get(view, USUAL_LEVEL)
    return Framing(mirrored=planned.mirrored, area_mm=area_mm, placing=Placing(planned.chest_wall, level))
