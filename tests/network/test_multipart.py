"""multipart/related by RFC 2046: every cut of the stream gives the same parts; what is spoiled is said, not guessed."""

from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest

from workstation.network.multipart import (
    CutShort,
    Limits,
    Part,
    Spoiled,
    boundary_of,
    media_type,
    parameter,
    parts,
    related,
)

# Bodies that hold what looks like a delimiter and is none: its beginning, a longer word, one without a line end.
BODIES = (b"", b"\r\n--b", b"one\r\n--boundaryX two", b"--boundary", bytes(range(256)) * 3, b"\r\n\r\n", b"--\r\n")


def stream(bodies: tuple[bytes, ...] = BODIES, boundary: str = "boundary", blanks: str = "") -> bytes:
    """The grammar of RFC 2046 5.1.1, written out."""
    pieces = [b"to be ignored"]
    for number, body in enumerate(bodies):
        head = f"\r\n--{boundary}{blanks}\r\nContent-Type: application/dicom\r\nX-Number: {number}\r\n\r\n"
        pieces.append(head.encode() + body)
    return b"".join(pieces) + f"\r\n--{boundary}--\r\nto be ignored".encode()


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
@pytest.mark.parametrize("blanks", ["", " \t "])
def test_every_cut_gives_the_same_parts(size: int, blanks: str) -> None:
    read = list(parts(cut(stream(blanks=blanks), size), "boundary"))
    assert tuple(each.body for each in read) == BODIES
    assert [each.headers["x-number"] for each in read] == [str(number) for number in range(len(BODIES))]
    assert {each.media_type for each in read} == {"application/dicom"}


def test_the_first_delimiter_may_be_the_first_byte_and_a_part_may_have_no_headers() -> None:
    data = b"--b\r\n\r\nbody\r\n--b--"
    assert list(parts([data], "b")) == [Part({}, b"body")]
    assert list(parts([b"--b--"], "b")) == []


def test_a_stream_that_ends_early_gives_what_came_whole() -> None:
    whole = stream()
    came: dict[int, int] = {}
    for end in range(len(whole) - len("--\r\nto be ignored")):
        reader = parts(cut(whole[:end], 50), "boundary")
        count = 0
        with pytest.raises(CutShort):
            for part in reader:
                assert part.body == BODIES[count]
                count += 1
        came[end] = count
    assert came[0] == 0
    assert max(came.values()) == len(BODIES) - 1


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(preamble_bytes=4), "part"),
        (Limits(header_bytes=20), "headers"),
        (Limits(part_bytes=100), "part"),
        (Limits(parts=3), "parts"),
    ],
)
def test_limits_hold(limits: Limits, said: str) -> None:
    with pytest.raises(Spoiled, match=said):
        list(parts(cut(stream(), 33), "boundary", limits))


def test_an_endless_part_is_left_at_its_limit() -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        yield b"--b\r\n\r\n"
        while True:
            read += 1000
            yield bytes(1000)

    with pytest.raises(Spoiled):
        list(parts(endless(), "b", Limits(part_bytes=50_000)))
    assert read < 60_000


@pytest.mark.parametrize(
    "data", [b"", b"<html>no delimiter</html>", b"--b\r\nno colon\r\n\r\nx\r\n--b--", b"--b\r\n: v\r\n\r\n"]
)
def test_what_is_none_is_said(data: bytes) -> None:
    with pytest.raises(Spoiled):
        list(parts([data], "b"))


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "text/html; boundary=b",
        "multipart/related",
        'multipart/related; boundary=""',
        "multipart/related; boundary=" + "b" * 201,
    ],
)
def test_a_boundary_is_needed(wrong: str) -> None:
    with pytest.raises(Spoiled):
        boundary_of(wrong)


def test_parameters_in_quotes_hold_what_they_like() -> None:
    said = 'Multipart/Related; type="application/octet-stream; transfer-syntax=1.2"; boundary="a b;c"; start=x'
    assert media_type(said) == "multipart/related"
    assert boundary_of(said) == "a b;c"
    assert parameter(said, "type") == "application/octet-stream; transfer-syntax=1.2"
    assert parameter(said, "none") == ""


def test_what_is_written_is_read_by_the_mail_library() -> None:
    objects = (bytes(range(256)), b"", b"two\n")
    content_type, pieces = related(objects, "application/dicom")
    message = message_from_bytes(
        f"Content-Type: {content_type}\r\n\r\n".encode() + b"".join(pieces[:1]) + b"".join(pieces[1:]),
        policy=policy.HTTP,
    )
    assert message.get_content_type() == "multipart/related"
    assert message.get_param("type") == "application/dicom"
    assert len(list(message.iter_parts())) == len(objects)
    assert tuple(each.body for each in parts(pieces, boundary_of(content_type))) == objects
