"""What opens the window is imported without PySide's reading every module's source."""

import subprocess
import sys

READ = """
import inspect, sys
import PySide6.QtCore
from workstation.ui.spared import spare_features
if sys.argv[1] == "spared":
    spare_features()
read, source = [], inspect.getsource
inspect.getsource = lambda each: read.append(each.__name__) or source(each)
import colorsys, workstation.paths
print(*read)
"""


def sources_read(how: str) -> str:
    done = subprocess.run([sys.executable, "-c", READ, how], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def test_modules_are_imported_without_their_source() -> None:
    assert "colorsys" in sources_read("as PySide does")  # else there is nothing to spare
    assert sources_read("spared").strip() == ""
