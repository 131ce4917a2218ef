"""The window, from a command: what it takes is imported when it is asked for."""

import sys
from typing import Any


def open_window(*arguments: Any, **named: Any) -> int:
    """`app.main` with these arguments."""
    spare_features()
    from workstation.app import main

    return main(*arguments, **named)


def spare_features() -> None:
    """Have PySide not read the source of each module that is imported, a sixth of the time until the window stands.

    It looks there for modules that want to call it in other ways than C++ does (`__feature__`); none of ours does.
    """
    import PySide6.QtCore  # noqa: F401  brings it up

    features: Any = sys.modules.get("shibokensupport.feature")
    if hasattr(features, "_mod_uses_pyside"):
        features._mod_uses_pyside = lambda module: False
