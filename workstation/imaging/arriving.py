"""Display sets of a study of which not all has come: which set is which from one look to the next, and what is shown.

Sets are numbered as they are found, so a new image may shift the numbers; here a set stays the one that holds its
images. Slices come in any order, and with holes between them there are no planes: so of a series that comes, the
largest evenly spaced part is shown in its place where it holds most of what came, and the rest waits for its turn.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.images import ImageRef, Notice
from workstation.imaging.slices import POSITION_TOLERANCE_MM, volume

LEAST_SHARE: Final = 0.5
"""Of what came, that an evenly spaced part must hold to stand for all of it."""

SPARSE: Final = 1.5
"""Slices so many times their thickness apart have room for others between them."""

SO_FAR: Final = "apart so far"

STRIDES: Final = (1, 2, 4, 8, 16, 32, 64)
"""Archives send one after the other, or coarse to fine in halves (`network.abreast`)."""

Image = tuple[str, int]
"""SOPInstanceUID and frame."""

Sets = Mapping[str, DisplaySet]


def image_of(ref: ImageRef) -> Image:
    return ref.instance.SOPInstanceUID, ref.frame


def renewed(
    shown: Sets, read: Sequence[DisplaySet], coming: Collection[str] = (), on_screen: Collection[Image] = ()
) -> tuple[dict[str, DisplaySet], dict[str, str]]:
    """What is to be shown of `read` after `shown`: sets by key in the order of `read`, and read key -> key.

    A set that holds the images of one that was shown keeps its key; where nothing came for it, it is the very same
    value. Of the studies in `coming` sets may be less than what was read of them; volumes only ever grow, and what is
    `on_screen` stays.
    """
    names = _names(shown, read)
    sets = {}
    for each in read:
        name = names[each.key]
        before = shown.get(name)
        made = each if name == each.key else replace(each, key=name)
        if each.study_instance_uid in coming:
            made = _sparse(_worth_showing(before, made, on_screen))
        sets[name] = before if before is not None and _is_same(before, made) else made
    return sets, names


def _names(shown: Sets, read: Sequence[DisplaySet]) -> dict[str, str]:
    """The key of each set that was read: of the shown set of which it holds the most, else one of its own."""
    holder = {image_of(ref): key for key, each in shown.items() for ref in each.images}
    shares: list[tuple[int, int, str, str]] = []
    for order, each in enumerate(read):
        held = Counter(holder[image] for ref in each.images if (image := image_of(ref)) in holder)
        shares += [(-count, order, each.key, key) for key, count in held.items()]
    names: dict[str, str] = {}
    for _, _, read_key, key in sorted(shares):
        if read_key not in names and key not in names.values():
            names[read_key] = key
    taken = {*names.values(), *shown}
    for each in read:
        if each.key not in names:
            names[each.key] = each.key if each.key not in taken else _free(each.series_instance_uid, taken)
            taken.add(names[each.key])
    return names


def _free(series: str, taken: Collection[str]) -> str:
    return next(key for number in range(len(taken) + 1) if (key := f"{series}/{number}") not in taken)


def _is_same(one: DisplaySet, other: DisplaySet) -> bool:
    same = one.grid == other.grid and one.notices == other.notices and one.group == other.group
    return same and list(map(image_of, one.images)) == list(map(image_of, other.images))


def _worth_showing(before: DisplaySet | None, now: DisplaySet, on_screen: Collection[Image]) -> DisplaySet:
    """All that came; with holes in it its largest even part, or what was shown before, so that planes stay."""
    if now.grid is not None or now.centers_lps is None:
        return now
    held = set(before.places) if before is not None else set()
    if before is not None and before.grid is None:
        held &= set(on_screen)
    even = even_part(now, held)
    if even is not None:
        keeps_planes = before is not None and before.grid is not None
        if keeps_planes or len(even.images) >= LEAST_SHARE * len(now.images):
            return even
    return before if before is not None and before.grid is not None else now


def _sparse(display_set: DisplaySet) -> DisplaySet:
    """A volume with room between its slices for others that are still to come says how far apart they are."""
    thickness = display_set.images[0].attributes.SliceThickness
    grid = display_set.grid
    if grid is None or not thickness or grid.spacing[2] < SPARSE * thickness:
        return display_set
    chip = f"{grid.spacing[2]:.1f} mm apart so far"
    sentence = (
        f"Slices are {grid.spacing[2]:.2f} mm apart so far and {thickness:g} mm thick; planes are worked out between."
    )
    said = tuple(each for each in display_set.notices if not each.chip.endswith(SO_FAR))
    return replace(display_set, notices=(Notice(chip, sentence), *said))


def even_part(display_set: DisplaySet, held: Collection[Image] = ()) -> DisplaySet | None:
    """The largest part of a set of parallel slices that is a volume and has all that is `held`; None where there is
    none. A larger one without them is no use to whoever looks at them."""
    slots = _slots(display_set)
    if slots is None or any(image not in display_set.places for image in held):
        return None
    needed = [display_set.places[image] for image in held]
    best: list[int] = []
    for stride in STRIDES:
        for phase in range(stride):
            places = np.flatnonzero(slots % stride == phase)
            for run in np.split(places, np.flatnonzero(np.diff(slots[places]) != stride) + 1):
                if len(run) > len(best) and np.isin(needed, run).all():
                    best = run.tolist()
    refs = [display_set.images[place] for place in best]
    if len(refs) < 3:
        return None
    grid, no_volume, notices = volume(refs, _offsets(display_set)[best])
    if grid is None:
        return None
    said = [each for each in display_set.notices if each.chip not in ("gap", "uneven")]
    return replace(display_set, images=tuple(refs), grid=grid, no_volume=no_volume, notices=(*said, *notices))


def _offsets(display_set: DisplaySet) -> NDArray[np.float64]:
    """Along the normal, from the first image on: the images stand in reading order."""
    centers = display_set.centers_lps
    assert centers is not None  # noqa: S101  asked for before
    normal = np.asarray(display_set.image_grid(0).axes[2])
    return np.asarray((centers - centers[0]) @ normal, dtype=np.float64)


def _slots(display_set: DisplaySet) -> NDArray[np.int64] | None:
    """The offsets as multiples of the least distance; None where they are none, or two lie at one place."""
    if display_set.centers_lps is None or len(display_set.images) < 3:
        return None
    offsets = abs(_offsets(display_set))
    steps = np.diff(offsets)
    least = float(steps.min())
    if least < POSITION_TOLERANCE_MM:
        return None
    slots = np.rint(offsets / least).astype(np.int64)
    stray = abs(offsets - slots * (offsets[-1] / slots[-1]))
    return slots if float(stray.max()) < 0.1 * least else None
