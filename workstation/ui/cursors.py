"""The pointer over the tiles: what the hand does, or what a press would do."""

from PySide6.QtCore import Qt

from workstation.ui import volume_hand
from workstation.ui.layer_hand import LAYER
from workstation.ui.planes_hand import LINE, SLAB, TURN

LAYER_CURSOR = Qt.CursorShape.SplitHCursor
"""Over the edge of a swipe, or a colour bar."""

CURSORS = {
    "crosshair": Qt.CursorShape.SizeAllCursor,
    "pan": Qt.CursorShape.ClosedHandCursor,
    "zoom": Qt.CursorShape.SizeVerCursor,
    "scroll": Qt.CursorShape.SplitVCursor,
    "swap": Qt.CursorShape.DragMoveCursor,
    TURN: Qt.CursorShape.ClosedHandCursor,
    SLAB: Qt.CursorShape.SplitHCursor,
    LINE: Qt.CursorShape.SizeAllCursor,
    LAYER: LAYER_CURSOR,
    volume_hand.SPIN: Qt.CursorShape.ClosedHandCursor,
    volume_hand.ROLL: Qt.CursorShape.ClosedHandCursor,
}
"""By what the hand does."""

MARK_CURSORS = {
    "": Qt.CursorShape.ArrowCursor,
    "handle": Qt.CursorShape.PointingHandCursor,
    "label": Qt.CursorShape.OpenHandCursor,
    "whole": Qt.CursorShape.OpenHandCursor,
}
"""Over which part of a mark the pointer is."""

PLANE_CURSORS = {
    TURN: Qt.CursorShape.OpenHandCursor,
    SLAB: Qt.CursorShape.SplitHCursor,
    LINE: Qt.CursorShape.SizeAllCursor,
}
"""Over which part of another plane's line."""
