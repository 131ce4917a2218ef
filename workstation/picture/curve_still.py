"""The picture of a curve by itself: for `snapshot`, and written as an object, where it says whose it is."""

from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from workstation.case.state import TileView
from workstation.dicom.entities import Instance
from workstation.imaging.geometry import Vec3
from workstation.imaging.images import ImageRef
from workstation.imaging.volume import Voxels
from workstation.paint.fonts import font
from workstation.paint.tile import TEXT
from workstation.picture.chain import chain_in_force
from workstation.picture.curve import Followed, block_of, curve_picture
from workstation.picture.curve_pane import GAP_PX, HEAD_PX, LEFT_PX, TEXT_PX, Pane, Places, painted
from workstation.picture.curve_words import at_the_place, ends, head, up_and_down
from workstation.picture.text import NO_NAME, date, person_name


def still(
    view: TileView, voxels: Voxels, shown: Pane, size: tuple[int, int], ratio: float = 1.0, who: str = ""
) -> tuple[QImage, dict[str, Any]]:
    """What a pane shows, made anew at `size` device pixels, and the facts of it; `who` is written above it.

    `view` says how its volume is displayed.
    """
    places = Places(size[0] / ratio, size[1] / ratio - (HEAD_PX if who else 0), ratio)
    found, before = shown.followed, shown.picture
    arc_mm = min(max(shown.arc_mm, 0.0), found.line.length_mm)
    how = (arc_mm, before.degrees, before.stretched, places.picture_px, places.section_px)
    picture = curve_picture(voxels, chain_in_force(view, voxels), found, *how)
    image = painted(replace(shown, picture=picture, arc_mm=arc_mm, hint=""), places)
    facts = {
        "length_mm": found.line.length_mm,
        "arc_mm": arc_mm,
        "head": head(picture, shown.title),
        "ends": list(ends(found)),
        "sides": list(up_and_down(picture)),
        "words": [each.text for each in at_the_place(found, picture, shown.narrowing)],
        "pixel_mm": picture.unrolled.pixel_mm,
    }
    return (_with_name(image, who, size, ratio) if who else image), facts


def shown_at(view: TileView, voxels: Voxels, found: Followed, arc_mm: float, degrees: float, stretched: bool) -> Pane:
    """A pane at a place of a line, turned and laid out so; in small, to be made at its size by `still`."""
    arc_mm = min(max(arc_mm, 0.0), found.line.length_mm)
    chain = chain_in_force(view, voxels)
    return Pane(found, curve_picture(voxels, chain, found, arc_mm, degrees, stretched, (16, 16), 16), arc_mm)


WHO: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def _with_name(image: QImage, who: str, size: tuple[int, int], ratio: float) -> QImage:
    whole = QImage(*size, QImage.Format.Format_RGB32)
    whole.setDevicePixelRatio(ratio)
    whole.fill(Qt.GlobalColor.black)
    with QPainter(whole) as painter:
        painter.drawImage(0, HEAD_PX, image)
        painter.setFont(font(TEXT_PX, True))
        painter.setPen(TEXT)
        painter.drawText(QRectF(LEFT_PX, 0, size[0] / ratio - LEFT_PX - GAP_PX, HEAD_PX), WHO, who)
    return whole


def who_it_is(instance: Instance) -> str:
    """Whose picture it is and of which series, in one line (safety.md 1)."""
    patient = instance.patient
    parts = (
        person_name(patient.PatientName) or NO_NAME,
        patient.PatientID or "no ID",
        date(patient.PatientBirthDate) or "birth date unknown",
        patient.PatientSex or "sex unknown",
        date(instance.StudyDate) or "study date unknown",
        f"series {instance.SeriesNumber or '?'} {instance.SeriesDescription}".strip(),
    )
    return "  ·  ".join(parts)


def images_met(voxels: Voxels, points: tuple[Vec3, ...]) -> tuple[ImageRef, ...]:
    """The stored images that a line runs through, those between its points included."""
    grid, images = block_of(voxels).grid, voxels.display_set.images
    depths = [grid.index(each)[2] for each in points]
    first, last = (min(max(round(each), 0), len(images) - 1) for each in (min(depths), max(depths)))
    return tuple(images[first : last + 1])
