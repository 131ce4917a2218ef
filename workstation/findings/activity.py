"""How the values of a region go over the frames of a dynamic or gated series: its time-activity curve.

Each frame counts the stored voxels inside the region by the rule of the region, never resampled ones and no padding
(safety.md 7, 9). The value of a frame is its mean, which stands in the middle of the frame.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from workstation import __version__
from workstation.errors import Refused
from workstation.findings.finding import Finding, Source
from workstation.findings.regions import region_statistics as inside_finding
from workstation.findings.regions import region_voxels
from workstation.findings.roi import region_statistics as inside_segment
from workstation.findings.segment import Segment
from workstation.findings.statistics import Statistics, summary
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.images import ImageRef
from workstation.imaging.time_axis import TimeAxis, TimeFrame, time_axis
from workstation.imaging.volume import Voxels

Progress = Callable[[int, int], None]

DECAY: Final = {
    "START": "corrected for decay to the start of the series",
    "ADMIN": "corrected for decay to the administration",
    "NONE": "not corrected for decay",
}


@dataclass(frozen=True)
class Point:
    """What a region holds in one frame."""

    frame: TimeFrame
    told: Statistics


@dataclass(frozen=True)
class Activity:
    """The curve of one region. `axis` are all frames of the series, of which those that hold it whole have points."""

    name: str
    points: tuple[Point, ...]
    axis: TimeAxis
    unit: str
    decay: str
    """What the objects say of decay; empty where it means nothing."""

    @property
    def means(self) -> tuple[float, ...]:
        return tuple(each.told.mean for each in self.points)


def frames_of(sets: Iterable[DisplaySet], one: DisplaySet) -> tuple[DisplaySet, ...]:
    """The sets that show the places of one again, over time or a beat, in their order; itself where it is alone."""
    group = one.group
    if group is None:
        return (one,)
    same = [each for each in sets if each.group is not None and each.group.key == group.key]
    return tuple(sorted(same, key=lambda each: each.group.index if each.group else 0))


def is_dynamic(frames: Sequence[DisplaySet]) -> bool:
    """Whether sets that show the same places are frames of time or of a beat: not echoes, b-values or directions; or
    one set whose images show one place over time."""
    if len(frames) < 2:
        return bool(frames) and frames[0].grid is None and bool(frames[0].times_ms)
    axis = frames[0].group.axis if frames[0].group is not None else ""
    return not any(each in axis for each in ("Echo", "Inversion", "Diffusion"))


def activity(
    frames: Sequence[Voxels], region: Finding | Segment, name: str, progress: Progress = lambda done, total: None
) -> Activity | None:
    """The curve of a region over loaded frames; None where fewer than two of them hold it whole."""
    points, image = [], _image_of(frames[0].display_set, region)
    axis = time_axis([_same_place(each.display_set, image) for each in frames])
    for number, (voxels, frame) in enumerate(zip(frames, axis.frames, strict=True)):
        progress(number, len(frames))
        told = _inside(voxels, region)
        if told is not None:
            points.append(Point(frame, told))
    if len(points) < 2:
        return None
    pet = frames[0].display_set.first.pet
    decay = DECAY.get(pet.DecayCorrection.strip().upper(), "") if pet is not None else ""
    return Activity(name, tuple(points), axis, frames[0].unit, decay)


def activity_of_images(
    voxels: Voxels, finding: Finding, name: str, progress: Progress = lambda done, total: None
) -> Activity | None:
    """The curve of a drawn region over the images of one set that shows one place again and again: a planar dynamic
    study, a film. None where fewer than two images hold it whole."""
    display_set, points = voxels.display_set, []
    axis = time_axis(display_set.images)
    parts = region_voxels(display_set, finding) if finding.in_patient else None
    for image, frame in enumerate(axis.frames):
        progress(image, len(axis.frames))
        ref = display_set.images[image]
        source = Source(ref.instance.SOPInstanceUID, ref.frame)
        here = region_voxels(display_set, replace(finding, sources=(source,))) if parts is None else parts
        found = [
            voxels.values(image, (part.rows, part.columns))[part.chosen]
            for part in here
            if part.image == image and voxels.filled[image]
        ]
        values = np.concatenate(found) if found else np.empty(0)
        values = values[~np.isnan(values)]
        if values.size:
            points.append(Point(frame, summary(values, 0.0, voxels.unit, ())))
    pet = display_set.first.pet
    decay = DECAY.get(pet.DecayCorrection.strip().upper(), "") if pet is not None else ""
    return Activity(name, tuple(points), axis, voxels.unit, decay) if len(points) > 1 else None


def _inside(voxels: Voxels, region: Finding | Segment) -> Statistics | None:
    try:
        return inside_segment(voxels, region) if isinstance(region, Segment) else inside_finding(voxels, region)
    except Refused:
        return None


def _image_of(display_set: DisplaySet, region: Finding | Segment) -> ImageRef:
    """The image in the middle of a region: frames of PET may begin at another time in each bed position."""
    if display_set.grid is None:
        return display_set.images[0]
    if isinstance(region, Segment):
        box = region.mask.box
        middle = [(each.start + each.stop - 1) / 2 for each in box] if box is not None else [0.0, 0.0, 0.0]
        point = region.mask.grid.point((middle[2], middle[1], middle[0]))
    else:
        point = region.points[0]
    k = round(display_set.grid.index(point)[2])
    return display_set.images[min(max(k, 0), len(display_set.images) - 1)]


def _same_place(display_set: DisplaySet, image: ImageRef) -> ImageRef:
    """The image of a frame that lies where another one does."""
    return next((each for each in display_set.images if each.position_lps == image.position_lps), display_set.images[0])


def csv_of(curves: Sequence[Activity]) -> str:
    """All curves as CSV (RFC 4180): a line for each region and frame; it names no patient."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["Hounsfield", __version__])
    for each in curves[:1]:
        lines.writerow(["frames by", each.axis.rule])
        if each.decay:
            lines.writerow(["values", each.decay])
        unit, along = each.unit, each.axis.along.value
        head = ["region", f"start [{along}]", f"length [{along}]", f"middle [{along}]"]
        named = [f"{word} [{unit}]" for word in ("mean", "SD", "min", "max")]
        lines.writerow([*head, *named, "voxels"])
    for each in curves:
        for point in each.points:
            frame, told = point.frame, point.told
            length = "" if frame.length is None else f"{frame.length:.6g}"
            numbers = [f"{value:.6g}" for value in (told.mean, told.sd, told.min, told.max)]
            lines.writerow(
                [
                    each.name.lstrip("=+-@\t\r"),
                    f"{frame.start:.6g}",
                    length,
                    f"{frame.middle:.6g}",
                    *numbers,
                    told.count,
                ]
            )
    return out.getvalue()
