"""What a Case is made of, as values: tiles, their links, films and layouts, and a tile captured for painting."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from workstation.case.overlays import ShownOverlays
from workstation.case.shown_marks import ShownMarks
from workstation.hanging.hang import PlannedTile
from workstation.imaging.alignment import Alignment, Laid, Standing
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.layers import Layer
from workstation.imaging.oblique import THIN, Slab, Triad, plane_in, sample_mm
from workstation.imaging.scene import Scene
from workstation.imaging.turning import Turning, turntable
from workstation.imaging.view import Display, Framing, Orientation, Plane, image_plane, step_mm


class Share(StrEnum):
    """What linked tiles can do together."""

    SCROLL = "scroll"
    WINDOW = "window"
    ZOOM = "zoom"
    PAN = "pan"


@dataclass(frozen=True)
class Link:
    """A tile's part in a group of linked tiles, and how far it stays from the others when they scroll.

    `ahead_mm` is along the normal, to left, back or head, and open (None) until the group is first scrolled;
    `ahead_images` counts where positions cannot be compared, and where a registration says how far apart two spaces
    are, `beside_mm` is what the reader wants beyond that.
    """

    group: str
    ahead_mm: float | None = None
    ahead_images: int = 0
    beside_mm: float = 0.0


@dataclass(frozen=True)
class Tile:
    """One place on the screen: a display set as a stack (`image`) or in a plane of its volume (`orientation`).

    `planned` is what the stage hung here; what is shown may be something else by now.
    """

    display_set: str | None = None
    orientation: Orientation | None = None
    image: int = 0
    framing: Framing = field(default_factory=Framing)
    display: Display = field(default_factory=Display)
    slab: Slab = THIN
    """How thick a plane is; a stack shows single images."""
    why_empty: str = ""
    prior: bool = False
    study_date: str = ""
    """StudyDate of a prior, which wears it (safety.md 5)."""
    link: Link | None = None
    planned: PlannedTile | None = None
    stands_in: bool = False
    """Hung in place of what was planned, because the reader swapped the two in an earlier stage."""
    scene: Scene | None = None
    """What is seen of the volume in 3D; then the tile is neither a stack nor a plane."""
    flat: Orientation | None = None
    """The plane that comes back after 3D."""
    turning: Turning | None = None
    """From which side the volume is seen as a rotating MIP; then the tile is neither a stack nor a plane."""
    layers: tuple[Layer, ...] = ()
    """Other sets drawn over this one, the lowest first; in 3D and over what turns none is drawn."""
    in_hand: str = ""
    """The layer that what changes light acts on, by its set's key; the tile's own set where it is none of these."""

    @property
    def layer_in_hand(self) -> Layer | None:
        """The layer that what changes light acts on; None for the tile's own set."""
        return next((each for each in self.layers if each.display_set == self.in_hand), None)

    @property
    def layered(self) -> tuple[str, ...]:
        """The keys of the sets of its layers."""
        return tuple(each.display_set for each in self.layers)

    def shows(self, key: str) -> bool:
        """Whether a set is seen in the tile, its own or a layer's."""
        return key == self.display_set or key in self.layered

    @property
    def is_stack(self) -> bool:
        """Whether the stored images are seen, one by one."""
        return self.orientation is None and self.scene is None and self.turning is None


@dataclass(frozen=True)
class Playing:
    """A tile that plays: since when (seconds of any steady clock), from which image, how fast, to and fro or round."""

    since_s: float
    from_image: int
    speed: float = 1.0
    to_and_fro: bool = False


@dataclass(frozen=True)
class OwnLayout:
    """A layout of the reader's own over the stage: the tiles on screen in reading order; the others wait."""

    rows: int
    columns: int
    tiles: tuple[int, ...]


@dataclass(frozen=True)
class Beside:
    """Another plane of the same crosshair: the tile that shows it, and how thick it is there."""

    number: int
    orientation: Orientation
    slab: Slab


@dataclass(frozen=True)
class Tied:
    """How a tile hangs together with what is read beside it in another frame of reference: how the two frames lie on
    each other (None: nobody knows), whether they scroll together, and if so how many mm the tile stays to which side of
    the patient.
    """

    standing: Standing | None
    linked: bool
    offset: tuple[float, str] | None = None


