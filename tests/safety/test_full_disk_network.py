"""Safety rule 20: a disk that fills up while a study comes from an archive has its sentence; what lacks comes later.

On a small disk of its own (tmpfs) where this machine lets one be mounted; elsewhere the test is skipped.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct
from tests.network.archives import Archive
from tests.network.dicomweb import orthanc_web
from tests.network.loopback import free_port

COUNT = 30
MEGABYTES = 28
"""Sixteen of them are kept for the index."""
PROGRAM = """
import json, os, subprocess, sys
disk, study, port, nodes = sys.argv[1:]
os.makedirs(disk, exist_ok=True)
if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=MEGABYTESm", "tmpfs", disk]).returncode:
    sys.exit(77)
home = os.path.join(disk, "home")
os.makedirs(home)
for name, text in (("settings.toml", "[cache]\\nreserve = 0.0\\n"), ("nodes.toml", nodes)):
    with open(os.path.join(home, name), "w") as file:
        file.write(text)
os.environ["HOUNSFIELD_HOME"] = home

def run(*arguments):
    command = [sys.executable, "-c", "import sys; from workstation.cli import main; sys.exit(main())", *arguments]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True)
    return [done.returncode, done.stdout, done.stderr]

first = run("retrieve", "archive", study, "--port", port)
verified = run("cache", "verify")
subprocess.run(["mount", "-o", "remount,size=400m", disk], check=True)
print(json.dumps([first, verified, run("retrieve", "archive", study, "--port", port), run("cache", "verify")]))
""".replace("MEGABYTES", str(MEGABYTES))


@pytest.fixture(scope="module")
def archives(
    tool: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Archive, dict[str, str], int]]:
    """An archive with a study, it as nodes.toml by the way it is asked, and where it calls back."""
    port = free_port()
    us = {"DicomModalities": {"us": ["HOUNSFIELD", "127.0.0.1", port]}}
    with orthanc_web(tool, tmp_path_factory.mktemp("orthanc"), **us) as (archive, web):
        for number in range(COUNT):
            archive.store(ct(number, Rows=512, Columns=512, PixelData=bytes(512 * 512 * 2)))
        dimse = f'aet = "{archive.node.aet}"\nhost = "127.0.0.1"\nport = {archive.node.port}\nretrieve = "move"\n'
        yield archive, {"C-MOVE": dimse, "WADO-RS": f'url = "{web.url}"\n'}, port


@pytest.mark.parametrize("way", ["C-MOVE", "WADO-RS"])
def test_a_disk_that_fills_up_is_said_and_the_study_is_complete_after_resume(
    archives: tuple[Archive, dict[str, str], int], tmp_path: Path, way: str
) -> None:
    _, nodes, port = archives
    unshare = shutil.which("unshare") or pytest.skip("unshare is not installed")
    program = [sys.executable, "-c", PROGRAM, str(tmp_path / "disk"), f"{STUDY}.1", str(port)]
    done = subprocess.run(
        [unshare, "--mount", *program, f"[archive]\n{nodes[way]}"],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
    )
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip("this machine lets no disk be mounted")
    (code, said, problems), verified, again, whole = json.loads(done.stdout)
    report = json.loads(said)
    assert code == 1 and "the disk is full; once there is room, the same command goes on from here" in problems
    assert report["full"] and not report["complete"] and 0 < report["stored"] < COUNT
    assert (verified[0], json.loads(verified[1])["whole"]) == (0, report["stored"])
    resumed = json.loads(again[1])
    assert again[0] == 0 and resumed["complete"] and not resumed["full"]
    assert (resumed["already_stored"], resumed["stored"]) == (report["stored"], COUNT - report["stored"])
    assert (whole[0], json.loads(whole[1])["whole"]) == (0, COUNT)
