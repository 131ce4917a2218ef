"""A study that comes in any order: sets keep their keys, and planes of what is there are never taken away again."""

import random

import pytest

from tests.imaging.stacks import image, stack
from workstation.imaging.arriving import even_part, image_of, renewed
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.network.abreast import interleaved

SLICES = stack([1.5 * number for number in range(64)], SliceThickness=1.5)
MORE = stack([3.0 * number for number in range(20)], series="1.3")


def arriving(order: list, every: int, study: str = "1") -> list[dict[str, DisplaySet]]:
    """What is shown after each `every` images."""
    shown: dict[str, DisplaySet] = {}
    steps = []
    for count in [*range(1, len(order), every), len(order)]:
        coming = (study,) if count < len(order) else ()
        shown, _ = renewed(shown, display_sets(order[:count]), coming)
        steps.append(shown)
    return steps


def images(display_set: DisplaySet) -> set[tuple[str, int]]:
    return set(map(image_of, display_set.images))


@pytest.mark.parametrize("seed", range(12))
def test_in_any_order_a_set_keeps_its_key_and_only_grows(seed: int) -> None:
    order = [*SLICES, *MORE]
    random.Random(seed).shuffle(order)
    before: dict[str, DisplaySet] = {}
    for shown in arriving(order, 5):
        for key, each in before.items():
            assert each.grid is None or (shown[key].grid is not None and images(each) <= images(shown[key]))
        before = shown
    assert sorted(len(each.images) for each in before.values()) == [20, 64]
    assert all(each.grid is not None for each in before.values())


def test_one_after_the_other_planes_stand_from_the_beginning() -> None:
    steps = arriving(SLICES, 3)
    assert all(step["1.2/0"].grid is not None for step in steps if len(step["1.2/0"].images) >= 3)


def test_coarse_to_fine_the_largest_even_part_is_shown() -> None:
    steps = [step["1.2/0"] for step in arriving(interleaved(SLICES), 1)]
    with_planes = [len(each.images) for each in steps if each.grid is not None]
    assert {16, 32, 64} <= set(with_planes)
    spacings = [round(each.grid.spacing[2], 3) for each in steps if each.grid is not None]
    assert spacings == sorted(spacings, reverse=True) and spacings[-1] == 1.5
    sparse = {len(each.images): [notice.chip for notice in each.notices] for each in steps if each.grid is not None}
    assert (sparse[16], sparse[32]) == (["6.0 mm apart so far"], ["3.0 mm apart so far"]) and sparse[64] == []


def test_what_is_looked_at_is_not_taken_away_for_the_sake_of_planes() -> None:
    read = display_sets([SLICES[number] for number in (0, 16, 32, 48, 4)])
    before, _ = renewed({}, display_sets([SLICES[0], SLICES[4]]), ("1",))
    assert len(renewed(before, read, ("1",), [("1.2.1", 0)])[0]["1.2/0"].images) == 4
    assert len(renewed(before, read, ("1",), [("1.2.5", 0)])[0]["1.2/0"].images) == 5


def test_what_is_looked_at_grows_though_a_coarser_part_is_larger() -> None:
    before, _ = renewed({}, display_sets(SLICES[:5]), ("1",))
    wide = [SLICES[number] for number in (*range(9), *range(10, 64, 2))]
    shown, _ = renewed(before, display_sets(wide), ("1",), [("1.2.1", 0)])
    assert images(shown["1.2/0"]) == images(display_sets(SLICES[:9])[0])


def test_without_planes_all_that_came_is_shown() -> None:
    scattered = [SLICES[number] for number in (0, 1, 3, 7, 12, 20, 33, 34, 50, 63)]
    shown, _ = renewed({}, display_sets(scattered), ("1",))
    assert len(shown["1.2/0"].images) == 10 and shown["1.2/0"].grid is None


def test_at_the_end_all_is_shown_whatever_it_is() -> None:
    holes = [*SLICES[:20], SLICES[40]]
    shown, _ = renewed({}, display_sets(SLICES[:20]), ("1",))
    during, _ = renewed(shown, display_sets(holes), ("1",))
    after, _ = renewed(during, display_sets(holes))
    assert len(during["1.2/0"].images) == 20 and during["1.2/0"].grid is not None
    assert len(after["1.2/0"].images) == 21 and after["1.2/0"].grid is None


def test_what_is_the_same_is_the_very_same_value() -> None:
    shown, _ = renewed({}, display_sets([*SLICES[:9], *MORE]), ("1",))
    again, _ = renewed(shown, display_sets([*SLICES[:12], *MORE]), ("1",))
    assert again["1.3/0"] is shown["1.3/0"] and again["1.2/0"] is not shown["1.2/0"]


def test_a_set_whose_number_shifts_keeps_its_key() -> None:
    """A localiser of another plane that comes late would be part 0 of its series."""
    sagittal = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    late = [image(0, (0.0, 0.0, 0.0), ImageOrientationPatient=sagittal)]
    shown, _ = renewed({}, display_sets(SLICES[:10]), ("1",))
    read = display_sets([*late, *SLICES[:12]])
    now, names = renewed(shown, read, ("1",))
    assert len(now) == 2 and len(now["1.2/0"].images) == 12
    assert sorted(names.values()) == sorted(now) and len(set(names)) == 2


def test_there_is_no_even_part_where_nothing_is_even() -> None:
    (odd,) = display_sets(stack([0.0, 1.0, 2.6, 4.9, 6.4]))
    assert even_part(odd) is None
