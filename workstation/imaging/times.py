"""When images were taken, in ms from the first of them: what cine plays by."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from workstation.imaging.images import ImageRef

_LARGEST_MS: Final = 24 * 3600 * 1000.0


def times_ms(images: Sequence[ImageRef]) -> tuple[float, ...]:
    """One time for each image, growing; empty for slices at different places and where nothing says it.

    One multi-frame object says it itself (PS3.3 C.7.6.5); else images of one place are compared by trigger time,
    by the reference time of PET frames, or by when they were acquired.
    """
    first = images[0].instance
    if len(images) < 2:
        return ()
    if all(ref.instance is first for ref in images) and len(own := first.frame_times_ms) == len(images):
        return own
    if len({ref.position_lps for ref in images}) > 1:
        return ()
    readings: tuple[Callable[[ImageRef], float | None], ...] = (
        lambda ref: ref.attributes.TriggerTime,
        lambda ref: ref.attributes.FrameReferenceTime,
        lambda ref: clock_ms(ref.attributes.AcquisitionDateTime),
    )
    for reading in readings:
        values = [reading(ref) for ref in images]
        known = [value for value in values if value is not None]
        times = tuple(value - known[0] for value in known)
        if len(times) == len(images) and _grows(times):
            return times
    return ()


def _grows(times: tuple[float, ...]) -> bool:
    return all(before < after for before, after in pairwise(times)) and times[-1] < _LARGEST_MS


def clock_ms(text: str) -> float | None:
    """A DT value (PS3.5 6.2) as ms since 1970, its offset from UTC left out: only differences are used."""
    digits, _, fraction = text.partition("+")[0].partition(".")
    try:
        moment = datetime.strptime(digits[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return moment.timestamp() * 1000.0 + float(f"0.{fraction or 0}") * 1000.0
    except ValueError:
        return None
