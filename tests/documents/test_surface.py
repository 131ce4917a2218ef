"""A surface as Encapsulated STL: as the standard has it, kept by an archive to the bit, and of the size it had."""

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
import trimesh

from tests.oracles.orthanc import orthanc
from workstation.dicom.header import read_instance
from workstation.documents.made import header_of
from workstation.documents.surface import read_surface, write_surface
from workstation.errors import HounsfieldError, Reason, Refused
from workstation.imaging.mesh import Mesh
from workstation.phantom.dicom import write_series
from workstation.phantom.shapes import shapes_phantom

CORNERS = np.array([(-7, 3, 50), (4, 3, 50), (-7, 22, 50), (-7, 3, 63)], np.float32)
SOLID = Mesh(CORNERS, np.array([(0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2)], np.int32))
TITLE = "Wirbelkörper"


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("source")
    write_series(shapes_phantom()[0], folder)
    return [each.read_bytes() for each in sorted(folder.rglob("*.dcm"))[:3]]


@pytest.fixture(scope="module")
def written(images: list[bytes]) -> bytes:
    return write_surface(SOLID, header_of(images[0]), [read_instance(each) for each in images], TITLE)


def test_it_is_what_the_standard_asks_for(written: bytes, tool: Callable[[str], Path], tmp_path: Path) -> None:
    file = tmp_path / "s.dcm"
    file.write_bytes(written)
    said = subprocess.run([tool("dciodvfy"), "-new", file], capture_output=True, text=True).stderr
    assert "EncapsulatedSTL" in said
    assert not [line for line in said.splitlines() if line.startswith("Error")], said


def test_it_belongs_to_the_patient_and_its_mesh_names_nobody(written: bytes, images: list[bytes]) -> None:
    read, source = pydicom.dcmread(io.BytesIO(written)), pydicom.dcmread(io.BytesIO(images[0]))
    for keyword in ("PatientID", "PatientName", "StudyInstanceUID", "FrameOfReferenceUID"):
        assert read[keyword].value == source[keyword].value
    assert read.Modality == "M3D" and read.SeriesInstanceUID != source.SeriesInstanceUID
    assert [item.ReferencedSOPInstanceUID for item in read.SourceInstanceSequence] == [
        pydicom.dcmread(io.BytesIO(each)).SOPInstanceUID for each in images
    ]
    assert read.MeasurementUnitsCodeSequence[0].CodeValue == "mm" and read.DocumentTitle == TITLE
    mesh = bytes(read.EncapsulatedDocument)
    assert b"Phantom" not in mesh and str(source.PatientID).encode() not in mesh
    other = trimesh.load(io.BytesIO(mesh[: read.EncapsulatedDocumentLength]), file_type="stl")
    assert other.is_watertight and other.volume == pytest.approx(11 * 19 * 13 / 6)
    assert np.allclose(other.bounds, SOLID.bounds_mm)


def test_it_is_read_again(written: bytes) -> None:
    mesh, title = read_surface(written)
    assert title == TITLE and mesh.watertight and mesh.bounds_mm == SOLID.bounds_mm
    read = pydicom.dcmread(io.BytesIO(written))
    read.MeasurementUnitsCodeSequence[0].CodeValue = "um"
    micro = io.BytesIO()
    read.save_as(micro)
    assert read_surface(micro.getvalue())[0].bounds_mm[1] == pytest.approx((0.004, 0.022, 0.063))
    read.MeasurementUnitsCodeSequence[0].CodeValue = "s"
    wrong = io.BytesIO()
    read.save_as(wrong)
    with pytest.raises(HounsfieldError):
        read_surface(wrong.getvalue())


def test_an_archive_keeps_it(written: bytes, tool: Callable[[str], Path], tmp_path: Path) -> None:
    with orthanc(tool("Orthanc"), tmp_path) as archive:
        assert read_surface(archive.file(archive.store(written)))[0].bounds_mm == SOLID.bounds_mm


def test_without_a_frame_of_reference_or_a_surface_there_is_none(images: list[bytes]) -> None:
    source = header_of(images[0])
    with pytest.raises(Refused) as refused:
        write_surface(Mesh(CORNERS, np.empty((0, 3), np.int32)), source, [], TITLE)
    assert refused.value.reason is Reason.NO_SURFACE
    del source.FrameOfReferenceUID
    with pytest.raises(Refused) as refused:
        write_surface(SOLID, source, [], TITLE)
    assert refused.value.reason is Reason.NO_FRAME
