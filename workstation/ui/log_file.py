"""The log: HOME/logs/hounsfield.log and five older ones of 1 MB, written by a thread of its own.

It names no patient (safety.md 23). Of an exception it keeps the kind and where it came from, never the message, which
may quote what was read; of other libraries' records only who spoke and where, for they quote values too.
"""

import logging
import queue
from collections.abc import Callable, Iterator
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Final

from workstation.paths import Home

LARGEST_BYTES: Final = 1_000_000
OLDER_KEPT: Final = 5
MOST_FRAMES: Final = 40
PACKAGE: Final = "workstation"


def log_path(home: Home) -> Path:
    return home.root / "logs" / "hounsfield.log"


def start(home: Home) -> Callable[[], None]:
    """Write what is logged from here on, warnings to stderr too; what is returned ends it once all is written."""
    file = log_path(home)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    writer = RotatingFileHandler(file, maxBytes=LARGEST_BYTES, backupCount=OLDER_KEPT, encoding="utf-8", delay=True)
    records: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    taker, said = QueueHandler(records), logging.StreamHandler()
    said.setLevel(logging.WARNING)
    listener = QueueListener(records, writer)
    listener.start()
    for handler in (taker, said):
        handler.setFormatter(Nameless("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(handler)

    def stop() -> None:
        for handler in (taker, said):
            logging.getLogger().removeHandler(handler)
        listener.stop()
        writer.close()

    return stop


class Nameless(logging.Formatter):
    """Formats records without anything that may name a patient."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name.split(".")[0] != PACKAGE:
            told = f"spoke at {record.module}:{record.lineno}; its words are left out, for they may name a patient"
            record = logging.makeLogRecord({**record.__dict__, "msg": told, "args": ()})
        else:
            record = logging.makeLogRecord(record.__dict__)  # other handlers keep what they had
        record.exc_text = None
        return super().format(record)

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        return "\n".join(traced(ei[1])) if ei[1] is not None else ""


def traced(error: BaseException) -> tuple[str, ...]:
    """Kind and places of an exception and of those it came from, the first one first; no message, no value."""
    lines: list[str] = []
    for each in _chain(error):
        lines.append(f"{type(each).__module__}.{type(each).__qualname__} at")
        places = list(_places(each.__traceback__))
        half = MOST_FRAMES // 2
        if len(places) > MOST_FRAMES:  # of a recursion the ends are enough
            places[half:-half] = [f"  … {len(places) - MOST_FRAMES} more …"]
        lines += places
    return tuple(lines)


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in found:
        found.insert(0, each)
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return found


def _places(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f"  {_short(Path(code.co_filename))}:{trace.tb_lineno} in {code.co_qualname}"
        trace = trace.tb_next


def _short(file: Path) -> str:
    """A file from its package on: where somebody's home lies is nobody's business."""
    parts = file.parts
    return "/".join(parts[parts.index(PACKAGE) :]) if PACKAGE in parts else "/".join(parts[-2:])
