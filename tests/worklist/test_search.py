"""Searching: all words, anywhere, whatever their case and accents; or in one field."""

import pytest

from tests.worklist.rows import listed, row
from workstation.cache.entries import ReadingStatus
from workstation.worklist.search import folded, query

(MULLER,) = listed(
    row(
        patient_name="Müller^Änne=山田",
        patient_id="AB-77",
        description="CT Schädel nativ",
        referring_physician="Osler^William",
        priority="STAT",
        part="HEAD",
        modalities=("CT", "SR"),
    ),
    s1=ReadingStatus.PARKED,
)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "müller", "MULLER", "muller anne", "Müller, Änne", "山田", "ab-77", "schadel ct", "2024-03", "20240315"),
        *(
            "osler",
            "head",
            "1960-02-29",
            "parked",
            "a1",
            "axial 1.0",
            "modality:sr",
            "modality:CT name:ann",
            "name:mull",
        ),
        *("date:2024-03", "date:202403", "status:parked", "urgency:stat", "part:head", "id:ab", "modality:", "sex:f"),
    ],
)
def test_it_is_found(typed: str) -> None:
    assert query(typed).of([MULLER]) == [MULLER]


@pytest.mark.parametrize(
    "typed",
    [
        *("muller bob", "mr", "modality:mr", "name:osler", "status:read", "name:uller", "id:77", "http://x"),
        *("date:2023", "1960-02-28", "müllerx"),
    ],
)
def test_it_is_not_found(typed: str) -> None:
    assert query(typed).of([MULLER]) == []


def test_folding_takes_accents_and_case() -> None:
    assert folded("Straße ÅÉ İ") == "strasse ae i"
