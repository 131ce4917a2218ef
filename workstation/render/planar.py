"""Planes of voxels as RGB: one path for stacks and reformats, at device pixels, interpolated before the window.

Interpolation happens on stored values and the look-up table comes after it, so that a window never shows greys
that no voxel between two others has. Padding, what lies outside the voxels and what has not arrived are never
interpolated with: pixels next to them take their nearest voxel instead (safety.md 7). A single image that is shown
smaller than it is, is averaged over what each pixel covers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.averaging import Footprint, averaged, averaged_without, footprint
from workstation.imaging.geometry import Grid, cross
from workstation.imaging.greyscale import BLACK, OPAQUE, Chain
from workstation.imaging.view import Interpolation, ScreenPlane
from workstation.imaging.volume import is_padding

HATCH: Final = (np.uint32(0xFF14161A), np.uint32(0xFF2A2E35))
"""Where an image has not arrived: dark diagonal stripes, nothing that could be read as tissue."""


@dataclass(frozen=True)
class Sampled:
    """Stored values on a tile, shape (height, width), or (height, width, 3) for RGB; masks, shape (height, width),
    are None where they would be all false.

    `nothing`: outside the voxels or padding. `missing`: the image that belongs here has not arrived.
    """

    values: NDArray[Any]
    nothing: NDArray[np.bool_] | None
    missing: NDArray[np.bool_] | None


def sample(
    stored: NDArray[Any],
    grid: Grid,
    screen: ScreenPlane,
    interpolation: Interpolation,
    padding: tuple[float, float] | None = None,
    filled: NDArray[np.bool_] | None = None,
) -> Sampled:
    """Sample `stored[k, j, i]` (or `[k, j, i, channel]`), which lies on `grid`, at every device pixel of `screen`.

    NaN counts as padding, whatever `padding` says.
    """
    matrix = _index_from_pixel(grid, screen)
    shape = (screen.height, screen.width)
    missing = None if filled is None or filled.all() else _missing(matrix, shape, filled, grid.size[2])
    outside = _outside(matrix, shape, grid.size)
    if interpolation is Interpolation.LINEAR and len(stored) == 1 and _shrinks(matrix):
        values, nothing = _averaged(stored[0], matrix, shape, padding)
    else:
        values = _reslice(stored, matrix, shape, interpolation)
        values, nothing = _without_padding(stored, values, matrix, interpolation, padding)
    nothing = outside if nothing is None else nothing if outside is None else nothing | outside
    return Sampled(values, nothing, missing)


def warm_up() -> None:
    """Load VTK, which takes as long as everything else of a first picture."""
    _reslice(np.zeros((1, 2, 2), np.int16), np.eye(4), (2, 2), Interpolation.LINEAR)


def to_rgb32(sampled: Sampled, chain: Chain, lut: NDArray[np.uint32] | None = None) -> NDArray[np.uint32]:
    """Sampled values as 0xffRRGGBB, shape (height, width). `lut`, the chain's table, saves making it again."""
    values = sampled.values
    if values.dtype.itemsize <= 2 and values.dtype.kind in "iu":
        table = chain.table(values.dtype) if lut is None else lut
        rgb = np.take(table, values.view(f"u{values.dtype.itemsize}"), mode="wrap")
    else:
        rgb = chain.colours(values)
    return _finished(rgb, sampled)


def colour_to_rgb32(sampled: Sampled, inverted: bool = False) -> NDArray[np.uint32]:
    """Sampled RGB as 0xffRRGGBB, shape (height, width): colours are shown as they are, or inverted."""
    rgb = sampled.values.astype(np.uint32)
    packed: NDArray[np.uint32] = np.bitwise_or(rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2], OPAQUE)
    return _finished(np.bitwise_xor(packed, np.uint32(0x00FFFFFF)) if inverted else packed, sampled)


def _finished(rgb: NDArray[np.uint32], sampled: Sampled) -> NDArray[np.uint32]:
    if sampled.nothing is not None:
        rgb[sampled.nothing] = BLACK
    if sampled.missing is not None:
        rows, columns = np.ogrid[: rgb.shape[0], : rgb.shape[1]]
        stripes = np.where((rows + columns) % 12 < 3, HATCH[1], HATCH[0])
        rgb[sampled.missing] = stripes[sampled.missing]
    return np.ascontiguousarray(rgb)


