"""Log lines name no patient (safety.md 23)."""

import logging

from workstation.cli.discreet import DiscreetFormatter


def test_an_exception_is_named_without_its_words() -> None:
    try:
        raise ValueError("cannot read Smith^John")
    except ValueError as error:
        record = logging.LogRecord("room", logging.ERROR, __file__, 1, "it failed", (), (ValueError, error, None))
        record.exc_info = (ValueError, error, error.__traceback__)
    line = DiscreetFormatter("%(name)s: %(message)s").format(record)
    assert line.startswith("room: it failed\n") and line.endswith("ValueError")
    assert "test_discreet.py" in line and "Smith" not in line.replace('raise ValueError("cannot read Smith^John")', "")
