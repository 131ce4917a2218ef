"""A finding that was gone to is brought into the tile where the image lies so that it would be beside it."""

import numpy as np

from workstation.case import view_tools
from workstation.case.drawing_tools import ground
from workstation.case.state import Case
from workstation.findings.finding import Finding
from workstation.findings.outline import outline
from workstation.ui.screen_tile import ScreenTile


def bring_into_sight(case: Case, tile: ScreenTile, finding: Finding) -> None:
    """Move the image, at its scale, so that the middle of the finding is in the middle of the tile; only where a part
    of it is out of sight.
    """
    screen, under = tile.screen(), ground(case.view(tile.number))
    if screen is None or under is None or under.frame_of_reference_uid != finding.frame_of_reference_uid:
        return
    points = outline(finding.kind, finding.points) if finding.encloses else finding.points
    seen = screen.pixels(np.asarray(under.spread(points)))[:, :2]
    low, high = seen.min(axis=0), seen.max(axis=0)
    size = np.array([screen.width, screen.height])
    if (low >= 0).all() and (high <= size).all():
        return
    right, down = (size / 2 - (low + high) / 2) / screen.px_per_mm
    view_tools.pan(case, tile.number, float(right), float(down))
