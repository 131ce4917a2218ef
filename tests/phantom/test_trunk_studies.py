"""The CT studies of the demo patient: lesions that grow, organs that take up contrast, a body that moved."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.phantom.judges import Tool, dcentvfy_errors, dciodvfy_errors
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Grid, Vector
from workstation.phantom.lesions import Lesion
from workstation.phantom.noise import SOFT
from workstation.phantom.phases import ARTERIAL, DELAYED, PORTAL
from workstation.phantom.series import PhantomSeries, PhantomStudy
from workstation.phantom.trunk import Landmark
from workstation.phantom.trunk_studies import BASELINE, CT_STUDIES, CURRENT, MULTIPHASE, PRIOR, lesions, organs, painted

PHASES = {"arterial": ARTERIAL, "portal": PORTAL, "delayed": DELAYED}


def box(center_lps: Vector, half_mm: float, slice_mm: float = 1.5) -> Grid:
    """A small grid around a point: 0.8 x 0.7 mm pixels."""
    rows, columns, slices = (2 * round(half_mm / mm) + 1 for mm in (0.8, 0.7, slice_mm))
    x, y, z = center_lps
    origin = (x - columns // 2 * 0.7, y - rows // 2 * 0.8, z - slices // 2 * slice_mm)
    return Grid((slices, rows, columns), origin, (0.8, 0.7), slice_mm)


def ways_from(grid: Grid, point_lps: Vector) -> NDArray[np.float64]:
    points = np.stack([grid.points_lps(k) for k in range(grid.shape[0])])
    return np.asarray(np.linalg.norm(points - np.array(point_lps), axis=-1))


@pytest.mark.parametrize(
    ("study", "number"), [(CURRENT, 0), (CURRENT, 1), (CURRENT, 2), (PRIOR, 0), (PRIOR, 1), (PRIOR, 2), (BASELINE, 0)]
)
def test_a_lesion_lies_where_its_truth_says_and_is_as_large(study: PhantomStudy, number: int) -> None:
    lesion: Lesion = lesions(study)[number]
    grid = box(lesion.center_lps, lesion.radius_mm + 6)
    hu = painted(study, grid, PORTAL).slices.astype(float)
    ways = ways_from(grid, lesion.center_lps)
    assert hu[ways < lesion.radius_mm - lesion.rim_mm - 2].mean() == pytest.approx(lesion.value_hu, abs=1)
    if lesion.name == "lung nodule":
        lung = np.median(hu[ways > lesion.radius_mm + 2])
        near = ways < lesion.radius_mm + 1
        volume_ml = ((hu[near] - lung) / (lesion.value_hu - lung)).sum() * grid.voxel_volume_ml
        assert volume_ml == pytest.approx(lesion.volume_ml, rel=0.06)


def test_lesions_were_smaller_from_year_to_year() -> None:
    for now, then in ((lesions(CURRENT), lesions(PRIOR)), (lesions(PRIOR), lesions(BASELINE))):
        assert [a.name for a in now] == [b.name for b in then]
        assert all(a.radius_mm >= 1.5 * b.radius_mm for a, b in zip(now, then, strict=True))
    assert lesions(MULTIPHASE, DELAYED)[1].value_hu == DELAYED.liver_lesion


MARKS = [(name, mark) for name, phase in PHASES.items() for mark in organs(MULTIPHASE, phase)]


@pytest.mark.parametrize("place", range(len(MARKS) // 3), ids=[mark.name for _, mark in MARKS[: len(MARKS) // 3]])
def test_organs_take_up_contrast_as_told(place: int) -> None:
    marks: list[Landmark] = [organs(MULTIPHASE, phase)[place] for phase in PHASES.values()]
    grid = box(marks[0].point_lps, marks[0].radius_mm + 1)
    inside = ways_from(grid, marks[0].point_lps) <= marks[0].radius_mm
    slices = painted(MULTIPHASE, grid, *PHASES.values()).slices
    for phase, mark in enumerate(marks):
        assert slices[:, phase][inside].mean() == pytest.approx(mark.value_hu, abs=mark.tolerance_hu)


def test_the_prior_lay_otherwise_and_breathed_less_deeply() -> None:
    for mark in organs(PRIOR, PORTAL):
        grid = box(mark.point_lps, mark.radius_mm + 1)
        inside = ways_from(grid, mark.point_lps) <= mark.radius_mm
        mean = painted(PRIOR, grid, PORTAL).slices[inside].mean()
        assert mean == pytest.approx(mark.value_hu, abs=mark.tolerance_hu), mark.name
    # The dome of the liver: 6 mm from the table and 9 mm from the breath, give or take a slice.
    domes = [highest_tissue(study, -60.0, -2.0) for study in (CURRENT, PRIOR)]
    assert domes[1] - domes[0] == pytest.approx(15.0, abs=3.0)


def highest_tissue(study: PhantomStudy, x: float, y: float) -> float:
    grid = Grid((40, 9, 9), (x - 4, y - 4, -110.0), (1.1, 1.0), 1.5)
    soft = painted(study, grid, PORTAL).slices[:, 4, 4] > -100
    return float(-110.0 + 1.5 * np.flatnonzero(soft).max())


def test_several_phases_at_once_are_what_each_is_alone() -> None:
    grid = box((-40.0, -10.0, -165.0), 30.0, 6.0)
    together = painted(MULTIPHASE, grid, *PHASES.values()).slices
    for number, phase in enumerate(PHASES.values()):
        alone = painted(MULTIPHASE, grid, phase).slices
        assert np.abs(together[:, number] - alone).max() <= 1


def test_thick_slices_are_quieter_by_the_root_of_their_thickness() -> None:
    grid = Grid((24, 64, 60), (-22.0, -26.0, -170.0), (0.8, 0.7), 2.5)
    trunk = painted(CURRENT, grid, PORTAL)
    clean = trunk.slices[8:16].astype(float).mean()
    thick = Grid((12, 64, 60), (-22.0, -26.0, -168.75), (0.8, 0.7), 5.0)
    thin, coarse = trunk.images(SOFT, grid, 1), trunk.images(SOFT, thick, 2)
    assert thin[8:16].mean() == pytest.approx(clean, abs=4)
    assert coarse[4:8].mean() == pytest.approx(clean, abs=4)
    halves = [np.diff(images.astype(float), axis=2).std() for images in (flat(grid), flat(thick))]
    assert halves[0] / halves[1] == pytest.approx(np.sqrt(2), rel=0.08)


def flat(grid: Grid) -> NDArray[np.int16]:
    """Noise alone, around 0 HU."""
    from workstation.phantom.develop import Developer

    developer = Developer(SOFT, grid, 5)
    blank = np.zeros(grid.shape[1:], np.float32)
    return np.stack([developer.image(blank, k) for k in range(grid.shape[0])])


@pytest.fixture(scope="module")
def tiny() -> dict[str, list[PhantomSeries]]:
    return {demo.title: list(demo.series("tiny")) for demo in CT_STUDIES}


def test_every_study_has_its_series(tiny: dict[str, list[PhantomSeries]]) -> None:
    assert [demo.study.study_instance_uid for demo in CT_STUDIES] == [
        series[0].study.study_instance_uid for series in tiny.values()
    ]
    phases = tiny["CT of the liver in three phases"]
    assert {series.grid for series in phases} == {phases[0].grid}
    times = [series.series_time for series in phases]
    assert times == sorted(times)
    assert all(series.contrast_start_time and series.contrast_start_time < series.series_time for series in phases)
    assert all(series.study.patient_id == "DEMO-1" for group in tiny.values() for series in group)


def test_the_same_again_is_the_same(tiny: dict[str, list[PhantomSeries]]) -> None:
    demo = CT_STUDIES[1]
    again = [series.series_instance_uid for series in demo.series("tiny")]
    assert again == [series.series_instance_uid for series in tiny[demo.title]]


def test_others_find_no_fault(tiny: dict[str, list[PhantomSeries]], tmp_path: Path, tool: Tool) -> None:
    for title, group in tiny.items():
        paths = [write_series(series, tmp_path / title / str(series.series_number)) for series in group]
        assert [error for written in paths for error in dciodvfy_errors(tool, written[1])] == []
        assert dcentvfy_errors(tool, [path for written in paths for path in written]) == []
