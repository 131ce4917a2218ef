"""`hounsfield demo`: makes the demo patient where it is absent, and opens it, or draws it where there is no screen."""

import argparse
import json
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workstation import jobs, paths
from workstation.cli.look import gui, page_size
from workstation.cli.result import Result
from workstation.cli.ticker import EVERY_S, Ticker
from workstation.errors import Cancelled, HounsfieldError

if TYPE_CHECKING:
    from workstation.case.state import Case
    from workstation.phantom.demo_entry import Entry
    from workstation.phantom.grid import Vector

WAIT_S: Final = 600.0
QUICK: Final = 80
"""How PNGs are packed: half the time, a third larger."""


def add(commands: Any) -> None:
    """Add this module's command."""
    demo = commands.add_parser("demo", help="make the demo patient and open it; without a screen, draw it into files")
    demo.add_argument("--out", type=Path, help="draw into this folder instead of opening the window")
    demo.add_argument("--size", choices=("tiny", "small", "full"), default="full", help="of what is made (full)")
    demo.add_argument("--page", type=page_size, default=(1600, 1000), metavar="WxH", help="device pixels of a picture")
    demo.add_argument("--json", action="store_true", help="one JSON document on stdout")
    demo.set_defaults(run=run_demo)


def run_demo(options: argparse.Namespace) -> Result:
    """Make what is absent; draw every study into a folder, else open the window on the list."""
    from workstation.phantom.demo import catalogue

    home = paths.home().create()
    entries = catalogue()
    if options.out is None and _has_screen():
        return _open_and_make(home, entries, options.size)
    made = _make(home, entries, options.size)
    out: Path = options.out or Path("out")
    pictures = draw_all(home, entries, out, options.page)
    heading = f"The demo patient was drawn into {out}/, each study at what it is about, a prior where that was then:"
    text = "\n".join([heading, *(_line(each) for each in pictures)])
    return Result({"made": made, "pictures": pictures}, text)


def _has_screen() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class _Making:
    """Makes what is absent in the background; the window that opens meanwhile reads its list again as studies come."""

    def __init__(self, home: paths.Home, entries: Sequence["Entry"], size: Any) -> None:
        from workstation.phantom.demo_making import absent, make_demo

        self._failure: Exception | None = None
        self.refresh: Callable[[], None] = lambda: None
        self._first = entries[0]
        self._first_is_there = threading.Event()
        if self._first not in absent(home, entries):
            self._first_is_there.set()
        self._job = jobs.run(
            "Make the demo patient",
            lambda job: make_demo(home, entries, job.progress, size, self._arrived),
            failed=self._failed,
        )

    def wait_for_first(self) -> None:
        """Until there is something to open, saying how far it is. Raises what made that impossible."""
        ticker = Ticker("Making the demo patient (the window opens with the first), study")
        try:
            while not self._first_is_there.wait(EVERY_S) and not self._job.finished:
                ticker(self._job.done, self._job.total)
        except KeyboardInterrupt:
            jobs.shutdown()
            raise
        finally:
            ticker.clear()
        jobs.drain()
        if self._failure is not None:
            raise self._failure

    def problems(self) -> tuple[str, ...]:
        """What went wrong while the window was open; that it was closed early is none."""
        failure = self._failure
        return (
            (failure.sentence,) if isinstance(failure, HounsfieldError) and not isinstance(failure, Cancelled) else ()
        )

    def _arrived(self, entry: "Entry") -> None:
        if entry == self._first:
            self._first_is_there.set()
        jobs.post(self._tell_window)

    def _tell_window(self) -> None:
        self.refresh()

    def _failed(self, error: Exception) -> None:
        self._failure = error


def _open_and_make(home: paths.Home, entries: Sequence["Entry"], size: Any) -> Result:
    """The window on the list as soon as the first study is there; the others come while it is open."""
    from workstation.cli.window import open_window

    making = _Making(home, entries, size)
    making.wait_for_first()

    def beside(refresh: Callable[[], None]) -> None:
        making.refresh = refresh

    code = open_window(beside=beside)
    jobs.drain()
    problems = making.problems()
    return Result(
        {"studies": [each.study_instance_uid for each in entries]}, problems=problems, code=code or len(problems)
    )


