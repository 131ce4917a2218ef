"""One render process as the thread sees it that talks to it: started, asked, ended."""

import multiprocessing
import os
import threading
from typing import Any, Final

from workstation import jobs
from workstation.render.volume_child import serve
from workstation.render.volume_request import Request

START_S: Final = 60.0

LEAST_BYTES: Final = 8 << 30
"""Address space of a process: OpenGL and VTK alone reserve some gigabytes that are never touched."""


class Running:
    """It gets ready while the caller goes on."""

    def __init__(self, quick: bool) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, far_end = context.Pipe()
        self.renderer = ""
        self._ending = threading.Lock()
        """Of two threads that find the end of a process at once, `multiprocessing` tells one that it still runs."""
        self._process: Any = context.Process(target=serve, args=(far_end, quick, _memory_bytes()), daemon=True)
        self._process.start()
        far_end.close()

    @property
    def pid(self) -> int | None:
        """From any thread; None once it has ended."""
        with self._ending:
            return self._process.pid if self._process is not None and self._process.is_alive() else None

    def wait_until_ready(self) -> None:
        if self.renderer:
            return
        if not self.pipe.poll(START_S):
            raise TimeoutError
        self.renderer = self.pipe.recv()

    def ask(self, request: Request) -> None:
        self.pipe.send(request)

    def kill(self) -> None:
        """From any thread: whoever waits for its answer finds its end."""
        with self._ending:
            if self._process is not None:
                self._process.kill()

    def end(self) -> None:
        with self._ending:
            jobs.end_process(self._process)
            self._process = None
        self.pipe.close()


def _memory_bytes() -> int | None:
    """The address space a process may take: three quarters of the machine, and what drivers reserve."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return LEAST_BYTES + os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 3 // 4
