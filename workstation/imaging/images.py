"""One image of an instance by name, and the notices that go with what is shown."""

from dataclasses import dataclass

from workstation.dicom.entities import Frame, Instance
from workstation.imaging.geometry import Vec3, is_orientation


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader must know of what is on screen: a word for the chip, a sentence for the rest."""

    chip: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ImageRef:
    """Image `frame` (from 0) of an instance: a stored frame, or a tile of a mosaic."""

    instance: Instance
    frame: int = 0

    @property
    def attributes(self) -> Frame:
        frames = self.instance.frames
        return frames[self.frame] if self.frame < len(frames) else frames[0]

    @property
    def stored_frame(self) -> int:
        """The frame of PixelData that holds it."""
        return 0 if self.crop else self.frame

    @property
    def crop(self) -> tuple[int, int, int, int] | None:
        """First row, first column, rows and columns of this image in its stored frame; None when it is all of it."""
        return self.attributes.tile

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the image."""
        if self.crop:
            return self.crop[2], self.crop[3]
        pixels = self.instance.pixels
        return (pixels.Rows, pixels.Columns) if pixels else (1, 1)

    @property
    def position_lps(self) -> Vec3 | None:
        """ImagePositionPatient of this very frame; the shared header of a multi-frame object places none."""
        frames = self.instance.frames
        if self.frame >= len(frames) or (len(frames) == 1 and self.instance.images > 1):
            return None
        return frames[self.frame].ImagePositionPatient

    @property
    def in_patient(self) -> bool:
        """Whether it has a place in the patient."""
        return self.position_lps is not None and is_orientation(self.attributes.ImageOrientationPatient)

    @property
    def kind(self) -> tuple[str, ...]:
        """FrameType, else ImageType (PS3.3 C.7.6.1.1.2, C.8.16.1)."""
        return self.attributes.FrameType or self.instance.ImageType

    @property
    def order(self) -> tuple[int, str, int]:
        """Sort key: by InstanceNumber, then as written in the file."""
        number = self.instance.InstanceNumber
        return (number if number is not None else 1 << 30, self.instance.SOPInstanceUID, self.frame)
