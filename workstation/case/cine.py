"""Cine: which image the clock wants on screen, by the frame times the object gives (PS3.3 C.7.6.5, C.7.6.18).

Time is real time: when a machine is too slow images are left out, the heart beats no slower.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Final

from workstation.case import turning, view_tools
from workstation.case.state import Case, Playing
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.sides import ANGLES

USUAL_MS: Final = 1000.0 / 15.0
"""For stacks that give no times: 15 images a second."""

TURN_MS: Final = 100.0
"""Each side of what turns stays so long: once round in seven seconds."""

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 4.0)


def image_at(durations_ms: Sequence[float], playing: Playing, now_s: float) -> int:
    """The image that is due: each stays for its own duration; the sequence repeats, or swings between its ends."""
    order = list(range(len(durations_ms)))
    if playing.to_and_fro and len(order) > 2:
        order += order[-2:0:-1]
    start = order.index(playing.from_image)
    order = order[start:] + order[:start]
    ends = list(accumulate(max(durations_ms[image], 1.0) for image in order))
    due = max(0.0, (now_s - playing.since_s) * 1000.0 * playing.speed) % ends[-1]
    return next(image for image, end in zip(order, ends, strict=True) if due < end)


def durations_ms(display_set: DisplaySet, usual_ms: float = USUAL_MS) -> tuple[float, ...]:
    """How long each image of a set is shown; `usual_ms` where the object does not say."""
    starts = display_set.first.frame_times_ms
    if len({ref.instance.SOPInstanceUID for ref in display_set.images}) > 1 or len(starts) < 2:
        return (usual_ms,) * len(display_set.images)
    stays = [after - before for before, after in pairwise(starts)]
    stays.append(sum(stays) / len(stays))  # the last frame has no next one; it stays as long as the others do
    return tuple(stays[ref.frame] for ref in display_set.images)


def toggle(case: Case, number: int, now_s: float) -> None:
    """Start or stop a tile."""
    view = case.view(number)
    if number in case.playing:
        del case.playing[number]
    elif view.tile.turning is not None:
        case.playing[number] = Playing(now_s, view.tile.turning.angle)
    elif view.display_set is not None and view.tile.is_stack and len(view.display_set.images) > 1:
        case.playing[number] = Playing(now_s, view.tile.image)
    case.emit_changed((number,))


def change_speed(case: Case, number: int, steps: int, now_s: float) -> None:
    """Play slower or faster from the image on screen."""
    playing = case.playing.get(number)
    if playing is None:
        return
    place = min(max(SPEEDS.index(playing.speed) + steps, 0), len(SPEEDS) - 1)
    case.playing[number] = replace(playing, since_s=now_s, from_image=_place(case, number), speed=SPEEDS[place])
    case.emit_changed((number,))


def _place(case: Case, number: int) -> int:
    """Where a film is: its image, or the side of what turns."""
    tile = case.tiles[number]
    return tile.image if tile.turning is None else tile.turning.angle


def tick(case: Case, now_s: float) -> None:
    """Bring every playing tile to the image that is due; called often by whoever owns the clock."""
    usual_ms = 1000.0 / case.habits.cine_per_s
    for number, playing in tuple(case.playing.items()):
        display_set = case.view(number).display_set
        if turning.is_turning(case, number):
            turning.to_angle(case, number, image_at((TURN_MS,) * ANGLES, playing, now_s))
        elif display_set is not None:
            view_tools.to_image(case, number, image_at(durations_ms(display_set, usual_ms), playing, now_s))
