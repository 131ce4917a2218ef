"""Objects of the cache, opened for their frames: a file with many is read and taken apart once, not for each."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from numpy.typing import NDArray

from workstation.cache import files
from workstation.dicom import scan
from workstation.dicom.entities import Instance
from workstation.errors import Reason, Refused
from workstation.loading import codecs, decode
from workstation.loading.codecs import Family
from workstation.loading.source import Source, open_source
from workstation.loading.worker import Object
from workstation.paths import Home

KEPT: Final = 2
"""Multi-frame files held while their frames are asked for."""


class Opened:
    """One object: `shared` is what a worker needs to know of it, `by_worker` whether one must decode it."""

    def __init__(self, data: bytes, instance: Instance) -> None:
        self._instance = instance
        self._source: Source | None = None
        deflated = instance.TransferSyntaxUID == scan.DEFLATED
        self.by_worker = deflated or codecs.family_of(instance.TransferSyntaxUID) is not Family.NATIVE
        if not deflated:  # what inflates may grow beyond measure, and does so in a worker
            self._source = open_source(data, instance)
        self.shared = Object(self._source.head if self._source else data, instance, whole=deflated)

    def frame_bytes(self, frame: int) -> bytes:
        """The bytes of one frame; none for an object that a worker takes apart itself."""
        return bytes(self._frame(self._source, frame)) if self._source else b""

    def native(self, frame: int) -> NDArray[Any]:
        """One frame of native pixels, decoded here."""
        return decode.image(self.raw(frame), self.shared.head, self._instance, frame)

    def raw(self, frame: int) -> bytes | memoryview:
        """The bytes of one frame of native pixels, not copied."""
        assert self._source is not None  # noqa: S101  only what needs a worker has none
        return self._frame(self._source, frame)

    def _frame(self, source: Source, frame: int) -> bytes | memoryview:
        if self._instance.pixels is None:
            raise Refused(Reason.NOT_AN_IMAGE)
        return source.frame(self._instance.pixels, frame)


class Objects:
    """The objects of one display set. `open` may be called from any thread."""

    def __init__(self, home: Home, digests: Mapping[str, str]) -> None:
        self._home = home
        self._digests = digests
        self._kept: OrderedDict[str, Opened] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, instance: Instance) -> Opened:
        """Read, verify and open an instance. Raises `Refused`, also for an object that cannot be shown."""
        decode.check(instance)
        if instance.images == 1:
            return self._read(instance)
        with self._lock:
            opened = self._kept.pop(instance.SOPInstanceUID, None) or self._read(instance)
            self._kept[instance.SOPInstanceUID] = opened
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return opened

    def close(self) -> None:
        """Let go of the bytes."""
        with self._lock:
            self._kept.clear()

    def _read(self, instance: Instance) -> Opened:
        return Opened(files.read(self._home, self._digests[instance.SOPInstanceUID]), instance)
