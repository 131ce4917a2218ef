"""Registrations with known truth: starts up to 40 mm and 20 degrees off, noise, parts; their words; progress and stop.

Ten starts of real data on itself and of the phantom's CT, PET and MR on each other, in voxels of a few mm;
`hounsfield bench --rows registration` walks a hundred.
"""

from collections.abc import Callable
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial.transform import Rotation

from tests.imaging.moved import error, inner, moved_side, rigid, sampled
from tests.imaging.real_sides import lidc_chest, nist_brain, sts_thigh
from workstation.errors import Cancelled, HounsfieldError
from workstation.imaging.alignment import Laid, Registration, Standing, inverse
from workstation.imaging.geometry import Grid, Matrix, vec
from workstation.imaging.registration import Step, register, warped
from workstation.imaging.registration_bent import jacobians
from workstation.imaging.registration_likeness import either_way
from workstation.imaging.registration_sides import Side, applied, body_of, coarser, level, points_of, with_body
from workstation.phantom import brain
from workstation.phantom.shoulders import Upper

MOST_MM, MOST_DEG = 40.0, 20.0
AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
HEAD_LPS = np.array([0.0, 3.0, 258.0])
"""Where the origin of the brain study lies in the whole body."""

HEAD_MM = ((-88.0, 88.0), (-104.0, 112.0), (166.0, 348.0))
"""Left to right, front to back, feet to head: what is drawn of the whole body."""

NOISE = 0.02
"""Of what lies between the lowest and the brightest hundredth."""

PET_PSF_MM = 6.0


@cache
def phantom(name: str) -> Side:
    """The demo patient's head in CT and PET (HU and SUV as the whole-body study has them), and her brain study's MR."""
    if name == "MR":
        series = next(each for each in brain.brain_mr("small") if "MPRAGE" in each.series_description)
        grid = series.grid
        axes = (vec(grid.row_direction), vec(grid.column_direction), vec(grid.normal))
        spacing = (grid.pixel_spacing_mm[1], grid.pixel_spacing_mm[0], grid.slice_spacing_mm)
        size = (grid.shape[2], grid.shape[1], grid.shape[0])
        return coarser(Side(series.voxels, Grid(vec(grid.origin_lps), axes, spacing, size), "MR"), 4.0)
    spacing = (3.9, 4.1, 3.6) if name == "CT" else (4.1, 4.3, 3.2)
    x, y, z = (np.arange(low, high, step) for (low, high), step in zip(HEAD_MM, spacing, strict=True))
    upper = Upper(0, 3.0)
    slices = [upper.slice(x[None, :].astype(np.float32), y[:, None].astype(np.float32), float(each)) for each in z]
    values = np.stack([each[0 if name == "CT" else 1] for each in slices])
    if name == "PT":
        values = gaussian_filter(values, [PET_PSF_MM / 2.355 / step for step in reversed(spacing)])
    return Side(values, Grid((x[0], y[0], z[0]), AXES, spacing, (len(x), len(y), len(z))), name)


def points_in(side: Side) -> NDArray[np.float64]:
    body = with_body(coarser(side, 4.0))
    return points_of(body.grid, body_of(body))[::37]


def turned_about(middle: NDArray[np.float64], degrees: float) -> Matrix:
    """A turn about the patient's long axis through a point (LPS)."""
    turn = np.eye(4)
    turn[:3, :3] = Rotation.from_euler("z", degrees, degrees=True).as_matrix()
    turn[:3, 3] = middle - turn[:3, :3] @ middle
    return turn


def told(found: Registration) -> str:
    assert found.quality is not None
    return f"{found.quality.word}: {found.quality.numbers}"


@pytest.fixture(scope="session")
def real(data_dir: Path) -> Callable[[str], Side]:
    """A real side by its name, read once."""
    read: dict[str, Callable[[Path, float], Side]] = {"chest": lidc_chest, "brain": nist_brain}
    read |= {"thigh CT": lambda *given: sts_thigh(given[0], "CT", 3.0)}
    read |= {"thigh MR": lambda *given: sts_thigh(given[0], "MR_T1", 3.0)}
    return cache(lambda name: read[name](data_dir, 7.0 if name == "chest" else 5.0))


