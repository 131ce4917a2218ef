"""Where the layers of a tile lie, and why one is not drawn: the gate between a layer and the screen (safety.md 13)."""

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from workstation.case.tile import LayerView, Tile
from workstation.imaging.alignment import moved
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid
from workstation.imaging.layers import Layer
from workstation.imaging.together import same_patient

if TYPE_CHECKING:
    from workstation.case.state import Case

OTHER_PATIENT: Final = "it is of another patient"
NO_VOLUME: Final = "its images make no volume"
NO_PLACE: Final = "this image has no place in the patient"
COLOUR: Final = "its images are in colour"
NOT_REGISTERED: Final = "the two are not registered with each other"


def layer_views(case: "Case", tile: Tile) -> tuple[LayerView, ...]:
    """The layers of a tile as they lie in its space; those of sets that have gone are left out."""
    own = case.sets.get(tile.display_set or "")
    if own is None:
        return ()
    return tuple(_view(case, own, each) for each in tile.layers if each.display_set in case.sets)


def _view(case: "Case", own: DisplaySet, layer: Layer) -> LayerView:
    other = case.sets[layer.display_set]
    why_not = why_not_over(own, other)
    if why_not or other.lattice is None:
        return LayerView(layer, other, None, why_not=why_not)
    laid = case.alignment.between(own.first.FrameOfReferenceUID, other.first.FrameOfReferenceUID)
    if laid is None:
        return LayerView(layer, other, None, why_not=NOT_REGISTERED)
    return LayerView(layer, other, _moved(other.lattice, laid.matrix.tobytes()), laid)


@lru_cache(maxsize=32)
def _moved(grid: Grid, matrix: bytes) -> Grid:
    """A grid in the frame it is shown in: one value as long as the matrix is, for it is asked for at every movement."""
    laid = np.frombuffer(matrix).reshape(4, 4)
    return grid if np.array_equal(laid, np.eye(4)) else moved(grid, laid)


def why_not_over(own: DisplaySet, other: DisplaySet) -> str:
    """Why a set cannot be a layer over another one, whatever registrations there are; "" when it can."""
    if not same_patient(own, other):
        return OTHER_PATIENT
    if own.lattice is None and own.centers_lps is None:
        return NO_PLACE
    if other.lattice is None:
        return NO_VOLUME
    return COLOUR if other.pixels.SamplesPerPixel > 1 else ""
