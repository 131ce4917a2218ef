"""The table of PET: lesions and reference regions with their values, totals, and all of it as CSV."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from workstation import __version__
from workstation.findings.finding import Value
from workstation.findings.hot_rules import Deauville, deauville
from workstation.findings.hot_values import is_suv, told_as
from workstation.imaging.hot import Spot
from workstation.imaging.hot_peak import BEST_HOW
from workstation.imaging.hot_reference import EVEN, SHAPES, Region

FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would be worked out by who opens the file."""

COMPUTING: Final = "computing …"
PROPOSED: Final = "proposed, physiological uptake not taken out yet"
OTHERWISE: Final = "lesion {}: outlined from a value of another measure, the threshold of now is not theirs"
UNEVEN: Final = "the {} reference is uneven, SD {:.2f} of a mean of {:.2f}: look whether it leaves its organ"


@dataclass(frozen=True)
class Row:
    """A lesion, or a spot that is proposed. Values are None until they are measured; `tlg_g` also where the unit has
    none. `uid` is the segment's, empty of a spot; `out`: the reader took the spot out."""

    uid: str
    number: int
    name: str
    site: str
    max: float | None
    mean: float | None
    peak: float | None
    mtv_ml: float | None
    tlg_g: float | None
    proposed: bool = False
    out: bool = False
    computing: bool = False
    """Its values are still to come in the unit of the table; those of another measure are never shown for them."""
    made: str = ""
    """How its outline came about: by which value, by which share of its maximum, or by hand."""

    @property
    def called(self) -> str:
        """Its number; of a spot with a letter before it, for a lesion may have the same."""
        return f"P{self.number}" if self.proposed else f"{self.number}"


@dataclass(frozen=True)
class Reference:
    """What a reference region measures, in the unit of the table."""

    region: Region
    mean: float
    sd: float
    max: float

    @property
    def uneven(self) -> str:
        """What is to be said of a region that cannot be all of one tissue; empty of an even one."""
        if self.sd <= EVEN * abs(self.mean):
            return ""
        told = UNEVEN.format(self.region.value, self.sd, self.mean)
        return f"{told} ({self.sd / abs(self.mean):.0%})" if self.mean else told


@dataclass(frozen=True)
class HotTable:
    """What the panel shows of one series. `edited` says which inputs of the SUV a person put in the object's place."""

    series: str
    unit: str
    rows: tuple[Row, ...] = ()
    references: tuple[Reference, ...] = ()
    edited: tuple[str, ...] = ()
    twice_ml: float = 0.0
    """What of the lesions lies in two of them: totals count it twice."""
    computing: bool = False
    """Values of lesions, spots or references are still to come: there are no totals and no scores meanwhile."""
    otherwise: tuple[int, ...] = ()
    """Numbers of the lesions whose outlines were drawn from a value of another measure."""
    study_date: str = ""
    """StudyDate (DA) of the series."""

    @property
    def not_yet_kept(self) -> str:
        """What must stand before totals and scores of spots that are proposed."""
        if not any(each.proposed for each in self.rows):
            return ""
        out = sum(each.out for each in self.rows)
        return f"proposed, {out} taken out" if out else PROPOSED

    @property
    def cautions(self) -> tuple[str, ...]:
        """What must stand beside the numbers: edited inputs, outlines of another measure, uneven references."""
        otherwise = (OTHERWISE.format(", ".join(map(str, self.otherwise))),) if self.otherwise else ()
        return (*self.edited, *otherwise, *(each.uneven for each in self.references if each.uneven))

    @property
    def counted(self) -> tuple[Row, ...]:
        """All but what was taken out; while spots are proposed those alone, for they may be the lesions again."""
        proposed = tuple(each for each in self.rows if each.proposed)
        return tuple(each for each in proposed or self.rows if not each.out)

    @property
    def mtv_ml(self) -> float:
        return sum(each.mtv_ml or 0.0 for each in self.counted)

    @property
    def tlg_g(self) -> float | None:
        found = [each.tlg_g for each in self.counted if each.tlg_g is not None]
        return sum(found) if found else None

    @property
    def max(self) -> float | None:
        return max((each.max for each in self.counted if each.max is not None), default=None)

    @property
    def peak(self) -> float | None:
        """The highest peak of all: PERCIST's hottest lesion."""
        return max((each.peak for each in self.counted if each.peak is not None), default=None)

    def reference(self, region: Region) -> Reference | None:
        return next((each for each in self.references if each.region is region), None)

    def deauville(self, lesion: float | None) -> Deauville:
        """By the mediastinum, or the blood pool where it has no region of its own, and the liver; SUV alone."""
        if not is_suv(self.unit):
            return Deauville(None, "needs SUV")
        if self.computing:
            return Deauville(None, COMPUTING)
        liver = self.reference(Region.LIVER)
        middle = self.reference(Region.MEDIASTINUM) or self.reference(Region.BLOOD_POOL)
        called = told_as("Max", self.unit)
        return deauville(lesion, middle.max if middle else None, liver.max if liver else None, called=called)


