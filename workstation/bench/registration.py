"""Registrations of the phantom from many starts, with elastix on the same pairs, and one of full size for its time."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from workstation.bench.data import Study
from workstation.bench.rows import Row
from workstation.imaging.alignment import Registration, inverse
from workstation.imaging.geometry import Grid, Matrix, vec
from workstation.imaging.registration import register, warped
from workstation.imaging.registration_by_hand import rotated, translated
from workstation.imaging.registration_descent import image_of
from workstation.imaging.registration_sides import Side, applied, body_of, coarser, points_of, with_body
from workstation.phantom import brain, whole_body
from workstation.phantom.series import PhantomSeries

STARTS: Final = 100
FAR_MM, FAR_DEG = 40.0, 20.0
HEAD_LPS: Final = (0.0, 3.0, 258.0)
HEAD_SLICES: Final = slice(110, 153)
NOISE: Final = 0.03
"""Of the brightest hundredth."""

ALIKE, ACROSS = (1.0, 1.0), (2.0, 1.5)
"""Within mm and degrees for one modality, and across two."""

FULL_S: Final = 10.0
PEER: Final = "elastix"

_PARAMETERS: Final = """
(FixedInternalImagePixelType "float")(MovingInternalImagePixelType "float")(UseDirectionCosines "true")
(Registration "MultiResolutionRegistration")(Interpolator "LinearInterpolator")
(ResampleInterpolator "FinalBSplineInterpolator")(Resampler "DefaultResampler")
(FixedImagePyramid "FixedSmoothingImagePyramid")(MovingImagePyramid "MovingSmoothingImagePyramid")
(Optimizer "AdaptiveStochasticGradientDescent")(Transform "EulerTransform")(Metric "AdvancedMattesMutualInformation")
(AutomaticScalesEstimation "true")(AutomaticTransformInitialization "true")
(AutomaticTransformInitializationMethod "GeometricalCenter")
(RequiredRatioOfValidSamples 0.05)(NumberOfHistogramBins 32)(NumberOfResolutions 4)
(MaximumNumberOfIterations %d)(NumberOfSpatialSamples 2048)(NewSamplesEveryIteration "true")
(ImageSampler "RandomCoordinate")(HowToCombineTransforms "Compose")(WriteResultImage "false")(RandomSeed 121)
"""

ITERATIONS: Final = 250
"""Of elastix at each of its resolutions."""

MISLED_EVERY, MISLED_DEG = 5, 120.0
"""So often one is also begun turned away so far, so that there are ends whose word must be poor."""

Pair = tuple[Side, Side, Matrix, tuple[float, float]]


@dataclass(frozen=True)
class Found:
    """Ends of ours, of those begun wrongly, of ours from the middles of the images, and of elastix from there."""

    ours: list[dict[str, Any]]
    misled: list[dict[str, Any]]
    centred: list[dict[str, Any]]
    theirs: list[dict[str, Any]]


def registration(study: Study, runs: int) -> list[Row]:
    """How many of the starts end where they should, what their words say, and how long it takes."""
    pairs = _pairs()
    found = Found([], [], [], [])
    for start in range(STARTS):
        fixed, moving, truth, limits = pairs[start % len(pairs)]
        off = _off(start, points_of(*_placed(moving)))
        seen = _seen(moving, off, start)
        wanted = truth @ inverse(off)
        found.ours.append(_judged(*_our(fixed, seen), wanted, seen, limits))
        if start % MISLED_EVERY == 0:
            wrong = wanted @ rotated(np.eye(4), MISLED_DEG, (0.0, 0.0, 1.0), vec(_middle(seen)))
            found.misled.append(_judged(*_our(fixed, seen, wrong), wanted, seen, limits))
        if shutil.which("elastix") and start < max(runs, 1) * len(pairs):
            centred = translated(np.eye(4), vec(_middle(fixed) - _middle(seen)))
            found.centred.append(_judged(*_our(fixed, seen, centred), wanted, seen, limits))
            found.theirs.append(_judged(*elastix(fixed, seen), "", wanted, seen, limits))
    return [*_rows(found), _full()]


def _middle(side: Side) -> Any:
    return np.asarray(side.grid.point(vec([(n - 1) / 2 for n in side.grid.size])))


def _rows(found: Found) -> list[Row]:
    ours, theirs = found.ours, found.theirs
    within, peers, centred = (_within(each) for each in (ours, theirs, found.centred))
    far = [each for each in ours + found.misled if each["away_mm"] > 5]
    near = [each for each in ours + found.misled if each["away_mm"] < 2]
    details = {"starts": ours, "misled": found.misled, "centred": found.centred, PEER: theirs}
    poor = 100 * sum(each["word"] == "poor" for each in far) / len(far) if far else 100.0
    good = 100 * sum(each["word"] == "good" for each in near) / len(near) if near else 0.0
    return [
        Row(f"registered from {len(ours)} starts", "%", PEER, 95.0, within, peers, True, details=details),
        Row("from the centres, as the peer begins", "%", PEER, None, centred, peers, True),
        Row("error of a registration", "mm", PEER, None, _each(ours, "away_mm"), _each(theirs, "away_mm")),
        Row("time of a registration", "s", PEER, None, _each(ours, "seconds"), _each(theirs, "seconds")),
        Row(f"{len(far)} of over 5 mm called poor", "%", "", 100.0, (poor,), more_is_better=True),
        Row(f"{len(near)} of under 2 mm called good", "%", "", 90.0, (good,), more_is_better=True),
    ]


def _within(found: list[dict[str, Any]]) -> tuple[float, ...]:
    return (100 * sum(each["within"] for each in found) / len(found),) if found else ()


def _each(found: list[dict[str, Any]], name: str) -> tuple[float, ...]:
    return tuple(round(each[name], 3) for each in found)


def _pairs() -> list[Pair]:
    """CT, PET and MR of the demo patient's head on each other, and CT and MR on themselves."""
    ct, pet, _ = (_cut(_side(each)) for each in whole_body.pet_ct("small"))
    mr = next(_side(each) for each in brain.brain_mr("small") if "MPRAGE" in each.series_description)
    there = translated(np.eye(4), HEAD_LPS)
    across = [(ct, mr, there, ACROSS), (pet, mr, there, ACROSS), (ct, pet, np.eye(4), ACROSS)]
    return [*across, (ct, ct, np.eye(4), ALIKE), (mr, mr, np.eye(4), ALIKE)]


