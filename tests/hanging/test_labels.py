"""The labels' own form: what they name exists, and they cover what they are for."""

import pydicom.datadict
import pytest

from tests.hanging.labelled import LabelledStudy, labelled_studies

OURS = {"name", "vendor", "language", "why", "series", "priors", "protocol", "tiles", "never"}
OURS_OF_SERIES = {"name", "images", "frames", "plane", "threeplane", "repeat"}
PLANES = {"axial", "coronal", "sagittal", "mip", "image"}
WINDOWS = {"own", "mediastinum", "lung", "bone", "abdomen", "liver", "brain", "angiography"}
IDS = [each.name for each in labelled_studies()]


@pytest.fixture(params=labelled_studies(), ids=IDS)
def study(request: pytest.FixtureRequest) -> LabelledStudy:
    return request.param


def test_tiles_and_never_name_series_of_the_study(study: LabelledStudy) -> None:
    names = [name for name, _ in study.series()]
    assert len(set(names)) == len(names)
    shown = {tile.series for tile in study.tiles if tile.series}
    assert shown <= set(names)
    assert set(study.never) <= set(names)
    assert not shown & set(study.never)


def test_planes_and_windows_are_known(study: LabelledStudy) -> None:
    shown = [tile for tile in study.tiles if tile.series]
    assert shown
    assert {tile.plane for tile in shown} <= PLANES
    assert {tile.window for tile in shown} <= WINDOWS


def test_attributes_are_of_the_standard(study: LabelledStudy) -> None:
    named = set(study.values) - OURS
    named |= {key for _, series in study.series() for key in series if key not in OURS_OF_SERIES}
    named |= {key for prior in study.priors for key in prior if key not in ("name", "series")}
    assert [each for each in named if pydicom.datadict.tag_for_keyword(each) is None] == []


def test_a_localizer_is_hung_only_where_nothing_else_came(study: LabelledStudy) -> None:
    localizers = {name for name, series in study.series() if "LOCALIZER" in series.get("ImageType", "")}
    shown = {tile.series for tile in study.tiles}
    assert not shown & localizers or {name for name, _ in study.series()} == localizers


def test_the_set_is_broad() -> None:
    studies = labelled_studies()
    assert len(studies) >= 60
    assert len(set(IDS)) == len(IDS)
    vendors = {study.values["vendor"].split(" ")[0].upper().strip(",") for study in studies}
    assert len(vendors) >= 6
    assert len({study.values["language"] for study in studies} - {"none"}) >= 4
    assert {len(study.priors) for study in studies} >= {0, 1, 40}
