"""Sealed bytes: only the key opens them, and whatever was done to them is found."""

import io

import pytest

from workstation.security import seal
from workstation.security.seal import HEAD_BYTES, PIECE_BYTES, Broken, Kind

KEY = bytes(range(32))
PIECE = PIECE_BYTES + 16


def sealed(data: bytes, name: str = "a", kind: Kind = Kind.OBJECT) -> bytes:
    return b"".join(seal.sealed(KEY, kind, name, data))


def opened(data: bytes, name: str = "a", kind: Kind = Kind.OBJECT, key: bytes = KEY) -> bytes:
    return seal.opened(key, kind, name, io.BytesIO(data), len(data))


@pytest.mark.parametrize("size", [0, 1, 5000, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_what_was_sealed_is_opened(size: int) -> None:
    data = bytes(number % 251 for number in range(1000)) * (size // 1000 + 1)
    assert opened(sealed(data[:size])) == data[:size]


def test_nothing_of_it_is_seen_and_no_two_look_alike() -> None:
    data = b"Muster^Anna" * 100
    assert b"Muster" not in sealed(data)
    assert sealed(data) != sealed(data)
    assert len(sealed(data)) == len(data) + HEAD_BYTES + 16


def test_the_cipher_is_aes_256_gcm_as_the_format_says() -> None:
    """Another hand's reading of the format, by the primitives alone (NIST SP 800-38D)."""
    import hashlib
    import hmac

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    data, told = sealed(b"x" * (PIECE_BYTES + 5), name="n"), b"n"
    head = data[:18]
    assert head[:2] == b"\x02\x01"
    cipher = AESGCM(hmac.digest(KEY, head[2:], hashlib.sha256))
    first = cipher.decrypt(bytes(12), data[18 : 18 + PIECE], head + told)
    last = cipher.decrypt(bytes(10) + b"\x01\x01", data[18 + PIECE :], head + told)
    assert first + last == b"x" * (PIECE_BYTES + 5)


THREE = sealed(bytes(3 * PIECE_BYTES))
PIECES = [THREE[HEAD_BYTES + number * PIECE : HEAD_BYTES + (number + 1) * PIECE] for number in range(3)]


@pytest.mark.parametrize(
    "spoiled",
    [
        b"",
        THREE[:HEAD_BYTES],
        THREE[:-1],
        THREE + b"\0",
        THREE[: HEAD_BYTES + PIECE],
        THREE[: HEAD_BYTES + 2 * PIECE],
        THREE[:HEAD_BYTES] + PIECES[1] + PIECES[0] + PIECES[2],
        THREE[:HEAD_BYTES] + PIECES[1] + PIECES[2],
        THREE + PIECES[2],
        b"\x01" + THREE[1:],
        THREE[:5] + b"?" + THREE[6:],
    ],
    ids=["empty", "head", "cut", "longer", "one piece", "two pieces", "changed places", "first gone", "last twice",
         "format", "salt"],
)  # fmt: skip
def test_cut_longer_and_exchanged_pieces_are_found(spoiled: bytes) -> None:
    assert opened(THREE) == bytes(3 * PIECE_BYTES)
    with pytest.raises(Broken):
        opened(spoiled)


@pytest.mark.parametrize("place", [0, 1, 2, 17, 18, 60, -17, -1])
def test_each_flipped_bit_is_found(place: int) -> None:
    changed = bytearray(sealed(b"a picture of some bytes, longer than one block"))
    changed[place] ^= 1
    with pytest.raises(Broken):
        opened(bytes(changed))


def test_another_name_kind_or_key_does_not_open_it() -> None:
    data = sealed(b"picture")
    for wrong in ({"name": "b"}, {"kind": Kind.DOCUMENT}, {"key": bytes(32)}):
        with pytest.raises(Broken):
            opened(data, **wrong)  # type: ignore[arg-type]
