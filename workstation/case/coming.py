"""How much of a series is here while its study is still on its way."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from workstation.imaging.displaysets import DisplaySet

STILL: Final = "still coming"


@dataclass(frozen=True)
class Coming:
    """A study on its way: how many objects the archive says each series has (SeriesInstanceUID -> count, C-FIND's
    NumberOfSeriesRelatedInstances, PS3.4 C.6.2.1), `word` for how it stands, and the node it comes from.
    """

    series: Mapping[str, int] = field(default_factory=dict)
    word: str = STILL
    source: str = ""


def count_here(display_set: DisplaySet, others: Collection[DisplaySet], coming: Coming) -> str:
    """As "41 of 120"; "41 so far" where nobody has said how many images this set will have.

    What an archive counts are the objects of a series: of a series that is split, or of objects with many frames, it
    does not say how many images come.
    """
    here = len(display_set.images)
    expected = _expected(display_set, others, coming)
    return f"{here} of {expected}" if expected else f"{here} so far"


def is_whole(display_set: DisplaySet, others: Collection[DisplaySet], coming: Coming) -> bool:
    """Whether all that the archive has of a series is here, whatever else of its study still comes."""
    return len(display_set.images) == _expected(display_set, others, coming)


def _expected(display_set: DisplaySet, others: Collection[DisplaySet], coming: Coming) -> int:
    """How many images a set will have; 0 where nobody can say."""
    here = len(display_set.images)
    uid = display_set.series_instance_uid
    expected = coming.series.get(uid, 0)
    is_split = any(each is not display_set and each.series_instance_uid == uid for each in others)
    return expected if expected >= here and not is_split and display_set.objects == here else 0
