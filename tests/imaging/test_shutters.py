"""Shutters by formula (PS3.3 C.7.6.11); rows and columns count from 1 and differ, so that none stands for another."""

import numpy as np

from workstation.dicom.looks import Shutter
from workstation.dicom.overlays import Overlay
from workstation.imaging.shutters import hidden

ROWS, COLUMNS = 40, 60


def visible(shutter: Shutter) -> set[tuple[int, int]]:
    return {(row + 1, column + 1) for row, column in np.argwhere(~hidden(shutter, ROWS, COLUMNS)).tolist()}


def test_a_rectangle_keeps_its_edges() -> None:
    seen = visible(Shutter(rectangle=(11, 20, 5, 7)))
    assert seen == {(row, column) for row in range(5, 8) for column in range(11, 21)}


def test_a_circle_holds_what_lies_within_its_radius() -> None:
    seen = visible(Shutter(circle=(10, 30, 5)))
    assert (10, 35) in seen and (15, 30) in seen and (13, 34) in seen
    assert (10, 36) not in seen and (14, 34) not in seen
    assert len(seen) == sum((r - 10) ** 2 + (c - 30) ** 2 <= 25 for r in range(41) for c in range(61))


def test_a_concave_polygon_by_the_even_odd_rule_with_its_edges() -> None:
    notched = ((5, 5), (5, 25), (25, 25), (15, 15), (25, 5))
    seen = visible(Shutter(polygon=notched))
    assert (6, 15) in seen and (14, 15) in seen and (15, 15) in seen
    assert (16, 15) not in seen and (24, 15) not in seen and (24, 6) in seen
    assert all(vertex in seen for vertex in notched)
    assert (4, 15) not in seen and (5, 26) not in seen


def test_a_polygon_beyond_the_image_is_cut() -> None:
    assert visible(Shutter(polygon=((-5, -5), (-5, 100), (100, 100), (100, -5)))) == visible(Shutter())


def test_shapes_are_intersected_and_a_bitmap_hides_where_it_is_set() -> None:
    plane = np.zeros((ROWS, COLUMNS), np.uint8)
    plane[9, 29] = 1
    bitmap = Overlay(0x6000, ROWS, COLUMNS, np.packbits(plane.ravel(), bitorder="little").tobytes())
    seen = visible(Shutter(rectangle=(30, 60, 1, 40), circle=(10, 30, 2), bitmap=bitmap))
    assert seen == {(8, 30), (9, 30), (9, 31), (10, 31), (10, 32), (11, 30), (11, 31), (12, 30)}
