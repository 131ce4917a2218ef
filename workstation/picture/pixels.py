"""A painted picture as an array."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage


def rgb_of(image: QImage) -> NDArray[np.uint8]:
    """(height, width, 3) of red, green and blue."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    found = rows[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3)
    return found.copy()  # the rows are the image's own, and go with it
