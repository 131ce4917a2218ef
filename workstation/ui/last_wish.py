"""Work of which only the last wish counts: while some is under way one more waits, whatever was wished between."""

from collections.abc import Callable
from typing import TypeVar

from workstation import jobs

T = TypeVar("T")


class LastWish:
    """One piece of work at a time. Main thread only; `failed` hears of errors."""

    def __init__(self, title: str, lane: jobs.Lane, failed: Callable[[Exception], None]) -> None:
        self._title, self._lane, self._tell = title, lane, failed
        self._busy = False
        self._again: Callable[[], None] | None = None

    def ask(
        self,
        again: Callable[[], None],
        work: Callable[[jobs.Job], T],
        done: Callable[[T], None],
        piece: bool = True,
    ) -> None:
        """Do the work now; while other work is under way, have `again` called when that has ended. What is no `piece`
        stands in the status line, where it can be stopped."""
        if self._busy:
            self._again = again
            return
        self._busy = True

        def came(found: T) -> None:
            self._busy = False
            done(found)
            self._once_more()

        def failed(error: Exception) -> None:
            self._busy = False
            self._tell(error)
            self._once_more()

        jobs.run(self._title, work, came, failed, lane=self._lane, piece=piece)

    def _once_more(self) -> None:
        again, self._again = self._again, None
        if again is not None:
            again()
