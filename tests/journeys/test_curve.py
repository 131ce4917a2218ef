"""A curve drawn, changed, turned and kept through X: clicks, drags, the wheel and keys, and what is told of it."""

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.imaging import tubes
from tests.journeys.desk import Desk, State, middle, part
from workstation.bench.screen import Screen
from workstation.cache.importer import import_paths
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries, PhantomStudy

STUDY = PhantomStudy(study_id="CURVE", accession_number="CURVE-1")
SAGITTAL = 3


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("curve")
    block = tubes.bend(5.0, 5.0)
    (i, j, k), (x_mm, y_mm, z_mm) = block.grid.size, block.grid.spacing
    grid = Grid((k, j, i), block.grid.origin_lps, (y_mm, x_mm), z_mm)
    write_series(PhantomSeries(block.stored, grid, study=STUDY), folder / "in")
    import_paths(Home(folder / "home").create(), [folder / "in"])
    return folder / "home"


def worked_out(state: State) -> bool:
    """The line is measured, and the picture is that of it, at the place and the turn that are wished for."""
    curve = state["curve"]
    now = (curve["shown_arc_mm"], curve["shown_degrees"]) == (curve["arc_mm"], curve["degrees"])
    return curve["length_mm"] is not None and now


def test_a_curve_is_drawn_changed_turned_and_kept(home: Path, tool: Callable[[str], Path]) -> None:
    tool("Xvfb")
    with Screen(1280, 800) as screen:
        desk = Desk(screen, tool("xdotool"), home, protocol="planes")
        whole = desk.open(STUDY.study_instance_uid)["tiles"][SAGITTAL - 1]["rect"]
        desk.press("Alt+Shift+C")
        opened = desk.until(lambda s: s["curve"]["placing"] and s["tiles"][SAGITTAL - 1]["rect"][3] < whole[3])
        x, y = middle(opened, SAGITTAL)
        places = [(x - 60, y + 10), (x, y - 20), (x + 60, y + 10)]
        for count, place in enumerate(places, start=1):
            desk.click(place)
            desk.until(lambda s, count=count: len(s["curve"]["points"]) == count, "a point")  # type: ignore[misc]
        desk.press("Esc")
        drawn = desk.until(lambda s: not s["curve"]["placing"] and worked_out(s), "the line")
        points = drawn["curve"]["points"]
        straight = math.fsum(math.dist(a, b) for a, b in pairwise(points))
        assert straight < drawn["curve"]["length_mm"] < 1.15 * straight
        mm_per_px = math.dist(points[0], points[2]) / 120
        desk.drag(places[1], (0, -30))
        pulled = desk.until(lambda s: s["curve"]["points"][1] != points[1] and worked_out(s), "the point moved")
        assert math.dist(pulled["curve"]["points"][1], points[1]) == pytest.approx(30 * mm_per_px, rel=0.05)
        assert pulled["curve"]["points"][::2] == points[::2]
        assert pulled["curve"]["length_mm"] > drawn["curve"]["length_mm"]
        desk.press("Ctrl+Z")
        desk.until(lambda s: s["curve"]["points"] == points and worked_out(s), "the point taken back")
        left, top, width, height = drawn["curve"]["rect"]
        desk.drag((left + width / 2, top + height / 3), (0, 40))
        turned = desk.until(lambda s: s["curve"]["degrees"] == pytest.approx(20.0) and worked_out(s), "turned")
        assert "turned 20°" in turned["curve"]["head"]
        assert turned["curve"]["arc_mm"] == pytest.approx(drawn["curve"]["length_mm"] / 2, rel=0.1)
        desk.drawn(lambda grey: part(grey, turned["curve"]["rect"]).max() > 200, "the vessel in the pane")
        desk.click((left + width / 2, top + height / 3), button=5)
        further = desk.until(lambda s: s["curve"]["arc_mm"] > turned["curve"]["arc_mm"] and worked_out(s), "the wheel")
        assert further["curve"]["words"][0].endswith(f"of {drawn['curve']['length_mm']:.1f} mm along the curve")
        desk.press("Alt+Shift+K")
        kept = desk.until(lambda s: s["findings"]["count"] == 1 and s["curve"]["finding"], "the curve kept")
        assert kept["curve"]["title"] != "Curve, changed" and kept["findings"]["count"] == 1
        assert desk.leave("Ctrl+Q") == ""