def row_of_segment(
    uid: str, number: int, name: str, site: str, values: Iterable[Value], computing: bool = False, made: str = ""
) -> Row:
    if computing:
        return Row(uid, number, name, site, None, None, None, None, None, computing=True, made=made)
    told = {each.name: each.value for each in values}
    most, mean, peak, mtv, tlg = (told.get(each) for each in ("Max", "Mean", "Peak", "MTV", "TLG"))
    return Row(uid, number, name, site, most, mean, peak, mtv, tlg, made=made)


def row_of_spot(number: int, spot: Spot, unit: str, out: bool, made: str = "") -> Row:
    peak = spot.peak.value if spot.peak is not None else None
    tlg = spot.mean * spot.volume_ml if is_suv(unit) and unit != "SUVbsa" else None
    name = f"Spot {number}"
    values = spot.max, spot.mean, peak, spot.volume_ml, tlg
    return Row("", number, name, "", *values, proposed=True, out=out, made=made)


def reference_of(region: Region, values: Iterable[Value]) -> Reference | None:
    """From what the segment of a reference measures; None until it is measured."""
    told = {each.name: each.value for each in values}
    if not {"Mean", "SD", "Max"} <= told.keys():
        return None
    return Reference(region, told["Mean"], told["SD"], told["Max"])


def csv_text(table: HotTable) -> str:
    """RFC 4180, with what it is made of in lines of their own before and after; it names no patient."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["Hounsfield", __version__])
    lines.writerow(["series", _plain(table.series)])
    date = _plain(day(table.study_date))
    lines.writerow(["study date", date])
    lines.writerow(["unit", table.unit])
    if table.cautions:
        lines.writerow(["caution", *map(_plain, table.cautions)])
    lines.writerow(["peak", BEST_HOW])
    named = [f"{told_as(each, table.unit)} [{table.unit}]" for each in ("Max", "Mean", "Peak")]
    measured = "number", "name", "site", *named, "MTV [ml]", "TLG [g]", "Deauville", "rule", "state"
    lines.writerow([*measured, "study date", "series", "unit", "outline"])
    source = date, _plain(table.series), table.unit
    for each in table.rows:
        score = table.deauville(each.max)
        state = "taken out" if each.out else "proposed" if each.proposed else "lesion"
        numbers = [_number(value) for value in (each.max, each.mean, each.peak, each.mtv_ml, each.tlg_g)]
        rest = [score.score or "", score.rule, state, *source, _plain(each.made)]
        lines.writerow([each.called, _plain(each.name), _plain(each.site), *numbers, *rest])
    totals = [_number(value) for value in (table.max, None, table.peak, table.mtv_ml, table.tlg_g)]
    said = f" ({table.not_yet_kept})" if table.not_yet_kept else ""
    lines.writerow(["", f"total of {len(table.counted)}{said}", "", *totals])
    if table.twice_ml > 0:
        lines.writerow(["caution", f"lesions overlap: totals count {table.twice_ml:.6g} ml twice"])
    lines.writerow([])
    lines.writerow(["reference", "region", f"mean [{table.unit}]", f"SD [{table.unit}]", f"max [{table.unit}]"])
    for reference in table.references:
        numbers = [_number(value) for value in (reference.mean, reference.sd, reference.max)]
        lines.writerow([reference.region.value, SHAPES[reference.region], *numbers])
    return out.getvalue()


def day(coded: str) -> str:
    """DA as yyyy-mm-dd; what is none as it is coded."""
    return f"{coded[:4]}-{coded[4:6]}-{coded[6:]}" if len(coded) == 8 and coded.isdigit() else coded


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _plain(words: str) -> str:
    """Words that no program takes for a formula."""
    return f"'{words}" if words.startswith(FORMULAS) else words
