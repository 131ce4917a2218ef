"""What PET's tools found of a series, as a table, and what the rules make of it in sentences."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

from workstation.case.hot import how_made, lesions, outlined_otherwise, reference
from workstation.case.hot_before import earlier_set
from workstation.case.state import Case
from workstation.findings.hot_rules import percist_response, percist_threshold
from workstation.findings.hot_table import COMPUTING, HotTable, Row, reference_of, row_of_segment, row_of_spot
from workstation.findings.hot_values import is_suv
from workstation.findings.segment import Segment
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.hot import Spot, Spots
from workstation.imaging.hot_reference import Region
from workstation.imaging.suv_compared import differences, examination
from workstation.imaging.volume import Voxels

TWICE: Final = "Lesions overlap: the totals count {:.3g} ml twice."
NOT_SUL: Final = "PERCIST asks for SUL; these are {}."


def tabled(
    case: Case,
    display_set: DisplaySet,
    voxels: Voxels,
    waiting: Callable[[Segment], bool],
    last: Spots | None = None,
) -> HotTable:
    """Lesions by their numbers, then what is proposed; and the references that were laid: all in the measure that the
    voxels are told in. What is `waiting` to be counted in it, and spots of another measure, have no values in it; but
    a lesion with the voxels of one of the spots found `last` has the values of that."""
    marks, unit, found_lesions = case.marks, voxels.unit, lesions(case.marks.segments, display_set)
    spots = {id(each.mask): each for each in last.spots} if last is not None and last.are_of(voxels) else {}
    rows = [_row(each, unit, waiting(each), spots.get(id(each.mask))) for each in found_lesions]
    proposed, computing = marks.proposed, any(each.computing for each in rows)
    if proposed is not None and proposed.key == display_set.key:
        computing |= not proposed.found.are_of(voxels)
        told_now = enumerate(proposed.found.spots if proposed.found.are_of(voxels) else (), start=1)
        made = how_made(proposed.made_by)
        rows += [row_of_spot(number, each, unit, proposed.is_out(each), made) for number, each in told_now]
    found = [(region, reference(marks.segments, display_set, region)) for region in Region]
    computing |= any(each is not None and waiting(each) for _, each in found)
    told = [reference_of(region, each.values) for region, each in found if each is not None and not waiting(each)]
    otherwise = (each.number for each in found_lesions if outlined_otherwise(each, unit, voxels.factors))
    return HotTable(
        display_set.first.SeriesDescription,
        unit,
        tuple(rows),
        tuple(each for each in told if each is not None),
        voxels.caution,
        twice_ml(found_lesions),
        computing,
        tuple(otherwise),
        display_set.first.StudyDate,
    )


def _row(segment: Segment, unit: str, computing: bool, spot: Spot | None) -> Row:
    """Of a lesion; where its own values are still to come, those of the spot it was made of."""
    uid, number, name, site = segment.tracking_uid, segment.number, segment.name, segment.site
    made = how_made(segment.algorithm_name)
    if not computing or spot is None:
        return row_of_segment(uid, number, name, site, segment.values, computing, made)
    return replace(row_of_spot(number, spot, unit, False, made), uid=uid, name=name, site=site, proposed=False)


def twice_ml(segments: Sequence[Segment]) -> float:
    """What lies in two segments of one grid at once, ml: totals count it twice."""
    found = 0.0
    for one, other in combinations(segments, 2):
        a, b = one.mask.box, other.mask.box
        if a is None or b is None or any(x.start >= y.stop or y.start >= x.stop for x, y in zip(a, b, strict=True)):
            continue
        found += one.mask.intersect(other.mask).volume_ml
    return found


def rules(case: Case, display_set: DisplaySet, table: HotTable) -> list[str]:
    """The hottest lesion's score, what can be followed, and the change since an earlier study."""
    said = [f"{each[:1].upper()}{each[1:]}." for each in table.cautions]
    if table.twice_ml > 0:
        said.append(TWICE.format(table.twice_ml))
    if table.computing:
        return [*said, f"Deauville and PERCIST: {COMPUTING}"]
    if table.max is not None:
        first = f"{table.not_yet_kept[:1].upper()}{table.not_yet_kept[1:]}: " if table.not_yet_kept else ""
        said.append(f"{first}Deauville {table.deauville(table.max).rule}.")
    liver, pool = table.reference(Region.LIVER), table.reference(Region.BLOOD_POOL)
    for found, ill in ((liver, False), (pool, True)):
        if found is not None and is_suv(table.unit):
            when = "measurable, the liver being ill," if ill else "measurable"
            said.append(f"PERCIST: {when} from {percist_threshold(found.mean, found.sd, ill).rule}.")
    before = _before(case, display_set, table.unit)
    if before is not None and table.peak is not None:
        peaks, unit = (before, table.peak), "SUL" if table.unit.startswith("SUVlbm") else table.unit
        background = liver.mean if liver is not None else None
        kept = f" ({table.not_yet_kept})" if table.not_yet_kept else ""
        said.append(f"PERCIST{kept} {percist_response(*peaks, background=background, unit=unit).rule}.")
    if any(each.startswith("PERCIST") for each in said) and not table.unit.startswith("SUVlbm"):
        said.append(NOT_SUL.format(table.unit))
    return said


def _before(case: Case, display_set: DisplaySet, unit: str) -> float | None:
    """The highest peak of the lesions of the latest earlier study that has any, in this unit; None where the two
    examinations do not compare."""
    earlier = earlier_set(case.sets.values(), case.marks.segments, display_set)
    if earlier is None or differences(examination(display_set), examination(earlier)):
        return None
    values = (value for each in lesions(case.marks.segments, earlier) for value in each.values)
    return max((each.value for each in values if (each.name, each.unit) == ("Peak", unit)), default=None)
