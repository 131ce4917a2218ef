"""What a tab of the worklist keeps: a filter as data, and the order of its rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from workstation.cache.entries import ReadingStatus
from workstation.worklist.items import Item
from workstation.worklist.search import query


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows are wanted; what is empty asks for nothing.

    `days` is how many days back StudyDate may lie: 1 is today.
    """

    search: str = ""
    modalities: tuple[str, ...] = ()
    statuses: tuple[ReadingStatus, ...] = ()
    days: int = 0

    def both(self, other: "Filter") -> "Filter":
        """What this one and another want. Two that exclude each other want nothing: a modality nobody has."""
        return Filter(
            f"{self.search} {other.search}".strip(),
            _shared(self.modalities, other.modalities),
            self.statuses or other.statuses,
            min(self.days, other.days) if self.days and other.days else self.days or other.days,
        )

    def of(self, items: Iterable[Item], today: date) -> list[Item]:
        """The rows that are wanted, in their order."""
        found = list(items)
        if self.statuses:
            statuses = frozenset(self.statuses)
            found = [item for item in found if item.reading.status in statuses]
        if self.days:
            first, last = f"{today - timedelta(self.days - 1):%Y%m%d}", f"{today:%Y%m%d}"
            found = [item for item in found if first <= item.row.study_date <= last]
        if self.modalities:
            modalities = frozenset(self.modalities)
            found = [item for item in found if not modalities.isdisjoint(item.row.modalities)]
        return query(self.search).of(found)


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column the rows stand. Equal rows keep the order of the index: newest study first."""

    column: str = "urgency"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    """A filter kept under a name. `key` tells tabs apart; those of `BUILT_IN` are neither renamed nor removed."""

    key: str
    name: str
    filter: Filter = field(default_factory=Filter)
    sort: Sort = field(default_factory=Sort)


BUILT_IN: Final = (
    Tab("all", "All"),
    Tab("today", "Today", Filter(days=1)),
    Tab("unread", "Unread", Filter(statuses=(ReadingStatus.UNREAD,))),
    Tab("parked", "Parked", Filter(statuses=(ReadingStatus.PARKED,))),
)
BUILT_IN_KEYS: Final = frozenset(tab.key for tab in BUILT_IN)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    if not one or not other:
        return one or other
    return tuple(each for each in one if each in other) or ("none",)
