"""Rows without a window: headers, reslicing and import, each beside somebody else's program in the same run."""

import importlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np

from workstation import jobs
from workstation.bench.data import Study
from workstation.bench.rows import Row

PROCESSES: Final = 2
_OBLIQUE_DEG: Final = 30.0
_PLANES: Final = 15
_SLAB_MM: Final = 20.0
SLAB_PLANES: Final = 21
READ_MS: Final = {1: 3.35, SLAB_PLANES: 69.0}
"""What SimpleITK took for an oblique plane of 512 x 512 by its thickness in planes, where the limits were read."""


def headers(study: Study, runs: int) -> list[Row]:
    """One header of 300, on two processes: ours and pydicom's."""
    ours, theirs = [], []
    chunks = [study.files[start::PROCESSES] for start in range(PROCESSES)]
    with jobs.process_pool(PROCESSES) as pool:
        _each_ms(pool, _parse_ours, chunks)
        _each_ms(pool, _parse_pydicom, chunks)
        for _ in range(runs):
            ours.append(_each_ms(pool, _parse_ours, chunks))
            theirs.append(_each_ms(pool, _parse_pydicom, chunks))
    return [Row("header, 2 processes", "ms", "pydicom, stop before pixels", 0.5, tuple(ours), tuple(theirs))]


def reslice(study: Study, runs: int) -> list[Row]:
    """Oblique planes of 512 x 512 out of the volume, thin, painted and as slabs: ours and SimpleITK's resampler."""
    from workstation.imaging.oblique import Slab, SlabMode
    from workstation.phantom.coded import coded_ct

    series = coded_ct(study.slices, study.rows)
    slab = Slab(_SLAB_MM, SlabMode.MIP)
    works = (
        ("oblique reslice 512 x 512", 5.0, _our_plane(series), 1),
        ("the same with window and paint", 12.0, _our_painted(series), 1),
        ("20 mm slab while it moves", 50.0, _our_plane(series, slab, coarse=True), SLAB_PLANES),
        ("20 mm slab at rest", 500.0, _our_plane(series, slab), SLAB_PLANES),
    )
    rows = []
    for name, limit_ms, ours, planes in works:
        theirs = their_reslice(series, planes)
        ours(), theirs()
        pairs = [(median_ms(ours), median_ms(theirs)) for _ in range(runs)]
        mine, peer = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
        pace = float(np.median(peer)) / READ_MS[planes]
        rows.append(Row(name, "ms", "SimpleITK", limit_ms, mine, peer, pace=round(pace, 3)))
    return rows


def import_(study: Study, runs: int) -> list[Row]:
    """Files from a folder into an empty cache, and plain copies of them with fsync."""
    from workstation.cache.importer import import_paths
    from workstation.paths import Home

    ours, theirs = [], []
    megabytes = sum(path.stat().st_size for path in study.files) / 1e6
    for _ in range(runs):
        with tempfile.TemporaryDirectory(dir=study.home.root.parent) as folder:
            home = Home(Path(folder) / "home").create()
            begun = time.monotonic()
            import_paths(home, [study.folder], lambda done, total: None)
            ours.append(megabytes / (time.monotonic() - begun))
            begun = time.monotonic()
            _copied(study.files, Path(folder))
            theirs.append(megabytes / (time.monotonic() - begun))
    return [Row("import into the cache", "MB/s", "copies, each with fsync", None, tuple(ours), tuple(theirs), True)]


def _copied(files: list[Path], folder: Path) -> None:
    for path in files:
        with (folder / path.name).open("wb") as target, path.open("rb") as source:
            shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())


def _each_ms(pool: ProcessPoolExecutor, parse: Callable[[list[Path]], int], chunks: list[list[Path]]) -> float:
    begun = time.monotonic()
    count = sum(pool.map(parse, chunks))
    return 1000 * (time.monotonic() - begun) / count


def _parse_ours(files: list[Path]) -> int:
    from workstation.dicom.header import read_instance

    return len([read_instance(path.read_bytes()).SOPInstanceUID for path in files])


def _parse_pydicom(files: list[Path]) -> int:
    import pydicom

    return len([pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID for path in files])


def median_ms(work: Callable[[], object]) -> float:
    """Of some rounds of a work."""
    times = []
    for _ in range(_PLANES):
        begun = time.monotonic()
        work()
        times.append(1000 * (time.monotonic() - begun))
    return float(np.median(times))


def _axes(size: int) -> tuple[Any, Any, Any]:
    """Unit steps right and down on the oblique plane (LPS, 1 mm), and its first corner from the volume's middle."""
    angle = np.radians(_OBLIQUE_DEG)
    right = np.array([np.cos(angle), np.sin(angle), 0.0])
    down = np.array([-np.sin(angle) * np.cos(angle), np.cos(angle) ** 2, np.sin(angle)])
    return right, down, -(right + down) * (size - 1) / 2


def _our_plane(series: Any, slab: Any = None, coarse: bool = False) -> Callable[[], Any]:
    from workstation.imaging.geometry import Grid, vec
    from workstation.imaging.oblique import THIN
    from workstation.imaging.view import Interpolation, ScreenPlane
    from workstation.render.planar import sample

    slices, rows, columns = series.voxels.shape
    place, (row_mm, column_mm) = series.grid, series.grid.pixel_spacing_mm
    axes = (vec(place.row_direction), vec(place.column_direction), vec(place.normal))
    grid = Grid(vec(place.origin_lps), axes, (column_mm, row_mm, place.slice_spacing_mm), (columns, rows, slices))
    right, down, corner = _axes(rows)
    screen = ScreenPlane(vec(np.asarray(grid.center_lps) + corner), vec(right), vec(down), columns, rows)
    return lambda: sample(series.voxels, grid, screen, Interpolation.LINEAR, slab=slab or THIN, coarse=coarse)


def _our_painted(series: Any) -> Callable[[], object]:
    from workstation.imaging.greyscale import Chain, Rescale, Window
    from workstation.paint.tile import paint_tile
    from workstation.render.planar import to_rgb32

    plane, chain = _our_plane(series), Chain(Rescale(1.0, -1024.0), Window(40.0, 400.0))
    table = chain.table(series.voxels.dtype)
    rows, columns = series.voxels.shape[1:]
    return lambda: paint_tile(to_rgb32(plane(), chain, table), None, (columns, rows), 1.0)


def their_reslice(series: Any, planes: int) -> Callable[[], object]:
    """SimpleITK's resampler for an oblique plane of a series, so many planes thick and then their maximum."""
    sitk: Any = importlib.import_module("SimpleITK")

    place, (row_mm, column_mm) = series.grid, series.grid.pixel_spacing_mm
    image = sitk.GetImageFromArray(series.voxels)
    image.SetOrigin(place.origin_lps)
    image.SetSpacing((column_mm, row_mm, place.slice_spacing_mm))
    slices, rows, columns = series.voxels.shape
    middle = np.array(place.point_lps((slices - 1) / 2, (rows - 1) / 2, (columns - 1) / 2))
    right, down, corner = _axes(rows)
    resample = sitk.ResampleImageFilter()
    resample.SetInterpolator(sitk.sitkLinear)
    resample.SetSize((columns, rows, planes))
    normal = np.cross(right, down)
    resample.SetOutputOrigin((middle + corner - normal * (planes - 1) / 2).tolist())
    resample.SetOutputDirection(np.stack([right, down, normal], axis=1).ravel().tolist())
    if planes == 1:
        return lambda: resample.Execute(image)
    return lambda: sitk.MaximumProjection(resample.Execute(image), 2)
