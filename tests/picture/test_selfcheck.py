"""The self-check passes on what is right, and finds what is wrong: one grey, another window, other letters."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication

from workstation.imaging.suv_values import Derivation, Inputs
from workstation.picture import selfcheck
from workstation.picture.compose import Picture


def test_what_is_right_passes(qapp: QGuiApplication) -> None:
    found = selfcheck.self_check()
    assert found.passed and found.sentence.endswith("All was exact.")


def test_the_closed_form_is_the_standards(qapp: QGuiApplication) -> None:
    """Values worked by hand: centre 40, width 400; 40 HU is (40 - 39.5) / 399 + 0.5 of 255, which is 127.8."""
    stored = ((np.array([-160, -159.5, 40, 238.5, 239, 239.5]) - selfcheck.INTERCEPT) / selfcheck.SLOPE).astype(
        np.int16
    )
    assert selfcheck.closed_form(stored).tolist() == [0, 0, 127, 254, 255, 255]


def test_a_single_wrong_grey_is_found(qapp: QGuiApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = selfcheck.compose

    def one_off(*given: object, **named: object) -> Picture:
        made = honest(*given, **named)  # type: ignore[arg-type]
        made.image.setPixel(70, 40, made.image.pixel(70, 40) ^ 0x000100)
        return made

    monkeypatch.setattr(selfcheck, "compose", one_off)
    assert selfcheck.self_check().wrong.startswith("1 of 3840 greys were WRONG.")


def test_wrong_letters_are_found(qapp: QGuiApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = selfcheck.compose

    def turned(*given: object, **named: object) -> Picture:
        made = honest(*given, **named)  # type: ignore[arg-type]
        return replace(made, facts={**made.facts, "letters": {"left": "L", "right": "R", "top": "A", "bottom": "P"}})

    monkeypatch.setattr(selfcheck, "compose", turned)
    assert "letters at the edges were WRONG" in selfcheck.self_check().wrong


def test_a_wrong_suv_is_found(qapp: QGuiApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = selfcheck.derive

    def twice(inputs: Inputs) -> Derivation:
        made = honest(inputs)
        assert isinstance(made, Derivation)
        return replace(made, factors=tuple(2.1 * each for each in made.factors))

    monkeypatch.setattr(selfcheck, "derive", twice)
    assert "SUV of a known header was WRONG" in selfcheck.self_check().wrong
