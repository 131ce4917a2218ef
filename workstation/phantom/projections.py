"""The demo patient's projections: screening mammography and chest X-rays, each with a prior of the year before."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from workstation.phantom import chest_xray
from workstation.phantom.breast import MASS, YEARLY_GROWTH, Side, View
from workstation.phantom.dicom_projection import Code, Projection, write_projections
from workstation.phantom.mammograms import TODAY, YEAR_AGO, Detector, Mammogram, mammogram
from workstation.phantom.series import PhantomStudy, Window
from workstation.phantom.trunk import ADA

SMALLER = {"full": 1, "small": 4, "tiny": 8}
"""By size: how many detector pixels, along rows and columns, become one."""

MAMMOGRAPHY = replace(
    ADA,
    study_id="1101",
    study_date="20250218",
    study_time="104000",
    study_description="Mammography screening, both breasts",
    accession_number="DEMO-MG-2",
    priority="ROUTINE",
    indication="Screening. BI-RADS 3 on the left a year ago.",
)
MAMMOGRAPHY_PRIOR = replace(
    MAMMOGRAPHY,
    study_id="1100",
    study_date="20240220",
    patient_age="060Y",
    accession_number="DEMO-MG-1",
    priority="",
    indication="Screening. No complaint, no family history.",
)

CHEST = replace(
    ADA,
    study_id="1201",
    study_date="20250310",
    study_time="083000",
    study_description="X-ray chest PA and lateral",
    accession_number="DEMO-DX-2",
    priority="ROUTINE",
    indication="Cough for three weeks.",
)
CHEST_PRIOR = replace(
    CHEST,
    study_id="1200",
    study_date="20240311",
    patient_age="060Y",
    accession_number="DEMO-DX-1",
    priority="",
    indication="Before chemotherapy.",
)

_ORDER: tuple[tuple[Side, View], ...] = (("R", "CC"), ("L", "CC"), ("R", "MLO"), ("L", "MLO"))
_BREAST: Code = ("76752008", "Breast")
_VIEW_CODES: dict[View, Code] = {
    "CC": ("399162004", "cranio-caudal"),
    "MLO": ("399368009", "medio-lateral oblique"),
}
_ORIENTATIONS: dict[tuple[Side, View], tuple[str, str]] = {
    ("R", "CC"): ("P", "L"),
    ("L", "CC"): ("A", "R"),
    ("R", "MLO"): ("P", "FL"),
    ("L", "MLO"): ("A", "FR"),
}
"""Where rows and columns point (PS3.3 C.7.6.1.1.1): the lateral half of a cranio-caudal image lies above."""


@dataclass(frozen=True)
class ProjectionStudy:
    """A study of the demo patient, made only when asked for; sizes are those of `SMALLER`."""

    title: str
    study: PhantomStudy
    images: Callable[[str], Iterator[Projection]]

    def write(self, folder: Path, size: str = "full") -> None:
        """Make the study's images and write each as a file into `folder`."""
        write_projections(self.images(size), folder)


def mammograms_today(size: str) -> Iterator[Projection]:
    """Four views of today, a series each."""
    detector = TODAY.coarser(SMALLER[size])
    for number, (side, view) in enumerate(_ORDER, start=1):
        made = mammogram(side, view, detector)
        yield _breast_image(made, MAMMOGRAPHY, f"{side} {view}", number, 1, ("Hounsfield", "Phantom Selen", "70"))


def mammograms_year_ago(size: str) -> Iterator[Projection]:
    """Four views of a year ago, all in one series, from a detector with other pixels that stores white as 0."""
    detector = YEAR_AGO.coarser(SMALLER[size])
    for number, (side, view) in enumerate(_ORDER, start=1):
        made = mammogram(side, view, detector, MASS.radius_mm * YEARLY_GROWTH)
        yield _breast_image(made, MAMMOGRAPHY_PRIOR, "mammography", 1, number, ("Hounsfield", "Phantom Iodide", "100"))


