"""A 3D tile as a picture: what the render process drew last, with the same words, letters and frame as other tiles.

Letters, cube, scale bar and crosshair belong to the camera of the picture that is painted, not to the one that is
wanted by now: while the next picture is on its way they stay true (safety.md 4).
"""

import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from workstation.case.state import TileView
from workstation.imaging.camera import Camera
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.scene import Over, Scene
from workstation.imaging.shared import BlockHandle
from workstation.imaging.transfer import TransferFunction, preset_called
from workstation.imaging.uneven import Uneven
from workstation.imaging.view import Display, Framing
from workstation.imaging.volume import Voxels, is_padding
from workstation.paint.lines import Line
from workstation.paint.tile import TileMarks, corner_boxes, paint_tile
from workstation.picture.compose import Picture
from workstation.picture.cube import orientation_cube
from workstation.picture.fused import LoadedLayer
from workstation.picture.marks import facts_of
from workstation.picture.said import notices
from workstation.picture.scale_bar import round_bar
from workstation.picture.text import PRIOR, corners
from workstation.picture.volume_handles import drawn_handles, handles, named
from workstation.picture.volume_marks import laid_out_in_3d
from workstation.picture.volume_over import follow, overs_of
from workstation.picture.volume_shells import said_of_shells, shells_of
from workstation.picture.waiting import larger
from workstation.render.volume_memory import mapped
from workstation.render.volume_process import volumes
from workstation.render.volume_request import MEMORY, Frame, Source

BLACK: Final = 0xFF000000
STEPS: Final = 8
"""A volume that still comes is drawn anew so many times until it is whole: each time all of it is looked through."""

CROSS_MM: Final = 18.0
GAP_MM: Final = 5.0
CUBE_PX: Final = (40.0, 112.0)
"""The cube's middle, from the right edge and from the bottom."""

PREPARING: Final = "3D is being prepared …"
COMING: Final = (
    "Shown with fewer rays, and large series at half resolution, while the exact picture is being drawn. Of thick "
    "slices the first one takes seconds; what is turned or chosen meanwhile goes before it."
)
NO_UNEVEN: Final = "Cannot be shown in 3D: its slices are not evenly spaced."
NO_COLOURS: Final = "Cannot be shown in 3D: it holds colours."
NOT_SHARED: Final = "Cannot be shown in 3D: its voxels lie in no shared memory."
REFINED: Final = (
    "The slices are thick: for the light on them, values between them are worked out and the finest noise is left out. "
    "Measures, planes and surfaces are of the voxels as they came."
)
SAMPLE: Final = 1 << 18
"""Voxels that percentiles are worked out of."""

_followed: set[int] = set()
_on_series: dict[tuple[int, int, str], TransferFunction] = {}
"""Presets by percentiles on the values of a series, by block, how much had arrived, and name."""


def compose_3d(
    view: TileView,
    voxels: Voxels,
    problem: str,
    size: tuple[int, int],
    ratio: float,
    layered: Sequence[LoadedLayer] = (),
) -> Picture:
    """The picture of a 3D tile as far as it has been drawn; the rest is asked for and follows."""
    assert view.tile.scene is not None and view.display_set is not None  # noqa: S101  asked for before
    overs, left_out = overs_of(view, layered)
    frame, exact, message = _asked(view, voxels, size, overs)
    seen = frame.request.scene if frame else view.tile.scene
    chips, sentences = _said(view, voxels, problem, frame, exact, "" if message == PREPARING else message)
    sentences = (*sentences, *left_out, *said_of_shells(view))
    lattice = view.display_set.lattice
    edges, knobs = drawn_handles(seen, lattice, size) if lattice is not None else ((), ())
    marks = TileMarks(
        corners=corners(_cut_as(view, seen), None, voxels.unit, None),
        letters=seen.camera.letters,
        scale=_bar(seen.camera, size, ratio),
        chips=chips,
        lines=(*_cross(view.crosshair_lps, seen, size), *edges) if frame else (),
        knobs=knobs if frame and not view.audience else (),
        graphics=orientation_cube(seen.camera, (size[0] - CUBE_PX[0] * ratio, size[1] - CUBE_PX[1] * ratio), ratio),
        active=view.active,
        linked=view.linked,
        message="" if frame else message,
        prior=PRIOR if view.tile.prior else "",
        guarded=view.patients > 1,
        larger=larger(view),
    )
    words = corner_boxes(marks, size, ratio)
    found = laid_out_in_3d(view.marks.findings, view, seen, voxels, ratio, size, words) if frame else ()
    rgb32 = _stretched(frame, size) if frame is not None else None
    image = paint_tile(rgb32, replace(marks, findings=found), size, ratio)
    facts = _facts(view, seen, frame, marks, sentences, size, exact) | {"findings": facts_of(view, found)}
    drawn = seen if frame else None
    return Picture(image, facts, marks=found, revision=view.marks.revision, words=words, scene=drawn)


