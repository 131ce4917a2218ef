"""True size only where the size of the screen is known: set by a person, or said by a screen that says who it is."""

from dataclasses import dataclass
from typing import cast

import pytest
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QApplication, QWidget

from workstation.ui.screen_size import pixel_mm, reported_mm
from workstation.ui.window import MainWindow


@dataclass(frozen=True)
class Said:
    """What a screen answers, in the words of QScreen; `across` and `down` are dots of ratio 1 an inch."""

    across: float
    down: float
    ratio: float = 1.0
    maker: str = "EIZO"

    def manufacturer(self) -> str:
        return self.maker

    def model(self) -> str:
        return ""

    def devicePixelRatio(self) -> float:
        return self.ratio

    def physicalDotsPerInchX(self) -> float:
        return self.across

    def physicalDotsPerInchY(self) -> float:
        return self.down


@dataclass(frozen=True)
class Standing:
    """A window on such a screen."""

    said: Said

    def screen(self) -> QScreen:
        return cast(QScreen, self.said)


def windows(*said: Said) -> list[QWidget | None]:
    return [cast(QWidget, Standing(each)) for each in said]


def test_a_pixel_is_an_inch_by_the_dots_of_the_device() -> None:
    assert reported_mm(cast(QScreen, Said(60, 60, ratio=2.0))) == pytest.approx(25.4 / 120)


@pytest.mark.parametrize(
    "said", [Said(96, 96, maker=""), Said(30, 30), Said(1200, 1200), Said(100, 110)], ids=["nameless", *"abc"]
)
def test_what_cannot_be_believed_is_unknown(said: Said) -> None:
    assert reported_mm(cast(QScreen, said)) is None


def test_windows_on_unlike_screens_share_no_size_but_what_was_set() -> None:
    here, there = Said(100, 100), Said(200, 200)
    assert pixel_mm(windows(here, here)) == pytest.approx(0.254)
    assert pixel_mm([*windows(here), None]) == pytest.approx(0.254)
    assert pixel_mm(windows(here, there)) is None
    assert pixel_mm(windows(here, Said(100, 100, maker=""))) is None
    assert pixel_mm(windows(here, there), set_dpi=127) == pytest.approx(0.2)


def test_an_offscreen_window_says_that_it_does_not_know(empty_window: MainWindow, qapp: QApplication) -> None:
    assert pixel_mm((empty_window, None)) is None
