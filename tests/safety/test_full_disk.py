"""Safety rule 20: a full disk is a sentence of its own; what was acknowledged stays, and the studies can still be read.

A small disk of its own (tmpfs) where this machine lets one be mounted; elsewhere the test is skipped, and the limit of
file sizes in tests/cache/test_ingest.py stands for it.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cache.made import ct, folder_of
from workstation.errors import Reason

MEGABYTES = 32
COUNT = 80
PROGRAM = """
import json, os, subprocess, sys
disk, source, size = sys.argv[1:]
os.makedirs(disk, exist_ok=True)
if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", disk]).returncode:
    sys.exit(77)
home = os.path.join(disk, "home")
os.makedirs(home)
with open(os.path.join(home, "settings.toml"), "w") as file:
    file.write("[cache]\\nreserve = 0.0\\n")
os.environ["HOUNSFIELD_HOME"] = home

def run(*arguments):
    command = [sys.executable, "-c", "import sys; from workstation.cli import main; sys.exit(main())", *arguments]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True)
    return [done.returncode, done.stdout, done.stderr]

imported = run("import", source)
left = os.listdir(os.path.join(home, "incoming"))
ballast = os.open(os.path.join(disk, "ballast"), os.O_WRONLY | os.O_CREAT)
for size in (1 << 20, 4096, 1):  # somebody else takes the very last byte
    try:
        while os.write(ballast, bytes(size)):
            pass
    except OSError:
        pass
while_full = [run("studies"), run("cache", "verify"), run("import", source), run("cache", "pin", "1")]
os.remove(os.path.join(disk, "ballast"))
os.close(ballast)
print(json.dumps([imported, left, while_full, run("cache", "status")]))
"""


def test_a_full_disk_is_said_and_what_was_stored_can_be_read(tmp_path: Path) -> None:
    pixels = bytes(256 * 512 * 2)
    objects = {f"{number:03}": ct(number, Rows=256, Columns=512, PixelData=pixels) for number in range(COUNT)}
    source = folder_of(tmp_path / "source", objects)
    unshare = shutil.which("unshare") or pytest.skip("unshare is not installed")
    done = subprocess.run(
        [unshare, "--mount", sys.executable, "-c", PROGRAM, str(tmp_path / "disk"), str(source), str(MEGABYTES)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
    )
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip("this machine lets no disk be mounted")
    imported, left, (listed, verified, again, pinned), status = json.loads(done.stdout)
    report = json.loads(imported[1])
    assert imported[0] == 1 and "Traceback" not in imported[2]
    assert 0 < report["stored"] < COUNT and report["stored"] + len(report["refused"]) == COUNT
    assert {each["reason"] for each in report["refused"]} == {Reason.DISK_FULL.value}
    (study,) = json.loads(listed[1])
    assert study["series"][0]["images"] == report["stored"]
    assert json.loads(verified[1])["whole"] == report["stored"] and verified[0] == 0
    assert left == []
    assert status[0] == 0 and json.loads(status[1])["images"] == report["stored"]
    for refused in (again, pinned):
        assert (refused[0], json.loads(refused[1])["reason"]) == (1, Reason.DISK_FULL.name)
        assert refused[2] == "hounsfield: the disk is full\n"
