"""Safety rule 16: compressed frames are decoded in workers under limits; one that dies costs one tile a sentence."""

import os
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.loading.objects import new_home, stored
from tests.loading.test_codecs import GREY, LOSSLESS, grey
from workstation import jobs
from workstation.errors import HounsfieldError, Reason
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.loading import workers
from workstation.loading.load import Loader, Loading
from workstation.loading.worker import serve
from workstation.paths import Home

SYNTAX, ENCODE = LOSSLESS["J2K"]
MOST_BYTES = 2 << 30
SECONDS = 10.0


def series(home: Home, names: list[str]) -> tuple[DisplaySet, dict[str, str]]:
    """A compressed series, one slice for each name (of the patient's, which the treacherous worker obeys)."""
    datas = [
        grey(
            SYNTAX,
            bytes(ENCODE(np.roll(GREY, number, axis=0))),
            SOPInstanceUID=f"1.2.3.{number + 1}",
            InstanceNumber=number + 1,
            PatientName=name,
        )
        for number, name in enumerate(names)
    ]
    instances, digests = stored(home, datas)
    (whole,) = display_sets(instances)
    return whole, digests


def treacherous(pipe: "Connection[Any, Any]", memory_bytes: int | None) -> None:
    real = pipe.recv

    def recv() -> Any:
        shared, task = real()
        if shared and shared.instance.patient.PatientName == "die":
            os.kill(os.getpid(), 9)
        return shared, task

    pipe.recv = recv  # type: ignore[method-assign]
    serve(pipe, memory_bytes)


def loaded(loader: Loader, whole: DisplaySet, digests: dict[str, str]) -> Loading:
    loading = loader.open(whole, digests)
    assert loading.wait(60)
    return loading


def test_a_decoder_that_dies_costs_its_image_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "serve", treacherous)
    home = new_home(tmp_path)
    whole, digests = series(home, ["good", "good", "die", "good", "die", "good"])
    loader = Loader(home)
    try:
        loading = loaded(loader, whole, digests)
        assert loading.voxels.filled.tolist() == [True, True, False, True, False, True]
        assert {image: str(problem) for image, problem in loading.problems.items()} == {
            2: Reason.WORKER_DIED.value,
            4: Reason.WORKER_DIED.value,
        }
        for image in (0, 1, 3, 5):
            assert np.array_equal(loading.voxels.stored[image], np.roll(GREY, image, axis=0))
        assert not loading.voxels.stored[2].any()
    finally:
        loader.close_all()
        jobs.shutdown()


def test_compressed_frames_are_never_decoded_by_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("decoded in the program")

    monkeypatch.setattr("workstation.loading.codecs.decode", forbidden)
    home = new_home(tmp_path)
    whole, digests = series(home, ["good"] * 3)
    loader = Loader(home)
    try:
        assert loaded(loader, whole, digests).voxels.whole
    finally:
        loader.close_all()
        jobs.shutdown()


FOLDERS = ("fuzz", "nasty")
SHOW_ALL = """
import sys, time
from pathlib import Path
from tests.loading.objects import new_home, stored
from tests.safety.test_rule_16 import show_one_by_one

if __name__ == "__main__":
    show_one_by_one(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def show_one_by_one(folder: Path, scratch: Path) -> None:
    """Open every file of a folder alone; what each took (s), and the peak of it and its workers (MiB)."""
    import time

    home, slowest, shown, refused = new_home(scratch), 0.0, 0, 0
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        start, loader = time.monotonic(), Loader(home)
        try:
            instances, digests = stored(home, [path.read_bytes()])
            for whole in display_sets(instances):
                loading = loaded(loader, whole, digests)
                shown += loading.voxels.arrived
                refused += len(loading.problems)
        except HounsfieldError:
            refused += 1
        finally:
            loader.close_all()
        slowest = max(slowest, time.monotonic() - start)
    own = [os.getpid(), *(worker.process.pid or 0 for worker in workers.decoders()._idle)]
    peak = max(peak_mib(pid) for pid in own)
    jobs.shutdown()
    print(round(slowest, 2), len(own), peak, shown, refused)


def peak_mib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM"))


@pytest.mark.skipif(sys.platform != "linux", reason="platform: only Linux tells the peak of a process")
@pytest.mark.parametrize("folder", FOLDERS)
def test_hostile_files_take_neither_time_nor_memory(folder: str, data_dir: Path, tmp_path: Path) -> None:
    script = tmp_path / "show.py"
    script.write_text(SHOW_ALL)
    checkout = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, str(script), str(data_dir / folder), str(tmp_path / "scratch")],
        capture_output=True,
        text=True,
        timeout=200,
        env=os.environ | {"PYTHONPATH": str(checkout)},
    )
    assert done.returncode == 0, done.stderr
    slowest, processes, peak, shown, refused = (float(word) for word in done.stdout.split())
    assert slowest < SECONDS and processes >= 2
    assert peak * (1 << 20) < MOST_BYTES / 4, "far below the limit, as nothing in there is large"
    assert shown >= 15 and refused >= 3
