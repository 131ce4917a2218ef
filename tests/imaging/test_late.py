"""SimpleITK's library is mapped by a call that lets go of Python, before the import that would not."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from pathlib import Path
from workstation.imaging.late import _mapped, load_simpleitk
def is_mapped():
    return "/_SimpleITK" in Path("/proc/self/maps").read_text()
assert not is_mapped()
_mapped("SimpleITK", "_SimpleITK*.so")
assert is_mapped() and "SimpleITK" not in sys.modules
_mapped("no_such_package", "*.so")
load_simpleitk()
import SimpleITK
print(SimpleITK.Image(3, 4, 5, SimpleITK.sitkUInt8).GetSize())
"""


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="what is mapped is read from /proc")
def test_the_library_is_there_before_the_import() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "(3, 4, 5)", done.stderr
