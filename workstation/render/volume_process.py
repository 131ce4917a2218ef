"""Two processes that draw volumes, and what they drew last for each tile. Nothing here waits for them but threads.

The quick one answers while something moves: fewer rays, large volumes at half their resolution. The fine one follows
when all is at rest, and is stopped when its picture is no longer wanted. Voxels are read where the loader put them;
pixels come back over the pipe (a picture of 800 x 600 in 1 ms, so a second shared block would gain nothing). One that
dies or hangs is started again and asked again; the pictures that were drawn stay.

`volumes()` is the handle of this process, made when first asked for; `jobs.shutdown` ends it.
"""

import itertools
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from psygnal import Signal

from workstation import jobs
from workstation.imaging.scene import Scene
from workstation.render.volume_request import Drawn, Forget, Frame, Place, Request, Source, Stop
from workstation.render.volume_running import START_S, Running

LONGEST_S: Final = 60.0
"""A picture that takes longer will never come: the process is ended."""

LOOK_S: Final = 0.003
"""How often a thread that waits for a picture looks whether it is still wanted."""

TRIES: Final = 3
"""A volume that ended its process so often while it was drawn, and was never drawn whole meanwhile, is not tried again
for that picture; from the second time on it is halved. An end at rest is held against nobody."""

FORGIVEN_S: Final = 600.0
"""An end is held against a volume for so long: what has too little memory ends sooner again than that."""

GONE: Final = "Cannot be shown in 3D: some of it is no longer in memory."

ENDS_IT: Final = "Drawing this series in 3D ended the process that draws, again and again."
ENDS_AT_ONCE: Final = "The process that draws 3D ends as soon as it is started."

STARTING: Final = 0
"""No inode: a process that ends before it draws."""

_volumes: "Volumes | None" = None
_volumes_lock = threading.Lock()


def volumes() -> "Volumes":
    """The render processes of this program; the first request starts them."""
    global _volumes
    with _volumes_lock:
        if _volumes is None or _volumes.closed:
            _volumes = Volumes()
            jobs.at_shutdown(_volumes.close)
        return _volumes


def let_go(inode: int) -> None:
    """A volume is gone here; from any thread, also while memory is tidied up."""
    jobs.post(partial(_forget, inode))


def _forget(inode: int) -> None:
    if _volumes is not None and not _volumes.closed:
        _volumes.forget(inode)


@dataclass
class _Standing:
    """What is known of a place: the newest request, the newest picture, why there is none."""

    wanted: Request
    frame: Frame | None = None
    problem: str = ""


