"""Segments painted, and strokes while a hand moves."""

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from workstation.paint.regions import Region, paint_regions, paint_stroke


def test_a_stroke_under_way_costs_less_than_half_of_a_segment(qapp: QApplication) -> None:
    """Of one thread's own time, the best of some tries: strokes are painted again with each move of a hand."""
    turn = np.linspace(0, 2 * np.pi, 3000, endpoint=False)
    away = 250 + 20 * np.sin(60 * turn)
    loop = np.column_stack([300 + away * np.cos(turn), 300 + away * np.sin(turn)])
    region = Region("", (loop,), (230, 159, 0), 0.3)
    image = QImage(600, 600, QImage.Format.Format_RGB32)

    def seconds(paint: Callable[[QPainter], None]) -> float:
        tries = []
        for _ in range(5):
            with QPainter(image) as painter:
                begun = time.thread_time()
                paint(painter)
                tries.append(time.thread_time() - begun)
        return min(tries)

    stroke = seconds(lambda painter: paint_stroke(painter, region, 1.0))
    assert stroke < 0.5 * seconds(lambda painter: paint_regions(painter, (region,), 1.0))
    before = QImage(600, 600, QImage.Format.Format_RGB32)
    before.fill(0)
    with QPainter(before) as painter:
        paint_stroke(painter, region, 1.0)
    middle, beside = before.pixelColor(300, 300), before.pixelColor(5, 5)
    assert abs(middle.red() - 0.3 * 230) <= 2 and abs(middle.green() - 0.3 * 159) <= 2 and beside.red() == 0
