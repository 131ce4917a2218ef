"""A study of the cache -> an open Case: index, display sets, plan. Values only; no pixel is read here."""

from workstation import paths
from workstation.cache.index import Index
from workstation.case.state import Case
from workstation.errors import NotFound
from workstation.hanging.hang import hang
from workstation.hanging.protocol import Protocol, read_protocols
from workstation.imaging.displaysets import DisplaySet, display_sets

DEFAULT_PROTOCOL = "images"


def protocol_named(name: str) -> Protocol:
    """A shipped protocol by name. Raises `NotFound` with the names there are."""
    known = read_protocols(paths.protocols())
    if name not in known:
        raise NotFound(f"There is no hanging protocol {name!r}; there are {', '.join(known)}.")
    return known[name]


def open_study(home: paths.Home, study_uid: str, protocol: str = DEFAULT_PROTOCOL) -> Case:
    """Open a study as a protocol hangs it. Raises `NotFound` when it is not in the cache."""
    sets, digests = study_sets(home, study_uid)
    return Case(sets, hang(protocol_named(protocol), sets), digests)


def study_sets(home: paths.Home, study_uid: str) -> tuple[tuple[DisplaySet, ...], dict[str, str]]:
    """The display sets of a cached study, and the digest of each of its objects by SOPInstanceUID."""
    index = Index(home)
    try:
        stored = index.instances(study_uid)
    finally:
        index.close()
    if not stored:
        raise NotFound("That study is not in the cache.")
    digests = {each.instance.SOPInstanceUID: each.digest for each in stored}
    return display_sets(each.instance for each in stored), digests
