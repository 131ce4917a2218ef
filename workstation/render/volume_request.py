"""What the render process is asked and what it answers. Values that travel over its pipe: no VTK, no Qt."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.scene import Scene
from workstation.imaging.shared import BlockHandle

Place = tuple[str, int]
"""Who asks: a display set's key and the number of a tile. Of each place only the newest request counts."""

MEMORY = "memory"
"""Why a volume is drawn at half its resolution."""


@dataclass(frozen=True)
class Source:
    """A volume in shared memory: `matrix` is `Grid.lps_from_index` by rows, `rescale` slope and intercept.

    `arrived` counts the images that were there: the same block with more of them is looked at anew.
    """

    block: BlockHandle
    matrix: tuple[tuple[float, ...], ...]
    rescale: tuple[float, float]
    arrived: int
    halve: bool = False
    """Whether it is drawn at half its resolution, because whole it ended the process."""


@dataclass(frozen=True)
class Request:
    """One picture: `number` grows, `size` is width and height in device pixels; `coarse` while something moves."""

    number: int
    place: Place
    source: Source
    scene: Scene
    size: tuple[int, int]
    coarse: bool = False

    def asks_the_same(self, other: "Request") -> bool:
        return (self.source, self.scene, self.size) == (other.source, other.scene, other.size)


@dataclass(frozen=True)
class Stop:
    """The request of this number is not worth finishing."""

    number: int


@dataclass(frozen=True)
class Forget:
    """Let go of everything kept of the block with this inode."""

    inode: int


@dataclass(frozen=True)
class Drawn:
    """What the child answers before the pixels: `half` where the volume was halved and why ("" for the quick child,
    which always does)."""

    number: int
    size: tuple[int, int]
    ms: float
    half: bool
    why_half: str = ""
    stopped: bool = False
    steps: int = 1
    """Steps made of each from slice to slice, for light: `volume_fine`."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture of a volume: `rgb32` is (height, width) of 0xffRRGGBB. `renderer` is what OpenGL calls itself.

    `coarse`: a finer one is on its way. `restarted`: the process had to be started again for it.
    """

    request: Request
    rgb32: NDArray[np.uint32]
    renderer: str
    ms: float
    coarse: bool
    half: bool
    why_half: str = ""
    restarted: bool = False
    steps: int = 1

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "renderer": self.renderer,
            "ms": round(self.ms, 1),
            "coarse": self.coarse,
            "half_resolution": self.half,
            "refined": self.steps,
            "restarted": self.restarted,
        }
