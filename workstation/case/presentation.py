"""Presentation states of a study, and tiles shown as one says (PS3.4 N.2)."""

from dataclasses import replace

from workstation import paths
from workstation.cache import files
from workstation.cache.index import Index
from workstation.case.state import Tile
from workstation.documents import gsps
from workstation.errors import HounsfieldError, NotFound
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.softcopy import DisplayedArea, Presentation
from workstation.imaging.view import Display, Framing


def presentations(home: paths.Home, study_uid: str) -> tuple[Presentation, ...]:
    """The presentation states of a cached study that can be read, in the order they came."""
    with Index(home) as index:
        if not any(each.modality == "PR" for each in index.study(study_uid).series):
            return ()  # most studies have none, and reading all their headers takes as long as opening them
        stored = [each for each in index.instances(study_uid) if each.instance.SOPClassUID in gsps.READ]
    found = []
    for each in stored:
        try:
            found.append(gsps.read_presentation(files.read(home, each.digest)))
        except HounsfieldError:
            continue  # one that is damaged stays in the ledger, it hides no other
    return tuple(found)


def apply_presentation(tile: Tile, display_set: DisplaySet, presentation: Presentation) -> Tile:
    """The tile of a stack shown as a presentation state says, on the first image it speaks of if need be.

    Images that it does not speak of stay as they are. Raises `NotFound` when it speaks of none.
    """
    covered = [
        index
        for index, ref in enumerate(display_set.images)
        if presentation.covers(ref.instance.SOPInstanceUID, ref.frame)
    ]
    if not covered:
        raise NotFound("The presentation state speaks of no image of this series.")
    image = tile.image if tile.image in covered and tile.is_stack else covered[0]
    ref = display_set.images[image]
    area = presentation.area_of(ref.instance.SOPInstanceUID, ref.frame)
    display = Display(interpolation=tile.display.interpolation, presentation=presentation)
    framing = _framing(presentation, area, display_set, image)
    return replace(tile, orientation=None, image=image, framing=framing, display=display, turning=None)


def _framing(presentation: Presentation, area: DisplayedArea | None, display_set: DisplaySet, image: int) -> Framing:
    """Turned clockwise and then flipped is the same as mirrored first and then turned the other way round."""
    turns = presentation.quarter_turns
    framing = Framing(quarter_turns=-turns % 4 if presentation.flipped else turns, mirrored=presentation.flipped)
    if area is None:
        return framing
    grid = display_set.image_grid(image)
    steps = grid.spacing
    low = [min(area.first[axis], area.last[axis]) for axis in (0, 1)]
    high = [max(area.first[axis], area.last[axis]) for axis in (0, 1)]
    off = [((low[axis] + high[axis]) / 2 - (grid.size[axis] + 1) / 2) * steps[axis] for axis in (0, 1)]
    right, down = -off[0] if framing.mirrored else off[0], off[1]
    for _ in range(framing.quarter_turns):
        right, down = -down, right
    framing = framing.panned(-right, -down)
    if area.mode == "MAGNIFY" and area.magnification:
        return replace(framing, px_per_mm=area.magnification / min(steps[:2]))
    return replace(framing, area_mm=((high[0] - low[0] + 1) * steps[0], (high[1] - low[1] + 1) * steps[1]))