def _cut_as(view: TileView, seen: Scene) -> TileView:
    """A view whose words tell what is cut away in the picture that is painted."""
    assert view.tile.scene is not None  # noqa: S101  asked for before
    scene = replace(view.tile.scene, crop=seen.crop, plane=seen.plane, cuts=seen.cuts)
    return replace(view, tile=replace(view.tile, scene=scene))


def _stretched(frame: Frame, size: tuple[int, int]) -> np.ndarray[Any, np.dtype[np.uint32]]:
    """The pixels of a frame; one that was made for a tile of another size as its camera is seen in this one."""
    if frame.request.size == size:
        return frame.rgb32
    scale = min(size) / min(frame.request.size)
    places = []
    for wide, was in zip(size, frame.request.size, strict=True):
        places.append(np.rint((np.arange(wide) - (wide - 1) / 2) / scale + (was - 1) / 2).astype(int))
    columns, rows = (np.clip(each, 0, was - 1) for each, was in zip(places, frame.request.size, strict=True))
    found = frame.rgb32[rows[:, None], columns[None, :]]
    for axis, (each, was) in enumerate(zip(places, frame.request.size, strict=True)):
        outside = (each < 0) | (each >= was)
        found[(slice(None), outside) if axis == 0 else (outside, slice(None))] = BLACK
    return np.asarray(found, dtype=np.uint32)


def _asked(
    view: TileView, voxels: Voxels, size: tuple[int, int], overs: tuple[Over, ...]
) -> tuple[Frame | None, bool, str]:
    """The newest picture there is of a tile's volume, whether it is the one that is wanted, and the sentence where
    there is none."""
    display_set, scene = view.display_set, view.tile.scene
    assert display_set is not None and scene is not None  # noqa: S101  asked for before
    if (sentence := _refused(display_set.lattice, voxels)) or voxels.shared is None or display_set.lattice is None:
        return None, False, sentence
    if not voxels.arrived:
        return None, False, "Loading …"
    place = (display_set.key, view.number)
    scene = replace(scene, transfer=transfer_of(scene, voxels), shells=shells_of(view), overs=overs)
    _follow(voxels, voxels.shared)
    source = _source(voxels, voxels.shared, display_set.lattice)
    frame = volumes().want(place, source, scene, size, view.coarse)
    drawn = frame.request if frame is not None and not frame.coarse else None
    exact = drawn is not None and (drawn.source, drawn.scene, drawn.size) == (source, scene, size)
    return frame, exact, volumes().problem(place) or PREPARING


def _refused(lattice: Grid | None, voxels: Voxels) -> str:
    if isinstance(lattice, Uneven):
        return NO_UNEVEN
    if voxels.is_colour:
        return NO_COLOURS
    return "" if voxels.shared is not None else NOT_SHARED


def _source(voxels: Voxels, handle: BlockHandle, grid: Grid) -> Source:
    total = len(voxels.filled)
    arrived = total if voxels.whole else voxels.arrived * STEPS // total
    rows = tuple(tuple(float(each) for each in row) for row in grid.lps_from_index)
    return Source(handle, rows, (voxels.rescale.slope, voxels.rescale.intercept), arrived)


def _follow(voxels: Voxels, handle: BlockHandle) -> None:
    """Presets worked out of voxels go with them; so does what the render process keeps."""
    follow(voxels, handle)
    if handle.inode not in _followed:
        _followed.add(handle.inode)
        weakref.finalize(voxels, _gone, handle.inode)


def _gone(inode: int) -> None:
    _followed.discard(inode)
    for key in [each for each in _on_series if each[0] == inode]:
        del _on_series[key]


