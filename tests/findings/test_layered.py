"""A region over two series: the second one is counted in its own voxels, where it lies, by a mask made here."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.case.stacks import stack
from tests.findings.made import finding
from workstation.findings.finding import Finding, Kind
from workstation.findings.layered import layer_values
from workstation.findings.words import lines
from workstation.imaging.alignment import SAME, Laid, Standing
from workstation.imaging.greyscale import Rescale
from workstation.imaging.volume import Voxels

PET = stack("7", count=9, step_mm=4.0, spacing=(3.1, 3.7), shape=(20, 24), start_mm=1.0, modality="PT")
VALUES = np.random.default_rng(5).uniform(0.1, 20.0, (9, 20, 24)).astype(np.float32)
TURNED = np.array([[0.0, -1.0, 0.0, 9.0], [1.0, 0.0, 0.0, -4.0], [0.0, 0.0, 1.0, 6.0], [0.0, 0.0, 0.0, 1.0]])


@pytest.fixture
def voxels() -> Voxels:
    return Voxels(PET, VALUES, np.ones(9, np.bool_), Rescale(), None, "SUVbw")


def disc(center: tuple[float, float, float], radius: float) -> Finding:
    x, y, z = center
    ends = [(x - radius, y, z), (x + radius, y, z), (x, y - radius, z), (x, y + radius, z)]
    return finding(Kind.ELLIPSE, ends)


def centers() -> NDArray[np.float64]:
    assert PET.lattice is not None
    k, j, i = np.indices(VALUES.shape)
    index = np.stack([i, j, k, np.ones_like(i)], axis=-1)
    return np.asarray((index @ PET.lattice.lps_from_index.T)[..., :3])


def expected(center: tuple[float, float, float], radius: float, slice_mm: float) -> NDArray[np.float32]:
    """Voxels of the slice that a plane at `slice_mm` cuts whose centre lies in a circle."""
    places = centers()
    flat = np.hypot(places[..., 0] - center[0], places[..., 1] - center[1]) <= radius
    return VALUES[flat & (np.abs(places[..., 2] - slice_mm) <= 2.0)]


def test_in_one_frame_a_region_counts_the_layer_s_own_voxels(voxels: Voxels) -> None:
    found = layer_values(voxels, disc((4.0, -3.0, 13.5), 14.0), "PT", SAME)
    wanted = expected((4.0, -3.0, 0.0), 14.0, 13.5)
    assert found is not None and wanted.size > 20
    told = {each.name: each for each in found}
    assert told["PT Max"].value == pytest.approx(float(wanted.max()), rel=1e-6)
    assert told["PT Mean"].value == pytest.approx(float(wanted.mean()), rel=1e-6)
    assert told["PT Voxels"].value == wanted.size
    assert {told[name].unit for name in ("PT Mean", "PT Max", "PT SD")} == {"SUVbw"}


def test_through_a_registration_the_region_is_carried_and_never_the_voxels(voxels: Voxels) -> None:
    there = (4.0, -3.0, 13.5)
    x, y, z = (TURNED @ [*there, 1.0])[:3]
    laid = Laid(Standing.UNVERIFIED, TURNED)
    found = layer_values(voxels, disc((x, y, z), 14.0), "PT", laid)
    wanted = expected(there, 14.0, 13.5)
    assert found is not None
    told = {each.name: each for each in found}
    assert told["PT Max"].value == pytest.approx(float(wanted.max()), rel=1e-6)
    assert told["PT Voxels"].value == wanted.size
    assert "not verified" in told["PT Max"].how


def test_what_stretches_makes_an_outline_of_an_ellipse(voxels: Voxels) -> None:
    """Twice as long along x in the fixed frame: a circle there is half as wide in the layer."""
    stretched = np.diag([2.0, 1.0, 1.0, 1.0])
    found = layer_values(voxels, disc((0.0, 0.0, 13.5), 15.0), "PT", Laid(Standing.ACCEPTED, stretched))
    places = centers()
    inside = (places[..., 0] / 7.5) ** 2 + (places[..., 1] / 15.0) ** 2 <= 1.0
    wanted = VALUES[inside & (np.abs(places[..., 2] - 13.5) <= 2.0)]
    assert found is not None
    assert {each.name: each for each in found}["PT Voxels"].value == pytest.approx(wanted.size, abs=2)


def test_while_the_layer_is_on_its_way_nothing_is_told_and_beside_it_nothing_either(voxels: Voxels) -> None:
    waiting = replace(voxels, filled=np.zeros(9, np.bool_))
    assert layer_values(waiting, disc((0.0, 0.0, 13.5), 14.0), "PT", SAME) is None
    assert layer_values(voxels, disc((900.0, 0.0, 13.5), 14.0), "PT", SAME) == ()


def test_a_probe_says_both_values(voxels: Voxels) -> None:
    assert PET.lattice is not None
    probe = finding(Kind.PROBE, [PET.lattice.point((7, 9, 4))])
    found = layer_values(voxels, probe, "PT", SAME)
    assert found is not None
    value = float(VALUES[4, 9, 7])
    assert found[0].name == "PT Value" and math.isclose(found[0].value, value, rel_tol=1e-6)
    assert f"PT {value:.2f} SUVbw" in lines(replace(probe, values=found))
