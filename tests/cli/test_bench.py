"""`hounsfield bench`: the keys of its document, one row from end to end, and what it says without Xvfb."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from workstation.bench import run
from workstation.bench.arriving import NOTCHES_A_SECOND, STUCK, Sweeps
from workstation.bench.data import make_study
from workstation.bench.radiographs import PATCH, Radiograph, patch_of, pixels_of
from workstation.bench.rows import Row
from workstation.bench.xray import STEPS, judged
from workstation.cli import main
from workstation.cli.bench import NAMES, SOAK
from workstation.phantom.coded import coded_ct, read_codes

KEYS = {"work", "value", "unit", "peer", "peer_value", "ratio", "limit"}
SMALL = ("--runs", "1", "--slices", "12", "--size", "128")


def bench(tmp_path: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    """The JSON document of a run on a small study; limits may break on a busy machine, keys may not."""
    code = main(["bench", "--json", "--home", str(tmp_path / "study"), *SMALL, *arguments])
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    assert code in (0, 1), document
    return document


def test_a_row_has_its_keys_and_is_kept(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = bench(tmp_path, capsys, "--rows", "headers")
    (row,) = document["rows"]
    assert row.keys() >= KEYS
    assert row["value"] > 0
    assert row["ratio"] == pytest.approx(row["value"] / row["peer_value"], abs=1e-2)
    (kept,) = (home / "bench").glob("*.json")
    assert json.loads(kept.read_text()) == document


def test_what_a_person_waits_for_is_read_from_the_screen(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], tool: Callable[[str], Path]
) -> None:
    tool("Xvfb")
    document = bench(tmp_path, capsys, "--rows", "launch", "--slices", "4", "--size", "256")
    (row,) = document["rows"]
    assert not row.get("skipped")
    assert row["value"] > 0.1


def test_without_xvfb_a_row_says_so(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (row,) = bench(tmp_path, capsys, "--rows", "scroll")["rows"]
    assert row["value"] is None
    assert row["skipped"] == "Xvfb is not installed"


def test_an_unknown_row_is_wrong_usage(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--rows", "launch,warp"]) == 2
    assert "'warp' is no row" in capsys.readouterr().err


def test_every_name_is_measured() -> None:
    assert set(NAMES + SOAK) == set(run.ROWS)


def test_a_study_is_made_once(tmp_path: Path) -> None:
    study = make_study(tmp_path, slices=3, rows=128)
    before = [path.stat().st_mtime_ns for path in study.files]
    assert [path.stat().st_mtime_ns for path in make_study(tmp_path, slices=3, rows=128).files] == before
    assert len(study.cached) == 3


@pytest.mark.parametrize(("value", "more", "holds"), [(2.0, False, False), (0.5, False, True), (2.0, True, True)])
def test_limits_hold_by_the_median(value: float, more: bool, holds: bool) -> None:
    row = Row("work", limit=1.0, runs=(value, value, 9e9), peer_runs=(4.0,), more_is_better=more)
    assert row.holds is holds
    assert row.ratio == value / 4


@pytest.mark.parametrize(("scale", "number"), [(1, 149), (2, 0), (3, 77)])
def test_the_bar_is_read_wherever_it_lies(scale: int, number: int) -> None:
    image = coded_ct(number + 1, 128).voxels[number]
    screen = np.zeros((900, 1100), np.uint8)
    shown = np.kron(np.where(image > 500, 255, 0).astype(np.uint8), np.ones((scale, scale), np.uint8))
    screen[90 : 90 + len(shown), 210 : 210 + len(shown)] = shown
    (code,) = read_codes(screen, smallest_px=6)
    assert code.number(screen) == number
    screen[int(code.top) : int(code.top + code.block_px), :] = 0
    assert code.number(screen) is None


def test_the_patch_of_a_radiograph_lies_under_its_bar() -> None:
    pixels = pixels_of(Radiograph("small", "DX", 1000, 900, (0.2, 0.1)))
    shown = (pixels[::2, ::2] >> 8).astype(np.uint8)
    (code,) = read_codes(shown)
    x, y = patch_of(code)
    assert code.number(shown) == 1
    assert (pixels[2 * y - 8 : 2 * y + 8, 2 * x - 8 : 2 * x + 8] == PATCH).all()


def test_a_drag_is_judged_by_the_greys_that_came() -> None:
    """Every step 20 ms late, but for steps 30 to 35, which the picture of step 36 jumps over."""
    moved = [10 + step / 60 for step in range(STEPS)]
    shown = [step for step in range(1, STEPS + 1) if not 30 <= step <= 35]
    seen = [(9.0, 50), *((moved[step - 1] + 0.02, 50 + 2 * step) for step in shown)]
    rate, delay_ms, jumped = judged(moved, seen)
    assert rate == pytest.approx(54 / (59 / 60 + 0.02))
    assert delay_ms == pytest.approx(1000 * (6 / 60 + 0.02))
    assert jumped == 6


def test_a_drag_without_a_picture_keeps_no_limit() -> None:
    assert judged([0.1] * STEPS, [(0.0, 7)]) == (0.0, float("inf"), STEPS)


def swept(shown: Callable[[int], int | None]) -> Sweeps:
    """A wheel that is turned forty times; `shown` says what its nth notch brings to the screen."""
    sweeps = Sweeps(0)
    for number in range(40):
        sweeps.notch()
        if (image := shown(number)) is not None:
            sweeps.see(image)
    return sweeps


def test_notches_at_the_end_of_what_has_arrived_are_no_lost_images() -> None:
    """Four notches show an image each, five nothing, then it goes back."""
    sweeps = swept(lambda number: min(4, number + 1) if number < 4 + STUCK else 7 + STUCK - number)
    assert sweeps.at_end == STUCK
    assert sweeps.a_second(40 / NOTCHES_A_SECOND) == pytest.approx(NOTCHES_A_SECOND)


def test_a_sweep_that_turns_soon_after_the_end_has_lost_nothing_either() -> None:
    """The twelfth notch is the last of the first sweep; the last three found nothing."""
    sweeps = swept(lambda number: min(9, number + 1) if number < 12 else 20 - number)
    assert sweeps.at_end == 3
    assert sweeps.a_second(40 / NOTCHES_A_SECOND) == pytest.approx(NOTCHES_A_SECOND)


def test_a_program_that_is_late_has_lost_what_it_did_not_show() -> None:
    """It shows nothing for as long, and then goes on where it was."""
    sweeps = swept(lambda number: number + 1 if number < 4 or number > 10 else None)
    assert sweeps.at_end == 0
    assert sweeps.a_second(40 / NOTCHES_A_SECOND) < 0.85 * NOTCHES_A_SECOND


@pytest.mark.parametrize(
    ("unit", "value", "more", "pace", "holds"),
    [
        ("ms", 15.0, False, 1.5, True),
        ("ms", 15.1, False, 1.5, False),
        ("1/s", 14.0, True, 1.5, True),
        ("1/s", 13.0, True, 1.5, False),
        ("MiB", 15.0, False, 1.5, False),
        ("ms", 9.9, False, 0.5, True),
    ],
)
def test_a_slower_machine_is_judged_at_its_pace(unit: str, value: float, more: bool, pace: float, holds: bool) -> None:
    row = Row("work", unit, limit=20.0 if more else 10.0, runs=(value,), more_is_better=more, pace=pace)
    assert row.holds_at_pace is holds
    said = row.line()
    assert ("BROKEN" in said) is not holds
    assert ("times as slow" in said) is (holds and not row.holds)


def test_what_is_asked_for_at_a_rate_is_not_counted_beyond_it() -> None:
    row = Row("work", "1/s", "notches", 30.0, (29.0,), (36.0,), more_is_better=True, pace=2.0)
    assert row.holds_at_pace is False
