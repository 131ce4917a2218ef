"""The window, from a command: what it takes is imported when it is asked for."""

import gc
from typing import Any


def open_window(*arguments: Any, **named: Any) -> int:
    """`app.main` with these arguments."""
    gc.disable()  # nothing that is imported ever goes: to look through it was a tenth of the start (`ui.sweeper` later)
    try:
        from workstation.ui.spared import spare_features

        spare_features()
        from workstation.app import main

        return main(*arguments, **named)
    finally:
        gc.enable()
