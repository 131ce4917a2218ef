"""Single objects on several connections at a time, in an order somebody chose, handed out on the thread that asked."""

import queue
import threading
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from typing import Final, Generic, TypeVar

from workstation.errors import Cancelled
from workstation.network.pacs import Check

THREADS: Final = 3
"""Less than `web.AT_MOST`: a query in between shall not wait."""

TICK_S: Final = 0.1

NEAR: Final = 24
"""How far around what is looked at everything goes first: a second of scrolling."""

What = TypeVar("What", bound=Hashable)
Got = TypeVar("Got")


def interleaved(row: Sequence[What]) -> list[What]:
    """Coarse to fine: the first, the middle, the quarters, the eighths ..."""
    step = 1 << max(0, len(row) - 1).bit_length()
    order = list(row[:1])
    while step > 1:
        order += row[step // 2 :: step]
        step //= 2
    return order


class Rota(Iterator[What]):
    """Hands each place of `rows` out once: what is looked at and what lies around it, then its row, then the others,
    coarse to fine. Where somebody looks may be said at any time, from any thread."""

    def __init__(self, rows: Iterable[Sequence[What]]) -> None:
        self._guard = threading.Lock()
        self._rows = [list(row) for row in rows]
        self._order = self._sorted(())

    def look_at(self, looked_at: Collection[What]) -> None:
        """What is left goes out from here on; places that are not in any row are none of ours."""
        order = self._sorted(looked_at)
        with self._guard:
            self._order = {each: None for each in order if each in self._order}

    def __next__(self) -> What:
        with self._guard:
            if not self._order:
                raise StopIteration
            each = next(iter(self._order))
            del self._order[each]
            return each

    def leave_out(self, there: Iterable[What]) -> None:
        """These are there already."""
        with self._guard:
            for each in there:
                self._order.pop(each, None)

    def _sorted(self, looked_at: Collection[What]) -> dict[What, None]:
        looked_into = [row for row in self._rows if not set(row).isdisjoint(looked_at)]
        around = [
            (abs(place - centre), row[place])
            for row in looked_into
            for centre in (place for place, each in enumerate(row) if each in looked_at)
            for place in range(max(0, centre - NEAR), min(len(row), centre + NEAR + 1))
        ]
        near = [each for _, each in sorted(around, key=lambda pair: pair[0])]
        rest = [each for row in (*looked_into, *self._rows) for each in interleaved(row)]
        return dict.fromkeys([*near, *rest])


def abreast(wanted: Iterable[What], get: Callable[[What, Check], Got], check: Check) -> Iterator[tuple[What, Got]]:
    """(what, got) as they come, about in the order wanted.

    After the first error no more is asked for; what came meanwhile is handed out before the error is raised.
    """
    crew = _Crew(wanted, get)
    try:
        yield from crew.results(check)
    finally:
        crew.stop()


class _Crew(Generic[What, Got]):
    def __init__(self, wanted: Iterable[What], get: Callable[[What, Check], Got]) -> None:
        self._waiting = iter(wanted)
        self._guard = threading.Lock()
        self._get = get
        self._stop = threading.Event()
        self._done: queue.Queue[tuple[What, Got] | Exception | None] = queue.Queue()
        self._room = threading.Semaphore(2 * THREADS)
        self._threads = [threading.Thread(target=self._work, name="hounsfield-abreast") for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def results(self, check: Check) -> Iterator[tuple[What, Got]]:
        at_work = len(self._threads)
        error: Exception | None = None
        while at_work:
            check()
            try:
                each = self._done.get(timeout=TICK_S)
            except queue.Empty:
                continue
            if each is None:
                at_work -= 1
            elif isinstance(each, Exception):
                error = error or each
                self._stop.set()
            else:
                self._room.release()
                yield each
        if error is not None:
            raise error

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        try:
            while self._may_go_on():
                with self._guard:
                    each = next(self._waiting, None)
                if each is None:
                    return
                self._done.put((each, self._get(each, self._check)))
        except Cancelled:
            return
        except Exception as error:  # it is raised where the results are awaited
            self._done.put(error)
        finally:
            self._done.put(None)

    def _may_go_on(self) -> bool:
        """Once there is room for another result, so that a slow taker is not run over."""
        while not self._stop.is_set():
            if self._room.acquire(timeout=TICK_S):
                return True
        return False

    def _check(self) -> None:
        if self._stop.is_set():
            raise Cancelled
