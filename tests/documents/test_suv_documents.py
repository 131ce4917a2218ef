"""PET in SUV, and what is written of it: reports in SUV with their codes, all else in the object's own values."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from pydicom import dcmread

from tests.documents.findings_of_all_kinds import IMAGE, SPACE, of_kind
from tests.documents.test_sr import document, named
from tests.imaging.stacks import stack
from workstation.case.state import Tile, TileView
from workstation.documents.derived import stored_as
from workstation.documents.sr.read import read_findings
from workstation.documents.sr.write import written
from workstation.errors import Reason, Refused
from workstation.findings.finding import Finding, Kind, Value
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.imaging.greyscale import Rescale, Window
from workstation.imaging.suv_values import Derivation
from workstation.imaging.suv_values import Kind as Suv
from workstation.imaging.view import Display
from workstation.imaging.volume import Voxels
from workstation.picture.chain import voi_in_force
from workstation.picture.presented import presentation_of

FACTOR, SLOPE = 2.5e-4, 4.0
CODED = {
    "SUVbw": ("126401", "{SUVbw}g/ml"),
    "SUVlbm(Janma)": ("126405", "{SUVlbm(Janma)}g/ml"),
    "SUVlbm(James128)": ("126406", "{SUVlbm(James128)}g/ml"),
    "SUVbsa": ("126403", "{SUVbsa}cm2/ml"),
    "SUVibw": ("126404", "{SUVibw}g/ml"),
    "Bq/ml": ("126377", "Bq/ml"),
}
"""PS3.16 CID 7180 and CID 85."""


def region(unit: str) -> Finding:
    drawn = of_kind(Kind.ELLIPSE, 1, document(SPACE, True).images[IMAGE], SPACE)
    how = "voxels whose centre is inside; SUV with edited weight"
    return replace(drawn, values=(Value("Mean", 7.86, unit, how), Value("Max", 26.65, unit, how)))


@pytest.mark.parametrize("unit", CODED)
def test_reports_code_the_unit_and_are_read_as_they_were(unit: str) -> None:
    concept, ucum = CODED[unit]
    about = document(SPACE, True)
    data = written([region(unit)], about)
    measured = named(dcmread(BytesIO(data)), concept)
    assert len(measured) == 2
    for item in measured:
        code = item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0]
        assert code.get("CodeValue", code.get("LongCodeValue")) == ucum
    (read,) = read_findings(data, about.ground_of).findings
    assert [(each.name, each.value, each.unit) for each in read.values] == [("Mean", 7.86, unit), ("Max", 26.65, unit)]
    assert "edited weight" in read.values[0].how


def test_units_as_the_standard_spells_them_now_are_read() -> None:
    about = document(SPACE, True)
    dataset = dcmread(BytesIO(written([region("SUVbw")], about)))
    for item in named(dataset, "126401"):
        item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue = "g/ml{SUVbw}"
    stream = BytesIO()
    dataset.save_as(stream)
    (read,) = read_findings(stream.getvalue(), about.ground_of).findings
    assert {each.unit for each in read.values} == {"SUVbw"}


def pet() -> DisplaySet:
    images = stack([3.0 * number for number in range(5)], Modality="PT", RescaleSlope=SLOPE, RescaleIntercept=0.0)
    return display_sets(images)[0]


def told(factors: tuple[float, ...] = (FACTOR,)) -> Voxels:
    display_set = pet()
    stored = np.arange(5 * 6 * 4, dtype=np.int16).reshape(5, 6, 4) * 100
    filled, rescale = np.ones(5, np.bool_), Rescale(SLOPE).times(factors[0])
    suv = Derivation(Suv.BW, factors, ())
    return Voxels(display_set, stored, filled, rescale, None, "SUVbw", factors=factors, suv=suv)


def test_a_reformat_keeps_the_stored_unit() -> None:
    kept = stored_as(told())
    assert kept.rescale.slope == pytest.approx(SLOPE, rel=1e-12)
    assert kept.scale == 1.0


def test_a_reformat_of_images_with_factors_of_their_own_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        stored_as(told((FACTOR, 1.1 * FACTOR, 1.2 * FACTOR, 1.3 * FACTOR, 1.4 * FACTOR)))
    assert refused.value.reason is Reason.NO_REFORMAT


def test_a_presentation_state_keeps_its_window_in_the_objects_values() -> None:
    voxels = told()
    window = Window(3.5, 7.0, "LINEAR_EXACT", "SUV 0-7")
    view = TileView(0, Tile(voxels.display_set.key, display=Display(window)), voxels.display_set, None, False, False)
    state = presentation_of(view, voxels, (256, 256))
    (_, (kept,)) = state.voi[0]
    assert isinstance(kept, Window)
    assert (kept.center, kept.width) == pytest.approx((3.5 / FACTOR, 7.0 / FACTOR), rel=1e-12)
    assert state.rescale == Rescale(SLOPE)
    shown = replace(view, tile=replace(view.tile, display=Display(presentation=state)))
    back = voi_in_force(shown, voxels)
    assert isinstance(back, Window)
    assert (back.center, back.width) == pytest.approx((3.5, 7.0), rel=1e-12)
