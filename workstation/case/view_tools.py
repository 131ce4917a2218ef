"""Gestures on tiles as new values: scroll, window, zoom, pan, turn, reset. Each changes the Case once."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from workstation.case import layering, linking, turning, volume
from workstation.case.state import Case, TileView
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Vec3, vec
from workstation.imaging.greyscale import Window
from workstation.imaging.uneven import Uneven
from workstation.imaging.view import Display, Framing, Interpolation, Spread

SMALLEST_WIDTH = 1.0
ZOOM_STEP = 1.25
FURTHEST_ZOOM = (0.02, 200.0)
"""Device pixels per mm beyond which nothing is zoomed."""

FURTHEST_CLOSER = 64.0
FURTHEST_WIDER = 1e4
NUDGE_PX = 40.0
ALONG_IMAGES = 0.999
"""Cosine from which a step of a plane goes from image to image where these lie at uneven distances."""


def scroll(case: Case, number: int, steps: int) -> bool:
    """Move by images: in a stack to the next image, in a plane by one voxel. False at the ends. Linked tiles follow."""
    if volume.is_3d(case, number):
        volume.turn(case, number, volume.STEP_DEG * steps, 0.0)
        return True
    if turning.is_turning(case, number):
        return turning.turn(case, number, steps)
    view = case.view(number)
    if view.display_set is None:
        return False
    if view.tile.orientation is None:
        return to_image(case, number, view.tile.image + steps)
    linking.anchor(case, number)
    moved = _scroll_plane(case, view, steps)
    if moved:
        linking.follow(case, number)
    return moved


def can_scroll(case: Case, number: int, steps: int) -> bool:
    """Whether there is an image, or in a plane a place within the voxels, that many steps on."""
    if volume.is_3d(case, number) or turning.is_turning(case, number):
        return True
    view = case.view(number)
    if view.display_set is None:
        return False
    if view.tile.orientation is None:
        return 0 <= view.tile.image + steps < len(view.display_set.images)
    return view.grid.clamped(_moved(view, steps)) != (view.crosshair_lps or view.grid.middle_lps)


def _moved(view: TileView, steps: int) -> Vec3:
    """Where the crosshair gets by steps along the normal of a plane."""
    grid = view.grid
    point = np.asarray(view.crosshair_lps or grid.middle_lps)
    direction = np.asarray(_into_the_screen(view.plane.normal))
    if isinstance(grid, Uneven) and abs(float(direction @ grid.axes[2])) > ALONG_IMAGES:
        steps *= 1 if float(direction @ grid.axes[2]) > 0 else -1
        return vec(point + np.asarray(grid.axes[2]) * grid.step_mm(grid.index(vec(point))[2], steps))
    return vec(point + direction * steps * view.step_mm)


def _scroll_plane(case: Case, view: TileView, steps: int) -> bool:
    assert view.display_set is not None  # noqa: S101  asked for before
    before = view.crosshair_lps
    case.place_crosshair(view.display_set, _moved(view, steps))
    return case.crosshair(view.display_set) != before


def _into_the_screen(normal: Vec3) -> Vec3:
    """The way a step forward goes: from head to foot, from front to back, from right to left."""
    axis = int(np.argmax(np.abs(normal)))
    wanted = (1.0, 1.0, -1.0)[axis]
    return normal if normal[axis] * wanted > 0 else vec([-each for each in normal])


def to_image(case: Case, number: int, image: int) -> bool:
    """Show image `image` (from 0) of a stack; False when it is shown already. What is linked follows."""
    view = case.view(number)
    if view.display_set is None or not view.tile.is_stack:
        return False
    image = min(max(image, 0), len(view.display_set.images) - 1)
    if image == view.tile.image:
        return False
    linking.anchor(case, number)
    grid = view.display_set.lattice
    if grid is not None and case.crosshair_is_shown():
        i, j, _ = grid.index(case.crosshair(view.display_set) or grid.middle_lps)
        case.place_crosshair(view.display_set, grid.point((i, j, image)))  # takes this stack along
    else:
        case.put(number, replace(case.tiles[number], image=image))
    linking.follow(case, number)
    return True


def go_to(case: Case, number: int, image: int) -> bool:
    """Go to image `image` (from 0) of what a tile shows, also where a plane lies along the images; False if there."""
    view = case.view(number)
    if view.display_set is None or view.tile.orientation is None:
        return to_image(case, number, image)
    point, before = view.crosshair_lps or view.grid.middle_lps, case.crosshair(view.display_set)
    i, j, _ = view.grid.index(point)
    linking.anchor(case, number)
    case.place_crosshair(view.display_set, view.grid.point((i, j, image)))
    linking.follow(case, number)
    return case.crosshair(view.display_set) != before


def go_to_point(case: Case, number: int, point_lps: Vec3) -> None:
    """Put the crosshair of a tile's space at a point, LPS mm; linked tiles of other spaces go as many mm along."""
    before = case.view(number)
    if before.display_set is None or before.display_set.lattice is None:
        return
    linking.anchor(case, number)
    case.place_crosshair(before.display_set, point_lps)
    linking.follow_point(case, before)


