"""The Case and its Tiles: what is open, which stage hangs, and how each tile looks at its set.

Owners: the Case owns the tiles, the stage, the active tile and the crosshair of each frame of reference; a Tile is
a value and owns where, how framed and how displayed. Pixels belong to `loading`, screen planes to nobody: they are
computed at every paint. Only the main thread changes a Case; `changed` names the tiles that must be painted again.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from psygnal import Signal

from workstation.dicom.entities import Instance
from workstation.hanging.hang import Plan, PlannedTile
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.greyscale import Window
from workstation.imaging.presets import preset_named
from workstation.imaging.softcopy import Presentation
from workstation.imaging.view import Display, Framing, Orientation, Plane, image_plane, orthogonal_plane


@dataclass(frozen=True)
class Tile:
    """One place on the screen: a display set as a stack (`image`) or in a plane of its volume (`orientation`)."""

    display_set: str | None = None
    orientation: Orientation | None = None
    image: int = 0
    framing: Framing = field(default_factory=Framing)
    display: Display = field(default_factory=Display)
    why_empty: str = ""
    prior: bool = False
    study_date: str = ""
    """StudyDate of a prior, which wears it (safety.md 5)."""


@dataclass(frozen=True)
class Playing:
    """A tile that plays: since when (seconds of any steady clock), from which image, how fast, to and fro or round."""

    since_s: float
    from_image: int
    speed: float = 1.0
    to_and_fro: bool = False


@dataclass(frozen=True)
class TileView:
    """A tile captured for painting: everything a picture needs, and nothing that changes meanwhile."""

    number: int
    tile: Tile
    display_set: DisplaySet | None
    crosshair_lps: Vec3 | None
    active: bool
    linked: bool

    @cached_property
    def grid(self) -> Grid:
        """The voxels that are sampled: the whole volume for a plane, one image for a stack."""
        display_set = self._set
        if self.tile.orientation is None:
            return display_set.image_grid(self.tile.image)
        assert display_set.grid is not None  # noqa: S101  only volumes get an orientation
        return display_set.grid

    @cached_property
    def plane(self) -> Plane:
        """Where the tile looks."""
        if self.tile.orientation is None:
            return image_plane(self.grid)
        return orthogonal_plane(self.grid, self.tile.orientation, self.crosshair_lps or self.grid.center_lps)

    @property
    def image(self) -> int:
        """The image on screen: the stack's, or for a plane the one nearest to the crosshair."""
        if self.tile.orientation is None:
            return self.tile.image
        slices = self.grid.size[2]
        index = self.grid.index(self.crosshair_lps or self.grid.center_lps)[2]
        return min(max(round(index), 0), slices - 1)

    @property
    def _set(self) -> DisplaySet:
        assert self.display_set is not None  # noqa: S101  an empty tile is never painted as an image
        return self.display_set


def _space_of(display_set: DisplaySet) -> str:
    """Sets of one space share a crosshair; without a FrameOfReferenceUID a study's sets do, never two studies'."""
    return display_set.first.FrameOfReferenceUID or display_set.study_instance_uid


