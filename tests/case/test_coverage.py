"""What was on the screen is counted by what was painted: in any plane, long enough, large enough, loaded."""

from collections.abc import Callable, Hashable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.imaging.stacks import PIXELS, stack
from workstation.case.coverage import LEAST_S, Blocks, Coverage, Showing, fractions, runs, unseen_sentence
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.imaging.geometry import unit, vec
from workstation.imaging.view import (
    Framing,
    Orientation,
    Plane,
    ScreenPlane,
    image_plane,
    orthogonal_plane,
    screen_plane,
)

SLICES, ROWS, COLUMNS = 10, 40, 24
"""Ten by six blocks of 4 x 4 pixels; a pixel is 0.7 mm high and 0.5 mm wide, slices are 2 mm apart."""

LONG = 1.0
FITTED = Framing()


@pytest.fixture
def one() -> DisplaySet:
    heights = [2.0 * number for number in range(SLICES)]
    pixels = replace(PIXELS, Rows=ROWS, Columns=COLUMNS)
    (made,) = display_sets(stack(heights, pixels=pixels, SeriesNumber=3, SeriesDescription="Head"))
    assert made.grid is not None
    return made


@pytest.fixture
def coverage(one: DisplaySet) -> Coverage:
    return Coverage({one.key: one})


def filled(but: tuple[int, ...] = ()) -> NDArray[np.bool_]:
    there = np.ones(SLICES, dtype=np.bool_)
    there[list(but)] = False
    return there


def of_stack(one: DisplaySet, image: int, framing: Framing = FITTED, there: NDArray[np.bool_] | None = None) -> Showing:
    screen = screen_plane(image_plane(one.image_grid(image)), framing, 200, 300)
    return Showing(one.key, image, screen, filled() if there is None else there)


def of_plane(one: DisplaySet, orientation: Orientation, index: int) -> Showing:
    """The plane through voxel layer `index` of the axis it is perpendicular to."""
    assert one.grid is not None
    middle = [(size - 1) / 2 for size in one.grid.size]
    middle[{Orientation.SAGITTAL: 0, Orientation.CORONAL: 1, Orientation.AXIAL: 2}[orientation]] = index
    plane = orthogonal_plane(one.grid, orientation, one.grid.point(vec(middle)))
    return Showing(one.key, None, screen_plane(plane, FITTED, 200, 300), filled())


def shown(coverage: Coverage, *showings: Showing, each_s: float = LONG) -> tuple[int, ...]:
    """The images seen after these stood in one place, one after another."""
    now_s = 5.0
    for showing in showings:
        coverage.painted("tile", showing, now_s)
        now_s += each_s
    coverage.cleared(now_s)
    return tuple(int(each) for each in np.flatnonzero(coverage.images(coverage.keys[0])))


def test_an_image_of_a_stack_counts_and_what_was_jumped_over_does_not(coverage: Coverage, one: DisplaySet) -> None:
    assert shown(coverage, of_stack(one, 2), of_stack(one, 7)) == (2, 7)
    assert fractions(coverage) == {one.key: (2, SLICES)}


def test_what_is_still_on_screen_counts_when_asked(coverage: Coverage, one: DisplaySet) -> None:
    coverage.painted("tile", of_stack(one, 4), 1.0)
    coverage.settle(1.0 + LEAST_S / 2)
    assert fractions(coverage)[one.key][0] == 0
    coverage.settle(1.0 + 2 * LEAST_S)
    assert fractions(coverage)[one.key][0] == 1


@pytest.mark.parametrize(("each_s", "seen"), [(1 / 60, ()), (1 / 30, (0, 1, 2))], ids=["60 a second", "30 a second"])
def test_a_picture_counts_once_it_can_have_been_lit(
    each_s: float, seen: tuple[int, ...], coverage: Coverage, one: DisplaySet
) -> None:
    assert shown(coverage, *(of_stack(one, image) for image in range(3)), each_s=each_s) == seen


def test_an_image_whose_window_is_dragged_stays_on_the_screen(coverage: Coverage, one: DisplaySet) -> None:
    assert shown(coverage, *(of_stack(one, 4) for _ in range(20)), each_s=1 / 60) == (4,)


