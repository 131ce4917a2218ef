"""Small pictures of series for lists: made once, kept in the cache, one size for the worklist and the series strip."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QImage, QPixmap

from workstation.imaging.displaysets import DisplaySet
from workstation.paths import Home
from workstation.picture.thumbnails import kept_thumbnail

MADE_PX: Final = 96
"""Logical pixels of a picture as it is made and kept."""


def small_picture(
    display_set: DisplaySet,
    digests: Mapping[str, str],
    home: Home,
    shown: tuple[int, float],
    check: Callable[[], None],
) -> QImage | None:
    """The picture for a list, `shown` (logical pixels, device pixels for each) wide. Runs on a thread."""
    width_px, ratio = shown
    made = kept_thumbnail(display_set, digests, home, round(MADE_PX * ratio), check)
    if made is not None and width_px != MADE_PX:
        size = round(width_px * ratio)
        made = made.scaled(size, size, mode=Qt.TransformationMode.SmoothTransformation)
    if made is not None:
        made.setDevicePixelRatio(ratio)
    return made


def untinted(image: QImage | QPixmap) -> QIcon:
    """An icon that looks the same when it is selected: a picture of a patient is never tinted."""
    pixmap = image if isinstance(image, QPixmap) else QPixmap.fromImage(image)
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
