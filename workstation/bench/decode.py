"""Compressed series on their way to the screen, beside the decoder library alone on one thread in the same run."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation import jobs
from workstation.bench.data import Study
from workstation.bench.rows import Row
from workstation.paths import Home

SLICES: Final = 120
LARGE: Final = (2560, 2048)
"""Rows and columns of a radiograph of 5 megapixels."""

J2K, JPEG_LS, JPEG_LOSSLESS, RLE = (f"1.2.840.10008.1.2.{each}" for each in ("4.90", "4.80", "4.70", "5"))
_LONGEST_S: Final = 600.0


def decode(study: Study, runs: int) -> list[Row]:
    """First picture and frames a second of a JPEG 2000 CT, and the first picture of other encodings."""
    rows = []
    pixels = _slices(SLICES, (512, 512))
    measured = [_loaded(J2K, pixels) for _ in range(runs)]
    alone = tuple(_alone(pixels) for _ in range(runs))
    rows.append(_first("first image, JPEG 2000 CT", 0.5, tuple(first for first, _ in measured)))
    speeds = tuple(speed for _, speed in measured)
    rows.append(Row("JPEG 2000, frames", "1/s", "imagecodecs on one thread", None, speeds, alone, True))
    for name, syntax, limit in (("RLE", RLE, 0.5), ("JPEG lossless", JPEG_LOSSLESS, 0.5), ("JPEG-LS", JPEG_LS, 0.5)):
        times = tuple(_loaded(syntax, pixels[:8])[0] for _ in range(runs))
        rows.append(_first(f"first image, {name} CT", limit, times))
    radiograph = _slices(1, LARGE)
    times = tuple(_loaded(J2K, radiograph)[0] for _ in range(runs))
    rows.append(_first("first image, JPEG 2000 of 5 megapixels", 1.0, times))
    return rows


def _first(work: str, limit: float, times: tuple[float, ...]) -> Row:
    return Row(work, "s", "", limit, times)


def _slices(count: int, shape: tuple[int, int]) -> NDArray[np.uint16]:
    """Soft shapes with the noise of a scanner: what noise costs is what decoding costs."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    body = 1000 + 60 * np.cos(5 * x) * np.sin(4 * y) * (x**2 + y**2 < 0.8)
    noise = rng.normal(0, 12, (count, *shape)).astype(np.float32)
    made: NDArray[np.uint16] = np.clip(body + noise, 0, 4095).astype(np.uint16)
    return made


def _encoder(syntax: str) -> Callable[[NDArray[np.uint16]], Any]:
    import imagecodecs
    from pydicom.pixels.encoders.base import get_encoder

    if syntax == RLE:
        encoder: Any = get_encoder(syntax)
        described = {"bits_allocated": 16, "bits_stored": 12, "pixel_representation": 0, "samples_per_pixel": 1}
        return lambda pixels: bytes(
            encoder.encode(
                pixels.tobytes(),
                rows=pixels.shape[0],
                columns=pixels.shape[1],
                number_of_frames=1,
                photometric_interpretation="MONOCHROME2",
                **described,
            )
        )
    if syntax == J2K:
        return lambda pixels: imagecodecs.jpeg2k_encode(pixels, reversible=True, codecformat="j2k", bitspersample=12)
    return imagecodecs.jpegls_encode if syntax == JPEG_LS else imagecodecs.ljpeg_encode


def _loaded(syntax: str, pixels: NDArray[np.uint16]) -> tuple[float, float]:
    """Seconds from opening a series to its first image, and images a second until all are there; workers are warm."""
    from workstation.cache.importer import import_paths
    from workstation.cache.index import Index
    from workstation.case.open import study_sets
    from workstation.loading.load import Loader
    from workstation.loading.workers import decoders

    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home").create()
        _write(Path(folder) / "files", syntax, pixels)
        import_paths(home, [Path(folder) / "files"], lambda done, total: None)
        with Index(home) as index:
            sets, digests = study_sets(home, index.studies()[0].study_instance_uid)
        decoders().warm()
        time.sleep(1.0)  # workers get ready while somebody looks at the study list
        loader = Loader(home)
        begun = time.monotonic()
        loading = loader.open(sets[0], digests)
        while not loading.voxels.arrived:
            time.sleep(0.002)
        first = time.monotonic() - begun
        loader.wait(_LONGEST_S)
        speed = len(pixels) / (time.monotonic() - begun)
        loader.close_all()
        jobs.shutdown()
    return first, speed


def _write(folder: Path, syntax: str, pixels: NDArray[np.uint16]) -> None:
    from dataclasses import replace

    from pydicom.encaps import encapsulate
    from pydicom.uid import UID

    from workstation.phantom.coded import coded_ct
    from workstation.phantom.dicom import datasets

    folder.mkdir()
    encode = _encoder(syntax)
    whole = coded_ct(len(pixels), 64)
    for number, dataset in enumerate(datasets(replace(whole, pixel_padding_value=None))):
        dataset.file_meta.TransferSyntaxUID = UID(syntax)
        dataset.Rows, dataset.Columns = pixels.shape[1:]
        dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 12, 11, 0
        dataset.PixelData = encapsulate([encode(pixels[number])])
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
        dataset.save_as(folder / f"{number:04d}.dcm", implicit_vr=False, little_endian=True)


def _alone(pixels: NDArray[np.uint16]) -> float:
    """Frames a second of imagecodecs on one thread."""
    import imagecodecs

    streams = [_encoder(J2K)(each) for each in pixels[:24]]
    begun = time.monotonic()
    for stream in streams:
        imagecodecs.jpeg2k_decode(stream, numthreads=1)
    return len(streams) / (time.monotonic() - begun)
