"""What goes wrong in a method that Qt calls reaches PySide as an error, not as the end of the program.

On Python 3.11 an error that C raised (a missing attribute or key, a window that is deleted) is nothing but its words
until somebody catches it. PySide 6.11 takes these words for an exception where one of Qt's methods that we override
fails below a call of ours, writes into them, and the program is gone without a page. So each override catches what
passes through it once. From Python 3.12 on errors are whole from the start.
"""

import sys
from collections.abc import Callable
from functools import wraps
from types import FunctionType, MethodDescriptorType
from typing import Any, Final

from shiboken6 import Shiboken

ERRORS_ARE_WHOLE: Final = sys.version_info >= (3, 12)


def guard_overrides() -> None:
    """Have the overrides of every class that is made from now on from one of Qt's hand over whole errors."""
    base: Any = Shiboken.Object
    if not ERRORS_ARE_WHOLE:
        base.__init_subclass__ = classmethod(_guard)


def _guard(made: type[Any], /, **words: Any) -> None:
    object.__init_subclass__(**words)
    for name, method in tuple(vars(made).items()):
        if isinstance(method, FunctionType) and not name.startswith("__") and _is_qts(made, name):
            setattr(made, name, _whole(method))


def _is_qts(made: type, name: str) -> bool:
    return any(isinstance(getattr(base, name, None), MethodDescriptorType) for base in made.__mro__[1:])


def _whole(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def override(*given: Any, **named: Any) -> Any:
        try:
            return method(*given, **named)
        except BaseException:  # caught and raised again, it is an object
            raise

    return override
