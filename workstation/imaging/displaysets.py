"""Series -> display sets: what can be scrolled as one, in reading order, and whether it is a volume.

A display set holds images of one size, pixel format and plane (`split`); what is odd about it is said in its notices.
There is no list of image classes: whatever holds pixels is shown.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.dicom.budget import TILED
from workstation.dicom.entities import Instance, PixelFormat
from workstation.errors import Reason
from workstation.imaging.geometry import Grid, cross, is_orientation, row_and_column_directions
from workstation.imaging.images import ImageRef, Notice
from workstation.imaging.slices import in_reading_order, parallel, uneven_of, volume
from workstation.imaging.split import Group, Part, split
from workstation.imaging.times import times_ms
from workstation.imaging.uneven import Uneven

__all__ = ["MOST_IMAGES", "DisplaySet", "Group", "ImageRef", "Notice", "display_sets"]

MOST_IMAGES: Final = 65_536
"""Images of one instance that can be reached; a header can declare two thousand million."""


@dataclass(frozen=True)
class DisplaySet:
    """Images that are scrolled as one, in reading order.

    `grid` is set when they form a regular volume (a constant tilt included: its slice axis is then not
    perpendicular); otherwise `no_volume` says why not. `voxels[k]` of the loaded block is image k of the set.
    `group` is its place on a second axis (echo, b-value, phase, time), when its series has one.
    """

    key: str
    images: tuple[ImageRef, ...]
    grid: Grid | None
    no_volume: Reason | None
    notices: tuple[Notice, ...] = ()
    group: Group | None = None
    uneven: Uneven | None = None
    """Where the voxels lie of images at uneven distances; such a set has no `grid`."""

    @property
    def lattice(self) -> Grid | None:
        """Where the voxels lie that planes are cut from, evenly spaced or not."""
        return self.grid or self.uneven

    @property
    def first(self) -> Instance:
        return self.images[0].instance

    @property
    def series_instance_uid(self) -> str:
        return self.first.SeriesInstanceUID

    @property
    def study_instance_uid(self) -> str:
        return self.first.StudyInstanceUID

    @cached_property
    def pixels(self) -> PixelFormat:
        """The pixel format of the first instance, with the size that images have: for a mosaic that of its tiles."""
        pixels = self.first.pixels
        assert pixels is not None  # noqa: S101  only images are put into display sets
        rows, columns = self.images[0].shape
        return replace(pixels, Rows=rows, Columns=columns)

    @cached_property
    def objects(self) -> int:
        """How many objects its images lie in."""
        return len({each.instance.SOPInstanceUID for each in self.images})

    @cached_property
    def times_ms(self) -> tuple[float, ...]:
        """When each image was taken, from the first; empty for slices and where it is not known."""
        return times_ms(self.images)

    def image_grid(self, index: int) -> Grid:
        """Image `index` as a grid one voxel deep; without a place in the patient it lies in its own space."""
        found = self._grids.get(index)
        if found is None:
            found = self._grids[index] = _image_grid(self.images[index])
        return found

    @cached_property
    def _grids(self) -> dict[int, Grid]:
        """The grids of images that were asked for: a step in linked tiles asks several times."""
        return {}

    def in_patient(self, index: int) -> bool:
        """Whether image `index` has a place in the patient."""
        return self.images[index].in_patient

    @cached_property
    def centers_lps(self) -> NDArray[np.float64] | None:
        """The middle of each image in the patient, shape (images, 3), mm; None unless the images are parallel."""
        if not parallel(self.images):
            return None
        # As `image_grid` has it, for all at once: thousands of grids take longer than a key may.
        corners = np.array([ref.position_lps for ref in self.images])
        cosines = np.array([ref.attributes.ImageOrientationPatient for ref in self.images]).reshape(-1, 2, 3)
        cosines /= np.linalg.norm(cosines, axis=2, keepdims=True)
        spans = [
            ((ref.shape[1] - 1) / 2 * column_mm, (ref.shape[0] - 1) / 2 * row_mm)
            for ref in self.images
            for row_mm, column_mm in (_spacing(ref),)
        ]
        return np.asarray(corners + np.einsum("na,nax->nx", np.array(spans), cosines), dtype=np.float64)

    @property
    def spacing_is_known(self) -> bool:
        """Whether lengths on the image are millimetres (safety.md 8)."""
        attributes = self.images[0].attributes
        return attributes.PixelSpacing is not None or attributes.ImagerPixelSpacing is not None

    @cached_property
    def places(self) -> dict[tuple[str, int], int]:
        """Where each image stands, by SOPInstanceUID and frame. Nobody changes it."""
        return {(ref.instance.SOPInstanceUID, ref.frame): place for place, ref in enumerate(self.images)}

    @cached_property
    def place_of(self) -> dict[str, int]:
        """SOPInstanceUID to the index of its first image."""
        places: dict[str, int] = {}
        for index, ref in enumerate(self.images):
            places.setdefault(ref.instance.SOPInstanceUID, index)
        return places


def display_sets(instances: Iterable[Instance]) -> tuple[DisplaySet, ...]:
    """The display sets of a study, by series number and then in the order of their first image."""
    series: dict[str, list[Instance]] = defaultdict(list)
    for instance in instances:
        if instance.pixels is not None:
            series[instance.SeriesInstanceUID].append(instance)
    ordered = sorted(series.values(), key=_series_order)
    return tuple(each for members in ordered for each in _of_series(members))


def _series_order(members: Sequence[Instance]) -> tuple[int, str]:
    number = members[0].SeriesNumber
    return (number if number is not None else 1 << 30, members[0].SeriesInstanceUID)


def _of_series(members: Sequence[Instance]) -> list[DisplaySet]:
    series_key = members[0].SeriesInstanceUID
    refs = (ImageRef(each, frame) for each in members for frame in range(min(each.images, MOST_IMAGES)))
    parts = split(refs, series_key)
    return [
        _display_set(f"{series_key}/{number}", part, _announced(part, number, len(parts)))
        for number, part in enumerate(parts)
    ]


def _announced(part: Part, number: int, count: int) -> list[Notice]:
    """That the series was split, by which rule, and which of the parts this is (safety.md 10)."""
    if count == 1:
        return []
    told = "; ".join(f"{name} {value}" for name, value in (*part.kinds, *part.axes))
    sentence = f"Part {number + 1} of {count} of its series" + (f", told apart by {told}." if told else ".")
    notices = [Notice(f"part {number + 1} of {count}", sentence)]
    if part.repeats:
        images = len(part.images)
        sentence = f"{images} images lie at positions that other images of the series have; they are shown here."
        notices.append(Notice("duplicates", sentence))
    return notices


def _display_set(key: str, part: Part, notices: list[Notice]) -> DisplaySet:
    ordered, offsets = in_reading_order(part.images)
    grid, no_volume, said = volume(ordered, offsets)
    notices = [*notices, *said, *_of_headers(ordered)]
    uneven = uneven_of(ordered) if no_volume is Reason.UNEVEN_SPACING else None
    return DisplaySet(key, tuple(ordered), grid, no_volume, tuple(notices), part.group, uneven)


def _of_headers(refs: Sequence[ImageRef]) -> list[Notice]:
    """What was odd in the headers, each sentence once with how many instances it is about."""
    instances = {ref.instance.SOPInstanceUID: ref.instance for ref in refs}.values()
    counted = Counter(sentence for each in instances for sentence in each.odd)
    found = [
        Notice("odd header", sentence if count == 1 else f"{sentence} ({count} objects)")
        for sentence, count in sorted(counted.items())[:3]
    ]
    for each in instances:
        if each.images > MOST_IMAGES:
            found.append(Notice("too many", f"It declares {each.images} images; {MOST_IMAGES} can be reached."))
    if refs[0].instance.SOPClassUID in TILED:
        found.append(Notice("tiles", "A whole slide: its tiles are shown one by one."))
    return found


def _image_grid(ref: ImageRef) -> Grid:
    frame = ref.attributes
    rows, columns = ref.shape
    size = (columns, rows, 1)
    row_mm, column_mm = _spacing(ref)
    depth = frame.SliceThickness or 1.0
    if ref.position_lps is None or not is_orientation(frame.ImageOrientationPatient):
        axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
        return Grid((0.0, 0.0, 0.0), axes, (column_mm, row_mm, depth), size)
    row, column = row_and_column_directions(frame.ImageOrientationPatient or ())
    return Grid(ref.position_lps, (row, column, cross(row, column)), (column_mm, row_mm, depth), size)


def _spacing(ref: ImageRef) -> tuple[float, float]:
    """Distances of rows and of columns: mm where they are known."""
    frame = ref.attributes
    return frame.PixelSpacing or frame.ImagerPixelSpacing or _aspect(frame.PixelAspectRatio)


def _aspect(ratio: tuple[float, float] | None) -> tuple[float, float]:
    """PixelAspectRatio (vertical, horizontal; PS3.3 C.7.6.3.1.7) as distances without a unit; square without it."""
    if ratio is None or min(ratio) <= 0:
        return (1.0, 1.0)
    return (ratio[0] / ratio[1], 1.0)
