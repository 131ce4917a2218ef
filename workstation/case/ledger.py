"""The ledger of a cached study, through the same display sets and the same refusals as the window."""

from workstation import paths
from workstation.cache.index import Index
from workstation.errors import HounsfieldError, Reason, Refused
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.imaging.ledger import Entry, Ledger, Refusals, ledger


def study_ledger(home: paths.Home, study_uid: str, load: bool = False) -> Ledger:
    """Account for every object of a study. Raises `NotFound` when it is not in the cache.

    What only decoding can find out is included when `load` is true; that reads every pixel.
    """
    with Index(home) as index:
        stored = index.instances(study_uid)
        kept = {each.instance.SOPInstanceUID for each in stored}
        aside = [each for each in index.quarantined() if each.sop_instance_uid in kept]
    instances = [each.instance for each in stored]
    digests = {each.instance.SOPInstanceUID: each.digest for each in stored}
    sets = display_sets(instances)
    refusals = _by_header(sets)
    if load:
        refusals = {**refusals, **_by_loading(home, sets, digests)}
    found = ledger(instances, sets, refusals)
    quarantined = (Entry(each.sop_instance_uid, "object", 0, reason=Reason(each.reason)) for each in aside)
    return Ledger((*found.entries, *quarantined))


def _by_header(sets: tuple[DisplaySet, ...]) -> Refusals:
    from workstation.loading import decode

    found: dict[tuple[str, int], Reason] = {}
    for each in sets:
        for index, ref in enumerate(each.images):
            try:
                decode.check(ref.instance)
            except Refused as refused:
                found[each.key, index] = refused.reason
    return found


def _by_loading(home: paths.Home, sets: tuple[DisplaySet, ...], digests: dict[str, str]) -> Refusals:
    """One set after the other, so that a study larger than memory can be accounted for."""
    from workstation.loading.load import Loader

    found: dict[tuple[str, int], Reason] = {}
    loader = Loader(home)
    for each in sets:
        try:
            loading = loader.open(each, digests)
            loading.wait(WAIT_S)
            for index in range(len(each.images)):
                if not loading.voxels.filled[index]:
                    found[each.key, index] = _reason(loading.problems.get(index))
        except Refused as refused:
            found.update(((each.key, index), refused.reason) for index in range(len(each.images)))
        finally:
            loader.close_all()
    return found


WAIT_S = 600.0
"""A set that takes longer is listed with TIME_LIMIT."""


def _reason(problem: HounsfieldError | None) -> Reason:
    if problem is None:
        return Reason.TIME_LIMIT
    return problem.reason if isinstance(problem, Refused) else Reason.IO_ERROR
