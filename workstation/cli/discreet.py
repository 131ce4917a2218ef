"""Log lines without patient data (safety.md 23)."""

import logging
import traceback
from types import TracebackType


class DiscreetFormatter(logging.Formatter):
    """Names the kind of an exception and where it arose, never its words: those may quote a header."""

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        kind, _, trace = ei
        places = "".join(traceback.format_tb(trace)) if trace else ""
        return f"{places}{kind.__name__ if kind else 'unknown error'}"
