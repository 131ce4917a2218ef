"""The table of PET: totals, scores beside references, and the CSV as another program reads it."""

import csv
import io

import pytest

from workstation import __version__
from workstation.findings.finding import Value
from workstation.findings.hot_table import HotTable, Reference, Row, csv_text, reference_of, row_of_segment
from workstation.imaging.hot_reference import Region


def _row(number: int, most: float, ml: float, **other: object) -> Row:
    return Row(
        f"2.25.{number}", number, f"Lesion {number}", "Liver", most, most / 2, most * 0.9, ml, most / 2 * ml, **other
    )  # type: ignore[arg-type]


LIVER, BLOOD = Reference(Region.LIVER, 2.4, 0.2, 2.9), Reference(Region.BLOOD_POOL, 1.7, 0.2, 2.0)
TABLE = HotTable("PET AC", "SUVbw", (_row(1, 12.0, 4.0), _row(2, 3.0, 2.5)), (LIVER, BLOOD))


def test_totals_leave_out_what_was_taken_out() -> None:
    assert TABLE.mtv_ml == pytest.approx(6.5) and TABLE.tlg_g == pytest.approx(24.0 + 3.75)
    assert TABLE.max == 12.0 and TABLE.peak == pytest.approx(10.8)
    brain = _row(3, 20.0, 1200.0, proposed=True, out=True)
    looked_at = HotTable("PET AC", "SUVbw", (*TABLE.rows, _row(4, 9.0, 3.0, proposed=True), brain))
    assert [each.number for each in looked_at.counted] == [4] and looked_at.mtv_ml == 3.0
    assert HotTable("x", "SUVbw").max is None and HotTable("x", "SUVbw").tlg_g is None


def test_scores_go_by_the_references_there_are() -> None:
    assert [TABLE.deauville(each.max).score for each in TABLE.rows] == [5, 4]
    near = HotTable("PET AC", "SUVbw", (), (LIVER, BLOOD, Reference(Region.MEDIASTINUM, 1.5, 0.1, 1.8)))
    assert TABLE.deauville(1.9).score == 2 and near.deauville(1.9).score == 3, "its own region comes before the blood"
    assert HotTable("PET AC", "Bq/ml", (), (LIVER, BLOOD)).deauville(3.0).score is None


def test_maxima_of_lean_body_mass_are_called_sul_everywhere() -> None:
    table = HotTable("PET AC", "SUVlbm(Janma)", TABLE.rows, TABLE.references)
    text = csv_text(table)
    assert table.deauville(12.0).rule == "5: SULmax 12.00 is more than 2 × the liver's 2.90"
    assert "SULmax" in text and "SUVmax" not in text and "SUVpeak" not in text
    assert "SUVmax 12.00" in TABLE.deauville(12.0).rule


def test_rows_are_made_of_what_segments_measure() -> None:
    values = [
        Value("Max", 12.0, "SUVbw"),
        Value("Mean", 6.0, "SUVbw"),
        Value("SD", 1.0, "SUVbw"),
        Value("MTV", 4.0, "ml"),
    ]
    row = row_of_segment("2.25.9", 9, "Node", "Neck", values)
    assert (row.max, row.mean, row.peak, row.mtv_ml, row.tlg_g) == (12.0, 6.0, None, 4.0, None)
    assert reference_of(Region.LIVER, values) == Reference(Region.LIVER, 6.0, 1.0, 12.0)
    assert reference_of(Region.LIVER, values[:1]) is None


def test_the_csv_says_version_units_and_what_was_edited() -> None:
    spoiled = Row("", 3, "=cmd|' /C calc'!A0", "", 5.0, 4.0, None, 1.0, None, proposed=True, made="41 % of max")
    edited = ("SUV with edited weight",)
    table = HotTable("PET AC", "SUVbw", (*TABLE.rows, spoiled), TABLE.references, edited, study_date="20250304")
    lines = list(csv.reader(io.StringIO(csv_text(table))))
    assert lines[0] == ["Hounsfield", __version__] and ["unit", "SUVbw"] in lines
    assert ["caution", "SUV with edited weight"] in lines
    head = next(n for n, line in enumerate(lines) if line[:1] == ["number"])
    assert lines[head][3:8] == ["SUVmax [SUVbw]", "SUVmean [SUVbw]", "SUVpeak [SUVbw]", "MTV [ml]", "TLG [g]"]
    first = dict(zip(lines[head], lines[head + 1], strict=True))
    assert float(first["SUVmax [SUVbw]"]) == 12.0 and first["Deauville"] == "5" and first["state"] == "lesion"
    assert (first["study date"], first["series"], first["unit"]) == ("2025-03-04", "PET AC", "SUVbw")
    assert dict(zip(lines[head], lines[head + 3], strict=True))["outline"] == "41 % of max"
    assert lines[head + 3][1].startswith("'=") and lines[head + 3][5] == ""
    assert ["liver", "sphere of 3 cm", "2.4", "0.2", "2.9"] in lines
    assert "edited" not in csv_text(TABLE) and lines[head + 3][0] == "P3", "lesion 3 is another one"
    assert lines[head + 4][:2] == ["", "total of 1 (proposed, physiological uptake not taken out yet)"]


def test_a_reference_that_cannot_be_one_tissue_is_cautioned() -> None:
    half_outside = Reference(Region.LIVER, 1.59, 0.79, 3.1)
    assert "SD 0.79 of a mean of 1.59" in half_outside.uneven and "50%" in half_outside.uneven
    assert LIVER.uneven == BLOOD.uneven == ""
    table = HotTable("PET AC", "SUVbw", TABLE.rows, (half_outside, BLOOD))
    assert table.cautions == (half_outside.uneven,) and half_outside.uneven in csv_text(table)
