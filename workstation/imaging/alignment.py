"""How one frame of reference lies on another: the one gate for what is drawn, linked or reckoned across frames.

A registration names a fixed and a moving frame; its matrix takes LPS points (mm) of the moving frame to the fixed one,
as the matrix of a Spatial Registration does (PS3.3 C.20.2.1.1). A field bends on top of it, looked up from the fixed
side (PS3.3 C.20.3.1.2). Without one of them, and without the reader's word, two frames have nothing to do with each
other (safety.md 13).

Images of one frame may lie apart all the same: the patient moved between them. A series that was parted from its frame
lies in one of its own, which no object names (`own_frame`), and by a registration on the rest.
"""

import uuid
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid, Matrix, Vec3, unit, vec
from workstation.imaging.uneven import Uneven

Points = NDArray[np.float64]
Kind = Literal["rigid", "affine", "deformable"]
Word = Literal["good", "check", "poor"]
Pair = tuple[str, str]

IDENTITY: Final[Matrix] = np.eye(4)
IDENTITY.flags.writeable = False

CLOSE_MM: Final = 1e-4
APART: Final = "\\"
"""Between a frame and the series that was parted from it: no value of an attribute holds it (PS3.5 6.2)."""

PARTED: Final = "parted, not moved"
"""Of a series that lies where its frame has it, and need not."""

ROUNDS: Final = 50
"""A field is gone back along by so many steps at most, or until a step is this short."""


class Standing(StrEnum):
    """What two frames laid on each other may be called, in the words to be shown."""

    SAME = "same frame of reference"
    ACCEPTED = "registered"
    UNVERIFIED = "registered, not verified"
    MOVED = "moved, not accepted"
    UNDER_WAY = "still being registered"
    ANYWAY = "NOT REGISTERED"


@dataclass(frozen=True, eq=False)
class Field:
    """A field of shifts: `shifts_mm[k, j, i]` is the shift (LPS, mm, float32) at voxel (i, j, k) of `grid`, which lies
    in the fixed frame. Beyond the outermost voxel centres nothing is shifted.
    """

    grid: Grid
    shifts_mm: NDArray[np.float32]

    def at(self, points_lps: Points) -> Points:
        """The shifts at points of the fixed frame, shape (n, 3), linear between voxel centres."""
        to_index = self.grid.index_from_lps
        index = points_lps @ to_index[:3, :3].T + to_index[:3, 3]
        size = np.asarray(self.grid.size)
        inside = ((index > -1e-6) & (index < size - 1 + 1e-6)).all(axis=1)
        low = np.clip(np.floor(index).astype(np.intp), 0, np.maximum(size - 2, 0))
        part = np.clip(index - low, 0.0, 1.0)
        found = np.zeros_like(index)
        for corner in np.ndindex(2, 2, 2):
            i, j, k = np.minimum(low + corner, size - 1).T
            weight = np.where(corner, part, 1.0 - part).prod(axis=1)
            found += weight[:, None] * self.shifts_mm[k, j, i]
        found[~inside] = 0.0
        return np.asarray(found, dtype=np.float64)


@dataclass(frozen=True)
class Quality:
    """How good a registration is: a word and the numbers behind it, each named with its unit."""

    word: Word
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Registration:
    """How the frame `moving` lies on the frame `fixed`: `matrix` (4 x 4) takes LPS of moving to LPS of fixed.

    With a field, a point p of the fixed frame is looked up in moving at inverse(matrix) applied to p + shift(p).
    `uid` is another one as soon as the matrix is. `made_by` says who or what made it, with its version (safety.md 14);
    `sources` are the SeriesInstanceUIDs it was made from, the fixed one first. One `under_way` is a preview of what an
    algorithm has come to.
    """

    uid: str
    fixed: str
    moving: str
    matrix: Matrix
    kind: Kind = "rigid"
    field: Field | None = None
    accepted: bool = False
    quality: Quality | None = None
    made_by: str = ""
    sources: tuple[str, ...] = ()
    under_way: bool = False

    @property
    def pair(self) -> Pair:
        return pair(self.fixed, self.moving)

    @property
    def is_within(self) -> bool:
        """Whether it says how a series lies on the rest of its own frame of reference."""
        return stored_frame(self.fixed) == stored_frame(self.moving)

    @property
    def way(self) -> str:
        """Whose work it is, in two words; nothing for an algorithm's."""
        if "by hand" in self.made_by:
            return "by hand"
        return "by landmarks" if "landmarks" in self.made_by else ""

    def says_as(self, other: "Registration") -> bool:
        """Whether points get to the same places by both, a field apart."""
        if self.pair != other.pair:
            return False
        matrix = other.matrix if self.fixed == other.fixed else inverse(other.matrix)
        return bool(np.allclose(self.matrix, matrix, rtol=0.0, atol=1e-6))

    def with_matrix(self, matrix: Matrix) -> "Registration":
        """Moved by hand: another registration, which nobody has accepted and whose numbers no longer hold."""
        return replace(self, uid=new_uid(), matrix=matrix, accepted=False, quality=None)


