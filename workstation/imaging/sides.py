"""What a volume looks like from the sides it is turned to, as far as that is worked out (`imaging.turning` does)."""

import threading
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

ANGLES: Final = 72
HALF: Final = ANGLES // 2
"""From behind the same voxels are the brightest as from the front, seen mirrored."""


class Sides:
    """The largest stored values on the rays from each side, `[slice, column]`. Any thread may ask and keep."""

    def __init__(self) -> None:
        self._known: dict[int, NDArray[Any]] = {}
        self.one_at_a_time = threading.Lock()
        """Held by who works sides out."""

    @property
    def whole(self) -> bool:
        return len(self._known) == HALF

    def has(self, angle: int) -> bool:
        return angle % HALF in self._known

    def keep(self, angle: int, maxima: NDArray[Any]) -> None:
        """What is seen from a side of the front half."""
        self._known[angle] = maxima

    def at(self, angle: int) -> NDArray[Any] | None:
        """What is seen from a side; None while it is not worked out."""
        found = self._known.get(angle % HALF)
        if found is None or angle % ANGLES < HALF:
            return found
        return np.ascontiguousarray(found[:, ::-1])
