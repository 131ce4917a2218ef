"""Display sets -> voxels, in the background: the image on screen first, then outwards from it."""

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from workstation import jobs
from workstation.cache import files
from workstation.dicom.entities import Instance
from workstation.errors import Cancelled, HounsfieldError, Refused
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import Rescale, rescale_of
from workstation.imaging.volume import Voxels, is_padding
from workstation.loading import decode, memory
from workstation.paths import Home

log = logging.getLogger(__name__)

ANNOUNCE_EVERY_S: Final = 0.05
"""Arrivals are announced at most this often; the first image and the last at once."""

NO_ATTENUATION_HU: Final = -2000.0
"""Nothing attenuates less than vacuum (-1000 HU). Scanners put values from here down outside their field of view,
often others than the PixelPaddingValue they declare (LIDC-IDRI: declared -3024 HU, written -2048 HU)."""

PADDING_OF_FLOATS: Final = float(np.finfo(np.float32).min)
"""What padding becomes in a block of modality values, where stored values of different slopes would collide."""


class Loading:
    """One display set on its way into memory. `voxels` is usable at once; `problems` names images that will not come.

    `want` may be called at any time, from the main thread, to say which image is on screen.
    """

    def __init__(
        self, display_set: DisplaySet, digests: Mapping[str, str], home: Home, arrived: Callable[[str], None]
    ) -> None:
        self.display_set = display_set
        self.problems: dict[int, HounsfieldError] = {}
        self._digests = digests
        self._home = home
        self._arrived = arrived
        self._lock = threading.Lock()
        self._started = np.zeros(len(display_set.images), dtype=np.bool_)
        self._wanted = 0
        self._announced = 0.0
        self._jobs: list[jobs.Job] = []
        self._whole = threading.Event()
        decode.stored_dtype(display_set.pixels)
        self._block, self.voxels = _block(display_set, home)

    def want(self, image: int) -> None:
        """Load outwards from this image."""
        self._wanted = image

    def start(self) -> None:
        """Begin with the wanted image; one loop on each core."""
        title = f"Load {len(self.display_set.images)} images"
        self._jobs = [jobs.run(title, self._loop, failed=self._failed) for _ in range(min(2, jobs.cores()))]

    def stop(self) -> None:
        for job in self._jobs:
            job.cancel()

    def wait(self, timeout_s: float) -> bool:
        """Block until all is there; for the command line and tests, never for the window."""
        return self._whole.wait(timeout_s)

    def _loop(self, job: jobs.Job) -> None:
        while (image := self._next()) is not None:
            job.progress(self.voxels.arrived, len(self.display_set.images))
            try:
                self._load(image)
            except HounsfieldError as error:
                self.problems[image] = error
            self._announce()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            log.error("loading stopped: %s", type(error).__name__, exc_info=error)

    def _next(self) -> int | None:
        """The image nearest to the wanted one that nobody has started on."""
        with self._lock:
            open_images = np.flatnonzero(~self._started)
            if open_images.size == 0:
                return None
            image = int(open_images[np.argmin(abs(open_images - self._wanted))])
            self._started[image] = True
            return image

    def _load(self, image: int) -> None:
        ref = self.display_set.images[image]
        data = files.read(self._home, self._digests[ref.instance.SOPInstanceUID])
        stored = decode.native_frame(data, ref.instance, ref.frame)
        target = self.voxels.stored
        if target.dtype == np.float32:
            rescale = rescale_of(ref.attributes)
            target[image] = rescale.apply(stored)
            if (padding := _padding(ref.instance, rescale)) is not None:
                target[image][is_padding(stored, padding)] = PADDING_OF_FLOATS
        else:
            target[image] = stored
        self.voxels.filled[image] = True

    def _announce(self) -> None:
        now = time.monotonic()
        done = self.voxels.arrived + len(self.problems) == len(self.display_set.images)
        if done:
            self._whole.set()
        if done or now - self._announced >= ANNOUNCE_EVERY_S:
            self._announced = now
            jobs.post(lambda: self._arrived(self.display_set.key))


