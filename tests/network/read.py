"""What a cache holds, read by pydicom."""

from io import BytesIO
from typing import Any

import pydicom

from workstation.cache import files
from workstation.cache.index import Index
from workstation.network.part10 import Received, unwrapped
from workstation.paths import Home
from workstation.traffic.writer import Writer


def contents(home: Home, study: str) -> dict[str, Any]:
    """SOPInstanceUID -> dataset, of a study in the cache."""
    with Index(home) as index:
        stored = index.instances(study)
    return {each.instance.SOPInstanceUID: dataset(files.read(home, each.digest)) for each in stored}


def dataset(data: bytes) -> Any:
    """The dataset of a Part 10 file."""
    return pydicom.dcmread(BytesIO(data))


def received(data: bytes) -> Received:
    """A Part 10 file as if it had come over the network."""
    out = unwrapped(data)
    return Received(out.sop_class_uid, out.sop_instance_uid, out.transfer_syntax_uid, data)


def keep(home: Home, objects: list[bytes]) -> None:
    """Bring objects into the cache of `home`."""
    with Writer(home) as writer:
        for data in objects:
            writer.add(writer.lander(received(data)), lambda outcome: None)
