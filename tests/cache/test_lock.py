"""One writer per HOME."""

import subprocess
import sys
from pathlib import Path

import pytest

from workstation.cache.lock import BUSY, WriterLock
from workstation.errors import HounsfieldError

HOLD = """
import sys
from pathlib import Path
from workstation.cache.lock import WriterLock
lock = WriterLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_told_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        with pytest.raises(HounsfieldError) as error:
            WriterLock(path)
        assert error.value.sentence == BUSY
        other.kill()
        other.wait()
    WriterLock(path).release()


def test_threads_of_one_process_share_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first, second = WriterLock(path), WriterLock(path)
    assert (first.first, second.first) == (True, False)
    first.release()
    first.release()  # harmless
    third = WriterLock(path)
    assert not third.first
    second.release()
    third.release()
    last = WriterLock(path)
    assert last.first
    last.release()
