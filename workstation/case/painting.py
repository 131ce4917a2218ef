"""The tools that make and change segments, and how they are set: values of the session, not of a study."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workstation.imaging.fence import Fence

SMALLEST_MM, LARGEST_MM = 0.5, 100.0
STEP: Final = 1.15
"""What a notch of the wheel, or a key, multiplies a size or a tolerance by."""


class Tool(StrEnum):
    """What a press of the left button does to the segment in hand."""

    BRUSH = "brush"
    WIPER = "brush-eraser"
    RANGE = "threshold"
    RANGE_IN_SPHERE = "threshold-in-a-sphere"
    GROW = "region-growing"
    ISOCONTOUR = "isocontour"
    CUT_INSIDE = "scissors-inside"
    CUT_OUTSIDE = "scissors-outside"
    FENCE_BOX = "limit-to-a-box"
    FENCE_OUTLINE = "limit-to-an-outline"
    SPOT = "hot-spot"
    SIDE = "take-out-or-bring-back"
    LIVER = "liver-reference"
    BLOOD_POOL = "blood-pool-reference"
    MEDIASTINUM = "mediastinum-reference"


BRUSHES: Final = frozenset((Tool.BRUSH, Tool.WIPER))
SPHERES: Final = frozenset((Tool.RANGE_IN_SPHERE, Tool.ISOCONTOUR))
SCISSORS: Final = frozenset((Tool.CUT_INSIDE, Tool.CUT_OUTSIDE))
FENCES: Final = frozenset((Tool.FENCE_BOX, Tool.FENCE_OUTLINE))
CLICKS: Final = frozenset((Tool.SPOT, Tool.SIDE, Tool.LIVER, Tool.BLOOD_POOL, Tool.MEDIASTINUM))
"""Of PET: one click each, and no drag."""

BY_VALUES: Final = SPHERES | {Tool.RANGE, Tool.GROW}
"""These take voxels by what is stored in them, not by a mask alone."""

TOOLS: Final = frozenset(each.value for each in Tool)

SHARES: Final = (0.40, 0.41, 0.50)
"""Of the largest value, as isocontours of PET are drawn; the key of the tool goes through them."""


@dataclass(frozen=True)
class Painting:
    """How the tools are set.

    `solid` brushes are balls and scissors cut through all; else both stay in the plane. `low` and `high` (unit of the
    image) are the range of the threshold, and what a brush is `held` to. `tolerance` is how far values may be from the
    seed's; a region never leaves `limit_mm` round its seed. `share` of the largest value is an isocontour's, `least`
    takes its place where it is not None. All tools but scissors stay within the `fence`, where there is one in their
    space; a new one goes through all slices where `through` says so, and `back_to` is the tool that it was drawn for.
    """

    radius_mm: float = 5.0
    solid: bool = False
    low: float = 100.0
    high: float = 300.0
    held: bool = False
    tolerance: float = 40.0
    corners: bool = False
    limit_mm: float = 60.0
    share: float = 0.41
    least: float | None = None
    fence: Fence | None = None
    through: bool = True
    back_to: str = ""


def sized(radius_mm: float, notches: float) -> float:
    """A radius larger by so many notches, within what a hand can use."""
    return float(min(max(radius_mm * STEP**notches, SMALLEST_MM), LARGEST_MM))


def number(value: float) -> str:
    """A value as precise as it needs to be: whole from a hundred on, with a real minus."""
    text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return text.replace("-", "−")


def words(tool: Tool, painting: Painting, unit: str) -> str:
    """What the tool in hand does now, in one line."""
    size = f"{2 * painting.radius_mm:.1f} mm {'ball' if painting.solid else 'disc'}"
    held = f", only {_range(painting, unit)}" if painting.held else ""
    neighbours = "faces and corners" if painting.corners else "faces"
    share = (
        f"from {number(painting.least)} {unit}"
        if painting.least is not None
        else f"{100 * painting.share:.0f} % of the max"
    )
    depth = "through all slices" if painting.solid else "in this slice"
    reach = "through all slices" if painting.through else "in this slice"
    return {
        Tool.BRUSH: f"Brush, {size}{held}",
        Tool.WIPER: f"Brush eraser, {size}{held}",
        Tool.RANGE: f"Threshold {_range(painting, unit)}: drag changes it, a click takes it",
        Tool.RANGE_IN_SPHERE: f"Threshold {_range(painting, unit)} in a sphere: drag from its middle",
        Tool.GROW: f"Region growing ± {number(painting.tolerance)} {unit} by {neighbours}: click, or press and drag",
        Tool.ISOCONTOUR: f"Isocontour, {share}: drag from the middle of a sphere",
        Tool.CUT_INSIDE: f"Scissors, inside goes, {depth}",
        Tool.CUT_OUTSIDE: f"Scissors, outside goes, {depth}",
        Tool.FENCE_BOX: f"Limit to a box {reach}: drag over it; a click takes it away",
        Tool.FENCE_OUTLINE: f"Limit to an outline {reach}: draw it; a click takes it away",
        Tool.SPOT: f"Hot spot, {share}: click on it",
        Tool.SIDE: "Take out or bring back: click on a spot",
        Tool.LIVER: "Liver reference, 3 cm: click into its right lobe",
        Tool.BLOOD_POOL: "Blood pool, 1 × 2 cm: click into the aorta",
        Tool.MEDIASTINUM: "Mediastinum, 2 cm: click into it",
    }[tool] + ("" if painting.fence is None or tool in SCISSORS | FENCES | CLICKS else ", inside the limit")


def _range(painting: Painting, unit: str) -> str:
    return range_words(painting.low, painting.high, unit)


def range_words(low: float, high: float, unit: str) -> str:
    """A range of values as it is told: 42 to 118 HU. Hounsfield units are whole: those within the range are said."""
    if unit == "HU":
        low, high = math.ceil(low), math.floor(high)
    return f"{number(low)} to {number(high)} {unit}".rstrip()
