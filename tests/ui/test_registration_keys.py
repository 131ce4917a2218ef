"""Each command of registering by its key, in a window of two scans and a prior: what it changes, or why it cannot."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.test_registration_desk import AWAY, Prepared, body, case_of, desk, now, opened, panel, two_scans
from tests.ui.test_side_panel import at_rest, until
from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.case import registering as by
from workstation.case.aligning import align
from workstation.case.parting import NO_TWO
from workstation.imaging.alignment import Alignment, Laid, Registration, Standing, new_uid
from workstation.imaging.geometry import Vec3
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries, PhantomStudy
from workstation.ui.registration_desk import ACCEPT_FIRST, NO_PRIOR
from workstation.ui.window import MainWindow
from workstation.ui.window_commands import all_commands

AT: Final[Vec3] = (30.0, -20.0, 40.0)
"""A place in the fixed scan, LPS mm."""

DEGREES: Final = 0.5


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Two scans of one study, axial from the feet, and an older study."""
    folder = tmp_path_factory.mktemp("registration-keys")
    study = two_scans(folder)
    older = replace(PhantomStudy(), study_date="20190304", study_id="OLDER", accession_number="OLDER-1")
    grid = Grid((32, 44, 52), (-120.0, -90.0, 15.0), (4.5, 5.0), 6.0)
    write_series(PhantomSeries(body(), grid, study=older, frame_of_reference="three"), folder / "three")
    home = Home(folder / "home").create()
    import_paths(home, [folder / each for each in ("one", "two", "three")])
    return Prepared(home, study)


@pytest.fixture
def window(prepared: Prepared, qapp: QApplication) -> Iterator[MainWindow]:
    made = opened(prepared)
    yield made
    at_rest(made)
    made.close()
    jobs.shutdown()
    jobs.drain()


def scan(window: MainWindow, frame_of: int) -> str:
    """The key of the scan of this series number in the study that is read."""
    case = case_of(window)
    assert case.first is not None
    return next(
        each.key
        for each in by.could_be(case)
        if each.study_instance_uid == case.first.StudyInstanceUID and each.first.SeriesNumber == frame_of
    )


def laid_or_none(window: MainWindow) -> Laid | None:
    there = by.sides(case_of(window))
    assert there is not None
    return by.laid_now(case_of(window), there)


def laid(window: MainWindow) -> Laid:
    found = laid_or_none(window)
    assert found is not None
    return found


def press(window: MainWindow, name: str) -> None:
    (key,) = all_commands()[name].keys
    chord = QKeySequence(key)[0]  # type: ignore[index]
    QTest.keyClick(QApplication.focusWidget() or window, chord.key(), chord.keyboardModifiers())


def anew(window: MainWindow) -> None:
    """Nothing registered, the two scans named, the first one in hand."""
    case = case_of(window)
    case.registering.__init__()  # type: ignore[misc]
    align(case, Alignment())
    by.choose(case, scan(window, 1), scan(window, 2))
    case.activate(next(n for n, tile in enumerate(case.tiles) if tile.display_set == scan(window, 1)))
    window.activateWindow()
    window.reading.setFocus()
    window.status.message.setText("")


def registered(window: MainWindow) -> None:
    """The second scan laid on the first, as found by someone."""
    there = by.sides(case_of(window))
    assert there is not None
    matrix = np.eye(4)
    matrix[:3, 3] = np.negative(AWAY)
    by.found(case_of(window), Registration(new_uid(), *there.frames, matrix, made_by="a test"))


def accepted(window: MainWindow) -> None:
    registered(window)
    by.accept(case_of(window))


def moved_by_hand(window: MainWindow) -> None:
    registered(window)
    press(window, "registration-right")
    assert not np.allclose(laid(window).matrix[:3, 3], np.negative(AWAY))


def three_landmarks(window: MainWindow) -> None:
    places: tuple[Vec3, ...] = ((0.0, 0.0, 20.0), (60.0, 0.0, 50.0), (0.0, 40.0, 90.0), (-50.0, 10.0, 70.0))
    moving = [(x + 7.0, y - 3.0, z + 12.0) for x, y, z in places]
    case_of(window).registering.landmarks = tuple(by.Landmark(*each) for each in zip(places, moving, strict=True))


def nothing(window: MainWindow) -> None:
    """Nothing beforehand."""


def went(window: MainWindow, before: Laid, at: Vec3 = AT) -> Vec3:
    """By how much what lay at a place of the fixed scan has gone, LPS mm."""
    x, y, z = np.subtract(laid(window).point_to_fixed(before.point_to_moving(at)), at).tolist()
    return x, y, z


class Line(NamedTuple):
    """What is so before the key, and what it must have changed."""

    beforehand: Callable[[MainWindow], object]
    check: Callable[[MainWindow, Laid | None], object]


def pushed(*by_mm: float) -> Line:
    return Line(registered, lambda w, a: a is not None and went(w, a) == pytest.approx(by_mm, abs=1e-6))


