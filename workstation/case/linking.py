"""Tiles that are linked by hand or by plan: who follows when one is scrolled, windowed, zoomed or moved.

Stacks and planes that look the same way follow by position in the patient, the others by the number of the image.
Where they share a frame of reference, or are registered with each other, they stand at one position until the reader
sets an offset; where they do not, they keep the offset they had when linking began. Nothing is ever linked across
patients: `Case.group` sees to that.
"""

from collections.abc import Sequence
from dataclasses import replace

from workstation.case.state import Case, Link, Share, Tile, TileView
from workstation.imaging.alignment import Laid, Standing
from workstation.imaging.carried import carried_plane
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Vec3, vec
from workstation.imaging.together import (
    along,
    canonical,
    laid_on,
    look_alike,
    nearest,
    positions_mm,
    share_lengths,
    share_unit,
)
from workstation.imaging.view import Plane

BY_HAND = "by hand"


def link(case: Case, number: int, group: str | None) -> None:
    """Put a tile into a group of linked tiles, or into none."""
    case.tiles[number] = replace(case.tiles[number], link=Link(group) if group else None)


def link_here(case: Case, number: int) -> None:
    """Keep the group of a tile as far apart as it is now."""
    for each in case.group(number):
        link(case, each, getattr(case.tiles[each].link, "group", None))
    _anchor(case, number, keep_apart=True)
    case.emit_changed(case.group(number))


def anchor(case: Case, number: int) -> None:
    """Before a tile is scrolled: settle how far apart its group stays, where that is open yet."""
    if Share.SCROLL in case.shared(number):
        _anchor(case, number, keep_apart=False)


def _anchor(case: Case, number: int, keep_apart: bool) -> None:
    known = _known(case, number)
    if not known:  # the group begins anew, with this tile at zero
        group = _link_of(case, number).group
        case.apart = {key: each for key, each in case.apart.items() if key[0] != group}
    own = case.space_of(case.tiles[number])
    beside = sorted(case.group(number), key=lambda each: case.space_of(case.tiles[each]) != own)
    for each in (number, *beside):
        if each in known:
            continue
        view = case.view(each)
        like = _most_alike(case, view, [case.view(other) for other in known])
        case.tiles[each] = replace(case.tiles[each], link=_anchored(view, like, keep_apart))
        known.append(each)


def _known(case: Case, number: int) -> list[int]:
    """Of the group of a tile those of which it is settled how far apart they stay."""
    return [each for each in case.group(number) if _link_of(case, each).ahead_mm is not None]


def _most_alike(case: Case, view: TileView, others: Sequence[TileView]) -> TileView | None:
    """Of what a tile can be compared with: what has one crosshair with it, else what hangs for the same window."""
    return min(
        (other for other in others if _comparable(view, other)),
        key=lambda other: (
            case.space_of(other.tile) != case.space_of(view.tile),
            _hung_for(other.tile) != _hung_for(view.tile),
        ),
        default=None,
    )


def _anchored(view: TileView, like: TileView | None, keep_apart: bool) -> Link:
    """The link of a tile whose offset is open, beside one that it is compared with."""
    group = view.tile.link.group if view.tile.link else ""
    if like is None or like.tile.link is None or view.display_set is None or like.display_set is None:
        return Link(group, 0.0, 0)
    ahead_mm, ahead_images = like.tile.link.ahead_mm or 0.0, like.tile.link.ahead_images
    ahead_images += view.tile.image - like.tile.image
    if not _by_position(view, like):
        return Link(group, ahead_mm, ahead_images)
    laid, direction = _laid(view, like), canonical(like.plane.normal)
    registered = laid is not None and laid.standing is not Standing.SAME
    beside_mm = like.tile.link.beside_mm
    here = view.plane if keep_apart or laid is None else _seen_from(view, like)
    if keep_apart or laid is None or registered:
        ahead_mm += along(direction, here.center_lps) - along(direction, like.plane.center_lps)
    if keep_apart and registered:
        seen = _seen_from(view, like)
        beside_mm += along(direction, view.plane.center_lps) - along(direction, seen.center_lps)
    return Link(group, ahead_mm, ahead_images, beside_mm)


def follow(case: Case, number: int) -> None:
    """After a tile was scrolled: bring those linked with it to its place."""
    if Share.SCROLL not in case.shared(number):
        return
    lead = case.view(number)
    moved: set[tuple[str | None, int]] = set()
    for each in _followers(case, lead):
        _follow_once(case, lead, case.view(each), moved)


