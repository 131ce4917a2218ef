"""A study that goes on coming while it is open: renewed sets into the same Case, nothing under the reader moved.

Each tile keeps its series, its image (the very same one, whatever its number is by now), its window and its framing; a
crosshair that stood in the middle of what was there stays where it was. Tiles that hung empty because nothing fitted
are filled when something that fits has come. How the study wants to hang by now waits for the next stage that is hung.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from workstation.case.coming import STILL, Coming, is_whole
from workstation.case.open import Opened
from workstation.case.state import Case, Tile
from workstation.hanging.hang import Plan, PlannedStage, PlannedTile
from workstation.imaging.arriving import Sets, image_of, renewed
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.images import Notice
from workstation.imaging.parted import frame_in, placed
from workstation.imaging.turning import why_not

CHIP: Final = STILL


@dataclass(frozen=True)
class Growth:
    """What a Case shall hold by now. `changed` are the keys of sets that hold more than before, or are new."""

    before: Sets
    sets: dict[str, DisplaySet]
    digests: dict[str, str]
    plan: Plan
    changed: tuple[str, ...]


def growth(
    before: Sets,
    opened: Opened,
    coming: Mapping[str, str],
    on_screen: Collection[tuple[str, int]] = (),
    arriving: Mapping[str, Coming] | None = None,
) -> Growth:
    """Worked out on any thread. `coming`: StudyInstanceUID -> how much of it is there, as a sentence; `arriving`: how
    much there will be of its series, of which those that are whole say nothing."""
    counts = arriving or {}
    read = [
        _told(each, "" if _is_whole(each, opened, counts) else coming.get(each.study_instance_uid, ""))
        for each in _apart_as(before, opened.sets)
    ]
    sets, names = renewed(before, read, frozenset(coming), on_screen)
    changed = tuple(key for key, each in sets.items() if before.get(key) is not each)
    return Growth(before, sets, opened.digests, _named(opened.answer.plan, names), changed)


def _apart_as(before: Sets, sets: Iterable[DisplaySet]) -> Iterator[DisplaySet]:
    """What was read, with the series parted that are."""
    told = frame_in(before.values())
    for each in sets:
        yield placed(each, told(each.first.FrameOfReferenceUID, each.series_instance_uid))


def _is_whole(display_set: DisplaySet, opened: Opened, arriving: Mapping[str, Coming]) -> bool:
    counted = arriving.get(display_set.study_instance_uid)
    return counted is not None and is_whole(display_set, opened.sets, counted)


def _told(display_set: DisplaySet, sentence: str) -> DisplaySet:
    """A set of a study that is still coming says so on its tile."""
    if not sentence:
        return display_set
    return replace(display_set, notices=(Notice(CHIP, sentence), *display_set.notices))


def _named(plan: Plan, names: Mapping[str, str]) -> Plan:
    """A plan by the keys under which the sets are shown."""
    return replace(plan, stages=tuple(_stage_named(stage, names) for stage in plan.stages))


def _stage_named(stage: PlannedStage, names: Mapping[str, str]) -> PlannedStage:
    return replace(stage, tiles=tuple(_tile_named(each, names) for each in stage.tiles))


def _tile_named(planned: PlannedTile, names: Mapping[str, str]) -> PlannedTile:
    return replace(planned, display_set=names.get(planned.display_set) or None) if planned.display_set else planned


def grow(case: Case, grown: Growth, settled: bool = True) -> bool:
    """Take what has come into the case; False, and nothing is touched, when it was worked out of another state.

    Until it is `settled`, crosshairs that nobody placed go on with the middle of what is there.
    """
    if case.sets is not grown.before:
        return False
    before = case.sets
    at = [_image_shown(case, number) for number in range(len(case.tiles))]
    if settled:
        _pin_crosshairs(case, grown.changed)
    new_keys = _heirs(before, grown.sets)
    case.sets, case.digests = grown.sets, grown.digests
    stage = _stage_named(case.plan.stages[case.stage], new_keys)
    case.tiles = [_kept(case, tile, new_keys, ref) for tile, ref in zip(case.tiles, at, strict=True)]
    _rename(case, new_keys, before)
    case.plan, case.stage = _with_stage(grown.plan, stage)
    case.next_plan = grown.plan
    filled = _fill_empty(case, grown.plan)
    case.emit_changed(range(len(case.tiles)))
    if filled:
        case.stage_changed.emit()
    return True


def images_shown(case: Case) -> frozenset[tuple[str, int]]:
    """The image that each tile shows, by SOPInstanceUID and frame."""
    shown = (_image_shown(case, number) for number in range(len(case.tiles)))
    return frozenset(each for each in shown if each is not None)


def is_untouched(case: Case, tiles: Sequence[Tile]) -> bool:
    """Whether the first stage still hangs with these tiles: nobody has done anything to it."""
    alone = case.maximised is not None or case.own_layout is not None
    return case.stage == 0 and not alone and not case.crosshairs and case.tiles == list(tiles)


def hangs_otherwise(case: Case) -> bool:
    """Whether what has come wants its first stage to hang otherwise than it hangs now."""
    plan = case.next_plan
    return plan is not None and _outline(plan.stages[0]) != _outline(case.plan.stages[case.stage])


def hang_anew(case: Case) -> None:
    """Hang a case as what is there by now wants it, each series at the image that was looked at before."""
    shown = {tile.display_set: case.view(number).image for number, tile in enumerate(case.tiles) if tile.display_set}
    case.crosshairs.clear()
    with case.stage_changed.blocked():  # until each tile is at its image: no other one is painted on the way
        case.hang_stage(0)
    for number, tile in enumerate(case.tiles):
        if tile.is_stack and tile.display_set in shown:
            case.tiles[number] = replace(tile, image=shown[tile.display_set])
    case.stage_changed.emit()


def _outline(stage: PlannedStage) -> tuple[object, ...]:
    tiles = tuple((each.display_set, each.orientation, each.window, each.prior) for each in stage.tiles)
    return stage.rows, stage.columns, tiles


def _image_shown(case: Case, number: int) -> tuple[str, int] | None:
    key = case.tiles[number].display_set
    return image_of(case.sets[key].images[case.view(number).image]) if key else None


def _pin_crosshairs(case: Case, changed: Collection[str]) -> None:
    """What stood in the middle stays where it was, though the middle moves as slices come."""
    for tile in case.tiles:
        if tile.orientation is not None and tile.display_set in changed:
            display_set = case.sets[tile.display_set or ""]
            point, space = case.crosshair(display_set), case.space_of(tile)
            if point is not None and space is not None:
                case.crosshairs.setdefault(space, point)


def _heirs(before: Sets, after: Sets) -> dict[str, str]:
    """Under which key each set that was shown goes on: its own, or that of the set that took its images."""
    heirs: dict[str, str] = {}
    for key, each in before.items():
        first = image_of(each.images[0])
        holder = (name for name, other in after.items() if key not in after and first in other.places)
        heirs[key] = key if key in after else next(holder, "")
    return heirs


def _kept(case: Case, tile: Tile, heirs: Mapping[str, str], ref: tuple[str, int] | None) -> Tile:
    key = heirs.get(tile.display_set or "", "")
    if not key or ref is None:
        return replace(tile, display_set=None, orientation=None, layers=()) if tile.display_set else tile
    planned = _tile_named(tile.planned, heirs) if tile.planned else None
    display_set = case.sets[key]
    orientation = tile.orientation if display_set.lattice is not None else None
    place = display_set.places.get(ref)
    image = place if place is not None else min(tile.image, len(display_set.images) - 1)
    turning = None if why_not(display_set) else tile.turning
    grown = replace(tile, display_set=key, orientation=orientation, image=image, planned=planned, turning=turning)
    layers = tuple(replace(each, display_set=heir) for each in tile.layers if (heir := heirs.get(each.display_set)))
    return replace(grown, layers=layers, in_hand=heirs.get(tile.in_hand, ""))


def _rename(case: Case, heirs: Mapping[str, str], before: Sets) -> None:
    """Whatever else speaks of sets by key, or of images by number, speaks of the same ones still."""
    case.displays = {(n, heirs[key]): display for (n, key), display in case.displays.items() if heirs.get(key)}
    case.instead = {heirs[a]: heirs[b] for a, b in case.instead.items() if heirs.get(a) and heirs.get(b)}
    if case.peeking is not None:
        number, key = case.peeking
        case.peeking = (number, heirs[key]) if heirs.get(key) else None
    for number, playing in tuple(case.playing.items()):
        new, old = case.tiles[number].display_set, before.get(case.tiles[number].display_set or "")
        if new is None or old is None:
            del case.playing[number]
            continue
        place = case.sets[new].places.get(image_of(old.images[min(playing.from_image, len(old.images) - 1)]), 0)
        case.playing[number] = replace(playing, from_image=place)


def _with_stage(plan: Plan, stage: PlannedStage) -> tuple[Plan, int]:
    """The stages of a plan, with the one that hangs left as it is."""
    stages = list(plan.stages)
    number = next((n for n, each in enumerate(stages) if each.name == stage.name), 0)
    if stages[number].name == stage.name:
        stages[number] = stage
    else:
        stages.insert(0, stage)
    return replace(plan, stages=tuple(stages)), number


def _fill_empty(case: Case, plan: Plan) -> bool:
    """Tiles that hung empty take what their place is planned for by now; True when one did."""
    hangs = case.plan.stages[case.stage]
    now = next((each for each in plan.stages if each.name == hangs.name), None)
    if now is None or (now.rows, now.columns, len(now.tiles)) != (hangs.rows, hangs.columns, len(hangs.tiles)):
        return False
    tiles = list(hangs.tiles)
    for number, planned in enumerate(now.tiles):
        if number < len(case.tiles) and case.tiles[number].display_set is None and planned.display_set is not None:
            case.tiles[number], tiles[number] = case.hung(planned), planned
    if tiles == list(hangs.tiles):
        return False
    stages = tuple(replace(each, tiles=tuple(tiles)) if each is hangs else each for each in case.plan.stages)
    case.plan = replace(case.plan, stages=stages)
    return True
