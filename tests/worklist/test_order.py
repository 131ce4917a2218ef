"""From one study to the next."""

from workstation.worklist.order import neighbour, next_of

ORDER = ["a", "b", "c", "d"]


def test_neighbours_end_at_the_ends() -> None:
    assert [neighbour(ORDER, "b", step) for step in (-2, -1, 1, 2, 3)] == [None, "a", "c", "d", None]
    assert neighbour(ORDER, "x", 1) is None


def test_the_next_one_goes_on_at_the_top() -> None:
    assert next_of(ORDER, "b", {"a", "d"}) == "d"
    assert next_of(ORDER, "d", {"a", "d"}) == "a"
    assert next_of(ORDER, "d", {"d"}) is None
    assert next_of(ORDER, "gone", {"c"}) == "c"
