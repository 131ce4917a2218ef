"""The surface of a chosen segment: a file of its size without a name, and an object of the study."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.ui.test_volume_desk import until, vertebra_home, window
from workstation.cache import files
from workstation.cache.index import Index
from workstation.case.segmenting import fresh
from workstation.documents.surface import ENCAPSULATED_STL, read_surface
from workstation.imaging.masks import Mask
from workstation.imaging.mesh_files import read_stl
from workstation.paths import Home
from workstation.phantom.vertebra import vertebra_phantom
from workstation.ui.window import MainWindow

__all__ = ["vertebra_home", "window"]


@pytest.fixture
def boxed(window: MainWindow) -> float:
    """A box as the chosen segment, "Cyst"; how many ml it has."""
    case = window.reading.case
    assert case is not None
    shown = case.view(case.active).display_set
    assert shown is not None and shown.grid is not None
    array = np.zeros(shown.grid.size[::-1], np.bool_)
    array[10:30, 20:50, 30:70] = True
    segment = replace(fresh(case.marks, shown), mask=Mask.of(shown.grid, array), name="Cyst")
    case.marks.put_segments((segment,), segment.tracking_uid)
    return float(segment.mask.volume_ml)


def told(window: MainWindow, command: str) -> str:
    """What a command comes to."""
    said: list[str] = []
    window.surfaces.said.connect(said.append)
    window.run(command)
    until(lambda: bool(said and said[-1]))
    return said[-1]


def test_a_segment_is_written_and_saved_in_its_size(window: MainWindow, vertebra_home: Home, boxed: float) -> None:
    window.settings.set("export.folder", "exports")
    sentence = told(window, "write-the-surface-of-the-segment")
    (file,) = Path(vertebra_home.root / "exports").iterdir()
    mesh = read_stl(file.read_bytes())
    assert mesh.watertight and mesh.volume_ml == pytest.approx(boxed, rel=0.01)
    assert sentence.startswith("Cyst: ") and "closed" in sentence and str(file) in sentence
    study = vertebra_phantom()[0].study
    assert study.patient_id not in file.name and study.patient_id.encode() not in file.read_bytes()
    assert "Saved in the study" in told(window, "save-the-surface-of-the-segment")
    with Index(vertebra_home) as index:
        (kept,) = [
            each.digest
            for each in index.instances(study.study_instance_uid)
            if each.instance.SOPClassUID == ENCAPSULATED_STL
        ]
    again, title = read_surface(files.read(vertebra_home, kept))
    assert title == "Cyst" and again.volume_ml == pytest.approx(boxed, rel=0.01)
