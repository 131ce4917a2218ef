"""ICC profiles of colour images (PS3.3 C.11.15): their colours as sRGB, which is what screens are taken to show."""

from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.dicom.entities import Instance
from workstation.dicom.looks import ImageLook, colour_profile, read_look

UNUSABLE = "its colour profile cannot be applied"


def as_srgb(rgb: NDArray[np.uint8], head: bytes) -> NDArray[np.uint8]:
    """RGB (rows, columns, 3) by the profile in an object's `head`; as it is without one or with a spoiled one."""
    profile = colour_profile(head)
    transform = _transform(profile) if profile else None
    if transform is None:
        return rgb
    from PIL import Image, ImageCms

    image = Image.fromarray(np.ascontiguousarray(rgb))
    return np.asarray(ImageCms.applyTransform(image, transform), dtype=np.uint8)


def look_of(head: bytes, instance: Instance, frame: int, raw: bytes | memoryview) -> ImageLook | None:
    """`read_look`, which also says when a profile could not be followed."""
    look = read_look(head, instance, frame, raw)
    if look is None or not look.colour_profile or _transform(colour_profile(head)) is not None:
        return look
    return replace(look, odd=(*look.odd, UNUSABLE))


@lru_cache(maxsize=8)
def _transform(profile: bytes) -> Any:
    """How to get from a profile's colours to sRGB, relative to its white; None when it cannot be used for RGB."""
    from PIL import ImageCms

    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.buildTransform(given, target, "RGB", "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
