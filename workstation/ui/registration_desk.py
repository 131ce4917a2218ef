"""Registering on the reading page: the engine in a job with a live preview, saved registrations read and written."""

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from workstation import jobs
from workstation.cache import rejected
from workstation.case import linking
from workstation.case import registering as by
from workstation.case.registration_documents import read_registrations, save_registration, take_up
from workstation.case.save import Done
from workstation.case.state import Case
from workstation.documents.registration_read import Document
from workstation.errors import Cancelled, HounsfieldError
from workstation.imaging.alignment import Kind, Registration, new_uid
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Matrix
from workstation.imaging.together import same_patient
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.ui.registration_panel import RegistrationPanel

if TYPE_CHECKING:
    from workstation.ui.reading_page import ReadingPage

PREVIEW_EVERY_S: Final = 0.25
STEPS: Final = 1000
BY_PERSON: Final = ("by hand", "landmarks")
"""Registrations of these makers, or moved since, are where the engine begins."""

ACCEPT_FIRST: Final = "Nobody has accepted this registration yet; what is saved others will rely on."
NOT_MOVED: Final = "It lies where it was scanned: there is nothing to save."
NO_PRIOR: Final = "No prior with a volume of this modality is here."


class RegistrationDesk(QObject):
    """Belongs to one reading page; `said` are sentences, `changed` follows what begins and ends."""

    said = Signal(str)
    changed = Signal()

    def __init__(self, page: "ReadingPage", home: Home, loader: Loader) -> None:
        super().__init__(page)
        self._page, self._home, self._loader = page, home, loader
        self._case: Case | None = None
        self._job: jobs.Job | None = None
        self._waits: tuple[by.Sides, Kind] | None = None
        self._running = ""
        """The uid of the preview while the engine runs."""
        self._previewed_s = 0.0
        self._saving: jobs.Job | None = None
        self._documents: tuple[Document, ...] = ()
        self.problems: tuple[str, ...] = ()
        self._kept_rejected: frozenset[str] = frozenset()
        self._keeping = False
        self.panel = RegistrationPanel(self)
        page.changed.connect(self.panel.follow)
        page.changed.connect(self._keep_rejected)
        self.changed.connect(self.panel.follow)

    @property
    def case(self) -> Case | None:
        return self._case

    @property
    def job(self) -> jobs.Job | None:
        """The engine at work."""
        return self._job

    @property
    def is_busy(self) -> bool:
        return self._job is not None or self._waits is not None

    @property
    def waits_for_images(self) -> bool:
        return self._waits is not None

    def show_case(self, case: Case | None) -> None:
        """Another case is shown, or more of it: read what its studies say of their frames."""
        if case is not self._case:
            self._keep_rejected()
            self.stop()
            if self._case is not None:
                self._case.placed.disconnect(self._placed)
            if case is not None:
                case.placed.connect(self._placed)
            self._case, self._documents, self.problems = case, (), ()
            self._kept_rejected = frozenset()
        self.panel.show_case(case)
        if case is not None:
            home, sets = self._home, dict(case.sets)
            jobs.run(
                "Read registrations",
                lambda job: read_registrations(home, sets),
                lambda found: self._read(case, *found),
                failed=lambda error: None,
                lane=jobs.Lane.LATER,
            )

    def _placed(self, keys: tuple[str, ...]) -> None:
        """What is in memory lies where the sets of the case lie."""
        sets = self._case.sets if self._case is not None else {}
        for key in keys:
            if key in sets:
                self._loader.place(sets[key])
        self._page.findings.measure()

    def _read(
        self, case: Case, documents: tuple[Document, ...], problems: tuple[str, ...], gone: frozenset[str]
    ) -> None:
        if case is self._case:
            self._documents, self.problems = documents, problems
            self._kept_rejected |= gone
            if take_up(case, documents, gone):
                self.changed.emit()
            self.panel.follow()

    def _keep_rejected(self) -> None:
        """Write down which saved registrations the reader rejects, and takes back."""
        case, home, kept = self._case, self._home, self._kept_rejected
        if case is None or self._keeping or case.registering.rejected == kept:
            return
        self._keeping = True
        now = self._kept_rejected = case.registering.rejected
        jobs.run(
            "Keep what was rejected",
            lambda job: rejected.keep(home, now - kept, kept - now),
            lambda _: self._rejection_kept(""),
            lambda error: self._rejection_kept("That it was rejected could not be written down."),
            lane=jobs.Lane.LATER,
        )

    def _rejection_kept(self, problem: str) -> None:
        self._keeping = False
        if problem:
            self.said.emit(problem)
        self._keep_rejected()

    # ------------------------------------------------------------------ engine

    def why_not_start(self) -> str:
        case = self._case
        if case is None or not case.tiles:
            return "No study with images is open."
        return "" if self.is_busy else by.why_no_pair(case)

    def start(self, kind: Kind) -> None:
        """Have the engine lay the two on each other, once both are whole; while it runs, stop it."""
        case = self._case
        if self.is_busy:
            self.stop()
            return
        there = by.sides(case) if case is not None else None
        if case is None or there is None:
            self.said.emit(by.NO_PAIR)
            return
        self._waits = there, kind
        for each in (there.fixed, there.moving):
            self._loader.open(each, case.digests, len(each.images) // 2)
        self.arrived()
        self.changed.emit()

    def arrived(self) -> None:
        """More voxels are there: begin where both sides are whole."""
        case = self._case
        if self._waits is None or case is None:
            return
        there, kind = self._waits
        voxels = self._whole(there.fixed.key), self._whole(there.moving.key)
        if voxels[0] is not None and voxels[1] is not None:
            self._waits = None
            self._begin(case, there, kind, voxels[0], voxels[1])

    def _whole(self, key: str) -> Voxels | None:
        loading = self._loader.get(key)
        return loading.voxels if loading is not None and loading.voxels.whole else None

    def _begin(self, case: Case, there: by.Sides, kind: Kind, fixed: Voxels, moving: Voxels) -> None:
        start = _start(case, there)
        case.registering.running = self._running = new_uid()
        sources = (there.fixed.series_instance_uid, there.moving.series_instance_uid)
        run = Registration(self._running, *there.frames, np.eye(4), kind, sources=sources, under_way=True)
        words = f"Register {there.moving.first.Modality} with {there.fixed.first.Modality}"
        self._job = jobs.run(
            words,
            lambda job: self._work(job, case, run, fixed, moving, start),
            lambda found: self._found(case, found),
            lambda error: self._failed(case, error),
        )
        self.changed.emit()

    def _work(
        self, job: jobs.Job, case: Case, run: Registration, fixed: Voxels, moving: Voxels, start: Matrix | None
    ) -> Registration:
        """In a job."""
        from workstation.imaging.late import load_scipy, load_simpleitk
        from workstation.imaging.registration import Step, register
        from workstation.imaging.registration_sides import taken

        def heard(step: Step) -> None:
            job.done, job.total = round(step.share * STEPS), STEPS
            now = time.monotonic()
            if now - self._previewed_s >= PREVIEW_EVERY_S:
                self._previewed_s = now
                jobs.post(partial(self._preview, case, replace(run, matrix=np.asarray(step.matrix))))

        load_scipy()
        load_simpleitk()
        sides = [taken(each, lambda done, total: job.check()) for each in (fixed, moving)]
        return register(sides[0], sides[1], run.kind, start, heard, lambda: job.cancelled)

    def _preview(self, case: Case, run: Registration) -> None:
        if run.uid == self._running and case is self._case:
            by.preview(case, run)
            linking.follow(case, case.active)

    def _ended(self, case: Case) -> None:
        """What was laid for the preview is laid no more."""
        self._running, self._job = "", None
        by.preview_ended(case)

    def _found(self, case: Case, found: Registration) -> None:
        self._ended(case)
        by.found(case, found)
        linking.follow(case, case.active)
        word = f": {found.quality.word}" if found.quality is not None else ""
        self.said.emit(f"Registered{word}. Look at it, then accept or reject it.")
        self.changed.emit()

    def _failed(self, case: Case, error: Exception) -> None:
        self._ended(case)
        if isinstance(error, Cancelled):
            self.said.emit("Stopped: nothing was registered.")
        else:
            sentence = error.sentence if isinstance(error, HounsfieldError) else type(error).__name__
            self.said.emit(f"Not registered: {sentence.rstrip('.')}.")
        self.changed.emit()

    def stop(self) -> None:
        """Stop the engine, or no longer wait for images."""
        self._waits = None
        if self._job is not None:
            self._job.cancel()
        self.changed.emit()

    def with_prior(self) -> None:
        """Lay the prior of the active tile's modality on what is read."""
        case = self._case
        found = prior_pair(case) if case is not None else None
        if case is None or found is None:
            self.said.emit(NO_PRIOR)
            return
        by.choose(case, found.fixed.key, found.moving.key)
        self.start("rigid")

    # -------------------------------------------------------------------- keep

    def why_not_save(self) -> str:
        case = self._case
        if case is None or not case.tiles:
            return "No study with images is open."
        if self._saving is not None:
            return "The last registration is still being written."
        registration = by.in_force(case)
        if registration is None:
            return by.why_not_registered(case)
        if not registration.accepted:
            return ACCEPT_FIRST
        if registration.is_within and registration.field is None and np.allclose(registration.matrix, np.eye(4)):
            return NOT_MOVED
        return "This registration is saved." if registration.uid in case.registering.saved else ""

    def save(self) -> None:
        """Keep the accepted registration as an object of the fixed study; it goes where the study came from."""
        case, home = self._case, self._home
        registration = by.in_force(case) if case is not None else None
        if case is None or registration is None or (why := self.why_not_save()):
            self.said.emit(why if case is not None and registration is not None else by.NOTHING)
            return
        sets = dict(case.sets)
        self._saving = jobs.run(
            "Save a registration",
            lambda job: _saved(home, registration, dict(sets)),
            lambda kept: self._kept(case, registration, *kept),
            self._not_kept,
        )
        self.changed.emit()

    def _kept(self, case: Case, registration: Registration, done: Done, stays: str) -> None:
        self._saving = None
        case.registering.saved |= {registration.uid}
        where = f"it goes to {done.node}" if done.node else f"it stays on this computer: {stays}"
        self.said.emit(f"Saved the registration; {where}.")
        self.changed.emit()

    def _not_kept(self, error: Exception) -> None:
        self._saving = None
        sentence = error.sentence if isinstance(error, HounsfieldError) else type(error).__name__
        self.said.emit(f"The registration was not saved: {sentence.rstrip('.')}.")
        self.changed.emit()


def _saved(home: Home, registration: Registration, sets: dict[str, DisplaySet]) -> tuple[Done, str]:
    """In a job."""
    from workstation.traffic import origin

    fixed = next(each for each in sets.values() if each.first.FrameOfReferenceUID == registration.fixed)
    node, stays = origin.node_of(home, fixed.study_instance_uid)
    return save_registration(home, registration, sets, node), stays


def _start(case: Case, there: by.Sides) -> Matrix | None:
    """Where the engine begins: what a person laid is near already."""
    registration = case.alignment.registration(*there.frames)
    if registration is None or not any(each in registration.made_by for each in BY_PERSON):
        return None
    laid = case.alignment.between(*there.frames)
    return laid.matrix if laid is not None and laid.uid else None


def prior_pair(case: Case) -> by.Sides | None:
    """What is read and the prior of its modality with the most images, in another frame of reference."""
    first = case.first
    tile = case.tiles[case.active] if case.tiles else None
    own = case.sets[tile.display_set] if tile is not None and tile.display_set else None
    if first is None or own is None:
        return None
    volumes = [each for each in by.could_be(case) if each.first.Modality == own.first.Modality]
    current = [each for each in volumes if each.study_instance_uid == first.StudyInstanceUID]
    current.sort(key=lambda each: (each.key != own.key, -len(each.images)))
    priors = [each for each in volumes if each.study_instance_uid != first.StudyInstanceUID]
    priors.sort(key=lambda each: (each.key != own.key, each.key not in _hung(case), -len(each.images)))
    return next((by.Sides(a, b) for a in current for b in priors if by.fits(a, b) and same_patient(a, b)), None)


def _hung(case: Case) -> set[str]:
    return {key for number in case.shown if (key := case.tiles[number].display_set)}
