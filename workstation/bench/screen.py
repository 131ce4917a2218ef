"""A screen of our own: Xvfb whose pixels are read from its framebuffer file, and a hand on its keys and wheel.

Nothing is asked of the program that is measured: what is read is what X has on the screen.
"""

import ctypes
import ctypes.util
import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import HounsfieldError

WHEEL_UP: Final = 4
WHEEL_DOWN: Final = 5
_XWD_WORDS: Final = 25
_START_S: Final = 15.0


class NoScreen(HounsfieldError):
    """There is no Xvfb, or no way to press its keys; the sentence says what is missing."""


class Screen:
    """An X server without a monitor, `width` x `height`, and its input. Raises `NoScreen`."""

    def __init__(self, width: int = 1600, height: int = 1200) -> None:
        program = shutil.which("Xvfb")
        if program is None:
            raise NoScreen("Xvfb is not installed")
        self._folder = tempfile.mkdtemp(prefix="hounsfield-screen-")
        reading, writing = os.pipe()
        arguments = [program, "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
        arguments += ["-fbdir", self._folder, "-noreset", "-nocursor"]
        self._server = subprocess.Popen(arguments, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        try:
            with os.fdopen(reading) as said:
                number = said.readline().strip()
            if not number:
                raise NoScreen("Xvfb did not start")
            self.name = f":{number}"
            self._hand = _Hand(self.name)
            self.grey = _framebuffer(Path(self._folder) / "Xvfb_screen0", width, height)
        except BaseException:
            self.close()
            raise

    def key(self, name: str) -> None:
        """Press and release a key by its X name, such as Return."""
        self._hand.key(name)

    def hold(self, name: str, down: bool) -> None:
        """Press a key, such as Shift_L, or let it go."""
        self._hand.hold(name, down)

    def click(self, button: int) -> None:
        """Press and release a button of the mouse; 4 and 5 are the wheel."""
        self._hand.button(button, True)
        self._hand.button(button, False)

    def button(self, button: int, down: bool) -> None:
        self._hand.button(button, down)

    def point(self, x: int, y: int) -> None:
        """Put the pointer there."""
        self._hand.point(x, y)

    def fill(self, width: int, height: int) -> None:
        """Give the largest window this size at the top left, and the keyboard; there is no window manager to do it."""
        self._hand.place(self._hand.largest_window(), width, height)

    def environment(self) -> dict[str, str]:
        """What a program needs to come up on this screen."""
        return {**os.environ, "DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"}

    def close(self) -> None:
        self._server.terminate()
        self._server.wait(_START_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> "Screen":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _framebuffer(path: Path, width: int, height: int) -> NDArray[np.uint8]:
    """The green bytes of the screen as it is at any moment, (height, width): a view of the file X draws in."""
    with path.open("rb") as file:
        words = struct.unpack(f">{_XWD_WORDS}I", file.read(4 * _XWD_WORDS))
    header_bytes, bits_per_pixel, line_bytes, colours = words[0], words[11], words[12], words[19]
    if bits_per_pixel != 32:
        raise NoScreen(f"Xvfb draws {bits_per_pixel} bits a pixel")
    raw = np.memmap(path, np.uint8, "r", header_bytes + 12 * colours, (height, line_bytes))
    return raw[:, 1 : 4 * width : 4].view(np.ndarray)


class _Hand:
    """Keys and buttons through the XTEST extension."""

    def __init__(self, display: str) -> None:
        self._x, self._test = _library("X11"), _library("Xtst")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XKeysymToKeycode.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
        self._x.XStringToKeysym.restype = ctypes.c_ulong
        self._x.XFlush.argtypes = [ctypes.c_void_p]
        for name in ("Key", "Button"):
            getattr(self._test, f"XTestFake{name}Event").argtypes = [
                ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong,
            ]  # fmt: skip
        self._test.XTestFakeMotionEvent.argtypes = [
            ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_ulong,
        ]  # fmt: skip
        handle, number = ctypes.c_void_p, ctypes.c_ulong
        self._x.XDefaultRootWindow.argtypes, self._x.XDefaultRootWindow.restype = [handle], number
        self._x.XQueryTree.argtypes = [handle, number, *[handle] * 4]
        self._x.XGetGeometry.argtypes = [handle, number, *[handle] * 7]
        self._x.XMoveResizeWindow.argtypes = [handle, number, *[ctypes.c_int] * 4]
        self._x.XSetInputFocus.argtypes = [handle, number, ctypes.c_int, number]
        self._display = self._x.XOpenDisplay(display.encode())
        if not self._display:
            raise NoScreen("the new X server cannot be reached")
        self._x.XAutoRepeatOff(handle(self._display))  # a busy machine lets go late: one Tab would be a dozen
        self._x.XFlush(self._display)

    def key(self, name: str) -> None:
        self.hold(name, True)
        self.hold(name, False)

    def hold(self, name: str, down: bool) -> None:
        code = self._x.XKeysymToKeycode(self._display, self._x.XStringToKeysym(name.encode()))
        self._test.XTestFakeKeyEvent(self._display, code, int(down), 0)
        self._x.XFlush(self._display)

    def button(self, button: int, down: bool) -> None:
        self._test.XTestFakeButtonEvent(self._display, button, int(down), 0)
        self._x.XFlush(self._display)

    def point(self, x: int, y: int) -> None:
        self._test.XTestFakeMotionEvent(self._display, -1, x, y, 0)
        self._x.XFlush(self._display)

    def largest_window(self) -> int:
        """Of the windows on the screen, the one with most pixels. Raises `NoScreen` when there is none."""
        root = self._x.XDefaultRootWindow(self._display)
        ids, children = [ctypes.c_ulong() for _ in range(2)], ctypes.POINTER(ctypes.c_ulong)()
        count = ctypes.c_uint()
        self._x.XQueryTree(self._display, root, *map(ctypes.byref, (*ids, children, count)))
        windows = [children[number] for number in range(count.value)]
        if not windows:
            raise NoScreen("the program shows no window")
        return int(max(windows, key=self._pixels))

    def _pixels(self, window: int) -> int:
        root, sizes = ctypes.c_ulong(), [ctypes.c_uint() for _ in range(6)]
        self._x.XGetGeometry(self._display, window, *map(ctypes.byref, (root, *sizes)))
        return int(sizes[2].value * sizes[3].value)

    def place(self, window: int, width: int, height: int) -> None:
        self._x.XMoveResizeWindow(self._display, window, 0, 0, width, height)
        self._x.XSetInputFocus(self._display, window, 1, 0)
        self._x.XFlush(self._display)


def _library(name: str) -> Any:
    found = ctypes.util.find_library(name)
    if found is None:
        raise NoScreen(f"lib{name} is not installed")
    return ctypes.CDLL(found)
