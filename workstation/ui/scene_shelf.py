"""Scenes of the open study: kept and read in jobs, listed beside the images, and reopened in the active tile."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from workstation import jobs
from workstation.case import cutting, volume
from workstation.case.commands import show_set
from workstation.case.cutting import Cutting
from workstation.case.kept_scenes import KeptScene, PackedCut, keep, kept
from workstation.case.scene_marks import SceneMarks, marks_of, show_as_kept
from workstation.case.state import Case
from workstation.errors import HounsfieldError
from workstation.imaging.scene import Cut, Scene
from workstation.paths import Home
from workstation.render.volume_memory import mapped

if TYPE_CHECKING:
    from workstation.ui.reading_page import ReadingPage

Masks = list[NDArray[np.uint8]]


class SceneShelf(QObject):
    """Belongs to one reading page. `scenes` are of its case, the newest first; `changed` when they are others."""

    said = Signal(str)
    changed = Signal()

    def __init__(self, page: "ReadingPage", home: Home) -> None:
        super().__init__(page)
        self._page, self._home = page, home
        self._case: Case | None = None
        self._busy = False
        self.scenes: tuple[KeptScene, ...] = ()
        self.shown: int | None = None
        """Which of them was reopened last."""

    @property
    def is_busy(self) -> bool:
        """Whether some are being kept."""
        return self._busy

    def show_case(self, case: Case | None) -> None:
        """The scenes of another case; of one before nothing stays."""
        self._case = case
        self._put(())
        if case is not None and (study := _study_of(case)):
            jobs.run("Look for scenes", lambda job: kept(self._home, study), partial(self._came, case), piece=True)

    def _came(self, case: Case, found: tuple[KeptScene, ...]) -> None:
        if case is self._case and not self.scenes:
            self._put(found[::-1])

    def _put(self, scenes: tuple[KeptScene, ...]) -> None:
        self.scenes, self.shown = scenes, None
        self.changed.emit()

    def keep(self) -> None:
        """Keep what the active 3D tile shows, with all that is cut away, its measures and segments."""
        case = self._case
        tile = case.tiles[case.active] if case is not None and case.tiles else None
        if case is None or tile is None or tile.scene is None or tile.display_set is None or self._busy:
            return
        scene, key, made = tile.scene, tile.display_set, datetime.now().isoformat(timespec="seconds")
        before, marks = self.scenes, marks_of(case, case.active)
        self._write(case, lambda: (_packed(scene, key, made, marks), *before), "The scene is kept with the study.")

    def remove(self, number: int) -> None:
        """Keep a scene no longer."""
        if self._case is not None and number < len(self.scenes) and not self._busy:
            left = (*self.scenes[:number], *self.scenes[number + 1 :])
            self._write(self._case, lambda: left, "The scene is kept no longer.")

    def _write(self, case: Case, scenes: Callable[[], tuple[KeptScene, ...]], sentence: str) -> None:
        study, home = _study_of(case), self._home

        def work(job: jobs.Job) -> tuple[KeptScene, ...]:
            found = scenes()
            keep(home, study, found[::-1])
            return found

        def done(found: tuple[KeptScene, ...]) -> None:
            self._busy = False
            if case is self._case:
                self._put(found)
            self.said.emit(sentence)

        self._busy = True
        jobs.run("Keep the scene", work, done, self._failed)

    def _failed(self, error: Exception) -> None:
        self._busy = False
        sentence = error.sentence if isinstance(error, HounsfieldError) else type(error).__name__
        self.said.emit(f"The scene was not kept: {sentence.rstrip('.')}.")

    def reopen(self, number: int) -> None:
        """Show a scene in the active tile as it was kept; what is cut away then is one step to undo."""
        case = self._case
        if case is None or not case.tiles or number >= len(self.scenes):
            return
        scene = self.scenes[number]
        display_set = case.sets.get(scene.key)
        size = display_set.lattice.size[::-1] if display_set is not None and display_set.lattice is not None else None
        if size is None or any(each.shape != size for each in scene.cuts):
            self.said.emit("The images of this scene are not there as they were.")
            return
        self.shown = number
        jobs.run(
            "Reopen the scene",
            lambda job: [each.mask() for each in scene.cuts],
            partial(self._unpacked, case, case.active, scene),
            self._not_reopened,
            lane=jobs.Lane.SCREEN,
            piece=True,
        )

    def _unpacked(self, case: Case, number: int, found: KeptScene, masks: Masks) -> None:
        if case is not self._case or number >= len(case.tiles) or found not in self.scenes:
            return  # another study by now, or the scene was taken from the list before its masks were read
        if case.tiles[number].display_set != found.key:
            show_set(case, number, found.key)
        cuts = tuple(
            self._page.volumes.cut_of(case, each.name, mask) for each, mask in zip(found.cuts, masks, strict=True)
        )
        if not volume.is_3d(case, number):
            volume.show_3d(case, number)
        volume.change(case, number, partial(_as_kept, found.scene))
        cutting.cut(case, number, lambda now: Cutting(found.scene.crop, found.scene.plane, cuts))
        aside = show_as_kept(case, number, found.marks) if found.marks is not None else ""
        told = f"Scene {self.scenes.index(found) + 1} of {len(self.scenes)}: {found.title}"
        self.said.emit(f"{told}. {aside}" if aside else told)
        self.changed.emit()

    def _not_reopened(self, error: Exception) -> None:
        self.said.emit("This scene cannot be read.")


def _study_of(case: Case) -> str:
    return case.first.StudyInstanceUID if case.first is not None else ""


def _packed(scene: Scene, key: str, made: str, marks: SceneMarks) -> KeptScene:
    """In a job."""
    cuts: tuple[Cut, ...] = scene.cuts
    packed = tuple(PackedCut.of(each.name, mapped(each.mask)) for each in cuts)
    return KeptScene(made, key, replace(scene, cuts=()), packed, marks)


def _as_kept(wanted: Scene, now: Scene) -> Scene:
    """A scene as it was kept, but what is cut away now."""
    return replace(wanted, crop=now.crop, plane=now.plane, cuts=now.cuts)