@dataclass(frozen=True, eq=False)
class Laid:
    """How a moving frame lies on a fixed one: `matrix` takes LPS of moving to LPS of fixed.

    Of a deformable one `field` bends, which `to_moving` and `to_fixed` respect; the matrix alone does not. It belongs
    to the fixed frame, or `backwards` to the moving one, where the registration was made the other way round.
    `uid` is that of the registration, empty for one frame and for what is shown anyway.
    """

    standing: Standing
    matrix: Matrix = field(default_factory=lambda: IDENTITY)
    field: Field | None = None
    uid: str = ""
    backwards: bool = False
    quality: Quality | None = None
    way: str = ""
    """How a series that was parted from its frame was moved."""

    @property
    def is_bent(self) -> bool:
        return self.field is not None

    @property
    def said(self) -> str:
        """What must be written where it is shown; nothing where one frame or an accepted registration is behind it."""
        if self.standing is Standing.MOVED and np.array_equal(self.matrix, IDENTITY) and not self.is_bent:
            return PARTED
        if self.standing is Standing.MOVED and self.way:
            return f"moved {self.way}, not accepted"
        return "" if self.standing in (Standing.SAME, Standing.ACCEPTED) else self.standing.value

    @property
    def turned(self) -> "Laid":
        """How the fixed frame lies on the moving one."""
        backwards = self.field is not None and not self.backwards
        return replace(self, matrix=inverse(self.matrix), backwards=backwards)

    def to_moving(self, points_lps: Points) -> Points:
        """Points of the fixed frame, shape (n, 3), as points of the moving one."""
        back = inverse(self.matrix)
        if self.field is None:
            return _applied(back, points_lps)
        if self.backwards:
            return _unshifted(self.field, _applied(back, points_lps))
        return _applied(back, points_lps + self.field.at(points_lps))

    def to_fixed(self, points_lps: Points) -> Points:
        """Points of the moving frame, shape (n, 3), as points of the fixed one."""
        if self.field is None:
            return _applied(self.matrix, points_lps)
        if self.backwards:
            return _applied(self.matrix, points_lps + self.field.at(points_lps))
        return _unshifted(self.field, _applied(self.matrix, points_lps))

    def point_to_moving(self, point_lps: Vec3) -> Vec3:
        return vec(self.to_moving(np.asarray([point_lps], dtype=np.float64))[0])

    def point_to_fixed(self, point_lps: Vec3) -> Vec3:
        return vec(self.to_fixed(np.asarray([point_lps], dtype=np.float64))[0])


SAME: Final = Laid(Standing.SAME)
ANYWAY: Final = Laid(Standing.ANYWAY)


