"""Work on segments that PET's tools ask for: the isocontour of a clicked spot, references, what was proposed."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from workstation.case.drawing import Marks, tracking_uid
from workstation.case.hot import NAMES, REFERENCE, Proposed, from_value, made_by, reference
from workstation.case.painting import Painting, Tool, number
from workstation.case.segmenting import Answer, Work, fresh
from workstation.errors import Refused
from workstation.findings.segment import Algorithm, Segment, colour_of
from workstation.findings.segment_values import statistics
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Vec3
from workstation.imaging.growing import block, grid_of
from workstation.imaging.hot import hottest_near, spot_round
from workstation.imaging.hot_reference import Region, propose_blood_pool, propose_liver, region_mask
from workstation.imaging.masks import Mask
from workstation.imaging.volume import Voxels
from workstation.jobs import Job

REGIONS: Final = {
    Tool.LIVER: Region.LIVER,
    Tool.BLOOD_POOL: Region.BLOOD_POOL,
    Tool.MEDIASTINUM: Region.MEDIASTINUM,
}
RAN_OVER: Final = "The contour holds something hotter than the spot that was clicked: take a higher share, or a value."
BELOW: Final = "The hottest voxel near there is {} {}, below {}."


def spot_taken(marks: Marks, display_set: DisplaySet, voxels: Voxels, painting: Painting, point: Vec3) -> Work:
    """The spot at a point as a new segment, by a share of its maximum, or from a value on where that is set."""
    share, least = painting.share, painting.least

    def run(job: Job, mask: Mask) -> Answer:
        found = spot_round(voxels, point, share, least, job.progress)
        if not found.mask:
            _, most = hottest_near(voxels, point)
            return Answer(mask, said=BELOW.format(number(most), voxels.unit, number(least or most * share)))
        return Answer(found.mask, said=RAN_OVER if found.leaked else "")

    by = f"{100 * share:.0f} % of max" if least is None else from_value(least, voxels.unit, voxels.factors)
    return Work("Hot spot", fresh(marks, display_set), run, f"isocontour, {by}")


def reference_laid(
    marks: Marks, display_set: DisplaySet, region: Region, point: Vec3, asked: Segment | None = None
) -> Work:
    """A reference region round a point, in the place of the one before, or of one that was `asked` for and comes."""
    name, site = NAMES[region]
    known = reference(marks.segments, display_set, region) or asked
    if known is None:
        known = replace(fresh(marks, display_set), name=name, site=site, colour=REFERENCE, outline_only=True)
    return Work(name, known, lambda job, mask: Answer(region_mask(mask.grid, region, point)), made_by(region))


def kept(marks: Marks, proposed: Proposed) -> Iterable[Segment]:
    """The spots that stay, as segments of their own, the hottest first."""
    last = max((each.number for each in marks.segments), default=0)
    for count, spot in enumerate(proposed.kept, start=last + 1):
        yield Segment(
            tracking_uid(),
            count,
            spot.mask,
            proposed.study_instance_uid,
            proposed.series_instance_uid,
            proposed.frame_of_reference_uid,
            colour_of(count),
            algorithm=Algorithm.SEMIAUTOMATIC,
            algorithm_name=proposed.made_by[:64],
        )


def likely_places(voxels: Voxels, progress: Callable[[int, int], None]) -> tuple[Vec3, Vec3 | None]:
    """Where uptake looks like a liver and like the aorta; that may not be found. Raises what `propose_liver` does."""
    liver = propose_liver(voxels, progress)
    found = statistics(voxels, region_mask(grid_of(voxels), Region.LIVER, liver))
    try:
        return liver, propose_blood_pool(voxels, liver, found.mean if found is not None else 0.0, progress)
    except Refused:
        return liver, None


def hottest_of(voxels: Voxels, mask: Mask) -> Vec3:
    """Where the hottest stored voxel of a mask that holds one lies."""
    box, inside = mask.boxed()
    values = block(voxels, box)
    values = np.where(inside & ~np.isnan(values), values, -np.inf)
    at = np.unravel_index(int(values.argmax()), values.shape)
    k, j, i = (int(each) + edge.start for each, edge in zip(at, box, strict=True))
    return mask.grid.point((i, j, k))
