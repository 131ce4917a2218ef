"""What the corner of a 3D tile says of its scene: how it is drawn, and what was taken out of it."""

from workstation.imaging.geometry import Grid
from workstation.imaging.scene import BED, BONES, NOT_LARGEST, Scene
from workstation.imaging.transfer import volume_presets


def drawn_as(scene: Scene) -> str:
    """ "3D  Bone", and what was changed of it."""
    title = volume_presets()[scene.preset].title if scene.preset in volume_presets() else scene.preset
    words = ("" if scene.transfer is None else "changed", "" if scene.shaded else "no light")
    return _joined("  ", "3D", title, *words, "" if scene.camera.is_parallel else "perspective")


def removed(scene: Scene) -> str:
    """What was found and taken out in one press: "without bed, bones; largest part only"."""
    names = {each.name for each in scene.cuts}
    parts = ", ".join(each for each in (BED, BONES) if each in names)
    return _joined("; ", f"without {parts}" if parts else "", "largest part only" if NOT_LARGEST in names else "")


def cut(scene: Scene, lattice: Grid | None) -> str:
    """What was cut away by hand: "3 cuts; cropped; cut by plane". A crop box round all of the volume crops nothing."""
    by_hand = sum(each.name not in (BED, BONES, NOT_LARGEST) for each in scene.cuts)
    cuts = f"{by_hand} cut{'s' if by_hand > 1 else ''}" if by_hand else ""
    cropped = scene.crop is not None and not scene.crop.holds(lattice)
    return _joined("; ", cuts, "cropped" if cropped else "", "cut by plane" if scene.plane is not None else "")


def _joined(between: str, *words: str) -> str:
    return between.join(each for each in words if each)
