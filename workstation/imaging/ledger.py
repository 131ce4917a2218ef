"""The ledger of a study: each received object is shown in a display set, or listed with one reason and what it is.

Nothing is left behind (safety.md 10): an object that is in no row here was never received.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workstation.dicom.entities import Instance
from workstation.errors import Reason
from workstation.imaging.displaysets import DisplaySet


@dataclass(frozen=True, slots=True)
class Entry:
    """One object: `shown_in` names the display sets that show images of it; without one, `reason` says why not.

    `images_lost` of its `images` could not be shown although others could.
    """

    sop_instance_uid: str
    what: str
    images: int
    shown_in: tuple[str, ...] = ()
    reason: Reason | None = None
    images_lost: int = 0


@dataclass(frozen=True)
class Ledger:
    """Every object of a study, in the order it was given."""

    entries: tuple[Entry, ...]

    @property
    def shown(self) -> int:
        return sum(1 for entry in self.entries if entry.shown_in)

    @property
    def listed(self) -> int:
        return len(self.entries) - self.shown


Refusals = Mapping[tuple[str, int], Reason]
"""Why an image is not shown, by display set key and index in it."""


def ledger(instances: Iterable[Instance], sets: Sequence[DisplaySet], refusals: Refusals) -> Ledger:
    """Account for each of `instances`."""
    shown: dict[str, dict[str, None]] = defaultdict(dict)
    lost: dict[str, list[Reason]] = defaultdict(list)
    for each in sets:
        for index, ref in enumerate(each.images):
            reason = refusals.get((each.key, index))
            if reason is None:
                shown[ref.instance.SOPInstanceUID][each.key] = None
            else:
                lost[ref.instance.SOPInstanceUID].append(reason)
    return Ledger(
        tuple(_entry(each, tuple(shown[each.SOPInstanceUID]), lost[each.SOPInstanceUID]) for each in instances)
    )


def _entry(instance: Instance, shown_in: tuple[str, ...], lost: Sequence[Reason]) -> Entry:
    reason = None if shown_in else lost[0] if lost else Reason.NOT_AN_IMAGE
    return Entry(instance.SOPInstanceUID, what_it_is(instance), instance.images, shown_in, reason, len(lost))


def what_it_is(instance: Instance) -> str:
    """The name of its SOP class (PS3.6 A): "CT Image", "Key Object Selection Document"; an unknown one by its UID."""
    from pydicom.uid import UID

    name = UID(instance.SOPClassUID).name
    return name.removesuffix(" Storage").removesuffix(" - For Presentation")
