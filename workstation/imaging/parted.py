"""Series parted from their frame of reference, and what belongs to them: all of it lies in a frame of the series' own.

So everything that asks whether two frames are one, or how one lies on the other, asks of a parted series as of any that
lies elsewhere, and what was forgotten is not drawn rather than drawn at a wrong place (safety.md 13).
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from workstation.dicom.entities import Instance
from workstation.imaging.alignment import own_frame, stored_frame
from workstation.imaging.displaysets import DisplaySet

FrameIn = Callable[[str, str], str]
"""By a frame of reference and a SeriesInstanceUID, the frame that what belongs to that series lies in."""


def placed(display_set: DisplaySet, frame: str) -> DisplaySet:
    """A set in another frame of reference; its images, voxels and key are the same."""
    if display_set.first.FrameOfReferenceUID == frame:
        return display_set
    made: dict[int, Instance] = {}
    for ref in display_set.images:
        if id(ref.instance) not in made:
            made[id(ref.instance)] = replace(ref.instance, FrameOfReferenceUID=frame)
    images = tuple(replace(ref, instance=made[id(ref.instance)]) for ref in display_set.images)
    return replace(display_set, images=images)


def parted(display_set: DisplaySet) -> DisplaySet:
    """A set in a frame of its series' own."""
    return placed(display_set, own_frame(display_set.first.FrameOfReferenceUID, display_set.series_instance_uid))


def stored(display_set: DisplaySet) -> DisplaySet:
    """A set in the frame that its images name."""
    return placed(display_set, stored_frame(display_set.first.FrameOfReferenceUID))


def frame_in(sets: Iterable[DisplaySet]) -> FrameIn:
    """Where things lie that belong to series of these sets; what belongs to no parted one lies in its frame."""
    own = {(stored_frame(frame), each.series_instance_uid): frame for each in sets if (frame := _frame(each))}

    def told(frame: str, series: str) -> str:
        return own.get((stored_frame(frame), series), stored_frame(frame))

    return told


def _frame(display_set: DisplaySet) -> str:
    return display_set.first.FrameOfReferenceUID
