"""Oblique planes against SimpleITK on real volumes, and closed forms at any obliquity: places, letters, gaps.

What SimpleITK is given comes from the files by pydicom alone: voxels, positions, directions. Its direction matrix takes
a sheared axis too, so a tilted series is judged by the same program.
"""

import io
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK
from numpy.typing import NDArray

from tests.imaging.stacks import stack
from tests.loading.opened import imported, loaded, studies
from workstation.case.tile import Tile, TileView
from workstation.errors import Reason
from workstation.imaging.displaysets import display_sets
from workstation.imaging.geometry import Grid, vec
from workstation.imaging.oblique import Axes, Triad, axes_of, oblique_plane
from workstation.imaging.uneven import Uneven, uneven_grid
from workstation.imaging.view import Framing, Interpolation, Orientation, ScreenPlane, screen_plane
from workstation.imaging.volume import Voxels
from workstation.picture.letters import letters_of
from workstation.render.planar import sample

SHEAR_DEG = 14.0
FIRST, COUNT = 50, 30
"""Images of the chest that are taken: the whole of it says no more and takes longer."""

SIZE = 160
OUTSIDE = -30000


@dataclass(frozen=True)
class Judged:
    """Voxels as the workstation has them, and the same as SimpleITK has them."""

    voxels: Voxels
    judge: SimpleITK.Image
    padded: SimpleITK.Image


def chest(data_dir: Path) -> list[pydicom.Dataset]:
    with zipfile.ZipFile(data_dir / "ct_chest_lidc0001" / "LIDC-IDRI-0001.zip") as archive:
        read = [pydicom.dcmread(io.BytesIO(archive.read(name))) for name in archive.namelist() if name[-1] != "/"]
    read.sort(key=lambda each: float(each.ImagePositionPatient[2]))
    return read[FIRST : FIRST + COUNT]


def written(images: Sequence[pydicom.Dataset], folder: Path, shear_deg: float = 0.0) -> Path:
    """The images in a folder; sheared, each lies further back by what the tilt of a gantry would move it."""
    folder.mkdir()
    z = float(images[0].ImagePositionPatient[2])
    for number, image in enumerate(images):
        x, y, height = map(float, image.ImagePositionPatient)
        image.ImagePositionPatient = [x, round(y + math.tan(math.radians(shear_deg)) * (height - z), 6), height]
        image.InstanceNumber = number + 1
        image.save_as(folder / f"{number:03}.dcm", enforce_file_format=True)
    return folder


def judged(files: Path, tmp_path: Path) -> Judged:
    """A folder as both have it. The third axis is what positions say, whatever the tilt."""
    home = imported(tmp_path, files)
    (study,) = studies(home)
    voxels = max(loaded(home, study), key=lambda each: len(each.display_set.images))
    wanted = {ref.instance.SOPInstanceUID for ref in voxels.display_set.images}
    read = [pydicom.dcmread(path) for path in sorted(files.rglob("*.dcm"))]
    images = [each for each in read if each.SOPInstanceUID in wanted]
    row, column = np.array(images[0].ImageOrientationPatient, dtype=float).reshape(2, 3)
    normal = np.cross(row, column)
    images.sort(key=lambda each: float(np.dot(normal, np.array(each.ImagePositionPatient, dtype=float))))
    positions = np.array([each.ImagePositionPatient for each in images], dtype=float)
    step = (positions[-1] - positions[0]) / (len(positions) - 1)
    judge = SimpleITK.GetImageFromArray(np.stack([each.pixel_array for each in images]).astype(np.float32))
    length = float(np.linalg.norm(step))
    rows_mm, columns_mm = map(float, images[0].PixelSpacing)
    judge.SetOrigin(positions[0].tolist())
    judge.SetSpacing((columns_mm, rows_mm, length))
    judge.SetDirection(np.stack([row, column, step / length], axis=1).ravel().tolist())
    stored = SimpleITK.GetArrayViewFromImage(judge)
    low, high = voxels.padding or (1e9, 1e9)
    padded = SimpleITK.GetImageFromArray(((stored >= low) & (stored <= high)).astype(np.float32))
    padded.CopyInformation(judge)
    return Judged(voxels, judge, padded)


