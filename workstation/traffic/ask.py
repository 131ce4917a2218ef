"""Several archives asked at once: matches as they come, and of each that fails why."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Final

from workstation.errors import Cancelled, HounsfieldError
from workstation.network.faults import NodeFault
from workstation.network.nodes import Node
from workstation.network.pacs import Level, Row
from workstation.security import acts
from workstation.traffic.carrier import pacs_of

MOST: Final = 500
"""Matches of one node; a query that finds more is too wide to be read."""

TOLD_EVERY_S: Final = 0.05


@dataclass(frozen=True)
class Answer:
    """What a node has said so far: `rows` since the last one; at the end `over`, and a sentence where it failed."""

    node: str
    rows: tuple[Row, ...] = ()
    over: bool = False
    seconds: float = 0.0
    problem: str = ""
    side: str = ""
    field: str = ""
    cut: bool = False
    """There are more matches than are taken."""


class Asking:
    """One query, put to each node on a thread of its own. `told` is called on those threads."""

    def __init__(
        self,
        nodes: Iterable[Node],
        keys: Mapping[str, str],
        told: Callable[[Answer], None],
        level: Level = Level.STUDY,
        most: int = MOST,
    ) -> None:
        """Raises Refused by role."""
        acts.permit(acts.Kind.QUERY, outcome="asked")
        self._keys, self._told, self._level, self._most = dict(keys), told, level, most
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(node,), name=f"hounsfield-ask-{number}")
            for number, node in enumerate(nodes)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def is_over(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """Ask no further; nothing more is told."""
        self._stop.set()

    def wait(self) -> None:
        """Until every node has ended; quick after `stop`."""
        for thread in self._threads:
            thread.join()

    def _check(self) -> None:
        if self._stop.is_set():
            raise Cancelled

    def _tell(self, answer: Answer) -> None:
        if not self._stop.is_set():
            self._told(answer)

    def _ask(self, node: Node) -> None:
        begun = time.monotonic()
        with suppress(Cancelled):
            try:
                cut = self._rows(node)
                end = Answer(node.name, (), True, time.monotonic() - begun, cut=cut)
            except NodeFault as fault:
                spent = time.monotonic() - begun
                end = Answer(node.name, (), True, spent, fault.sentence, fault.side.value, fault.field)
            except Cancelled:
                raise
            except HounsfieldError as error:
                end = Answer(node.name, (), True, time.monotonic() - begun, error.sentence)
            self._tell(end)

    def _rows(self, node: Node) -> bool:
        rows: list[Row] = []
        count, last = 0, time.monotonic()
        matches = pacs_of(node).find(self._level, self._keys, self._check)
        with closing(matches):  # type: ignore[type-var]  # both ways are generators: closing one stops the query
            for row in matches:
                rows.append(row)
                count += 1
                if time.monotonic() - last > TOLD_EVERY_S:
                    self._tell(Answer(node.name, tuple(rows)))
                    rows, last = [], time.monotonic()
                if count == self._most:
                    break
        if rows:
            self._tell(Answer(node.name, tuple(rows)))
        return count == self._most
