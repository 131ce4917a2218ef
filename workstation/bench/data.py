"""The study that is measured: 512 x 512 x 300 numbered images, made here, in a home of its own."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.paths import Home
from workstation.phantom.coded import STUDY, coded_ct
from workstation.phantom.dicom import write_series

PROTOCOL: Final = f"""title = "Numbered images"
[[rules]]
fact = "StudyDescription"
on = "image"
has = ["{STUDY.study_description}"]
required = true
weight = 1000
[[stages]]
name = "image"
layout = "1x1"
tiles = [{{ plane = "stack" }}]
[[stages]]
name = "planes"
layout = "2x2"
tiles = [{{ plane = "axial" }}, {{ plane = "sagittal" }}, {{ plane = "coronal" }}, {{ plane = "stack" }}]
"""
"""The study hangs the same way, whatever protocols are shipped: one image, planes, then linked stacks."""

LINKED: Final = (2, 3, 4)
"""Stages of so many rows and columns, each tile the same stack, all linked."""

YEARS: Final = ("20240311", "20250311")
"""StudyDates of a prior and of the study that is opened."""

COMPARED: Final = "Numbered images beside their prior"

COMPARISON: Final = f"""title = "{COMPARED}"
[[rules]]
fact = "StudyDescription"
on = "image"
has = ["{COMPARED}"]
required = true
weight = 1000
[sets.ct]
modality = ["CT"]
[[stages]]
name = "beside the prior"
layout = "2x2"
tiles = [{{tiles}}]
"""


def comparison() -> str:
    """The protocol of the two studies that are compared: four planes, each beside that of the prior."""
    tile = '{{ show = "ct", plane = "axial", window = "{}", prior = {}, link = "all" }}'
    return COMPARISON.format(
        tiles=", ".join(tile.format(name, n) for name in ("mediastinum", "abdomen") for n in (0, 1))
    )


def protocol() -> str:
    """The protocol of the study that is measured."""
    stage = '[[stages]]\nname = "{0} x {0}"\nlayout = "{0}x{0}"\ntiles = [{1}]\n'
    tile = '{ plane = "stack", link = "all" }'
    return PROTOCOL + "".join(stage.format(side, ", ".join([tile] * side * side)) for side in LINKED)


@dataclass(frozen=True)
class Study:
    """`folder` holds one file per image, `home` the same images in a cache; `decoded_bytes` is what all voxels take."""

    folder: Path
    home: Home
    slices: int
    rows: int

    @property
    def decoded_bytes(self) -> int:
        return 2 * self.slices * self.rows * self.rows

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.iterdir())

    @property
    def cached(self) -> list[Path]:
        """The files of the cache."""
        return sorted(path for path in self.home.files.rglob("*") if path.is_file())


def make_compared(folder: Path, images: int, rows: int) -> Study:
    """A study and its prior, numbered images both, together `images` of them, each half in a folder of its own."""
    home = Home(folder / f"home-compared-{rows}-{images}").create()
    with Index(home) as index:
        known = {row.study_instance_uid for row in index.studies()}
    protocols = home.root / "hanging_protocols"
    protocols.mkdir(exist_ok=True)
    (protocols / "bench.toml").write_text(comparison(), encoding="utf-8")
    place = folder / f"files-compared-{rows}-{images}"
    for date in YEARS:
        study = replace(STUDY, study_description=COMPARED, study_date=date)
        if study.study_instance_uid not in known:
            write_series(replace(coded_ct(images // len(YEARS), rows), study=study), place / date)
            import_paths(home, [place / date], lambda done, total: None)
    return Study(place, home, images, rows)


def make_study(folder: Path, slices: int = 300, rows: int = 512) -> Study:
    """Make what `folder` does not hold yet."""
    study = Study(folder / f"files-{rows}-{slices}", Home(folder / f"home-{rows}-{slices}").create(), slices, rows)
    if not study.folder.is_dir() or len(study.files) != slices:
        write_series(coded_ct(slices, rows), study.folder)
    protocols = study.home.root / "hanging_protocols"
    protocols.mkdir(exist_ok=True)
    (protocols / "bench.toml").write_text(protocol(), encoding="utf-8")
    with Index(study.home) as index:
        known = {row.study_instance_uid for row in index.studies()}
    if STUDY.study_instance_uid not in known:
        import_paths(study.home, [study.folder], lambda done, total: None)
    return study
