"""The table of contents of media: which files its directory records name (PS3.3 F, PS3.10 8)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workstation.dicom.scan import items, scan
from workstation.errors import Reason, Refused

LARGEST_BYTES: Final = 64 << 20
_DIRECTORY_RECORD_SEQUENCE: Final = 0x00041220
_REFERENCED_FILE_ID: Final = 0x00041500


@dataclass(frozen=True, slots=True)
class Reference:
    """One ReferencedFileID: as written, where it is, or why it is refused."""

    name: str
    path: Path | None
    reason: Reason | None = None


def references(data: bytes, root: Path) -> tuple[Reference, ...]:
    """Every file named in the DICOMDIR `data` of the media at `root`, each once, in order.

    Raises Refused as `scan` does, and UNREADABLE where there are no records.
    """
    inside = root.resolve()
    names = dict.fromkeys(_names(data))
    return tuple(_looked_up(name, root, inside) for name in names)


def is_inside(path: Path, root: Path) -> bool:
    """Whether a real path is `root` or lies under it."""
    return path.is_relative_to(root)


def _names(data: bytes) -> Iterator[tuple[str, ...]]:
    if len(data) > LARGEST_BYTES:
        raise Refused(Reason.TOO_LARGE)
    dataset = scan(data)
    records = dataset.elements.get(_DIRECTORY_RECORD_SEQUENCE)
    if records is None:
        raise Refused(Reason.UNREADABLE, detail="no directory records")
    for record in items(dataset, records):
        if name := record.get(_REFERENCED_FILE_ID):
            text = data[name.start : name.end].decode("latin-1")
            yield tuple(part.strip(" \0") for part in text.split("\\"))


def _looked_up(name: tuple[str, ...], root: Path, inside: Path) -> Reference:
    shown = "/".join(name)
    if any(not _is_plain(part) for part in name):
        return Reference(shown, None, Reason.OUTSIDE_ROOT)
    found = root
    for part in name:
        step = _entry(found, part)
        if step is None:
            return Reference(shown, None, Reason.NOT_ON_MEDIA)
        found = step
    if not is_inside(found.resolve(), inside):
        return Reference(shown, None, Reason.OUTSIDE_ROOT)
    return Reference(shown, found)


def _is_plain(part: str) -> bool:
    return part not in ("", ".", "..") and not set(part) & set("/\\:\0")


def _entry(folder: Path, part: str) -> Path | None:
    """`part` in `folder`; ISO 9660 drivers change case and append a version (PS3.12 F)."""
    for name in (part, part.lower(), f"{part};1", f"{part}.", f"{part}.;1"):
        if (folder / name).exists() or (folder / name).is_symlink():
            return folder / name
    return None
