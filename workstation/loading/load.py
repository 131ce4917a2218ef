"""Display sets -> voxels, in the background: the image on screen first, then outwards from it."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from workstation import jobs
from workstation.dicom.looks import ImageLook
from workstation.errors import Cancelled, HounsfieldError, Reason, Refused
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import Rescale
from workstation.imaging.images import ImageRef
from workstation.imaging.suv_values import Measure
from workstation.imaging.volume import Voxels
from workstation.loading import decode, memory
from workstation.loading.objects import Objects, Opened
from workstation.loading.plan import plan as plan_of
from workstation.loading.profiles import look_of
from workstation.loading.worker import Task, where
from workstation.loading.workers import decoders, seconds_for
from workstation.paths import Home

log = logging.getLogger(__name__)

ANNOUNCE_EVERY_S: Final = 0.05
"""Arrivals are announced at most this often; the first image and the last at once."""

TURN_S: Final = 0.1
"""After so long a loop goes to the end of its lane's queue: several tiles fill side by side, and clicks get through."""

GIVES_WAY_S: Final = 0.05
"""Turns beyond the first wait so long for pictures on their way to the screen: else loading starves the first ones."""

FIRST_PICTURES_S: Final = 0.4
"""For so long after its beginning every turn of a loading gives way, but for its first image."""

_goes_on: Final = threading.Lock()
"""Held by the one turn, of all that is loaded, that goes on while pictures are made."""

_beginners: Final[set["Loading"]] = set()
"""Loadings whose first image nobody has begun with."""

OUTLIVES_S: Final = 1.0
"""For so long voxels that were replaced are held, so that nobody on the screen is the last to let go of them."""

AS_SUV: Final = Measure()
"""PET by body weight, where it can be derived."""

LARGE_PIXELS: Final = 1 << 21
"""An image from here on is decoded by all cores together, since few of its size come at once."""