def registered(
    still: Side, other: Side, truth: Matrix, seed: int, part: float = 1.0, margin: float = 0.0
) -> tuple[Registration, float, float]:
    """What is found where the patient of `other` was moved, with noise and a part of the slices; how far it is off."""
    points = points_in(other)
    off = rigid(seed, MOST_MM, MOST_DEG, points.mean(axis=0))
    noise = NOISE * float(np.percentile(other.values, 99) - other.values.min())
    seen = inner(moved_side(other, off, noise, seed), margin, part)
    found = register(still, seen)
    there = applied(off, points)
    inside = [seen.grid.contains(tuple(each)) for each in there]
    return found, *error(found.matrix, truth @ np.linalg.inv(off), there[inside])


@pytest.mark.parametrize(("fixed", "moving", "seed"), [("CT", "MR", 4), ("PT", "MR", 820072), ("CT", "PT", 5)])
def test_across_modalities(fixed: str, moving: str, seed: int) -> None:
    """Within 2 mm and 1.5 degrees from anywhere up to 40 mm and 20 degrees off, and it is not called poor.

    By the PET's points alone that head of the MR lies as well 60 mm lower, on the neck.
    """
    truth = np.eye(4)
    if moving == "MR":
        truth[:3, 3] = HEAD_LPS
    found, away_mm, turn_deg = registered(phantom(fixed), phantom(moving), truth, seed)
    assert away_mm < 2.0 and turn_deg < 1.5, (away_mm, turn_deg, told(found))
    assert found.quality is not None and found.quality.word != "poor", told(found)
    assert found.kind == "rigid" and found.field is None and not found.accepted


def test_likeness_by_points_of_either_is_the_same_both_ways() -> None:
    """And where they lie on each other, it is more than 20 mm beside."""
    one, two = (level(with_body(phantom(name)), 5.0) for name in ("CT", "MR"))
    there = np.eye(4)
    there[:3, 3] = -HEAD_LPS
    beside = there.copy()
    beside[1, 3] += 20.0
    likes = [either_way(one, two, 3000)(each) for each in (there, beside)]
    assert likes == pytest.approx([either_way(two, one, 3000)(inverse(each)) for each in (there, beside)], abs=1e-9)
    assert likes[0] > 1.5 * likes[1]


MARGINS = {"chest": 1 / 7, "brain": 1 / 7, "thigh CT": 1 / 7, "thigh MR": 0.0}
"""Of the size: real volumes are cut closely, and what is moved in from outside was never scanned. The thigh's MR is so
small that without its margin it fits at several heights (and is called poor)."""

REAL_STARTS = [
    ("chest", 11, 1.0), ("chest", 12, 2 / 3), ("brain", 13, 1.0), ("brain", 14, 1.0), ("thigh CT", 29, 1.0),
    ("thigh CT", 25, 2 / 3), ("thigh MR", 17, 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "seed", "part"), REAL_STARTS)
def test_real_data_of_one_modality(name: str, seed: int, part: float, real: Callable[[str], Side]) -> None:
    """Some with two thirds of the slices: within 1 mm and 1 degree; chest and brain are not called poor.

    A cut thigh is nearly a rod, nearly as alike where it is turned about itself, and may be called so.
    """
    found, away_mm, turn_deg = registered(real(name), real(name), np.eye(4), seed, part, margin=MARGINS[name])
    assert away_mm < 1.0 and turn_deg < 1.0, (away_mm, turn_deg, told(found))
    assert found.quality is not None and (found.quality.word != "poor" or "thigh" in name), told(found)


def test_ends_of_other_starts_that_disagree_are_poor(real: Callable[[str], Side]) -> None:
    """CT and MR of a cut thigh, nearly a rod: no truth is known, but at most one of two ends can be right.

    The starts are turned about the rod, so that some ends lie centimetres apart wherever a processor rounds.
    """
    fixed, moving = real("thigh CT"), real("thigh MR")
    points = points_in(moving)
    middle = points.mean(axis=0)
    found = [register(fixed, moving, start=turned_about(middle, degrees)) for degrees in (0.0, 90.0, 120.0)]
    ends = [applied(each.matrix, points) for each in found]
    apart = {
        (n, m): float(np.linalg.norm(ends[n] - ends[m], axis=1).mean()) for n, m in combinations(range(len(ends)), 2)
    }
    assert max(apart.values()) > 5, apart
    for (n, m), mm in apart.items():
        assert mm < 5 or "poor" in (told(found[n])[:4], told(found[m])[:4]), (apart, [told(each) for each in found])


