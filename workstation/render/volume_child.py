"""The life of a render process: what it is sent, what it answers. It owns OpenGL on its main thread.

Whatever it does wrong ends this process alone; the other end of the pipe starts another one.
"""

import os
import sys
from multiprocessing.connection import Connection
from typing import Any

from workstation import jobs
from workstation.render.volume_request import Drawn, Forget, Request, Stop


def serve(pipe: "Connection[Any, Any]", quick: bool, memory_bytes: int | None) -> None:
    """Answer each Request with a Drawn and its pixels (bytes), until the other end of the pipe is gone.

    The first answer, to nothing, is what OpenGL calls itself here.
    """
    if sys.platform == "linux":  # a window of its own would ask for a screen; this one never shows anything
        os.environ["VTK_DEFAULT_OPENGL_WINDOW"] = "vtkEGLRenderWindow"
    jobs.limit_worker(memory_bytes)
    _be_silent()
    from workstation.render.volume_scene import Stage

    stage = Stage(quick)
    try:
        pipe.send(stage.renderer)
        while True:
            message = pipe.recv()
            if isinstance(message, Forget):
                stage.forget(message.inode)
            elif isinstance(message, Request):
                _answer(pipe, stage, message)
    except (EOFError, OSError):
        return


def _answer(pipe: "Connection[Any, Any]", stage: Any, request: Request) -> None:
    """Draw, and listen meanwhile whether it is still wanted."""
    forgotten: list[int] = []

    def unwanted() -> bool:
        while pipe.poll():
            message = pipe.recv()
            if isinstance(message, Forget):
                forgotten.append(message.inode)
            elif isinstance(message, Stop) and message.number == request.number:
                return True
        return False

    try:
        drawn, pixels = stage.draw(request, unwanted)
    except FileNotFoundError:  # its study was closed meanwhile
        drawn, pixels = Drawn(request.number, request.size, 0.0, half=False, stopped=True), b""
    pipe.send(drawn)
    if not drawn.stopped:
        pipe.send_bytes(pixels)
    for inode in forgotten:
        stage.forget(inode)


def _be_silent() -> None:
    """Drivers and VTK write to the standard error what nobody reads, and what may quote names of files."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
