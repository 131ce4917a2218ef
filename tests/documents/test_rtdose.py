"""Doses: the grid in Gy, lines of equal dose, and histograms against closed forms and dicompyler-core."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.documents.rt_truth import DVHS, GRID_MAX_GY, OWN_DVH_PERCENT, PRESCRIBED_GY
from tests.documents.test_rtstruct import contour, file_of, item, square, structure_set
from workstation.documents.rtdose import SOP_CLASS, prescribed_gy, read_dose
from workstation.documents.rtstruct import read_structures
from workstation.errors import Reason, Refused
from workstation.findings.dvh import dvh_of
from workstation.imaging.dose import Dose, dose_at, dose_on, isolines

SHAPE = (12, 30, 40)


def made(**attributes: Any) -> bytes:
    """A dose of 0.02 Gy times 100 + 10 i, on points -30 + 2 i, -20 + 1.5 j, 5 + 3 k."""
    stored = np.broadcast_to((100 + 10 * np.arange(SHAPE[2])).astype("<u4"), SHAPE)
    values: dict[str, Any] = {
        "SOPClassUID": SOP_CLASS,
        "SOPInstanceUID": "1.7",
        "StudyInstanceUID": "1.3",
        "FrameOfReferenceUID": "1.5",
        "Rows": SHAPE[1],
        "Columns": SHAPE[2],
        "NumberOfFrames": SHAPE[0],
        "SamplesPerPixel": 1,
        "BitsAllocated": 32,
        "PixelRepresentation": 0,
        "PixelSpacing": [1.5, 2.0],
        "ImagePositionPatient": [-30.0, -20.0, 5.0],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "GridFrameOffsetVector": [3.0 * k for k in range(SHAPE[0])],
        "DoseUnits": "GY",
        "DoseType": "PHYSICAL",
        "DoseSummationType": "PLAN",
        "DoseGridScaling": "0.02",
        "PixelData": stored.tobytes(),
    }
    dataset = item(**{name: value for name, value in (values | attributes).items() if value is not None})
    dataset["PixelData"].VR = "OW"
    return file_of(dataset)


def test_a_dose_is_its_scaling_times_what_is_stored() -> None:
    dose = read_dose(made())
    assert (dose.unit, dose.summation, dose.kind) == ("Gy", "PLAN", "PHYSICAL")
    assert dose.values[5, 7, 3] == pytest.approx(0.02 * 130)
    assert dose.grid.point((1, 2, 3)) == pytest.approx((-28.0, -17.0, 14.0))


def test_planes_that_are_stored_downwards_lie_where_they_say() -> None:
    stored = np.arange(int(np.prod(SHAPE)), dtype="<u4").reshape(SHAPE)
    offsets = [-3.0 * k for k in range(SHAPE[0])]
    dose = read_dose(made(PixelData=stored.tobytes(), GridFrameOffsetVector=offsets))
    i, j, k = (round(each) for each in dose.grid.index((-26.0, -18.5, 5.0 - 3.0 * 4)))
    assert dose.values[k, j, i] == pytest.approx(0.02 * float(stored[4, 1, 2]))


def test_offsets_may_be_the_places_themselves() -> None:
    dose = read_dose(made(GridFrameOffsetVector=[5.0 + 3.0 * k for k in range(SHAPE[0])]))
    assert dose.grid.point((0, 0, 2)) == pytest.approx((-30.0, -20.0, 11.0))


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}, Reason.NOT_A_DOSE),
        ({"DoseGridScaling": None}, Reason.NOT_A_DOSE),
        ({"GridFrameOffsetVector": [0.0, 3.0]}, Reason.NO_GEOMETRY),
        ({"GridFrameOffsetVector": [0.0, 3.0, 7.0, *(3.0 * k for k in range(3, 12))]}, Reason.UNEVEN_SPACING),
        ({"NumberOfFrames": 60000, "Rows": 60000}, Reason.TOO_LARGE),
        ({"PixelData": b"\0\0\0\0"}, Reason.PIXEL_LENGTH),
        ({"BitsAllocated": 8}, Reason.PIXEL_FORMAT),
        ({"ImagePositionPatient": None}, Reason.NO_GEOMETRY),
    ],
)
def test_what_contradicts_itself_is_refused(attributes: dict[str, Any], reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        read_dose(made(**attributes))
    assert refused.value.reason is reason


def test_between_points_dose_is_linear_and_outside_there_is_none() -> None:
    dose = read_dose(made())
    found = dose_at(dose, [np.array([0.0, 3.25, 39.0, 39.5]), np.full(4, 2.5), np.full(4, 1.75)])
    assert found[:3] == pytest.approx([2.0, 0.02 * 132.5, 0.02 * 490])
    assert np.isnan(found[3])


def test_a_line_of_equal_dose_lies_where_the_dose_is() -> None:
    """2.65 Gy lies at x = -23.5 in this dose, in a plane turned by 30° as well."""
    dose = read_dose(made())
    right, down = np.array([0.866025, 0.5, 0.0]) * 0.7, np.array([0.0, 0.0, 1.0]) * 0.9
    origin = np.array([-28.0, -15.0, 8.0])
    lines = isolines(dose_on(dose, origin, right, down, 24, 20), 2.65)
    assert len(lines)
    places = origin + lines.reshape(-1, 2) @ np.stack([right, down])
    assert places[:, 0] == pytest.approx(-23.5, abs=1e-3)
    # One line from the first row to the last: no stretch is missing.
    assert np.linalg.norm(np.diff(lines, axis=1), axis=2).sum() == pytest.approx(19.0, rel=1e-6)


def test_lines_round_a_ball_are_closed_and_have_its_radius() -> None:
    y, x = np.mgrid[:60, :80]
    lines = isolines(50 - np.hypot(x - 40.3, y - 29.6), 32.0)
    assert np.hypot(lines[..., 0] - 40.3, lines[..., 1] - 29.6) == pytest.approx(18.0, abs=0.02)
    ends = np.round(lines.reshape(-1, 2), 6)
    _, counts = np.unique(ends, axis=0, return_counts=True)
    assert (counts == 2).all()


def box_dvh(*contours: Any) -> Any:
    (box,) = read_structures(structure_set(*contours)).structures
    return dvh_of(box, read_dose(made()))


def test_the_histogram_of_a_box_in_a_slope() -> None:
    """Dose rises by 0.1 Gy/mm along x from 2 Gy at x = -30: 2.5 Gy to 5.5 Gy over a box from x = -25 to 5."""
    found = box_dvh(*(contour(square(-25, 5, -12, 8, z)) for z in (11, 14, 17)))
    assert found.volume_ml == pytest.approx(30 * 20 * 9 / 1000, rel=1e-3)
    assert found.mean == pytest.approx(4.0, rel=1e-3)
    assert (found.min, found.max) == pytest.approx((2.5, 5.5), abs=0.05)
    assert found.dose_of(95) == pytest.approx(2.65, abs=0.03)
    assert found.percent_of(4.0) == pytest.approx(50, abs=0.8)
    assert found.volume_of(5.2) == pytest.approx(0.54, rel=0.1)
    assert found.covered == 1.0


def test_what_lies_beyond_the_dose_grid_is_volume_without_a_dose() -> None:
    found = box_dvh(*(contour(square(-50, -10, -12, 8, z)) for z in (11, 14)))
    assert found.covered == pytest.approx(0.5, abs=0.02)
    assert found.volume_ml == pytest.approx(40 * 20 * 6 / 1000, rel=0.01)
    assert found.mean == pytest.approx(3.0, rel=0.01)


def test_a_dose_of_another_frame_of_reference_is_refused() -> None:
    (box,) = read_structures(structure_set(contour(square(-25, 5, -12, 8, 11)))).structures
    with pytest.raises(Refused) as refused:
        dvh_of(box, read_dose(made(FrameOfReferenceUID="1.6")))
    assert refused.value.reason is Reason.OTHER_FRAME


@pytest.fixture(scope="module")
def clinical(data_dir: Path) -> tuple[dict[str, Any], Dose]:
    folder = data_dir / "rt_dicompyler"
    found = read_structures((folder / "rtss.dcm").read_bytes())
    return {each.name: each for each in found.structures}, read_dose((folder / "rtdose.dcm").read_bytes())


def test_the_grid_of_a_clinical_dose(data_dir: Path, clinical: Any) -> None:
    _, dose = clinical
    assert dose.max == pytest.approx(GRID_MAX_GY, rel=1e-6)
    assert dose.grid.size == (194, 129, 98)
    assert prescribed_gy((data_dir / "rt_dicompyler/rtplan.dcm").read_bytes()) == PRESCRIBED_GY


@pytest.mark.parametrize("name", sorted(DVHS))
def test_histograms_are_those_of_dicompyler(clinical: Any, name: str) -> None:
    structures, dose = clinical
    found, truth = dvh_of(structures[name], dose), DVHS[name]
    assert found.volume_ml == pytest.approx(truth.volume, rel=0.01)
    assert found.mean == pytest.approx(truth.mean, rel=0.01)
    own = next(each for each in dose.own if each.number == structures[name].number)
    assert own.max is not None
    # dicompyler looks at points of the dose grid alone: of the lung's edge beside the target it sees 12.11 Gy.
    assert found.max == pytest.approx(own.max * PRESCRIBED_GY / 100, rel=0.015)
    assert found.max > truth.max - 0.1
    assert found.volume_of(5.0) == pytest.approx(truth.v5, rel=0.02, abs=0.02 * truth.volume / 100)
    assert found.volume_of(12.0) == pytest.approx(truth.v12, rel=0.02, abs=0.02 * truth.volume / 100)
    assert found.dose_of(95) == pytest.approx(truth.d95, rel=0.01, abs=0.05)


def test_its_own_histograms_are_shares_of_the_prescription_and_that_is_noticed(clinical: Any) -> None:
    structures, dose = clinical
    assert dose.own_contradicts
    own = {each.number: each for each in dose.own}
    for name, percent in OWN_DVH_PERCENT.items():
        assert own[structures[name].number].mean == pytest.approx(percent, abs=1e-3)
        assert dvh_of(structures[name], dose).mean == pytest.approx(percent * PRESCRIBED_GY / 100, rel=0.01)