def _block(display_set: DisplaySet, home: Home) -> tuple[memory.Block, Voxels]:
    pixels = display_set.pixels
    shape = (len(display_set.images), pixels.Rows, pixels.Columns)
    rescales = {rescale_of(ref.attributes) for ref in display_set.images}
    uniform = len(rescales) == 1
    dtype = decode.stored_dtype(pixels) if uniform else np.dtype(np.float32)
    block = memory.create(shape, dtype, home)
    rescale = rescales.pop() if uniform else Rescale()
    voxels = Voxels(
        display_set=display_set,
        stored=block.array,
        filled=np.zeros(shape[0], dtype=np.bool_),
        rescale=rescale,
        padding=_padding(display_set.first, rescale) if uniform else (PADDING_OF_FLOATS, PADDING_OF_FLOATS),
        unit=unit_of(display_set.first),
    )
    return block, voxels


def _padding(instance: Instance, rescale: Rescale) -> tuple[float, float] | None:
    """Stored values that are no image, ends included: what the object declares, and what no CT can measure."""
    declared, impossible = _declared_padding(instance), _below_vacuum(instance, rescale)
    if declared is None or impossible is None:
        return declared or impossible
    return (impossible[0], max(declared[1], impossible[1])) if declared[0] <= impossible[1] else declared


def _declared_padding(instance: Instance) -> tuple[float, float] | None:
    """PS3.3 C.7.5.1.1.2: one value, or the range between PixelPaddingValue and PixelPaddingRangeLimit."""
    value, limit = instance.PixelPaddingValue, instance.PixelPaddingRangeLimit
    if value is None:
        return None
    ends = sorted((value, value if limit is None else limit))
    return float(ends[0]), float(ends[1])


def _below_vacuum(instance: Instance, rescale: Rescale) -> tuple[float, float] | None:
    pixels = instance.pixels
    if pixels is None or unit_of(instance) != "HU" or rescale.slope <= 0:
        return None
    lowest = -float(1 << (pixels.BitsAllocated - 1)) if pixels.PixelRepresentation else 0.0
    highest = math.floor((NO_ATTENUATION_HU - rescale.intercept) / rescale.slope)
    return (lowest, float(highest)) if highest >= lowest else None


def unit_of(instance: Instance) -> str:
    """The unit of modality values: RescaleType (PS3.3 C.11.1.1.2); HU for CT, which may leave it out."""
    stated = instance.frames[0].RescaleType
    if stated and stated != "US":
        return stated
    return "HU" if instance.Modality == "CT" and "LOCALIZER" not in instance.ImageType else ""


class Loader:
    """The display sets that are in memory, by key."""

    def __init__(self, home: Home, arrived: Callable[[str], None] = lambda key: None) -> None:
        self._home = home
        self._arrived = arrived
        self._open: dict[str, Loading] = {}
        self._refused: dict[str, Refused] = {}

    def open(self, display_set: DisplaySet, digests: Mapping[str, str], image: int = 0) -> Loading:
        """Start loading a display set, or give the one already open. Raises `Refused` when it cannot be shown."""
        key = display_set.key
        if key in self._refused:
            raise self._refused[key]
        if key not in self._open:
            try:
                loading = Loading(display_set, digests, self._home, self._arrived)
            except Refused as refused:
                self._refused[key] = refused
                raise
            self._open[key] = loading
            loading.want(image)
            loading.start()
        return self._open[key]

    def get(self, key: str) -> Loading | None:
        return self._open.get(key)

    def wait(self, timeout_s: float) -> None:
        """Block until everything asked for is there; for the command line and tests, never for the window."""
        for loading in tuple(self._open.values()):
            if not loading.wait(timeout_s):
                raise HounsfieldError("Loading took too long.")

    def close_all(self) -> None:
        """Stop loading and forget everything; arrays still held elsewhere stay valid."""
        for loading in self._open.values():
            loading.stop()
        self._open.clear()
        self._refused.clear()