class Case:
    """One opened study. `changed(tiles)` follows every change; `stage_changed()` when tiles were hung anew."""

    changed = Signal(tuple)
    stage_changed = Signal()

    def __init__(self, sets: Sequence[DisplaySet], plan: Plan, digests: Mapping[str, str]) -> None:
        self.sets: Mapping[str, DisplaySet] = {each.key: each for each in sets}
        self.plan = plan
        self.digests = digests
        self.stage = 0
        self.tiles: list[Tile] = []
        self.active = 0
        self.maximised: int | None = None
        self.playing: dict[int, Playing] = {}
        self.presentations: tuple[Presentation, ...] = ()
        self._crosshairs: dict[str, Vec3] = {}
        self.hang_stage(0)

    @property
    def first(self) -> Instance | None:
        """An instance that speaks for the study: patient, date, description."""
        return next((each.first for each in self.sets.values()), None)

    @property
    def layout(self) -> tuple[int, int]:
        """Rows and columns of the stage."""
        if self.maximised is not None:
            return 1, 1
        stage = self.plan.stages[self.stage]
        return stage.rows, stage.columns

    @property
    def shown(self) -> tuple[int, ...]:
        """The numbers of the tiles on screen, in reading order."""
        return tuple(range(len(self.tiles))) if self.maximised is None else (self.maximised,)

    def hang_stage(self, number: int) -> None:
        """Hang a stage of the plan; out of range is clamped."""
        self.stage = min(max(number, 0), len(self.plan.stages) - 1)
        self.tiles = [self._hung(planned) for planned in self.plan.stages[self.stage].tiles]
        filled = (number for number, tile in enumerate(self.tiles) if tile.display_set)
        self.active = next(filled, 0)
        self.maximised = None
        self.playing.clear()
        self.stage_changed.emit()

    def _hung(self, planned: PlannedTile) -> Tile:
        if planned.display_set is None:
            return Tile(why_empty=planned.why_empty, prior=planned.prior)
        display_set = self.sets[planned.display_set]
        preset = preset_named(display_set.first.Modality, planned.window) if planned.window else None
        fixed = preset is not None and preset.percentiles is None
        window = Window(preset.center, preset.width, name=preset.name) if preset and fixed else None
        image = len(display_set.images) // 2 if planned.image is None else planned.image
        return Tile(
            planned.display_set,
            planned.orientation,
            image,
            Framing(mirrored=planned.mirrored),
            Display(window),
            prior=planned.prior,
            study_date=planned.study_date if planned.prior else "",
        )

    def as_hung(self, number: int) -> Tile:
        """A tile where it is now, framed and displayed as the plan has it, or plainly when it shows another series."""
        tile, planned = self.tiles[number], self.plan.stages[self.stage].tiles[number]
        hung = self._hung(planned) if planned.display_set == tile.display_set else Tile()
        return replace(tile, framing=hung.framing, display=hung.display)

    def view(self, number: int) -> TileView:
        """Capture a tile for painting."""
        tile = self.tiles[number]
        display_set = self.sets[tile.display_set] if tile.display_set else None
        crosshair = self.crosshair(display_set) if display_set else None
        linked = bool(tile.orientation) and len(self.linked(number)) > 1
        return TileView(number, tile, display_set, crosshair, number == self.active, linked)

    def crosshair(self, display_set: DisplaySet) -> Vec3 | None:
        """The crosshair of a set's frame of reference; in the middle of its volume until it was put somewhere."""
        if display_set.grid is None:
            return None
        placed = self._crosshairs.get(_space_of(display_set))
        return display_set.grid.center_lps if placed is None else placed

    def crosshair_is_shown(self) -> bool:
        """Whether any tile on screen is a plane, for which the crosshair has a meaning."""
        return any(self.tiles[number].orientation for number in self.shown)

    def place_crosshair(self, display_set: DisplaySet, point_lps: Vec3) -> None:
        """Move the crosshair of a set's frame of reference; it stays within the set's voxels."""
        if display_set.grid is None:
            return
        frame = _space_of(display_set)
        self._crosshairs[frame] = display_set.grid.clamped(point_lps)
        affected = [n for n, tile in enumerate(self.tiles) if self._frame_of(tile) == frame]
        for number in affected:
            self.tiles[number] = self._following(self.tiles[number])
        self.emit_changed(affected)

    def _following(self, tile: Tile) -> Tile:
        """A stack tile scrolled to the image nearest to the crosshair."""
        display_set = self.sets[tile.display_set or ""]
        point = self.crosshair(display_set)
        if tile.orientation is not None or display_set.grid is None or point is None:
            return tile
        nearest = round(display_set.grid.index(point)[2])
        return replace(tile, image=min(max(nearest, 0), len(display_set.images) - 1))

    def _frame_of(self, tile: Tile) -> str | None:
        if tile.display_set is None:
            return None
        return _space_of(self.sets[tile.display_set])

    def linked(self, number: int) -> tuple[int, ...]:
        """The tiles that share zoom with this one, and while they are alike its window: planes of the same set."""
        tile = self.tiles[number]
        if tile.orientation is None:
            return (number,)
        same = (n for n, other in enumerate(self.tiles) if other.display_set == tile.display_set and other.orientation)
        return tuple(same)

    def alike(self, number: int) -> tuple[int, ...]:
        """Of the linked tiles those in the same window: a lung and a soft tissue window side by side stay two."""
        window = self.tiles[number].display.window
        return tuple(each for each in self.linked(number) if self.tiles[each].display.window == window)

    def put(self, number: int, tile: Tile) -> None:
        """Replace one tile."""
        self.tiles[number] = tile
        self.emit_changed((number,))

    def activate(self, number: int) -> None:
        if number != self.active and 0 <= number < len(self.tiles):
            before, self.active = self.active, number
            self.emit_changed((before, number))

    def maximise(self, number: int | None) -> None:
        """Show one tile alone; None shows all of the stage."""
        self.maximised = number
        self.stage_changed.emit()

    def emit_changed(self, numbers: Iterable[int]) -> None:
        """Tell listeners which tiles to paint again."""
        if __debug__ and threading.current_thread() is not threading.main_thread():
            raise RuntimeError("a Case is changed by the main thread alone")
        self.changed.emit(tuple(sorted(set(numbers))))
