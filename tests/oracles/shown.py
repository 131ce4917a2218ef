"""One image of a file as the workstation takes it in, without a cache: voxels, and a view to show them with."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.case.state import Tile, TileView
from workstation.dicom.entities import Instance
from workstation.dicom.header import read_instance
from workstation.dicom.looks import read_look
from workstation.imaging.displaysets import DisplaySet, ImageRef
from workstation.imaging.greyscale import rescale_of
from workstation.imaging.view import Display, Framing
from workstation.imaging.volume import Voxels
from workstation.loading import decode
from workstation.loading.source import open_source


@dataclass(frozen=True)
class Shown:
    instance: Instance
    view: TileView
    voxels: Voxels

    @property
    def stored(self) -> NDArray[Any]:
        return self.voxels.stored[0]

    def with_display(self, **values: Any) -> "Shown":
        tile = replace(self.view.tile, display=Display(**values))
        return replace(self, view=replace(self.view, tile=tile))

    def with_framing(self, **values: Any) -> "Shown":
        tile = replace(self.view.tile, framing=Framing(**values))
        return replace(self, view=replace(self.view, tile=tile))


def shown(path: Path, frame: int = 0) -> Shown:
    """Frame `frame` of a file; padding is left as it is, for other programs show it too."""
    data = path.read_bytes()
    instance = read_instance(data)
    assert instance.pixels is not None
    source = open_source(data, instance)
    raw = source.frame(instance.pixels, frame)
    stored = decode.image(raw, source.head, instance, frame)
    look = read_look(source.head, instance, frame, raw)
    ref = ImageRef(instance, frame)
    display_set = DisplaySet("one", (ref,), None, None)
    rescale = rescale_of(ref.attributes)
    voxels = Voxels(display_set, stored[None], np.ones(1, np.bool_), rescale, None, "", [look])
    return Shown(instance, TileView(0, Tile("one"), display_set, None, active=False, linked=False), voxels)