def shrinkage(grid: Grid, screen: ScreenPlane) -> float:
    """How many of its pixels an image lays on one of the screen, along the axis where it is more; 1 when magnified."""
    return max(1.0, float(np.abs(_index_from_pixel(grid, screen)[:2, :2]).max()))


def _shrinks(matrix: NDArray[np.float64]) -> bool:
    """Whether a pixel of the screen covers more than one of the image, whose rows lie along or across the screen."""
    in_plane = np.abs(matrix[:2, :2])
    return bool(np.count_nonzero(in_plane) == 2 and in_plane.max() > 1 and np.linalg.det(in_plane) != 0)


def _averaged(
    image: NDArray[Any], matrix: NDArray[np.float64], shape: tuple[int, int], padding: tuple[float, float] | None
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    turned = matrix[0, 0] == 0  # the image's columns run down the screen
    counts = shape[::-1] if turned else shape
    rows = _axis_footprint(matrix[1], counts[0], image.shape[0])
    columns = _axis_footprint(matrix[0], counts[1], image.shape[1])
    left_out = _left_out(image, padding)
    nothing: NDArray[np.bool_] | None = None
    if left_out is None:
        means = averaged(image, rows, columns)
    else:
        means, nothing = averaged_without(image, left_out, rows, columns)
        nothing = nothing.T if turned else nothing
    means = np.swapaxes(means, 0, 1) if turned else means
    whole = image.dtype.kind in "iu"
    return np.ascontiguousarray(np.rint(means) if whole else means).astype(image.dtype), nothing


def _axis_footprint(row: NDArray[np.float64], count: int, size: int) -> Footprint:
    """The footprint along one image axis; `row` of the matrix gives its index from a screen pixel (x, y, 0, 1)."""
    return footprint(count, float(row[3]), float(row[0] + row[1]), size)


def _left_out(image: NDArray[Any], padding: tuple[float, float] | None) -> NDArray[np.bool_] | None:
    if image.ndim == 3:
        return None
    mask = np.isnan(image) if image.dtype.kind == "f" else None
    if padding is not None:
        padded = is_padding(image, padding)
        mask = padded if mask is None else mask | padded
    return mask if mask is not None and mask.any() else None


def _without_padding(
    stored: NDArray[Any],
    values: NDArray[Any],
    matrix: NDArray[np.float64],
    interpolation: Interpolation,
    padding: tuple[float, float] | None,
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Values that nothing was blended into which is no image, and where there is none; NaN spreads by itself."""
    blends = interpolation is Interpolation.LINEAR
    if values.ndim == 3:
        return values, None
    nothing: NDArray[np.bool_] | None = None
    if padding is not None and blends and _is_along_axes(matrix):
        return _unblended_along_axes(stored, values, matrix, padding)
    if padding is not None:
        nearest = _reslice(stored, matrix, values.shape, Interpolation.NEAREST) if blends else values
        nothing = is_padding(nearest, padding)
        if blends and (meets := _meets_padding(stored, matrix, values.shape[:2], padding)).any():
            values = np.where(meets, nearest, values)
        nothing = nothing if nothing.any() else None
    if values.dtype.kind == "f" and (spread := np.isnan(values)).any():
        nearest = _reslice(stored, matrix, values.shape, Interpolation.NEAREST) if blends else values
        values = np.where(spread, nearest, values)
        empty = np.isnan(values)
        nothing = empty if nothing is None else nothing | empty
    return values, nothing


def _index_from_pixel(grid: Grid, screen: ScreenPlane) -> NDArray[np.float64]:
    """4 x 4: (x, y, 0, 1) of a device pixel to the continuous index (i, j, k, 1)."""
    pixel = np.eye(4)
    pixel[:3, 0], pixel[:3, 1], pixel[:3, 3] = screen.step_right, screen.step_down, screen.origin_lps
    pixel[:3, 2] = cross(screen.step_right, screen.step_down)
    matrix = grid.index_from_lps @ pixel
    if grid.size[2] == 1:
        matrix[2] = (0.0, 0.0, 1.0, 0.0)  # a single image is looked at in its own plane
    # Noise of the last bits would keep whole-number steps off VTK's exact path; 1e-10 voxel is nothing.
    return np.asarray(np.round(matrix, 10), dtype=np.float64)


def _reslice(
    stored: NDArray[Any], matrix: NDArray[np.float64], shape: tuple[int, ...], interpolation: Interpolation
) -> NDArray[Any]:
    from vtkmodules.util.numpy_support import get_vtk_array_type, numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonCore import vtkSMPTools
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkCommonMath import vtkMatrix4x4
    from vtkmodules.vtkImagingCore import vtkImageReslice

    vtkSMPTools.SetBackend("STDThread")  # the wheel's default runs on one core
    slices, rows, columns = stored.shape[:3]
    channels = stored.shape[3:]
    image = vtkImageData()
    image.SetDimensions(columns, rows, slices)
    kind = get_vtk_array_type(stored.dtype)  # type: ignore[no-untyped-call]
    flat = numpy_to_vtk(stored.reshape(-1, *channels), deep=False, array_type=kind)  # type: ignore[no-untyped-call]
    image.GetPointData().SetScalars(flat)
    axes = vtkMatrix4x4()
    axes.DeepCopy(matrix.ravel().tolist())
    reslice = vtkImageReslice()
    reslice.SetInputData(image)
    reslice.SetResliceAxes(axes)
    reslice.SetOutputSpacing(1.0, 1.0, 1.0)
    reslice.SetOutputOrigin(0.0, 0.0, 0.0)
    reslice.SetOutputExtent(0, shape[1] - 1, 0, shape[0] - 1, 0, 0)
    reslice.SetOutputDimensionality(2)
    if interpolation is Interpolation.LINEAR:
        reslice.SetInterpolationModeToLinear()
    else:
        reslice.SetInterpolationModeToNearestNeighbor()
    reslice.Update()
    scalars = reslice.GetOutput().GetPointData().GetScalars()
    return np.asarray(vtk_to_numpy(scalars)).reshape(*shape[:2], *channels)  # type: ignore[no-untyped-call]


def _outside(
    matrix: NDArray[np.float64], shape: tuple[int, int], size: tuple[int, int, int]
) -> NDArray[np.bool_] | None:
    """Which pixels lie beyond the outer edges of the voxels; None when none does.

    Each index is linear in (x, y), so every row of pixels is inside from one x to another.
    """
    height, width = shape
    y = np.arange(height, dtype=np.float64)
    first, last = np.zeros(height), np.full(height, width - 1.0)
    for axis in range(3):
        slope, base = matrix[axis, 0], matrix[axis, 1] * y + matrix[axis, 3]
        low, high = -0.5 - base, size[axis] - 0.5 - base
        if abs(slope) < 1e-12:
            empty = (low > 1e-9) | (high < -1e-9)
            first[empty], last[empty] = width, -1
            continue
        ends = np.sort(np.stack([low / slope, high / slope]), axis=0)
        first, last = np.maximum(first, ends[0]), np.minimum(last, ends[1])
    if np.all(first <= 0) and np.all(last >= width - 1):
        return None
    x = np.arange(width, dtype=np.float64)[None, :]
    inside = first <= last
    if inside.any() and np.ptp(first[inside]) == np.ptp(last[inside]) == 0:  # a rectangle, as of all but oblique planes
        beside = (x < first[inside][0] - 1e-9) | (x > last[inside][0] + 1e-9)
        outside = np.ones(shape, dtype=np.bool_)
        outside[inside] = beside
        return outside
    return np.asarray((x < first[:, None] - 1e-9) | (x > last[:, None] + 1e-9))


def _missing(
    matrix: NDArray[np.float64], shape: tuple[int, int], filled: NDArray[np.bool_], slices: int
) -> NDArray[np.bool_] | None:
    """Which pixels need an image that has not arrived, the neighbours of linear interpolation included.

    Along the volume's axes a row, a column or one number tells for all; millions of pixels are asked only where
    the plane is oblique.
    """
    height, width = shape
    along_x, along_y, _, base = matrix[2]
    x = along_x * np.arange(width if along_x else 1)[None, :]
    y = along_y * np.arange(height if along_y else 1)[:, None]
    index = x + y + base
    below = np.clip(np.floor(index + 1e-6).astype(np.intp), 0, slices - 1)
    above = np.clip(np.ceil(index - 1e-6).astype(np.intp), 0, slices - 1)
    missing = ~(filled[below] & filled[above])
    return np.broadcast_to(missing, shape) if missing.any() else None


def _meets_padding(
    stored: NDArray[Any], matrix: NDArray[np.float64], shape: tuple[int, int], padding: tuple[float, float]
) -> NDArray[np.bool_]:
    """Which pixels have padding among the voxels that linear interpolation takes together."""
    meets = np.zeros(shape, dtype=np.bool_)
    for shift in product((-0.5, 0.5), repeat=3):  # the nearest voxel half a voxel away is the lower or upper neighbour
        shifted = matrix.copy()
        shifted[:3, 3] += shift
        neighbour = _reslice(stored, shifted, shape, Interpolation.NEAREST)
        meets |= is_padding(neighbour, padding)
    return meets


def _is_along_axes(matrix: NDArray[np.float64]) -> bool:
    """Whether every index grows along x, along y or not at all."""
    return bool(np.all(np.count_nonzero(matrix[:3, :2], axis=1) <= 1) and np.all(np.any(matrix[:3, :2] != 0, axis=0)))


def _unblended_along_axes(
    stored: NDArray[Any], values: NDArray[Any], matrix: NDArray[np.float64], padding: tuple[float, float]
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """The same for planes along the volume's axes, from one or two layers of voxels: a third of the time.

    Only pixels that touch padding without being padding are looked up again.
    """
    shape = values.shape[:2]
    index: dict[str, tuple[int, NDArray[np.float64]]] = {}
    for axis, (along_x, along_y, _, base) in enumerate(matrix[:3]):
        count, role = (shape[1], "x") if along_x else (shape[0], "y") if along_y else (1, "through")
        last = stored.shape[2 - axis] - 1
        index[role] = (2 - axis, np.clip((along_x or along_y) * np.arange(count) + base, 0, last))
    (through, depth), (y_axis, y), (x_axis, x) = index["through"], index["y"], index["x"]
    near, *others = dict.fromkeys(
        int(each) for each in (np.floor(depth[0] + 0.5), np.floor(depth[0]), np.ceil(depth[0]))
    )
    layer = np.take(stored, near, axis=through)
    padded = is_padding(layer, padding)
    touched = padded
    for other in others:
        touched = touched | is_padding(np.take(stored, other, axis=through), padding)
    if not touched.any():
        return values, None
    if y_axis > x_axis:
        layer, padded, touched = layer.T, padded.T, touched.T
    rows, columns = np.floor(y + 0.5).astype(np.intp), np.floor(x + 0.5).astype(np.intp)
    nothing = _looked_up(padded, (rows,), (columns,))
    met = _looked_up(
        touched, *(tuple(round_(each).astype(np.intp) for round_ in (np.floor, np.ceil)) for each in (y, x))
    )
    at_y, at_x = np.divmod(np.flatnonzero(met & ~nothing), shape[1])  # five times as fast as `nonzero` of two axes
    values = values.copy()  # VTK owns what it made
    values[at_y, at_x] = layer[rows[at_y], columns[at_x]]
    return values, nothing if nothing.any() else None


def _looked_up(
    mask: NDArray[np.bool_], rows: Sequence[NDArray[np.intp]], columns: Sequence[NDArray[np.intp]]
) -> NDArray[np.bool_]:
    """Whether `mask` is set at any of these rows and columns; the shorter axis first, which costs half."""
    for axis, indices in ((1, columns), (0, rows)) if len(rows[0]) > len(mask) else ((0, rows), (1, columns)):
        mask = np.logical_or.reduce([np.take(mask, each, axis=axis) for each in indices])
    return mask
