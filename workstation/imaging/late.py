"""SciPy and SimpleITK, imported late and by one thread at a time: two jobs that need one first would see half of it."""

import ctypes
import os
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

_ONE_AT_A_TIME = threading.Lock()


def load_scipy() -> None:
    """Have the parts of SciPy that are used imported when this returns; half a second the first time."""
    with _ONE_AT_A_TIME:
        import scipy.interpolate
        import scipy.ndimage
        import scipy.optimize
        import scipy.sparse.csgraph
        import scipy.spatial  # noqa: F401  importing is all that is wanted


def load_simpleitk() -> None:
    """Have SimpleITK imported when this returns.

    Its library is 260 MB, and Python stands still while the import maps it: 0.1 s, from a cold disk seconds. So it is
    mapped first by a call that lets go of Python, and the import finds it there.
    """
    with _ONE_AT_A_TIME:
        if "SimpleITK" not in sys.modules and os.name == "posix":
            _mapped("SimpleITK", "_SimpleITK*.so")
        import SimpleITK  # noqa: F401  importing is all that is wanted


def _mapped(package: str, pattern: str) -> None:
    """Map the shared libraries of a package that is not imported yet; where that fails the import will say why."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        for file in sorted(Path(folder).glob(pattern)):
            map_library = ctypes.CDLL(None).dlopen
            map_library.restype, map_library.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
            map_library(os.fsencode(file), os.RTLD_NOW)