@pytest.fixture(scope="module", params=["ct", "sheared", "mr", "gantry"])
def pair(request: pytest.FixtureRequest, data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "mr":
        return judged(data_dir / "mr_brain_nist", folder)
    if request.param == "gantry":
        return judged(data_dir / "nasty/dicom2nifti_failing/gantrytilting", folder)
    shear = SHEAR_DEG if request.param == "sheared" else 0.0
    return judged(written(chest(data_dir), folder / "files", shear), folder)


def axes(random: np.random.Generator) -> Axes:
    first, second = np.linalg.qr(random.standard_normal((3, 3)))[0][:2]
    return axes_of(vec(first), vec(second))


def resampled(image: SimpleITK.Image, screen: ScreenPlane, outside: float) -> NDArray[np.float32]:
    right, down = np.array(screen.step_right), np.array(screen.step_down)
    size = float(np.linalg.norm(right))
    resample = SimpleITK.ResampleImageFilter()
    resample.SetInterpolator(SimpleITK.sitkLinear)
    resample.SetSize((screen.width, screen.height, 1))
    resample.SetOutputOrigin(screen.origin_lps)
    resample.SetOutputSpacing((size, size, 1.0))
    directions = np.stack([right / size, down / size, np.cross(right, down) / size**2], axis=1)
    resample.SetOutputDirection(directions.ravel().tolist())
    resample.SetDefaultPixelValue(outside)
    return np.asarray(SimpleITK.GetArrayFromImage(resample.Execute(image))[0], dtype=np.float32)


def test_planes_at_random_obliquities_equal_simpleitk(pair: Judged) -> None:
    """13 of each of four volumes: 99.9 % of what lies inside is within 1 stored unit, padding left out."""
    voxels = pair.voxels
    grid = voxels.display_set.grid
    assert grid is not None
    random = np.random.default_rng(8)
    compared = 0
    for _ in range(13):
        at = grid.point(vec((random.uniform(0.3, 0.7, 3)) * (np.array(grid.size) - 1)))
        plane = oblique_plane(grid, axes(random), at)
        screen = screen_plane(plane, Framing(px_per_mm=float(random.uniform(0.8, 2.0))), SIZE, SIZE)
        found = sample(voxels.stored, grid, screen, Interpolation.LINEAR, voxels.padding, blocks=voxels.padded)
        theirs = resampled(pair.judge, screen, OUTSIDE)
        inside = (theirs != OUTSIDE) & (resampled(pair.padded, screen, 1.0) == 0)
        nothing = np.zeros(inside.shape, bool) if found.nothing is None else found.nothing
        assert not nothing[inside].any()
        off = np.abs(found.values.astype(np.float32) - theirs)[inside]
        assert np.count_nonzero(off > 1) <= 0.001 * off.size
        compared += off.size
    assert compared > 20_000


def grids() -> list[Grid]:
    """An even grid turned at random, one that is sheared, and one at uneven distances."""
    turned = np.linalg.qr(np.random.default_rng(3).standard_normal((3, 3)))[0]
    row, column, normal = (vec(each) for each in turned)
    sheared = vec((np.array(normal) + 0.25 * np.array(column)) / math.hypot(1, 0.25))
    positions = [
        vec(np.array([4.0, -9.0, 2.0]) + np.array(sheared) * mm) for mm in np.cumsum([0, *[2, 2, 2.7, 2, 2.4] * 4])
    ]
    uneven = uneven_grid(positions, row, column, (0.7, 0.9), (31, 25))
    assert uneven is not None
    return [
        Grid((4.0, -9.0, 2.0), (row, column, normal), (0.7, 0.9, 2.1), (31, 25, 21)),
        Grid((4.0, -9.0, 2.0), (row, column, sheared), (0.7, 0.9, 2.1), (31, 25, 21)),
        uneven,
    ]


@pytest.mark.parametrize("grid", grids(), ids=["turned", "sheared", "uneven"])
def test_a_bright_voxel_is_seen_within_a_tenth_of_a_millimetre(grid: Grid) -> None:
    stored = np.zeros(grid.size[::-1], np.int16)
    stored[12, 11, 17] = 10_000
    at = np.asarray(grid.point((17, 11, 12)))
    random = np.random.default_rng(5)
    for _ in range(17):
        plane = oblique_plane(grid, axes(random), vec(at))
        screen = screen_plane(plane, Framing(px_per_mm=12.0), 480, 480)
        x, y, away = screen.pixel(vec(at))
        assert abs(away) < 1e-9
        # The place under the brightest pixels is the voxel's: what is seen is where it is said to be.
        seen = sample(stored, grid, screen, Interpolation.LINEAR).values.astype(float)
        seen[seen < 7_000] = 0  # near the middle the blend is the same to all sides
        rows, columns = np.indices(seen.shape)
        middle = (columns * seen).sum() / seen.sum(), (rows * seen).sum() / seen.sum()
        assert math.dist(screen.point(*middle), at) < 0.1
        assert math.dist(middle, (x, y)) < 0.1 * 12


def test_letters_are_right_at_any_obliquity() -> None:
    """Against the directions themselves: each letter is a side that the edge points to by 15 degrees and more."""
    random = np.random.default_rng(11)
    (shown,) = display_sets(stack([0.0, 2.0, 4.0, 6.0, 8.0]))
    assert shown.grid is not None
    for turn in range(50):
        triad = Triad(axes(random), axes(random), axes(random))
        tile = Tile(shown.key, Orientation.CORONAL, framing=Framing(quarter_turns=turn % 4, mirrored=turn % 2 == 1))
        view = TileView(0, tile, shown, shown.grid.middle_lps, True, False, triad=triad)
        screen = screen_plane(view.plane, tile.framing, 200, 150)
        found = letters_of(view, screen)
        edges = {"right": screen.step_right, "bottom": screen.step_down}
        edges |= {"left": tuple(-each for each in screen.step_right), "top": tuple(-each for each in screen.step_down)}
        for edge, towards in edges.items():
            cosines = np.array(towards) / np.linalg.norm(towards)
            sides = sorted(
                ((abs(c), ("LR", "PA", "HF")[axis][int(c < 0)]) for axis, c in enumerate(cosines)), reverse=True
            )
            assert found[edge] == "".join(letter for size, letter in sides if size >= 0.26)


def test_every_fifth_slice_removed_leaves_holes_and_all_else_in_its_place(data_dir: Path, tmp_path: Path) -> None:
    images = chest(data_dir)
    kept = [each for number, each in enumerate(images) if number % 5 != 3]
    whole = np.stack([each.pixel_array for each in images])
    first, spacing = np.array(images[0].ImagePositionPatient, dtype=float), float(images[0].PixelSpacing[0])
    apart = float(images[1].ImagePositionPatient[2]) - first[2]
    home = imported(tmp_path, written(kept, tmp_path / "files"))
    (study,) = studies(home)
    (voxels,) = loaded(home, study)
    found = voxels.display_set
    assert (found.grid, found.no_volume) == (None, Reason.UNEVEN_SPACING)
    assert isinstance(found.lattice, Uneven)
    # A coronal plane through row 250, a pixel to half a slice: even rows are images, the others half between two.
    row = 250
    origin = first + np.array([0.0, row * spacing, (COUNT - 1) * apart])
    screen = ScreenPlane(vec(origin), (spacing, 0.0, 0.0), (0.0, 0.0, -apart / 2), 512, 2 * COUNT - 1)
    seen = sample(voxels.stored, found.lattice, screen, Interpolation.LINEAR, None)
    assert seen.missing is not None
    for number in range(COUNT):
        line = 2 * (COUNT - 1 - number)
        if number % 5 == 3:
            assert seen.missing[line].all()
        else:
            assert not seen.missing[line].any()
            assert np.array_equal(seen.values[line], whole[number, row])
