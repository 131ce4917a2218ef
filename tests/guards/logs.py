"""A warning or worse in the log fails the test, unless it is marked `expects_log`."""

import logging


class LogGuard(logging.Handler):
    """Collects what is logged at WARNING or above, by any library, on any thread."""

    marker = "expects_log"

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._messages: list[str] = []

    def install(self) -> None:
        logging.getLogger().addHandler(self)

    def uninstall(self) -> None:
        logging.getLogger().removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self._messages.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    def take(self) -> list[str]:
        """The messages since the last call."""
        taken, self._messages = self._messages, []
        return taken
