"""The theme's own table against WCAG 2.2: contrast of text (1.4.3) and of the focus ring (1.4.11), no colour alone."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from PySide6.QtGui import QRawFont
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QTreeWidget

from workstation import paths
from workstation.paint.fonts import FAMILY, font
from workstation.settings import load
from workstation.ui import theme
from workstation.ui.theme import GROUNDS, SIGNS, SPACES, TEXT_COLOURS, THEMES, Colours, Look


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01), "the known darkest grey of AA"


@pytest.mark.parametrize("name", THEMES)
def test_each_text_can_be_read_on_each_ground(name: str) -> None:
    colours = THEMES[name]
    least = 7.0 if name == "high-contrast" else 4.5
    pairs = {
        (text, ground): contrast(getattr(colours, text), getattr(colours, ground))
        for text in TEXT_COLOURS
        for ground in GROUNDS
    }
    assert {pair: round(ratio, 2) for pair, ratio in pairs.items() if ratio < least} == {}
    assert max(luminance(getattr(colours, text)) for text in TEXT_COLOURS) < 0.95, "never pure white"


@pytest.mark.parametrize("name", THEMES)
def test_the_focus_ring_stands_out_of_each_ground_and_from_the_resting_line(name: str) -> None:
    colours = THEMES[name]
    assert min(contrast(colours.accent, getattr(colours, ground)) for ground in GROUNDS) >= 3.0
    assert contrast(colours.accent, colours.line) >= 1.5


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("density", SPACES)
def test_the_style_sheet_takes_every_colour_from_the_table(qapp: QApplication, name: str, density: str) -> None:
    made = theme.style(Look(name, 12, density))
    table = {getattr(THEMES[name], each.name) for each in fields(Colours)}
    assert set(re.findall(r"#[0-9a-fA-F]{6}\b", made)) <= table
    words = set(re.findall(r"(?:color|background|border)[^:;{]*:\s*([a-z]+)\b", made))
    assert words <= {"transparent", "none"}, "a colour by name is in no table"
    texts = set(re.findall(r"[{;\s]color: (#\w+)", made))
    assert texts <= {getattr(THEMES[name], text) for text in TEXT_COLOURS}
    grounds = set(re.findall(r"[{;\s]background: (#\w+)", made))
    bars = {THEMES[name].line, THEMES[name].accent}
    assert grounds - bars <= {getattr(THEMES[name], ground) for ground in GROUNDS}


def test_kinds_differ_in_shape_and_word_and_the_font_has_the_shapes(qapp: QApplication) -> None:
    kinds = {"current", "prior", "registered", "warning", "error"}
    assert set(SIGNS) == kinds and kinds <= set(TEXT_COLOURS)
    shapes, words = zip(*SIGNS.values(), strict=True)
    assert len(set(shapes)) == len(set(words)) == 5
    shipped = QRawFont.fromFont(font(13))
    assert shipped.familyName() == FAMILY
    assert [shape for shape in shapes if not shipped.supportsCharacter(ord(shape))] == []
    assert theme.signed("prior", "2019-04-02") == "◆ PRIOR  2019-04-02"


def test_text_that_only_hints_and_text_that_is_disabled_are_readable_too(qapp: QApplication) -> None:
    before = qapp.styleSheet(), qapp.palette()
    try:
        theme.apply(qapp)
        for widget in (QLineEdit(), QTreeWidget()):
            widget.ensurePolished()
            assert widget.palette().placeholderText().color().name() == THEMES["dark"].quiet
        button = QPushButton("No", enabled=False)
        button.ensurePolished()
        assert button.palette().buttonText().color().name() in {THEMES["dark"].quiet, THEMES["dark"].text}
    finally:
        qapp.setStyleSheet(before[0])
        qapp.setPalette(before[1])


def test_size_and_theme_follow_the_settings_at_once(qapp: QApplication, tmp_path: Path) -> None:
    settings = load(paths.resources() / "settings.toml", tmp_path)
    before = qapp.styleSheet(), qapp.palette()
    try:
        theme.follow(qapp, settings)
        shown = theme.label("Text", "quiet")
        shown.ensurePolished()
        assert shown.font().pointSize() == 10
        settings.set("look.font_size", 16)
        assert shown.font().pointSize() == 16
        settings.set("look.theme", "high-contrast")
        assert THEMES["high-contrast"].quiet in qapp.styleSheet()
        assert qapp.palette().window().color().name() == "#000000"
        rows = [theme.style(Look(density=density)) for density in ("compact", "normal", "comfortable")]
        assert len(set(rows)) == 3
    finally:
        qapp.setStyleSheet(before[0])
        qapp.setPalette(before[1])
