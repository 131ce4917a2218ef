"""Saving from the window: what is captured here becomes documents in a job, and what came of it is said in one line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QStandardPaths, Signal

from workstation import jobs
from workstation.case.drawing_saved import SAVED
from workstation.case.key_commands import key_of
from workstation.case.registering import left_behind
from workstation.case.save import Done, ToSave, save, save_object, to_save
from workstation.case.state import Case, TileView
from workstation.dicom.looks import lossy_text
from workstation.documents.sr.codes import Code
from workstation.errors import HounsfieldError
from workstation.findings.key_image import KeyImage
from workstation.imaging.volume import Voxels
from workstation.paths import Home
from workstation.picture.fused import LoadedLayer
from workstation.picture.page import layers_for
from workstation.security import acts
from workstation.ui.importing import sentence_of

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

NOTHING: Final = "All that was measured, marked and chosen here is saved."
NOT_TAKEN_BACK: Final = (
    "No image is a key image any more; the selection that was saved stays in the study, since none can be empty."
)
UNDER_WAY: Final = "What was saved last is still being written."
AS_SHOWN: Final = "As shown"
NOT_A_STACK: Final = "Only a stack of stored images can be kept as it is shown; a picture of this tile can be saved."


@dataclass(frozen=True)
class Kept:
    """What became of one study: what was saved, and why it stays here, if it does."""

    done: Done
    stays: str


class SaveDesk(QObject):
    """One for a window. `changed` when something begins or ends."""

    changed = Signal()

    def __init__(self, window: "MainWindow", home: Home) -> None:
        super().__init__(window)
        self._window, self._home = window, home
        self._job: jobs.Job | None = None

    @property
    def busy(self) -> bool:
        return self._job is not None and not self._job.finished

    def wanted(self, case: Case) -> tuple[ToSave, ...]:
        """What there is to save, study by study."""
        marks = case.marks
        return to_save(marks.findings, marks.keys, marks.saved, tuple(case.sets.values()), marks.segments)

    def why_not(self, case: Case | None) -> str:
        if case is None:
            return "No study is open."
        if self.busy or self.wanted(case):
            return UNDER_WAY if self.busy else ""
        return NOT_TAKEN_BACK if case.marks.saved.keys and not case.marks.keys else NOTHING

    def left_behind(self, case: Case | None, key: str) -> str:
        """What stays on this computer as drafts when a case is left, for one line; empty where all is saved.

        `key` is the key that saves.
        """
        wanted = self.wanted(case) if case is not None else ()
        registered = left_behind(case) if case is not None else ""
        if case is None or not wanted:
            return registered
        marks, saved = case.marks, case.marks.saved
        told = [
            _counted(sum(saved.state(each) != SAVED for each in marks), "finding"),
            _counted(sum(saved.state(each) != SAVED for each in marks.segments), "segment"),
            _counted(len(set(marks.keys) - saved.keys), "key image"),
        ]
        what = ", ".join(each for each in told if each) or "What was removed or changed"
        way = f"Open the study again and press {key} to save." if key else "Open the study again to save."
        return f"Kept here as drafts, not saved for others: {what}. {way} {registered}".rstrip()

    # ------------------------------------------------------------ findings and key images

    def save(self, case: Case) -> None:
        """Save what is not saved yet of every study on the page."""
        wanted, home = self.wanted(case), self._home
        voxels = {
            each.tracking_uid: self._window.reading.findings.segments.voxels(each) for each in case.marks.segments
        }
        self._begin(
            "Save findings",
            lambda job: [_saved(home, each, job.check, voxels) for each in wanted],
            lambda kept: _took(case, kept),
        )

    # --------------------------------------------------------------- what a tile shows

    def capture(self, case: Case) -> None:
        """Keep a picture of the active tile, with all that is written on it."""
        shown = self._shown(case)
        if shown is not None:
            layered = layers_for(shown[0], case, self._window.loader)
            self._begin(
                "Save a picture",
                lambda job: _captured(self._home, *shown, layered),
                lambda kept: said([kept], "a picture"),
            )

    def keep(self, study: str, title: str, make: Callable[[], bytes], what: str) -> None:
        """Keep an object of a study that a job makes."""
        self._begin(title, lambda job: _kept(self._home, study, make()), lambda kept: said([kept], what))

    def present(self, case: Case) -> None:
        """Keep how the active tile shows its series."""
        shown = self._shown(case)
        if shown is not None:
            what = "how this series is shown"
            self._begin(
                "Save how it is shown", lambda job: _presented(self._home, *shown), lambda kept: said([kept], what)
            )

    def export(self, case: Case) -> None:
        """Write a picture of the active tile, with its marks and without a name, to the folder for exports."""
        shown = self._shown(case)
        if shown is not None:
            folder = export_folder(self._home, self._window.settings.text("export.folder"))
            layered = layers_for(shown[0], case, self._window.loader)
            self._begin(
                "Export a picture",
                lambda job: _exported(folder, *shown, layered),
                lambda path: f"Exported to {path}. It names no patient; what is burnt into the pixels stays.",
            )

    def reject(self, case: Case, title: Code, reason: Code | None) -> None:
        """Tell the archive that the image on the active tile is not to be used, and why."""
        key, shown = key_of(case.view(case.active)), self._shown(case)
        if key is not None and shown is not None:
            said_why = (reason or title).meaning
            self._begin(
                "Reject an image",
                lambda job: _rejected(self._home, key, shown[0], shown[2], title, reason),
                lambda kept: said([kept], f"that this image is rejected ({said_why})"),
            )

    def _shown(self, case: Case) -> tuple[TileView, Voxels, str, tuple[int, int], float] | None:
        """The active tile as it stands, with its voxels, in the size it has on its screen."""
        view = case.view(case.active)
        loading = self._window.loader.get(view.display_set.key) if view.display_set else None
        for grid in self._window.reading.grids:
            for tile in grid.tiles:
                if tile.number == case.active and loading is not None and view.display_set is not None:
                    uid = view.display_set.images[view.image].instance.SOPInstanceUID
                    size = (tile.rect.width(), tile.rect.height())
                    return view, loading.voxels, case.digests[uid], size, tile.ratio
        return None

    # --------------------------------------------------------------------- jobs

    def _begin(self, title: str, work: Callable[[jobs.Job], Any], then: Callable[[Any], str]) -> None:
        self._window.say("Saving …")
        self._job = jobs.run(title, work, lambda kept: self._ended(then(kept)), self._failed)
        self.changed.emit()

    def _ended(self, sentence: str) -> None:
        self._window.say(sentence)
        self._window.refresh()
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        """What was drawn is kept as drafts whatever happens here."""
        self._window.say(f"Not saved: {sentence_of(error).rstrip('.')}. It stays here as a draft.")
        self.changed.emit()

    def facts(self) -> dict[str, Any]:
        """What is not saved yet, in plain JSON values."""
        case = self._window.reading.case
        wanted = self.wanted(case) if case is not None else ()
        return {
            "busy": self.busy,
            "unsaved": sum(each.findings_changed + each.keys_changed + len(each.groups) for each in wanted),
            "keys": len(case.marks.keys) if case is not None else 0,
        }


def said(kept: Sequence[Kept], what: str = "") -> str:
    """What was saved and where it will go, for one line."""
    parts = []
    for each in kept:
        told = what or _what(each.done)
        if told:
            count = len(each.done.findings) + len(each.done.keys) + len(each.done.segments)
            one = bool(what) or count <= 1
            goes, stays = ("it goes", "it stays") if one else ("they go", "they stay")
            where = f"{goes} to {each.done.node}" if each.done.node else f"{stays} on this computer: {each.stays}"
            parts.append(f"Saved {told}; {where}.")
        if each.done.left:
            count = len(each.done.left)
            words = "finding stays a draft: it lies" if count == 1 else "findings stay drafts: they lie"
            parts.append(f"{count} {words} in no frame of reference and on no single image.")
        if each.done.segments_left:
            count = len(each.done.segments_left)
            words = "segment stays a draft: it lies" if count == 1 else "segments stay drafts: they lie"
            parts.append(f"{count} {words} on no whole stack of images.")
    return " ".join(parts) or NOTHING


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}" if count else ""


def _what(done: Done) -> str:
    told = []
    if done.findings_saved:
        count = len(done.findings)
        told.append(f"{count} finding{'s' if count != 1 else ''}" if count else "that there are no findings any more")
    if done.segments_saved:
        count = len(done.segments)
        told.append(f"{count} segment{'s' if count != 1 else ''}" if count else "that there are no segments any more")
    if done.keys_saved:
        told.append(f"{len(done.keys)} key image{'s' if len(done.keys) != 1 else ''}")
    return ", ".join(told[:-1]) + " and " + told[-1] if len(told) > 1 else "".join(told)


def _took(case: Case, kept: list[Kept]) -> str:
    """On the main thread: the marks are those of documents now."""
    for each in kept:
        segments = {segment.tracking_uid: segment for segment in each.done.segments}
        case.marks.were_saved(each.done.findings, each.done.taken_over(case.marks.saved), segments)
    return said(kept)


def _saved(home: Home, wanted: ToSave, check: Callable[[], None], voxels: Mapping[str, Voxels | None]) -> Kept:
    """In a job. `voxels` are what segments lie on, by tracking UID."""
    from workstation.traffic import origin

    node, stays = origin.node_of(home, wanted.study_instance_uid)
    return Kept(save(home, wanted, node, check=check, voxels_of=lambda each: voxels.get(each.tracking_uid)), stays)


def _kept(home: Home, study: str, data: bytes) -> Kept:
    from workstation.traffic import origin

    node, stays = origin.node_of(home, study)
    return Kept(save_object(home, study, data, node), stays)


def _captured(
    home: Home,
    view: TileView,
    voxels: Voxels,
    digest: str,
    size: tuple[int, int],
    ratio: float,
    layered: Sequence[LoadedLayer],
) -> Kept:
    """In a job: the one composer paints it anew, without the frame of the active tile."""
    from dataclasses import replace

    from workstation.cache import files
    from workstation.documents import capture, made
    from workstation.picture.compose import compose
    from workstation.picture.pixels import rgb_of

    display_set = view.display_set
    if display_set is None:
        raise HounsfieldError("This tile is empty.")
    shown = compose(replace(view, active=False), voxels, "", size, ratio, layered=layered)
    ref = display_set.images[view.image]
    source = made.header_of(files.read(home, digest))
    lossy = [("ISO_10918_1", ref.instance.LossyImageCompressionRatio or 1.0)] if lossy_text(ref.instance) else []
    of_all = view.tile.turning is not None or view.tile.scene is not None
    sources = [(each.instance, each.frame) for each in (display_set.images if of_all else (ref,))]
    data = capture.written(rgb_of(shown.image), source, sources, f"{AS_SHOWN}, with its marks", lossy)
    return _kept(home, display_set.study_instance_uid, data)


def export_folder(home: Home, chosen: str) -> Path:
    """The folder for exports that is meant by a setting."""
    if chosen.strip():
        return home.root / Path(chosen.strip()).expanduser()
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    return Path(pictures or Path.home()) / "Hounsfield"


def _exported(
    folder: Path,
    view: TileView,
    voxels: Voxels,
    digest: str,
    size: tuple[int, int],
    ratio: float,
    layered: Sequence[LoadedLayer],
) -> Path:
    """In a job. The name of the file says when and what kind, never who (safety.md 23)."""
    from workstation.picture.exported import exported

    display_set = view.display_set
    if display_set is None:
        raise HounsfieldError("This tile is empty.")
    with acts.doing(acts.Kind.EXPORT, study=display_set.study_instance_uid):
        image, _ = exported(view, voxels, size, ratio, layered)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stem = f"{datetime.now():%Y%m%d-%H%M%S-%f}-{display_set.first.Modality or 'image'}"
            path = folder / f"{stem}.png"
            if not image.save(str(path)):
                raise OSError
        except OSError as error:
            raise HounsfieldError(f"Nothing can be written to {folder}.") from error
    return path


def _rejected(home: Home, key: KeyImage, view: TileView, digest: str, title: Code, reason: Code | None) -> Kept:
    """In a job."""
    from workstation.cache import files
    from workstation.documents import kos, made

    with acts.doing(acts.Kind.REJECT, study=key.study_instance_uid):
        ref = view.display_set.images[view.image] if view.display_set is not None else None
        if ref is None:
            raise HounsfieldError("This tile is empty.")
        images = {key.sop_instance_uid: ref.instance}
        data = kos.written([key], made.header_of(files.read(home, digest)), images, title=title, reason=reason)
        return _kept(home, key.study_instance_uid, data)


def _presented(home: Home, view: TileView, voxels: Voxels, digest: str, size: tuple[int, int], ratio: float) -> Kept:
    """In a job."""
    from workstation.cache import files
    from workstation.documents import made, presented
    from workstation.picture.presented import presentation_of

    display_set = view.display_set
    if display_set is None:
        raise HounsfieldError("This tile is empty.")
    state = presentation_of(view, voxels, size)
    images = {ref.instance.SOPInstanceUID: ref.instance for ref in display_set.images}
    spacing = display_set.images[view.image].attributes.PixelSpacing
    data = presented.written(state, made.header_of(files.read(home, digest)), images, spacing)
    return _kept(home, display_set.study_instance_uid, data)


def why_no_state(case: Case) -> str:
    """Why what the active tile shows cannot be kept; what only the job finds out it says itself."""
    tile = case.tiles[case.active]
    if tile.display_set is None:
        return "This tile is empty."
    if not tile.is_stack or tile.display.subtracted:
        return NOT_A_STACK
    return ""
