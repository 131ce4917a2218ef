"""Hot spots of PET in a case: which series is meant, what is proposed, what is a lesion and what a reference.

Lesions and reference regions are segments like any other; a reference is told by what made it, which documents keep.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from workstation.findings.hot_values import HOT_MODALITIES, is_suv
from workstation.findings.segment import Algorithm, Colour, Segment
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Vec3, vec
from workstation.imaging.hot import Spot, Spots
from workstation.imaging.hot_reference import SHAPES, Region
from workstation.imaging.parted import FrameIn
from workstation.imaging.together import laid_on

if TYPE_CHECKING:
    from workstation.case.state import Case

KEPT: Final[Colour] = (255, 92, 168)
OUT: Final[Colour] = (150, 156, 163)
REFERENCE: Final[Colour] = (86, 180, 233)

_FACTOR: Final = re.compile(r" \(x [^)]*\)")
"""The factor of the SUV in the words of `from_value`."""

MADE: Final = "reference region, "
NAMES: Final = {
    Region.LIVER: ("Liver reference", "Liver"),
    Region.BLOOD_POOL: ("Blood pool reference", "Aorta"),
    Region.MEDIASTINUM: ("Mediastinum reference", "Mediastinum"),
}
"""Name and site of each."""


@dataclass(frozen=True, eq=False)
class Proposed:
    """All spots above a value; those the reader took out, such as brain and bladder, stay out at other values too."""

    key: str
    study_instance_uid: str
    series_instance_uid: str
    frame_of_reference_uid: str
    found: Spots
    smallest_ml: float
    out: tuple[Spot, ...] = ()

    @cached_property
    def kept(self) -> tuple[Spot, ...]:
        return tuple(each for each in self.found.spots if not self.is_out(each))

    def is_out(self, spot: Spot) -> bool:
        """Whether a spot was taken out: it holds the maximum of one that was, or has its own in it."""
        return id(spot) in self._gone

    @cached_property
    def _gone(self) -> frozenset[int]:
        """Of these spots the ids of those that are out: asked for often, and each asking opens masks."""
        return frozenset(id(spot) for spot in self.found.spots if any(_same(spot, each) for each in self.out))

    def at(self, index: tuple[int, int, int]) -> Spot | None:
        """The spot that holds a voxel (i, j, k)."""
        return next((each for each in self.found.spots if each.mask.has(index)), None)

    def turned(self, spot: Spot) -> "Proposed":
        """With a spot taken out, or brought back."""
        if not self.is_out(spot):
            return replace(self, out=(*self.out, spot))
        return replace(self, out=tuple(each for each in self.out if not _same(spot, each)))

    def placed(self, frame_in: FrameIn) -> "Proposed":
        """The same spots where their series lies."""
        frame = frame_in(self.frame_of_reference_uid, self.series_instance_uid)
        return self if frame == self.frame_of_reference_uid else replace(self, frame_of_reference_uid=frame)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """As they are drawn: those that stay filled, those taken out as grey lines."""
        return tuple(self._segment(number, each) for number, each in enumerate(self.found.spots, start=1))

    def _segment(self, number: int, spot: Spot) -> Segment:
        gone = self.is_out(spot)
        return Segment(
            f"proposed-{number}",
            number,
            spot.mask,
            self.study_instance_uid,
            self.series_instance_uid,
            self.frame_of_reference_uid,
            OUT if gone else KEPT,
            name="taken out" if gone else f"Spot {number}",
            algorithm=Algorithm.SEMIAUTOMATIC,
            locked=True,
            outline_only=gone,
        )

    @property
    def made_by(self) -> str:
        """The tool's name, for the segments that come of it."""
        found = self.found
        return f"all {from_value(found.least, found.unit, found.factors)}, at least {self.smallest_ml:g} ml"


def from_value(least: float, unit: str, factors: tuple[float, ...]) -> str:
    """How an outline says the value it was drawn from, and the first factor of the SUV that held then."""
    return f"from {least:.4g} {unit}{_by(unit, factors)}"


def _by(unit: str, factors: tuple[float, ...]) -> str:
    return f" (x {factors[0]:.6g})" if is_suv(unit) else ""


