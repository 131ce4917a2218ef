"""Statistics of a region while it is drawn: only where they are worked out sooner than a picture is painted."""

from dataclasses import replace
from typing import Final

import numpy as np

from workstation.errors import Refused
from workstation.findings.finding import Finding
from workstation.findings.regions import as_values, measurable, region_statistics
from workstation.imaging.volume import Voxels

MOST_VOXELS: Final = 60_000
"""Of the block that a region lies in: a millisecond or two."""


def with_statistics(finding: Finding, voxels: Voxels | None) -> Finding:
    """The finding with its statistics, or as it is where they must wait for a job."""
    if voxels is None or finding.refused or not measurable(finding) or _block(finding, voxels) > MOST_VOXELS:
        return finding
    try:
        found = region_statistics(voxels, finding)
    except Refused:
        return finding  # the job that follows says why
    return finding if found is None else replace(finding, values=(*finding.values, *as_values(found, finding.kind)))


def _block(finding: Finding, voxels: Voxels) -> float:
    """How many voxels at most the box round a region holds."""
    size = np.ptp(np.asarray(finding.points), axis=0)
    if finding.in_patient:
        size = size / min(voxels.display_set.image_grid(0).spacing[:2])
    return float(np.prod(np.sort(size)[1:] + 1))
