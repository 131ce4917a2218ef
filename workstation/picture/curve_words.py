"""What is written beside a curve: what it is, how it is shown, and what is measured at one place of it."""

from dataclasses import dataclass
from typing import Final

from workstation.imaging.geometry import letters, opposite, vec
from workstation.imaging.lumen import Narrowing
from workstation.picture.curve import CurvePicture, Followed

FEW_VOXELS: Final = 3.0
"""A vessel of fewer voxels across is measured roughly: half its width is what blurs into the wall."""


@dataclass(frozen=True)
class Said:
    """A line of words; `doubt` is one that says to be careful."""

    text: str
    doubt: bool = False


def head(picture: CurvePicture, title: str) -> str:
    """What the unrolled picture is, and what it is shown with."""
    way = "stretched" if picture.stretched else "straightened"
    parts = (title, way, f"turned {picture.degrees:.0f}°", picture.window, "linear")
    return "  ·  ".join(each for each in parts if each)


def ends(found: Followed) -> tuple[str, str]:
    """Where the line comes from at its beginning and leads to at its end, as the patient's sides."""
    line = found.line
    return letters(opposite(vec(line.along[0]))), letters(vec(line.along[-1]))


def up_and_down(picture: CurvePicture) -> tuple[str, str]:
    """Which sides of the patient lie above and below the line in the unrolled picture, at the place that is shown."""
    column = round(picture.unrolled.column(picture.arc_mm))
    down = vec(picture.unrolled.downs[min(column, picture.unrolled.columns - 1)])
    return letters(opposite(down)), letters(down)


def at_the_place(found: Followed, picture: CurvePicture, narrowing: Narrowing | None) -> tuple[Said, ...]:
    """What is measured at the place that is shown, and what there is to doubt in it."""
    lines = [Said(f"At {picture.arc_mm:.1f} of {found.line.length_mm:.1f} mm along the curve")]
    if picture.lacks:
        lines.append(Said(picture.lacks, doubt=True))
    if found.outside_mm >= 1.0:
        lines.append(Said(f"{found.outside_mm:.0f} mm of the curve have no image", doubt=True))
    if found.lumen is None:
        lines.append(Said(found.why_none, doubt=True))
    elif not picture.lacks:
        lines += _width(found, picture.arc_mm)
    if narrowing is not None:
        lines.append(Said(f"Narrowest ⌀ {narrowing.diameter_mm:.1f} mm at {narrowing.arc_mm:.0f} mm"))
        lines.append(Said(f"−{100 * narrowing.of_diameter:.0f} % of ⌀, −{100 * narrowing.of_area:.0f} % of area"))
        lines.append(Said(f"against ⌀ {narrowing.reference_mm:.1f} mm between the marks"))
    return tuple(lines)


def _width(found: Followed, arc_mm: float) -> list[Said]:
    assert found.lumen is not None  # noqa: S101  asked for before
    number = found.lumen.at(arc_mm)
    if not found.lumen.measured[number]:
        return [Said("No wall stands out here", doubt=True)]
    widths = (found.lumen.effective_mm, found.lumen.least_mm, found.lumen.most_mm)
    effective, least, most = (float(each[number]) for each in widths)
    lines = [
        Said(f"⌀ {effective:.1f} ± {found.coarse_mm / 2:.1f} mm  ({least:.1f} × {most:.1f})"),
        Said(f"Area {found.lumen.area_mm2[number]:.0f} mm²"),
    ]
    if found.lumen.doubtful[number]:
        lines.append(Said("Uneven outline: check it", doubt=True))
    if effective < FEW_VOXELS * found.coarse_mm:
        lines.append(Said("Under three voxels wide: rough", doubt=True))
    return lines