def outlined_otherwise(segment: Segment, unit: str, factors: tuple[float, ...]) -> bool:
    """Whether a segment was outlined from a value of another measure than this; shares of a maximum hold in all."""
    drawn, _, told = segment.algorithm_name.partition("from ")
    value, _, rest = told.partition(" ")
    known = unit, f"{unit}{_by(unit, factors)}"
    return drawn in ("all ", "isocontour, ") and bool(value) and rest.partition(",")[0] not in known


def how_made(algorithm_name: str) -> str:
    """How an outline came about, by what its segment says made it: ">= 4 SUVbw, at least 0.5 ml", "41 % of max"."""
    told = _FACTOR.sub("", algorithm_name.removeprefix("all ").removeprefix("isocontour, "))
    return f">= {told.removeprefix('from ')}" if told.startswith("from ") else told or "by hand"


def _same(one: Spot, other: Spot) -> bool:
    """Whether two spots, maybe of two thresholds, are of one thing."""
    return one.mask.has(other.hottest) or other.mask.has(one.hottest)


def proposed_next(
    before: Proposed | None, display_set: DisplaySet, found: Spots, smallest_ml: float
) -> tuple[Proposed, bool]:
    """What is proposed by other spots, and whether it goes on with that before: then what was taken out stays out."""
    same = before is not None and before.key == display_set.key
    frame = display_set.first.FrameOfReferenceUID or display_set.study_instance_uid
    uids = display_set.study_instance_uid, display_set.series_instance_uid
    out = before.out if before is not None and same else ()
    return Proposed(display_set.key, *uids, frame, found, smallest_ml, out), same


def reference_of(segment: Segment) -> Region | None:
    """Which reference region a segment is; None of a lesion."""
    return next((region for region in Region if segment.algorithm_name == made_by(region)), None)


def made_by(region: Region) -> str:
    """How a segment says that it is a reference region, within the 64 characters of a name."""
    return f"{MADE}{region.value}, {SHAPES[region]}"[:64]


def lesions(segments: Iterable[Segment], display_set: DisplaySet) -> tuple[Segment, ...]:
    """The segments on a series that are no reference regions, by their number."""
    found = (each for each in segments if each.mask and reference_of(each) is None and _on(each, display_set))
    return tuple(sorted(found, key=lambda each: each.number))


def reference(segments: Iterable[Segment], display_set: DisplaySet, region: Region) -> Segment | None:
    """The reference region of a series, where it was put."""
    return next((each for each in segments if reference_of(each) is region and _on(each, display_set)), None)


def _on(segment: Segment, display_set: DisplaySet) -> bool:
    same = segment.series_instance_uid == display_set.series_instance_uid
    return same and segment.mask.grid == display_set.grid


def is_hot(display_set: DisplaySet | None) -> bool:
    """Whether PET's tools have something to work on: a volume of emission."""
    return display_set is not None and display_set.grid is not None and display_set.first.Modality in HOT_MODALITIES


def hot_set(case: "Case", number: int | None = None) -> DisplaySet | None:
    """The PET or SPECT volume that is meant in a tile, the active one unless another is named: its own, one over it,
    or one that it is known to lie with, corrected for attenuation before others."""
    number = case.active if number is None else number
    tile = case.tiles[number] if number < len(case.tiles) else None
    own = case.sets.get(tile.display_set or "") if tile is not None else None
    if own is None or tile is None:
        return None
    if is_hot(own):
        return own
    over = (case.sets.get(each.display_set) for each in tile.layers)
    beside = [each for each in case.sets.values() if is_hot(each)]
    beside.sort(key=lambda each: (each.study_instance_uid != own.study_instance_uid, "ATTN" not in _corrected(each)))
    found = (each for each in (*over, *beside) if each is not None and is_hot(each))
    return next((each for each in found if laid_on(own, each, case.alignment) is not None), None)


def _corrected(display_set: DisplaySet) -> tuple[str, ...]:
    return display_set.first.CorrectedImage


def hot_point(case: "Case", number: int, point_lps: Vec3, display_set: DisplaySet) -> Vec3 | None:
    """A point under the hand in a tile as it lies in the emission's own space; None where nobody knows."""
    own = case.sets.get(case.tiles[number].display_set or "")
    if own is None or own is display_set:
        return point_lps if own is not None else None
    laid = laid_on(own, display_set, case.alignment)
    return vec(laid.to_moving(np.array([point_lps]))[0]) if laid is not None else None