def bring_to(case: Case, display_set: DisplaySet, point_lps: Vec3) -> None:
    """Put the crosshair of a set at a point, LPS mm, whichever tile shows it; what is linked with that goes along."""
    order = sorted(case.shown, key=lambda number: number != case.active)
    number = next((each for each in order if case.tiles[each].display_set == display_set.key), None)
    if number is None:
        case.place_crosshair(display_set, point_lps)
    else:
        go_to_point(case, number, point_lps)


def set_window(case: Case, number: int, window: Window | Spread | int | str | None) -> None:
    """Give a tile, and the planes linked with it, a window, or one of the image's own by number or name.

    None goes back to the image's first.
    """
    _windowed(case, number, lambda display: replace(display, window=window, wider=1.0, brighter=0.0))


def adjust_window(case: Case, number: int, wider: float = 1.0, brighter: float = 0.0) -> None:
    """Multiply the width of the window in force, and lower its centre by a share of the new width."""

    def adjusted(display: Display) -> Display:
        # The centre is lowered in widths of the window beneath, which does not change.
        width = min(max(display.wider * wider, 1 / FURTHEST_WIDER), FURTHEST_WIDER)
        return replace(display, wider=width, brighter=display.brighter + brighter * width)

    _windowed(case, number, adjusted)


def reset_window(case: Case, number: int) -> None:
    """Window, inversion and palette as they were hung; framing stays. Of a layer in hand the window as it began."""
    if layering.relight(case, number, lambda display: Display(None, palette=display.palette)):
        return
    for each in case.alike(number):
        case.tiles[each] = replace(case.tiles[each], display=case.as_hung(each).display)
    case.emit_changed(case.linked(number))


def drag_window(case: Case, number: int, start: Window, right_px: float, down_px: float) -> None:
    """Width grows to the right, level falls downwards (brighter), at a speed that suits the width.

    LINEAR windows step in whole numbers; the others belong to values with fractions, such as SUV.
    """
    if start.function == "LINEAR":
        speed = max(start.width, 32.0) / 400.0
        width = max(SMALLEST_WIDTH, round(start.width + right_px * speed))
        center = float(round(start.center - down_px * speed))
    else:
        speed = start.width / 400.0
        width = max(start.width / 1000.0, start.width + right_px * speed)
        center = start.center - down_px * speed
    set_window(case, number, Window(center, width, start.function, "manual"))


def invert(case: Case, number: int) -> None:
    _display(case, number, lambda display: replace(display, inverted=not display.inverted))


def next_palette(case: Case, number: int, palettes: tuple[str, ...]) -> None:
    """Colour the grey levels with the next palette; after the last comes grey again."""
    order = ("", *palettes)

    def coloured(display: Display) -> Display:
        return replace(display, palette=order[(order.index(display.palette) + 1) % len(order)])

    _display(case, number, coloured)


def toggle_overlays(case: Case, number: int) -> None:
    """Hide or show the overlay planes of the image."""
    _redisplay(case, case.alike(number), lambda display: replace(display, overlays=not display.overlays))


def subtract(case: Case, number: int) -> None:
    """Show the change to the mask, or the image again; the window starts anew, since the values are others."""
    _redisplay(
        case,
        case.alike(number),
        lambda display: replace(display, subtracted=not display.subtracted, window=None, wider=1.0, brighter=0.0),
    )


def shift_mask(case: Case, number: int, down_px: float, right_px: float) -> None:
    """Move the mask of a subtraction by a fraction of an image pixel."""

    display_set = case.view(number).display_set
    given = display_set.first.MaskSubPixelShift if display_set else ()

    def moved(display: Display) -> Display:
        down, right = display.mask_shift_px or (given[:2] if len(given) >= 2 else (0.0, 0.0))
        return replace(display, mask_shift_px=(down + down_px, right + right_px))

    _redisplay(case, case.alike(number), moved)


def toggle_interpolation(case: Case, number: int, choices: tuple[Interpolation, Interpolation]) -> None:
    """Swap the tile, and the planes linked with it, between two interpolations."""

    def swapped(display: Display) -> Display:
        return replace(display, interpolation=choices[display.interpolation is choices[0]])

    _display(case, number, swapped)


def set_interpolation(case: Case, number: int, interpolation: Interpolation) -> None:
    """Give the tile, and the planes linked with it, an interpolation."""
    _display(case, number, lambda display: replace(display, interpolation=interpolation))


def _display(case: Case, number: int, change: Callable[[Display], Display]) -> None:
    if not layering.relight(case, number, change):
        _redisplay(case, case.alike(number), change)


def _windowed(case: Case, number: int, change: Callable[[Display], Display]) -> None:
    if not layering.relight(case, number, change):
        _redisplay(case, linking.windowed_with(case, number), change)


def _redisplay(case: Case, numbers: tuple[int, ...], change: Callable[[Display], Display]) -> None:
    for each in numbers:
        tile = case.tiles[each]
        case.tiles[each] = replace(tile, display=change(tile.display))
    case.emit_changed(numbers)


