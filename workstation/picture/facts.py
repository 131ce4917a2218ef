"""What a picture shows, in plain JSON values: for scripts, panels and tests."""

from collections.abc import Sequence
from typing import Any

from workstation.case.state import TileView
from workstation.imaging.greyscale import Window
from workstation.imaging.view import ScreenPlane
from workstation.imaging.volume import Voxels
from workstation.paint.lines import Line
from workstation.paint.tile import TileMarks
from workstation.picture.chain import is_inverted, presentation_in_force
from workstation.picture.text import through_slab


def picture_facts(
    view: TileView, voxels: Voxels, window: Window | None, screen: ScreenPlane, letters: dict[str, str]
) -> dict[str, Any]:
    assert view.display_set is not None  # noqa: S101  compose() has dealt with empty tiles
    ref = view.display_set.images[view.image]
    window, unit = through_slab(view, window, voxels.unit)
    stack = view.tile.orientation is None
    return {
        "series_instance_uid": view.display_set.series_instance_uid,
        "study_instance_uid": view.display_set.study_instance_uid,
        "sop_instance_uid": ref.instance.SOPInstanceUID if stack else None,
        "plane": None if stack else str(view.tile.orientation),
        "plane_position_lps": [
            round(each, 4) for each in screen.point((screen.width - 1) / 2, (screen.height - 1) / 2)
        ],
        "image": view.image + 1 if stack else None,
        "images": len(view.display_set.images),
        "window": window and {"center": window.center, "width": window.width, "unit": unit, "name": window.name},
        "palette": view.tile.display.palette,
        "subtracted": view.tile.display.subtracted,
        "mask_shift_px": view.tile.display.mask_shift_px,
        "overlays": view.tile.display.overlays,
        "interpolation": str(view.tile.display.interpolation),
        "inverted": is_inverted(view),
        "presentation": state.sop_instance_uid if (state := presentation_in_force(view)) else None,
        "letters": letters,
        "active": view.active,
        "px_per_mm": round(screen.px_per_mm, 6) if view.display_set.spacing_is_known else None,
        "turned": view.tile.framing.quarter_turns % 4 * 90,
        "mirrored": view.tile.framing.mirrored,
        "linked": _linked(view),
        "crosshair_lines": view.crossed,
        "instead_of": instead_of(view),
        "reformat": None if stack else _reformat(view),
        "crosshair_lps": [round(each, 4) for each in view.crosshair_lps] if view.crosshair_lps else None,
    }


def _reformat(view: TileView) -> dict[str, Any]:
    """The plane that is cut: its directions and middle (LPS, mm), how thick it is, and how values are worked out."""
    plane, slab = view.plane, view.tile.slab
    directions = {"right": plane.right, "down": plane.down, "normal": plane.normal, "center_lps": plane.center_lps}
    return {
        **{name: [round(each, 6) for each in value] for name, value in directions.items()},
        "turned": view.triad is not None,
        "slab_mm": slab.thickness_mm,
        "slab_mode": slab.mode.value if slab.is_thick else None,
        "interpolation": view.tile.display.interpolation.value,
        "coarse": view.coarse,
        "beside": {each.orientation.value: each.slab.thickness_mm for each in view.beside},
    }


def _linked(view: TileView) -> dict[str, Any] | None:
    """The group that a tile is linked in: its tiles, from 1, what they do together, and how far this one is ahead."""
    if not view.group or view.tile.link is None:
        return None
    return {
        "group": view.tile.link.group,
        "tiles": [number + 1 for number in view.group],
        "shares": list(view.shares),
        "ahead_mm": view.tile.link.ahead_mm,
    }


def instead_of(view: TileView) -> str | None:
    """The key of the set that was planned where another one is shown."""
    planned = view.tile.planned.display_set if view.tile.planned else None
    return planned if planned != view.tile.display_set else None


def mark_facts(marks: TileMarks, references: Sequence[Line]) -> dict[str, Any]:
    """What is written and drawn beside the image."""
    return {
        "reference_lines": [[round(at, 2) for at in (*line.start, *line.end)] for line in references],
        "text": {corner: list(lines) for corner, lines in marks.corners.items()},
        "message": marks.message,
        "scale_bar": {"px": round(marks.scale[0], 2), "length": marks.scale[1]} if marks.scale else None,
    }
