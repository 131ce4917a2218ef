"""A case put aside and taken up again exactly as it was: stage, layout, places, framing, windows, links.

JSON text, without a pixel or a name of a patient. Tiles name their display sets; where one is no longer there, or
the text is not ours, the study hangs as it would anew.
"""

import json
from dataclasses import asdict, replace
from typing import Any, Final

from workstation.case import apart
from workstation.case.aligning import of_one_patient
from workstation.case.registering import unsaved
from workstation.case.state import Case
from workstation.case.tile import Link, OwnLayout, Share, Tile
from workstation.imaging.alignment import Alignment, Registration, pair
from workstation.imaging.alignment_text import as_plain, registration_of
from workstation.imaging.geometry import vec
from workstation.imaging.greyscale import Window
from workstation.imaging.layers import Blend, Layer
from workstation.imaging.oblique import THIN, Axes, Slab, SlabMode, Triad, axes_of
from workstation.imaging.scene import Scene
from workstation.imaging.scene_text import as_plain as as_plain_scene
from workstation.imaging.scene_text import scene_of
from workstation.imaging.turning import Turning, why_not
from workstation.imaging.view import Display, Framing, Interpolation, Orientation, Spread

FORMAT: Final = 1

NO_MORE: Final = {
    "transfer": None, "light_deg": (25.0, 30.0), "crop": None, "plane": None, "crosshair": True, "box": False,
}  # fmt: skip
"""Of a scene as it hangs."""


def parked(case: Case) -> str:
    """The case as JSON text."""
    document = {
        "format": FORMAT,
        "stage": case.stage,
        "active": case.active,
        "maximised": case.maximised,
        "own_layout": asdict(case.own_layout) if case.own_layout else None,
        "instead": case.instead,
        "shares": {group: sorted(shares) for group, shares in case.shares.items()},
        "crosshairs": case.crosshairs,
        "triads": {space: asdict(triad) for space, triad in case.triads.items()},
        "reference_lines": case.reference_lines,
        "crosshair_lines": case.crosshair_lines,
        "tiles": [_tile(tile) for tile in case.tiles],
        "registrations": [as_plain(each) for each in unsaved(case) if each.field is None],
        "found": [as_plain(each) for each in _found(case)],
        "shown_anyway": sorted(case.alignment.shown_anyway),
        "overlays": {"shown": case.overlays.shown, "opacity": case.overlays.opacity},
    }
    return json.dumps(document)


def _found(case: Case) -> list[Registration]:
    """What reset brings back of registrations that no document says, where no document says that either."""
    found = (case.registering.found.get(each.pair) for each in unsaved(case))
    return [e for e in found if e is not None and e.field is None and e.uid not in case.registering.saved]


def _tile(tile: Tile) -> dict[str, Any]:
    return {
        "display_set": tile.display_set,
        "orientation": tile.orientation,
        "image": tile.image,
        "framing": asdict(tile.framing),
        "slab": asdict(tile.slab),
        **_displayed(tile.display),
        "presentation": tile.display.presentation.sop_instance_uid if tile.display.presentation else None,
        "link": asdict(tile.link) if tile.link else None,
        "scene": _parked_scene(tile.scene) if tile.scene else None,
        "turning": tile.turning.angle if tile.turning else None,
        "layers": [{**asdict(each), **_displayed(each.display)} for each in tile.layers],
    }


def _displayed(display: Display) -> dict[str, Any]:
    """How values become light, the window by its kind."""
    window = display.window
    value = asdict(window) if isinstance(window, Window | Spread) else window
    plain = asdict(replace(display, presentation=None, window=None))
    return {"display": plain, "window": {"kind": type(window).__name__, "value": value}}


