"""A line that a volume is looked at along: the points of it that were placed, where on it one looks, how it is turned.

Main thread only. `changed` follows another line, `moved` another place on it or another way of looking along it. Each
change of the points can be undone, in turn with those of marks: a step knows how many steps of marks went before it.
Each space keeps its own line while another one is looked along; nothing that was placed is lost.
"""

from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from psygnal import Signal

from workstation.case.undo import History
from workstation.imaging.centerline import Centerline
from workstation.imaging.geometry import Vec3

TURN_DEG: Final = 10.0
STEP_MM: Final = 1.0
Points = tuple[Vec3, ...]


@dataclass(frozen=True)
class Step:
    """Points as they were after a change, the finding they belong to, and how many steps of marks went before it."""

    points: Points = ()
    finding: str = ""
    marks: int = 0


def _none() -> int:
    return 0


class Curve:
    """The points (LPS, mm) of one line through the volume `key` of the space `space`; empty until some are placed.

    `steps_of_marks` counts the changes of marks that can be undone.
    """

    changed = Signal()
    moved = Signal()

    def __init__(self, steps_of_marks: Callable[[], int] = _none) -> None:
        self._steps_of_marks = steps_of_marks
        self.key = ""
        self.space: str | None = None
        self._histories: dict[str | None, History[Step]] = {None: History(Step())}
        self._kept: dict[str, tuple[Points, Points]] = {}
        self._carried = False
        self.shown = False
        """Whether what lies along it is shown; else it is neither seen, taken hold of nor undone."""
        self.placing = False
        self.arc_mm = 0.0
        self.degrees = 0.0
        self.stretched = False
        self.between: tuple[float, float] | None = None
        """Two arc lengths that a narrowing is measured between; None is the whole line."""

    def count_with(self, steps_of_marks: Callable[[], int]) -> None:
        """Marks are others from now on: the study was opened anew."""
        self._steps_of_marks = steps_of_marks

    @property
    def _history(self) -> History[Step]:
        return self._histories[self.space]

    @property
    def points(self) -> Points:
        return self._history.value.points

    @property
    def finding(self) -> str:
        """The tracking UID of the finding it was kept as or taken from; empty for a line that is not kept yet."""
        return self._history.value.finding

    @property
    def is_line(self) -> bool:
        return len(self.points) > 1

    def begin(self, key: str, space: str | None) -> None:
        """Place points in a volume; the line of its space goes on, through whichever of its volumes."""
        self._go_to(key, space)
        self.placing = True
        self.changed.emit()

    def show(self, key: str, space: str | None) -> None:
        """Look along the line of a space through a volume of it; points that are there can be moved."""
        self._go_to(key, space)
        self.placing = False
        self.changed.emit()

    def _go_to(self, key: str, space: str | None) -> None:
        self._carried = False
        if space != self.space:
            self.between, self.arc_mm, self.degrees, self.stretched = None, 0.0, 0.0, False
        self.key, self.space = key, space
        self._histories.setdefault(space, History(Step()))

    def end(self) -> None:
        """Place no more points; those there are stay and can be moved."""
        self.placing = False
        self.changed.emit()

    # ---------------------------------------------------------------- points

    def put(self, points: Points, finding: str | None = None) -> None:
        """These points from now on; `finding` is whose they are, None whose they were."""
        self._carried = False
        self._history.put(self._step(points, finding))
        self._put()

    def clear(self) -> None:
        """Let all points go: the next line is another one."""
        self.arc_mm, self.degrees, self.stretched = 0.0, 0.0, False
        if self.points:
            self.put((), "")
        else:
            self._put()

    def add(self, point: Vec3) -> None:
        self.put((*self.points, point))

    def insert(self, point: Vec3, line: Centerline) -> int:
        """Put a point between those it lies between along the line; its number."""
        number = bisect(line.control_arcs_mm, line.nearest(point)[0])
        number = min(max(number, 1), len(self.points) - 1)
        self.put((*self.points[:number], point, *self.points[number:]))
        return number

    def remove(self, number: int) -> None:
        self.put((*self.points[:number], *self.points[number + 1 :]))

    def remove_nearest(self, line: Centerline) -> None:
        """Take away the point nearest along the line to the place that is looked at."""
        away = [abs(each - self.arc_mm) for each in line.control_arcs_mm]
        self.remove(away.index(min(away)))

    def remove_last(self) -> None:
        self.put(self.points[:-1])

    def carry(self, number: int, point: Vec3) -> None:
        """A hand carries a point: all of its way until `drop` is one step to undo."""
        points = (*self.points[:number], point, *self.points[number + 1 :])
        step = self._step(points, None)
        (self._history.amend if self._carried else self._history.put)(step)
        self._carried = True
        self._put()

    def carry_on(self) -> None:
        """What is carried now belongs to the step that was just made, such as a point that was just added."""
        self._carried = True

    def drop(self) -> None:
        """The point stays where it was carried to."""
        self._carried = False

    def give_back(self) -> None:
        """The step under way is taken back."""
        if self._carried:
            self._carried = False
            self._history.undo()
            self._put()

    def _step(self, points: Points, finding: str | None) -> Step:
        return Step(points, self.finding if finding is None else finding, self._steps_of_marks())

    def _put(self) -> None:
        self.between = None
        self.changed.emit()

    # ------------------------------------------------------------------ undo

    @property
    def is_newest(self) -> bool:
        """Whether the last change of line and marks together was one of the line on screen."""
        return self.shown and self._history.can_undo and self._history.value.marks >= self._steps_of_marks()

    @property
    def is_next(self) -> bool:
        """Whether what was taken back last, and is not done again yet, was a change of the line on screen."""
        ahead = self._history.ahead
        return self.shown and ahead is not None and ahead.marks == self._steps_of_marks()

    @property
    def history(self) -> History[Step]:
        """Of the line on screen."""
        return self._history

    def undo(self) -> None:
        self._carried = False
        if self._history.undo():
            self._put()

    def redo(self) -> None:
        self._carried = False
        if self._history.redo():
            self._put()

    # ------------------------------------------------------------------ kept

    def was_kept(self, finding: str, as_points: Points) -> None:
        """It is a finding now, whose own points are `as_points`; no step to undo."""
        self._kept[finding] = (as_points, self.points)
        self._history.amend(Step(self.points, finding, self._history.value.marks))
        self.changed.emit()

    def known(self, finding: str, as_points: Points) -> Points | None:
        """The placed points of a finding with these points, where they were kept in this session."""
        kept = self._kept.get(finding)
        return kept[1] if kept is not None and kept[0] == as_points else None

    def take_up(self, finding: str, as_points: Points, points: Points) -> None:
        """Go on with the line of a finding."""
        self._kept[finding] = (as_points, points)
        self.put(points, finding)

    @property
    def differs(self) -> bool:
        """Whether it is another line than its finding says by now."""
        return bool(self.finding) and self._kept.get(self.finding, ((), ()))[1] != self.points

    # ------------------------------------------------------------------ look

    def look(self, arc_mm: float) -> None:
        """Look at a place of the line."""
        if arc_mm != self.arc_mm:
            self.arc_mm = arc_mm
            self.moved.emit()

    def turn(self, degrees: float) -> None:
        """Turn what is unrolled about the line."""
        self.degrees = (self.degrees + degrees) % 360
        self.moved.emit()

    def stretch(self) -> None:
        """Show it stretched instead of straightened, or back."""
        self.stretched = not self.stretched
        self.moved.emit()

    def compare(self, between: tuple[float, float] | None) -> None:
        """Measure narrowings between these arc lengths."""
        self.between = between
        self.moved.emit()