class Volumes:
    """Pictures of volumes by place. `came(key, tile)` follows each, on the main thread; all else from any thread."""

    came = Signal(str, int)

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._numbers = itertools.count(1)
        self._places: dict[Place, _Standing] = {}
        self._sides = {quick: _Side(self, quick) for quick in (True, False)}
        self.closed = False

    def want(self, place: Place, source: Source, scene: Scene, size: tuple[int, int], moving: bool) -> Frame | None:
        """Have a picture made, and return at once the newest there is of this volume in this place, of any camera."""
        with self._changed:
            standing = self._places.get(place)
            if standing is not None and standing.wanted.source.block != source.block:
                standing = None  # what was there is of another volume (safety.md 1)
            request = Request(next(self._numbers), place, source, scene, size, coarse=moving)
            frame = standing.frame if standing else None
            if standing is None:
                standing = self._places[place] = _Standing(request)
            elif standing.wanted.asks_the_same(request) and (moving or not standing.wanted.coarse):
                return frame
            standing.wanted, standing.problem = request, ""
            there = frame is not None and frame.request.asks_the_same(request)
            if not there:
                self._sides[True].ask(replace(request, coarse=True))
            if moving:
                self._sides[False].drop(place)
            elif frame is None or not there or frame.coarse:
                self._sides[False].ask(request)
            return frame

    def warm(self) -> None:
        """Start both processes; they get ready while the caller goes on."""
        for side in self._sides.values():
            side.start()

    def problem(self, place: Place) -> str:
        """Why there is no picture of a place, as a sentence; empty while one may still come."""
        standing = self._places.get(place)
        return standing.problem if standing else ""

    def is_kept(self) -> bool:
        """Whether anything is kept of any volume."""
        return bool(self._places)

    def forget(self, inode: int) -> None:
        """Let go of a volume everywhere; who shows something else in one of its places by now is to ask again."""
        with self._changed:
            gone = [place for place, each in self._places.items() if each.wanted.source.block.inode == inode]
            for place in gone:
                del self._places[place]
        for side in self._sides.values():
            side.forget(inode, gone)
        for place in gone:
            jobs.post(partial(self._tell, place))

    def leave(self, place: Place) -> None:
        """Nothing is wanted in a place any more."""
        with self._changed:
            self._places.pop(place, None)
        for side in self._sides.values():
            side.drop(place)

    def knows(self, place: Place) -> bool:
        """Whether anything is wanted in a place."""
        return place in self._places

    def wait(self, timeout_s: float) -> bool:
        """Until every place has the fine picture it wants, or a reason why not; False when that took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: all(map(_is_settled, self._places.values())), timeout_s)

    def close(self) -> None:
        """End the processes for good."""
        self.closed = True
        for side in self._sides.values():
            side.close()

    @property
    def processes(self) -> dict[str, int | None]:
        """The process ids by name, None for one that does not run."""
        return {"quick": self._sides[True].pid, "fine": self._sides[False].pid}

    def is_wanted(self, request: Request) -> bool:
        """Whether nothing newer is wanted in the request's place."""
        standing = self._places.get(request.place)
        return standing is not None and standing.wanted.number == request.number

    def take(self, frame: Frame) -> None:
        """A picture from a process: kept unless a newer or finer one is there, or the one that is wanted."""
        with self._changed:
            standing = self._places.get(frame.request.place)
            if standing is None or standing.wanted.source.block != frame.request.source.block:
                return
            there, wanted = standing.frame, standing.wanted
            if there is not None and _worth(there, wanted) > _worth(frame, wanted):
                return
            standing.frame = frame
            if not frame.coarse:  # of a coarse one the exact picture may have been refused before
                standing.problem = ""
            self._changed.notify_all()
        jobs.post(partial(self._tell, frame.request.place))

    def refuse(self, request: Request, sentence: str) -> None:
        """A picture that will not come; what the quick process cannot draw may still come from the fine one."""
        with self._changed:
            standing = self._places.get(request.place)
            if standing is None or standing.wanted.number != request.number:
                return
            if request.coarse and not standing.wanted.coarse:
                return
            standing.problem = sentence
            self._changed.notify_all()
        jobs.post(partial(self._tell, request.place))

    def _tell(self, place: Place) -> None:
        self.came.emit(*place)


def _worth(frame: Frame, wanted: Request) -> tuple[bool, int, bool]:
    """What is wanted goes before what is newer: a hand that turned there and back wants an older picture."""
    same = frame.request.asks_the_same(wanted)
    return same, 0 if same else frame.request.number, not frame.coarse


def _is_settled(standing: _Standing) -> bool:
    frame = standing.frame
    done = frame is not None and not frame.coarse and frame.request.asks_the_same(standing.wanted)
    return done or bool(standing.problem)


