"""Reports beside the images: asked for by F6, of the study that is on the screen, the prior's called so."""

from pathlib import Path

from PySide6.QtWidgets import QApplication

from tests.ui.test_side_panel import at_rest, until
from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.documents.reports import Line, Report
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.reports import Followed, trunk_report, write_report
from workstation.phantom.trunk import ADA, trunk_ct
from workstation.ui.report_panel import NONE, written
from workstation.ui.window import MainWindow

REPORT = trunk_report(ADA, [Followed("nodule in the left lower lobe", 9.0), Followed("lesion in segment VII", 14.0)])


def test_the_window_says_what_was_reported(tmp_path: Path, qapp: QApplication) -> None:
    write_series(trunk_ct(size="tiny")[0], tmp_path / "in" / "trunk")
    write_report(REPORT, tmp_path / "in")
    home = Home(tmp_path / "home").create()
    import_paths(home, [tmp_path / "in"])
    window = MainWindow(home)
    window.show()
    window.open_study(ADA.study_instance_uid)
    until(lambda: window.reading.case is not None)
    panel = window.reading.reports
    assert panel.isHidden()
    window.run("reports")
    until(lambda: REPORT.impression[-1] in panel.toPlainText())
    said = panel.toPlainText()
    assert all(sentence in said for sentence in (REPORT.indication, *REPORT.findings, "verified by Reader Demo"))
    assert "PRIOR" not in said
    window.run("audience-view")
    until(panel.isHidden)
    window.run("reports")
    assert panel.isHidden(), "a report may name the patient"
    window.run("audience-view")
    at_rest(window)
    window.close()
    jobs.shutdown()
    jobs.drain()


def test_a_priors_report_is_called_so_and_text_is_text() -> None:
    lines = (Line(1, "Findings", "", heading=True), Line(2, "Diameter", "4 mm"), Line(2, "Finding", "<b>3 < 4</b>" * 3))
    prior = Report("1.2", "1.2.1", "20240312", "CT", "Complete", lines)
    assert "◆ PRIOR  Report of 2024-03-12" in written([prior], "1.1")
    own = written([prior], "1.2")
    assert "PRIOR" not in own and "Diameter: 4 mm" in own and "&lt;b&gt;3 &lt; 4" in own
    assert NONE in written([], "1.1")
