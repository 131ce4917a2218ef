"""A 3D scene as plain values that JSON can hold, and back; what was cut away with masks is kept beside it."""

from dataclasses import asdict, replace
from typing import Any, Final

from workstation.imaging.camera import Camera
from workstation.imaging.geometry import Vec3
from workstation.imaging.scene import ClipPlane, CropBox, Scene
from workstation.imaging.transfer import Mode, Shading, TransferFunction

BESIDE: Final = ("cuts", "shells", "overs")
"""What lies in memory of this program."""


def as_plain(scene: Scene) -> dict[str, Any]:
    """All of a scene but its masks."""
    return {
        name: value
        for name, value in asdict(replace(scene, cuts=(), shells=(), overs=())).items()
        if name not in BESIDE
    }


def scene_of(plain: dict[str, Any]) -> Scene:
    """The scene that `as_plain` wrote. Raises ValueError for anything else."""
    try:
        camera, crop, plane, transfer = (plain[name] for name in ("camera", "crop", "plane", "transfer"))
        left, above = plain["light_deg"]
        return Scene(
            Camera(
                _vec(camera["focus_lps"]),
                _vec(camera["towards"]),
                _vec(camera["up"]),
                float(camera["across_mm"]),
                float(camera["perspective_deg"]),
            ),
            str(plain["preset"]),
            _transfer_of(transfer) if transfer else None,
            bool(plain["shaded"]),
            (float(left), float(above)),
            CropBox(_vec(crop["low"]), _vec(crop["high"])) if crop else None,
            ClipPlane(_vec(plane["point_lps"]), _vec(plane["normal"])) if plane else None,
            crosshair=bool(plain["crosshair"]),
            box=bool(plain["box"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("this is no scene") from error


def _vec(values: Any) -> Vec3:
    x, y, z = values
    return float(x), float(y), float(z)


def _transfer_of(plain: dict[str, Any]) -> TransferFunction:
    shading = plain["shading"]
    return TransferFunction(
        tuple((float(value), float(opacity)) for value, opacity in plain["opacity"]),
        tuple((float(value), int(red), int(green), int(blue)) for value, red, green, blue in plain["colours"]),
        Mode(plain["mode"]),
        Shading(**{name: float(value) for name, value in shading.items()}) if shading else None,
        float(plain["unit_mm"]),
        float(plain["step"]),
        bool(plain["inside"]),
    )