def take_up(case: Case, text: str) -> bool:
    """Put a case where it was when it was parked; False, and the case as it hung, when the text does not fit it."""
    try:
        document = json.loads(text)
        if document["format"] != FORMAT or not 0 <= document["stage"] < len(case.plan.stages):
            return False
        case.hang_stage(document["stage"])
        hung = list(case.tiles)
        tiles = [_taken_up(case, hung[n] if n < len(hung) else Tile(), d) for n, d in enumerate(document["tiles"])]
        own, alone = document["own_layout"], document["maximised"]
        layout = OwnLayout(own["rows"], own["columns"], tuple(own["tiles"])) if own else None
        numbers = {*(layout.tiles if layout else ()), document["active"], *([] if alone is None else [alone])}
        if len(tiles) < len(hung) or not all(0 <= number < len(tiles) for number in numbers):
            return False
        case.shares = {group: frozenset(map(Share, each)) for group, each in document["shares"].items()}
        crosshairs = {frame: (float(x), float(y), float(z)) for frame, (x, y, z) in document["crosshairs"].items()}
        triads = {space: _triad(each) for space, each in document.get("triads", {}).items()}
        lines = bool(document["reference_lines"]), bool(document["crosshair_lines"])
        overlays = document.get("overlays", {"shown": [], "opacity": None})
        opacity = None if overlays["opacity"] is None else float(overlays["opacity"])
        shown = frozenset(map(str, overlays["shown"]))
        alignment, found = _alignment(document), [registration_of(each) for each in document.get("found", ())]
        instead = {str(one): str(other) for one, other in document["instead"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        case.hang_stage(0)
        return False
    case.tiles, case.active, case.own_layout, case.instead = tiles, document["active"], layout, instead
    case.reference_lines, case.crosshair_lines = lines
    case.alignment = of_one_patient(case, alignment)
    accepted = [each for each in case.alignment.registrations if each.accepted]
    kept = {each.pair for each in case.alignment.registrations}
    case.registering.found |= {each.pair: each for each in (*found, *accepted) if each.pair in kept}
    apart.follow(case)
    case.crosshairs.update(crosshairs)
    case.triads.update(triads)
    case.overlays.as_left(shown, opacity)
    case.maximise(alone)
    return True


def _alignment(document: dict[str, Any]) -> Alignment:
    """What was registered and not saved. Raises what a text that is not ours raises."""
    registrations = tuple(registration_of(each) for each in document.get("registrations", ()))
    return Alignment(registrations, frozenset(pair(one, other) for one, other in document.get("shown_anyway", ())))


def _taken_up(case: Case, hung: Tile, document: dict[str, Any]) -> Tile:
    """Raises what a text that is not ours raises."""
    key = document["display_set"]
    if key is not None and key not in case.sets:
        return hung
    states = {each.sop_instance_uid: each for each in case.presentations}
    display = replace(_display(document), presentation=states.get(document["presentation"]))
    framing: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in document["framing"].items()}
    framing["placing"] = hung.framing.placing
    last = len(case.sets[key].images) - 1 if key else 0
    orientation = Orientation(document["orientation"]) if document["orientation"] else None
    return replace(
        hung,
        display_set=key,
        orientation=orientation if key and case.sets[key].lattice is not None else None,
        image=min(max(int(document["image"]), 0), last),
        framing=Framing(**framing),
        display=display,
        slab=_slab(document.get("slab")),
        link=Link(**document["link"]) if document["link"] else None,
        scene=_scene(document.get("scene")) if key and case.sets[key].lattice is not None else None,
        turning=_turning(document.get("turning")) if key and not why_not(case.sets[key]) else None,
        layers=tuple(_layer(each) for each in document.get("layers", ()) if each["display_set"] in case.sets),
    )


def _display(document: dict[str, Any]) -> Display:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in document["display"].items()}
    values |= {"window": _window(document["window"]), "interpolation": Interpolation(values["interpolation"])}
    return Display(**values)


def _layer(document: dict[str, Any]) -> Layer:
    x, y = document["at"]
    return Layer(
        str(document["display_set"]),
        _display(document),
        float(document["opacity"]),
        Blend(document["blend"]),
        bool(document["clear_below"]),
        bool(document["hidden"]),
        (float(x), float(y)),
    )


def _parked_scene(scene: Scene) -> dict[str, Any]:
    """All of a scene but the masks of what was cut away: of these only their names."""
    return as_plain_scene(scene) | {"cut_away": [each.name for each in scene.cuts]}


def _scene(document: dict[str, Any] | None) -> Scene | None:
    """A case that was parked before more was kept has its camera and preset."""
    return None if document is None else scene_of(NO_MORE | document)


def cut_away(text: str) -> tuple[str, ...]:
    """What was cut away of volumes with masks when a case was parked, and is there again; of a text taken up."""
    scenes = (each.get("scene") for each in json.loads(text)["tiles"])
    names = (str(name) for each in scenes if each for name in each.get("cut_away", ()))
    return tuple(dict.fromkeys(names))


def _turning(angle: int | None) -> Turning | None:
    return None if angle is None else Turning().turned(int(angle))


def _slab(document: dict[str, Any] | None) -> Slab:
    """A case that was parked before there were slabs has none."""
    return Slab(float(document["thickness_mm"]), SlabMode(document["mode"])) if document else THIN


def _triad(document: dict[str, Any]) -> Triad:
    """Raises what directions raise that span no plane."""
    laid = {name: Axes(vec(each["right"]), vec(each["down"])) for name, each in document.items()}
    for each in laid.values():
        axes_of(each.right, each.down)
    return Triad(**laid)


def _window(document: dict[str, Any]) -> Window | Spread | int | str | None:
    kind, value = document["kind"], document["value"]
    if kind == "Window":
        return Window(**value)
    if kind == "Spread":
        return Spread(**value)
    if value is not None and not isinstance(value, int | str):
        raise ValueError(kind)
    return value
