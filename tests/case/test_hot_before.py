"""Lesions of an earlier PET beside those of now: totals and change, or the reason why no change is told."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tests.picture.test_compared import liver, pet
from workstation.case.hot_before import change_since
from workstation.findings.finding import Value
from workstation.findings.hot_table import HotTable, row_of_segment
from workstation.findings.segment import Segment
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.masks import Mask

FROM_4 = "all from 4 SUVbw (x 0.0003), at least 0.5 ml"


def dated(display_set: DisplaySet, date: str) -> DisplaySet:
    images = tuple(
        replace(each, instance=replace(each.instance, StudyDate=date, Units="BQML")) for each in display_set.images
    )
    return replace(display_set, images=images)


NOW, THEN = dated(pet("1.1", "090000"), "20250304"), dated(pet("1.2", "090000"), "20240220")


def lesion(display_set: DisplaySet, factor: float, unit: str = "SUVbw", made: str = FROM_4) -> Segment:
    """One of a maximum of 10, peak 8, 4 ml and 20 g, times a factor."""
    assert display_set.grid is not None
    mask = Mask.of(display_set.grid, np.ones(display_set.grid.size[::-1], np.bool_))
    values = (("Max", 10.0, unit), ("Mean", 5.0, unit), ("Peak", 8.0, unit), ("MTV", 4.0, "ml"), ("TLG", 20.0, "g"))
    study, series = display_set.study_instance_uid, display_set.series_instance_uid
    told = tuple(Value(name, value * factor, each) for name, value, each in values)
    return Segment(f"2.25.{study}9", 2, mask, study, series, "1.9", algorithm_name=made, values=told)


def told(
    *segments: Segment,
    now: float = 0.5,
    then: DisplaySet = THEN,
    waiting: Sequence[Segment] = (),
    proposed: bool = False,
) -> tuple[str, ...]:
    row = row_of_segment("2.25.7", 3, "", "", lesion(NOW, now).values, made=">= 4 SUVbw, at least 0.5 ml")
    table = HotTable("PET", "SUVbw", (replace(row, proposed=proposed),))
    return change_since((NOW, then), segments, NOW, table, lambda each: each in waiting)


def test_totals_of_before_stand_with_the_change() -> None:
    assert told(lesion(THEN, 1.0)) == (
        "Before, 2024-02-20: 1 lesion, SUVmax 10, SUVpeak 8, MTV 4 ml, TLG 20 g.",
        "Change: SUVmax −50%, SUVpeak −50%, MTV −50%, TLG −50%.",
    )
    assert told(lesion(THEN, 1.0), now=1.25)[1].startswith("Change: SUVmax +25%")
    assert told() == () and told(lesion(NOW, 1.0)) == (), "nothing was kept before"


def test_what_does_not_compare_is_told_alone_with_the_reason() -> None:
    before = lesion(THEN, 1.0)
    assert told(before, waiting=(before,))[0].startswith("Before, 2024-02-20: values are still to come")
    for segments, other, why in (
        ((lesion(THEN, 1.0, "SUVlbm(Janma)"),), {}, "those values are in SUVlbm(Janma), these in SUVbw"),
        (
            (lesion(THEN, 1.0, made="isocontour, 41 % of max"),),
            {},
            "outlined otherwise (41 % of max before, >= 4 SUVbw",
        ),
        ((lesion(THEN, 1.0, made=""),), {}, "by hand before"),
        ((before,), {"then": dated(pet("1.2", "083000"), "20240220")}, "Uptake times differ by 30 min"),
        ((before, liver(NOW, 2.0), liver(THEN, 3.0)), {}, "The liver's mean SUL is 2.00 now, 3.00 before"),
        ((before,), {"proposed": True}, "what is proposed is not kept yet"),
    ):
        first, second = told(*segments, **other)  # type: ignore[arg-type]
        assert first.startswith("Before, 2024-02-20: 1 lesion, SU"), why
        assert (
            second.startswith("No change is told: ")
            and why in second
            and "%" not in second.replace("41 %", "").replace("20 %", "")
        ), why
