"""Small pictures of findings and key images for their lists: made for the rows that are seen, off the main thread."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtGui import QImage, QPixmap

from workstation import jobs
from workstation.case.state import Case
from workstation.findings.finding import Finding
from workstation.findings.key_image import KeyImage
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Vec3
from workstation.imaging.view import Display
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.picture.finding_picture import finding_picture, image_picture
from workstation.ui.findings_table import image_of

MOST_KEPT: Final = 400
GIVES_WAY_S: Final = 0.2

Made = Callable[[DisplaySet, int, Display, Voxels, int, float], QImage]


@dataclass(frozen=True)
class _Wanted:
    """What a picture shows and how large it is: another one is made where any of it differs."""

    uid: str
    frame: int
    points: tuple[Vec3, ...]
    side_px: int
    ratio: float


class FindingPictures:
    """Of one case; `arrived` is called when there is one more. Until a newer picture is there the older one stands."""

    def __init__(self, loader: Loader, arrived: Callable[[], None]) -> None:
        self._loader = loader
        self._arrived = arrived
        self._case: Case | None = None
        self._kept: dict[tuple[str, int], tuple[_Wanted, QPixmap]] = {}
        self._asked: set[_Wanted] = set()

    def show_case(self, case: Case | None) -> None:
        """Pictures of another case are none of this one's (safety.md 1)."""
        if case is not self._case:
            self._case, self._kept, self._asked = case, {}, set()

    def of_finding(self, finding: Finding, side: int, ratio: float) -> QPixmap | None:
        """`side` logical pixels wide and high; None while there is none."""
        wanted = _Wanted(finding.tracking_uid, 0, finding.points, round(side * ratio), ratio)
        place = None if self._case is None or self._is_made(wanted) else image_of(self._case, finding)

        def make(there: DisplaySet, image: int, display: Display, voxels: Voxels, side_px: int, dense: float) -> QImage:
            return finding_picture(finding, there, image, display, voxels, side_px, dense)

        return self._found(wanted, place, make)

    def of_key(self, key: KeyImage, side: int, ratio: float) -> QPixmap | None:
        """As `of_finding`, of a whole image."""
        wanted = _Wanted(key.sop_instance_uid, key.frame, (), round(side * ratio), ratio)
        place = None if self._case is None or self._is_made(wanted) else place_of(self._case, key)
        return self._found(wanted, place, image_picture)

    def _is_made(self, wanted: _Wanted) -> bool:
        known = self._kept.get((wanted.uid, wanted.frame))
        return wanted in self._asked or (known is not None and known[0] == wanted)

    def _found(self, wanted: _Wanted, place: tuple[DisplaySet, int] | None, make: Made) -> QPixmap | None:
        if place is not None:
            self._ask(wanted, *place, make)
        known = self._kept.get((wanted.uid, wanted.frame))
        return known[1] if known is not None else None

    def _ask(self, wanted: _Wanted, display_set: DisplaySet, image: int, make: Made) -> None:
        case, loading = self._case, self._loader.get(display_set.key)
        if case is None or loading is None or not loading.voxels.filled[image]:
            return
        shown = (case.tiles[number] for number in case.shown)
        display = next((each.display for each in shown if each.display_set == display_set.key), Display())
        voxels = loading.voxels
        self._asked.add(wanted)

        def work(job: jobs.Job) -> QImage:
            jobs.give_way(GIVES_WAY_S)
            return make(display_set, image, display, voxels, wanted.side_px, wanted.ratio)

        jobs.run(
            "Draw a finding",
            work,
            partial(self._made, case, wanted),
            failed=partial(self._not_made, case),
            lane=jobs.Lane.LATER,
            piece=True,
        )

    def _made(self, case: Case, wanted: _Wanted, image: QImage) -> None:
        if case is not self._case:
            return
        self._asked.discard(wanted)
        image.setDevicePixelRatio(wanted.ratio)
        place = (wanted.uid, wanted.frame)
        self._kept.pop(place, None)
        self._kept[place] = (wanted, QPixmap.fromImage(image))
        if len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._arrived()

    def _not_made(self, case: Case, error: Exception) -> None:
        """It stays asked for: the row has its words, and what failed once is not tried at each painting."""


def place_of(case: Case, key: KeyImage) -> tuple[DisplaySet, int] | None:
    """The set that holds a key image, and which of its images it is."""
    for display_set in case.sets.values():
        first = display_set.place_of.get(key.sop_instance_uid)
        for image in range(first, len(display_set.images)) if first is not None else ():
            ref = display_set.images[image]
            if (ref.instance.SOPInstanceUID, ref.frame) == (key.sop_instance_uid, key.frame):
                return display_set, image
    return None
