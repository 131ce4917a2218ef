"""The rotating MIP: how long one side of a whole body takes, and how many are painted a second beside three others."""

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.bench.data import Study
from workstation.bench.desk import HEIGHT, WIDTH, bring_up
from workstation.bench.planes import shown_tiles, wait_for_tiles
from workstation.bench.program import Program
from workstation.bench.rows import Row
from workstation.bench.screen import Screen
from workstation.cache.importer import import_paths
from workstation.errors import HounsfieldError
from workstation.imaging.geometry import Grid
from workstation.imaging.sides import ANGLES, HALF
from workstation.imaging.turning import turntable
from workstation.paths import Home
from workstation.phantom.acquisition import PetAcquisition
from workstation.phantom.coded import coded_ct
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Grid as Placed
from workstation.phantom.series import PhantomSeries

SHAPE: Final = (300, 168, 168)
PIXEL_MM, SLICE_MM = 4.07, 3.0
ALL_SIDES_S: Final = 5.0
SIDES: Final = (0, 7, 18, 29)
LEAST_A_SECOND: Final = 29.5
FASTEST: Final = 2
"""So many presses of "faster" play at four times the usual speed, 40 sides a second."""

PLAYED_S: Final = 3.0


def rotating(study: Study, runs: int) -> list[Row]:
    """One of the 36 sides that are worked out of a PET, and all four tiles of PET/CT while the MIP plays."""
    voxels = _body()
    ours, theirs = _our_side(voxels), _their_side(voxels)
    pairs = [(_each_ms(ours), _each_ms(theirs)) for _ in range(runs)]
    mine, peer = (tuple(pair[n] for pair in pairs) for n in (0, 1))
    with tempfile.TemporaryDirectory(dir=study.home.root.parent) as folder:
        home = _home(Path(folder), voxels, study)
        painted = tuple(_played(home) for _ in range(runs))
    asked = (ANGLES / 7.2 * 2**FASTEST,) * runs
    return [
        Row("rotating MIP, one side", "ms", "scipy's rotation, maximum", 1000 * ALL_SIDES_S / HALF, mine, peer),
        Row("rotating MIP in a four-up, painted", "1/s", "sides asked for", LEAST_A_SECOND, painted, asked, True),
    ]


def _body() -> NDArray[np.float32]:
    """A body of even uptake with noise, Bq/ml."""
    rows, columns = np.ogrid[-1 : 1 : SHAPE[1] * 1j, -1 : 1 : SHAPE[2] * 1j]
    inside = (rows / 0.4) ** 2 + (columns / 0.6) ** 2 < 1
    noise = np.random.default_rng(1).uniform(2000, 6000, SHAPE).astype(np.float32)
    return np.asarray(noise * inside, dtype=np.float32)


def _our_side(voxels: NDArray[np.float32]) -> Callable[[int], object]:
    axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    table = turntable(Grid((0.0, 0.0, 0.0), axes, (PIXEL_MM, PIXEL_MM, SLICE_MM), voxels.shape[::-1]))
    block = table.columns_of(voxels, None)
    return lambda side: table.maxima(block, 0.0, side)


def _their_side(voxels: NDArray[np.float32]) -> Callable[[int], object]:
    from workstation.imaging.late import load_scipy

    load_scipy()
    from scipy.ndimage import rotate

    degrees = 360.0 / ANGLES
    return lambda side: rotate(voxels, side * degrees, (1, 2), reshape=True, order=1, prefilter=False).max(axis=1)


def _each_ms(work: Callable[[int], object]) -> float:
    begun = time.monotonic()
    for side in SIDES:
        work(side)
    return 1000 * (time.monotonic() - begun) / len(SIDES)


def _home(folder: Path, voxels: NDArray[np.float32], study: Study) -> Home:
    """A CT and a PET of one study."""
    half = -(SHAPE[1] - 1) / 2 * PIXEL_MM
    place = Placed(SHAPE, (half, half, 0.0), (PIXEL_MM, PIXEL_MM), SLICE_MM)
    ct = coded_ct(study.slices // 3, study.rows)
    of = replace(ct.study, patient_weight_kg=70.0)
    scan = PetAcquisition((0.0,) * SHAPE[0])
    write_series(replace(ct, study=of), folder / "ct")
    write_series(PhantomSeries(voxels, place, "PT", of, 2, windows=(), acquisition=scan), folder / "pet")
    home = Home(folder / "home").create()
    import_paths(home, [folder / "ct", folder / "pet"], lambda done, total: None)
    return home


def _played(home: Home) -> float:
    """Pictures a second of the tile that turns, played faster than it has to be."""
    with tempfile.TemporaryDirectory() as folder, Screen(WIDTH, HEIGHT) as screen:
        shown = Path(folder) / "shown.json"
        with Program(screen, home, ("open", "--protocol", "pet-ct", "--state", str(shown))) as program:
            bring_up(screen, program)
            screen.key("Return")
            wait_for_tiles(shown, lambda tiles: any(_turns(each) for each in tiles))
            program.wait_until_quiet()
            tile = next(each for each in shown_tiles(shown) if _turns(each))
            left, top, width, height = tile["rect"]
            screen.point(left + width // 2, top + height // 2)
            screen.click(1)
            wait_for_tiles(shown, lambda tiles: any(_turns(each) and each["active"] for each in tiles))
            for key in ("c", *("bracketright",) * FASTEST):
                screen.key(key)
            _wait_for_speed(shown)
            return _painted_a_second(shown)


def _turns(tile: dict[str, Any]) -> bool:
    return bool((tile.get("turning") or {}).get("prepared"))


def _wait_for_speed(shown: Path) -> None:
    deadline = time.monotonic() + PLAYED_S
    while json.loads(shown.read_text(encoding="utf-8"))["speeds"] != [2.0**FASTEST]:
        if time.monotonic() > deadline:
            raise HounsfieldError("the rotating MIP that is measured did not play")
        time.sleep(0.02)


def _painted_a_second(shown: Path) -> float:
    counts = []
    for wait_s in (0.0, PLAYED_S):
        time.sleep(wait_s)
        tile = next(each for each in shown_tiles(shown) if _turns(each))
        counts.append((time.monotonic(), int(tile["painted"])))
    (first_s, first), (last_s, last) = counts
    return (last - first) / (last_s - first_s)
