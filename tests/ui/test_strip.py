"""The series strip keeps its numbers whole whatever the size of the text."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.case.stacks import beside, stack
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


def test_series_of_a_prior_say_so_with_their_date_in_another_colour(
    cache: Home, loader: Loader, qapp: QApplication
) -> None:
    now, before = stack("1"), stack("2", study="2.2", frame="2.9")
    strip = SeriesStrip(cache, loader)
    strip.show_case(beside(now, before))
    assert strip.item(0).text().startswith("1  no description")
    assert strip.item(1).text().startswith("◆ PRIOR  2024-01-02\n")
    assert strip.item(1).foreground().color() != strip.item(0).foreground().color()
    strip.fit(1)
    assert strip.item(1).text().startswith("◆ PRIOR\nCT 2") and strip.item(1).text().endswith("10 images")
    strip.show_case(None)
    strip.close()


def test_a_series_that_was_worked_out_of_another_says_so(cache: Home, loader: Loader, qapp: QApplication) -> None:
    taken, made = stack("1"), stack("2")
    first = made.images[0]
    written = replace(first, instance=replace(first.instance, ImageType=("DERIVED", "SECONDARY", "AXIAL", "MIP")))
    strip = SeriesStrip(cache, loader)
    strip.show_case(beside(taken, replace(made, images=(written, *made.images[1:]))))
    assert "\nCT  reformat  10 images" in strip.item(1).text() and "reformat" not in strip.item(0).text()
    assert "worked out of those of another series" in strip.item(1).toolTip()
    strip.show_case(None)
    strip.close()
