"""DCMTK's picture of an object: 8-bit grey (rows, columns) or RGB (rows, columns, 3)."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PROGRAMS = ("dcm2pnm", "dcmj2pnm", "dcml2pnm")
"""The same program with the codecs it was linked with: RLE, JPEG, JPEG-LS. None reads JPEG 2000."""

Tool = Callable[[str], Path]


def dcm2pnm(tool: Tool, source: Path, folder: Path, *options: str) -> tuple[NDArray[np.uint8], str]:
    """The picture, and the program that could read the object; raises AssertionError with the last one's words."""
    said = ""
    for program in PROGRAMS:
        target = folder / "judged.pnm"
        target.unlink(missing_ok=True)
        command = [str(tool(program)), "+op", *options, str(source), str(target)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if target.exists() and target.stat().st_size:
            return read_pnm(target.read_bytes()), program
        said = result.stderr.strip().splitlines()[-1] if result.stderr.strip() else "nothing"
    raise AssertionError(f"no program reads {source.name}: {said}")


def read_pnm(data: bytes) -> NDArray[Any]:
    """Binary PGM or PPM of 8 bits."""
    head = re.match(rb"(P[56])\s+(?:#.*\s+)*(\d+)\s+(\d+)\s+255\s", data)
    assert head is not None, data[:40]
    width, height = int(head[2]), int(head[3])
    channels = {b"P5": 1, b"P6": 3}[head[1]]
    pixels = np.frombuffer(data[-width * height * channels :], np.uint8)
    return pixels.reshape((height, width) if channels == 1 else (height, width, 3))
