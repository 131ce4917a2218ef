"""`snapshot --curve`: along a line that was kept, without a window; sentences for what is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from tests.imaging import tubes
from tests.loading.opened import hounsfield, imported
from workstation.case import drawing_drafts
from workstation.findings.finding import Finding, Kind, Source
from workstation.paths import Home
from workstation.phantom.dicom import datasets, write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries
from workstation.picture.pixels import rgb_of


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, qapp: QApplication) -> Home:
    """A bent vessel of 10 mm with two findings: a curve along it, and a length."""
    folder = tmp_path_factory.mktemp("curve")
    block = tubes.bend(5.0, 5.0)
    (i, j, k), (x_mm, y_mm, z_mm) = block.grid.size, block.grid.spacing
    series = PhantomSeries(block.stored, Grid((k, j, i), block.grid.origin_lps, (y_mm, x_mm), z_mm))
    write_series(series, folder / "in")
    made = imported(folder, folder / "in")
    image = next(datasets(series))
    points = tuple(tubes.on_bend(arc) for arc in np.linspace(5.0, tubes.QUARTER_MM - 5.0, 27))
    source, study, own = Source(image.SOPInstanceUID), image.StudyInstanceUID, image.SeriesInstanceUID
    curve = Finding(
        "2.25.1", 3, Kind.POLYLINE, points, image.FrameOfReferenceUID, (source,), study, own, name="Left artery"
    )
    drafts = (curve, replace(curve, tracking_uid="2.25.2", number=4, kind=Kind.LENGTH, points=points[:2], name=""))
    drawing_drafts.keep(made, study, drafts)
    return made


def test_a_kept_curve_is_drawn_and_told_of(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "curve.png"
    answer = hounsfield(
        home, "snapshot", "1", "--curve", "3", "--along", "20", "--turn", "90", "--size", "1000x400", "--out", out
    )
    assert answer.code == 0, answer.stderr
    (told,) = answer.document["tiles"]
    assert told["curve"] == 3 and told["head"].startswith("Left artery  ·  straightened  ·  turned 90°")
    assert told["length_mm"] == pytest.approx(tubes.QUARTER_MM - 10.0, abs=0.2)
    assert told["ends"] == ["F", "A"] and told["words"][0].startswith("At 20.0 of 52.8 mm")
    assert float(told["words"][1].split()[1]) == pytest.approx(10.0, abs=0.4)
    rgb = rgb_of(QImage(str(out)))
    assert rgb.shape == (400, 1000, 3)
    bright = (rgb[24:296, 200] > 250).all(axis=1).sum() * told["pixel_mm"]
    assert bright == pytest.approx(10.0, abs=1.5), "the tube is a band of its own width"


@pytest.mark.parametrize(("curve", "why"), [("9", "no finding 9"), ("4", "no line")])
def test_what_is_no_line_is_said(home: Home, tmp_path: Path, curve: str, why: str) -> None:
    answer = hounsfield(home, "snapshot", "1", "--curve", curve, "--out", tmp_path / "none.png")
    assert answer.code == 1 and why in answer.document["error"]
    assert not (tmp_path / "none.png").exists()
