"""The walk through mammograms at full size: view after view, piece by piece, each pixel on the screen exactly once."""

from dataclasses import replace

from workstation.case.command import command
from workstation.case.state import Case, Tile
from workstation.imaging.placing import pieces
from workstation.imaging.view import Framing

Piece = tuple[int, int]


def walked_tiles(case: Case) -> tuple[int, ...]:
    """The mammograms of the stage in the order they are walked: those of the study, then those of its priors."""
    hung = [n for n, planned in enumerate(case.plan.stages[case.stage].tiles) if planned.chest_wall]
    shown = [n for n in hung if n < len(case.tiles) and case.tiles[n].display_set]
    return tuple(sorted(shown, key=lambda n: case.tiles[n].prior))


def pieces_of(case: Case, number: int) -> tuple[Piece, ...]:
    """The pieces a tile's image is walked in on the whole page: from the chest wall outwards, row by row."""
    if case.page_px is None:
        return ()
    plane = case.view(number).plane
    scale = 1.0 / min(plane.pixel_mm)
    rows, columns = pieces((plane.size_mm[0] * scale, plane.size_mm[1] * scale), case.page_px)
    return tuple((row, column) for row in range(rows) for column in range(columns))


def _nothing_to_walk(case: Case) -> str:
    if case.page_px is None:
        return "Nothing is on the screen yet."
    return "" if walked_tiles(case) else "No mammogram of this stage hangs by its chest wall."


@command("Next quadrant", "Q", group="Mammography", why_not=_nothing_to_walk)
def next_quadrant(case: Case) -> None:
    """Walk through the mammograms at full size, piece by piece and view by view; after the last all hang again."""
    _walk(case, 1)


@command("Previous quadrant", "Shift+Q", group="Mammography", why_not=_nothing_to_walk)
def previous_quadrant(case: Case) -> None:
    """Walk back by one piece."""
    _walk(case, -1)


def _walk(case: Case, step: int) -> None:
    numbers = walked_tiles(case)
    walk = [(number, piece) for number in numbers for piece in pieces_of(case, number)]
    shown = case.maximised
    place = (shown, case.tiles[shown].framing.placing.piece) if shown is not None else None
    at = next((n for n, each in enumerate(walk) if each == place), -1 if step > 0 else len(walk))
    for number in numbers:
        case.tiles[number] = _as_it_hung(case.tiles[number], case.as_hung(number))
    if not 0 <= at + step < len(walk):
        case.maximise(None)
        return
    number, piece = walk[at + step]
    tile = case.tiles[number]
    placing = replace(tile.framing.placing, piece=piece)
    case.tiles[number] = replace(
        tile, framing=Framing(one_to_one=True, mirrored=tile.framing.mirrored, placing=placing)
    )
    case.maximise(number)
    case.activate(number)


def _as_it_hung(tile: Tile, hung: Tile) -> Tile:
    """A tile that was walked in, framed as it was hung; its window stays the reader's."""
    return replace(tile, framing=hung.framing) if tile.framing.placing.piece is not None else tile
