"""Structures drawn as contours (PS3.3 C.8.8.5, C.8.8.6): values in the patient, LPS mm."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from workstation.errors import HounsfieldError, Refused
from workstation.findings.outline import plane_through
from workstation.findings.segment import Colour
from workstation.imaging.geometry import Vec3, opposite

Points = NDArray[np.float64]
T = TypeVar("T")

PLANAR_MM: Final = 0.1
"""Corners stray from their plane by rounding alone; a contour that strays further is drawn and encloses nothing."""

SAME_PLANE_MM: Final = 0.05
"""Contours nearer to each other than this, along their normal, lie in one plane."""

SAME_DIRECTION: Final = 0.9999

GAP: Final = 1.5
"""Planes further apart than this many usual steps are two parts of a structure with nothing between them."""


@dataclass(frozen=True, eq=False)
class Contour:
    """Points in their order, shape (n, 3). `closed` ones enclose something; the others are drawn."""

    points: Points
    closed: bool = True

    @cached_property
    def normal(self) -> Vec3 | None:
        """Along its strongest axis to the left, the back or the head; None for what is open, bent or without extent."""
        if not self.closed or len(self.points) < 3:
            return None
        corners = self.points[np.linspace(0, len(self.points) - 1, min(len(self.points), 512)).astype(int)]
        try:
            normal = plane_through([(float(x), float(y), float(z)) for x, y, z in corners]).normal
        except Refused:
            return None
        along = self.points @ np.asarray(normal)
        if float(np.ptp(along)) > 2 * PLANAR_MM:
            return None
        return normal if max(normal, key=abs) > 0 else opposite(normal)


@dataclass(frozen=True, eq=False)
class Slab:
    """The contours of one plane and the part of space they stand for: `low_mm` to below `high_mm` along `normal`."""

    normal: Vec3
    at_mm: float
    low_mm: float
    high_mm: float
    contours: tuple[Points, ...]

    @property
    def thickness_mm(self) -> float:
        return self.high_mm - self.low_mm


@dataclass(frozen=True, eq=False)
class Structure:
    """One region of interest. `kind` is its RTROIInterpretedType, `made` its ROIGenerationAlgorithm, both as written.

    `step_mm` is the distance of planes that is usual in its structure set; `slab_mm` what its contours say themselves.
    """

    number: int
    name: str
    colour: Colour
    frame_of_reference_uid: str
    contours: tuple[Contour, ...]
    kind: str = ""
    made: str = ""
    step_mm: float | None = None
    slab_mm: float | None = None

    @property
    def encloses(self) -> bool:
        return any(each.normal is not None for each in self.contours)

    def slabs(self, step_mm: float | None = None) -> tuple[Slab, ...]:
        """Its planes in order, each with the space up to half way to its neighbours.

        Where there are no neighbours, or they lie further away than `GAP` steps, half a step counts: the usual one of
        this structure, else of its set, else `step_mm` (of the image), else 1 mm.
        """
        found: list[Slab] = []
        for normal, contours in _families(self.contours):
            found += self._in_direction(normal, contours, step_mm)
        return tuple(found)

    def _in_direction(self, normal: Vec3, contours: Sequence[Points], step_mm: float | None) -> Iterator[Slab]:
        offsets = np.array([float((each @ np.asarray(normal)).mean()) for each in contours])
        planes = _together(offsets)
        places = [float(offsets[plane].mean()) for plane in planes]
        steps = np.diff(places)
        own = float(np.median(steps)) if len(steps) > 1 else None
        usual = self.slab_mm or own or self.step_mm or step_mm or (float(steps[0]) if len(steps) else 1.0)
        apart = [step if step <= GAP * usual else usual for step in steps]
        for number, plane in enumerate(planes):
            low = apart[number - 1] if number else usual
            high = apart[number] if number < len(apart) else usual
            at, own_contours = places[number], tuple(contours[each] for each in plane)
            yield Slab(normal, at, at - low / 2, at + high / 2, own_contours)


@dataclass(frozen=True, eq=False)
class StructureSet:
    """What a structure set says; `odd` names what could not be read and was left out."""

    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    label: str
    structures: tuple[Structure, ...]
    odd: tuple[str, ...] = ()
    drawn_on: str = ""
    """SeriesInstanceUID of the images it refers to; empty where these are of several series, or none."""


def usual_step_mm(contours: Sequence[Contour]) -> float | None:
    """The median distance of neighbouring planes over contours of one direction; None where there are no two planes."""
    steps: list[float] = []
    for normal, family in _families(contours):
        offsets = np.array([float((each @ np.asarray(normal)).mean()) for each in family])
        steps += np.diff([float(offsets[plane].mean()) for plane in _together(offsets)]).tolist()
    return float(np.median(steps)) if steps else None


def pick(known: Sequence[tuple[str, T]], name: str) -> T:
    """By its whole name, else by a beginning that only one has. Raises HounsfieldError with the names there are."""
    whole = [each for own, each in known if own == name]
    begins = [each for own, each in known if own.casefold().startswith(name.casefold())]
    for found in (whole, begins):
        if len(found) == 1:
            return found[0]
    names = ", ".join(repr(own) for own, _ in known) or "none"
    said = "Several regions have the name" if whole else "Several begin with" if begins else "There is no region"
    raise HounsfieldError(f"{said} {name!r}; there are {names}.")


def _families(contours: Sequence[Contour]) -> Iterator[tuple[Vec3, list[Points]]]:
    """Closed contours by the direction of their planes."""
    families: list[tuple[Vec3, list[Points]]] = []
    for each in contours:
        normal = each.normal
        if normal is None:
            continue
        for known, members in families:
            if abs(float(np.dot(known, normal))) >= SAME_DIRECTION:
                members.append(each.points)
                break
        else:
            families.append((normal, [each.points]))
    return iter(families)


def _together(offsets: NDArray[np.float64]) -> list[list[int]]:
    """Indices of contours that lie in one plane, plane by plane in rising order."""
    order = np.argsort(offsets, kind="stable")
    cuts = np.flatnonzero(np.diff(offsets[order]) > SAME_PLANE_MM) + 1
    return [[int(each) for each in part] for part in np.split(order, cuts)]