def _breast_image(
    made: Mammogram, study: PhantomStudy, series: str, series_number: int, number: int, equipment: tuple[str, str, str]
) -> Projection:
    side, view, detector = made.side, made.view, made.detector
    return Projection(
        pixels=made.pixels,
        modality="MG",
        study=study,
        series=series,
        series_number=series_number,
        series_description=series,
        instance_number=number,
        view_position=view,
        view_code=_VIEW_CODES[view],
        anatomic_region=_BREAST,
        image_laterality=side,
        patient_orientation=_ORIENTATIONS[side, view],
        imager_pixel_spacing_mm=(detector.pixel_mm, detector.pixel_mm),
        window=_window(detector),
        equipment=equipment,
        photometric_interpretation="MONOCHROME1" if detector.air_is_white else "MONOCHROME2",
        magnification=1.046,
        more=_exposure(side, view),
    )


def _window(detector: Detector) -> Window:
    center, width = 1850.0, 2700.0
    return Window(4095 - center if detector.air_is_white else center, width, "NORMAL")


def _exposure(side: Side, view: View) -> dict[str, float | int | str | list[str]]:
    """How the breast was compressed and exposed: mm, N, kV, mAs."""
    oblique = view == "MLO"
    angle = 0.0 if not oblique else 45.0 if side == "L" else -45.0
    return {
        "PositionerPrimaryAngle": angle,
        "BodyPartThickness": 58.0 if oblique else 54.0,
        "CompressionForce": 108.0 if oblique else 96.0,
        "DistanceSourceToDetector": 660.0,
        "DistanceSourceToPatient": 631.0,
        "KVP": 29.0,
        "Exposure": 84 if oblique else 76,
        "AnodeTargetMaterial": "TUNGSTEN",
        "FilterMaterial": "RHODIUM",
        "Grid": ["FOCUSED", "RECIPROCATING"],
        "OrganDose": 0.0145 if oblique else 0.0132,
        "EntranceDoseInmGy": 5.1,
    }


_BEFORE_FILM_MM = 130.0
"""How far the middle of the chest is from the detector."""

_CHEST: Code = ("816094009", "Chest")
_FILMS: tuple[tuple[chest_xray.View, Code, tuple[str, str], str], ...] = (
    ("PA", ("272479007", "postero-anterior"), ("L", "F"), "Chest PA"),
    ("LL", ("399173006", "left lateral"), ("P", "F"), "Chest lateral"),
)


def chest_today(size: str) -> Iterator[Projection]:
    """Postero-anterior and left lateral film of today, a series each."""
    return _chest_images(CHEST, chest_xray.TODAY.coarser(SMALLER[size]), ("Hounsfield", "Phantom Ray", "168"))


def chest_year_ago(size: str) -> Iterator[Projection]:
    """The same a year ago, on another detector: the nodule was smaller."""
    film = chest_xray.YEAR_AGO.coarser(SMALLER[size])
    return _chest_images(CHEST_PRIOR, film, ("Hounsfield", "Phantom Plate", "194"))


def _chest_images(study: PhantomStudy, film: chest_xray.Film, equipment: tuple[str, str, str]) -> Iterator[Projection]:
    for number, (view, code, orientation, description) in enumerate(_FILMS, start=1):
        yield Projection(
            pixels=chest_xray.radiograph(view, film).pixels,
            modality="DX",
            study=study,
            series=view,
            series_number=number,
            series_description=description,
            instance_number=1,
            view_position=view,
            view_code=code,
            anatomic_region=_CHEST,
            image_laterality="U",
            patient_orientation=orientation,
            imager_pixel_spacing_mm=(film.pixel_mm, film.pixel_mm),
            window=Window(2100.0, 3500.0, "CHEST"),
            equipment=equipment,
            magnification=round(film.distance_mm / (film.distance_mm - _BEFORE_FILM_MM), 3),
            more={
                "KVP": 125.0,
                "Exposure": 2 if view == "PA" else 6,
                "DistanceSourceToDetector": film.distance_mm,
                "DistanceSourceToPatient": film.distance_mm - _BEFORE_FILM_MM,
                "Grid": ["FOCUSED", "PARALLEL"],
                "PositionerType": "COLUMN",
            },
        )


STUDIES = (
    ProjectionStudy("Mammography a year ago", MAMMOGRAPHY_PRIOR, mammograms_year_ago),
    ProjectionStudy("Mammography", MAMMOGRAPHY, mammograms_today),
    ProjectionStudy("Chest X-ray a year ago", CHEST_PRIOR, chest_year_ago),
    ProjectionStudy("Chest X-ray", CHEST, chest_today),
)
