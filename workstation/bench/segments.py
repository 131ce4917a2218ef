"""How fast, and in how much memory, a segmentation of a hundred segments over 512 x 512 x 300 voxels is opened."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from workstation.bench.data import Study
from workstation.bench.rows import Row
from workstation.phantom.segments import many_segments

MOST_S: Final = 2.0
MOST_MIB: Final = 1024.0

_READ: Final = """
import json, sys, time
from pathlib import Path
from workstation.documents.seg import read_segmentation
data = Path(sys.argv[1]).read_bytes()
begun = time.monotonic()
found = read_segmentation(data)
seconds = time.monotonic() - begun
status = Path("/proc/self/status").read_text() if sys.platform == "linux" else "VmHWM: 0 kB"
peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
print(json.dumps({"seconds": seconds, "mib": peak, "segments": len(found.segments)}))
"""
"""In a process of its own, so that its peak of memory is nobody else's."""


def segments(study: Study, runs: int) -> list[Row]:
    """Seconds to read the file's bytes, and the peak of the process that does."""
    with tempfile.TemporaryDirectory(prefix="hounsfield-bench-") as folder:
        path = Path(folder) / "seg.dcm"
        path.write_bytes(many_segments())
        answers = []
        for _ in range(runs):
            done = subprocess.run([sys.executable, "-c", _READ, path], capture_output=True, text=True, check=True)
            answers.append(json.loads(done.stdout))
    return [
        Row("open 100 segments", "s", "", MOST_S, tuple(each["seconds"] for each in answers)),
        Row("open 100 segments, peak", "MiB", "", MOST_MIB, tuple(each["mib"] for each in answers)),
    ]