def turned(degrees: float) -> Line:
    """Seen from the feet, x to the right and y down, a turn from x to y is clockwise; about the crosshair."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))

    def check(window: MainWindow, before: Laid | None) -> bool:
        case = case_of(window)
        about = case.crosshair(case.sets[scan(window, 1)])
        assert before is not None and about is not None
        x, y, z = about
        expected = (100.0 * c - 100.0, 100.0 * s, 0.0)
        return went(window, before, about) == pytest.approx((0, 0, 0), abs=1e-6) and went(
            window, before, (x + 100.0, y, z)
        ) == pytest.approx(expected, abs=1e-6)

    return Line(registered, check)


LINES: Final = {
    "registration-right": pushed(1, 0, 0),
    "registration-left": pushed(-1, 0, 0),
    "registration-up": pushed(0, -1, 0),
    "registration-down": pushed(0, 1, 0),
    "registration-away": pushed(0, 0, 1),
    "registration-nearer": pushed(0, 0, -1),
    "registration-clockwise": turned(DEGREES),
    "registration-anticlockwise": turned(-DEGREES),
    "show-anyway": Line(nothing, lambda w, a: a is None and laid(w).standing is Standing.ANYWAY),
    "accept-registration": Line(registered, lambda w, a: now(w).accepted and laid(w).standing is Standing.ACCEPTED),
    "reject-registration": Line(registered, lambda w, a: by.in_force(case_of(w)) is None),
    "undo-registering": Line(moved_by_hand, lambda w, a: np.allclose(laid(w).matrix[:3, 3], np.negative(AWAY))),
    "reset-registration": Line(moved_by_hand, lambda w, a: now(w).made_by == "a test"),
    "fit-landmarks": Line(
        three_landmarks, lambda w, a: laid(w).point_to_moving(AT) == pytest.approx((37, -23, 52), abs=1e-6)
    ),
    "remove-last-landmark": Line(three_landmarks, lambda w, a: len(case_of(w).registering.landmarks) == 3),
    "save-registration": Line(accepted, lambda w, a: now(w).uid in case_of(w).registering.saved),
}
"""Commands of one press."""

TWICE: Final[dict[str, Callable[[MainWindow], bool]]] = {
    "registration": lambda w: not panel(w).isHidden(),
    "registration-by-mouse": lambda w: case_of(w).registering.by_mouse,
    "place-landmarks": lambda w: case_of(w).registering.placing,
    "show-anyway": lambda w: bool(case_of(w).alignment.shown_anyway),
}
"""Commands whose second press takes back what the first did, and what that is."""

IDLE: Final = {
    **dict.fromkeys(
        ("accept-registration", "reject-registration", "reset-registration", "save-registration"), by.NOTHING
    ),
    "undo-registering": "Nothing was registered or moved yet.",
    "part-from-frame": NO_TWO,
    "remove-last-landmark": "No landmark was placed.",
    "fit-landmarks": "This needs 3 pairs of landmarks; there are 0.",
}
"""Why there is nothing to do for a command where nothing is registered."""

ENGINE: Final = {f"register-{kind}": kind for kind in ("rigid", "affine", "deformable")}
WITH_PRIOR: Final = "register-with-prior"
PART: Final = "part-from-frame"
REGISTERED: Final = frozenset({*LINES, *TWICE, *ENGINE, WITH_PRIOR, PART})
"""Every command that these tests press; what parting does is in `test_registration_parting`."""

ALONE: Final = {WITH_PRIOR: NO_PRIOR, PART: NO_TWO}
"""What is said of one scan alone, but for what is said of most."""


def test_a_key_of_registering_does_what_its_command_says(window: MainWindow) -> None:
    for name, line in LINES.items():
        anew(window)
        line.beforehand(window)
        before = laid_or_none(window)
        assert before is None or not line.check(window, before), f"{name} has something to do"
        press(window, name)
        at_rest(window)
        assert line.check(window, before), f"{name}: {all_commands()[name].help}"


def test_a_second_press_takes_back_what_the_first_did(window: MainWindow) -> None:
    for name, is_so in TWICE.items():
        anew(window)
        assert not is_so(window)
        press(window, name)
        assert is_so(window), name
        press(window, name)
        assert not is_so(window), name


def test_a_key_starts_the_engine_and_stops_it(window: MainWindow) -> None:
    for name, kind in ENGINE.items():
        anew(window)
        press(window, name)
        assert desk(window).is_busy
        until(lambda: by.in_force(case_of(window)) is not None)
        assert now(window).kind == kind
        if desk(window).is_busy:  # a quick machine may have ended
            press(window, name)
        until(lambda: not desk(window).is_busy)


def test_a_key_lays_the_prior_on_what_is_read(window: MainWindow) -> None:
    anew(window)
    case = case_of(window)
    assert case.first is not None
    current = case.first.StudyInstanceUID
    (prior,) = (each for each in by.could_be(case) if each.study_instance_uid != current)
    press(window, WITH_PRIOR)
    there = by.sides(case)
    assert there is not None and (there.fixed.key, there.moving.key) == (scan(window, 1), prior.key)
    assert desk(window).is_busy
    desk(window).stop()
    until(lambda: not desk(window).is_busy)


def test_a_key_with_nothing_to_do_says_why(window: MainWindow) -> None:
    for name, why in IDLE.items():
        anew(window)
        press(window, name)
        assert why in window.status.message.text(), name
        assert not case_of(window).alignment.registrations


def test_what_nobody_accepted_is_not_saved(window: MainWindow) -> None:
    anew(window)
    registered(window)
    press(window, "save-registration")
    assert ACCEPT_FIRST in window.status.message.text()
    assert now(window).uid not in case_of(window).registering.saved


def test_one_scan_alone_has_nothing_to_be_laid_on(tmp_path: Path, qapp: QApplication) -> None:
    study = two_scans(tmp_path)
    home = Home(tmp_path / "home").create()
    import_paths(home, [tmp_path / "one"])
    window = opened(Prepared(home, study))
    window.activateWindow()
    for name in sorted(REGISTERED - {"registration", "undo-registering", "remove-last-landmark", "fit-landmarks"}):
        window.reading.setFocus()
        window.status.message.setText("")
        press(window, name)
        assert ALONE.get(name, by.NO_PAIR) in window.status.message.text(), name
        assert not desk(window).is_busy
    at_rest(window)
    window.close()
    jobs.shutdown()
    jobs.drain()
