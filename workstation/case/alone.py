"""What is zoomed in a tile that is alone, brought back beside the others: as much larger than its tile as before."""

from dataclasses import replace
from typing import TYPE_CHECKING

from workstation.imaging.view import Framing, screen_plane

if TYPE_CHECKING:
    from workstation.case.state import Case


def fitted(case: "Case") -> frozenset[int]:
    """The tiles whose images are fitted into them, or a multiple of that."""
    return frozenset(number for number, tile in enumerate(case.tiles) if _is_fitted(tile.framing))


def _is_fitted(framing: Framing) -> bool:
    return framing.px_per_mm is None and not framing.one_to_one


def beside_the_others(case: "Case", number: int, were_fitted: frozenset[int]) -> None:
    """Bring the scale that tiles got while `number` was alone to the size that it has among all of the grid.

    True size stays true, and so does what had a scale of its own before. Linked tiles keep one scale.
    """
    view = case.view(number)
    if case.page_px is None or view.display_set is None:
        return
    (width, height), (rows, columns) = case.page_px, case.grid_layout
    framing = Framing(quarter_turns=view.tile.framing.quarter_turns, area_mm=view.tile.framing.area_mm)
    alone = screen_plane(view.plane, framing, width, height).px_per_mm
    share = screen_plane(view.plane, framing, width // columns, height // rows).px_per_mm / alone
    true = 1 / case.screen_mm_per_px if case.screen_mm_per_px else None
    for each in were_fitted & set(range(len(case.tiles))):
        tile = case.tiles[each]
        scale = tile.framing.px_per_mm
        if scale is not None and scale != true:
            case.tiles[each] = replace(tile, framing=replace(tile.framing, px_per_mm=scale * share))