def follow_point(case: Case, before: TileView) -> None:
    """After the crosshair was put elsewhere in a tile: take linked tiles of other spaces along, by as many mm.

    `before` is the tile as it was. Along each direction in which two planes are compared the other space keeps the
    distance that scrolling keeps, so that neither clamping nor different middles ever shift it.
    """
    if Share.SCROLL not in case.shared(before.number):
        return
    lead, followers = case.view(before.number), _followers(case, before)
    _take_along(case, before, lead, followers)
    own = case.space_of(lead.tile)
    planes = [each for each in followers if case.tiles[each].orientation and case.space_of(case.tiles[each]) == own]
    moved: set[tuple[str | None, int]] = set()
    for each in followers:
        view = case.view(each)
        leads = (lead, *(case.view(other) for other in planes if other != each))
        _follow_once(case, next((other for other in leads if _by_position(view, other)), lead), view, moved)


def _take_along(case: Case, before: TileView, lead: TileView, followers: Sequence[int]) -> None:
    """Move the crosshairs of other spaces as the lead's has moved; the tile most like it moves its space's."""
    spaces = {case.space_of(lead.tile)}
    if before.crosshair_lps is None or lead.crosshair_lps is None or not case.crosshair_is_shown():
        return
    moved = [now - then for now, then in zip(lead.crosshair_lps, before.crosshair_lps, strict=True)]
    for view in map(case.view, followers):
        space = case.space_of(view.tile)
        if space in spaces or _laid(view, lead) is not None:  # one that is registered is there already
            continue
        if view.display_set is not None and view.crosshair_lps is not None:
            spaces.add(space)
            case.place_crosshair(view.display_set, vec([a + b for a, b in zip(view.crosshair_lps, moved, strict=True)]))


def _followers(case: Case, lead: TileView) -> list[int]:
    """The tiles linked with one that do not play, those hung for the same window first."""
    others = (each for each in case.group(lead.number) if each != lead.number and each not in case.playing)
    return sorted(others, key=lambda each: _hung_for(case.tiles[each]) != _hung_for(lead.tile))


def join(case: Case, number: int, before: Tile) -> None:
    """Let a series that has just been put into a tile take the part in the group that `before` had there.

    Where the group knows how far apart the new series' space stays, it opens there; else that is open as in a new link.
    """
    link(case, number, before.link.group if before.link else None)
    if before.link is None or Share.SCROLL not in case.shared(number):
        return
    if before.link.ahead_mm is not None:
        case.apart[before.link.group, case.space_of(before) or ""] = before.link
    view = case.view(number)
    others = [case.view(each) for each in _known(case, number)]
    lead = _most_alike(case, view, others)
    known = _stands(case, view, before, others) if _is_placed(view) else None
    if lead is not None and known is not None:
        case.tiles[number] = replace(view.tile, link=known)
        _follow(case, lead, case.view(number))


def _stands(case: Case, view: TileView, before: Tile, others: Sequence[TileView]) -> Link | None:
    """How far apart a tile's space stays in its group: as what stood there did, another tile, or what has left."""
    space = case.space_of(view.tile)
    links = [each.link for each in (before, *(other.tile for other in others)) if case.space_of(each) == space]
    known = (each for each in links if each is not None and each.ahead_mm is not None)
    return next(known, case.apart.get((_link_of(case, view.number).group, space or "")))


def _follow_once(case: Case, lead: TileView, view: TileView, moved: set[tuple[str | None, int]]) -> None:
    """Follow, unless the crosshair of another space was brought along by a tile of it: a shorter one holds it back."""
    space = case.space_of(view.tile)
    has_crosshair = view.display_set is not None and view.display_set.lattice is not None and case.crosshair_is_shown()
    if not has_crosshair or space == case.space_of(lead.tile) or not _by_position(view, lead):
        _follow(case, lead, view)
        return
    if _laid(view, lead) is not None:
        return  # the crosshair has brought it along
    normal = view.plane.normal
    way = (space, max(range(3), key=lambda axis: abs(normal[axis])))
    if way not in moved:
        _follow(case, lead, view)
        moved.add(way)


def _follow(case: Case, lead: TileView, view: TileView) -> None:
    if lead.display_set is None or view.display_set is None:
        return
    mine, theirs = _link_of(case, view.number), _link_of(case, lead.number)
    if _by_position(view, lead):
        seen, laid = _seen_from(view, lead), _laid(view, lead)
        direction = canonical(seen.normal)
        ahead_mm = (mine.ahead_mm or 0.0) - (theirs.ahead_mm or 0.0)
        if laid is not None and laid.standing is not Standing.SAME:
            ahead_mm = _beside_mm(case, lead, view)
        _to_position(case, lead, view, direction, along(direction, seen.center_lps) + ahead_mm)
    elif _by_number(view, lead):
        _show(case, view, lead.tile.image + mine.ahead_images - theirs.ahead_images)


