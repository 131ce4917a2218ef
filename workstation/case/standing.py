"""Where a case stands: its crosshairs, and the image of each tile. What a click moved can be brought back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from workstation.case.state import Case
from workstation.case.tile import Link
from workstation.imaging.geometry import Vec3


@dataclass(frozen=True)
class Standing:
    """Crosshairs by frame of reference, set and image of each tile, and how far linked series stood apart."""

    case: Case
    crosshairs: Mapping[str, Vec3]
    images: tuple[tuple[str | None, int], ...]
    links: tuple[Link | None, ...]
    apart: Mapping[tuple[str, str], Link]

    @classmethod
    def of(cls, case: Case) -> "Standing":
        images = tuple((tile.display_set, tile.image) for tile in case.tiles)
        links = tuple(tile.link for tile in case.tiles)
        return cls(case, dict(case.crosshairs), images, links, dict(case.apart))

    def bring_back(self) -> None:
        """Stand there again; nothing where the tiles show other series by now."""
        case = self.case
        if [tile.display_set for tile in case.tiles] != [key for key, _ in self.images]:
            return
        case.crosshairs, case.apart = dict(self.crosshairs), dict(self.apart)
        case.tiles = [
            replace(tile, image=image, link=link)
            for tile, (_, image), link in zip(case.tiles, self.images, self.links, strict=True)
        ]
        case.emit_changed(case.shown)
