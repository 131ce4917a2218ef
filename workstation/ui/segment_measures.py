"""What segments measure, worked out after each change: one job at a time, always of the newest mask."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from workstation import jobs
from workstation.case.drawing_tools import space_of
from workstation.case.hot import reference_of
from workstation.case.state import Case
from workstation.findings.finding import Value
from workstation.findings.segment import Segment
from workstation.findings.segment_values import measured, of_layer
from workstation.imaging.masks import Mask
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader

Layers = tuple[str, ...]
Told = tuple[str, tuple[float, ...]]
"""In what values are told: the unit and the factors to it."""

MOST_LAYERS: Final = 3
"""Other series that a segment is measured in; more are no fusion any more."""


class SegmentMeasures:
    """Of one case. `failed` is called with what went wrong."""

    def __init__(self, case: Case, loader: Loader, failed: Callable[[Exception], None]) -> None:
        self._case = case
        self._loader = loader
        self._failed = failed
        self._under_way = False
        self._counted: dict[str, tuple[Mask, Layers]] = {}
        """Masks whose voxels were looked at, and of which other series: some hold nothing but padding."""
        self._told: dict[str, tuple[Mask, Told | None]] = {}
        """Masks whose values came, and in what they are told."""
        self._answers: dict[int, tuple[tuple[Value, ...], Told | None]] = {}
        """Values that came, by their id: a step back can bring those of another measure."""
        self._hopeless: dict[str, Mask] = {}
        """Masks that could not be measured: said once, and not tried again."""

    def measure(self) -> None:
        """Have the next segment measured whose values are not those of its mask, or lack statistics that can be had.

        One after the other: a hundred at once would leave the hand that paints no time.
        """
        for segment in self._case.marks.segments if not self._under_way else ():
            voxels, layers = self._voxels(segment), self._layers(segment)
            mask, seen = self._counted.get(segment.tracking_uid, (None, ()))
            counted = mask is segment.mask and set(seen) >= set(layers) and not self._is_of_another(segment, voxels)
            hopeless = self._hopeless.get(segment.tracking_uid) is segment.mask
            if not hopeless and (not segment.values or (voxels is not None and not counted)):
                self._ask(segment, voxels, layers)
                return

    def is_waiting(self, segment: Segment) -> bool:
        """Whether what a segment holds is not counted yet in the measure that its voxels are told in now."""
        voxels, known = self._voxels(segment), self._told.get(segment.tracking_uid)
        if self._hopeless.get(segment.tracking_uid) is segment.mask:
            return False
        if voxels is None or known is None or known[0] is not segment.mask or known[1] != _told_in(voxels):
            return True
        return self._is_of_another(segment, voxels)

    def _is_of_another(self, segment: Segment, voxels: Voxels | None) -> bool:
        """Whether its values were counted here in another measure."""
        known = self._answers.get(id(segment.values))
        return known is not None and voxels is not None and known[1] != _told_in(voxels)

    def again(self) -> None:
        """Voxels are told in another unit from now on: count them anew."""
        self._counted.clear()

    def _voxels(self, segment: Segment) -> Voxels | None:
        """The voxels a segment lies on, once all of them are there."""
        for key, display_set in self._case.sets.items():
            same = display_set.series_instance_uid == segment.series_instance_uid
            loading = self._loader.get(key) if same and display_set.grid == segment.mask.grid else None
            if loading is not None and loading.voxels.whole and not loading.voxels.is_colour:
                return loading.voxels
        return None

    def _layers(self, segment: Segment) -> Layers:
        """Other series of the same space whose voxels are all there, by their keys."""
        found = []
        for key, display_set in self._case.sets.items():
            loading = self._loader.get(key)
            other = display_set.series_instance_uid != segment.series_instance_uid
            if not other or loading is None or space_of(display_set, 0) != segment.frame_of_reference_uid:
                continue
            if loading.voxels.whole and not loading.voxels.is_colour:
                found.append(key)
        return tuple(found[:MOST_LAYERS])

    def _ask(self, segment: Segment, voxels: Voxels | None, layers: Layers) -> None:
        self._under_way = True
        uid, mask = segment.tracking_uid, segment.mask
        is_reference = reference_of(segment) is not None
        beside = self._named(layers) if voxels is not None else {}
        if voxels is not None:
            self._counted[uid] = mask, layers
        jobs.run(
            "Measure a segment",
            lambda job: (*measured(mask, voxels, job.progress, is_reference), *_of_layers(segment, beside)),
            lambda values: self._answered(segment, values, _told_in(voxels)),
            lambda error: self._not_measured(uid, mask, error),
            piece=True,
        )

    def _named(self, layers: Layers) -> dict[str, Voxels]:
        """Their voxels by modality; the second of one modality is told with its number."""
        found: dict[str, Voxels] = {}
        for key in layers:
            loading = self._loader.get(key)
            if loading is not None:
                first = self._case.sets[key].first
                name = first.Modality if first.Modality not in found else f"{first.Modality} {first.SeriesNumber}"
                found[name] = loading.voxels
        return found

    def _answered(self, segment: Segment, values: tuple[Value, ...], told: Told | None) -> None:
        self._under_way = False
        if told is None or told == _told_in(self._voxels(segment)):
            self._told[segment.tracking_uid] = segment.mask, told
            self._answers[id(values)] = values, told
            marks, revision = self._case.marks, self._case.marks.revision
            marks.measured_segment(segment.tracking_uid, segment.mask, values)
            if marks.revision == revision:
                marks.changed.emit()  # they are the same numbers, but nobody waits for them any more
        else:
            self._counted.pop(segment.tracking_uid, None)
        self.measure()

    def _not_measured(self, uid: str, mask: Mask, error: Exception) -> None:
        self._under_way = False
        self._hopeless[uid] = mask
        self._failed(error)
        self.measure()


def _told_in(voxels: Voxels | None) -> Told | None:
    return (voxels.unit, voxels.factors) if voxels is not None else None


def _of_layers(segment: Segment, layers: Mapping[str, Voxels]) -> Iterator[Value]:
    for name, voxels in layers.items():
        yield from of_layer(voxels, segment, name)
