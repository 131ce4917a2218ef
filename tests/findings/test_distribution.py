"""Values inside a region, counted: known counts, bars that hold equally many values, and a mean over phases."""

import numpy as np
import pytest

from tests.findings.made import finding
from tests.loading.opened import imported, loaded, studies
from workstation.findings.distribution import MOST_BARS, course, distribution
from workstation.findings.finding import Finding, Kind
from workstation.imaging.volume import Voxels
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import AXIAL, Grid
from workstation.phantom.series import PhantomSeries

SHAPE = (5, 40, 50)
GRID = Grid(SHAPE, (-30.0, 12.0, 50.0), (0.9, 0.7), 1.5, AXIAL)
VALUES = np.random.default_rng(8).integers(-90, 120, SHAPE).astype(np.int16)
VALUES[3] = 17
RISE = (0, 40, 25)
TIMES = ("092000", "092012", "092030")


@pytest.fixture(scope="module")
def phases(tmp_path_factory: pytest.TempPathFactory) -> list[Voxels]:
    folder = tmp_path_factory.mktemp("phases")
    for number, (rise, time) in enumerate(zip(RISE, TIMES, strict=True), start=1):
        values = (VALUES + rise).astype(np.int16)
        write_series(PhantomSeries(values, GRID, series_number=number, series_time=time), folder / f"in{number}")
    home = imported(folder, *(folder / f"in{number}" for number in (1, 2, 3)))
    return list(loaded(home, *studies(home)))


def block(image: int) -> Finding:
    """Rows 10 to 30 and columns 5 to 25 of an image, their centres on the outline."""
    places = GRID.points_lps(image)
    return finding(Kind.RECTANGLE, [tuple(places[at]) for at in ((10, 5), (10, 25), (30, 25), (30, 5))])


def test_bars_count_what_numpy_finds_in_the_block(phases: list[Voxels]) -> None:
    values = VALUES[2, 10:31, 5:26].astype(float)
    found = distribution(phases[0], block(2))
    assert found is not None and found.count == values.size == 21 * 21
    width = (found.high - found.low) / len(found.counts)
    assert width == round(width) and len(found.counts) <= MOST_BARS
    for bar, count in enumerate(found.counts):
        low = found.low + bar * width
        assert count == ((values > low) & (values < low + width)).sum()
    assert found.mean == pytest.approx(values.mean(), rel=1e-12)
    assert found.sd == pytest.approx(values.std(ddof=1), rel=1e-12)
    assert found.percentiles == {share: pytest.approx(np.percentile(values, share)) for share in (5, 25, 75, 95)}


def test_equal_values_are_one_bar(phases: list[Voxels]) -> None:
    found = distribution(phases[0], block(3))
    assert found is not None and (found.counts, found.low, found.high, found.sd) == ((441,), 16.5, 17.5, 0.0)


def test_the_mean_over_phases_rises_as_they_were_made(phases: list[Voxels]) -> None:
    found = course(phases, block(2))
    assert found is not None
    first = VALUES[2, 10:31, 5:26].mean()
    assert found.means == pytest.approx([first + rise for rise in RISE], rel=1e-12)
    assert (found.places, found.in_seconds) == ((0.0, 12.0, 30.0), True)


def test_one_phase_has_no_course(phases: list[Voxels]) -> None:
    assert course(phases[:1], block(2)) is None
    assert course(phases, finding(Kind.RECTANGLE, [(1, 1), (9, 1), (9, 9), (1, 9)], image="1.2.3")) is None
