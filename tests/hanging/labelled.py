"""The labelled studies as values, and as display sets made from headers alone."""

import tomllib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from workstation.dicom.entities import Frame, Instance, Patient, PixelFormat
from workstation.imaging.displaysets import DisplaySet, display_sets

FILES = tuple(Path(__file__).with_name(name) for name in ("labelled_studies.toml", "second_set.toml", "third_set.toml"))


@dataclass(frozen=True)
class TileLabel:
    """What one tile of stage 1 must show; no series is a place that stays empty."""

    series: str | None
    plane: str = ""
    window: str = ""
    over: str = ""
    """ "+" and what is drawn over it."""

    @property
    def prior(self) -> bool:
        return self.series is not None and "/" in self.series


@dataclass(frozen=True, eq=False)
class LabelledStudy:
    name: str
    values: Mapping[str, Any]
    protocol: str
    tiles: tuple[TileLabel, ...]
    never: tuple[str, ...]

    @property
    def priors(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(self.values.get("priors", ()))

    def series(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Every series with its full name, those of priors included."""
        yield from ((each["name"], each) for each in self.values["series"])
        for prior in self.priors:
            yield from ((f"{prior['name']}/{each['name']}", each) for each in prior["series"])


@cache
def labelled_studies() -> tuple[LabelledStudy, ...]:
    every = [each for file in FILES for each in tomllib.loads(file.read_text(encoding="utf-8"))["studies"]]
    return tuple(map(_study, every))


def _study(values: Mapping[str, Any]) -> LabelledStudy:
    tiles = tuple(TileLabel(*each.split(" ")) if each != "-" else TileLabel(None) for each in values["tiles"])
    return LabelledStudy(values["name"], values, values["protocol"], tiles, tuple(values["never"]))


ORIENTATIONS = {
    "axial": (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    "coronal": (1.0, 0.0, 0.0, 0.0, 0.0, -1.0),
    "sagittal": (0.0, 1.0, 0.0, 0.0, 0.0, -1.0),
}
THROUGH = {"axial": 2, "coronal": 1, "sagittal": 0}
OWN = {"name", "images", "frames", "plane", "threeplane", "repeat", "series", "priors", "vendor", "language", "why"}
OF_FRAME = {"SliceThickness", "InversionTime", "DiffusionBValue"}
OF_PATIENT = {"PatientID", "IssuerOfPatientID", "PatientBirthDate"}
SLICED = {"CT", "MR", "PT"}
MOST_IMAGES = 64
"""Of longer series every so many-th image is made: they cover the same way, and hanging asks for no more."""


@dataclass(frozen=True)
class Built:
    """A labelled study as display sets, those of its priors, and the label's name of each series."""

    sets: tuple[DisplaySet, ...]
    priors: tuple[tuple[DisplaySet, ...], ...]
    names: Mapping[str, str]
    """SeriesInstanceUID to the name in the labels."""


@cache
def built(study: LabelledStudy) -> Built:
    names: dict[str, str] = {}
    sets = _display_sets(study.values, study.name, "", study.values["vendor"], names)
    priors = tuple(
        _display_sets(each, f"{study.name}/{each['name']}", f"{each['name']}/", study.values["vendor"], names)
        for each in study.priors
    )
    return Built(sets, priors, names)


def uid(text: str) -> str:
    """A UID that is the same for the same text (PS3.5 B.2)."""
    return f"2.25.{zlib.crc32(text.encode())}{len(text)}"


def _display_sets(
    values: Mapping[str, Any], study: str, prefix: str, vendor: str, names: dict[str, str]
) -> tuple[DisplaySet, ...]:
    inherited = {key: value for key, value in values.items() if key not in OWN | {"protocol", "tiles", "never"}}
    instances: list[Instance] = []
    for number, series in enumerate(values["series"], 1):
        merged = {"Manufacturer": vendor, **inherited, **series, "SeriesNumber": number}
        made = list(_instances(merged, study))
        names[made[0].SeriesInstanceUID] = prefix + series["name"]
        instances += made
    return display_sets(instances)


def _instances(values: Mapping[str, Any], study: str) -> Iterator[Instance]:
    series = uid(f"{study}/{values['name']}")
    common = {key: value for key, value in values.items() if key not in OWN | OF_FRAME | OF_PATIENT}
    for key in ("ImageType", "CorrectedImage", "PatientOrientation"):
        common[key] = tuple(common[key].split("\\")) if common.get(key) else ()
    patient = Patient(
        values.get("PatientID", "4711"),
        values.get("IssuerOfPatientID", "CITY"),
        "MUSTER^ERIKA",
        values.get("PatientBirthDate", "19610203"),
    )
    sliced = values["Modality"] in SLICED
    images = values.get("images", 1)
    for index in range(0, images, -(-images // MOST_IMAGES)):
        yield Instance(
            SOPInstanceUID=f"{series}.{index + 1}",
            SOPClassUID="1.2.840.10008.5.1.4.1.1.2",
            TransferSyntaxUID="1.2.840.10008.1.2.1",
            StudyInstanceUID=uid(study),
            SeriesInstanceUID=series,
            patient=patient,
            pixels=_pixels(values.get("frames", 1), sliced),
            frames=(_frame(values, index, sliced),),
            InstanceNumber=index + 1,
            FrameOfReferenceUID=uid(study + "frame") if sliced else "",
            **common,
        )


def _pixels(frames: int, sliced: bool) -> PixelFormat:
    size = (512, 512) if sliced else (2000, 1800)
    return PixelFormat(*size, 1, "MONOCHROME2", 0, 16, 12, 11, 0, frames, "PixelData")


def _frame(values: Mapping[str, Any], index: int, sliced: bool) -> Frame:
    attributes = {key: float(values[key]) for key in OF_FRAME if key in values}
    plane = values.get("plane", "axial")
    if values.get("threeplane"):
        plane = ("axial", "coronal", "sagittal")[index * 3 // values["images"]]
    if not sliced or plane == "none":
        return Frame(**attributes)
    position = [-180.0, -150.0, 900.0]
    if not values.get("repeat"):
        position[THROUGH[plane]] -= index * values.get("SliceThickness", 5.0)
    return Frame(
        ImagePositionPatient=(position[0], position[1], position[2]),
        ImageOrientationPatient=ORIENTATIONS[plane],
        PixelSpacing=(0.71, 0.7),
        **attributes,
    )
