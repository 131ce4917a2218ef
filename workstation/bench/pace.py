"""How fast this machine is while a row is measured, beside the one on which the limits were read.

Machines are shared, and the same one is half as fast on another day. A limit in seconds says something only together
with a fixed work that somebody else's program did on both: SimpleITK's resampler, in the same run.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from workstation.bench.data import Study
from workstation.bench.kernels import READ_MS, median_ms, their_reslice
from workstation.phantom.coded import coded_ct

ROWS: Final = 512
SLICES: Final = 300


class Pace:
    """Called, it says how many times as long as there the fixed work takes now; 1.5 is half as long again."""

    def __init__(self, study: Study) -> None:
        self._works: list[tuple[float, Callable[[], object]]] = []
        if (study.rows, study.slices) == (ROWS, SLICES):
            series: Any = coded_ct(SLICES, ROWS)
            self._works = [(read_ms, their_reslice(series, planes)) for planes, read_ms in READ_MS.items()]

    def __call__(self) -> float:
        ratios = [median_ms(partial(work)) / read_ms for read_ms, work in self._works]
        return math.prod(ratios) ** (1 / len(ratios)) if ratios else 1.0
