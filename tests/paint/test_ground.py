"""Text on a tile can be read whatever lies under it: contrast of 4.5:1 at least (WCAG 2.1), measured as painted.

Where the text lies is known from the same marks on black; what is read is the same place on another ground.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QGuiApplication, QImage

from workstation.paint.ground import Ground, contrast, luminance
from workstation.paint.tile import TEXT, TileMarks, paint_tile

SIZE = 600, 440
WORDS = {
    "top_left": ("Demo, Ada", "DEMO-1", "1963-12-10  F  62 y"),
    "top_right": ("PRIOR  2025-03-01", "2026-03-01  09:12"),
    "bottom_left": ("3  PET WB", "Axial  H 12.5 mm"),
    "bottom_right": ("C 5  W 10 SUV",),
}
MARKS = TileMarks(corners=WORDS, letters={"left": "R", "right": "L", "top": "A", "bottom": "P"}, scale=(90.0, "10 cm"))
INK = float(luminance(np.array([TEXT.rgb()], np.uint32))[0])
RNG = np.random.default_rng(20)


def grey(values: NDArray[np.float64]) -> NDArray[np.uint32]:
    whole = np.clip(values, 0, 255).astype(np.uint32)
    return np.uint32(0xFF000000) | whole << np.uint32(16) | whole << np.uint32(8) | whole


def flat(value: float) -> NDArray[np.uint32]:
    return grey(np.full((SIZE[1], SIZE[0]), value))


def lung() -> NDArray[np.uint32]:
    """White tissue and black air side by side, in pieces smaller than a word, with noise."""
    rows, columns = np.indices((SIZE[1], SIZE[0]))
    return grey(((rows // 9 + columns // 14) % 2) * 235.0 + RNG.normal(10, 12, (SIZE[1], SIZE[0])))


GROUNDS = {
    "black": flat(0),
    "soft tissue": grey(RNG.normal(60, 10, (SIZE[1], SIZE[0]))),
    "between": flat(112),
    "fat": flat(150),
    "white": flat(255),
    "inverted PET": grey(255 - RNG.exponential(14, (SIZE[1], SIZE[0]))),
    "lung": lung(),
}


def pixels(image: QImage) -> NDArray[np.uint32]:
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()).copy()


@dataclass(frozen=True)
class Written:
    """One line of text or one letter: its full strokes, and what lies round them without any ink."""

    strokes: NDArray[np.bool_]
    beside: NDArray[np.bool_]


@pytest.fixture(scope="module")
def written(qapp: QGuiApplication) -> list[Written]:
    tops = [(name, n, line) for name, lines in WORDS.items() for n, line in enumerate(lines) if name[0] == "t"]
    alone = [TileMarks(corners={name: ("",) * n + (line,)}) for name, n, line in tops]
    alone += [TileMarks(letters={edge: letter}, scale=MARKS.scale) for edge, letter in MARKS.letters.items()]
    return [_written(marks) for marks in alone]


def _written(marks: TileMarks) -> Written:
    without, words = (
        luminance(pixels(paint_tile(None, each, SIZE, 1.0))) for each in (TileMarks(scale=marks.scale), marks)
    )
    ink = words - without
    rows, columns = np.nonzero(ink > 0.5 * ink.max())
    beside = np.zeros_like(ink, bool)
    beside[rows.min() - 1 : rows.max() + 2, columns.min() - 1 : columns.max() + 2] = True
    return Written(ink > 0.8 * ink.max(), beside & (words < 0.002))


@pytest.mark.parametrize("name", GROUNDS)
def test_words_and_letters_can_be_read(name: str, written: list[Written]) -> None:
    painted = luminance(pixels(paint_tile(GROUNDS[name].copy(), MARKS, SIZE, 1.0)))
    dark = name in ("fat", "white", "inverted PET")
    for each in written:
        ink = float(np.median(painted[each.strokes]))
        assert (ink < 0.1) is dark
        assert contrast(ink, float(np.percentile(painted[each.beside], 5 if dark else 95))) >= 4.5


def test_a_dark_picture_stays_as_it_is_beside_its_words(qapp: QGuiApplication) -> None:
    image = GROUNDS["soft tissue"]
    painted = pixels(paint_tile(image.copy(), MARKS, SIZE, 1.0))
    away = (slice(120, 190), slice(60, 540))
    assert np.array_equal(painted[away], image[away])
    assert Ground(image).veil(10, 10, 100, 20, ink=INK) == 0


def test_a_veil_is_no_stronger_than_it_must_be() -> None:
    strengths = [Ground(flat(value)).veil(10, 10, 100, 20, ink=INK) for value in (0, 60, 110, 160, 255)]
    assert strengths == sorted(strengths) and strengths[:2] == [0, 0] and 0 < strengths[2] < strengths[-1] < 8


def test_chips_lie_away_from_the_middle(qapp: QGuiApplication) -> None:
    """Their boxes keep out of the middle half of the height, however many there are, also on a small tile."""
    for width, height in ((600, 440), (320, 260), (1600, 1100)):
        ground = grey(np.full((height, width), 40.0))
        chips = TileMarks(corners=WORDS, scale=MARKS.scale, letters=MARKS.letters)
        many = TileMarks(**{**vars(chips), "chips": ("27 of 54", "gap", "tilt", "JPEG 10:1", "not registered")})
        without, with_chips = (
            pixels(paint_tile(ground.copy(), marks, (width, height), 1.0)) for marks in (chips, many)
        )
        rows = np.nonzero((without != with_chips).any(axis=1))[0]
        assert rows.size and rows.min() >= 0.62 * height, (width, height)


@pytest.mark.parametrize("size", [(200, 180), (320, 260), (444, 505), (1600, 700)])
@pytest.mark.parametrize("count", [1, 2, 7])
def test_chips_lie_at_the_left_edge_and_over_no_words(qapp: QGuiApplication, count: int, size: tuple[int, int]) -> None:
    """A column while there is room for one; all words, the letters and the scale bar stay as they are."""
    told = ("27 of 54", "gap", "tilt", "JPEG 10:1", "registered, not verified", "uptake 60 / 85 min", "PT: coarse")
    lower = {"bottom_left": ("3  PET WB", "285 MBq", "Axial  H 12.5 mm"), "bottom_right": ("linear  87 %",) * 5}
    plain = TileMarks(corners={**WORDS, **lower}, scale=(70.0, "10 cm"), letters=MARKS.letters)
    bare, words, both = (
        pixels(paint_tile(None, each, size, 1.0)).astype(np.int64) for each in (
            TileMarks(), plain, TileMarks(**{**vars(plain), "chips": told[-count:]}),
        )
    )  # fmt: skip
    told_there = words != bare
    if size[0] == 200 and count == 7:  # more than there is room for: below whose image it is
        told_there[size[1] // 3 :] = False
    assert told_there.any() and np.array_equal(words[told_there], both[told_there])
    columns = np.nonzero((words != both).any(axis=0))[0]
    assert columns.min() < 40
    if size[1] > 500 and count < 7:
        assert columns.max() < 0.45 * size[0] and columns.min() < 12


def test_larger_type_is_larger(qapp: QGuiApplication) -> None:
    def height(larger: float) -> int:
        marks = TileMarks(corners={"top_left": ("H",)}, larger=larger)
        rows = np.nonzero((luminance(pixels(paint_tile(None, marks, SIZE, 1.0)))[4:, 4:] > 0.2).any(axis=1))[0]
        return int(np.ptp(rows)) + 1

    assert height(1.6) == pytest.approx(1.6 * height(1.0), abs=1.5)
