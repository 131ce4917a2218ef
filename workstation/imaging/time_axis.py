"""When each frame of a dynamic or gated series was taken: starts and lengths in seconds, or shares of a heart's beat.

One image stands for each frame. Gated series (PS3.3 C.8.9.1.1.2, C.7.6.18, C.8.4.13) go by the share of the R-R
interval; dynamic ones by when their acquisition began and how long it lasted, which PET says of each frame (C.8.9.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from workstation.imaging.images import ImageRef
from workstation.imaging.times import clock_ms, times_ms


class Along(StrEnum):
    """What a frame's place is: time, the phase of a beat, or its number where neither is told."""

    TIME = "s"
    PHASE = "% of R-R"
    NUMBER = "frame"


@dataclass(frozen=True)
class TimeFrame:
    """One frame: when it began, `start` in the axis' unit, and how long it lasted; None where that is not told."""

    start: float
    length: float | None = None

    @property
    def middle(self) -> float:
        """Where its value stands: in the middle of the frame."""
        return self.start + (self.length or 0.0) / 2


@dataclass(frozen=True)
class TimeAxis:
    """The frames in their order; `rule` says where it was read, for who doubts it."""

    along: Along
    frames: tuple[TimeFrame, ...]
    rule: str


def time_axis(images: Sequence[ImageRef]) -> TimeAxis:
    """Of one image for each frame, in their order."""
    return _phases(images) or _times(images) or _numbers(images)


def is_gated(images: Sequence[ImageRef]) -> bool:
    """Whether frames are phases of a beat."""
    return _phases(images) is not None


def _phases(images: Sequence[ImageRef]) -> TimeAxis | None:
    shares = [ref.attributes.NominalPercentageOfCardiacPhase for ref in images]
    rule = "NominalPercentageOfCardiacPhase"
    if None in shares:
        shares, rule = [_share_of_beat(ref) for ref in images], "TriggerTime of NominalInterval"
    if None in shares:
        shares, rule = _slots(images), "TimeSlotVector"
    found = [each for each in shares if each is not None]
    if len(found) < 2 or len(found) != len(images) or not _grows(found):
        return None
    frames = tuple(TimeFrame(each, after - each) for each, after in pairwise([*found, 100.0 + found[0]]))
    return TimeAxis(Along.PHASE, frames, rule)


def _share_of_beat(ref: ImageRef) -> float | None:
    trigger, beat = ref.attributes.TriggerTime, ref.attributes.NominalInterval
    if trigger is None or not beat or not 0 <= trigger <= beat:
        return None
    return 100.0 * trigger / beat


def _slots(images: Sequence[ImageRef]) -> list[float | None]:
    """Nuclear medicine counts the slots of a beat; they are of one length."""
    slots = [dict(ref.attributes.increments).get("TimeSlotVector") for ref in images]
    known = [each for each in slots if each is not None]
    count = max(known, default=0)
    return [None if each is None else 100.0 * (each - 1) / count for each in slots] if count > 1 else [None]


def _times(images: Sequence[ImageRef]) -> TimeAxis | None:
    lengths = [_seconds(ref.attributes.ActualFrameDuration) for ref in images]
    clock = [clock_ms(ref.attributes.AcquisitionDateTime) for ref in images]
    known = [each / 1000.0 for each in clock if each is not None]
    if len(known) == len(images) and _grows(known):
        starts, rule = [each - known[0] for each in known], "acquisition times"
    elif told := times_ms(images):
        starts, rule = [each / 1000.0 for each in told], "FrameTime, TriggerTime or FrameReferenceTime"
    else:
        return None
    frames = tuple(TimeFrame(start, length) for start, length in zip(starts, lengths, strict=True))
    said = f"{rule}; lengths by ActualFrameDuration" if any(each is not None for each in lengths) else rule
    return TimeAxis(Along.TIME, frames, said)


def _numbers(images: Sequence[ImageRef]) -> TimeAxis:
    return TimeAxis(Along.NUMBER, tuple(TimeFrame(float(n)) for n in range(1, len(images) + 1)), "no times are told")


def _seconds(ms: float | None) -> float | None:
    return ms / 1000.0 if ms is not None and ms > 0 else None


def _grows(values: Sequence[float]) -> bool:
    return len(values) > 1 and all(before < after for before, after in pairwise(values))
