"""What segments measure, worked out after each change: one job at a time, always of the newest mask."""

from collections.abc import Callable

from workstation import jobs
from workstation.case.state import Case
from workstation.findings.finding import Value
from workstation.findings.segment import Segment
from workstation.findings.segment_values import measured
from workstation.imaging.masks import Mask
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader


class SegmentMeasures:
    """Of one case. `failed` is called with what went wrong."""

    def __init__(self, case: Case, loader: Loader, failed: Callable[[Exception], None]) -> None:
        self._case = case
        self._loader = loader
        self._failed = failed
        self._under_way = False
        self._counted: dict[str, Mask] = {}
        """Masks whose voxels were looked at: some hold nothing but padding, and have no statistics."""
        self._hopeless: dict[str, Mask] = {}
        """Masks that could not be measured: said once, and not tried again."""

    def measure(self) -> None:
        """Have the next segment measured whose values are not those of its mask, or lack statistics that can be had.

        One after the other: a hundred at once would leave the hand that paints no time.
        """
        for segment in self._case.marks.segments if not self._under_way else ():
            voxels = self._voxels(segment)
            counted = self._counted.get(segment.tracking_uid) is segment.mask
            hopeless = self._hopeless.get(segment.tracking_uid) is segment.mask
            if not hopeless and (not segment.values or (voxels is not None and not counted)):
                self._ask(segment.tracking_uid, segment.mask, voxels)
                return

    def _voxels(self, segment: Segment) -> Voxels | None:
        """The voxels a segment lies on, once all of them are there."""
        for key, display_set in self._case.sets.items():
            same = display_set.series_instance_uid == segment.series_instance_uid
            loading = self._loader.get(key) if same and display_set.grid == segment.mask.grid else None
            if loading is not None and loading.voxels.whole and not loading.voxels.is_colour:
                return loading.voxels
        return None

    def _ask(self, uid: str, mask: Mask, voxels: Voxels | None) -> None:
        self._under_way = True
        if voxels is not None:
            self._counted[uid] = mask
        jobs.run(
            "Measure a segment",
            lambda job: measured(mask, voxels, job.progress),
            lambda values: self._answered(uid, mask, values),
            lambda error: self._not_measured(uid, mask, error),
            piece=True,
        )

    def _answered(self, uid: str, mask: Mask, values: tuple[Value, ...]) -> None:
        self._under_way = False
        self._case.marks.measured_segment(uid, mask, values)
        self.measure()

    def _not_measured(self, uid: str, mask: Mask, error: Exception) -> None:
        self._under_way = False
        self._hopeless[uid] = mask
        self._failed(error)
        self.measure()
