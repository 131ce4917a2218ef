"""What a finding says in words: the lines beside its mark, and the one of a list."""

from dataclasses import replace
from textwrap import wrap
from typing import Final

from workstation.findings.finding import Finding, Kind, Value
from workstation.findings.layered import is_of_layer
from workstation.findings.regions import ALL_OUTSIDE, OUTSIDE, measurable
from workstation.findings.scale import SHAPE_GUESSED
from workstation.imaging.suv_values import SUV_UNITS

LARGE_MM2: Final = 100.0
"""Areas from here on are told in cm²."""

FEW, MANY = 10.0, 10_000.0
"""Values of voxels below the first are told with three digits, from the second on without decimals; HU with one."""

MOST_LETTERS: Final = 44
"""Of one line beside a mark; what is longer goes on in the next."""

MOST_LINES: Final = 8

CAUTIONS: Final = (ALL_OUTSIDE, OUTSIDE, SHAPE_GUESSED)
"""Of how a value came about, what is told beside the mark too."""

_SHORT: Final = {Kind.CARDIOTHORACIC: "CTR "}
"""Of numbers that have no unit to be known by."""

_PLANES: Final = {"To axial": "ax", "To coronal": "cor", "To sagittal": "sag"}

_HEADLINES: Final = {
    Kind.ELLIPSE: ("Area",),
    Kind.RECTANGLE: ("Area",),
    Kind.FREEHAND: ("Area",),
    Kind.CARDIOTHORACIC: ("Heart to chest",),
    Kind.STEP_OFF: ("Step-off", "Tilt"),
    Kind.LEG_AXIS: ("Deviation", "Knee from axis"),
    Kind.TRAJECTORY: ("Depth",),
    Kind.REMNANT: ("Remnant", "Share", "Per kg"),
}


def told(value: Value) -> str:
    """A value with its unit, as precise as a hand can point."""
    number, unit = value.value, value.unit
    if unit.startswith("mm²") and number >= LARGE_MM2:
        number, unit = number / 100, unit.replace("mm²", "cm²", 1)
        return f"{number:.2f} {unit}"
    if unit in SUV_UNITS:
        return f"{number:.2f} {unit}"
    if unit == "":
        return f"{number:.2f}" if number != int(number) else f"{number:.0f}"
    if unit in ("s", "cm²"):
        return f"{number:.3g} {unit}"
    if number == int(number) and unit not in ("mm", "°"):
        return f"{number:.0f} {unit}"
    if not unit.startswith(("mm", "px", "°", "HU")) and not FEW <= abs(number) < MANY:
        return f"{number:.3g} {unit}" if abs(number) < FEW else f"{number:.0f} {unit}"
    return f"{number:.1f}{unit}" if unit == "°" else f"{number:.1f} {unit}"


def summary(finding: Finding) -> str:
    """The one line of a list: its main values, or why there are none."""
    if finding.refused and not finding.values:
        return f"no value: {finding.refused}"
    if finding.kind is Kind.BIDIRECTIONAL and len(finding.values) == 2:
        long, short = finding.values
        return f"{told(long).removesuffix(f' {long.unit}')} × {told(short)}"
    if finding.kind is Kind.SURFACE and len(finding.values) == 2:
        straight, along = finding.values
        return f"{told(along)} along, {told(straight)} straight"
    if finding.kind is Kind.CALIBRATION and finding.values:
        return f"{finding.values[0].value:g} mm"
    names = _HEADLINES.get(finding.kind)
    own = [each for each in finding.values if not is_of_layer(each, "Value")]
    main = [each for each in own if names is None or each.name in names]
    words = "  ".join(told(each) for each in main[: 2 if names is None else len(names)])
    return f"{_SHORT.get(finding.kind, '')}{words}" if words else finding.text


def listed(finding: Finding) -> str:
    """What a list has room for: the main values, of a region its mean and SD, of a planned way its angles to the planes
    and how much of it lies in each structure.
    """
    if finding.kind is Kind.TRAJECTORY:
        return "  ".join(filter(None, (summary(finding), *_way_in_short(finding))))
    named = {each.name: each for each in finding.values}
    first = summary(finding)
    if finding.kind is Kind.PROBE or "Mean" not in named:
        return first
    mean, spread = named["Mean"], told(named["SD"]).removesuffix(f" {named['SD'].unit}")
    return f"{first}  mean {told(mean)}  SD {spread}"


