"""Worker processes: what one of them does costs its own task only."""

import os
import select
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from workstation.cache.crew import Crew
from workstation.errors import Cancelled, Reason, Refused


@dataclass(frozen=True)
class Double:
    number: int

    def __call__(self) -> int:
        if self.number == 13:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.number == 14:
            raise Refused(Reason.NOT_DICOM)
        if self.number == 15:
            raise ValueError("Smith^John")
        if self.number == 16:
            return len(bytearray(8 << 30))
        return 2 * self.number


@dataclass(frozen=True)
class Forever:
    number: int

    def __call__(self) -> int:
        if self.number == 1:
            threading.Event().wait()
        return self.number


@dataclass(frozen=True)
class Modules:
    def __call__(self) -> list[str]:
        return sorted(sys.modules)


def test_each_task_has_its_answer_and_bad_ones_cost_only_themselves() -> None:
    with Crew[Double, int](workers=2, memory_bytes=2 << 30) as crew:
        answers = {task.number: answer for task, answer in crew.each(Double(number) for number in range(40))}
    assert len(answers) == 40
    bad = {number: answer for number, answer in answers.items() if answer != 2 * number}
    reasons = {number: answer.reason for number, answer in bad.items() if isinstance(answer, Refused)}
    assert reasons == {
        13: Reason.WORKER_DIED,
        14: Reason.NOT_DICOM,
        15: Reason.UNREADABLE,
        16: Reason.MEMORY,
    }
    assert isinstance(bad[15], Refused) and "Smith" not in bad[15].detail


def test_a_task_that_hangs_is_ended() -> None:
    with Crew[Forever, int](workers=1, seconds=2.0) as crew:
        answers = {task.number: answer for task, answer in crew.each(map(Forever, range(4)))}
    hung = answers.pop(1)
    assert isinstance(hung, Refused) and hung.reason is Reason.TIME_LIMIT
    assert answers == {0: 0, 2: 2, 3: 3}


def test_one_answer_or_its_refusal() -> None:
    with Crew[Double, int](workers=1) as crew:
        assert crew.one(Double(4)) == 8
        with pytest.raises(Refused) as refused:
            crew.one(Double(14))
    assert refused.value.reason is Reason.NOT_DICOM


def test_it_stops_when_asked_in_the_middle_of_a_task() -> None:
    def stop() -> None:
        raise Cancelled

    with Crew[Forever, int](workers=1) as crew, pytest.raises(Cancelled):
        list(crew.each([Forever(1)], tick=stop))


def test_workers_reach_neither_qt_nor_vtk() -> None:
    from workstation.cache import intake  # noqa: F401  what a worker of the importer unpickles

    with Crew[Modules, list[str]](workers=1) as crew:
        names = crew.one(Modules())
    assert not {name for name in names if name.split(".")[0] in ("PySide6", "vtk", "vtkmodules")}


PARENT = """
import sys
from tests.cache.test_crew import Forever
from workstation.cache.crew import Crew
if __name__ == "__main__":
    crew = Crew(workers=2)
    each = crew.each([Forever(0)] * 20)
    next(each)
    print(*(worker.process.pid for worker in crew._workers), flush=True)
    sys.stdin.read()
"""


def test_workers_do_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    if not hasattr(os, "pidfd_open"):
        pytest.skip("waits for processes that are not its own")
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        text=True,
    ) as parent:
        assert parent.stdout is not None
        workers = [os.pidfd_open(int(pid)) for pid in parent.stdout.readline().split()]
        parent.kill()
        parent.wait()
    ended = [bool(select.select([worker], [], [], 10)[0]) for worker in workers]
    for worker in workers:
        os.close(worker)
    assert ended and all(ended)
