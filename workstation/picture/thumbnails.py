"""Thumbnails that are made once: the composer's picture, kept in the cache as PNG."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage

from workstation.cache import thumbnails
from workstation.imaging.displaysets import DisplaySet
from workstation.paths import Home
from workstation.picture.page import thumbnail


def kept_thumbnail(
    display_set: DisplaySet, digests: Mapping[str, str], home: Home, size: int, check: Callable[[], None]
) -> QImage | None:
    """As `picture.page.thumbnail`; from the cache when it was made before. Runs on a thread."""
    of = {digests[ref.instance.SOPInstanceUID] for ref in display_set.images}
    name = thumbnails.name_of(display_set.key, of, size)
    encoded = thumbnails.read(home, name)
    if encoded is not None:
        image = QImage.fromData(encoded)
        if not image.isNull():
            return image
    made = thumbnail(display_set, digests, home, size, check)
    if made is not None:
        thumbnails.keep(home, name, _png(made))
    return made


def _png(image: QImage) -> bytes:
    encoded = QByteArray()
    buffer = QBuffer(encoded)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(encoded.data())
