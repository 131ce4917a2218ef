"""How fast volumes are drawn in 3D: our processes in motion and at rest, beside VTK's ray caster alone."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.bench.data import Study
from workstation.bench.rows import Row
from workstation.errors import HounsfieldError
from workstation.imaging.camera import framed
from workstation.imaging.geometry import Grid
from workstation.imaging.scene import Scene
from workstation.imaging.transfer import preset_called
from workstation.render.volume_memory import SharedArray
from workstation.render.volume_process import Volumes
from workstation.render.volume_request import Frame, Source

SIZE: Final = (800, 600)
TIMES_AS_LONG: Final = 2
"""Volumes are measured with so many times the slices of the study: 600."""

TURNS: Final = 12
STEP_DEG: Final = 5.0
LONGEST_S: Final = 120.0

MIP: Final = preset_called("mip", "CT").transfer
PEER: Final = "VTK fixed point, its own steps"

_ALONE: Final = """
import json, sys, time
import numpy as np
from workstation.bench.volume import alone
print(json.dumps(alone(json.loads(sys.argv[1]))))
"""


@dataclass(frozen=True)
class _Work:
    name: str
    preset: str
    moving_ms: float | None
    rest_ms: float


WORKS: Final = (
    _Work("bone", "bone", 50.0, 500.0),
    _Work("MIP", "mip", 50.0, 500.0),
    _Work("soft tissue", "soft-tissue", None, 1500.0),
)


def volume(study: Study, runs: int) -> list[Row]:
    """Milliseconds for a picture of 800 x 600 while a trunk of 512 x 512 x 600 turns and when it rests, and memory that
    light takes."""
    slices = study.slices * TIMES_AS_LONG
    axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    grid = Grid((0.0, 0.0, 0.0), axes, (0.7, 0.7, 0.7), (study.rows, study.rows, slices))
    shared = SharedArray(trunk(slices, study.rows))
    rows = tuple(tuple(float(each) for each in row) for row in grid.lps_from_index)
    source = Source(shared.handle, rows, (1.0, 0.0), 1)
    found: list[Row] = []
    volumes = Volumes()
    try:
        _drawn(volumes, source, Scene(framed(grid), "mip", MIP), moving=False)  # which has no light
        before = _written_mib(volumes)
        for work in WORKS:
            found += _measured(volumes, source, grid, work, runs)
        beside = (_written_mib(volumes) - before) * (1 << 20) / (2 * slices * study.rows**2)
    finally:
        volumes.close()
    return [*found, Row("3D, memory that light takes", "x volume", "", 1.6, (round(beside, 2),))]


def _measured(volumes: Volumes, source: Source, grid: Grid, work: _Work, runs: int) -> list[Row]:
    scene = Scene(framed(grid), work.preset, preset_called(work.preset, "CT").transfer)
    _drawn(volumes, source, scene, moving=True)
    _drawn(volumes, source, scene, moving=False)
    moving, rest, theirs = [], [], []
    for _ in range(runs):
        began = time.perf_counter()
        for _ in range(TURNS):
            scene = replace(scene, camera=scene.camera.turned(STEP_DEG, 0.0))
            _drawn(volumes, source, scene, moving=True)
        moving.append((time.perf_counter() - began) * 1000 / TURNS)
        began = time.perf_counter()
        _drawn(volumes, source, scene, moving=False)
        rest.append((time.perf_counter() - began) * 1000)
        theirs.append(_peer(source, work.preset, scene.camera.across_mm))
    rows = [Row(f"3D, {work.name} at rest", "ms", PEER, work.rest_ms, tuple(rest), tuple(theirs))]
    if work.moving_ms is None:
        return rows
    return [Row(f"3D, {work.name} while it moves", "ms", PEER, work.moving_ms, tuple(moving), tuple(theirs)), *rows]


def _drawn(volumes: Volumes, source: Source, scene: Scene, moving: bool) -> Frame:
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        frame = volumes.want(("bench", 0), source, scene, SIZE, moving)
        if frame is not None and frame.request.scene == scene and (moving or not frame.coarse):
            return frame
        time.sleep(0.001)
    raise HounsfieldError("Nothing was drawn in 3D within two minutes.")


def trunk(slices: int, rows: int) -> NDArray[np.int16]:
    """HU of a body with lungs, spine, ribs and a vessel, with the noise of a scan. Shape (slices, rows, rows)."""
    random = np.random.default_rng(3)
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : rows * 1j]
    body = (x / 0.85) ** 2 + (y / 0.6) ** 2 < 1
    plain = np.where(body, 40, -1000).astype(np.int16)
    lungs = ((np.abs(x) - 0.42) / 0.28) ** 2 + (y / 0.42) ** 2 < 1
    plain[((x / 0.1) ** 2 + ((y - 0.38) / 0.1) ** 2) < 1] = 500
    plain[((x + 0.12) ** 2 + (y - 0.25) ** 2) < 0.05**2] = 320
    rim = body & ((x / 0.8) ** 2 + (y / 0.55) ** 2 > 1)
    angle = np.arctan2(y, x)
    noise = random.normal(0, 18, (8, rows, rows)).astype(np.int16)
    made = np.empty((slices, rows, rows), np.int16)
    for k in range(slices):
        image = plain.copy()
        if k < slices * 0.7:
            image[lungs] = -850
        image[rim & (((angle * 1.5 + k * 20 / slices) % 1.0) < 0.35)] = 600
        made[k] = image + noise[k % 8]
    return made


def _peer(source: Source, preset: str, across_mm: float) -> float:
    """Milliseconds for a picture by VTK's ray caster in a process of its own, with the same transfer function."""
    asked = {"path": source.block.path, "shape": source.block.shape, "preset": preset, "across_mm": across_mm}
    done = subprocess.run([sys.executable, "-c", _ALONE, json.dumps(asked)], capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def _written_mib(volumes: Volumes) -> float:
    """Memory that a process has written: what it reads of others does not count."""
    pid = volumes.processes["fine"]
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) / 1024


def alone(asked: dict[str, Any]) -> float:
    """In that process: the median of some turned pictures, each value as VTK itself sets it."""
    from workstation.render.volume_peer import pictures_ms

    return float(
        np.median(
            pictures_ms(asked["path"], tuple(asked["shape"]), asked["preset"], SIZE, asked["across_mm"], TURNS // 2)
        )
    )