def _make(home: paths.Home, entries: Sequence["Entry"], size: Any) -> list[str]:
    """The titles of the studies that had to be made."""
    from workstation.phantom.demo_making import make_demo

    ticker = Ticker("Making the demo patient, study")
    try:
        return [each.title for each in make_demo(home, entries, ticker, size)]
    finally:
        ticker.clear()


def draw_all(home: paths.Home, entries: Sequence["Entry"], out: Path, page: tuple[int, int]) -> list[dict[str, Any]]:
    """Draw each stage of each study as it hangs into NN-title-stage.png, its facts beside it as JSON; all facts."""
    from workstation.case.open import open_study

    application = gui()
    out.mkdir(parents=True, exist_ok=True)
    pictures: list[dict[str, Any]] = []
    places = {each.study_instance_uid: dict(each.places) for each in entries}
    ticker = Ticker("Drawing the demo patient, study")
    try:
        for number, entry in enumerate(entries, start=1):
            ticker(number - 1, len(entries))
            name = f"{number:02d}-{re.sub('[^a-z0-9]+', '-', entry.title.lower()).strip('-')}"
            case = open_study(home, entry.study_instance_uid)
            drawn = _draw_stages(home, case, out / name, page, partial(_look_at, case, entry, places))
            pictures += [{"title": entry.title, **each} for each in drawn]
    finally:
        ticker.clear()
        jobs.shutdown()
    del application
    return pictures


def _look_at(case: "Case", entry: "Entry", places: Mapping[str, Mapping[str, "Vector"]]) -> None:
    """Put the crosshair on what the study is about; a prior's on the same thing, where it was then."""
    if not entry.places:
        return
    name, _ = entry.places[0]
    for display_set in case.sets.values():
        if (place := places[display_set.study_instance_uid].get(name)) is not None:
            case.place_crosshair(display_set, place)


def _draw_stages(
    home: paths.Home, case: "Case", path: Path, page: tuple[int, int], prepare: Callable[[], None]
) -> list[dict[str, Any]]:
    from workstation.loading.load import Loader
    from workstation.picture.page import page_picture

    loader, drawn = Loader(home), []
    try:
        for stage in range(len(case.plan.stages)):
            case.hang_stage(stage)
            prepare()
            page_picture(case, loader, page)  # asks for what is needed
            loader.wait(WAIT_S)
            image, tiles = page_picture(case, loader, page)
            file = path.with_name(f"{path.name}-{stage + 1}.png")
            image.save(str(file), None, QUICK)
            document = {
                "file": str(file),
                "protocol": case.plan.protocol,
                "stage": stage + 1,
                "stage_name": case.plan.stages[stage].name,
                "tiles": [{**facts, "shows": _shows(case, facts)} for facts in tiles],
            }
            file.with_suffix(".json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
            drawn.append(document)
    finally:
        loader.close_all()
    return drawn


def _shows(case: "Case", facts: dict[str, Any]) -> str:
    """A tile in words: series, plane, window, and of which date where it is a prior."""
    tile = case.tiles[facts["tile"] - 1]
    if tile.display_set is None:
        return f"empty ({tile.why_empty})"
    instance = case.sets[tile.display_set].images[(facts.get("image") or 1) - 1].instance
    view = f"{instance.ImageLaterality} {instance.ViewPosition}".strip()
    words = [instance.SeriesDescription or instance.Modality]
    if view and view != words[0]:
        words.append(view)
    if tile.orientation is not None:
        words.append(str(tile.orientation))
    if (window := facts.get("window")) and window["name"]:
        words.append(f"({window['name']})")
    if tile.prior:
        words.append(f"PRIOR of {tile.study_date}")
    return " ".join(words)


def _line(picture: dict[str, Any]) -> str:
    tiles = " | ".join(tile["shows"] for tile in picture["tiles"])
    return f"  {Path(picture['file']).name}  {picture['title']}, {picture['stage_name']}: {tiles}"
