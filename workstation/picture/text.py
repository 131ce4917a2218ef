"""Corner text of a tile: attributes and worked-out fields put into the lines of resources/corners.toml."""

import string
import tomllib
from functools import cache
from typing import Any

from workstation import paths
from workstation.case.state import TileView
from workstation.dicom.entities import Instance
from workstation.imaging.geometry import vec
from workstation.imaging.greyscale import Window
from workstation.picture.chain import is_inverted

NO_NAME = "(no name)"
CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")


@cache
def _corner_lines() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((paths.resources() / "corners.toml").read_text(encoding="utf-8"))


class _Fields(dict[str, str]):
    """Worked-out fields; any other name is a text attribute of the image or its patient, or empty."""

    def __init__(self, instance: Instance, **worked_out: str) -> None:
        super().__init__(worked_out)
        self._instance = instance

    def __missing__(self, key: str) -> str:
        value = getattr(self._instance.patient, key, getattr(self._instance, key, ""))
        return value if isinstance(value, str) else ""


def corners(
    view: TileView, window: Window | None, unit: str, px_per_image_px: float | None
) -> dict[str, tuple[str, ...]]:
    """The lines of the four corners; lines without any value are left out.

    What says whose image it is always stands there: where a value is missing, that is said (safety.md 1).
    """
    assert view.display_set is not None  # noqa: S101  only tiles with an image have corners
    instance = view.display_set.images[view.image].instance
    fields = _fields(view, instance, window, unit, px_per_image_px)
    layout = _corner_lines().get(instance.Modality, _corner_lines()["default"])
    return {corner: tuple(_filled(layout.get(corner, []), fields)) for corner in CORNERS}


def _filled(lines: list[str], fields: _Fields) -> list[str]:
    filled = []
    for line in lines:
        names = [name for _, name, _, _ in string.Formatter().parse(line) if name]
        if any(fields[name] for name in names):
            filled.append("  ".join(line.format_map(fields).split("  ")).strip())
    return filled


def _fields(view: TileView, instance: Instance, window: Window | None, unit: str, zoom: float | None) -> _Fields:
    return _Fields(
        instance,
        name=person_name(instance.patient.PatientName) or NO_NAME,
        PatientID=instance.patient.PatientID or "no ID",
        birth_date=date(instance.patient.PatientBirthDate) or "birth date unknown",
        PatientSex=instance.patient.PatientSex or "sex unknown",
        age=age(instance),
        prior=f"PRIOR  {date(instance.StudyDate)}".strip() if view.tile.prior else "",
        study_date=date(instance.StudyDate),
        study_time=time(instance.StudyTime),
        series=_joined(instance.SeriesNumber, instance.SeriesDescription),
        image=_image_text(view),
        position=_position_text(view),
        plane=view.tile.orientation.value.capitalize() if view.tile.orientation else "",
        thickness=_with_unit(instance.frames[0].SliceThickness, "mm"),
        contrast="contrast" if instance.ContrastBolusAgent else "",
        exposure=_joined(_with_unit(instance.KVP, "kV"), _with_unit(instance.XRayTubeCurrent, "mA"), between="  "),
        times=_joined(
            _with_unit(instance.RepetitionTime, "ms", "TR "), _with_unit(instance.EchoTime, "ms", "TE "), between="  "
        ),
        window=window_text(window, unit, is_inverted(view)),
        zoom="" if zoom is None else f"{zoom * 100:.0f} %",
    )


def window_text(window: Window | None, unit: str, inverted: bool = False) -> str:
    if window is None:
        return ""
    known = f"  {window.name}" if window.name and window.name != "manual" else ""
    return (
        f"C {window.center:g}  W {window.width:g}{' ' + unit if unit else ''}{known}{'  inverted' if inverted else ''}"
    )


def _image_text(view: TileView) -> str:
    if view.display_set is None or view.tile.orientation is not None:
        return ""
    return f"Image {view.tile.image + 1} / {len(view.display_set.images)}"


def _position_text(view: TileView) -> str:
    """Where the plane lies along its main axis, with the patient's side: "H 12.5 mm" is above the origin."""
    if view.display_set is None or not view.display_set.in_patient(view.image):
        return ""
    normal = view.plane.normal
    axis = max(range(3), key=lambda each: abs(normal[each]))
    value = vec(view.plane.center_lps)[axis]
    if view.tile.orientation is None and view.grid.size[2] == 1:
        value = view.grid.center_lps[axis]
    return f"{'LPH'[axis] if value >= 0 else 'RAF'[axis]} {abs(value):.1f} mm"


def person_name(coded: str) -> str:
    """PN (PS3.5 §6.2.1) for people: "Family, Given Middle Suffix", the ideographic group after it."""
    groups = [_name_group(group) for group in coded.split("=")]
    return "  ".join(group for group in groups[:2] if group)


def _name_group(group: str) -> str:
    family, given, middle, prefix, suffix = (group.split("^") + [""] * 5)[:5]
    rest = " ".join(part.strip() for part in (prefix, given, middle, suffix) if part.strip())
    return ", ".join(part for part in (family.strip(), rest) if part)


def date(coded: str) -> str:
    """DA as yyyy-mm-dd; what is no date is shown as it is coded."""
    return f"{coded[:4]}-{coded[4:6]}-{coded[6:]}" if len(coded) == 8 and coded.isdigit() else coded


def time(coded: str) -> str:
    """TM as hh:mm."""
    return f"{coded[:2]}:{coded[2:4]}" if len(coded) >= 4 and coded[:4].isdigit() else coded


def age(instance: Instance) -> str:
    """PatientAge as it is given ("045Y" as "45 y"), else whole years from birth to study date."""
    given = instance.PatientAge
    if len(given) == 4 and given[:3].isdigit():
        return f"{int(given[:3])} {given[3].lower()}"
    born, study = instance.patient.PatientBirthDate, instance.StudyDate
    if len(born) == 8 and len(study) == 8 and born.isdigit() and study.isdigit():
        years = int(study[:4]) - int(born[:4]) - (study[4:] < born[4:])
        return f"{years} y" if 0 <= years < 130 else ""
    return ""


def _with_unit(value: float | None, unit: str, before: str = "") -> str:
    return "" if value is None else f"{before}{value:g} {unit}"


def _joined(*parts: Any, between: str = " ") -> str:
    return between.join(str(part) for part in parts if part not in (None, ""))
