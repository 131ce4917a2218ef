"""What stands on a tile that has no picture: whose image belongs there (safety.md 1), and why it is not there."""

from typing import Final

from workstation.case.state import TileView
from workstation.paint.tile import TileMarks
from workstation.picture.text import PRIOR, corners

LARGER_FOR_AN_AUDIENCE: Final = 1.6


def larger(view: TileView) -> float:
    """Size of all type beside the usual."""
    return LARGER_FOR_AN_AUDIENCE if view.audience else 1.0


def standing_marks(view: TileView, message: str) -> TileMarks:
    """The corners of a tile without an image, as those of its pictures, and a sentence in its middle."""
    return TileMarks(
        corners=corners(view, None, "", None) if view.display_set else {},
        message=message,
        active=view.active,
        prior=PRIOR if view.tile.prior else "",
        guarded=view.patients > 1,
        larger=larger(view),
    )
