"""What is shown along a curve as a Secondary Capture of its study; in a job.

It has no place in the patient and says none: neither position nor pixel spacing, since only lengths along the line and
straight across it are true. How long things are is drawn into it.
"""

from dataclasses import dataclass
from typing import Final

from workstation.case.state import TileView
from workstation.dicom.looks import lossy_text
from workstation.imaging.volume import Voxels
from workstation.paths import Home
from workstation.picture.curve_pane import Pane

PICTURE_PX: Final = (1400, 480)
"""Size of the picture: as wide as its words need, whatever the window is."""

MOST_TEXT: Final = 1000


@dataclass(frozen=True)
class ToSave:
    """What is shown, captured on the main thread. `digest` is that of the set's first image."""

    home: Home
    digest: str
    view: TileView
    voxels: Voxels
    pane: Pane

    @property
    def study_instance_uid(self) -> str:
        return self.voxels.display_set.study_instance_uid

    def made(self) -> bytes:
        """The file; an audience's picture names nobody."""
        from workstation.cache import files
        from workstation.documents import capture, made
        from workstation.picture.curve_still import images_met, still, who_it_is
        from workstation.picture.pixels import rgb_of

        first, pane = self.voxels.display_set.first, self.pane
        who = "" if self.view.audience else who_it_is(first)
        image, facts = still(self.view, self.voxels, pane, PICTURE_PX, 1.0, who)
        lossy = [("ISO_10918_1", first.LossyImageCompressionRatio or 1.0)] if lossy_text(first) else []
        said = (facts["head"], f"{facts['length_mm']:.1f} mm long", *facts["words"])
        images = [(each.instance, each.frame) for each in images_met(self.voxels, pane.followed.points)]
        source = made.header_of(files.read(self.home, self.digest))
        description = "; ".join(said)[:MOST_TEXT]
        return capture.written(rgb_of(image), source, images, description, lossy, derived_by=capture.CURVED)
