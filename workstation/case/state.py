"""The Case and its Tiles: what is open, which stage hangs, and how each tile looks at its set.

Owners: the Case owns the tiles, the stage, the active tile and the crosshair of each frame of reference; a Tile is
a value and owns where, how framed and how displayed. Pixels belong to `loading`, screen planes to nobody: they are
computed at every paint. Only the main thread changes a Case; `changed` names the tiles that must be painted again.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from psygnal import Signal

from workstation.case import alone
from workstation.case.aligning import crosshairs_at
from workstation.case.captured import captured, crossed_by_active
from workstation.case.coming import Coming, count_here, is_whole
from workstation.case.curve import Curve
from workstation.case.drawing import Marks
from workstation.case.habits import Habits
from workstation.case.hung import fixed_window, planned_layers, planned_scene, planned_turning, volumes_cut
from workstation.case.mammography import hung_framing
from workstation.case.overlays import Overlays
from workstation.case.registering import Registering
from workstation.case.tile import Link, OwnLayout, Playing, Share, Tile, TileView
from workstation.case.undo import History, Steps
from workstation.dicom.entities import Instance
from workstation.hanging.hang import Plan, PlannedTile
from workstation.imaging.alignment import Alignment
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Vec3
from workstation.imaging.oblique import THIN, Slab, SlabMode, Triad, area_of_planes_mm
from workstation.imaging.softcopy import Presentation
from workstation.imaging.together import same_patient
from workstation.imaging.turning import Turning
from workstation.imaging.view import Display, Framing

Identity = tuple[str, str, str]
"""What makes two patients two (safety.md 3): PatientID, its issuer, birth date."""

STILL_COMING = "The study is still coming: what belongs here may not be here yet."

__all__ = ["STILL_COMING", "Case", "Identity", "Link", "OwnLayout", "Playing", "Share", "Tile", "TileView", "identity"]


def _window_of(display: Display) -> tuple[object, ...]:
    return display.window, display.wider, display.brighter


def identity(instance: Instance) -> Identity:
    patient = instance.patient
    return patient.PatientID, patient.IssuerOfPatientID, patient.PatientBirthDate


def _space_of(display_set: DisplaySet) -> str:
    """Sets of one space share a crosshair; without a FrameOfReferenceUID a study's sets do, never two studies'."""
    return display_set.first.FrameOfReferenceUID or display_set.study_instance_uid


class Case:
    """One opened study. `changed(tiles)` follows every change; `stage_changed()` when tiles were hung anew."""

    changed = Signal(tuple)
    stage_changed = Signal()
    placed = Signal(tuple)  # keys of sets that lie in another frame of reference by now (`case.apart`)
    alignment: Alignment = Alignment()
    """How the frames of what hangs lie on each other; `case.aligning` replaces it whole."""
    screen_mm_per_px: float | None = None
    """Size of a device pixel of the screen, mm; whoever owns the window sets it."""

    def __init__(
        self, sets: Sequence[DisplaySet], plan: Plan, digests: Mapping[str, str], habits: Habits | None = None
    ) -> None:
        self.habits = habits or Habits()
        self.sets: Mapping[str, DisplaySet] = {each.key: each for each in sets}
        self.plan = plan
        self.next_plan: Plan | None = None
        """How what has come since then wants to hang; it waits until a stage is hung (`case.grow`)."""
        self.digests = digests
        self.coming = False
        """Whether more of the study is on its way; `expect` says so."""
        self.arriving: Mapping[str, Coming] = {}
        """What is known of the studies on their way, by StudyInstanceUID; `say_coming` says so."""
        self.stage = 0
        self.tiles: list[Tile] = []
        self.active = 0
        self.maximised: int | None = None
        self.own_layout: OwnLayout | None = None
        self.instead: dict[str, str] = {}
        """Sets that the reader put where others were planned, by the planned one's key; kept over stages."""
        self.shares: dict[str, frozenset[Share]] = {}
        """What the tiles of a link group do together; the habit where the group is not named."""
        self.displays: dict[tuple[int, str], Display] = {}
        """How each series was displayed in a tile before another took its place, by tile and set."""
        self.peeking: tuple[int, str] | None = None
        """Tile and set that come back when a held key is let go."""
        self.reference_lines = self.habits.reference_lines
        self.reference_ends = False
        self.crosshair_lines = self.habits.crosshair_lines
        self.worded = True
        self.audience = False
        """Whether people look on who must not read who the patient is."""
        self.page_px: tuple[int, int] | None = None
        """Size of all tiles together in device pixels; whoever lays them out sets it."""
        self.playing: dict[int, Playing] = {}
        self.cuttings: dict[tuple[int, str], History[Any]] = {}  # of 3D, by tile and set: `case.cutting`
        self.presentations: tuple[Presentation, ...] = ()
        self.crosshairs: dict[str, Vec3] = {}
        """By frame of reference, where it was put, LPS mm."""
        self.triads: dict[str, Triad] = {}
        """By frame of reference, how its planes are turned; along their volume's axes where it is not named."""
        self.in_motion: frozenset[int] = frozenset()
        """Tiles whose planes are being turned or moved: their slabs are coarse until `planes.rest`."""
        self.apart: dict[tuple[str, str], Link] = {}
        """By link group and space, how far from the others a series stood that has left its tile."""
        self._hung: tuple[object, ...] = ()
        self._crossed: frozenset[int] = frozenset()
        self._fitted: frozenset[int] = frozenset()
        """The tiles whose images were fitted when one of them was shown alone."""
        self.marks = Marks()
        """What is measured and marked in the study and in what hangs beside it."""
        self.marks.changed.connect(self._marks_changed)
        self.curve = Curve(lambda: self.marks.steps)
        self.steps_beside: Steps | None = None  # what else undo takes back: inputs of SUV
        """The line that volumes are looked at along."""
        self.overlays = Overlays()
        """What other objects of the studies say over the images."""
        self.overlays.changed.connect(self._marks_changed)
        self.registering = Registering()
        self.hang_stage(0)

    @property
    def first(self) -> Instance | None:
        """An instance that speaks for the study: patient, date, description."""
        return next((each.first for each in self.sets.values()), None)

    @property
    def layout(self) -> tuple[int, int]:
        """Rows and columns on screen: the reader's own, or the stage's."""
        if self.maximised is not None:
            return 1, 1
        return self.grid_layout

    @property
    def grid_layout(self) -> tuple[int, int]:
        """Rows and columns when no tile is alone."""
        if self.own_layout is not None:
            return self.own_layout.rows, self.own_layout.columns
        stage = self.plan.stages[self.stage]
        return stage.rows, stage.columns

    @property
    def shown(self) -> tuple[int, ...]:
        """The numbers of the tiles on screen, in reading order."""
        if self.maximised is not None:
            return (self.maximised,)
        return self.own_layout.tiles if self.own_layout else tuple(range(len(self.tiles)))

    def hang_stage(self, number: int) -> None:
        """Hang a stage of the plan; out of range is clamped. A plan that waits takes effect now."""
        if self.next_plan is not None:
            self.plan, self.next_plan = self.next_plan, None
        self.stage = min(max(number, 0), len(self.plan.stages) - 1)
        self.tiles = [self.hung(planned) for planned in self.plan.stages[self.stage].tiles]
        filled = (number for number, tile in enumerate(self.tiles) if tile.display_set)
        self.active = next(filled, 0)
        self.maximised = self.own_layout = self.peeking = None
        self.playing.clear()
        self.displays.clear()
        self.apart.clear()
        self._hung = self._what_hangs()
        self.stage_changed.emit()

    def hung(self, planned: PlannedTile) -> Tile:
        """A tile as it is planned."""
        if planned.display_set is None:
            return Tile(why_empty=planned.why_empty, prior=planned.prior, planned=planned)
        return self._hung_with(self._in_place_of(self.sets[planned.display_set]), planned)

    def _hung_with(self, display_set: DisplaySet, planned: PlannedTile) -> Tile:
        as_planned = display_set.key == planned.display_set
        window = fixed_window(display_set, planned.window)
        middle = len(display_set.images) // 2
        return Tile(
            display_set.key,
            planned.orientation,
            planned.image if as_planned and planned.image is not None else middle,
            hung_framing(planned, self.plan.stages[self.stage].tiles, self.sets) if as_planned else Framing(),
            Display(window, interpolation=self.habits.interpolation, overlays=not planned.chest_wall),
            Slab(planned.slab_mm, SlabMode(planned.slab)) if planned.orientation and planned.slab_mm else THIN,
            prior=planned.prior,
            study_date=planned.study_date if planned.prior else "",
            link=Link(planned.link) if planned.link else None,
            planned=planned,
            stands_in=not as_planned,
            scene=planned_scene(display_set, planned),
            turning=planned_turning(display_set, planned),
            layers=planned_layers(self.sets, planned, self.habits.interpolation) if as_planned else (),
        )

    def _in_place_of(self, planned: DisplaySet) -> DisplaySet:
        """The set the reader swapped a planned one for, where it can be shown in the same way."""
        other = self.sets[self.instead.get(planned.key, planned.key)]
        alike = other.first.Modality == planned.first.Modality and (other.lattice is None) == (planned.lattice is None)
        return other if alike and other.study_instance_uid == planned.study_instance_uid else planned

    def stack_of(self, key: str) -> Tile:
        """A tile that shows a set as a stack, at the crosshair where one was put among planes, else from its middle.

        One of a prior wears its date (safety.md 5).
        """
        display_set = self.sets[key]
        prior = self.first is not None and display_set.study_instance_uid != self.first.StudyInstanceUID
        date = display_set.first.StudyDate if prior else ""
        tile = Tile(key, None, len(display_set.images) // 2, prior=prior, study_date=date)
        at_crosshair = self.crosshair_is_shown() and _space_of(display_set) in self.crosshairs
        return self._following(tile) if at_crosshair else tile

    def as_hung(self, number: int) -> Tile:
        """A tile where it is now, framed and displayed as the plan has it, or plainly when it shows another series."""
        tile = self.tiles[number]
        planned = tile.planned.display_set if tile.planned else None
        front = Turning() if tile.turning is not None else None
        if tile.planned is None or planned is None or tile.display_set is None:
            framing = Framing(area_mm=self.area_mm(number))
            return replace(tile, framing=framing, display=Display(), slab=THIN, scene=None, turning=front)
        meant = tile.display_set in (planned, self._in_place_of(self.sets[planned]).key)
        hung = self._hung_with(self.sets[tile.display_set], tile.planned) if meant else Tile()
        return replace(
            tile, framing=hung.framing, display=hung.display, slab=hung.slab, scene=hung.scene, turning=front
        )

    def area_mm(self, number: int) -> tuple[float, float] | None:
        """What a plane that the reader laid beside the others of its volume is fitted by, so that all have one scale;
        None for what is fitted by itself."""
        tile = self.tiles[number]
        lattice = self.sets[tile.display_set].lattice if tile.display_set else None
        own = self.own_layout is not None and number in self.own_layout.tiles
        return area_of_planes_mm(lattice) if own and tile.orientation and lattice is not None else None

    def view(self, number: int) -> TileView:
        """Capture a tile for painting."""
        return captured(self, number)

    def expect(self, more: bool) -> None:
        """More of the study is on its way, or nothing more comes."""
        if more is not self.coming:
            self.coming = more
            self.emit_changed(number for number, tile in enumerate(self.tiles) if tile.display_set is None)

    def say_coming(self, arriving: Mapping[str, Coming]) -> bool:
        """How the studies stand that are on their way; True where that is another word for one that is shown."""
        before, self.arriving = self.arriving, dict(arriving)
        other = {uid for uid in before.keys() | arriving.keys() if before.get(uid) != arriving.get(uid)}
        keys = {key for key, each in self.sets.items() if each.study_instance_uid in other}
        if keys:
            self.emit_changed(number for number, tile in enumerate(self.tiles) if tile.display_set in keys)
        return bool(keys)

    def how_much(self, display_set: DisplaySet) -> tuple[str, str]:
        """Of a set that is still coming how much is here and how it stands: ("41 of 120", "still coming")."""
        coming = self.arriving.get(display_set.study_instance_uid)
        if coming is None or is_whole(display_set, self.sets.values(), coming):
            return "", ""
        return count_here(display_set, self.sets.values(), coming), coming.word

    def why_empty(self, number: int) -> str:
        """Why a tile shows nothing: what a study lacks nobody can say before all of it is here."""
        tile = self.tiles[number]
        return STILL_COMING if self.coming and tile.why_empty and not tile.prior else tile.why_empty

    @property
    def patients(self) -> dict[Identity, Instance]:
        """Who is on screen: an instance that speaks for each patient (safety.md 2 and 3)."""
        keys = (self.tiles[number].display_set for number in self.shown)
        firsts = [self.sets[key].first for key in keys if key]
        return {identity(first): first for first in firsts}

    def crosshair(self, display_set: DisplaySet) -> Vec3 | None:
        """The crosshair of a set's frame of reference; where it hangs until it was put somewhere."""
        placed = self.crosshairs.get(_space_of(display_set))
        return self.middle(display_set) if placed is None or display_set.lattice is None else placed

    def middle(self, display_set: DisplaySet) -> Vec3 | None:
        """Where a crosshair hangs: in the middle of the first volume of its space that any stage cuts, so that linked
        planes look at one point; in that of the set itself where it does not reach there."""
        own, space = display_set.lattice, _space_of(display_set)
        cut = (each for each in volumes_cut(self.plan, self.sets) if _space_of(each) == space)
        first = next(cut, display_set).lattice
        if own is None or first is None or first is own:
            return own.middle_lps if own is not None else None
        return first.middle_lps if own.contains(first.middle_lps) else own.middle_lps

    def crosshair_is_shown(self) -> bool:
        """Whether any tile on screen is a plane or turns, for which the crosshair has a meaning."""
        shown = [self.tiles[number] for number in self.shown]
        return any(tile.orientation or tile.turning for tile in shown)

    def place_crosshair(self, display_set: DisplaySet, point_lps: Vec3) -> None:
        """Move the crosshair of a set's frame of reference, and of those registered with it; it stays within voxels."""
        if display_set.lattice is None:
            return
        placed = {_space_of(display_set): display_set.lattice.clamped(point_lps)}
        placed |= crosshairs_at(self, display_set, *placed.values())
        self.crosshairs |= placed
        affected = [n for n, tile in enumerate(self.tiles) if self.space_of(tile) in placed]
        for number in affected:
            self.tiles[number] = self._following(self.tiles[number])
        self.emit_changed(affected)

    def _following(self, tile: Tile) -> Tile:
        """A stack tile scrolled to the image nearest to the crosshair."""
        display_set = self.sets[tile.display_set or ""]
        point = self.crosshair(display_set)
        if not tile.is_stack or display_set.lattice is None or point is None:
            return tile
        nearest = round(display_set.lattice.index(point)[2])
        return replace(tile, image=min(max(nearest, 0), len(display_set.images) - 1))

    def space_of(self, tile: Tile) -> str | None:
        """The space a tile looks into; tiles of one space have one crosshair."""
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
        window = _window_of(self.tiles[number].display)
        return tuple(each for each in self.linked(number) if _window_of(self.tiles[each].display) == window)

    def group(self, number: int) -> tuple[int, ...]:
        """The tiles linked with this one by hand or by plan, itself among them; never of two patients (safety.md 2)."""
        tile = self.tiles[number]
        if tile.link is None or tile.display_set is None:
            return (number,)
        own, found = self.sets[tile.display_set], []
        for each, other in enumerate(self.tiles):
            together = other.link is not None and other.link.group == tile.link.group
            if together and other.display_set and same_patient(own, self.sets[other.display_set]):
                found.append(each)
        return tuple(found)

    def shared(self, number: int) -> frozenset[Share]:
        """What the group of a tile does together; nothing without a group."""
        link = self.tiles[number].link
        usual = frozenset(Share(each) for each in self.habits.shares)
        return self.shares.get(link.group, usual) if link else frozenset()

    def _marks_changed(self) -> None:
        self.emit_changed(self.shown)

    def put(self, number: int, tile: Tile) -> None:
        """Replace one tile."""
        self.tiles[number] = tile
        self.emit_changed((number,))

    def activate(self, number: int) -> None:
        if number != self.active and number in self.shown:
            before, self.active = self.active, number
            self.emit_changed(self.shown if self.reference_lines else (before, number))

    def maximise(self, number: int | None) -> None:
        """Show one tile alone; None shows all of the stage."""
        if self.maximised is None:
            self._fitted = alone.fitted(self)
        elif number is None:
            alone.beside_the_others(self, self.maximised, self._fitted)
        self.maximised = number
        self.stage_changed.emit()

    def emit_changed(self, numbers: Iterable[int]) -> None:
        """Tell listeners which tiles to paint again: those named, and those where the active one is or was a line.

        When a tile shows another series or looks another way, all are: lines and links of the others hang on it.
        """
        if __debug__ and threading.current_thread() is not threading.main_thread():
            raise RuntimeError("a Case is changed by the main thread alone")
        changed = set(numbers)
        if self.active in changed and self.reference_lines:
            crossed = crossed_by_active(self)
            changed.update(crossed, self._crossed)
            self._crossed = crossed
        if (hung := self._what_hangs()) != self._hung:
            self._hung = hung
            changed.update(range(len(hung)))
        self.changed.emit(tuple(sorted(changed)))

    def _what_hangs(self) -> tuple[object, ...]:
        return tuple(
            (tile.display_set, tile.orientation, tile.scene is None, tile.turning is None) for tile in self.tiles
        )
