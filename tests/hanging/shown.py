"""What a stage shows, beside the labels of demo_labels.toml."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from workstation.dicom.entities import Instance
from workstation.hanging.hang import PlannedStage, PlannedTile
from workstation.imaging.displaysets import DisplaySet

FILE = Path(__file__).with_name("demo_labels.toml")


@dataclass(frozen=True)
class Label:
    study: str
    """A title of the demo's catalogue, or the end of StudyInstanceUID, or of that and PatientID."""
    tiles: tuple[str, ...]
    protocol: str = ""

    def means(self, first: Instance) -> bool:
        """Whether it is about the study of an instance."""
        study = first.StudyInstanceUID
        return study.endswith(self.study) or f"{study} {first.patient.PatientID}".endswith(self.study)


@cache
def labels(kind: str) -> tuple[Label, ...]:
    """Those of the demo, or the real ones."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))[kind]
    return tuple(Label(each["study"], tuple(each["tiles"]), each.get("protocol", "")) for each in found)


def as_said(tile: PlannedTile, sets: Sequence[DisplaySet]) -> str:
    """A tile in the words of a label."""
    shown = next((each for each in sets if each.key == tile.display_set), None)
    if shown is None:
        return "-"
    first = shown.images[tile.image or 0].instance
    name = f"{first.ImageLaterality} {first.ViewPosition}" if first.ViewPosition[-3:] in ("CC", "MLO") else ""
    dated = f"{tile.study_date} " if tile.prior else ""
    over = "".join(f" | {_described(each.display_set, sets)}" for each in tile.layers)
    return f"{dated}{name or first.SeriesDescription} | {tile.plane or 'image'} | {tile.window or 'own'}{over}"


def _described(key: str, sets: Sequence[DisplaySet]) -> str:
    return next(each.first.SeriesDescription for each in sets if each.key == key)


def differs(label: Label, protocol: str, stage: PlannedStage, sets: Sequence[DisplaySet]) -> str:
    """How a stage differs from its label; empty where it does not."""
    seen = [as_said(each, sets) for each in stage.tiles]
    wanted = [each.removesuffix(" +") for each in label.tiles]
    repeated = label.tiles[-1].endswith("+")
    if repeated and len(seen) > len(wanted):
        wanted += wanted[-1:] * (len(seen) - len(wanted))
    alike = len(seen) == len(wanted) and all(map(fnmatchcase, seen, wanted))
    if alike and label.protocol in ("", protocol):
        return ""
    return f"{label.study}: {protocol} shows {seen}, not {label.protocol or 'any'} {list(label.tiles)}"
