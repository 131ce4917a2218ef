"""Other people's programs and libraries that judge what the phantoms wrote."""

import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

Tool = Callable[[str], Path]


def dciodvfy_errors(tool: Tool, path: Path) -> list[str]:
    """Lines in which dciodvfy finds an object wrong; its false alarm about Laterality (2C) is left out."""
    return [line for line in _said(tool("dciodvfy"), "-new", path) if "Error" in line and "Laterality" not in line]


def dcentvfy_errors(tool: Tool, paths: Iterable[Path]) -> list[str]:
    """Lines in which dcentvfy finds the objects of a study contradicting each other."""
    return [line for line in _said(tool("dcentvfy"), *paths) if line.startswith("Error")]


def _said(program: Path, *arguments: object) -> list[str]:
    command = [str(program), *(str(argument) for argument in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return (done.stdout + done.stderr).splitlines()


def gdcm_volume(folder: Path) -> Any:
    """The only series of a folder as SimpleITK reads it with GDCM, sorted by position."""
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


def value_at(image: Any, point_lps: Iterable[float]) -> float:
    """The value of the voxel whose centre is nearest to a patient point."""
    return float(image.GetPixel(image.TransformPhysicalPointToIndex(list(point_lps))))


def brightest_point(image: Any) -> tuple[float, ...]:
    """The patient point of the voxel with the highest value."""
    import SimpleITK

    array = SimpleITK.GetArrayViewFromImage(image)
    slice_index, row, column = (int(i) for i in np.unravel_index(array.argmax(), array.shape))
    return tuple(image.TransformIndexToPhysicalPoint((column, row, slice_index)))