def test_the_same_image_on_two_places_counts_once(coverage: Coverage, one: DisplaySet) -> None:
    coverage.painted("left", of_stack(one, 4), 1.0)
    coverage.painted("right", of_stack(one, 4), 1.0)
    coverage.cleared(2.0)
    assert fractions(coverage)[one.key] == (1, SLICES)


def test_an_axial_series_read_in_sagittal_planes_alone_is_seen(coverage: Coverage, one: DisplaySet) -> None:
    """Six columns of blocks: three quarters are five of them (4.5)."""
    planes = [of_plane(one, Orientation.SAGITTAL, index) for index in (1, 5, 9, 13)]
    assert shown(coverage, *planes) == ()
    assert shown(coverage, of_plane(one, Orientation.SAGITTAL, 14)) == ()  # the same blocks as 13
    assert shown(coverage, of_plane(one, Orientation.SAGITTAL, 17)) == tuple(range(SLICES))


def test_coronal_and_sagittal_planes_add_up(coverage: Coverage, one: DisplaySet) -> None:
    """4 of 10 rows and 3 of 6 columns of blocks leave 6 * 3 of 60: 42 were seen; 45 are three quarters."""
    coronal = [of_plane(one, Orientation.CORONAL, 4 * block) for block in range(4)]
    sagittal = [of_plane(one, Orientation.SAGITTAL, 4 * block) for block in range(3)]
    assert shown(coverage, *coronal, *sagittal) == ()
    assert shown(coverage, of_plane(one, Orientation.CORONAL, 16)) == tuple(range(SLICES))


def test_an_axial_plane_is_its_one_image(coverage: Coverage, one: DisplaySet) -> None:
    assert shown(coverage, of_plane(one, Orientation.AXIAL, 6)) == (6,)


