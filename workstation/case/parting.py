"""A series is parted from its frame of reference: the patient moved between two series that say they lie in one place.

It lies where it lay, by a registration that nobody has accepted and that is moved as any other; once nothing is
registered any more it is back in its frame.
"""

from typing import TYPE_CHECKING, Final

from workstation.case.layering import EMITTED
from workstation.case.nudging import BY_HAND
from workstation.case.registering import RUNNING, Sides, could_be, shares, step
from workstation.imaging.alignment import IDENTITY, Registration, new_uid, own_frame

if TYPE_CHECKING:
    from workstation.case.state import Case

NO_TWO: Final = "No other volume shares the frame of reference of this one; only such two are parted."


def sharing(case: "Case") -> Sides | None:
    """Which series would be parted from which: what the reader chose, else what lies over the active tile, hangs beside
    it, or is there. What shows a function moves, what shows a form stays."""
    volumes = {each.key: each for each in could_be(case)}
    chosen = case.registering.chosen
    if chosen is not None and chosen[0] in volumes and chosen[1] in volumes:
        fixed, moving = volumes[chosen[0]], volumes[chosen[1]]
        if shares(fixed, moving):
            return Sides(fixed, moving)
    tile = case.tiles[case.active] if case.tiles else None
    own = volumes.get(tile.display_set or "") if tile is not None else None
    if tile is None or own is None:
        return None
    keys = [each.display_set for each in tile.layers]
    keys += [key for number in case.shown if (key := case.tiles[number].display_set)]
    others = [*(volumes[key] for key in keys if key in volumes), *volumes.values()]
    others = [each for each in others if shares(own, each)]
    shows_form = own.first.Modality not in EMITTED
    others.sort(key=lambda each: (each.key not in keys, (each.first.Modality not in EMITTED) is shows_form))
    if not others:
        return None
    return Sides(own, others[0]) if shows_form else Sides(others[0], own)


def why_not_parted(case: "Case") -> str:
    if case.registering.running:
        return RUNNING
    return "" if sharing(case) is not None else NO_TWO


def part(case: "Case") -> None:
    """Part the moving series from its frame: where it lies on the rest is the reader's to say from now on."""
    there = sharing(case)
    if there is None:
        return
    frame, series = there.fixed.first.FrameOfReferenceUID, there.moving.series_instance_uid
    sources = there.fixed.series_instance_uid, series
    made = Registration(new_uid(), frame, own_frame(frame, series), IDENTITY, made_by=BY_HAND, sources=sources)
    case.registering.chosen, case.registering.landmarks = (there.fixed.key, there.moving.key), ()
    step(case, case.alignment.show_anyway(*made.pair, False).put(made))
