"""The radiographs that are measured: a chest of 2560 x 2048, a breast of 4700 x 3000, 16 bits, in a home of their own.

In the middle of each lies a bar that says on the screen where it is, and under that an even patch, whose grey tells
which window is in force.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.paths import Home
from workstation.phantom.coded import BITS, Code, draw_bar
from workstation.phantom.dicom_projection import Projection, write_projections
from workstation.phantom.series import PhantomStudy, Window

BLOCK: Final = 64
"""Of the bar, in pixels of the image: readable where the image is fitted into a window as well as at 1:1."""

WHITE: Final = 65535
WINDOW: Final = Window(30000, 40000, "NORMAL")
PATCH: Final = 20000
PROTOCOL: Final = """title = "One radiograph"
[[rules]]
fact = "StudyDescription"
on = "image"
has = ["One radiograph"]
required = true
weight = 1000
[[stages]]
name = "image"
layout = "1x1"
tiles = [{ plane = "stack" }]
"""


@dataclass(frozen=True)
class Radiograph:
    """What is made: `pixel_mm` are the distances of rows and of columns on the detector."""

    title: str
    modality: Literal["MG", "DX"]
    rows: int
    columns: int
    pixel_mm: tuple[float, float]

    @property
    def study(self) -> PhantomStudy:
        return PhantomStudy(
            patient_name=f"Bench^{self.title}",
            patient_id=f"BENCH-{self.modality}",
            study_id=f"{self.rows}x{self.columns}",
            study_description="One radiograph",
            accession_number=f"BENCH-{self.modality}",
        )


RADIOGRAPHS: Final = (
    Radiograph("X-ray 2560 x 2048", "DX", 2560, 2048, (0.17, 0.17)),
    Radiograph("mammogram 4700 x 3000", "MG", 4700, 3000, (0.05, 0.05)),
)


def make_radiographs(folder: Path) -> Home:
    """A home that holds them; what `folder` does not have yet is made."""
    home = Home(folder / "home-radiographs").create()
    protocols = home.root / "hanging_protocols"
    protocols.mkdir(exist_ok=True)
    (protocols / "bench.toml").write_text(PROTOCOL, encoding="utf-8")
    with Index(home) as index:
        known = {row.study_instance_uid for row in index.studies()}
    for each in RADIOGRAPHS:
        if each.study.study_instance_uid not in known:
            place = folder / f"files-radiographs-{each.modality}"
            write_projections([_exposed(each)], place)
            import_paths(home, [place], lambda done, total: None)
    return home


def patch_of(code: Code) -> tuple[int, int]:
    """The middle of the even patch on the screen (x, y), by the bar above it."""
    return round(code.left + BITS / 2 * code.block_px), round(code.top + 3.5 * code.block_px)


def pixels_of(radiograph: Radiograph) -> NDArray[np.uint16]:
    """Stored values, shape (rows, columns): a body with the noise of quanta before air of 0, the bar and the patch."""
    rng = np.random.default_rng(radiograph.rows)
    shape = (radiograph.rows, radiograph.columns)
    y, x = (np.linspace(-1, 1, count, dtype=np.float32) for count in shape)
    light = 30000 + 9000 * np.cos(7 * x)[None, :] * np.sin(5 * y)[:, None]
    light += 900 * rng.standard_normal(shape, dtype=np.float32)
    light[((x + 1) ** 2 / 2.4)[None, :] + (y**2 / 0.9)[:, None] > 1] = 0
    pixels: NDArray[np.uint16] = np.clip(light, 0, WHITE).astype(np.uint16)
    top, left = radiograph.rows // 2 - 2 * BLOCK, radiograph.columns // 2 - BITS * BLOCK // 2
    draw_bar(pixels, 1, (top, left), BLOCK, 0, WHITE)
    pixels[top + 2 * BLOCK + 2 : top + 5 * BLOCK, left : left + BITS * BLOCK] = PATCH
    return pixels


def _exposed(radiograph: Radiograph) -> Projection:
    breast = radiograph.modality == "MG"
    said: dict[str, Any] = {
        "view_position": "CC" if breast else "PA",
        "view_code": ("399162004", "cranio-caudal") if breast else ("272479007", "postero-anterior"),
        "anatomic_region": ("76752008", "Breast") if breast else ("816094009", "Chest"),
        "image_laterality": "L" if breast else "U",
        "patient_orientation": ("A", "R") if breast else ("L", "F"),
    }
    return Projection(
        pixels=pixels_of(radiograph),
        modality=radiograph.modality,
        study=radiograph.study,
        series="bench",
        series_number=1,
        series_description=radiograph.title,
        instance_number=1,
        imager_pixel_spacing_mm=radiograph.pixel_mm,
        window=WINDOW,
        bits_stored=16,
        **said,
    )