def test_an_oblique_plane_marks_what_it_passes_through(coverage: Coverage, one: DisplaySet) -> None:
    """Through the middle, at 45 degrees to the slices (14 mm of 20 mm tall): images 2 mm apart are 2 mm along y too."""
    grid = one.grid
    assert grid is not None
    down = vec(unit((0.0, 1.0, 1.0)))
    plane = Plane(grid.center_lps, (1.0, 0.0, 0.0), down, (12.0, 40.0), (0.5, 0.5))
    screen = screen_plane(plane, Framing(), 240, 800)
    coverage.painted("tile", Showing(one.key, None, screen, filled()), 0.0)
    coverage.cleared(LONG)
    seen = coverage._accounts[one.key].seen
    rows_of_blocks = [set(np.flatnonzero(image.any(axis=1))) for image in seen]
    middle_y = (ROWS - 1) / 2 * 0.7
    for image, blocks in enumerate(rows_of_blocks):
        y = middle_y + 2.0 * (image - (SLICES - 1) / 2)
        low, high = ((y + side) / 0.7 for side in (-1.0, 1.0))
        assert blocks <= set(range(int(low // 4), int(high // 4) + 1)) and round(y / 0.7) // 4 in blocks
        assert seen[image][sorted(blocks)].all()  # the whole width


def test_an_oblique_plane_is_left_to_the_counter_and_one_along_the_volume_is_not(one: DisplaySet) -> None:
    assert one.grid is not None
    asked: list[tuple[Hashable, Callable[[], Blocks], Callable[[Blocks], None]]] = []
    aside, spot = Coverage({one.key: one}, lambda *each: asked.append(each)), Coverage({one.key: one})
    turned = []
    for height in (0.5, 1.0, 2.0):
        plane = Plane(one.grid.center_lps, (1.0, 0.0, 0.0), vec(unit((0.0, 1.0, height))), (12.0, 40.0), (0.5, 0.5))
        turned.append(Showing(one.key, None, screen_plane(plane, Framing(), 240, 800), filled()))
    shown(aside, of_plane(one, Orientation.SAGITTAL, 0))
    shown(spot, of_plane(one, Orientation.SAGITTAL, 0))
    assert not asked
    before = aside._accounts[one.key].seen.copy()
    shown(aside, *turned)
    assert len(asked) == 3 and np.array_equal(aside._accounts[one.key].seen, before)
    for _, find, note in asked:
        note(find())
    shown(spot, *turned)
    account, expected = aside._accounts[one.key], spot._accounts[one.key]
    assert np.array_equal(account.seen, expected.seen) and account.seen.sum() > before.sum()
    assert account.counts.tolist() == account.seen.sum(axis=(1, 2)).tolist()


@pytest.mark.parametrize(("px_per_mm", "seen"), [(0.49, ()), (0.51, (3,))])
def test_a_picture_too_small_for_its_pixels_does_not_count(
    px_per_mm: float, seen: tuple[int, ...], coverage: Coverage, one: DisplaySet
) -> None:
    """A pixel is 0.5 mm wide: at 0.5 screen pixels per mm four of them share one."""
    assert shown(coverage, of_stack(one, 3, Framing(px_per_mm=px_per_mm))) == seen


def test_a_look_at_a_part_is_no_look_at_the_image_and_parts_add_up(coverage: Coverage, one: DisplaySet) -> None:
    """14 x 28 mm: at 24 px per mm a tile of 200 x 300 shows 8.3 x 12.5 mm."""
    sides = [
        of_stack(one, 3, Framing(px_per_mm=24.0, pan_mm=(right, down)))
        for right in (-4.0, 4.0)
        for down in (-10.0, 0.0, 10.0)
    ]
    assert shown(coverage, sides[0]) == ()
    assert shown(coverage, *sides) == (3,)


def test_what_is_not_loaded_is_not_seen(coverage: Coverage, one: DisplaySet) -> None:
    assert shown(coverage, of_stack(one, 3, there=filled(but=(3,)))) == ()
    planes = [of_plane(one, Orientation.SAGITTAL, index) for index in range(0, COLUMNS, 4)]
    half = filled(but=(0, 1))
    assert shown(coverage, *(replace(each, filled=half) for each in planes)) == tuple(range(2, SLICES))


def test_turned_and_mirrored_images_count_the_same(coverage: Coverage, one: DisplaySet) -> None:
    assert shown(coverage, of_stack(one, 3, Framing(quarter_turns=1)), of_stack(one, 5, Framing(mirrored=True))) == (
        3,
        5,
    )


def test_tiny_images_are_seen_whole(one: DisplaySet) -> None:
    heights = [2.0 * number for number in range(3)]
    (small,) = display_sets(stack(heights))  # 6 x 4 pixels
    coverage = Coverage({small.key: small})
    screen: ScreenPlane = screen_plane(image_plane(small.image_grid(1)), Framing(), 40, 40)
    coverage.painted(0, Showing(small.key, 1, screen, np.ones(3, dtype=np.bool_)), 0.0)
    coverage.cleared(1.0)
    assert list(coverage.images(small.key)) == [False, True, False]


def test_runs_and_the_sentence_say_what_is_missing(coverage: Coverage, one: DisplaySet) -> None:
    sets = {one.key: one}
    assert unseen_sentence(coverage, sets) == "Not on the screen yet: all 10 images of series 3 (Head)."
    shown(coverage, *(of_stack(one, image) for image in (0, 1, 2, 6, 9)))
    assert runs(coverage.images(one.key)) == ((0, 2), (6, 6), (9, 9))
    assert unseen_sentence(coverage, sets) == "Not on the screen yet: 5 of 10 images of series 3 (Head)."
    shown(coverage, *(of_stack(one, image) for image in range(SLICES)))
    assert unseen_sentence(coverage, sets) == ""
    assert runs(coverage.images(one.key)) == ((0, SLICES - 1),)
    assert runs(np.zeros(4, dtype=np.bool_)) == ()


def test_what_was_seen_stays_seen_whatever_its_number_is_once_more_has_come(one: DisplaySet) -> None:
    part = replace(one, images=one.images[3:9])
    coverage = Coverage({part.key: part})
    there = np.ones(6, dtype=np.bool_)
    assert shown(coverage, of_stack(part, 1, there=there), of_stack(part, 4, there=there)) == (1, 4)
    coverage.renew({one.key: one})
    assert np.flatnonzero(coverage.images(one.key)).tolist() == [4, 7]
    without = replace(one, images=(*one.images[:4], *one.images[5:]))
    coverage.renew({one.key: without})
    assert np.flatnonzero(coverage.images(one.key)).tolist() == [6]
