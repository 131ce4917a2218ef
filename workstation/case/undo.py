"""Undo and redo without end: earlier values are kept, and given back as they were."""

from collections.abc import Callable
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")

_steps = count(1)
"""Every step of every history has a number: of several histories the latest step is taken back first."""


class History(Generic[T]):
    """A value, those before it and those that were taken back."""

    def __init__(self, value: T) -> None:
        self.value = value
        self._made = 0
        self._before: list[tuple[T, int]] = []
        self._after: list[tuple[T, int]] = []

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        return bool(self._after)

    @property
    def steps(self) -> int:
        """How many earlier values there are."""
        return len(self._before)

    @property
    def made(self) -> int:
        """The number of the step that undo takes back; 0 where there is none."""
        return self._made

    @property
    def taken_back(self) -> int:
        """The number of the step that redo does again; 0 where there is none."""
        return self._after[-1][1] if self._after else 0

    @property
    def ahead(self) -> T | None:
        """What was taken back last."""
        return self._after[-1][0] if self._after else None

    def put(self, value: T) -> None:
        """A new value; what was taken back is forgotten."""
        self._before.append((self.value, self._made))
        self._after.clear()
        self.value, self._made = value, next(_steps)

    def amend(self, value: T) -> None:
        """The same step with more known of it: nothing that a person would take back."""
        self.value = value

    def rewrite(self, written: Callable[[T], T]) -> None:
        """Put something else in place of each value there ever was: it is called otherwise now, and no step."""
        self.value = written(self.value)
        self._before = [(written(each), made) for each, made in self._before]
        self._after = [(written(each), made) for each, made in self._after]

    def undo(self) -> bool:
        """Whether there was an earlier value."""
        if not self._before:
            return False
        self._after.append((self.value, self._made))
        self.value, self._made = self._before.pop()
        return True

    def redo(self) -> bool:
        """Whether there was a value that had been taken back."""
        if not self._after:
            return False
        self._before.append((self.value, self._made))
        self.value, self._made = self._after.pop()
        return True


class Steps(Protocol):
    """What keeps steps beside those of the case: the undo of all takes them back in their order."""

    @property
    def history(self) -> History[Any]: ...

    def undo(self) -> None: ...

    def redo(self) -> None: ...
