"""The scale bar of ultrasound is in the scale of its regions, and is not there where that could be another one."""

import math
from typing import Any

import pytest

from tests.loading.opened import WAIT_S, imported, studies
from tests.safety.test_rule_08 import DOPPLER, OTHER, TISSUE, echo
from workstation import jobs
from workstation.case import view_tools
from workstation.case.open import open_study
from workstation.dicom.entities import UltrasoundRegion
from workstation.findings.scale import scale_around
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.phantom.series import PhantomStudy
from workstation.phantom.ultrasound import gallstone, ultrasound_study, write_ultrasound
from workstation.picture.page import page_picture

SIZE = "tiny"
PAGE = (820, 600)
"""The cine, 160 columns of 1.25 mm and 150 rows of 1 mm, fits with 5 device pixels to a column and 4 to a row."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("scale")
    (folder / "in").mkdir()
    write_ultrasound(ultrasound_study(PhantomStudy()), folder / "in", SIZE)
    return imported(folder, folder / "in")


def seen(home: Home, number: int, down_px: float = 0.0, zoom: float = 1.0) -> dict[str, Any]:
    """The facts of one of the two images alone on the page, by how much it was zoomed and then moved upwards."""
    case = open_study(home, *studies(home), "images")
    loader = Loader(home)
    case.maximise(number)
    try:
        for display_set in case.sets.values():
            loader.open(display_set, case.digests)
        loader.wait(WAIT_S)
        view_tools.zoom(case, number, zoom)
        (facts,) = page_picture(case, loader, PAGE)[1]
        if down_px:
            view_tools.pan(case, number, 0.0, -down_px / 5 / zoom)
            (facts,) = page_picture(case, loader, PAGE)[1]
    finally:
        loader.close_all()
        jobs.shutdown()
        jobs.drain()
    return facts


@pytest.mark.usefixtures("qapp")
def test_the_bar_of_a_cine_is_as_long_as_the_stone_says(home: Home) -> None:
    stone = gallstone(SIZE)
    (row, column), (other_row, other_column) = stone.ends
    px_per_mm = math.hypot((other_column - column) * 5, (other_row - row) * 4) / stone.length_mm
    bar = seen(home, 0)["scale_bar"]
    assert bar["length"] == "5 cm"
    assert bar["px"] == pytest.approx(50 * px_per_mm, rel=1e-3)
    assert bar["px"] == pytest.approx(200, abs=0.01)


@pytest.mark.usefixtures("qapp")
def test_a_duplex_has_a_bar_about_its_tissue_and_none_about_its_trace(home: Home) -> None:
    """B-mode is drawn at 0.56 of its size there: 4 * 0.56 device pixels to a millimetre. The trace is at 0.8."""
    bar = seen(home, 1)["scale_bar"]
    assert (bar["px"], bar["length"]) == (pytest.approx(50 * 4 * 0.56, abs=0.1), "5 cm")
    assert seen(home, 1, down_px=0.3 * 600 * 3, zoom=3)["scale_bar"] is None


CENTRE = (50.0, 50.0, 0.0)
FLOW = UltrasoundRegion((40, 40, 60, 60), TISSUE.units, TISSUE.deltas, 1)
INSET = UltrasoundRegion((40, 40, 60, 60), (3, 3), (0.01, 0.01), 1)
BEYOND = UltrasoundRegion((10, 10, 400, 89), (3, 3), (0.05, 0.04), 1)
EMPTY = UltrasoundRegion((10, 10, 99, 89), (3, 3), (0.0, 0.0), 1)
STRIP = UltrasoundRegion((10, 10, 99, 89), (3, 3), (0.05, 0.04), 2)


@pytest.mark.parametrize(
    ("regions", "middle", "steps"),
    [
        ((TISSUE, OTHER, DOPPLER), CENTRE, (0.5, 0.4)),
        ((TISSUE, OTHER), (150.0, 50.0, 0.0), (0.2, 0.2)),
        ((TISSUE, OTHER), (105.0, 5.0, 0.0), None),
        ((TISSUE, FLOW), CENTRE, (0.5, 0.4)),
        ((TISSUE, FLOW, DOPPLER), (105.0, 5.0, 0.0), (0.5, 0.4)),
        ((TISSUE, INSET), CENTRE, None),
        ((TISSUE, DOPPLER), (50.0, 150.0, 0.0), None),
        ((DOPPLER,), CENTRE, None),
        ((BEYOND,), CENTRE, None),
        ((EMPTY,), CENTRE, None),
        ((STRIP,), CENTRE, None),
        ((), CENTRE, None),
    ],
)
def test_only_a_scale_that_nothing_else_could_be_counts(
    regions: tuple[UltrasoundRegion, ...], middle: tuple[float, float, float], steps: tuple[float, float] | None
) -> None:
    found = scale_around(echo(*regions), middle)
    assert (found and found.steps) == (steps and pytest.approx(steps))
    assert found is None or found.unit == "mm"
