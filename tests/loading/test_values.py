"""The unit of modality values, from where PS3.3 says that it stands."""

from typing import Any

import pytest

from tests.imaging.stacks import image
from workstation.loading.values import unit_of


@pytest.mark.parametrize(
    ("attributes", "unit"),
    [
        ({"Modality": "CT"}, "HU"),
        ({"Modality": "CT", "ImageType": ("ORIGINAL", "PRIMARY", "LOCALIZER")}, ""),
        ({"Modality": "MR", "RescaleType": "US"}, ""),
        ({"Modality": "MR", "RescaleType": "mm2/s"}, "mm2/s"),
        ({"Modality": "PT", "Units": "BQML", "RescaleType": "US"}, "Bq/ml"),
        ({"Modality": "PT", "Units": "PROPCNTS"}, ""),
        ({"Modality": "PT", "Units": "KBQ/L"}, "KBQ/L"),
    ],
)
def test_the_unit_is_where_the_object_states_it(attributes: dict[str, Any], unit: str) -> None:
    assert unit_of(image(1, None, **attributes)) == unit
