"""3D scenes kept with a study in the home: camera, preset, light, crop, plane, cuts, which measures and segments are
shown; sealed, with no patient's name.

One document a study; one that cannot be read is laid aside under another name and never written over.
"""

import base64
import hashlib
import json
import logging
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.cache import files, vault
from workstation.case import scene_marks
from workstation.case.scene_marks import SceneMarks
from workstation.errors import HounsfieldError, NotFound
from workstation.imaging.scene import Scene
from workstation.imaging.scene_text import as_plain, scene_of
from workstation.paths import Home

log = logging.getLogger(__name__)

FORMAT: Final = 1


@dataclass(frozen=True)
class PackedCut:
    """A mask of what was cut away, eight voxels in a byte and compressed; `shape` is (slices, rows, columns)."""

    name: str
    shape: tuple[int, int, int]
    packed: bytes = field(repr=False)

    @classmethod
    def of(cls, name: str, mask: NDArray[Any]) -> "PackedCut":
        slices, rows, columns = mask.shape
        return cls(name, (slices, rows, columns), zlib.compress(np.packbits(mask != 0).tobytes(), 1))

    def mask(self) -> NDArray[np.uint8]:
        """1 where voxels are gone. Raises ValueError for what is no mask."""
        slices, rows, columns = self.shape
        try:
            bits = np.frombuffer(zlib.decompress(self.packed), np.uint8)
        except zlib.error as error:
            raise ValueError("this is no mask") from error
        return np.unpackbits(bits, count=slices * rows * columns).reshape(self.shape)


@dataclass(frozen=True)
class KeptScene:
    """A scene of the display set `key`, without masks; `cuts` are those. `made` is when, as ISO 8601 to the second."""

    made: str
    key: str
    scene: Scene
    cuts: tuple[PackedCut, ...] = ()
    marks: SceneMarks | None = None
    """None for a scene of a time when these were not kept: what is shown then stays as it is."""

    @property
    def title(self) -> str:
        """What it is called in a list."""
        cuts = [each.name for each in self.cuts]
        cuts += ["crop box"] if self.scene.crop else []
        cuts += ["clip plane"] if self.scene.plane else []
        without = f", without {' and '.join(cuts)}" if cuts else ""
        shown = f", with {self.marks.words}" if self.marks is not None and self.marks.words else ""
        return f"{self.scene.preset}, {self.made.replace('T', ' ')[:16]}{without}{shown}"


def keep(home: Home, study_instance_uid: str, scenes: Sequence[KeptScene]) -> None:
    """Keep a study's scenes in place of those before; none removes the document. For any thread.

    Raises what `cache.files.seal_document` raises; then those before are still there.
    """
    vault.key_for_writing(home)
    path = _place(home, study_instance_uid)
    if scenes:
        found = {"format": FORMAT, "study": study_instance_uid, "scenes": [_as_plain(each) for each in scenes]}
        files.seal_document(home, path, json.dumps(found).encode())
    elif path.exists():
        files.drop_document(path)


def kept(home: Home, study_instance_uid: str) -> tuple[KeptScene, ...]:
    """The scenes of a study in the order they were kept. For any thread."""
    if not _folder(home).is_dir():
        return ()
    path = _place(home, study_instance_uid)
    try:
        return _read(json.loads(files.unseal_document(home, path)), study_instance_uid)
    except NotFound:
        return ()
    except (HounsfieldError, ValueError, KeyError, TypeError) as error:
        log.warning("scenes of a study cannot be read and are laid aside: %s", type(error).__name__)
        if path.exists():
            path.rename(path.with_name(f"{path.name}.aside-{secrets.token_hex(4)}"))
        return ()


def _as_plain(kept_scene: KeptScene) -> dict[str, Any]:
    cuts = [
        {"name": each.name, "shape": each.shape, "packed": base64.b64encode(each.packed).decode()}
        for each in kept_scene.cuts
    ]
    plain = {"made": kept_scene.made, "key": kept_scene.key, "scene": as_plain(kept_scene.scene), "cuts": cuts}
    return plain | ({"marks": scene_marks.as_plain(kept_scene.marks)} if kept_scene.marks is not None else {})


def _read(plain: dict[str, Any], study_instance_uid: str) -> tuple[KeptScene, ...]:
    if plain["format"] != FORMAT or plain["study"] != study_instance_uid:
        raise ValueError("these are no scenes of this study")
    found = []
    for each in plain["scenes"]:
        cuts = []
        for cut in each["cuts"]:
            slices, rows, columns = (int(size) for size in cut["shape"])
            cuts.append(PackedCut(str(cut["name"]), (slices, rows, columns), base64.b64decode(cut["packed"])))
        marks = scene_marks.marks_from(each["marks"]) if "marks" in each else None
        found.append(KeptScene(str(each["made"]), str(each["key"]), scene_of(each["scene"]), tuple(cuts), marks))
    return tuple(found)


def _folder(home: Home) -> Path:
    return home.root / "scenes"


def _place(home: Home, study_instance_uid: str) -> Path:
    """Named as objects are: nobody without the key can tell which study it is. Raises KeyFault."""
    return _folder(home) / vault.name_on_disk(home, hashlib.sha256(study_instance_uid.encode()).hexdigest())