def zoom_about(case: Case, number: int, px_per_mm: float, factor: float, right_px: float, down_px: float) -> None:
    """Zoom by a factor from the scale in force; the place `right_px`, `down_px` from the tile's middle stays put.

    Linked planes follow in scale, so that they stay comparable, each about its own middle; tiles that are moved
    together keep what they show of the same place.
    """
    after = min(max(px_per_mm * factor, FURTHEST_ZOOM[0]), FURTHEST_ZOOM[1])
    move = 1 / after - 1 / px_per_mm
    numbers, moving = linking.zoomed_with(case, number), linking.moved_with(case, number)
    for each in numbers:
        framing = replace(case.tiles[each].framing, px_per_mm=after, one_to_one=False, closer=1.0)
        framing = framing.panned(right_px * move, down_px * move) if each in moving else framing
        case.tiles[each] = replace(case.tiles[each], framing=framing)
    case.emit_changed(numbers)


def zoom(case: Case, number: int, factor: float) -> None:
    """Zoom by a factor about the tile's middle, whatever the scale in force."""
    if volume.is_3d(case, number):
        volume.zoom(case, number, factor)
        return
    _framing(
        case,
        linking.zoomed_with(case, number),
        lambda framing: replace(
            framing, closer=min(max(framing.closer * factor, 1 / FURTHEST_CLOSER), FURTHEST_CLOSER)
        ),
    )


def true_size(case: Case, number: int) -> None:
    """One mm of the patient on one mm of the screen; nothing where the screen's size or the image's is unknown."""
    display_set = case.view(number).display_set
    if display_set is None or not display_set.spacing_is_known or not case.screen_mm_per_px:
        return
    scale = 1.0 / case.screen_mm_per_px
    _framing(
        case,
        linking.scaled_with(case, number),
        lambda framing: replace(framing, px_per_mm=scale, one_to_one=False, closer=1.0),
    )


def pan(case: Case, number: int, right_mm: float, down_mm: float) -> None:
    _framing(case, linking.moved_with(case, number), lambda framing: framing.panned(right_mm, down_mm))


def nudge(case: Case, number: int, right: int, down: int) -> None:
    """Move the image by steps of a twentieth of what is seen of it."""
    if volume.is_3d(case, number):
        volume.nudge(case, number, right, down)
        return
    view = case.view(number)
    if view.display_set is None:
        return
    framing, plane = view.tile.framing, view.plane
    if framing.one_to_one or framing.px_per_mm is not None:
        scale = framing.px_per_mm or 1.0 / min(plane.pixel_mm)
        step_mm = NUDGE_PX / (scale * framing.closer)
    else:
        step_mm = max(framing.area_mm or plane.size_mm) / 20 / framing.closer
    pan(case, number, right * step_mm, down * step_mm)


def fit(case: Case, number: int) -> None:
    """The whole image in the tile; turns and mirroring stay."""
    if volume.is_3d(case, number):
        volume.fit(case, number)
        return
    area = case.area_mm(number)
    _framing(
        case,
        linking.scaled_with(case, number),
        lambda framing: replace(framing, px_per_mm=None, one_to_one=False, pan_mm=(0.0, 0.0), area_mm=area, closer=1.0),
    )


def one_to_one(case: Case, number: int) -> None:
    """One image pixel on one pixel of the screen."""
    _framing(
        case,
        linking.scaled_with(case, number),
        lambda framing: replace(framing, px_per_mm=None, one_to_one=True, closer=1.0),
    )


def turn(case: Case, number: int, quarters: int = 1) -> None:
    """Quarter turns clockwise."""
    if volume.is_3d(case, number):
        volume.roll(case, number, 90.0 * quarters)
        return
    _framing(case, (number,), lambda framing: framing.turned(quarters))


def mirror(case: Case, number: int) -> None:
    """Mirror left and right as they are on the screen now."""
    _framing(case, (number,), _mirrored)


def flip(case: Case, number: int) -> None:
    """Swap top and bottom as they are on the screen now."""
    _framing(case, (number,), lambda framing: _mirrored(framing).turned(2))


def _mirrored(framing: Framing) -> Framing:
    return replace(framing, mirrored=not framing.mirrored, quarter_turns=-framing.quarter_turns % 4)


def reset(case: Case, number: int) -> None:
    """The view as it was hung: framing, window, inversion and slab, of linked planes too.

    These are turned back, and their crosshair goes back to the middle; a stack stays at its image.
    """
    if volume.is_3d(case, number):
        volume.reset(case, number)
        return
    view, numbers = case.view(number), case.linked(number)
    turned = case.triads.pop(case.space_of(case.tiles[number]) or "", None)
    if view.display_set is not None and view.tile.orientation is not None:
        case.place_crosshair(view.display_set, case.middle(view.display_set) or view.grid.middle_lps)
    for each in numbers:
        case.tiles[each] = case.as_hung(each)
    case.emit_changed(case.shown if turned else numbers)


def _framing(case: Case, numbers: tuple[int, ...], change: Callable[[Framing], Framing]) -> None:
    for each in numbers:
        case.tiles[each] = replace(case.tiles[each], framing=change(case.tiles[each].framing))
    case.emit_changed(numbers)
