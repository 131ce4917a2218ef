"""Where the voxels of a phantom lie in the patient: the numbers behind PS3.3 C.7.6.2.1.1."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = tuple[float, float, float]
Orientation = tuple[float, float, float, float, float, float]
Floats = NDArray[np.float64]

AXIAL: Orientation = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL: Orientation = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL: Orientation = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


@dataclass(frozen=True)
class Grid:
    """A stack of parallel images in patient coordinates (LPS, mm).

    `shape` is (slices, rows, columns). `pixel_spacing_mm` is (between rows, between columns) as PixelSpacing is.
    Slice k lies at `origin_lps` + k * `slice_spacing_mm` * step; the step is the right-handed normal of the image
    unless `slice_step_lps` (a unit vector) says otherwise, as it does when the gantry is tilted.
    `slice_offsets_mm` replaces k * `slice_spacing_mm` where slices are missing or uneven.
    """

    shape: tuple[int, int, int]
    origin_lps: Vector
    pixel_spacing_mm: tuple[float, float]
    slice_spacing_mm: float
    image_orientation_patient: Orientation = AXIAL
    slice_step_lps: Vector | None = None
    slice_offsets_mm: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.slice_offsets_mm is not None and len(self.slice_offsets_mm) != self.shape[0]:
            raise ValueError(f"{len(self.slice_offsets_mm)} slice offsets for {self.shape[0]} slices")
        axes = np.stack([self.row_direction, self.column_direction])
        if not np.allclose(axes @ axes.T, np.eye(2), atol=1e-6):
            raise ValueError(f"not two perpendicular unit vectors: {self.image_orientation_patient}")

    @property
    def row_direction(self) -> Floats:
        """Patient direction of a growing column index: along a row, the first half of ImageOrientationPatient."""
        return np.array(self.image_orientation_patient[:3])

    @property
    def column_direction(self) -> Floats:
        """Patient direction of a growing row index: down a column, the second half of ImageOrientationPatient."""
        return np.array(self.image_orientation_patient[3:])

    @property
    def normal(self) -> Floats:
        """Right-handed normal: row direction x column direction."""
        return np.cross(self.row_direction, self.column_direction)

    @property
    def offsets_mm(self) -> Floats:
        """Way from slice 0 to each slice along the step, shape (slices,)."""
        if self.slice_offsets_mm is not None:
            return np.array(self.slice_offsets_mm)
        return np.arange(self.shape[0], dtype=np.float64) * self.slice_spacing_mm

    def slice_position_lps(self, slice_index: int) -> Floats:
        """Centre of the first voxel of a slice: its ImagePositionPatient."""
        step = self.normal if self.slice_step_lps is None else np.array(self.slice_step_lps)
        position: Floats = np.array(self.origin_lps) + self.offsets_mm[slice_index] * step
        return position

    def points_lps(self, slice_index: int) -> Floats:
        """Centres of all voxels of a slice, shape (rows, columns, 3)."""
        rows = np.arange(self.shape[1])[:, None, None] * self.pixel_spacing_mm[0] * self.column_direction
        columns = np.arange(self.shape[2])[None, :, None] * self.pixel_spacing_mm[1] * self.row_direction
        points: Floats = self.slice_position_lps(slice_index) + rows + columns
        return points

    def point_lps(self, slice_index: float, row: float, column: float) -> Vector:
        """The patient point of a (fractional) voxel index; fractions only between evenly spaced slices."""
        whole = int(np.floor(slice_index))
        step = self.normal if self.slice_step_lps is None else np.array(self.slice_step_lps)
        point = self.slice_position_lps(whole) + (slice_index - whole) * self.slice_spacing_mm * step
        point = point + row * self.pixel_spacing_mm[0] * self.column_direction
        point = point + column * self.pixel_spacing_mm[1] * self.row_direction
        return (float(point[0]), float(point[1]), float(point[2]))

    def index_of(self, point_lps: Vector) -> tuple[float, float, float]:
        """Fractional (slice, row, column) of a patient point; evenly spaced slices only."""
        if self.slice_offsets_mm is not None:
            raise ValueError("slices at free offsets have no linear index")
        step = self.normal if self.slice_step_lps is None else np.array(self.slice_step_lps)
        matrix = np.stack(
            [
                step * self.slice_spacing_mm,
                self.column_direction * self.pixel_spacing_mm[0],
                self.row_direction * self.pixel_spacing_mm[1],
            ],
            axis=1,
        )
        index = np.linalg.solve(matrix, np.array(point_lps) - np.array(self.origin_lps))
        return (float(index[0]), float(index[1]), float(index[2]))

    @property
    def voxel_volume_ml(self) -> float:
        """Volume of one voxel; the step counts only along the normal."""
        step = self.normal if self.slice_step_lps is None else np.array(self.slice_step_lps)
        across = abs(float(step @ self.normal)) * self.slice_spacing_mm
        return self.pixel_spacing_mm[0] * self.pixel_spacing_mm[1] * across / 1000.0
