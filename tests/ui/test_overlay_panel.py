"""Structures and dose in the window: said to be there, drawn by one key, listed, with what dose each receives."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.documents.test_rtdose import made
from tests.documents.test_rtstruct import contour, square, structure_set
from tests.ui.test_side_panel import at_rest, until
from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.paths import Home
from workstation.phantom.dicom import datasets, write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries
from workstation.ui.dvh_chart import ticks
from workstation.ui.window import MainWindow


def study(folder: Path) -> str:
    """A CT, a box drawn in three of its images, and a dose that rises by 0.1 Gy/mm from 2 Gy at x = -30."""
    grid = Grid((10, 40, 52), (-24.0, -19.0, 5.0), (0.8, 0.9), 3.0)
    series = PhantomSeries(np.zeros(grid.shape, np.int16), grid)
    write_series(series, folder)
    first = next(iter(datasets(series)))
    identity = {each: first[each].value for each in ("StudyInstanceUID", "PatientID", "PatientName")}
    identity["FrameOfReferenceUID"] = first.FrameOfReferenceUID
    (folder / "dose.dcm").write_bytes(made(SeriesInstanceUID="1.2.5", Modality="RTDOSE", **identity))
    box = [contour(square(-20, 5, -12, 8, z)) for z in (11, 14, 17)]
    (folder / "rs.dcm").write_bytes(structure_set(*box, name="Target", Modality="RTSTRUCT", **identity))
    return str(first.StudyInstanceUID)


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_the_window_says_draws_and_lists_what_a_study_brings(tmp_path: Path, qapp: QApplication) -> None:
    uid = study(tmp_path / "in")
    home = Home(tmp_path / "home").create()
    import_paths(home, [tmp_path / "in"])
    window = MainWindow(home)
    window.show()
    window.open_study(uid)
    panel = window.reading.overlays
    until(lambda: len(panel.facts()["rows"]) == 2)

    def chips() -> list[str]:
        pictures = [tile.picture for tile in window.reading.grid.tiles if tile.picture]
        return [each for picture in pictures for each in picture.facts["notices"]]

    until(lambda: any("brings 1 structure and dose" in each for each in chips()))
    assert not any(row["shown"] for row in panel.facts()["rows"])
    window.run("structures-panel")
    assert not panel.isHidden()
    window.run("structures-and-dose")
    until(lambda: len(panel.facts()["histograms"]) == 1)
    (found,) = panel.facts()["histograms"]
    assert found["mean"] == pytest.approx(4.25, rel=0.01)
    assert found["volume_ml"] == pytest.approx(25 * 20 * 9 / 1000, rel=0.01)
    assert "4.25" in panel.table.text()
    # Half of the box lies beyond its middle, where the dose is 4.25 Gy.
    assert panel.chart.told_at(4.25).splitlines()[0] == "4.25 Gy or more"
    assert float(panel.chart.told_at(4.25).split("Target: ")[1].split(" %")[0]) == pytest.approx(50, abs=1)
    item = panel.list.item(0)
    assert item is not None and item.text() == "Target"
    assert "within 0.01 mm" in item.toolTip() and not panel.copy.isEnabled()
    panel.list.setCurrentRow(0)
    panel.copy.click()
    case = window.reading.case
    assert case is not None
    until(lambda: case.marks.segments)
    assert case.marks.segments[0].mask.volume_ml == pytest.approx(25 * 20 * 9 / 1000, rel=0.1)
    panel.list.setCurrentRow(1)
    assert not panel.copy.isEnabled()  # a dose is no region
    case.overlays.show(case.overlays.there[0].uid, True)
    item = panel.list.item(0)
    assert item is not None
    item.setCheckState(Qt.CheckState.Unchecked)
    assert [row["shown"] for row in panel.facts()["rows"]] == [False, True]
    window.reading.leave()
    window.open_study(uid)
    until(lambda: window.reading.case not in (None, case) and len(panel.facts()["rows"]) == 2)
    assert [row["shown"] for row in panel.facts()["rows"]] == [False, True], "as it was left"
    assert panel.isHidden()  # the list of segments has come in its place
    window.run("structures-panel")
    assert not panel.isHidden()
    window.run("structures-panel")
    assert panel.isHidden()
    at_rest(window)
    window.close()
    jobs.shutdown()
    jobs.drain()


def test_ticks_are_round_and_few() -> None:
    assert ticks(53.5) == (0.0, 20.0, 40.0)
    assert ticks(14.68) == (0.0, 5.0, 10.0)
    assert ticks(0.9) == (0.0, 0.2, 0.4, 0.6000000000000001, 0.8)
