"""A PET of the CT's own frame of reference moved on it in the window: its words, its numbers, saved and there again."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from tests.findings.made import finding
from tests.ui.test_registration_desk import Prepared, case_of, closed, desk, opened, panel
from tests.ui.test_registration_keys import PART, press
from tests.ui.test_side_panel import at_rest, until
from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.case import layering
from workstation.case import registering as by
from workstation.case.layout import show_set
from workstation.findings.finding import Finding, Kind, Source
from workstation.imaging.alignment import is_own
from workstation.paths import Home
from workstation.phantom.acquisition import PetAcquisition
from workstation.phantom.dicom import datasets, write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries
from workstation.phantom.whole_body import PET_CT, TRACER, bqml_per_suv
from workstation.picture.marks import STALE, _not_in_force
from workstation.ui.window import MainWindow

SHAPE = (24, 40, 44)
GRID = Grid(SHAPE, (-86.0, -70.0, 30.0), (3.5, 4.0), 5.0)
SPOT = (-30.0, 10.0, 90.0)
HOT, COLD = 7.5, 1.0
"""SUV that nothing but the spot reaches, and that it never is as low as."""

MOVED_MM = 24.0
"""Beyond the spot and the mark round it, 9 mm each."""


def pet_and_ct(folder: Path) -> str:
    """A trunk, and a PET of the same frame of reference with a hot spot of SUV 8 in SUV 0.5; their study."""
    places = np.stack([GRID.points_lps(k) for k in range(SHAPE[0])]).reshape(*SHAPE, 3)
    body = np.hypot(places[..., 0] / 80, places[..., 1] / 60) < 1
    suv = np.where(np.linalg.norm(places - np.asarray(SPOT), axis=-1) <= 9.0, 8.0, 0.5).astype(np.float32)
    ct = PhantomSeries(np.where(body, 40, -1000).astype(np.int16), GRID, study=PET_CT, series_number=2)
    pet = PhantomSeries(
        suv * np.float32(bqml_per_suv()), GRID, modality="PT", study=PET_CT, series_number=3,
        acquisition=PetAcquisition((0.0,) * SHAPE[0], 120.0, TRACER),
    )  # fmt: skip
    write_series(ct, folder / "ct")
    write_series(pet, folder / "pet")
    return str(next(iter(datasets(ct))).StudyInstanceUID)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("parting")
    study = pet_and_ct(folder)
    made = Home(folder / "home").create()
    import_paths(made, [folder / "ct", folder / "pet"])
    return Prepared(made, study)


@pytest.fixture
def window(prepared: Prepared, qapp: QApplication) -> Iterator[MainWindow]:
    made = opened(prepared)
    yield made
    closed(made)
    jobs.shutdown()
    jobs.drain()


def fused(window: MainWindow) -> tuple[str, str]:
    """The PET over the CT in the active tile; the keys of CT and PET."""
    case = case_of(window)
    keys = {each.first.Modality: each.key for each in case.sets.values()}
    show_set(case, case.active, keys["CT"])
    layering.fuse(case, case.active, keys["PT"])
    at_rest(window)
    return keys["CT"], keys["PT"]


def marked(window: MainWindow, ct: str, at: tuple[float, float, float]) -> str:
    """An ellipse of 9 mm round a place of the CT; its tracking UID."""
    case = case_of(window)
    display_set = case.sets[ct]
    assert display_set.grid is not None
    ref = display_set.images[round(display_set.grid.index(at)[2])].instance
    (x, y, z) = at
    made = finding(
        Kind.ELLIPSE,
        [(x - 9, y, z), (x + 9, y, z), (x, y - 9, z), (x, y + 9, z)],
        frame_of_reference_uid=ref.FrameOfReferenceUID,
        series_instance_uid=ref.SeriesInstanceUID,
        study_instance_uid=ref.StudyInstanceUID,
        sources=(Source(ref.SOPInstanceUID),),
        tracking_uid=f"2.25.{round(1000 + x)}",
        values=(),
    )
    case.marks.add(made)
    until(lambda: told(window, made.tracking_uid).get("PT Max"))
    return made.tracking_uid


def mark(window: MainWindow, uid: str) -> Finding:
    found = case_of(window).marks.find(uid)
    assert found is not None
    return found


def told(window: MainWindow, uid: str) -> dict[str, float]:
    return {each.name: each.value for each in mark(window, uid).values}


def said(window: MainWindow) -> str:
    """What is written on the active tile that must be known of it."""
    at_rest(window)
    case = case_of(window)
    return " ".join(window.facts()["tiles"][case.shown.index(case.active)]["notices"])


def is_stale(window: MainWindow, uid: str) -> bool:
    """Whether a mark says that its values came through what is no longer in force."""
    case = case_of(window)
    return _not_in_force(mark(window, uid), case.view(case.active)) == STALE


def test_it_is_parted_moved_accepted_saved_and_there_again(window: MainWindow, prepared: Prepared) -> None:
    ct, pet = fused(window)
    case = case_of(window)
    where = marked(window, ct, SPOT)
    beside = marked(window, ct, (SPOT[0] + MOVED_MM, *SPOT[1:]))
    assert told(window, where)["PT Max"] > HOT
    assert told(window, beside)["PT Max"] < COLD
    assert mark(window, beside).alignments == ()
    window.run("registration")
    assert "One frame of reference" in panel(window).standing.text()
    assert panel(window).acts["part-from-frame"].isVisible()
    panel(window).acts["part-from-frame"].click()
    assert "PT  3  Phantom lies over this image as: parted, not moved." in said(window)
    assert not panel(window).acts["part-from-frame"].isVisible()
    assert "Parted" in panel(window).standing.text()
    loading = window.loader.get(pet)
    assert loading is not None and loading.voxels.display_set is case.sets[pet]
    at_rest(window)
    parted = by.in_force(case)
    assert parted is not None and mark(window, beside).alignments == (parted.uid,) and not is_stale(window, beside)
    panel(window).pad.nudge((1.0, 0.0, 0.0, 0.0), MOVED_MM)
    assert "moved by hand, not accepted" in said(window)
    assert "NOT ACCEPTED" in panel(window).standing.text()
    assert is_stale(window, beside)
    window.reading.findings.measure()  # as whatever is drawn next has it done
    until(lambda: told(window, beside)["PT Max"] > HOT)
    until(lambda: told(window, where)["PT Max"] < COLD)
    now = by.in_force(case)
    assert now is not None and mark(window, beside).alignments == (now.uid,) and not is_stale(window, beside)
    window.run("accept-registration")
    assert "moved" not in said(window)
    window.run("save-registration")
    until(lambda: not desk(window).why_not_save().startswith("The last"))
    assert desk(window).why_not_save() == "This registration is saved."
    at_rest(window)
    closed(window)
    again = opened(prepared)
    until(lambda: is_own(case_of(again).sets[pet].first.FrameOfReferenceUID))
    fused(again)
    until(lambda: told(again, beside)["PT Max"] > HOT)
    (layer,) = case_of(again).view(case_of(again).active).layers
    assert layer.laid is not None and layer.laid.point_to_fixed((0, 0, 0)) == pytest.approx((MOVED_MM, 0, 0))
    assert layer.laid.said == "" and layer.laid.uid == now.uid
    again.run("registration-left")
    assert "moved by hand, not accepted" in said(again)
    again.run("reset-registration")
    again.run("reject-registration")
    assert not is_own(case_of(again).sets[pet].first.FrameOfReferenceUID)
    assert is_stale(again, where)
    again.reading.findings.measure()
    until(lambda: told(again, where)["PT Max"] > HOT)
    assert mark(again, where).alignments == () and not is_stale(again, where)
    again.activateWindow()
    again.reading.setFocus()
    press(again, PART)
    assert "PT  3  Phantom lies over this image as: parted, not moved." in said(again)
    closed(again)
