"""`hounsfield import` killed at fifty random moments: the next start is clean, nothing half-visible, nothing lost."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from tests.cache.made import ct, folder_of
from workstation.cache import files
from workstation.cache.index import Index
from workstation.paths import Home

KILLS = 50
COUNT = 300
HOUNSFIELD = [sys.executable, "-c", "import sys; from workstation.cli import main; sys.exit(main())"]


def start(home: Home, source: Path) -> "subprocess.Popen[str]":
    environment = os.environ | {"HOUNSFIELD_HOME": str(home.root), "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [*HOUNSFIELD, "import", "--json", str(source)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def imported(home: Home, source: Path) -> dict[str, object]:
    with start(home, source) as program:
        output, errors = program.communicate(timeout=60)
    assert errors == ""
    report = json.loads(output)
    assert isinstance(report, dict)
    return report


def shown(home: Home, originals: dict[str, bytes]) -> set[str]:
    """SOP Instance UIDs of what is visible; each is, byte for byte, what was imported."""
    with Index(home) as index:
        stored = [each for row in index.studies() for each in index.instances(row.study_instance_uid)]
    for each in stored:
        assert files.read(home, each.digest) == originals[each.instance.SOPInstanceUID]
    return {each.instance.SOPInstanceUID for each in stored}


def is_clean(home: Home, count: int) -> bool:
    placed = [path for path in home.files.rglob("*") if path.is_file()]
    return len(placed) == count and not list(home.incoming.iterdir())


@pytest.fixture(scope="module")
def originals() -> dict[str, bytes]:
    pixels = bytes(64 * 48 * 2)
    objects = [ct(number, Rows=64, Columns=48, PixelData=pixels) for number in range(COUNT)]
    return {f"1.2.826.0.1.3680043.10.1.1.1.{number}": data for number, data in enumerate(objects)}


def test_fifty_kills(tmp_path: Path, originals: dict[str, bytes]) -> None:
    source = folder_of(tmp_path / "source", {uid.rpartition(".")[2]: data for uid, data in originals.items()})
    started = time.monotonic()
    assert imported(Home(tmp_path / "whole"), source)["stored"] == COUNT
    whole_s = time.monotonic() - started

    random, kills, cut_short, homes = Random(20), 0, 0, 0
    while kills < KILLS:
        home, before = Home(tmp_path / f"home{homes}"), set[str]()
        homes += 1
        for _ in range(10):
            with start(home, source) as program:
                try:
                    program.wait(timeout=random.uniform(0.05, 1.1) * whole_s)
                except subprocess.TimeoutExpired:
                    program.kill()
            assert program.returncode in (0, -signal.SIGKILL)
            kills += program.returncode != 0
            now = shown(home, originals)
            assert before <= now
            cut_short += 0 < len(now) < COUNT or any(home.incoming.glob("*"))
            before = now
        report = imported(home, source)
        assert (report["stored"], report["already_stored"]) == (COUNT - len(before), len(before))
        assert report["refused"] == []
        assert shown(home, originals) == originals.keys()
        assert is_clean(home, COUNT)
    third = imported(home, source)
    assert (third["stored"], third["already_stored"], third["refused"]) == (0, COUNT, [])
    assert cut_short >= 3  # otherwise the kills came before or after all the work