@dataclass(frozen=True, eq=False)
class Alignment:
    """All that is known of the frames of a case. Of several registrations of two frames the last one is in force.

    Pairs in `shown_anyway` are laid on each other as their coordinates are, registered or not: what the reader asks
    for where there is no registration, and to see the unregistered original where there is one.
    """

    registrations: tuple[Registration, ...] = ()
    shown_anyway: frozenset[Pair] = frozenset()

    def between(self, fixed: str, moving: str) -> Laid | None:
        """How a moving frame lies on a fixed one; None where nobody knows. One frame lies on itself."""
        if not fixed or not moving:
            return None
        if fixed == moving:
            return SAME
        if pair(fixed, moving) in self.shown_anyway:
            return ANYWAY
        found = self.registration(fixed, moving)
        return None if found is None else _laid(found, fixed)

    def registration(self, one: str, other: str) -> Registration | None:
        """The registration in force between two frames, whichever of them is the fixed one."""
        wanted = pair(one, other)
        return next((each for each in reversed(self.registrations) if each.pair == wanted), None)

    def holds(self, uid: str) -> bool:
        """Whether what came through a registration would come out the same now: it is in force, or one that says the
        same is."""
        was = next((each for each in self.registrations if each.uid == uid), None)
        found = self.registration(*was.pair) if was is not None else None
        if was is None or found is None:
            return False
        return found is was or (found.field is was.field and found.says_as(was))

    def is_parted(self, frame: str) -> bool:
        """Whether a series lies apart from the rest of a frame."""
        return any(each.is_within and stored_frame(each.fixed) == stored_frame(frame) for each in self.registrations)

    def put(self, registration: Registration) -> "Alignment":
        """With this registration in force; an earlier one of the same uid is replaced."""
        kept = (each for each in self.registrations if each.uid != registration.uid)
        return replace(self, registrations=(*kept, registration))

    def without(self, uid: str) -> "Alignment":
        return replace(self, registrations=tuple(each for each in self.registrations if each.uid != uid))

    def show_anyway(self, one: str, other: str, shown: bool = True) -> "Alignment":
        """With two frames laid on each other as their coordinates are, or no longer."""
        pairs = self.shown_anyway | {pair(one, other)} if shown else self.shown_anyway - {pair(one, other)}
        return replace(self, shown_anyway=pairs)


def pair(one: str, other: str) -> Pair:
    """Two frames in one order, whichever is named first."""
    return (one, other) if one <= other else (other, one)


def own_frame(frame: str, series: str) -> str:
    """Where a series lies that was parted from the frame its images name; no object is ever told it."""
    return f"{stored_frame(frame)}{APART}{series}"


def stored_frame(frame: str) -> str:
    """The frame of reference that images name, of one of a series' own too."""
    return frame.partition(APART)[0]


def is_own(frame: str) -> bool:
    """Whether a frame is that of a series which was parted."""
    return APART in frame


def new_uid() -> str:
    """PS3.5 B.2."""
    return f"2.25.{uuid.uuid4().int}"


def inverse(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def moved(grid: Grid, matrix: Matrix) -> Grid:
    """The grid of a moving volume as it lies in the fixed frame: a rigid or affine layer costs no resampling."""
    steps = matrix[:3, :3] @ grid.lps_from_index[:3, :3]
    lengths = np.linalg.norm(steps, axis=0)
    axes = (vec(unit(steps[:, 0])), vec(unit(steps[:, 1])), vec(unit(steps[:, 2])))
    origin = vec(_applied(matrix, np.asarray([grid.origin_lps]))[0])
    if isinstance(grid, Uneven):
        longer = float(lengths[2]) / grid.spacing[2]
        return Uneven(origin, axes, vec(lengths), grid.size, tuple(longer * each for each in grid.places_mm))
    return Grid(origin, axes, vec(lengths), grid.size)


def _laid(registration: Registration, fixed: str) -> Laid:
    standing = Standing.ACCEPTED if registration.accepted else Standing.UNVERIFIED
    if registration.is_within and not registration.accepted:
        standing = Standing.MOVED
    if registration.under_way:
        standing = Standing.UNDER_WAY
    found = Laid(
        standing,
        registration.matrix,
        registration.field,
        registration.uid,
        quality=registration.quality,
        way=registration.way,
    )
    return found if registration.fixed == fixed else found.turned


def _applied(matrix: Matrix, points: Points) -> Points:
    return np.asarray(points @ matrix[:3, :3].T + matrix[:3, 3], dtype=np.float64)


def _unshifted(bent: Field, points: Points) -> Points:
    """The points p with p + shift(p) at `points`."""
    found = points.copy()
    for _ in range(ROUNDS):
        step = points - bent.at(found) - found
        found += step
        if np.abs(step).max(initial=0.0) < CLOSE_MM:
            break
    return found
