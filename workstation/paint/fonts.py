"""The shipped font, loaded once; text is painted in it alone, so that pictures are the same everywhere."""

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase

from workstation import paths

FAMILY = "Inter"


@cache
def family() -> str:
    """The family to paint in. Needs a QGuiApplication; without the shipped files Qt's own default is used."""
    for path in sorted((paths.resources() / "fonts").glob("*.otf")):
        QFontDatabase.addApplicationFont(str(path))
    return (
        FAMILY
        if FAMILY in QFontDatabase.families()
        else QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    )


def font(size_px: float, bold: bool = False) -> QFont:
    """The shipped font at a size in device pixels."""
    made = QFont(family())
    made.setPixelSize(max(6, round(size_px)))
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    # Colour fringes of a screen's subpixels belong to that screen; a snapshot equals the window without them.
    made.setStyleStrategy(QFont.StyleStrategy.NoSubpixelAntialias)
    return made