def test_what_has_nothing_in_common_is_poor() -> None:
    """Blobs are laid on a head somewhere, for there is always a best place."""
    values = np.random.default_rng(4).normal(size=(30, 34, 38))
    blobs = gaussian_filter(values, 3.0).astype(np.float32)
    found = register(phantom("MR"), Side(blobs, Grid((9.0, 40.0, 7.0), AXES, (4.5, 4.0, 5.0), (38, 34, 30))))
    assert found.quality is not None and found.quality.word == "poor", told(found)


def test_a_wrong_start_is_poor() -> None:
    """Where a person says where to begin and is wrong by half a head, the end is not found and that is said."""
    side = phantom("MR")
    start = np.diag([-1.0, -1.0, 1.0, 1.0])
    found = register(side, side, start=start)
    away_mm, _ = error(found.matrix, np.eye(4), points_in(side))
    assert away_mm > 5 and found.quality is not None and found.quality.word == "poor", (away_mm, told(found))


def test_it_tells_each_step_ends_when_it_is_asked_to_and_is_the_same_again() -> None:
    side = phantom("MR")
    seen = moved_side(side, rigid(3, 15.0, 8.0, points_in(side).mean(axis=0)))
    steps: list[Step] = []
    first = register(side, seen, progress=steps.append)
    shares = [step.share for step in steps]
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1.0) and len(steps) > 40
    assert len({step.stage for step in steps}) >= 3
    assert steps[-1].matrix == pytest.approx(first.matrix)
    for enough in (30, len(steps) - 1):  # the last one but for the judging
        heard: list[Step] = []
        with pytest.raises(Cancelled):
            register(side, seen, progress=heard.append, stopped=lambda: len(heard) >= enough)  # noqa: B023
        assert len(heard) == enough, "no step after the one that ended it"
    for again, before in zip(heard, steps, strict=False):
        assert again.stage == before.stage and again.matrix == pytest.approx(before.matrix, abs=1e-3)


def test_affine_finds_what_was_stretched() -> None:
    side = phantom("MR")
    truth = np.diag([1.06, 0.95, 1.0, 1.0])
    found = register(side, moved_side(side, truth), "affine", start=np.eye(4))
    away_mm, _ = error(found.matrix, np.linalg.inv(truth), applied(truth, points_in(side)))
    assert away_mm < 1.0 and found.kind == "affine", (away_mm, told(found))


def test_a_bend_is_recovered_without_folding() -> None:
    """Waves of 2.5 mm over 20 cm: within 1.5 mm on the average inside the body, and the warped is like the fixed."""
    side = phantom("MR")

    def bend(points: NDArray[np.float64]) -> NDArray[np.float64]:
        waves = np.sin(2 * np.pi * points[:, [1, 2, 0]] / 200.0 + (0.4, 1.9, 3.0))
        return np.asarray(points + 2.5 * waves)

    fixed = sampled(side, bend)
    found = register(fixed, side, "deformable", start=np.eye(4))
    points = points_in(fixed)
    points = points[[side.grid.contains(tuple(each)) for each in bend(points)]]
    laid = Laid(Standing.UNVERIFIED, found.matrix, found.field)
    straight = np.linalg.norm(applied(inverse(found.matrix), points) - bend(points), axis=1).mean()
    left = np.linalg.norm(laid.to_moving(points) - bend(points), axis=1).mean()
    assert left < 1.5 < 2.5 < straight, (left, straight, told(found))
    assert found.field is not None and float(jacobians(found.field).min()) > 0
    block = warped(side, fixed.grid, found)
    there = np.isfinite(block)
    assert np.corrcoef(block[there], fixed.values[there])[0, 1] > 0.97


def test_a_rigid_one_is_applied_by_warping_too() -> None:
    side = phantom("MR")
    matrix = np.eye(4)
    matrix[:3, 3] = np.asarray(side.grid.axes[0]) * side.grid.spacing[0] * 3
    block = warped(side, side.grid, Registration("1", "f", "m", matrix))
    assert np.isnan(block[:, :, :3]).all(), "where the moving volume has nothing there is nothing"
    assert block[:, :, 3:] == pytest.approx(side.values[:, :, :-3])


@pytest.mark.parametrize("values", [np.zeros((9, 9, 9)), np.ones((2, 9, 9)), np.full((9, 9, 9), np.nan)])
def test_nothing_to_go_by_is_refused(values: NDArray[np.float64]) -> None:
    side = phantom("MR")
    with pytest.raises(HounsfieldError):
        register(side, Side(values, side.grid, "MR"))