def _side(series: PhantomSeries) -> Side:
    grid = series.grid
    axes = (vec(grid.row_direction), vec(grid.column_direction), vec(grid.normal))
    spacing = (grid.pixel_spacing_mm[1], grid.pixel_spacing_mm[0], grid.slice_spacing_mm)
    size = (grid.shape[2], grid.shape[1], grid.shape[0])
    return Side(series.voxels, Grid(vec(grid.origin_lps), axes, spacing, size), series.modality)


def _cut(side: Side) -> Side:
    grid = side.grid
    size = (grid.size[0], grid.size[1], HEAD_SLICES.stop - HEAD_SLICES.start)
    cut = Grid(grid.point((0, 0, HEAD_SLICES.start)), grid.axes, grid.spacing, size)
    return Side(side.values[HEAD_SLICES], cut, side.modality)


def _placed(side: Side) -> tuple[Grid, Any]:
    coarse = with_body(coarser(side, 4.0))
    return coarse.grid, body_of(coarse)


def _off(seed: int, points: Any) -> Matrix:
    """A turn about the middle of the body and a shift, drawn evenly up to the limits."""
    rng = np.random.default_rng(seed)
    way, axis = (each / np.linalg.norm(each) for each in rng.normal(size=(2, 3)))
    turned = rotated(np.eye(4), rng.uniform(0, FAR_DEG), vec(axis), vec(points.mean(axis=0)))
    return translated(turned, vec(rng.uniform(0, FAR_MM) * way))


