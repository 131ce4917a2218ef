"""Display sets and cases made of headers alone: stacks at given places, hung side by side."""

from collections.abc import Sequence

import numpy as np

from workstation.case.state import Case
from workstation.dicom.entities import Frame, Instance, Patient, PixelFormat
from workstation.hanging.hang import Plan, PlannedStage, PlannedTile
from workstation.imaging.displaysets import DisplaySet, display_sets

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
ANNA = Patient("A", "", "Anna", "19500101", "F")
BERT = Patient("B", "", "Bert", "19510101", "M")


def stack(
    series: str,
    count: int = 10,
    step_mm: float = 5.0,
    start_mm: float = 0.0,
    orientation: Sequence[float] = AXIAL,
    spacing: tuple[float, float] = (0.8, 0.6),
    shape: tuple[int, int] = (40, 60),
    center: tuple[float, float, float] = (0.0, 0.0, 0.0),
    frame: str = "1.9",
    study: str = "1.1",
    patient: Patient = ANNA,
    modality: str = "CT",
    placed: bool = True,
    calibrated: bool = True,
    descending: bool = False,
) -> DisplaySet:
    """Images along their normal from `start_mm`, `step_mm` apart, their middles over `center`."""
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    normal = np.cross(row, column)
    corner = np.array(center) - row * spacing[1] * (shape[1] - 1) / 2 - column * spacing[0] * (shape[0] - 1) / 2
    pixels = PixelFormat(
        Rows=shape[0], Columns=shape[1], SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2",
        PlanarConfiguration=0, BitsAllocated=16, BitsStored=16, HighBit=15, PixelRepresentation=1, NumberOfFrames=1,
        keyword="PixelData",
    )  # fmt: skip
    instances = []
    for index in range(count):
        at = corner + normal * (start_mm + index * step_mm)
        one = Frame(
            ImagePositionPatient=tuple(float(each) for each in at) if placed else None,
            ImageOrientationPatient=tuple(float(each) for each in orientation) if placed else None,
            PixelSpacing=spacing if calibrated else None,
            SliceThickness=step_mm,
        )
        instances.append(
            Instance(
                SOPInstanceUID=f"{study}.{series}.{index}",
                SOPClassUID="1.2.840.10008.5.1.4.1.1.2",
                TransferSyntaxUID="1.2.840.10008.1.2.1",
                StudyInstanceUID=study,
                StudyDate="20240102",
                SeriesInstanceUID=f"{study}.{series}",
                SeriesNumber=int(series),
                InstanceNumber=count - index if descending else index + 1,
                patient=patient,
                pixels=pixels,
                frames=(one,),
                Modality=modality,
                FrameOfReferenceUID=frame,
            )
        )
    (found,) = display_sets(instances)
    return found


def tile(display_set: DisplaySet, **planned: object) -> PlannedTile:
    return PlannedTile(display_set.key, **planned)  # type: ignore[arg-type]


def hung(*stages: Sequence[PlannedTile], sets: Sequence[DisplaySet]) -> Case:
    """A case whose stages hold these tiles in one row each."""
    planned = tuple(PlannedStage(str(n), 1, len(tiles), tuple(tiles)) for n, tiles in enumerate(stages))
    return Case(sets, Plan("test", planned), {})


def beside(*sets: DisplaySet, link: str = "", image: int | None = None) -> Case:
    """A case with one tile for each set."""
    return hung([tile(each, link=link, image=image) for each in sets], sets=sets)
