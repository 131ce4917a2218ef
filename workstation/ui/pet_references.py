"""References of PET that are proposed: liver and blood pool where uptake looks like them, found in a job."""

from collections.abc import Callable

from workstation import jobs
from workstation.case.hot_work import likely_places
from workstation.imaging.geometry import Vec3
from workstation.imaging.hot_reference import Region
from workstation.imaging.volume import Voxels
from workstation.ui.pet_words import looked_at


class ProposedReferences:
    """One search at a time. `said` hears what is to be done with what was laid, `failed` of errors."""

    def __init__(self, said: Callable[[str], None], failed: Callable[[Exception], None]) -> None:
        self._said, self._tell = said, failed
        self._job: jobs.Job | None = None

    def stop(self) -> None:
        """Another case is shown."""
        if self._job is not None:
            self._job.cancel()

    def look(self, voxels: Voxels, wanted: Callable[[], bool], lay: Callable[[Region, Vec3], None]) -> None:
        """Find both in a job and have them laid, if they are still `wanted` then."""
        if self._job is not None:
            return

        def done(found: tuple[Vec3, Vec3 | None]) -> None:
            self._job = None
            if not wanted():
                return
            liver, pool = found
            lay(Region.LIVER, liver)
            if pool is not None:
                lay(Region.BLOOD_POOL, pool)
            self._said(looked_at(pool is not None))

        self._job = jobs.run("Propose references", lambda job: likely_places(voxels, job.progress), done, self._failed)

    def _failed(self, error: Exception) -> None:
        self._job = None
        self._tell(error)