def _seen(side: Side, off: Matrix, seed: int) -> Side:
    """The side after its patient was moved, every third of them without its last third of slices; with noise."""
    grid, low = side.grid, float(np.min(side.values))
    if seed % 3 == 1:
        grid = Grid(grid.origin_lps, grid.axes, grid.spacing, (*grid.size[:2], grid.size[2] * 2 // 3))
    values = np.nan_to_num(warped(side, grid, Registration("", "", "", off)), nan=low)
    noise = NOISE * float(np.percentile(side.values, 99) - low)
    values = values + np.random.default_rng(seed).normal(0, noise, values.shape).astype(np.float32)
    return Side(values, grid, side.modality)


def _our(fixed: Side, moving: Side, start: Matrix | None = None) -> tuple[Matrix, float, str]:
    begun = time.monotonic()
    found = register(fixed, moving, start=start)
    return found.matrix, time.monotonic() - begun, "" if found.quality is None else found.quality.word


def elastix(fixed: Side, moving: Side, iterations: int = ITERATIONS) -> tuple[Matrix, float]:
    """What elastix finds from the middles of the images (LPS of moving to LPS of fixed), and in how many seconds.

    Where it gives up, it is left at its start.
    """
    import SimpleITK

    with tempfile.TemporaryDirectory(prefix="hounsfield-bench-") as name:
        folder = Path(name)
        (folder / "p.txt").write_text((_PARAMETERS % iterations).replace(")(", ")\n("))
        for each, path in ((fixed, "f.mha"), (moving, "m.mha")):
            image = image_of(np.asarray(each.values, np.float32), each.grid)
            SimpleITK.WriteImage(image, str(folder / path))
        command = f"elastix -f {folder}/f.mha -m {folder}/m.mha -p {folder}/p.txt -out {folder} -threads 2"
        begun = time.monotonic()
        subprocess.run(command.split(), capture_output=True, check=False)
        seconds = time.monotonic() - begun
        told = folder / "TransformParameters.0.txt"
        centred = translated(np.eye(4), vec(_middle(fixed) - _middle(moving)))
        return (_read(told.read_text()) if told.exists() else centred), seconds


def _read(text: str) -> Matrix:
    """elastix's transform of fixed points, as a matrix of moving ones."""
    import SimpleITK

    said = {line[1:].split(" ", 1)[0]: line.rstrip(")").split(" ", 1)[1] for line in _lines(text)}
    transform: Any = SimpleITK.Euler3DTransform()  # type: ignore[no-untyped-call]
    transform.SetCenter([float(each) for each in said["CenterOfRotationPoint"].split()])
    transform.SetParameters([float(each) for each in said["TransformParameters"].split()])
    linear, zero = np.asarray(transform.GetMatrix()).reshape(3, 3), transform.TransformPoint((0.0, 0.0, 0.0))
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = linear, zero
    return np.asarray(np.linalg.inv(matrix))


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line.startswith("(") and " " in line)


def _judged(
    found: Matrix, seconds: float, word: str, truth: Matrix, moving: Side, limits: tuple[float, float]
) -> dict[str, Any]:
    points = points_of(*_placed(moving))[::37]
    away_mm = float(np.linalg.norm(applied(found, points) - applied(truth, points), axis=1).mean())
    cosine = (np.trace(found[:3, :3] @ truth[:3, :3].T) - 1) / 2
    turn_deg = float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    within = away_mm <= limits[0] and turn_deg <= limits[1]
    return {"away_mm": away_mm, "turn_deg": turn_deg, "seconds": seconds, "word": word, "within": within}


def _full() -> Row:
    """The whole body, 512 x 512 CT with 168 x 168 PET, 306 slices each."""
    series = whole_body.pet_ct("full")
    ct, pet = _side(next(series)), _side(next(series))
    off = _off(7, points_of(*_placed(pet)))
    seen = _seen(pet, off, 7)
    ours = _judged(*_our(ct, seen), inverse(off), seen, ACROSS)
    return Row("rigid, CT 512 x 512 x 306 with PET", "s", "", FULL_S, (ours["seconds"],), details=ours)
