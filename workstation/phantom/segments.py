"""A segmentation of many segments, for measuring how one is opened: balls in a volume, binary frames (PS3.3 A.51)."""

from io import BytesIO
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from workstation.phantom.series import uid_of

SLICE_MM = 1.5
SPACING_MM = (0.7, 0.8)


def many_segments(segments: int = 100, slices: int = 300, size: int = 512, seed: int = 1) -> bytes:
    """`segments` balls in `slices` x `size` x `size` voxels, each in about a seventh of the slices.

    No header of a patient: it is opened, never kept.
    """
    random = np.random.default_rng(seed)
    depth = max(slices // 7, 3)
    frames, packed = [], []
    y, x = np.ogrid[:size, :size]
    for number in range(1, segments + 1):
        row, column = random.integers(size // 6, size - size // 6, 2)
        radius, first = size * random.uniform(0.04, 0.12), int(random.integers(0, slices - depth))
        for k in range(depth):
            own = radius * np.sin(np.pi * (k + 0.5) / depth)
            image = (y - row) ** 2 + (x - column) ** 2 <= own * own
            packed.append(np.packbits(image, bitorder="little").tobytes())
            frames.append(_frame(number, first + k))
    made = _whole(size, segments)
    made.NumberOfFrames = len(frames)
    made.PerFrameFunctionalGroupsSequence = Sequence(frames)
    made.PixelData = b"".join(packed)
    stream = BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _item(**attributes: Any) -> Dataset:
    found = Dataset()
    for name, value in attributes.items():
        setattr(found, name, Sequence(value) if name.endswith("Sequence") else value)
    return found


def _frame(number: int, k: int) -> Dataset:
    return _item(
        FrameContentSequence=[_item(DimensionIndexValues=[number, k + 1])],
        PlanePositionSequence=[_item(ImagePositionPatient=[0.0, 0.0, SLICE_MM * k])],
        SegmentIdentificationSequence=[_item(ReferencedSegmentNumber=number)],
        DerivationImageSequence=[
            _item(
                SourceImageSequence=[
                    _item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID=uid_of("ct", k))
                ]
            )
        ],
    )


def _whole(size: int, segments: int) -> Dataset:
    made = _item(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.66.4",
        SOPInstanceUID=uid_of("segmentation", size, segments),
        StudyInstanceUID=uid_of("study"),
        SeriesInstanceUID=uid_of("series"),
        FrameOfReferenceUID=uid_of("frame"),
        Modality="SEG",
        SegmentationType="BINARY",
        Rows=size,
        Columns=size,
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        BitsAllocated=1,
        BitsStored=1,
        HighBit=0,
        PixelRepresentation=0,
        SegmentSequence=[
            _item(SegmentNumber=n, SegmentLabel=f"Ball {n}", SegmentAlgorithmType="AUTOMATIC", SegmentAlgorithmName="-")
            for n in range(1, segments + 1)
        ],
        SharedFunctionalGroupsSequence=[
            _item(
                PixelMeasuresSequence=[
                    _item(PixelSpacing=list(SPACING_MM), SliceThickness=SLICE_MM, SpacingBetweenSlices=SLICE_MM)
                ],
                PlaneOrientationSequence=[_item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
            )
        ],
    )
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made
