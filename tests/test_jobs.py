"""Threads and their memory."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from workstation import jobs

PICTURES = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from workstation import jobs
if sys.argv[1] == "kept":
    jobs.keep_memory()
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        held = [np.ones(1 << 20, np.int64) for _ in range(5)]
        del held
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
with ThreadPoolExecutor(1) as pool:
    pool.submit(faults).result()
    print(pool.submit(faults).result())
"""
"""Page faults of twenty times 40 MB, once such arrays were made and given back before."""


def faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", PICTURES, how], capture_output=True, text=True, check=True, timeout=60)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator")
def test_memory_of_pictures_is_kept_for_the_next_ones() -> None:
    assert faults("kept") < 200
    assert faults("given back") > 20 * 1000  # else there is nothing to keep


@pytest.mark.skipif(sys.platform != "linux", reason="ends of processes are learnt of otherwise elsewhere")
def test_a_process_whose_end_somebody_else_learnt_of_is_ended_all_the_same() -> None:
    """As when another thread starts a process, and `multiprocessing` looks after all its children meanwhile."""
    processes = [multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,)) for _ in range(2)]
    for process in processes:
        process.start()
    ours, learnt = processes
    pids = [process.pid or 0 for process in processes]
    os.kill(pids[1], signal.SIGKILL)
    os.waitpid(pids[1], 0)
    jobs.end_process(ours)
    jobs.end_process(learnt)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
