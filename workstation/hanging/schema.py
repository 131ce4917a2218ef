"""What may stand in a hanging protocol, and sentences that say where and what was probably meant."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from workstation.errors import HounsfieldError, meant
from workstation.hanging.words import vocabulary
from workstation.imaging.palettes import PALETTES
from workstation.imaging.presets import presets
from workstation.imaging.transfer import volume_presets

PLANES: Final = ("stack", "axial", "coronal", "sagittal")
THREE_D: Final = "3d"
"""In place of a plane: the whole volume, drawn by a `preset` of resources/volume_presets.toml."""
TURNING: Final = "mip"
"""In place of a plane: the whole volume as a rotating MIP."""
_SEQUENCES: Final = ("adc", "dti", "perfusion", "tof", "swi", "dwi", "flair", "stir", "t2*", "pd", "t1", "t1c", "t2")
_KINDS: Final = (
    *("diagnostic", "localizer", "report", "tracking", "derived", "reformat", "uncorrected", "raw"),
    *("tomosynthesis", "synthetic", "special view", "calibration"),
)
_MODALITIES: Final = (
    *("CR", "CT", "DX", "ES", "GM", "IO", "IVOCT", "IVUS", "MG", "MR", "NM", "OCT", "OP", "OPT", "OT", "PT", "PX"),
    *("RF", "RG", "RTDOSE", "RTIMAGE", "SC", "SM", "US", "XA", "XC"),
)
FACTS: Final[Mapping[str, tuple[Any, ...]]] = {
    "modality": _MODALITIES,
    "kind": _KINDS,
    "plane": ("axial", "coronal", "sagittal", ""),
    "volume": (True, False),
    "fine": (True, False),
    "region": (),
    "tissue": ("soft", "lung", "bone"),
    "phase": ("native", "arterial", "portal", "delayed", ""),
    "sequence": (*_SEQUENCES, ""),
    "contrast": (True, False),
    "view": ("CC", "MLO", "ML", "LM", "frontal", "lateral", "oblique", ""),
    "side": ("L", "R", "B", ""),
}
"""Facts of a series and their values; no values: those of the words that are known."""
_LISTS: Final = tuple(FACTS)
_KEYS: Final[Mapping[str, Mapping[str, tuple[type, ...]]]] = {
    "protocol": {"title": (str,), "by_name_only": (bool,), "rules": (list,), "sets": (dict,), "stages": (list,)},
    "rule": {
        "fact": (str,),
        "on": (str,),
        "has": (list,),
        "has_all": (list,),
        "lacks": (list,),
        "at_least": (int, float),
        "required": (bool,),
        "weight": (int, float),
    },
    "set": {**dict.fromkeys(_LISTS, (list,)), "prefer": (list,), "instead": (list,)},
    "preference": dict.fromkeys(_LISTS, (list,)),
    "stage": {
        "name": (str,),
        "layout": (str,),
        "tiles": (list,),
        "fill": (str,),
        "when": (str,),
        "needs": (str,),
        "screens": (list,),
    },
    "tile": {
        "plane": (str,),
        "set": (int, str),
        "window": (str,),
        "show": (str,),
        "prior": (int,),
        "optional": (bool,),
        "else_acquired": (bool,),
        "slab_mm": (int, float),
        "slab": (str,),
        "link": (str,),
        "chest_wall": (str,),
        "preset": (str,),
        "layers": (list,),
    },
    "layer": {
        "show": (str,),
        "palette": (str,),
        "window": (str,),
        "opacity": (int, float),
        "clear_below": (bool,),
    },
}
ONE_LANDSCAPE: Final = "one landscape"
SCREENS: Final = (ONE_LANDSCAPE, "one portrait", "two landscape", "two portrait")
"""What a stage can be for."""
_CHOICES: Final = {
    ("rule", "on"): ("study", "series", "image"),
    ("stage", "when"): ("always", "prior"),
    ("tile", "plane"): (*PLANES, THREE_D, TURNING),
    ("tile", "slab"): ("mean", "mip", "minip", "sum"),
    ("tile", "chest_wall"): ("left", "right"),
}


class ProtocolError(HounsfieldError):
    """A protocol file that cannot be used: the sentence names file, place and what was probably meant."""


@dataclass(frozen=True)
class Place:
    """A place in a protocol file, for sentences about it."""

    file: str
    text: str
    line: int = 1
    inside: str = ""

    def table(self, header: str, number: int = 1) -> "Place":
        """The table with a header, of several the one with a number (from 1)."""
        starts = [match.start() for match in re.finditer(rf"^\s*{re.escape(header)}", self.text, re.MULTILINE)]
        at = starts[number - 1] if number <= len(starts) else 0
        name = header.strip("[]")
        line = self.text.count("\n", 0, at) + 1
        return replace(self, line=line, inside=f"{name} {number}" if header.startswith("[[") else name)

    def within(self, what: str) -> "Place":
        return replace(self, inside=f"{self.inside}, {what}")

    def error(self, key: str, sentence: str) -> ProtocolError:
        where = f"{self.file}, line {self._line_of(key)}"
        return ProtocolError(f"{where}{f' ({self.inside})' if self.inside else ''}: {sentence}")

    def _line_of(self, word: str) -> int:
        """The first line from this place on that has the word."""
        if not word:
            return self.line
        lines = self.text.split("\n")
        pattern = re.compile(rf"(?<![\w]){re.escape(word)}(?![\w])")
        found = (number for number in range(self.line, len(lines) + 1) if pattern.search(lines[number - 1]))
        return next(found, self.line)

    def check(self, values: Any, kind: str) -> None:
        """Raise `ProtocolError` for a key that is not of this kind, or a value of another type."""
        if not isinstance(values, dict):
            raise self.error("", f"a {kind} is a table of keys and values")
        known = _KEYS[kind]
        for key, value in values.items():
            if key not in known:
                raise self.error(key, f"{key!r} is not a key of a {kind}{meant(key, tuple(known))}")
            if not isinstance(value, known[key]) or (isinstance(value, bool) and bool not in known[key]):
                raise self.error(key, f"{key} of a {kind} cannot be {value!r}")
            if (kind, key) in _CHOICES:
                self.one_of(value, key, _CHOICES[kind, key])
        if kind in ("tile", "layer") and values.get("window"):
            self.one_of(values["window"], "window", _window_names())
        if kind == "layer" and values.get("palette"):
            self.one_of(values["palette"], "palette", PALETTES)
        if kind == "tile" and values.get("preset"):
            self.one_of(values["preset"], "preset", tuple(volume_presets()))

    def facts(self, on: str) -> Mapping[str, tuple[Any, ...]]:
        """What a rule may ask of a study or a series, and the values there are."""
        if on == "series":
            return FACTS
        study = {name + "s": FACTS[name] for name in ("region", "phase", "sequence", "view", "tissue", "kind", "plane")}
        return {
            **study,
            "modalities": _MODALITIES,
            "procedures": tuple(sorted(_meanings("procedure"))),
            "side": FACTS["side"],
            "contrast": (True, False),
            "images": (),
            "series": (),
        }

    def one_of(self, value: Any, key: str, known: Sequence[Any]) -> None:
        """Raise `ProtocolError` unless the value is known; regions are known by their words."""
        allowed = tuple(sorted(_meanings("region"))) if key in ("region", "regions") else tuple(known)
        if not allowed and key in ("has", "has_all", "lacks"):
            allowed = tuple(sorted(_meanings("region")))
        if value not in allowed:
            raise self.error(str(value), f"{key} {value!r} is not known{meant(str(value), allowed)}")


def _window_names() -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.name for modality in _MODALITIES for each in presets(modality)))


def _meanings(topic: str) -> frozenset[str]:
    entries = (*vocabulary().whole.values(), *vocabulary().beginnings.values())
    return frozenset(meaning for each in entries for about, meaning in each if about == topic)
