"""A tile as a picture that leaves the program: with its marks, without who the patient is, and with what it lacks.

What is burnt into the pixels stays there. That an image was compressed with loss, or is shown smaller than it is, is
written on the picture itself (safety.md 12): a picture is passed on without its words.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter

from workstation.case.tile import TileView
from workstation.dicom.looks import lossy_text
from workstation.imaging.volume import Voxels
from workstation.paint.labels import elided, height, label
from workstation.picture.compose import compose
from workstation.picture.fused import LoadedLayer

TEXT_PX: Final = 13.0
TEXT: Final = QColor(225, 225, 225)
NOT_FOR_DIAGNOSIS: Final = "not for diagnosis"


def exported(
    view: TileView, voxels: Voxels, size: tuple[int, int], ratio: float, layered: Sequence[LoadedLayer] = ()
) -> tuple[QImage, tuple[str, ...]]:
    """A tile of `size` (width, height) device pixels with a line under it, and the words of that line."""
    bare = replace(view, active=False, audience=True, marks=replace(view.marks, selected=""))
    shown = compose(bare, voxels, "", size, ratio, layered=layered)
    words = (*_lacks(view, shown.facts.get("zoom")), NOT_FOR_DIAGNOSIS)
    line, text_px = "   ".join(words), TEXT_PX * ratio
    band = height(text_px) + round(4 * ratio)
    page = QImage(size[0], size[1] + band, QImage.Format.Format_RGB32)
    page.fill(QColor(0, 0, 0))
    told, wide = elided(line, text_px, False, size[0] - 12 * ratio)
    with QPainter(page) as painter:
        painter.drawImage(QRect(0, 0, *size), shown.image)
        picture = label(told, text_px, False, TEXT.rgb())
        painter.drawImage(QPoint(round((size[0] - wide) / 2), size[1] + round(2 * ratio)), picture)
    page.setText("Description", line)
    return page, words


def _lacks(view: TileView, zoom: float | None) -> list[str]:
    """What the picture has less of than the image it is of."""
    assert view.display_set is not None  # noqa: S101  only tiles with an image are exported
    sets = ((view.display_set, view.image), *((each.display_set, 0) for each in view.layers if not each.why_not))
    lossy = next(filter(None, (lossy_text(each.images[image].instance) for each, image in sets)), "")
    reduced = zoom is not None and zoom < 1
    return [*([lossy] if lossy else []), *([f"reduced to {100 * (zoom or 1):.0f} %"] if reduced else [])]
