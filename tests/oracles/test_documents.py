"""What we write as other people's programs read it: reports, key images, pictures, presentation states."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from highdicom.sr import Comprehensive3DSR, MeasurementReport
from highdicom.sr.sop import srread
from numpy.typing import NDArray
from pydicom import dcmread

from tests.documents.findings_of_all_kinds import all_kinds
from tests.oracles.dcmtk import read_pnm
from tests.oracles.orthanc import orthanc
from tests.oracles.pixelmed import complaints
from tests.oracles.shown import Shown, shown
from workstation.case.shown_marks import ShownMarks
from workstation.documents import capture, kos, made, presented
from workstation.documents.gsps import read_presentation
from workstation.documents.sr.places import Ground, as_saved
from workstation.documents.sr.write import Document, written
from workstation.findings.finding import Finding, Source
from workstation.findings.key_image import KeyImage
from workstation.imaging.greyscale import Window
from workstation.picture.compose import compose
from workstation.picture.pixels import rgb_of
from workstation.picture.presented import presentation_of

Tool = Callable[[str], Path]
pytestmark = pytest.mark.usefixtures("qapp")
SIZE = (256, 192)
WINDOW = Window(40.5, 301.25)


class Written:
    """Every object we write, of one real CT image; the findings as they were, by name of the report."""

    def __init__(self, image: Path, folder: Path) -> None:
        self.image, self.folder = image, folder
        self.seen = shown(image)
        instance = self.seen.instance
        self.instance = replace(instance, InstanceNumber=1)
        source = made.header_of(image.read_bytes())
        space = instance.FrameOfReferenceUID
        self.findings = {"patient": self._findings(space), "pixels": self._findings(None)}
        for name, of in (("patient", space), ("pixels", None)):
            about = Document(source, {instance.SOPInstanceUID: instance}, self.ground(of), observer="Reader^Test")
            self._keep(name, written(self.findings[name], about))
        about = Document(source, {instance.SOPInstanceUID: instance}, self.ground(space))
        self._keep("both", written(self.findings["patient"][3:5], about))
        self._keep("region", written(self.findings["pixels"][4:5], about))
        key = KeyImage(instance.StudyInstanceUID, instance.SeriesInstanceUID, instance.SOPInstanceUID)
        images = {instance.SOPInstanceUID: instance}
        self._keep("keys", kos.written([key], source, images, description="Look here"))
        self._keep("picture", capture.written(self.rgb(), source, [(instance, 0)], "As shown"))
        self.state = presentation_of(self.framed().view, self.seen.voxels, SIZE)
        spacing = instance.frames[0].PixelSpacing
        self._keep("state", presented.written(self.state, source, images, spacing))

    def _keep(self, name: str, data: bytes) -> None:
        self.path(name).write_bytes(data)

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.dcm"

    def ground(self, space: str | None) -> Callable[[Source], Ground]:
        display_set = self.seen.view.display_set
        assert display_set is not None
        grid = display_set.image_grid(0)
        return lambda source: Ground(space, grid)

    def _findings(self, space: str | None) -> list[Finding]:
        display_set = self.seen.view.display_set
        assert display_set is not None
        grid, instance = display_set.image_grid(0), self.seen.instance
        found = []
        for each in all_kinds(self.phantom(space), None):
            points = tuple(grid.point(point) for point in each.points) if space else each.points
            label = grid.point(each.label) if space and each.label else each.label
            made_of = replace(each, points=points, label=label, frame_of_reference_uid=space)
            study, series = instance.StudyInstanceUID, instance.SeriesInstanceUID
            sources = (Source(instance.SOPInstanceUID),)
            found.append(replace(made_of, sources=sources, study_instance_uid=study, series_instance_uid=series))
        return found

    def phantom(self, space: str | None) -> Any:
        from tests.documents.findings_of_all_kinds import image

        return image(spaced=False)

    def framed(self) -> Shown:
        """The image in a window, turned and mirrored, nearer, with every mark."""
        seen = self.seen.with_framing(quarter_turns=1, mirrored=True, px_per_mm=4.0)
        seen = replace(
            seen,
            view=replace(
                seen.view, tile=replace(seen.view.tile, display=replace(seen.view.tile.display, window=WINDOW))
            ),
        )
        marks = ShownMarks(tuple(self.findings["patient"]), revision=1)
        return replace(seen, view=replace(seen.view, marks=marks))

    def rgb(self) -> NDArray[np.uint8]:
        seen = self.framed()
        return rgb_of(compose(seen.view, seen.voxels, "", SIZE, 1.0).image)


@pytest.fixture(scope="module")
def made_here(data_dir: Path, tmp_path_factory: pytest.TempPathFactory, qapp: Any) -> Written:
    image = data_dir / "derived_objects" / "highdicom" / "ct_image.dcm"
    return Written(image, tmp_path_factory.mktemp("written"))


NAMES = ("patient", "pixels", "keys", "picture", "state")
REPORTS = ("patient", "pixels")


def said_by(*command: object) -> str:
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, timeout=60, errors="replace")
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_each_object_is_as_its_definition_has_it(name: str, made_here: Written, tool: Tool) -> None:
    said = said_by(tool("dciodvfy"), "-new", made_here.path(name)).splitlines()
    assert [line for line in said if line.startswith(("Error", "Abort"))] == []
    kinds = {"patient": "Comprehensive3DSR", "pixels": "Comprehensive3DSR", "keys": "KeyObjectSelectionDocument"}
    assert kinds.get(name, "") in "\n".join(said)


@pytest.mark.parametrize("name", ("both", "region"))
def test_reports_follow_their_template(name: str, made_here: Written, tool: Tool) -> None:
    """A line and a region in one report, and a region in pixels: the validator takes seconds for each finding."""
    assert complaints(tool("java"), made_here.path(name)) == []


@pytest.mark.parametrize("name", (*REPORTS, "keys"))
def test_dcmtk_reads_each_document(name: str, made_here: Written, tool: Tool) -> None:
    said = said_by(tool("dsrdump"), "+Pn", made_here.path(name))
    assert not [line for line in said.splitlines() if line[:2] in ("E:", "F:")]
    assert "Document" in said


@pytest.mark.parametrize("name", REPORTS)
def test_dcmqi_reads_the_same_numbers(name: str, made_here: Written, tool: Tool, tmp_path: Path) -> None:
    target = tmp_path / "read.json"
    said_by(tool("tid1500reader"), "--inputDICOM", made_here.path(name), "--outputMetadata", target)
    groups = json.loads(target.read_text())["Measurements"]
    findings = made_here.findings[name]
    names = [(each["TrackingIdentifier"], finding.title) for each, finding in zip(groups, findings, strict=True)]
    assert all(theirs == ours for theirs, ours in names if ours.isascii())  # it knows no character set
    for group, finding in zip(groups, findings, strict=True):
        numbers = [float(each["value"]) for each in group.get("measurementItems", ()) if "value" in each]
        told = [each.value for each in finding.values]
        assert all(any(number == pytest.approx(value, rel=1e-9) for number in numbers) for value in told)


@pytest.mark.parametrize("name", REPORTS)
def test_highdicom_reads_them_back(name: str, made_here: Written) -> None:
    document = srread(made_here.path(name))
    assert isinstance(document, Comprehensive3DSR) and isinstance(document.content, MeasurementReport)
    planar = document.content.get_planar_roi_measurement_groups()
    lines = document.content.get_image_measurement_groups()
    findings = made_here.findings[name]
    assert len(planar) + len(lines) == len(findings)
    by_uid = {
        each.tracking_uid: each
        for each in (as_saved(each, made_here.ground(each.frame_of_reference_uid)) for each in findings)
    }
    for group in (*planar, *lines):
        told = [each.value for each in group.get_measurements()]
        assert told[: len(by_uid[group.tracking_uid].values)] == [
            each.value for each in by_uid[group.tracking_uid].values
        ]


def test_a_presentation_state_is_followed_by_dcmtk(made_here: Written, tool: Tool, tmp_path: Path) -> None:
    """The window to the last grey, the turn and the flip; dcmp2pgm looks at no displayed area."""
    said = said_by(tool("dcmpschk"), made_here.path("state"))
    assert "E:" not in said and "Error" not in said
    target = tmp_path / "shown.pgm"
    command = [tool("dcmp2pgm"), "-p", made_here.path("state"), made_here.image, target]
    subprocess.run([str(each) for each in command], check=True, capture_output=True, timeout=60)
    theirs = read_pnm(target.read_bytes())
    framing = made_here.framed().view.tile.framing
    seen = made_here.seen.with_display(window=WINDOW).with_framing(
        one_to_one=True, quarter_turns=framing.quarter_turns, mirrored=framing.mirrored
    )
    rows, columns = theirs.shape
    ours = rgb_of(compose(seen.view, seen.voxels, "", (columns, rows), 1.0, bare=True).image)
    assert np.array_equal(ours[..., 0], theirs)


def test_a_presentation_state_is_read_as_it_was_shown(made_here: Written) -> None:
    read = read_presentation(made_here.path("state").read_bytes())
    instance = made_here.instance
    assert read.voi_of(instance.SOPInstanceUID, 0) == (WINDOW,)
    assert (read.quarter_turns, read.flipped, read.inverse) == (3, True, False)
    assert read.areas == made_here.state.areas
    drawn = list(read.drawn_on(instance.SOPInstanceUID, 0))
    assert len(drawn) == sum(len(d) + len(t) for layer in made_here.state.layers for _, d, t in layer.annotations)
    assert len(drawn) > 20


def test_a_picture_is_what_the_composer_painted(made_here: Written) -> None:
    """Burnt in, and said to be; whose it is and what it was made of stand in it."""
    read = dcmread(made_here.path("picture"))
    assert np.array_equal(read.pixel_array, made_here.rgb())
    assert read.BurnedInAnnotation == "YES"
    assert read.SourceImageSequence[0].ReferencedSOPInstanceUID == made_here.instance.SOPInstanceUID
    assert str(read.PatientName) == str(dcmread(BytesIO(made_here.image.read_bytes())).PatientName)


def test_orthanc_keeps_each_byte(made_here: Written, tool: Tool, tmp_path: Path) -> None:
    with orthanc(tool("Orthanc"), tmp_path) as archive:
        for name in NAMES:
            data = made_here.path(name).read_bytes()
            assert archive.file(archive.store(data)) == data
        assert archive.count("studies") == 1
