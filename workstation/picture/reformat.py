"""A reformat of loaded voxels as the files of a new series; for the command line and the window alike."""

from collections.abc import Callable, Iterator, Mapping

from workstation import paths
from workstation.cache import files
from workstation.documents.derived import derived_series
from workstation.errors import Cancelled, Reason, Refused
from workstation.imaging.reformat import Reformat
from workstation.imaging.volume import Voxels
from workstation.render.reformat import pictures


def written(
    home: paths.Home,
    digests: Mapping[str, str],
    voxels: Voxels,
    order: Reformat,
    progress: Callable[[int, int], None] = lambda done, whole: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[bytes]:
    """The files of the series, one after the other; `progress` is told how many of how many.

    Raises `Refused` with NO_REFORMAT and others, or MISSING while images of the volume have not arrived; `Cancelled`
    when stopped.
    """
    if not voxels.whole:
        raise Refused(Reason.MISSING, "part of the volume")
    source = files.read(home, digests[voxels.display_set.first.SOPInstanceUID])
    images = order.grid.size[2]
    for number, data in enumerate(derived_series(source, voxels, order, pictures(voxels, order)), start=1):
        if stopped():
            raise Cancelled
        progress(number, images)
        yield data
