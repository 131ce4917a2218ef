"""A 3D tile turned once round: its pictures one after the other, as PNG files, a GIF or an MP4.

Each picture is one that could be exported by itself: with its marks, without who the patient is, and with its line
"not for diagnosis". The render processes draw them; nothing moves on the screen meanwhile.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtGui import QImage

from workstation.case.tile import TileView
from workstation.errors import HounsfieldError
from workstation.imaging.volume import Voxels
from workstation.picture.compose import compose
from workstation.picture.exported import exported
from workstation.render.volume_process import volumes

KINDS: Final = ("gif", "mp4", "png")
PLACE: Final = 1 << 20
"""The number of a tile that is on no screen."""

FRAMES: Final = 72
SIDE_PX: Final = 720
ROUND_S: Final = 6.0
"""How long a whole turn takes in a film."""

TICK_S: Final = 0.5
LONGEST_S: Final = 180.0
NO_FFMPEG: Final = (
    "MP4 needs the program ffmpeg, which is not there: its builds are under the GPL and no part of this program. "
    "A GIF or PNG files need nothing"
)
NOT_DRAWN: Final = "A picture of the turn could not be drawn"

Progress = Callable[[int, int], None]


def frames(
    view: TileView, voxels: Voxels, size: tuple[int, int], ratio: float, count: int, progress: Progress
) -> Iterator[QImage]:
    """`count` pictures of a 3D tile of `size` (width, height), each turned on by as much, the first as it stands.

    For a job: waits for the render process. Raises HounsfieldError when it draws none, and what `progress` raises.
    """
    scene = view.tile.scene
    assert scene is not None and view.display_set is not None  # noqa: S101  asked for before
    try:
        for number in range(count):
            progress(number, count)
            camera = scene.camera.turned(-360.0 * number / count, 0.0)
            turned = replace(view.tile, scene=replace(scene, camera=camera, crosshair=False, box=False))
            there = replace(view, tile=turned, number=PLACE, coarse=False)
            _drawn(there, voxels, size, ratio, partial(progress, number, count))
            yield exported(there, voxels, size, ratio)[0]
        progress(count, count)
    finally:
        volumes().leave((view.display_set.key, PLACE))


def _drawn(view: TileView, voxels: Voxels, size: tuple[int, int], ratio: float, check: Callable[[], None]) -> None:
    bare = replace(view, active=False, audience=True, marks=replace(view.marks, selected=""))
    for _ in range(round(LONGEST_S / TICK_S)):
        if compose(bare, voxels, "", size, ratio).facts["scene"]["settled"]:
            return
        volumes().wait(TICK_S)
        check()
        assert view.display_set is not None  # noqa: S101  it is 3D
        if problem := volumes().problem((view.display_set.key, view.number)):
            raise HounsfieldError(problem)
    raise HounsfieldError(NOT_DRAWN)


def why_not(kind: str) -> str:
    """Why a kind of film cannot be written here, as a sentence; empty where it can."""
    return NO_FFMPEG if kind == "mp4" and shutil.which("ffmpeg") is None else ""


def write(path: Path, kind: str, images: Iterator[QImage], count: int) -> None:
    """Write the pictures of a turn: a folder of PNG files, or one file of the kind "gif" or "mp4".

    What was begun and not ended is removed. Raises HounsfieldError and OSError, and what `images` raises.
    """
    if sentence := why_not(kind):
        raise HounsfieldError(sentence)
    partial = path.with_name(f"{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        {"gif": _gif, "mp4": _mp4, "png": _pngs}[kind](partial, images, count)
        partial.replace(path)
    except BaseException:
        if partial.is_dir():
            shutil.rmtree(partial)
        partial.unlink(missing_ok=True)
        raise


def _pngs(folder: Path, images: Iterator[QImage], count: int) -> None:
    folder.mkdir()
    for number, image in enumerate(images, start=1):
        if not image.save(str(folder / f"{number:03}.png")):
            raise OSError


def _gif(path: Path, images: Iterator[QImage], count: int) -> None:
    from PIL import Image

    def indexed() -> Iterator[Any]:
        for image in images:
            rgb = image.convertToFormat(QImage.Format.Format_RGB888)
            whole = Image.frombuffer(
                "RGB", (rgb.width(), rgb.height()), bytes(rgb.constBits()), "raw", "RGB", rgb.bytesPerLine(), 1
            )
            yield whole.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)

    found = indexed()
    next(found).save(
        path, "GIF", save_all=True, append_images=found, duration=round(1000 * ROUND_S / count), loop=0, disposal=1
    )


def _mp4(path: Path, images: Iterator[QImage], count: int) -> None:
    """By a program of its own: it gets pixels and writes a file, and no name goes along."""
    running: subprocess.Popen[bytes] | None = None
    try:
        for image in images:
            rgb = image.convertToFormat(QImage.Format.Format_RGB32)
            if running is None:
                running = _encoder(path, (rgb.width(), rgb.height()), count / ROUND_S)
            assert running.stdin is not None  # noqa: S101  it was asked for
            running.stdin.write(bytes(rgb.constBits()))
        if running is None or running.communicate()[0] or running.returncode:
            raise HounsfieldError("ffmpeg wrote no film")
    except BrokenPipeError as error:
        raise HounsfieldError("ffmpeg wrote no film") from error
    finally:
        if running is not None and running.poll() is None:
            running.kill()
            running.communicate()


def _encoder(path: Path, size: tuple[int, int], rate: float) -> "subprocess.Popen[bytes]":
    program = shutil.which("ffmpeg")
    assert program is not None  # noqa: S101  asked for before
    pixels = ("-f", "rawvideo", "-pix_fmt", "bgr0", "-s", f"{size[0]}x{size[1]}", "-r", f"{rate:g}", "-i", "-")
    film = ("-an", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", "-movflags", "+faststart")
    return subprocess.Popen(
        [program, "-y", "-loglevel", "error", *pixels, *film, "-f", "mp4", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