class Loading:
    """One display set on its way into memory. `voxels` is usable at once; `problems` names images that will not come.

    `want` may be called at any time, from the main thread, to say which image is on screen.
    """

    def __init__(
        self,
        display_set: DisplaySet,
        digests: Mapping[str, str],
        home: Home,
        arrived: Callable[[str], None],
        other: "Loading | None" = None,
        measure: Measure = AS_SUV,
    ) -> None:
        """With what `other`, a loading of some of these images, has in memory; on any thread."""
        self.measure = measure
        self.display_set = display_set
        self.problems: dict[int, HounsfieldError] = {}
        self._objects = Objects(home, digests)
        self._arrived = arrived
        self._lock = threading.Lock()
        self._begun = time.monotonic()
        self._alone = True
        self._stopped = self._paused = False
        self._started = np.zeros(len(display_set.images), dtype=np.bool_)
        self._wanted = 0
        self._announced = 0.0
        self._jobs: list[jobs.Job] = []
        self._whole = threading.Event()
        decode.check(display_set.first)
        plan = plan_of(display_set, measure)
        self._plan = plan
        kept = other is not None and plan.fits(other.voxels)
        place = _in_a_row(other.display_set, display_set) if other is not None and kept else None
        grown = other._block.grown(place, len(display_set.images)) if other is not None and place is not None else None
        self.stays = grown is not None
        """Whether the voxels of the other one are where they were: nothing was copied, and nothing is given back."""
        self._block: memory.Block = grown or memory.create(plan.shape, plan.dtype, home, growing=other is not None)
        self.voxels: Voxels = plan.voxels(self._block)
        if other is not None and kept:
            self._take_over(other)

    def tell(self, measure: Measure) -> bool:
        """Tell the same voxels in another measure from now on; False where the block itself would hold others."""
        plan = plan_of(self.display_set, measure)
        if (
            max(len(plan.told.factors), len(self._plan.told.factors)) > 1
            and plan.told.factors != self._plan.told.factors
        ):
            return False
        self.measure, self._plan = measure, plan
        told_in = plan.told
        self.voxels = replace(
            self.voxels,
            rescale=plan.rescale,
            unit=told_in.unit,
            factors=told_in.factors,
            suv=told_in.suv,
            percentile_windows={},
        )
        return True

    def place(self, display_set: DisplaySet) -> None:
        """The same images lie in another frame of reference from now on; nothing of them is another."""
        self.display_set = display_set
        self._plan = replace(self._plan, display_set=display_set)
        self.voxels = replace(self.voxels, display_set=display_set)

    def _take_over(self, other: "Loading") -> None:
        """Go on with what another loading of some of these images has in memory."""
        mine, theirs = self.voxels, other.voxels
        places = self.display_set.places
        for image, number in other.display_set.places.items():
            place = places.get(image)
            if place is not None and theirs.filled[number]:
                if not self.stays:
                    mine.stored[place] = theirs.stored[number]
                mine.looks[place] = theirs.looks[number]
                mine.filled[place] = self._started[place] = True
        if mine.whole:
            self._whole.set()

    def want(self, image: int) -> None:
        """Load outwards from this image; loading that was paused goes on where this image is missing."""
        self._wanted = image
        if self._paused and not self._started[image]:
            self._paused = False
            self.start()

    def pause(self) -> None:
        """Begin with no further image until one that is missing is wanted; what is in memory stays."""
        self._paused = True

    @property
    def is_paused(self) -> bool:
        return self._paused

    def start(self) -> None:
        """Begin with the wanted image, alone, so that every set that is asked for gets its first one soon."""
        self._alone = True
        _beginners.add(self)
        self._queue()

    def _spread(self) -> None:
        """Go on with one loop on each core."""
        self._alone = False
        for _ in range(min(jobs.cores(), len(self.display_set.images))):
            self._queue()

    def stop(self) -> None:
        _beginners.discard(self)
        with self._lock:
            self._stopped = True
            self._objects.close()
            for job in self._jobs:
                job.cancel()

    def wait(self, timeout_s: float) -> bool:
        """Block until all is there; for the command line and tests, never for the window."""
        return self._whole.wait(timeout_s)

    def _queue(self) -> None:
        title = f"Load {len(self.display_set.images)} images"
        with self._lock:
            if not self._stopped:
                self._jobs = [job for job in self._jobs if not job.finished]
                self._jobs.append(jobs.run(title, self._turn, failed=self._failed, piece=True))

    def _turn(self, job: jobs.Job) -> None:
        """Load images for a while, then queue up again. One turn at a time goes on while pictures are made."""
        _beginners.discard(self)
        goes_on = _goes_on.acquire(blocking=False)
        try:
            self._load_some(job, time.monotonic() + TURN_S, goes_on)
        finally:
            if goes_on:
                _goes_on.release()

    def _load_some(self, job: jobs.Job, until: float, goes_on: bool) -> None:
        while True:
            begins = time.monotonic() - self._begun < FIRST_PICTURES_S and not self._alone
            if begins and _beginners:
                self._queue()
                return
            if begins or not (goes_on or self._alone):
                jobs.give_way(GIVES_WAY_S)
            if (image := self._next()) is None:
                return
            job.progress(self.voxels.arrived, len(self.display_set.images))
            try:
                self._load(image)
            except HounsfieldError as error:
                self.problems[image] = error
            except Exception as error:
                log.error("an image was not loaded: %s", where(error))
                self.problems[image] = Refused(Reason.PIXEL_DATA, detail=where(error))
            self._announce()
            if self._alone:
                self._spread()
                return
            if time.monotonic() > until:
                self._queue()
                return

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            log.error("loading stopped: %s", type(error).__name__, exc_info=error)

    def _next(self) -> int | None:
        """The image nearest to the wanted one that nobody has started on."""
        with self._lock:
            open_images = np.flatnonzero(~self._started)
            if open_images.size == 0 or self._paused:
                return None
            image = int(open_images[np.argmin(abs(open_images - self._wanted))])
            self._started[image] = True
            return image

    def _load(self, image: int) -> None:
        ref = self.display_set.images[image]
        rescale, padding = self._plan.rescale_of(image)
        opened = self._objects.open(ref.instance)
        by = self._by_worker if opened.by_worker else self._here
        self.voxels.looks[image] = by(opened, ref, image, rescale, padding)
        if self.display_set.grid is not None and self.voxels.padding is not None:
            self.voxels.padded.look_at(self.voxels.stored, self.voxels.padding, image)
        self.voxels.filled[image] = True

    def _here(
        self, opened: Opened, ref: ImageRef, image: int, rescale: Rescale | None, padding: tuple[float, float] | None
    ) -> ImageLook | None:
        stored = decode.cropped(opened.native(ref.stored_frame), ref.crop)
        decode.place(stored, self.voxels.stored[image], rescale, padding)
        return look_of(opened.shared.head, ref.instance, ref.frame, opened.raw(ref.stored_frame))

    def _by_worker(
        self, opened: Opened, ref: ImageRef, image: int, rescale: Rescale | None, padding: tuple[float, float] | None
    ) -> ImageLook | None:
        pixels = self.display_set.pixels
        task = Task(
            frame=ref.stored_frame,
            data=opened.frame_bytes(ref.stored_frame),
            block=self._block.handle,
            image=image,
            crop=ref.crop,
            rescale=rescale,
            padding=padding,
            threads=jobs.cores() if pixels.Rows * pixels.Columns > LARGE_PIXELS else 1,
        )
        return decoders().decode(opened.shared, task, seconds_for(pixels.frame_bytes))

    def _announce(self) -> None:
        now = time.monotonic()
        done = self.voxels.arrived + len(self.problems) == len(self.display_set.images)
        if done:
            self._objects.close()
            self._whole.set()
        if done or now - self._announced >= ANNOUNCE_EVERY_S:
            self._announced = now
            jobs.post(lambda: self._arrived(self.display_set.key))


