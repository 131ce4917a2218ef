"""The window, from a command: what it takes is imported when it is asked for."""

from typing import Any


def open_window(*arguments: Any, **named: Any) -> int:
    """`app.main` with these arguments."""
    from workstation.ui.spared import spare_features

    spare_features()
    from workstation.app import main

    return main(*arguments, **named)