@dataclass(frozen=True)
class LayerView:
    """A layer captured for painting: `grid` is where its voxels lie in the space of the tile, by `laid`.

    Both are None where the layer is not drawn, and `why_not` says why (safety.md 13).
    """

    layer: Layer
    display_set: DisplaySet
    grid: Grid | None
    laid: Laid | None = None
    why_not: str = ""


@dataclass(frozen=True)
class TileView:
    """A tile captured for painting: everything a picture needs, and nothing that changes meanwhile.

    `crossed`: the other planes are drawn as lines. `pointer` is the active tile where its image is drawn here as a
    line, with the ends of its stack when `ends`. `group` are the tiles linked by hand or plan. Without `worded` only
    what must be said is written. For an `audience` it is written larger, and who the patient is not at all.
    `patients` are so many on screen together. `why_empty` is said where there is no set, `coming` how much of one
    is here while more is on its way ("41 of 120, still coming"). `triad` are the axes of the
    planes of its space where they were turned, `beside` the other planes on screen; a slab is shown `coarse` while
    it moves. `layers` lie over the set, the lowest first.
    `beside_frames` are the other frames of reference on screen, of the same patient.
    `landmarks` of a registration are told by number, frame of reference and place (LPS, mm).
    """

    number: int
    tile: Tile
    display_set: DisplaySet | None
    crosshair_lps: Vec3 | None
    active: bool
    linked: bool
    crossed: bool = False
    pointer: "TileView | None" = None
    ends: bool = False
    group: tuple[int, ...] = ()
    shares: tuple[str, ...] = ()
    worded: bool = True
    audience: bool = False
    patients: int = 1
    marks: ShownMarks = field(default_factory=ShownMarks)
    overlays: ShownOverlays = field(default_factory=ShownOverlays)
    why_empty: str = ""
    coming: str = ""
    triad: Triad | None = None
    beside: tuple[Beside, ...] = ()
    coarse: bool = False
    layers: tuple[LayerView, ...] = ()
    alignment: Alignment = field(default_factory=Alignment)
    beside_frames: tuple[str, ...] = ()
    landmarks: tuple[tuple[str, str, Vec3], ...] = ()
    compared: tuple[DisplaySet, ...] = ()
    """Of a PET the others of the patient's other examinations on screen, whose values are read beside its own."""
    tied: Tied | None = None

    @cached_property
    def grid(self) -> Grid:
        """The voxels that are sampled: the whole volume for a plane, one image for a stack, one side of what turns."""
        display_set = self._set
        if self.tile.turning is not None and display_set.lattice is not None:
            return turntable(display_set.lattice).picture_grid(self.tile.turning.angle)
        if self.tile.orientation is None:
            return display_set.image_grid(self.tile.image)
        assert display_set.lattice is not None  # noqa: S101  only volumes get an orientation
        return display_set.lattice

    @cached_property
    def plane(self) -> Plane:
        """Where the tile looks. What turns is as large from all sides: its corners lie beyond what is fitted."""
        if self.tile.turning is not None and self._set.lattice is not None:
            return replace(image_plane(self.grid), size_mm=turntable(self._set.lattice).fitted_mm)
        if self.tile.orientation is None:
            return image_plane(self.grid)
        return self.plane_of(self.tile.orientation)

    def plane_of(self, orientation: Orientation) -> Plane:
        """Any of the three planes of the volume through the crosshair."""
        return plane_in(self.grid, orientation, self.triad, self.crosshair_lps or self.grid.middle_lps)

    @property
    def step_mm(self) -> float:
        """From one plane to the next when it is scrolled."""
        assert self.tile.orientation is not None  # noqa: S101  of planes alone
        if self.triad is None:
            return step_mm(self.grid, self.tile.orientation)
        return sample_mm(self.grid, self.plane.normal)

    @property
    def image(self) -> int:
        """The image on screen: the stack's, or for a plane the one nearest to the crosshair; the middle one stands for
        all of what turns."""
        if self.tile.turning is not None:
            return len(self._set.images) // 2
        if self.tile.orientation is None:
            return self.tile.image
        slices = self.grid.size[2]
        index = self.grid.index(self.crosshair_lps or self.grid.middle_lps)[2]
        return min(max(round(index), 0), slices - 1)

    @property
    def _set(self) -> DisplaySet:
        assert self.display_set is not None  # noqa: S101  an empty tile is never painted as an image
        return self.display_set