def transfer_of(scene: Scene, voxels: Voxels) -> TransferFunction:
    """The transfer function in force: the reader's own, or the preset's on the values of this series."""
    if scene.transfer is not None:
        return scene.transfer
    preset = preset_called(scene.preset, voxels.display_set.first.Modality)
    if not preset.percentiles or voxels.shared is None:
        return preset.transfer
    key = (voxels.shared.inode, voxels.arrived * STEPS // len(voxels.filled), scene.preset)
    if key not in _on_series:
        _on_series[key] = preset.on(sampled(voxels))
    return _on_series[key]


def cut_away(scene: Scene) -> np.ndarray[Any, Any] | None:
    """Where voxels were cut away, not 0, shape (slices, rows, columns); None where nothing was."""
    gone: np.ndarray[Any, Any] | None = None
    for cut in scene.cuts:
        mask = mapped(cut.mask)
        gone = mask if gone is None else gone | mask
    return gone


def sampled(voxels: Voxels) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Values of some voxels evenly out of those that have arrived, without padding."""
    stored = voxels.stored[voxels.filled]
    some = stored.reshape(-1)[:: max(1, stored.size // SAMPLE)]
    if voxels.padding is not None:
        some = some[~is_padding(some, voxels.padding)]
    values = voxels.rescale.apply(some)
    return np.asarray(values[np.isfinite(values)], dtype=np.float64)


def _said(
    view: TileView, voxels: Voxels, problem: str, frame: Frame | None, exact: bool, why_not: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Chips and sentences: of 3D first, then what is true of the series in any picture.

    `exact`: whether it is the picture that is wanted, `why_not`: why that one will not come.
    """
    said: list[tuple[str, str]] = []
    if frame is not None and frame.restarted:
        said.append(("3D restarted", "The process that draws 3D had ended and was started again; nothing was lost."))
    if frame is not None and not exact and not view.coarse:
        said.append(("not drawn exactly", why_not) if why_not else ("exact picture is coming", COMING))
    elif frame is not None and not exact:
        sentence = "Shown with fewer rays, and large series at half resolution, while it moves; exact when it rests."
        said.append(("coarse while moving", sentence))
    elif frame is not None and frame.half:
        sentence = "There is not enough memory for the whole series in 3D; every two voxels are drawn as one."
        said.append((f"half resolution: {frame.why_half or MEMORY}", sentence))
    elif frame is not None and frame.steps > 1:
        said.append(("refined for light", REFINED))
    flat = replace(view.tile, framing=Framing(), display=Display(), planned=None)
    chips, sentences = notices(replace(view, tile=flat, coarse=False), voxels, problem, (True, True))
    return (*(chip for chip, _ in said), *chips), (*(sentence for _, sentence in said), *sentences)


def _bar(camera: Camera, size: tuple[int, int], ratio: float) -> tuple[float, str] | None:
    """With perspective no length is one on the whole screen."""
    return round_bar(camera.px_per_mm(*size), size[0], ratio) if camera.is_parallel else None


def _cross(point: Vec3 | None, scene: Scene, size: tuple[int, int]) -> tuple[Line, ...]:
    """The crosshair as three short lines along the patient's axes, each in the colour of the plane it stands on."""
    if point is None or not scene.crosshair:
        return ()
    found: list[Line] = []
    for axis, colour in enumerate(("sagittal", "coronal", "axial")):
        for sign in (1.0, -1.0):
            ends = []
            for away in (GAP_MM, CROSS_MM):
                at = list(point)
                at[axis] += sign * away
                ends.append(scene.camera.pixel((at[0], at[1], at[2]), *size)[:2])
            if np.isfinite(ends).all():
                found.append(Line(ends[0], ends[1], colour))
    return tuple(found)


def _facts(
    view: TileView,
    seen: Scene,
    frame: Frame | None,
    marks: TileMarks,
    sentences: tuple[str, ...],
    size: tuple[int, int],
    exact: bool,
) -> dict[str, Any]:
    assert view.display_set is not None and view.tile.scene is not None  # noqa: S101  asked for before
    camera, lattice = seen.camera, view.display_set.lattice
    return {
        "series_instance_uid": view.display_set.series_instance_uid,
        "study_instance_uid": view.display_set.study_instance_uid,
        "plane": None,
        "images": len(view.display_set.images),
        "letters": marks.letters,
        "active": view.active,
        "notices": list(sentences),
        "fidelity": _fidelity(frame),
        "text": {corner: list(lines) for corner, lines in marks.corners.items()},
        "message": marks.message,
        "scale_bar": {"px": round(marks.scale[0], 2), "length": marks.scale[1]} if marks.scale else None,
        "crosshair_lps": [round(each, 4) for each in view.crosshair_lps] if view.crosshair_lps else None,
        "scene": {
            "preset": seen.preset,
            "own_transfer": view.tile.scene.transfer is not None,
            "shaded": seen.shaded,
            "parallel": camera.is_parallel,
            "focus_lps": [round(each, 4) for each in camera.focus_lps],
            "towards": [round(each, 6) for each in camera.towards],
            "up": [round(each, 6) for each in camera.up],
            "across_mm": round(camera.across_mm, 4),
            "handles": named(handles(seen, lattice, size), lattice) if lattice is not None else {},
            "cuts": [each.name for each in seen.cuts],
            "segments": [each.name for each in seen.shells],
            "over": [each.name for each in seen.overs],
            "crop": [*seen.crop.low, *seen.crop.high] if seen.crop else None,
            "clip_plane": [*seen.plane.point_lps, *seen.plane.normal] if seen.plane else None,
            "frame": frame.facts if frame else None,
            "settled": exact,
        },
    }


def _fidelity(frame: Frame | None) -> str:
    if frame is None or frame.coarse:
        return "coarse while moving"
    return f"3D, drawn by {frame.renderer}{', refined for light' if frame.steps > 1 else ''}"
