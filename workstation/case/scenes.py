"""How a tile begins in 3D."""

from workstation.imaging.camera import framed
from workstation.imaging.geometry import Grid
from workstation.imaging.scene import Scene
from workstation.imaging.transfer import presets_for


def begin(grid: Grid, modality: str, preset: str = "") -> Scene:
    """The whole volume from the front, by a preset or where the modality has no such one its first."""
    own = [each.name for each in presets_for(modality)]
    return Scene(framed(grid), preset if preset in own else own[0])
