"""The chart of opacity: points are dragged, added and taken away by hand and by keys, between their neighbours."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from workstation.imaging.transfer import TransferFunction
from workstation.ui.volume_chart import BINS, TransferChart, histogram

RAMP = TransferFunction(((100.0, 0.0), (300.0, 0.5), (700.0, 1.0)), ((0.0, 90, 60, 30), (700.0, 255, 255, 255)))


@pytest.fixture
def chart(qapp: QGuiApplication) -> TransferChart:
    made = TransferChart()
    made.resize(320, made.height())
    made.show_histogram((-1000.0, 1500.0), np.linspace(0, 1, BINS), "HU")
    made.show_transfer(RAMP)
    return made


def heard(chart: TransferChart) -> list[TransferFunction]:
    found: list[TransferFunction] = []
    chart.changed.connect(found.append)
    return found


def at(chart: TransferChart, number: int) -> QPoint:
    return chart.place(*RAMP.opacity[number]).toPoint()


def test_a_point_goes_with_the_hand(chart: TransferChart) -> None:
    found, start = heard(chart), at(chart, 1)
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(chart, start + QPoint(0, -30))
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=start + QPoint(0, -30))
    value, opacity = found[-1].opacity[1]
    assert opacity == pytest.approx(0.5 + 30 / chart.area().height(), abs=0.02)
    assert value == pytest.approx(300, abs=12) and found[-1].opacity[0] == RAMP.opacity[0]


def test_a_point_stays_between_its_neighbours_and_from_0_to_1(chart: TransferChart) -> None:
    found, start = heard(chart), at(chart, 1)
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(chart, start + QPoint(250, 300))
    value, opacity = found[-1].opacity[1]
    assert 300 < value < 700 and opacity == 0.0


def test_a_double_click_adds_and_the_right_button_takes_away_down_to_two(chart: TransferChart) -> None:
    found = heard(chart)
    QTest.mouseDClick(chart, Qt.MouseButton.LeftButton, pos=chart.place(500.0, 0.2).toPoint())
    assert len(found[-1].opacity) == 4 and found[-1].opacity[2][0] == pytest.approx(500, abs=12)
    for _ in range(4):
        last = chart.place(*found[-1].opacity[-1]).toPoint()
        QTest.mouseClick(chart, Qt.MouseButton.RightButton, pos=last)
    assert len(found[-1].opacity) == 2


@pytest.mark.parametrize(
    ("key", "changed"),
    [
        (Qt.Key.Key_Right, lambda value, opacity: value > 100 and opacity == 0),
        (Qt.Key.Key_Left, lambda value, opacity: value < 100 and opacity == 0),
        (Qt.Key.Key_Up, lambda value, opacity: value == 100 and opacity == pytest.approx(0.05)),
    ],
)
def test_keys_move_the_chosen_point(chart: TransferChart, key: Qt.Key, changed: Callable[[float, float], bool]) -> None:
    found = heard(chart)
    QTest.keyClick(chart, key)
    assert changed(*found[-1].opacity[0])


def test_values_are_counted_where_most_of_them_lie() -> None:
    values = np.concatenate([np.full(9000, -1000.0), np.full(1000, 40.0), [30000.0]])
    (low, high), counts = histogram(values)
    assert low == -1000 and high < 30000 and counts.max() == 1.0 and counts[0] == 1.0
    assert histogram(np.zeros(0))[1].shape == (BINS,)