def _to_position(case: Case, lead: TileView, view: TileView, direction: Vec3, wanted_mm: float) -> None:
    assert view.display_set is not None  # noqa: S101  empty tiles are linked with nothing
    one_space = case.space_of(view.tile) == case.space_of(lead.tile)
    if view.tile.orientation is None:
        positions = positions_mm(view.display_set, direction)
        assert positions is not None  # noqa: S101  asked for before
        image = nearest(positions, wanted_mm)
        grid, point = view.display_set.lattice, view.crosshair_lps
        if one_space or grid is None or point is None or not case.crosshair_is_shown():
            _show(case, view, image)
        elif image != view.tile.image:
            i, j, _ = grid.index(point)
            case.place_crosshair(view.display_set, grid.point((i, j, image)))  # takes this stack and its planes along
    elif not one_space and view.crosshair_lps is not None:  # planes of one space have one crosshair
        by = wanted_mm - along(direction, view.plane.center_lps)
        moved = [at + by * part for at, part in zip(view.crosshair_lps, direction, strict=True)]
        case.place_crosshair(view.display_set, vec(moved))


def _show(case: Case, view: TileView, image: int) -> None:
    assert view.display_set is not None  # noqa: S101  empty tiles are linked with nothing
    image = min(max(image, 0), len(view.display_set.images) - 1)
    if image != view.tile.image:
        case.put(view.number, replace(view.tile, image=image))


def _comparable(one: TileView, other: TileView) -> bool:
    return _by_position(one, other) or _by_number(one, other)


def _by_position(one: TileView, other: TileView) -> bool:
    return _is_placed(one) and _is_placed(other) and look_alike(one.plane, _seen_from(one, other))


def _laid(view: TileView, lead: TileView) -> Laid | None:
    """How the space of a tile that leads lies on that of another."""
    if view.display_set is None or lead.display_set is None:
        return None
    return laid_on(view.display_set, lead.display_set, view.alignment)


def _seen_from(view: TileView, lead: TileView) -> Plane:
    """The plane of a tile that leads, in the space of another where it is known how the two lie on each other."""
    laid = _laid(view, lead)
    return lead.plane if laid is None else carried_plane(lead.plane, laid)


def _beside_mm(case: Case, lead: TileView, view: TileView) -> float:
    """How far from where a registration puts it the reader wants a tile."""
    return _link_of(case, view.number).beside_mm - _link_of(case, lead.number).beside_mm


def _by_number(one: TileView, other: TileView) -> bool:
    stacks = all(each.display_set is not None and each.tile.is_stack for each in (one, other))
    return stacks and not (_is_placed(one) and _is_placed(other))


def _is_placed(view: TileView) -> bool:
    """Whether a tile looks at parallel images that have a place in the patient."""
    placed = view.display_set is not None and view.display_set.centers_lps is not None
    return placed and view.tile.turning is None


def _link_of(case: Case, number: int) -> Link:
    return case.tiles[number].link or Link("")


def windowed_with(case: Case, number: int) -> tuple[int, ...]:
    """The tiles that get a window together with this one.

    Of the group those where it means the same; one that shows the same series in a window of its own keeps that: it
    hangs there for it.
    """
    tile, together = case.tiles[number], set(case.alike(number))
    if Share.WINDOW in case.shared(number) and tile.display_set:
        own = case.sets[tile.display_set]
        together.update(each for each in case.group(number) if _shares_window(case, own, tile, case.tiles[each]))
    return tuple(sorted(together))


def _shares_window(case: Case, own: DisplaySet, tile: Tile, other: Tile) -> bool:
    if other.display_set is None:
        return False
    if other.display_set == own.key:
        return _window(other) == _window(tile)
    windows = {_hung_for(tile), _hung_for(other)} - {""}
    return len(windows) < 2 and share_unit(own, case.sets[other.display_set])


def _hung_for(tile: Tile) -> str:
    """The window by name that the plan hung a series for, while it hangs there: lung beside soft tissue stays two."""
    return tile.planned.window if tile.planned and tile.planned.display_set == tile.display_set else ""


def _window(tile: Tile) -> object:
    return tile.display.window, tile.display.wider, tile.display.brighter


def zoomed_with(case: Case, number: int) -> tuple[int, ...]:
    """The tiles that get a scale together with this one: its planes, and of the group those with the same measure."""
    return tuple(sorted({*case.linked(number), *scaled_with(case, number)}))


def scaled_with(case: Case, number: int) -> tuple[int, ...]:
    """Of the group the tiles for which a scale means the same, this one among them."""
    key = case.tiles[number].display_set
    if Share.ZOOM not in case.shared(number) or key is None:
        return (number,)
    turns = case.tiles[number].turning is not None
    alike = [each for each in case.group(number) if (case.tiles[each].turning is not None) is turns]
    keys = {each: case.tiles[each].display_set or key for each in alike}
    return tuple(each for each, other in keys.items() if share_lengths(case.sets[key], case.sets[other]))


def moved_with(case: Case, number: int) -> tuple[int, ...]:
    """The tiles that are moved on the screen together with this one: those of the group that look the same way."""
    if Share.PAN not in case.shared(number):
        return (number,)
    own = case.view(number)
    return tuple(each for each in case.group(number) if each == number or _comparable(own, case.view(each)))
