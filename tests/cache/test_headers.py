"""Headers as the index keeps them come back as they were."""

import json

import pytest

from tests.cache.made import ct
from workstation.cache.entries import Headers
from workstation.cache.headers import instances, restored, shortened
from workstation.cache.index.lists import read_headers
from workstation.dicom import header


def header_of(data: bytes) -> str:
    return json.dumps(header.to_json(header.read_instance(data)))


@pytest.mark.parametrize(
    "data",
    [
        ct(1),
        ct(2),
        ct(3, PatientName=None, PatientID="other", SliceThickness=None, StudyID="new"),
        ct(4, PixelData=None, Rows=None, Columns=None),
    ],
)
@pytest.mark.parametrize("template", [header_of(ct(1)), "{}"])
def test_a_header_survives(data: bytes, template: str) -> None:
    values = json.loads(template)
    assert restored(shortened(header_of(data), values), values) == json.loads(header_of(data))


def test_a_neighbour_in_its_series_is_short() -> None:
    text = header_of(ct(2))
    assert len(shortened(text, json.loads(header_of(ct(1))))) < len(text) / 2


@pytest.mark.parametrize(
    "whole", [header_of(ct(1)), header_of(ct(4, PixelData=None, Rows=None, Columns=None, SliceThickness=7.5)), "{}"]
)
def test_an_instance_comes_back_by_what_differs_from_its_series(whole: str) -> None:
    """As the header in full gives it: values of its own, values that only the first has, other frames, none at all."""
    data = [
        *(ct(1), ct(2), ct(3, PatientName=None, PatientID="other", SliceThickness=None, StudyID="new")),
        ct(4, PixelData=None, Rows=None, Columns=None),
        ct(5, ImageType=["DERIVED", "SECONDARY"], WindowCenter=["40", "-600"], WindowWidth=["400", "1500"]),
    ]
    rows = [(7, shortened(header_of(each), json.loads(whole))) for each in data]
    found = list(instances({7: whole}, rows))
    assert found == [header.read_instance(each) for each in data]
    assert len({each.frames[0].ImageOrientationPatient for each in found}) == 1


def test_what_was_read_before_is_the_very_same_unless_its_series_begins_otherwise() -> None:
    """A study that still comes is read again and again; each time only what is new costs anything."""
    whole, other = header_of(ct(1)), header_of(ct(1, SliceThickness=7.5))
    texts = [shortened(header_of(ct(number)), json.loads(whole)) for number in (1, 2, 3)]
    rows = tuple((7, text, f"digest {number}") for number, text in enumerate(texts))
    few = Headers(((7, whole),), rows[:1] + rows[2:])
    before = read_headers(few)
    grown = Headers(((7, whole),), rows)
    found = read_headers(grown, (few, before))
    assert found == read_headers(grown)
    assert found[0] is before[0] and found[2] is before[1]
    changed = Headers(((7, other),), rows)
    assert read_headers(changed, (grown, found)) == read_headers(changed) != found
