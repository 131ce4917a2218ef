"""Written reformats before other people's programs: the standard, ITK, dcm2niix and an archive."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK

from tests.loading.opened import hounsfield, imported
from tests.oracles.orthanc import orthanc
from tests.oracles.test_geometry import VOLUMES, _unpacked
from workstation.imaging.together import share_frame

CUTS = {
    "chest": ("lidc", ("--plane", "coronal", "--slab", "12", "--mode", "mip", "--spacing", "30")),
    "brain": ("brain axial", ("--plane", "oblique", "--normal=0.2,0.3,1", "--spacing", "4")),
}


@pytest.fixture(scope="module", params=CUTS)
def cut(request: pytest.FixtureRequest, data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple:
    """The source's folder, its home, the folder of what was cut, and what the command said of it."""
    name, options = CUTS[request.param]
    folder = tmp_path_factory.mktemp("cut")
    source, modality, images = VOLUMES[name]
    _unpacked(data_dir / source, folder / "one", modality, images)
    home = imported(folder, folder / "one")
    answer = hounsfield(home, "reformat", "1.1", *options, "--out", folder / "out")
    assert answer.code == 0, answer.stderr
    return folder / "one", home, folder / "out", answer.document


def itk_image(folder: Path) -> SimpleITK.Image:
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


def test_the_standard_finds_nothing_wrong(cut: tuple, tool: Callable[[str], Path]) -> None:
    for file in sorted(cut[2].iterdir())[::7]:
        said = subprocess.run([tool("dciodvfy"), "-new", file], capture_output=True, text=True).stderr
        assert not [line for line in said.splitlines() if line.startswith("Error")], said


def test_itk_reads_the_same_geometry_and_voxels(cut: tuple) -> None:
    """Its own resampling of the source onto the grid it reads; of the thick planes, the brightest of thin ones."""
    source, _, out, said = cut
    theirs, ours = itk_image(source), itk_image(out)
    assert ours.GetSize() == (said["columns"], said["rows"], said["images"])
    assert ours.GetSpacing() == pytest.approx((said["pixel_mm"], said["pixel_mm"], said["spacing_mm"]), abs=1e-4)
    found = SimpleITK.GetArrayFromImage(ours).astype(float)
    layers = np.linspace(-6, 6, 33) if said["slab_mm"] else (0.0,)
    normal = np.array(ours.GetDirection()).reshape(3, 3)[:, 2]
    shifted = []
    for offset in layers:
        grid = SimpleITK.Image(ours.GetSize(), SimpleITK.sitkFloat32)
        grid.CopyInformation(ours)
        grid.SetOrigin((np.array(ours.GetOrigin()) + normal * offset).tolist())
        resampled = SimpleITK.Resample(theirs, grid, SimpleITK.Transform(), SimpleITK.sitkLinear, -9999.0)
        shifted.append(SimpleITK.GetArrayFromImage(resampled))
    expected = np.max(shifted, axis=0)
    inside = (np.min(shifted, axis=0) > -1900) & (found > -1900)
    assert inside.mean() > 0.25
    difference = found[inside] - expected[inside]
    if said["slab_mm"]:  # between the layers the slab goes on: it finds what they miss, never less
        assert np.mean(difference < -1.0) < 1e-3 and np.median(np.abs(difference)) <= 1.0
    else:
        assert np.mean(np.abs(difference) <= 1.0) > 0.999


def test_dcm2niix_makes_one_volume_of_it_in_the_same_place(
    cut: tuple, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    import nibabel

    command = [tool("dcm2niix"), "-f", "cut", "-o", tmp_path, cut[2]]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    (made,) = tmp_path.glob("*.nii")
    image, theirs = nibabel.load(made), itk_image(cut[2])
    assert image.shape == theirs.GetSize()
    flip = np.diag((-1.0, -1.0, 1.0))

    def corners(point: Callable[[tuple[int, int, int]], np.ndarray]) -> np.ndarray:
        last = np.subtract(image.shape, 1)
        return np.array(
            sorted(np.round(point(tuple((last * each).tolist())), 2).tolist() for each in np.ndindex(2, 2, 2))
        )

    ours = corners(lambda index: np.array(theirs.TransformIndexToPhysicalPoint(index)))
    niftis = corners(lambda index: flip @ (image.affine @ (*index, 1.0))[:3])
    assert niftis == pytest.approx(ours, abs=0.05)


def test_an_archive_takes_it_and_it_opens_in_place_beside_its_source(
    cut: tuple, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    source, _, out, said = cut
    back = tmp_path / "back"
    back.mkdir()
    with orthanc(tool("Orthanc"), tmp_path) as archive:
        for folder in (source, out):
            names = [archive.store(file.read_bytes()) for file in sorted(folder.iterdir())]
            for number, name in enumerate(names):
                (back / f"{folder.name}{number}.dcm").write_bytes(archive.file(name))
        assert archive.count("series") == 2 and archive.count("studies") == 1
    home = imported(tmp_path, back)
    from workstation.cache.index import Index
    from workstation.case.open import study_sets

    with Index(home) as index:
        (study,) = [row.study_instance_uid for row in index.studies()]
    sets, _ = study_sets(home, study)
    (made,) = [each for each in sets if each.series_instance_uid == said["series_instance_uid"]]
    (theirs,) = [each for each in sets if each is not made]
    assert made.grid is not None and made.grid.size[2] == said["images"]
    assert share_frame(made, theirs)
    assert made.grid.spacing == pytest.approx((said["pixel_mm"], said["pixel_mm"], said["spacing_mm"]), abs=1e-3)
    refs = pydicom.dcmread(sorted(out.iterdir())[0]).SourceImageSequence
    known = {each.instance.SOPInstanceUID for each in theirs.images}
    assert {each.ReferencedSOPInstanceUID for each in refs} <= known
