"""Lesions of an earlier PET beside those of now: their totals and the change, or why no change is told.

Numbers of two days are compared only where they are told in one unit, outlined in one way, and nothing speaks against
comparing the two examinations (`imaging.suv_compared`); else the earlier ones stand alone, with the reason.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from workstation.case.hot import how_made, is_hot, lesions, reference
from workstation.findings.hot_table import HotTable, day, row_of_segment
from workstation.findings.hot_values import told_as
from workstation.findings.segment import Segment
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.hot_reference import Region
from workstation.imaging.suv_compared import differences, examination, liver_differs

TO_COME: Final = "values are still to come; hang that series beside this one"
NOT_KEPT: Final = "what is proposed is not kept yet"
OTHERWISE: Final = "lesions were outlined otherwise ({} before, {} now)"


def earlier_set(sets: Iterable[DisplaySet], segments: Sequence[Segment], display_set: DisplaySet) -> DisplaySet | None:
    """The series with lesions of the latest earlier study; of several one corrected as this one is."""
    date = display_set.first.StudyDate
    found = [each for each in sets if is_hot(each) and each.first.StudyDate < date and lesions(segments, each)]
    alike = display_set.first.CorrectedImage
    found.sort(key=lambda each: (each.first.StudyDate, each.first.CorrectedImage == alike), reverse=True)
    return found[0] if found else None


def change_since(
    sets: Iterable[DisplaySet],
    segments: Sequence[Segment],
    display_set: DisplaySet,
    table: HotTable,
    waiting: Callable[[Segment], bool],
) -> tuple[str, ...]:
    """Sentences: what an earlier study's lesions are in sum, then the change to `table`, which is of `display_set`, or
    why none is told. Nothing where no earlier study has lesions, or values of now are still to come."""
    earlier = earlier_set(sets, segments, display_set)
    if earlier is None or table.computing or not table.counted:
        return ()
    found = lesions(segments, earlier)
    before = f"Before, {day(earlier.first.StudyDate)}"
    if any(waiting(each) for each in found):
        return (f"{before}: {TO_COME}.",)
    units = {value.unit for each in found for value in each.values if value.name == "Max"}
    rows = tuple(row_of_segment(s.tracking_uid, s.number, s.name, s.site, s.values) for s in found)
    then = HotTable(earlier.first.SeriesDescription, "".join(units) if len(units) == 1 else "", rows)
    count = f"{len(rows)} lesion{'s' if len(rows) > 1 else ''}"
    told = f"{before}: {', '.join((count, *(f'{name} {value:.3g}{unit}' for name, value, unit in _totals(then))))}."
    why = _not_compared(segments, (display_set, earlier), (table, then), found)
    return told, f"No change is told: {why}." if why else f"Change: {', '.join(_changes(then, table))}."


def _totals(table: HotTable) -> list[tuple[str, float, str]]:
    """Name, value and what stands behind it."""
    values = (
        (told_as("Max", table.unit), table.max, ""),
        (told_as("Peak", table.unit), table.peak, ""),
        ("MTV", table.mtv_ml, " ml"),
        ("TLG", table.tlg_g, " g"),
    )
    return [(name, value, unit) for name, value, unit in values if value is not None]


def _changes(then: HotTable, now: HotTable) -> list[str]:
    before = {name: value for name, value, _ in _totals(then)}
    shares = [(name, value / before[name] - 1) for name, value, _ in _totals(now) if before.get(name)]
    return [f"{name} {share:+.0%}".replace("-", "−") for name, share in shares]


def _not_compared(
    segments: Sequence[Segment],
    sets: tuple[DisplaySet, DisplaySet],
    tables: tuple[HotTable, HotTable],
    found: Iterable[Segment],
) -> str:
    """Why values of now are not set against those before; empty where nothing speaks against it."""
    (now, then), (table, before) = sets, tables
    if before.unit != table.unit:
        return f"those values are in {before.unit or 'several units'}, these in {table.unit}"
    against = [sentence for _, sentence in differences(examination(now), examination(then))]
    livers = _liver(segments, now), _liver(segments, then)
    if livers[0] is not None and livers[1] is not None and (liver := liver_differs(livers[0], livers[1])):
        against.append(liver[1])
    if against:
        return " ".join(against).removesuffix(".")
    if table.not_yet_kept:
        return NOT_KEPT
    made = {how_made(each.algorithm_name) for each in found}, {each.made for each in table.counted}
    if len(made[0] | made[1]) > 1:
        return OTHERWISE.format(*(" and ".join(sorted(each)) for each in made))
    return ""


def _liver(segments: Iterable[Segment], display_set: DisplaySet) -> float | None:
    """The mean SUL of its liver reference, where one was laid and counted by lean body mass."""
    laid = reference(segments, display_set, Region.LIVER)
    values = laid.values if laid is not None else ()
    return next((each.value for each in values if each.name == "Mean" and each.unit.startswith("SUVlbm")), None)
