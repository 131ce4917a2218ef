"""A series -> parts that can each be shown as one, by rules that are named to the reader (safety.md 10).

First by shape: what cannot lie in one block of voxels (size, pixel format, plane, spacing) is apart. Then, only where
several images lie at one position, by what tells them from each other: the kind of image (magnitude or phase, with or
without attenuation correction), then along a second axis (echo, b-value, phase, time). The parts of a second axis form
a group: the same places, seen again. Every image is in exactly one part.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import letters, row_and_column_directions, vec
from workstation.imaging.images import ImageRef
from workstation.imaging.slices import PARALLEL_TOLERANCE, in_reading_order, parallel, places, volume

Named = tuple[str, str]
"""What a part was told apart by: name and value."""

Key = Callable[[ImageRef], Hashable]


@dataclass(frozen=True)
class Group:
    """The place of a display set on a second axis: `index` of `count` sets that show the same places.

    `axis` names the attributes, `value` is theirs with unit: "EchoTime", "4.6 ms".
    """

    key: str
    axis: str
    value: str
    index: int
    count: int


@dataclass(frozen=True)
class Part:
    """Images that are shown as one. `kinds` and `axes` say what told them from the other parts of their series."""

    images: tuple[ImageRef, ...]
    kinds: tuple[Named, ...] = ()
    axes: tuple[Named, ...] = ()
    repeats: bool = False
    """Whether these are images at positions that another part has shown, with nothing to tell them apart."""
    group: Group | None = None


@dataclass(frozen=True)
class Rule:
    """One attribute that may tell images at one position from each other."""

    name: str
    key: Key
    unit: str = ""
    least: float = 0.0
    """The share of all positions that each value must have images at, for the median value."""
    whole: bool = False
    """Whether each value must fill at least three positions."""

    def text(self, value: Any) -> str:
        if value is None or value == ():
            return "none"
        if isinstance(value, tuple):
            return "\\".join(f"{each:g}" if isinstance(each, float) else str(each) for each in value)
        return (f"{value:g}" if isinstance(value, float) else str(value)) + self.unit


def _rounded(name: str, digits: int) -> Key:
    def key(ref: ImageRef) -> Hashable:
        value = getattr(ref.attributes, name)
        return None if value is None else round(value, digits)

    return key


def _counted(keyword: str) -> Key:
    return lambda ref: dict(ref.attributes.increments).get(keyword)


def _direction(ref: ImageRef) -> Hashable:
    return tuple(round(each, 3) for each in ref.attributes.DiffusionGradientOrientation)


_KINDS: Final = (
    Rule("ImageType", lambda ref: ref.kind),
    Rule("CorrectedImage", lambda ref: ref.instance.CorrectedImage),
    Rule("ConvolutionKernel", lambda ref: ref.instance.ConvolutionKernel),
    Rule("ReferencedSegmentNumber", lambda ref: ref.attributes.ReferencedSegmentNumber),
    Rule("EnergyWindowVector", _counted("EnergyWindowVector")),
    Rule("DetectorVector", _counted("DetectorVector")),
)
_AXES: Final = (
    Rule("EchoTime", _rounded("EchoTime", 3), " ms", least=0.5),
    Rule("InversionTime", _rounded("InversionTime", 3), " ms", least=0.5),
    Rule("DiffusionBValue", _rounded("DiffusionBValue", 0), " s/mm²", least=0.5),
    Rule("TemporalPositionIndex", lambda ref: ref.attributes.TemporalPositionIndex, least=0.5),
    Rule("TriggerTime", _rounded("TriggerTime", 1), " ms", least=0.5),
    Rule("DiffusionGradientOrientation", _direction, least=0.5),
    *(
        Rule(name, _counted(name), least=0.5)
        for name in ("TimeSlotVector", "RRIntervalVector", "PhaseVector", "TimeSliceVector", "RotationVector")
    ),
    Rule("AcquisitionNumber", lambda ref: ref.attributes.AcquisitionNumber, whole=True),
    Rule("FrameReferenceTime", _rounded("FrameReferenceTime", 0), " ms", least=0.5),
    Rule("AcquisitionDateTime", lambda ref: ref.attributes.AcquisitionDateTime, least=0.5),
)
_RANKED: Final = (
    Rule("TriggerTime", lambda ref: ref.attributes.TriggerTime),
    Rule("FrameReferenceTime", lambda ref: ref.attributes.FrameReferenceTime),
    Rule("AcquisitionDateTime", lambda ref: ref.attributes.AcquisitionDateTime or None),
    Rule("InstanceNumber", lambda ref: ref.order),
)
"""Attributes that differ at each position but follow one another: the n-th at each position belong together."""


def split(images: Iterable[ImageRef], series_key: str) -> list[Part]:
    """The parts of a series, in the order of their first image."""
    classes = _by_plane(_by_shape(images))
    varying = {name for _, names in classes for name, value in names if len(_values_of(classes, name)) > 1}
    parts = []
    for number, (refs, names) in enumerate(classes):
        kinds = tuple(each for each in names if each[0] in varying)
        parts += _grouped(_told_apart(Part(tuple(refs), kinds)), f"{series_key}/{number}")
    return sorted(parts, key=lambda part: min(ref.order for ref in part.images))


def _values_of(classes: Sequence[tuple[list[ImageRef], tuple[Named, ...]]], name: str) -> set[str | None]:
    return {dict(names).get(name) for _, names in classes}


# ------------------------------------------------------------------ shape


def _by_shape(images: Iterable[ImageRef]) -> list[tuple[list[ImageRef], tuple[Named, ...]]]:
    found: dict[tuple[Named, ...], list[ImageRef]] = defaultdict(list)
    for ref in images:
        found[_shape(ref)].append(ref)
    return [(refs, names) for names, refs in found.items()]


def _shape(ref: ImageRef) -> tuple[Named, ...]:
    """What must be equal for images to lie in one block of voxels, by name."""
    instance, frame = ref.instance, ref.attributes
    pixels = instance.pixels
    assert pixels is not None  # noqa: S101  only images are split
    rows, columns = ref.shape
    sign = "signed" if pixels.PixelRepresentation else "unsigned"
    # Three samples become RGB, whatever the colour model of each object.
    model = pixels.PhotometricInterpretation if pixels.SamplesPerPixel == 1 else "colour"
    spacing = frame.PixelSpacing and "\\".join(f"{each:.4g}" for each in frame.PixelSpacing)
    return (
        ("Modality", instance.Modality),
        ("size", f"{columns} × {rows}"),
        ("pixels", f"{pixels.SamplesPerPixel} × {pixels.BitsAllocated} bit {sign} {model} {pixels.keyword}"),
        ("PixelSpacing", spacing or "none"),
        ("ImageType", "LOCALIZER" if "LOCALIZER" in ref.kind else "no localizer"),
        ("position", "in the patient" if ref.in_patient else "none"),
        ("FrameOfReferenceUID", instance.FrameOfReferenceUID if ref.in_patient else ""),
        ("StackID", frame.StackID if instance.images > 1 else ""),
    )


def _by_plane(
    classes: Iterable[tuple[list[ImageRef], tuple[Named, ...]]],
) -> list[tuple[list[ImageRef], tuple[Named, ...]]]:
    """Placed images by their plane; images of which hardly two are parallel stay together, each in its own plane."""
    result = []
    for refs, names in classes:
        planes = _planes(refs) if refs[0].in_patient else [refs]
        if len(planes) == 1 or max(map(len, planes)) < 3:
            result.append((refs, names))
        else:
            result += [(plane, (*names, ("ImageOrientationPatient", _plane_text(plane[0])))) for plane in planes]
    return result


def _planes(refs: Sequence[ImageRef]) -> list[list[ImageRef]]:
    first: list[NDArray[np.float64]] = []
    planes: list[list[ImageRef]] = []
    plane_of: dict[tuple[float, ...] | None, list[ImageRef]] = {}
    for ref in refs:
        orientation = ref.attributes.ImageOrientationPatient
        if orientation not in plane_of:
            cosines = np.array(orientation)
            near = (number for number, known in enumerate(first) if np.all(abs(known - cosines) <= PARALLEL_TOLERANCE))
            number = next(near, len(first))
            if number == len(first):
                first.append(cosines)
                planes.append([])
            plane_of[orientation] = planes[number]
        plane_of[orientation].append(ref)
    return planes


def _plane_text(ref: ImageRef) -> str:
    row, column = row_and_column_directions(ref.attributes.ImageOrientationPatient or ())
    name = ("sagittal", "coronal", "axial")[int(np.argmax(abs(np.cross(row, column))))]
    return f"{name} {letters(vec(row))}\\{letters(vec(column))}"


# ------------------------------------------------------------------ what lies at one position


def _told_apart(part: Part) -> list[Part]:
    if len(part.images) < 2 or not parallel(part.images):
        return [part]
    place = places(part.images)
    counts = Counter(place.tolist())
    most = max(counts.values())
    if most == 1:
        return _made_even(part)
    few = len(counts) == 1 or (len(counts) == 2 and most >= 3)
    for rule in _KINDS if few else (*_KINDS, *_AXES):
        told = _by(rule, part)
        if _explains(rule, told, part, place, most):
            return [each for piece in told for each in _told_apart(piece)]
    if few:
        return _by_place(part, place)
    return _by_rank(part, place, most) or _first_and_repeated(part, place)


def _by(rule: Rule, part: Part) -> list[Part]:
    values: dict[Any, list[ImageRef]] = defaultdict(list)
    for ref in part.images:
        values[rule.key(ref)].append(ref)
    ordered = sorted(values, key=lambda value: (value is not None, value if value is not None else 0))
    return [_named(part, rule, values[value], rule.text(value)) for value in ordered]


def _named(part: Part, rule: Rule, refs: Sequence[ImageRef], value: str) -> Part:
    name = (rule.name, value)
    if rule in _KINDS:
        return replace(part, images=tuple(refs), kinds=(*part.kinds, name))
    return replace(part, images=tuple(refs), axes=(*part.axes, name))


def _explains(rule: Rule, told: Sequence[Part], part: Part, place: NDArray[np.intp], most: int) -> bool:
    """Whether a rule tells images at one position apart, and in a way that leaves wholes and no crumbs."""
    if len(told) < 2:
        return False
    of = dict(zip(map(id, part.images), place.tolist(), strict=True))
    counts = [Counter(of[id(ref)] for ref in piece.images) for piece in told]
    filled = [len(count) for count in counts]
    total = len(set(of.values()))
    return (
        max(max(count.values()) for count in counts) < most
        and float(np.median(filled)) >= rule.least * total
        and (not rule.whole or min(filled) >= min(3, total))
    )


def _by_place(part: Part, place: NDArray[np.intp]) -> list[Part]:
    """One or two positions seen many times are no volume: a stack over time at each."""
    stacks = [tuple(ref for ref, own in zip(part.images, place, strict=True) if own == each) for each in set(place)]
    if len(stacks) == 1:
        return [part]
    return [
        replace(part, images=refs, kinds=(*part.kinds, ("position", str(number))))
        for number, refs in enumerate(stacks, start=1)
    ]


def _by_rank(part: Part, place: NDArray[np.intp], most: int) -> list[Part]:
    """The n-th images at each position together, where each position has as many."""
    if set(Counter(place.tolist()).values()) != {most}:
        return []
    at: dict[int, list[ImageRef]] = defaultdict(list)
    for ref, own in zip(part.images, place.tolist(), strict=True):
        at[own].append(ref)
    for rule in _RANKED:
        values = [[rule.key(ref) for ref in refs] for refs in at.values()]
        if any(None in each or len(set(each)) < most for each in values):
            continue
        ordered: list[list[ImageRef]] = [sorted(refs, key=rule.key) for refs in at.values()]  # type: ignore[arg-type]
        return [
            _named(part, rule, [refs[rank] for refs in ordered], f"{rank + 1} of {most} at each position")
            for rank in range(most)
        ]
    return []


def _first_and_repeated(part: Part, place: NDArray[np.intp]) -> list[Part]:
    """Duplicates: the first image of each position by number, and what is left, which is shown too."""
    first: list[ImageRef] = []
    left: list[ImageRef] = []
    seen: set[int] = set()
    for ref, own in sorted(zip(part.images, place.tolist(), strict=True), key=lambda pair: pair[0].order):
        (left if own in seen else first).append(ref)
        seen.add(own)
    return [replace(part, images=tuple(first)), replace(part, images=tuple(left), repeats=True)]


def _made_even(part: Part) -> list[Part]:
    """Images that are no regular volume together but are, each by themselves, by acquisition or kind."""
    if len(part.images) < 6 or volume(*in_reading_order(part.images))[0] is not None:
        return [part]
    for rule in (_AXES[_ACQUISITION], *_KINDS):
        told = _by(rule, part)
        if len(told) > 1 and all(volume(*in_reading_order(piece.images))[0] is not None for piece in told):
            return [replace(piece, axes=part.axes, kinds=(*part.kinds, _last(piece))) for piece in told]
    return [part]


_ACQUISITION: Final = next(number for number, rule in enumerate(_AXES) if rule.name == "AcquisitionNumber")


def _last(part: Part) -> Named:
    return (part.axes or part.kinds)[-1]


# ------------------------------------------------------------------ the second axis


def _grouped(parts: Sequence[Part], key: str) -> list[Part]:
    """Parts of one kind that differ along their second axis, linked."""
    by_kind: dict[tuple[Named, ...], list[Part]] = defaultdict(list)
    for part in parts:
        by_kind[part.kinds].append(part)
    result = []
    for number, members in enumerate(by_kind.values()):
        along = [part for part in members if part.axes and not part.repeats]
        result += [part for part in members if part not in along]
        for index, part in enumerate(along):
            axis, value = (", ".join(texts) for texts in zip(*part.axes, strict=True))
            group = Group(f"{key}.{number}", axis, value, index, len(along)) if len(along) > 1 else None
            result.append(replace(part, group=group))
    return result
