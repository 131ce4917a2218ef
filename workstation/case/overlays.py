"""What other objects say over the images: structures, segments and doses of the open case, and which of them is shown.

Nothing of it is drawn until the reader asks. It lies in the patient: a tile draws what is of its own frame of
reference, or of one that is laid on it (safety.md 13).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from psygnal import Signal

from workstation.findings.segment import Colour, Segment
from workstation.findings.structures import Structure
from workstation.imaging.alignment import Alignment
from workstation.imaging.dose import Dose
from workstation.imaging.parted import FrameIn

SHARES: Final = (107, 100, 95, 90, 80, 70, 50, 30)
"""Levels of isodose lines, percent of the prescription, else of the largest dose."""

LEVEL_COLOURS: Final[tuple[Colour, ...]] = (
    (255, 60, 160),
    (255, 70, 50),
    (255, 150, 30),
    (255, 225, 60),
    (110, 220, 70),
    (40, 205, 205),
    (80, 150, 255),
    (175, 130, 255),
)


@dataclass(frozen=True, eq=False)
class Overlay:
    """One thing that can be drawn over images. `source` names the object it comes from; `opacity` is that of a fill.

    `made_by` is the algorithm that made it, which is said wherever its name is (safety.md 14); empty for a person's.
    """

    uid: str
    source: str
    name: str
    colour: Colour
    frame_of_reference_uid: str
    what: Structure | Segment | Dose
    shown: bool = False
    opacity: float = 0.0
    made_by: str = ""
    series_instance_uid: str = ""
    """The one series that it was drawn on; empty where it names none, or several: it lies in the frame as a whole."""

    @property
    def title(self) -> str:
        return f"{self.name}  (by {self.made_by})" if self.made_by else self.name

    @property
    def kind(self) -> str:
        if isinstance(self.what, Structure):
            return "structure"
        return "segment" if isinstance(self.what, Segment) else "dose"


@dataclass(frozen=True)
class Level:
    """A line of equal dose: the dose in the unit of its grid, its share of what is 100 %, and its colour."""

    dose: float
    percent: float
    colour: Colour


def levels_of(dose: Dose) -> tuple[Level, ...]:
    """The lines to draw, the highest first; none beyond the largest dose."""
    whole = dose.prescribed or dose.max
    found = (Level(whole * share / 100, share, colour) for share, colour in zip(SHARES, LEVEL_COLOURS, strict=True))
    return tuple(each for each in found if each.dose < dose.max)


@dataclass(frozen=True)
class ShownOverlays:
    """Captured for painting: all there are; those that are `shown` are drawn. `revision` grows with each change."""

    there: tuple[Overlay, ...] = ()
    revision: int = 0

    def of_frame(self, frame_of_reference_uid: str | None, alignment: Alignment) -> tuple[Overlay, ...]:
        """What may be drawn in a frame: what lies in it, and what is known to lie on it unbent (safety.md 13)."""
        if not frame_of_reference_uid:
            return ()
        laid = ((each, alignment.between(frame_of_reference_uid, each.frame_of_reference_uid)) for each in self.there)
        return tuple(each for each, found in laid if found is not None and not found.is_bent)


def _placed(overlay: Overlay, frame: str) -> Overlay:
    if overlay.frame_of_reference_uid == frame:
        return overlay
    return replace(overlay, frame_of_reference_uid=frame, what=replace(overlay.what, frame_of_reference_uid=frame))


class Overlays:
    """Of one case. `problems` are sentences about objects that could not be read."""

    changed = Signal()

    def __init__(self) -> None:
        self.there: tuple[Overlay, ...] = ()
        self.problems: tuple[str, ...] = ()
        self.revision = 0
        self._before: frozenset[str] = frozenset()
        """What was shown when all were hidden together."""
        self._left: frozenset[str] = frozenset()
        """What was shown when the study was left, and has not been read again yet."""
        self.opacity: float | None = None
        """How strongly the reader had all filled; None as each came."""

    @property
    def captured(self) -> ShownOverlays:
        return ShownOverlays(self.there, self.revision)

    @property
    def shown(self) -> list[str]:
        """By uid what is shown, and what will be as soon as it is read."""
        return sorted({each.uid for each in self.there if each.shown} | self._left)

    def as_left(self, shown: frozenset[str], opacity: float | None) -> None:
        """Show these as soon as they are read, filled so."""
        self._left, self.opacity = shown, opacity

    def put(self, there: Iterable[Overlay], problems: tuple[str, ...] = ()) -> None:
        """These are there now; what was shown of them stays shown."""
        known = {each.uid: each for each in self.there}
        kept = tuple(known.get(each.uid) or self._as_left(each) for each in there)
        self._left -= {each.uid for each in kept}
        self._set(kept, problems)

    def _as_left(self, overlay: Overlay) -> Overlay:
        opacity = overlay.opacity if self.opacity is None else self.opacity
        return replace(overlay, shown=overlay.shown or overlay.uid in self._left, opacity=opacity)

    def place(self, frame_in: FrameIn) -> None:
        """What was drawn on a series lies where that lies now."""
        frames = [frame_in(each.frame_of_reference_uid, each.series_instance_uid) for each in self.there]
        if any(frame != each.frame_of_reference_uid for frame, each in zip(frames, self.there, strict=True)):
            there = zip(self.there, frames, strict=True)
            self._set(tuple(_placed(each, frame) for each, frame in there), self.problems)

    def show(self, uid: str, shown: bool) -> None:
        self._set(tuple(replace(each, shown=shown) if each.uid == uid else each for each in self.there), self.problems)

    def toggle_all(self) -> None:
        """Hide what is shown; where nothing is, show what was hidden so, else all."""
        shown = frozenset(each.uid for each in self.there if each.shown)
        wanted: frozenset[str] = frozenset()
        if shown:
            self._before = shown
        else:
            wanted = self._before or frozenset(each.uid for each in self.there)
        self._set(tuple(replace(each, shown=each.uid in wanted) for each in self.there), self.problems)

    def fill(self, opacity: float) -> None:
        """How strongly structures and segments are filled, 0 to 1."""
        self.opacity = opacity
        self._set(tuple(replace(each, opacity=opacity) for each in self.there), self.problems)

    def _set(self, there: tuple[Overlay, ...], problems: tuple[str, ...]) -> None:
        self.there, self.problems = there, problems
        self.revision += 1
        self.changed.emit()
