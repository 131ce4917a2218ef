"""SciPy, imported late and by one thread at a time: two jobs that both need it first would see half of it."""

import threading

_ONE_AT_A_TIME = threading.Lock()


def load_scipy() -> None:
    """Have the parts of SciPy that are used imported when this returns; half a second the first time."""
    with _ONE_AT_A_TIME:
        import scipy.interpolate
        import scipy.ndimage
        import scipy.optimize
        import scipy.sparse.csgraph
        import scipy.spatial  # noqa: F401  importing is all that is wanted
