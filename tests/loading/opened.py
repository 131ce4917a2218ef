"""Data through the whole chain, as a person brings it: import, display sets, loading, picture. No short cut."""

import contextlib
import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.case.open import study_sets
from workstation.cli import main
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.paths import Home

WAIT_S = 60.0


@dataclass(frozen=True)
class Answer:
    """What a command said: exit code, the JSON document on stdout, the lines on stderr."""

    code: int
    document: Any
    stderr: str


def hounsfield(home: Home, *arguments: object) -> Answer:
    """Run a command with --json on a home."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with _environment(home), contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        code = main([*(str(each) for each in arguments), "--json"])
    return Answer(code, json.loads(stdout.getvalue()), stderr.getvalue())


@contextlib.contextmanager
def _environment(home: Home) -> Iterator[None]:
    before = os.environ.get("HOUNSFIELD_HOME")
    os.environ["HOUNSFIELD_HOME"] = str(home.root)
    try:
        yield
    finally:
        os.environ.pop("HOUNSFIELD_HOME")
        if before is not None:
            os.environ["HOUNSFIELD_HOME"] = before


def imported(folder: Path, *paths: Path) -> Home:
    """A home in `folder` with everything under `paths` in it."""
    home = Home(folder / "home").create()
    report = import_paths(home, paths)
    assert report.stored > 0, report.refused
    return home


def studies(home: Home) -> tuple[str, ...]:
    """The StudyInstanceUIDs of a home."""
    with Index(home) as index:
        return tuple(each.study_instance_uid for each in index.studies())


def loaded(home: Home, study_uid: str) -> tuple[Voxels, ...]:
    """Every display set of a study, whole, in the order of the study."""
    sets, digests = study_sets(home, study_uid)
    loader = Loader(home)
    try:
        loadings = [loader.open(each, digests) for each in sets]
        loader.wait(WAIT_S)
        problems = [problem for each in loadings for problem in each.problems.values()]
        assert not problems, problems
        return tuple(each.voxels for each in loadings)
    finally:
        loader.close_all()
        jobs.shutdown()


def tile_rgb(png: Path, tile: dict[str, Any]) -> NDArray[np.uint8]:
    """The pixels of one tile of a snapshot, shape (height, width, 3)."""
    from PySide6.QtGui import QImage

    x, y, width, height = tile["rect"]
    return rgb_of(QImage(str(png)))[y : y + height, x : x + width]


def rgb_of(image: Any) -> NDArray[np.uint8]:
    """A QImage as an array of its own, shape (height, width, 3)."""
    from PySide6.QtGui import QImage

    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def white_spot(rgb: NDArray[np.uint8], at_least: int = 250) -> tuple[float, float]:
    """Centre (x, y) of the white pixels; text, lines and letters are never pure white."""
    rows, columns = np.nonzero((rgb >= at_least).all(axis=2))
    assert rows.size, "nothing is white"
    return float(columns.mean()), float(rows.mean())


def by_description(found: Sequence[dict[str, Any]], word: str) -> dict[str, Any]:
    """The one study of a `studies` document whose description or patient bears a word."""
    rows = [each for each in found if word in json.dumps(each)]
    assert len(rows) == 1, [each["description"] for each in rows]
    return rows[0]