class _Side:
    """One of the two processes, and the thread that talks to it."""

    def __init__(self, owner: Volumes, quick: bool) -> None:
        self._owner = owner
        self._quick = quick
        self._changed = threading.Condition()
        self._waiting: OrderedDict[Place, Request] = OrderedDict()
        self._forgotten: list[int] = []
        self._closed = False
        self._thread: threading.Thread | None = None
        self._child: Running | None = None
        self._deaths: dict[int, list[float]] = {}
        """When it ended, by the volume it was drawing; by STARTING where it had not begun to."""
        self._restarted = False

    @property
    def pid(self) -> int | None:
        child = self._child
        return child.pid if child is not None else None

    def ask(self, request: Request) -> None:
        """Have a picture made when it is its turn; an older request of its place is dropped."""
        with self._changed:
            self._waiting[request.place] = request
            self.start()
            self._changed.notify_all()

    def start(self) -> None:
        with self._changed:
            if self._thread is None and not self._closed:
                name = f"hounsfield-3d-{'quick' if self._quick else 'fine'}"
                self._thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._thread.start()

    def drop(self, place: Place) -> None:
        with self._changed:
            self._waiting.pop(place, None)

    def forget(self, inode: int, places: list[Place]) -> None:
        with self._changed:
            for place in places:
                self._waiting.pop(place, None)
            self._deaths.pop(inode, None)
            if self._child is not None:
                self._forgotten.append(inode)
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            child = self._child
            self._changed.notify_all()
        if child is not None:
            child.kill()
        if self._thread is not None:
            self._thread.join(START_S)

    def _work(self) -> None:
        """On its own thread, until closed."""
        self._child = Running(self._quick)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._waiting or self._forgotten)
                if self._closed:
                    break
                forgotten, self._forgotten = self._forgotten, []
                request = self._waiting.popitem(last=False)[1] if self._waiting else None
            try:
                if self._child is not None and self._child.pid is None:
                    self._let_go_of_child()
                for inode in forgotten:
                    self._tell_to_forget(inode)
                if request is not None:
                    self._draw(request)
            except (EOFError, OSError):
                self._died(request)
        if self._child is not None:
            self._child.end()

    def _tell_to_forget(self, inode: int) -> None:
        if self._child is not None:
            self._child.pipe.send(Forget(inode))

    def _draw(self, request: Request) -> None:
        """Raises EOFError or OSError when the process has died or hangs."""
        if self._child is None:
            self._child = Running(self._quick)
            if self._closed:
                raise EOFError
        child = self._child
        child.wait_until_ready()
        inode = request.source.block.inode
        halve = self._ends(inode) > 1
        child.ask(replace(request, source=replace(request.source, halve=halve)))
        drawn = self._answer(child, request)
        if drawn.stopped:
            if self._owner.is_wanted(request):  # nobody stopped it: some of its voxels are gone, and nobody asks again
                self._owner.refuse(request, GONE)
            return
        pixels = np.frombuffer(child.pipe.recv_bytes(), np.uint32).reshape(request.size[1], request.size[0])
        self._deaths.pop(STARTING, None)
        if not halve:
            self._deaths.pop(inode, None)
        restarted, self._restarted = self._restarted, False
        frame = Frame(
            request, pixels, child.renderer, drawn.ms, self._quick, drawn.half, drawn.why_half, restarted, drawn.steps
        )  # fmt: skip
        self._owner.take(frame)

    def _answer(self, child: Running, request: Request) -> Drawn:
        until, stopped = time.monotonic() + LONGEST_S, self._quick
        while not child.pipe.poll(LOOK_S):
            if not stopped and not self._owner.is_wanted(request):
                child.pipe.send(Stop(request.number))
                stopped = True
            if time.monotonic() > until:
                raise TimeoutError
        answer: Drawn = child.pipe.recv()
        return answer

    def _died(self, request: Request | None) -> None:
        """Start again with what it was at, unless that ends it every time."""
        was_ready = self._child is not None and bool(self._child.renderer)
        self._let_go_of_child()
        if self._closed or request is None:
            return
        blamed = request.source.block.inode if was_ready else STARTING
        self._deaths.setdefault(blamed, []).append(time.monotonic())
        if self._ends(blamed) > TRIES:
            self._owner.refuse(request, ENDS_IT if was_ready else ENDS_AT_ONCE)
            return
        if self._owner.knows(request.place):
            with self._changed:
                self._waiting.setdefault(request.place, request)

    def _let_go_of_child(self) -> None:
        """One that has ended or hangs; the next one is started when something is to be drawn."""
        if self._child is not None:
            self._child.end()
            self._child = None
            self._restarted = True

    def _ends(self, inode: int) -> int:
        """How often a volume has ended its process lately."""
        since = time.monotonic() - FORGIVEN_S
        return sum(each > since for each in self._deaths.get(inode, ()))
