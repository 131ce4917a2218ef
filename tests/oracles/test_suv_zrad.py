"""SUV of the reference objects beside Z-Rad, an independent program, in the same run.

MIRP 2.7.0 was asked by hand in an environment of its own (2 GB of it, too much for every run): the same nine objects to
1e-6, and 8.883772 as the largest SUV of the GE slices, which is ours too.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.guards import required
from tests.imaging.suv_cases import DROS
from tests.imaging.test_suv import dro, modality_values
from tests.loading.opened import imported, loaded, studies
from workstation.dicom.header import read_instance
from workstation.imaging.displaysets import display_sets
from workstation.imaging.suv import Derivation, suv_of

ASK = """
import json, pathlib, sys, types
sys.path.insert(0, sys.argv[1])
for name in ("skimage", "skimage.draw"):  # draws contours, which nobody asks here
    sys.modules[name] = types.ModuleType(name)
sys.modules["skimage"].draw = sys.modules["skimage.draw"]
import numpy as np
from zrad.image import Image
found = {}
for folder in sorted(pathlib.Path(sys.argv[2]).iterdir()):
    values = Image.from_dicom(str(folder), "PET").array
    inside = values[values > 0]
    found[folder.name] = [float(inside.min()), float(np.median(inside)), float(inside.max()), float(values.sum())]
print(json.dumps(found))
"""
SAME = 1e-5


@pytest.fixture(scope="module")
def unpacked(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("objects")
    for name in DROS:
        (folder / name).mkdir()
        for number, file in enumerate(dro(data_dir, name)):
            (folder / name / f"{number}.dcm").write_bytes(file)
    return folder


@pytest.fixture(scope="module")
def theirs(unpacked: Path) -> dict[str, list[float]]:
    command = [sys.executable, "-W", "ignore", "-c", ASK, str(required.judges()), str(unpacked)]
    asked = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, list[float]] = json.loads(asked.stdout.splitlines()[-1])
    return found


def told(values: NDArray[np.float64]) -> list[float]:
    inside = values[values > 0]
    return [float(inside.min()), float(np.median(inside)), float(inside.max()), float(values.sum())]


@pytest.mark.parametrize("name", DROS)
def test_all_objects_have_the_values_of_another_program(
    name: str, data_dir: Path, theirs: dict[str, list[float]]
) -> None:
    files = dro(data_dir, name)
    (only,) = display_sets(read_instance(each) for each in files)
    suv = suv_of(only)
    assert isinstance(suv, Derivation)
    values = np.concatenate([modality_values(each) for each in files]) * suv.factors[0]
    assert told(values) == pytest.approx(theirs[name], rel=SAME)


@pytest.mark.parametrize("name", ("DRO_1_0", "DRO_2_1"))
def test_what_is_loaded_has_them_too(name: str, unpacked: Path, theirs: dict[str, list[float]], tmp_path: Path) -> None:
    """In single precision, where slopes differ, and in whole numbers under one."""
    home = imported(tmp_path, unpacked / name)
    (voxels,) = loaded(home, *studies(home))
    assert voxels.unit == "SUVbw"
    values = np.stack([voxels.values(image) for image in range(len(voxels.filled))])
    assert told(values) == pytest.approx(theirs[name], rel=SAME)
