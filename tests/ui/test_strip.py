"""The series strip keeps its numbers whole whatever the size of the text."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.ui.strip import NARROWEST_PX, SeriesStrip


@pytest.mark.parametrize("points", [10, 16])
def test_n_of_m_fits_the_narrowest_strip(points: int, cache: Home, loader: Loader, qapp: QApplication) -> None:
    strip = SeriesStrip(cache, loader)
    strip.setStyleSheet(f"* {{ font-size: {points}pt; }}")
    strip.show()
    strip.fit(1)
    assert strip.width() >= NARROWEST_PX
    assert strip.gridSize().width() > strip.fontMetrics().horizontalAdvance("120 of 120")
    assert strip.textElideMode() is Qt.TextElideMode.ElideMiddle
    strip.close()
