"""Safety rule 17: SHA-256 at reception, verified at load; a decoder is no integrity check."""

import hashlib
from io import BytesIO
from pathlib import Path
from random import Random

import imagecodecs
import pydicom
import pytest
from pydicom.encaps import generate_frames

from tests.cache.made import STUDY, ct, folder_of
from workstation.cache import files
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.errors import Reason, Refused
from workstation.paths import Home
from workstation.security import seal

J2K = "transfer_syntaxes/cornerstone/CTImage.dcm_JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90.dcm"


def test_the_digest_is_that_of_the_bytes_received(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    import_paths(home, [folder_of(tmp_path / "source", {"1": ct(1)})])
    with Index(home) as index:
        (stored,) = index.instances(f"{STUDY}.1")
    assert stored.digest == hashlib.sha256(ct(1)).hexdigest()
    assert files.read(home, stored.digest) == ct(1)


def test_one_flipped_bit_that_a_decoder_does_not_see_is_seen(tmp_path: Path, data_dir: Path) -> None:
    home = Home(tmp_path / "home")
    import_paths(home, [data_dir / J2K])
    with Index(home) as index:
        (stored,) = index.instances(index.studies()[0].study_instance_uid)
    path = files.place_of(home, stored.digest)
    whole, data, unseen, random = path.read_bytes(), files.read(home, stored.digest), 0, Random(17)
    for _ in range(10):
        spoiled, same_in_dicom = bytearray(whole), bytearray(data)
        place = random.randrange(len(whole) // 2, len(whole) - 100)
        spoiled[place] ^= 1
        same_in_dicom[place - seal.HEAD_BYTES] ^= 1  # a cipher of this kind keeps bits in their places
        path.write_bytes(spoiled)
        unseen += decodes(bytes(same_in_dicom))
        with pytest.raises(Refused) as refused:
            files.read(home, stored.digest)
        assert refused.value.reason is Reason.DAMAGED
    assert unseen > 5


def decodes(data: bytes) -> bool:
    """Whether the picture of a single-frame J2K file comes out of the decoder without complaint."""
    dataset = pydicom.dcmread(BytesIO(data))
    try:
        return imagecodecs.jpeg2k_decode(next(generate_frames(dataset.PixelData))).shape == (512, 512)
    except imagecodecs.Jpeg2kError:
        return False
