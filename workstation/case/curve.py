"""A line that a volume is looked at along: the points of it that were placed, where on it one looks, how it is turned.

Main thread only. `changed` follows another line, `moved` another place on it or another way of looking along it.
"""

from typing import Final

from psygnal import Signal

from workstation.imaging.geometry import Vec3

TURN_DEG: Final = 10.0
STEP_MM: Final = 1.0


class Curve:
    """The points (LPS, mm) of one line through the volume `key` of the space `space`; empty until some are placed."""

    changed = Signal()
    moved = Signal()

    def __init__(self) -> None:
        self.key = ""
        self.space: str | None = None
        self.points: tuple[Vec3, ...] = ()
        self.placing = False
        self.arc_mm = 0.0
        self.degrees = 0.0
        self.stretched = False
        self.between: tuple[float, float] | None = None
        """Two arc lengths that a narrowing is measured between; None is the whole line."""

    @property
    def is_line(self) -> bool:
        return len(self.points) > 1

    def begin(self, key: str, space: str | None) -> None:
        """Place points in a volume; those of another one are let go."""
        if key != self.key:
            self.clear()
        self.key, self.space, self.placing = key, space, True
        self.changed.emit()

    def end(self) -> None:
        """Place no more points; those there are stay and can be moved."""
        self.placing = False
        self.changed.emit()

    def clear(self) -> None:
        """Let all points go."""
        self.points, self.between, self.arc_mm, self.degrees, self.stretched = (), None, 0.0, 0.0, False
        self.changed.emit()

    def add(self, point: Vec3) -> None:
        self.put((*self.points, point))

    def move(self, number: int, point: Vec3) -> None:
        self.put((*self.points[:number], point, *self.points[number + 1 :]))

    def remove_last(self) -> None:
        self.put(self.points[:-1])

    def put(self, points: tuple[Vec3, ...]) -> None:
        """These points from now on."""
        self.points, self.between = points, None
        self.changed.emit()

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
