"""What a presentation state says, as it is read and as it is laid over the image (PS3.3 C.10, A.33)."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from workstation.case.presentation import apply_presentation
from workstation.case.state import Tile, TileView
from workstation.dicom.entities import Frame, Instance, Patient, PixelFormat
from workstation.documents.gsps import GREYSCALE, read_presentation
from workstation.errors import NotFound, Reason, Refused
from workstation.imaging.displaysets import DisplaySet, ImageRef
from workstation.imaging.greyscale import Rescale, Window
from workstation.imaging.softcopy import Drawing, Presentation, outline
from workstation.imaging.view import ScreenPlane, screen_plane
from workstation.picture.overlaid import graphics

ROWS, COLUMNS = 60, 84
ROW_MM, COLUMN_MM = 0.7, 0.5


def item(**attributes: Any) -> Dataset:
    dataset = Dataset()
    for name, value in attributes.items():
        setattr(dataset, name, Sequence(value) if name.endswith("Sequence") else value)
    return dataset


def of(*names: str, frames: list[int] | None = None) -> list[Dataset]:
    images = [item(ReferencedSOPClassUID="1.2", ReferencedSOPInstanceUID=name) for name in names]
    for image in images if frames else ():
        image.ReferencedFrameNumber = frames
    return images


def state(**attributes: Any) -> Presentation:
    dataset = item(
        SOPClassUID=GREYSCALE,
        SOPInstanceUID="9.1",
        StudyInstanceUID="9.2",
        SeriesInstanceUID="9.3",
        ContentLabel="MARKED",
        SpecificCharacterSet="ISO_IR 192",
        ReferencedSeriesSequence=[item(SeriesInstanceUID="1.9", ReferencedImageSequence=of("1.1", "1.2"))],
        **attributes,
    )
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = DicomBytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return read_presentation(bytes(stream.getvalue()))


def instance(uid: str) -> Instance:
    pixels = PixelFormat(ROWS, COLUMNS, 1, "MONOCHROME2", 0, 16, 12, 11, 0, 1, "PixelData")
    frame = Frame(PixelSpacing=(ROW_MM, COLUMN_MM))
    return Instance(uid, "1.2", "", "1.8", "1.9", Patient(), pixels, (frame,))


SET = DisplaySet("set", tuple(ImageRef(instance(uid)) for uid in ("1.7", "1.2", "1.1")), None, None)


def framed(presentation: Presentation, width: int, height: int) -> tuple[TileView, ScreenPlane]:
    tile = apply_presentation(Tile("set"), SET, presentation)
    view = TileView(0, tile, SET, None, active=False, linked=False)
    return view, screen_plane(view.plane, tile.framing, width, height)


def pixel_at(view: TileView, screen: ScreenPlane, x: float, y: float) -> tuple[float, float]:
    """The image's (column, row), 0 at its outer corner, at a place of the screen, 0 at the tile's outer corner."""
    i, j, _ = view.grid.index(screen.point(x - 0.5, y - 0.5))
    return i + 0.5, j + 0.5


def test_references_and_frames() -> None:
    read = state()
    assert read.label == "MARKED"
    assert read.covers("1.1", 0) and not read.covers("1.7", 0)
    some = replace(read, references=tuple(replace(each, frames=(2, 3)) for each in read.references))
    assert [some.covers("1.1", frame) for frame in range(4)] == [False, True, True, False]


def test_it_goes_to_the_first_image_it_speaks_of() -> None:
    assert apply_presentation(Tile("set", image=0), SET, state()).image == 1
    assert apply_presentation(Tile("set", image=2), SET, state()).image == 2
    with pytest.raises(NotFound):
        apply_presentation(Tile("set"), replace(SET, images=SET.images[:1]), state())


def test_another_object_is_refused() -> None:
    dataset = item(SOPClassUID="1.2.840.10008.5.1.4.1.1.2", SOPInstanceUID="1", StudyInstanceUID="2")
    dataset.ImageComments = "no presentation state " * 9
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = DicomBytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    with pytest.raises(Refused) as refused:
        read_presentation(bytes(stream.getvalue()))
    assert refused.value.reason is Reason.NOT_A_PRESENTATION


def test_windows_are_those_of_the_image() -> None:
    read = state(
        RescaleSlope=2,
        RescaleIntercept=-5,
        RescaleType="HU",
        SoftcopyVOILUTSequence=[
            item(ReferencedImageSequence=of("1.1"), WindowCenter=[40, 50], WindowWidth=[400, 60]),
            item(WindowCenter=9, WindowWidth=7, VOILUTFunction="SIGMOID", WindowCenterWidthExplanation="SOFT"),
        ],
    )
    assert read.rescale == Rescale(2.0, -5.0)
    assert read.voi_of("1.1", 0) == (Window(40.0, 400.0), Window(50.0, 60.0))
    assert read.voi_of("1.2", 0) == (Window(9.0, 7.0, "SIGMOID", "SOFT"),)


@pytest.mark.parametrize("flip", ["N", "Y"])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_turned_first_and_then_flipped(rotation: int, flip: str) -> None:
    """Where the corners of the image come to lie is worked out with an array that is turned and flipped."""
    view, screen = framed(state(ImageRotation=rotation, ImageHorizontalFlip=flip), 300, 300)
    named = np.arange(4).reshape(2, 2)  # 0 1 over 2 3: the quadrants of the image
    expected = np.rot90(named, -rotation // 90)
    expected = expected[:, ::-1] if flip == "Y" else expected
    seen = [[pixel_at(view, screen, x, y) for x in (120, 180)] for y in (120, 180)]
    quadrants = [[int(column > COLUMNS / 2) + 2 * int(row > ROWS / 2) for column, row in line] for line in seen]
    assert quadrants == expected.tolist()


@pytest.mark.parametrize(("rotation", "flip"), [(0, "N"), (90, "N"), (270, "Y"), (180, "Y")])
def test_the_displayed_area_fills_the_tile(rotation: int, flip: str) -> None:
    area = item(
        DisplayedAreaTopLeftHandCorner=[11, 21], DisplayedAreaBottomRightHandCorner=[30, 50],
        PresentationSizeMode="SCALE TO FIT", PresentationPixelAspectRatio=[1, 1],
    )  # fmt: skip
    read = state(DisplayedAreaSelectionSequence=[area], ImageRotation=rotation, ImageHorizontalFlip=flip)
    wide, high = 20 * COLUMN_MM, 30 * ROW_MM
    width, height = (high, wide) if rotation % 180 else (wide, high)
    view, screen = framed(read, round(width * 20), round(height * 20))
    corners = [pixel_at(view, screen, x, y) for x in (0, screen.width) for y in (0, screen.height)]
    assert np.allclose(sorted({round(column, 3) for column, _ in corners}), [10, 30], atol=0.1)
    assert np.allclose(sorted({round(row, 3) for _, row in corners}), [20, 50], atol=0.1)


def test_magnified_is_so_many_pixels_for_one() -> None:
    area = item(
        DisplayedAreaTopLeftHandCorner=[1, 1], DisplayedAreaBottomRightHandCorner=[84, 60],
        PresentationSizeMode="MAGNIFY", PresentationPixelMagnificationRatio=3.0,
    )  # fmt: skip
    view, screen = framed(state(DisplayedAreaSelectionSequence=[area]), 500, 500)
    first, second = pixel_at(view, screen, 200, 200), pixel_at(view, screen, 203, 200)
    assert np.isclose(second[0] - first[0], 1.0)


def annotated(*drawings: Dataset, texts: list[Dataset] | None = None, images: list[Dataset] | None = None) -> Any:
    annotation = item(GraphicLayer="MARKS", ReferencedImageSequence=images or of("1.2"))
    if drawings:
        annotation.GraphicObjectSequence = Sequence(drawings)
    if texts:
        annotation.TextObjectSequence = Sequence(texts)
    layer = item(GraphicLayer="MARKS", GraphicLayerOrder=1, GraphicLayerRecommendedDisplayGrayscaleValue=32768)
    return state(GraphicAnnotationSequence=[annotation], GraphicLayerSequence=[layer])


def drawing(kind: str, data: list[float], units: str = "PIXEL", filled: str = "N") -> Dataset:
    return item(
        GraphicAnnotationUnits=units, GraphicDimensions=2, NumberOfGraphicPoints=len(data) // 2,
        GraphicData=data, GraphicType=kind, GraphicFilled=filled,
    )  # fmt: skip


def test_pixel_units_lie_on_the_image_whatever_the_framing() -> None:
    read = annotated(drawing("POLYLINE", [0, 0, 84, 60, 10.5, 20.25]))
    for changes in ({}, {"quarter_turns": 1, "flipped": True}):
        view, screen = framed(replace(read, **changes), 333, 301)
        (line,) = graphics(view, screen, 1.0)
        back = [pixel_at(view, screen, x, y) for x, y in line.points]
        assert np.allclose(back, [(0, 0), (84, 60), (10.5, 20.25)], atol=1e-6)
        assert line.grey == 127


def test_display_units_lie_on_the_displayed_area() -> None:
    read = annotated(drawing("POLYLINE", [0, 0, 1, 0.5], "DISPLAY"))
    view, screen = framed(replace(read, quarter_turns=1), 400, 400)
    (line,) = graphics(view, screen, 1.0)
    corners = np.array([screen.pixel(view.grid.point((i, j, 0)))[:2] for i in (-0.5, 83.5) for j in (-0.5, 59.5)])
    low, high = corners.min(axis=0) + 0.5, corners.max(axis=0) + 0.5
    assert np.allclose(line.points[0], low)
    assert np.allclose(line.points[1], (high[0], (low[1] + high[1]) / 2))


def test_drawings_stay_on_their_own_image() -> None:
    view, screen = framed(annotated(drawing("POINT", [5, 5]), images=of("1.1")), 300, 300)
    assert view.display_set is not None
    assert view.display_set.images[view.image].instance.SOPInstanceUID == "1.2"
    assert graphics(view, screen, 1.0) == ()


def test_a_circle_and_an_ellipse_by_their_formulas() -> None:
    circle = np.array(outline(Drawing("CIRCLE", ((10.0, 20.0), (10.0, 26.0)))))
    assert np.allclose(np.hypot(circle[:, 0] - 10, circle[:, 1] - 20), 6)
    ellipse = np.array(outline(Drawing("ELLIPSE", ((2.0, 5.0), (18.0, 5.0), (10.0, 2.0), (10.0, 8.0)))))
    assert np.allclose(((ellipse[:, 0] - 10) / 8) ** 2 + ((ellipse[:, 1] - 5) / 3) ** 2, 1)


def test_an_interpolated_line_goes_through_its_points() -> None:
    points = ((0.0, 0.0), (10.0, 5.0), (20.0, -5.0), (30.0, 0.0))
    curve = np.array(outline(Drawing("INTERPOLATED", points)))
    assert all(np.hypot(*(curve - point).T).min() < 1e-9 for point in points)
    assert len(curve) > 3 * 10


def test_text_in_its_box_with_a_line_to_what_it_names() -> None:
    text = item(
        UnformattedTextValue="Häm\r\natom", BoundingBoxAnnotationUnits="PIXEL", AnchorPointAnnotationUnits="PIXEL",
        BoundingBoxTopLeftHandCorner=[10.0, 10.0], BoundingBoxBottomRightHandCorner=[30.0, 20.0],
        BoundingBoxTextHorizontalJustification="CENTER", AnchorPoint=[50.0, 15.0], AnchorPointVisibility="Y",
    )  # fmt: skip
    view, screen = framed(annotated(texts=[text]), 300, 300)
    box, line = graphics(view, screen, 1.0)
    assert (box.text, box.align) == ("Häm\natom", "CENTER")
    assert np.allclose([pixel_at(view, screen, *point) for point in box.points], [(10, 10), (30, 20)], atol=1e-6)
    assert np.allclose([pixel_at(view, screen, *point) for point in line.points], [(50, 15), (30, 15)], atol=1e-6)


def test_masks_of_angiography_are_read() -> None:
    mask = item(MaskOperation="AVG_SUB", ApplicableFrameRange=[3, 20], MaskFrameNumbers=[1, 2])
    mask.MaskSubPixelShift = [0.5, -1.25]
    (read,) = state(MaskSubtractionSequence=[mask]).masks
    assert (read.operation, read.applicable_frames, read.mask_frames) == ("AVG_SUB", (3, 20), (1, 2))
    assert read.shift_px == (0.5, -1.25)


def test_a_shutter_and_what_cannot_be_followed() -> None:
    read = state(
        ShutterShape="CIRCULAR", CenterOfCircularShutter=[30, 42], RadiusOfCircularShutter=20,
        ShutterPresentationValue=65535, ImageRotation=45,
    )  # fmt: skip
    assert read.shutter is not None
    assert (read.shutter.circle, read.shutter.grey) == ((30, 42, 20), 255)
    assert read.odd == ("a rotation by 45 degrees",)
