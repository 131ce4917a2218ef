"""The toolkit we paint with does not wear the interpreter out."""

import sys

from PySide6.QtGui import QColor, QImage, QPainter


def test_calls_that_return_nothing_do_not_use_up_none(qapp: object) -> None:
    # PySide6 6.12.0 gives a reference of None away with each such call; where None is not immortal
    # (Python 3.11) the process aborts with "deallocating None" after a minute of scrolling.
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for _ in range(2000):
        painter.setPen(QColor(1, 2, 3))
    after = sys.getrefcount(None)
    painter.end()
    assert after > before - 200
