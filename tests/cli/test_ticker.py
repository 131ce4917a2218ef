"""Progress on one line."""

import io
import re

from workstation.cli import ticker
from workstation.cli.ticker import Ticker


def test_it_is_silent_when_nobody_looks() -> None:
    stream = io.StringIO()
    shown = Ticker("import", stream=stream)
    shown(5, 5)
    shown.clear()
    assert stream.getvalue() == ""


def test_it_tells_how_far_and_how_long(monkeypatch: object) -> None:
    stream, now = io.StringIO(), [100.0]

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return now[0]

    monkeypatch.setattr(ticker, "time", Clock)  # type: ignore[attr-defined]
    shown = Ticker("import", shown=True, stream=stream)
    for done in (1, 2, 3):
        now[0] += 10
        shown(done, 12)
    now[0] += 0.1
    shown(4, 12)  # too soon after the last
    lines = re.split(r"\x1b\[K|\r", stream.getvalue())
    assert [line for line in lines if line] == [
        "import 1 of 12, 1:50 left",
        "import 2 of 12, 1:40 left",
        "import 3 of 12, 1:30 left",
    ]
