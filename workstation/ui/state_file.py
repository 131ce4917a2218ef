"""What the window shows, as a file that scripts and tests read: `hounsfield open --state FILE`.

The facts are those of `picture` for what is on screen, never for what was asked for. FILE is replaced whole after
every change, off the main thread, readable by its owner alone: it names the patient.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer

from workstation import jobs


class StateFile(QObject):
    """Writes `collect()` to a file soon after `changed`; several changes at once make one writing."""

    def __init__(self, path: Path, collect: Callable[[], dict[str, Any]], parent: QObject) -> None:
        super().__init__(parent)
        self._path = path
        self._collect = collect
        self._writing = False
        self._stopped = False
        self._soon = QTimer(self, singleShot=True, interval=5)
        self._soon.timeout.connect(self._write)

    def changed(self) -> None:
        """Something that the file says may have changed."""
        if not self._soon.isActive() and not self._stopped:
            self._soon.start()

    def stop(self) -> None:
        """Write no more."""
        self._stopped = True
        self._soon.stop()

    def _write(self) -> None:
        if self._writing:
            self._soon.start()
            return
        self._writing = True
        facts = self._collect()
        jobs.run("Write the state", lambda job: _replace(self._path, facts), self._written, self._written)

    def _written(self, result: object) -> None:
        self._writing = False


def _replace(path: Path, facts: dict[str, Any]) -> None:
    """Write beside, then rename: a reader sees the old state or the new one, never half of either."""
    beside = path.with_name(path.name + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(facts, file)
    beside.replace(path)
