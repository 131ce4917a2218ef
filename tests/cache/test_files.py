"""Files of the cache: what is read is what was received, or nothing."""

import hashlib
import os
import stat
from pathlib import Path

import pytest

from workstation.cache import files
from workstation.errors import NotFound, Reason, Refused
from workstation.paths import Home

DATA = bytes(range(256)) * 20
DIGEST = hashlib.sha256(DATA).hexdigest()


def placed(home: Home) -> Path:
    files.place(home, [(files.write_incoming(home, DATA, DIGEST), DIGEST)])
    return files.place_of(home, DIGEST)


def test_what_was_placed_is_read(home: Home) -> None:
    placed(home)
    assert files.read(home, DIGEST) == DATA
    assert list(home.incoming.iterdir()) == []


def test_a_file_is_its_owners_alone(home: Home) -> None:
    if os.name == "nt":
        pytest.skip("Windows keeps permissions elsewhere")
    assert stat.S_IMODE(placed(home).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.files.stat().st_mode) == 0o700


@pytest.mark.parametrize("place", [0, 1, 2000, -1])
def test_one_flipped_bit_is_found(home: Home, place: int) -> None:
    path = placed(home)
    changed = bytearray(path.read_bytes())
    changed[place] ^= 4
    path.write_bytes(changed)
    with pytest.raises(Refused) as refused:
        files.read(home, DIGEST)
    assert refused.value.reason is Reason.DAMAGED


@pytest.mark.parametrize("length", [0, 1, 100])
def test_a_shortened_file_is_found(home: Home, length: int) -> None:
    path = placed(home)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(Refused) as refused:
        files.read(home, DIGEST)
    assert refused.value.reason is Reason.DAMAGED


def test_a_file_that_is_gone_is_damaged(home: Home) -> None:
    placed(home).unlink()
    with pytest.raises(Refused) as refused:
        files.read(home, DIGEST)
    assert refused.value.reason is Reason.DAMAGED


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "/" * 64])
def test_what_is_no_digest_is_not_looked_for(home: Home, name: str) -> None:
    with pytest.raises(NotFound):
        files.read(home, name)


def test_a_quarantined_file_is_not_among_the_others(home: Home) -> None:
    files.quarantine(home, files.write_incoming(home, DATA, DIGEST), DIGEST)
    assert files.read_quarantined(home, DIGEST) == DATA
    with pytest.raises(Refused):
        files.read(home, DIGEST)


def test_incoming_is_cleared(home: Home) -> None:
    files.write_incoming(home, DATA, DIGEST)
    files.clear_incoming(home)
    assert list(home.incoming.iterdir()) == []
