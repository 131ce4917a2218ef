"""What PySide would do at each import, and need not do here."""

import sys
from typing import Any

import PySide6.QtCore  # noqa: F401  brings it up


def spare_features() -> None:
    """Have PySide not read the source of each module that is imported, a sixth of the time until the window stands.

    It looks there for modules that want to call it in other ways than C++ does (`__feature__`); none of ours does.
    """
    features: Any = sys.modules.get("shibokensupport.feature")
    if hasattr(features, "_mod_uses_pyside"):
        features._mod_uses_pyside = lambda module: False