def _images(display_set: DisplaySet) -> list[tuple[str, int]]:
    """Each image, by SOPInstanceUID and frame."""
    return [(ref.instance.SOPInstanceUID, ref.frame) for ref in display_set.images]


def _in_a_row(before: DisplaySet, now: DisplaySet) -> int | None:
    """From which place on the images of `before` stand in `now`, one after the other as they did; None where apart."""
    known, images = _images(before), _images(now)
    place = images.index(known[0]) if known[0] in images else None
    return place if place is not None and images[place : place + len(known)] == known else None


def _outlive(former: list[Voxels]) -> None:
    """Have memory that was left given back by a thread of its own, once the screen has long shown another.

    To give back 150 MB takes 40 ms, for whoever is the last to hold them.
    """
    letting_go = threading.Timer(OUTLIVES_S, former.clear)
    letting_go.daemon = True
    letting_go.start()


class Loader:
    """The display sets that are in memory, by key."""

    def __init__(
        self, home: Home, arrived: Callable[[str], None] = lambda key: None, measure: Measure = AS_SUV
    ) -> None:
        self._home = home
        self._arrived = arrived
        self._measure = measure
        self._open: dict[str, Loading] = {}
        self._refused: dict[str, Refused] = {}
        self._ends_with_program = False

    def open(self, display_set: DisplaySet, digests: Mapping[str, str], image: int = 0) -> Loading:
        """Start loading a display set, or give the one already open. Raises `Refused` when it cannot be shown."""
        key = display_set.key
        if key in self._refused:
            raise self._refused[key]
        if key not in self._open:
            try:
                loading = Loading(display_set, digests, self._home, self._arrived, measure=self._measure)
            except Refused as refused:
                self._refused[key] = refused
                raise
            if not self._ends_with_program:
                self._ends_with_program = True
                jobs.at_shutdown(self._stop)
            self._open[key] = loading
            loading.want(image)
            loading.start()
        return self._open[key]

    def get(self, key: str) -> Loading | None:
        return self._open.get(key)

    def grown(self, display_set: DisplaySet, digests: Mapping[str, str]) -> Loading | None:
        """A loading of a set that holds more than the open one of its key, with what that one has; on any thread.

        None where none is open, or the images are the same. Raises `Refused` when it cannot be shown. It begins with
        `replace`.
        """
        other = self._open.get(display_set.key)
        if other is None or other.display_set.places == display_set.places:
            return None
        return Loading(display_set, digests, self._home, self._arrived, other, self._measure)

    def tell(self, measure: Measure, digests: Mapping[str, str]) -> None:
        """Tell PET in another measure from now on. What was decoded stays, but where each image has its own factor."""
        if measure == self._measure:
            return
        self._measure = measure
        for loading in tuple(self._open.values()):
            if loading.display_set.first.Modality == "PT" and not loading.tell(measure):
                self.replace(Loading(loading.display_set, digests, self._home, self._arrived, measure=measure))

    def place(self, display_set: DisplaySet) -> None:
        """A set lies in another frame of reference from now on."""
        loading = self._open.get(display_set.key)
        if loading is not None and loading.display_set.places == display_set.places:
            loading.place(display_set)

    def replace(self, made: Loading, image: int = 0) -> None:
        """Go on with a loading of `grown` in the place of the one that is open."""
        key = made.display_set.key
        if key in self._open:
            self._open[key].stop()
            if not made.stays:
                _outlive([self._open[key].voxels])
            self._open[key] = made
            made.want(image)
            made.start()

    def pause(self) -> None:
        """Load no further; a set goes on once an image of it that is missing is wanted."""
        for loading in self._open.values():
            loading.pause()

    def wait(self, timeout_s: float) -> None:
        """Block until everything asked for is there; for the command line and tests, never for the window."""
        for loading in tuple(self._open.values()):
            if not loading.wait(timeout_s):
                raise HounsfieldError("Loading took too long.")

    def _stop(self) -> None:
        self._ends_with_program = False
        for loading in self._open.values():
            loading.stop()

    def close_all(self) -> None:
        """Stop loading and forget everything; arrays still held elsewhere stay valid, workers stay warm."""
        for loading in self._open.values():
            loading.stop()
        voxels = [loading.voxels for loading in self._open.values()]
        self._open.clear()
        if voxels:  # to give back 150 MB takes 40 ms; the rest stays here, since it may hold the last word of a window
            jobs.submit(voxels.clear)
        self._refused.clear()
