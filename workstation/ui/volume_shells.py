"""The surfaces of segments that 3D tiles show, built in jobs, one after the other, as segments come and change."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workstation import jobs
from workstation.case import volume
from workstation.case.state import Case
from workstation.imaging.masks import Mask
from workstation.picture.volume_shells import Built, built, keep, missing

if TYPE_CHECKING:
    from workstation.ui.reading_page import ReadingPage


class ShellDesk(QObject):
    """Belongs to one reading page. Nothing is built while no tile shows 3D."""

    def __init__(self, page: "ReadingPage") -> None:
        super().__init__(page)
        self._page = page
        self._under_way = False

    def follow(self) -> None:
        """Segments or tiles may have changed."""
        case = self._page.case
        if self._under_way or case is None or not _in_3d(case):
            return
        segment = missing(case.marks.shown.segments)
        if segment is not None:
            mask = segment.mask
            self._under_way = True
            jobs.run(
                "Surface of a segment",
                lambda job: built(mask),
                partial(self._came, case, mask),
                lambda error: self._came(case, mask, Built(0)),
                piece=True,
            )

    def _came(self, case: Case, mask: Mask, found: Built) -> None:
        self._under_way = False
        keep(mask, found)
        if case is self._page.case:
            case.emit_changed(_in_3d(case))
        self.follow()


def _in_3d(case: Case) -> tuple[int, ...]:
    return tuple(number for number in range(len(case.tiles)) if volume.is_3d(case, number))
