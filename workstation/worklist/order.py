"""From one study to the next, in the order of a list."""

from collections.abc import Collection, Sequence


def neighbour(order: Sequence[str], uid: str, step: int) -> str | None:
    """What stands `step` places below (or above) `uid`; None beyond the ends, or when it is not in the list."""
    if uid not in order:
        return None
    place = order.index(uid) + step
    return order[place] if 0 <= place < len(order) else None


def next_of(order: Sequence[str], after: str, wanted: Collection[str]) -> str | None:
    """The first of `wanted` below `after`, going on at the top; from the top when `after` is not in the list."""
    at = order.index(after) + 1 if after in order else 0
    return next((uid for uid in (*order[at:], *order[:at]) if uid in wanted and uid != after), None)
