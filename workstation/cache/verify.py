"""Is everything that was received still what it was? Reads every file, and hashes it again."""

from collections.abc import Callable
from dataclasses import dataclass

from workstation.cache import files
from workstation.cache.index import Index
from workstation.errors import HounsfieldError
from workstation.paths import Home

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Verified:
    """`whole` counts files; `damaged` and `gone` are SOPInstanceUIDs, `unknown` names of files no object is."""

    whole: int
    damaged: tuple[str, ...]
    gone: tuple[str, ...]
    unknown: tuple[str, ...]
    plain: int


def verify(home: Home, progress: Progress = lambda done, total: None) -> Verified:
    """Compare every file with the index. `progress(done, total)` counts files and may raise `Cancelled`."""
    with Index(home) as index:
        expected = index.digests()
    seen: set[str] = set()
    unread: list[str] = []
    plain = whole = 0
    paths = list(files.stored(home))
    for number, (path, _) in enumerate(paths):
        progress(number, len(paths))
        try:
            digest, _, is_plain = files.read_stored(home, path)
        except HounsfieldError:
            unread.append(path.name)
            continue
        whole += 1
        plain += is_plain
        seen.add(digest)
        if digest not in expected:
            unread.append(path.name)
    progress(len(paths), len(paths))
    lacking = {digest: uid for digest, uid in expected.items() if digest not in seen}
    damaged = {digest for digest in lacking if files.names_of(home, digest) & set(unread)}
    named = {name for digest in damaged for name in files.names_of(home, digest)}
    return Verified(
        whole,
        tuple(sorted(lacking[digest] for digest in damaged)),
        tuple(sorted(uid for digest, uid in lacking.items() if digest not in damaged)),
        tuple(sorted(set(unread) - named)),
        plain,
    )
