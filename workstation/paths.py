"""Where things live: one HOME for data and settings, resources beside the package.

Data and settings live under `HOUNSFIELD_HOME`, or where the platform wants them. Names on disk
are ours, never a peer's UID or path (safety.md 18).
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The folders of one workstation home; `create` makes them."""

    root: Path

    @property
    def files(self) -> Path:
        """Objects of the cache, named by their own digest."""
        return self.root / "files"

    @property
    def incoming(self) -> Path:
        """Objects on their way in; cleared at every start."""
        return self.root / "incoming"

    @property
    def quarantine(self) -> Path:
        """Objects that must not be shown, kept for a person to decide."""
        return self.root / "quarantine"

    @property
    def index(self) -> Path:
        return self.root / "index.sqlite"

    @property
    def lock(self) -> Path:
        return self.root / "writer.lock"

    @property
    def blocks(self) -> Path:
        """Voxel blocks that did not fit into shared memory; unlinked as soon as they are open."""
        return self.root / "blocks"

    @property
    def thumbnails(self) -> Path:
        """Small pictures of display sets; made anew when they are missing."""
        return self.root / "thumbnails"

    @property
    def half_rebuilt(self) -> Path:
        """There while the index is rebuilt: what lies beside it then is not all of it."""
        return self.root / "index.rebuilding"

    @property
    def readings(self) -> Path:
        """What readers did with studies, beside the index."""
        return self.root / "readings"

    @property
    def rejected(self) -> Path:
        """Which saved registrations a reader rejected."""
        return self.root / "rejected"

    @property
    def outbox(self) -> Path:
        """What waits to be sent, one sealed document each."""
        return self.root / "outbox"

    @property
    def in_use(self) -> Path:
        """Which studies are on a screen now, one locked file for each program that shows some."""
        return self.root / "in-use"

    def create(self) -> "Home":
        """Make the folders, readable by their owner alone."""
        for folder in (self.root, self.files, self.incoming, self.quarantine, self.blocks):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self


def home() -> Home:
    """The home of this user: `HOUNSFIELD_HOME`, else the platform's data folder."""
    configured = os.environ.get("HOUNSFIELD_HOME")
    if configured:
        return Home(Path(configured).expanduser().absolute())
    import platformdirs

    return Home(Path(platformdirs.user_data_dir("hounsfield", appauthor=False)))


def _shipped(name: str) -> Path:
    package = Path(__file__).resolve().parent
    installed = package / name
    return installed if installed.is_dir() else package.parent / name


def resources() -> Path:
    """Icons, fonts, presets, corner text: inside the installed package or beside it in a checkout."""
    return _shipped("resources")


def protocols() -> Path:
    """The hanging protocols that are shipped."""
    return _shipped("hanging_protocols")
