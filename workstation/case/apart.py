"""The sets and marks of a case in the frames that its alignment knows (safety.md 13): a series is parted from its frame
of reference for as long as a registration says how it lies on the rest.
"""

from typing import TYPE_CHECKING, TypeVar

from workstation.imaging.alignment import is_own, own_frame
from workstation.imaging.parted import frame_in, parted, stored

if TYPE_CHECKING:
    from workstation.case.state import Case

T = TypeVar("T")


def follow(case: "Case") -> None:
    """Part the series that registrations of the case name apart, and bring all others back into their frames."""
    named = {frame for each in case.alignment.registrations for frame in each.pair}
    other = {}
    for key, each in case.sets.items():
        frame = each.first.FrameOfReferenceUID
        is_apart = bool(frame) and own_frame(frame, each.series_instance_uid) in named
        found = parted(each) if is_apart else stored(each)
        if found is not each:
            other[key] = found
    if not other:
        return
    for key, each in other.items():
        before, now = case.sets[key].first.FrameOfReferenceUID, each.first.FrameOfReferenceUID
        _look_on(case.crosshairs, before, now)
        _look_on(case.triads, before, now)
    case.sets = {key: other.get(key, each) for key, each in case.sets.items()}
    tell(case)
    case.placed.emit(tuple(other))


def tell(case: "Case") -> None:
    """Bring what was drawn on series, and what other objects say of them, to where these lie now."""
    told = frame_in(case.sets.values())
    case.marks.place(told)
    case.overlays.place(told)


def _look_on(looked_at: dict[str, T], before: str, now: str) -> None:
    """What is parted is looked at where it was; the frame it comes back to is looked at where that is."""
    if is_own(now) and before in looked_at:
        looked_at[now] = looked_at[before]
    elif is_own(before):
        looked_at.pop(before, None)
