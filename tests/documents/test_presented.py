"""Presentation states written: what `gsps` reads from them is what was to be shown."""

from dataclasses import replace

import pytest

from tests.documents.findings_of_all_kinds import COLUMN_MM, IMAGE, ROW_MM, image
from tests.documents.test_sr import source
from workstation.documents.gsps import read_presentation
from workstation.documents.presented import written
from workstation.imaging.greyscale import Rescale, Window
from workstation.imaging.look import Lut
from workstation.imaging.softcopy import DisplayedArea, Drawing, Layer, Presentation, Reference, Text

SHOWN = Presentation(
    sop_instance_uid="",
    label="AS SHOWN",
    description="Lung",
    references=(Reference(IMAGE),),
    rescale=Rescale(0.5, -1024.0),
    voi=(((), (Window(-599.5, 1501.25, "LINEAR", "Lung"),)),),
    inverse=True,
    areas=(DisplayedArea((), (96, -10), (7, 83)),),
    quarter_turns=3,
    flipped=True,
    layers=(
        Layer(
            "MARKS",
            1,
            255,
            (
                (
                    (Reference(IMAGE),),
                    (Drawing("POLYLINE", ((0.5, 0.5), (9.25, 4.0))), Drawing("POINT", ((0.25, 0.75),), "DISPLAY")),
                    (Text("1  20.0 mm\nmåss", ((3.0, 4.0), (30.5, 12.0)), "PIXEL", (9.25, 4.0), "PIXEL", True),),
                ),
            ),
        ),
    ),
)
"""All that a tile can say; the numbers fit single precision and a decimal of sixteen letters."""


def test_what_is_written_is_read_as_it_was() -> None:
    data = written(SHOWN, source(), {IMAGE: image()}, (ROW_MM, COLUMN_MM))
    read = read_presentation(data)
    assert replace(read, sop_instance_uid="") == SHOWN
    assert read.odd == () and read.sop_instance_uid.startswith("2.25.")


def test_a_table_is_not_written_as_something_else() -> None:
    table = Lut(0, bytes(512), 8)
    with pytest.raises(ValueError, match="windows"):
        written(replace(SHOWN, voi=(((), (table,)),)), source(), {IMAGE: image()})