def pixel_words(spacing_mm: tuple[float, float] | None) -> str:
    """How large the pixels are that a hand points at (row and column spacing), for whoever judges the digits."""
    if spacing_mm is None:
        return ""
    high, wide = (f"{each:.2g}" for each in spacing_mm)
    return f"A pixel is {wide} mm wide and {high} mm high." if high != wide else f"A pixel is {wide} mm wide."


def lines(finding: Finding) -> tuple[str, ...]:
    """What stands beside the mark, its number first."""
    if finding.kind is Kind.SPINE_LABEL and finding.name:
        return tuple(wrap(finding.name, MOST_LETTERS))[:MOST_LINES]
    head = f"{finding.number}"
    if finding.name:
        head = f"{head}  {finding.name}"
    first = summary(finding)
    found = [f"{head}  {first}" if first and not finding.name else head]
    if finding.name and first:
        found.append(first)
    if finding.text and first != finding.text:
        found += finding.text.splitlines()
    if finding.kind is Kind.TRAJECTORY:
        found += _way(finding)
    if measurable(finding) and finding.kind is not Kind.PROBE:
        found += _statistics(finding)
    if measurable(finding):
        found += _of_layers(finding)
    found += cautions(finding)
    broken = [part for line in found for part in (wrap(line, MOST_LETTERS) or [""])]
    return tuple(broken if len(broken) <= MOST_LINES else [*broken[: MOST_LINES - 1], "…"])


def _way(finding: Finding) -> list[str]:
    """Its angles in one line, then what it meets, each with where it begins and ends."""
    angles = [each for each in finding.values if each.unit == "°"]
    met = [each for each in finding.values if each.name.startswith("In ")]
    turned = ", ".join(f"{each.name.removeprefix('To ')} {told(each)}" for each in angles)
    return [*([f"to {turned}"] if turned else []), *(f"{each.name[3:]} {told(each)}, {each.how}" for each in met)]


def _way_in_short(finding: Finding) -> list[str]:
    """Its angles, "ax 30.0° cor 12.5° sag 40.1°", then each structure once with all of it, "Liver 12.5 mm"."""
    angles = [each for each in finding.values if each.unit == "°"]
    inside: dict[str, Value] = {}
    for each in finding.values:
        if each.name.startswith("In "):
            before = inside.get(each.name)
            inside[each.name] = replace(each, value=each.value + before.value) if before else each
    turned = " ".join(f"{_PLANES.get(each.name, each.name)} {told(each)}" for each in angles)
    return [turned, *(f"{name.removeprefix('In ')} {told(each)}" for name, each in inside.items())]


def cautions(finding: Finding) -> list[str]:
    """What must be known of its values before one of them is used."""
    return [each for each in CAUTIONS if any(each in value.how for value in finding.values)]


def _of_layers(finding: Finding) -> list[str]:
    """A line for each series that lay over the image: "PT mean 5.21 SUVbw  max 26.65"."""
    named = {each.name: each for each in finding.values}
    found = []
    for name, value in named.items():
        if name.endswith(" Value"):
            found.append(f"{name.removesuffix(' Value')} {told(value)}")
        elif name.endswith(" Mean") and (highest := named.get(f"{name.removesuffix(' Mean')} Max")) is not None:
            most = told(highest).removesuffix(f" {highest.unit}")
            found.append(f"{name.removesuffix(' Mean')} mean {told(value)}  max {most}")
    return found


def _statistics(finding: Finding) -> list[str]:
    named = {each.name: each for each in finding.values}
    if "Mean" not in named:
        return [f"no mean: {finding.refused}"] if finding.refused and finding.values else []
    mean, spread, low, high = (named[name] for name in ("Mean", "SD", "Min", "Max"))
    bare = [told(each).removesuffix(f" {each.unit}") for each in (spread, low, high)]
    return [f"mean {told(mean)}  SD {bare[0]}", f"min {bare[1]}  max {bare[2]}"]
