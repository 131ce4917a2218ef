"""Regions that other objects of a study bring: structure sets and segmentations, found in the cache and read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from workstation import paths
from workstation.cache import files
from workstation.cache.entries import Stored
from workstation.cache.index import Index
from workstation.dicom.attributes import Attributes
from workstation.dicom.entities import Instance
from workstation.dicom.scan import DEFLATED, NATIVE, scan
from workstation.documents import rtstruct, seg
from workstation.errors import NotFound
from workstation.findings.roi import Region
from workstation.findings.segment import Segment
from workstation.findings.structures import Structure, pick
from workstation.imaging.alignment import stored_frame
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.parted import FrameIn
from workstation.loading.segments import decoded_frames

CLASSES: Final = frozenset((rtstruct.SOP_CLASS, *seg.SOP_CLASSES))


@dataclass(frozen=True)
class Regions:
    """What one object brings: its name, what it is, and its regions in their order; `odd` is what was left out."""

    sop_instance_uid: str
    label: str
    kind: str
    regions: tuple[Region, ...]
    odd: tuple[str, ...] = ()
    made_by: Mapping[int, str] = field(default_factory=dict)
    """Algorithm and version of the regions that one made, by their numbers."""
    ours: bool = False
    """A segmentation of this program, whose segments are there to be edited."""
    drawn_on: str = ""
    """The one series that structures were drawn on; segments say it themselves."""

    def series_of(self, region: Region) -> str:
        """The one series that a region was drawn on; empty where nobody says."""
        return self.drawn_on if isinstance(region, Structure) else region.series_instance_uid

    def placed(self, frame_in: FrameIn) -> "Regions":
        """The same regions where their series lie."""
        frames = [frame_in(each.frame_of_reference_uid, self.series_of(each)) for each in self.regions]
        pairs = zip(self.regions, frames, strict=True)
        return replace(self, regions=tuple(replace(each, frame_of_reference_uid=frame) for each, frame in pairs))


def name_of(region: Region) -> str:
    return region.title if isinstance(region, Segment) else region.name


def named(regions: Sequence[Region], name: str) -> Region:
    """By its whole name, or a beginning that one alone has. Raises HounsfieldError with the names there are."""
    return pick([(name_of(each), each) for each in regions], name)


def find(index: Index, study_uid: str, text: str) -> Stored:
    """The structure set or segmentation of a study that is meant by its SOPInstanceUID or the beginning of it, by its
    series, or by the row of that (`2.4`) where it is the only one there.

    Raises NotFound with what there is.
    """
    found = [each for each in index.instances(study_uid) if each.instance.SOPClassUID in CLASSES]
    by_uid = {each.instance.SOPInstanceUID: each for each in found}
    begun = [uid for uid in by_uid if uid.startswith(text)]
    if text in by_uid or len(begun) == 1:
        return by_uid[text if text in by_uid else begun[0]]
    try:
        _, series = index.resolve_series(text)
        of_series = [uid for uid, each in by_uid.items() if each.instance.SeriesInstanceUID == series]
        if len(of_series) == 1:
            return by_uid[of_series[0]]
    except NotFound:
        pass
    there = ", ".join(by_uid) or "none"
    raise NotFound(f"{text!r} is no structure set or segmentation of that study; there are {there}.")


def read(home: paths.Home, stored: Stored, sets: Iterable[DisplaySet]) -> Regions:
    """The regions of an object; segments lie on the grid of one of `sets` where they fit it. Raises `Refused`."""
    data, instance = files.read(home, stored.digest), stored.instance
    if instance.SOPClassUID == rtstruct.SOP_CLASS:
        found = rtstruct.read_structures(data)
        made = {each.number: "an algorithm" for each in found.structures if each.made == "AUTOMATIC"}
        uid, regions = instance.SOPInstanceUID, found.structures
        return Regions(uid, found.label, "structures", regions, found.odd, made, drawn_on=found.drawn_on)
    return _segmentation(home, data, instance, sets)


def _segmentation(home: paths.Home, data: bytes, instance: Instance, sets: Iterable[DisplaySet]) -> Regions:
    series = seg.referenced_series(data)
    same = [each for each in sets if stored_frame(each.first.FrameOfReferenceUID) == instance.FrameOfReferenceUID]
    same.sort(key=lambda each: each.series_instance_uid != series)
    grids = [each.grid for each in same if each.grid and each.series_instance_uid != instance.SeriesInstanceUID]
    native = instance.TransferSyntaxUID in NATIVE or instance.TransferSyntaxUID == DEFLATED
    decoded = None if native else decoded_frames(data, instance, home)
    found = seg.read_segmentation(data, grids, decoded)
    ours = seg.is_ours(Attributes(scan(data)))
    return Regions(instance.SOPInstanceUID, found.label, found.kind, found.segments, found.odd, found.made_by, ours)
