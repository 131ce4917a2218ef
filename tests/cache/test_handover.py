"""A second start tells the first what is wanted; nobody without the key is listened to."""

import threading
from collections.abc import Mapping
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from typing import Any

import pytest

from workstation.cache import handover, vault
from workstation.cache.handover import Desk, Told, ask
from workstation.errors import Cancelled, HounsfieldError
from workstation.paths import Home


def echo(request: Mapping[str, Any], told: Told) -> Mapping[str, Any]:
    for done in range(3):
        told(done, 3)
    if request["act"] == "fail":
        raise HounsfieldError("that cannot be done")
    return {"heard": dict(request)}


@pytest.fixture
def locked_home(home: Home) -> Home:
    vault.key_for_writing(home)
    return home


def test_where_nobody_listens_nothing_is_handed_over(locked_home: Home) -> None:
    assert ask(locked_home, {"act": "open"}) is None
    with Desk(locked_home, echo):
        pass
    assert ask(locked_home, {"act": "open"}) is None


def test_a_request_is_answered_and_its_progress_told(locked_home: Home) -> None:
    told: list[tuple[int, int]] = []
    with Desk(locked_home, echo) as desk:
        assert desk.is_listening
        request = {"act": "import", "paths": ["/a b", "ü"]}
        assert ask(locked_home, request, lambda done, total: told.append((done, total))) == {"heard": request}
        with pytest.raises(HounsfieldError, match="that cannot be done"):
            ask(locked_home, {"act": "fail"})
    assert told == [(0, 3), (1, 3), (2, 3)]


def test_only_one_listens_and_the_next_takes_over(locked_home: Home) -> None:
    second = Desk(locked_home, echo)
    with Desk(locked_home, echo):
        second.listen()
        assert not second.is_listening
    with second:
        assert second.is_listening and ask(locked_home, {"act": "x"}) is not None


def test_who_does_not_know_the_key_is_not_listened_to(locked_home: Home) -> None:
    with Desk(locked_home, echo):
        address = handover._address(locked_home, vault.part(locked_home, "handover"))
        with pytest.raises((AuthenticationError, EOFError, OSError)):
            Client(address, authkey=b"guessed")
        assert ask(locked_home, {"act": "x"}) is not None


def test_words_that_are_no_json_end_only_their_own_connection(locked_home: Home) -> None:
    key = vault.part(locked_home, "handover")
    with Desk(locked_home, echo):
        with Client(handover._address(locked_home, key), authkey=key) as connection:
            connection.send_bytes(b"\x80\x04once upon a time")
            with pytest.raises((EOFError, OSError)):
                connection.recv_bytes()
        assert ask(locked_home, {"act": "x"}) is not None


def test_closing_stops_what_was_handed_over(locked_home: Home) -> None:
    begun, ended = threading.Event(), threading.Event()

    def long(request: Mapping[str, Any], told: Told) -> Mapping[str, Any]:
        try:
            while True:
                told(0, 1)
                begun.set()
        except Cancelled:
            ended.set()
            raise

    def refused() -> None:
        with pytest.raises(HounsfieldError):
            ask(locked_home, {"act": "import"})

    with Desk(locked_home, long):
        thread = threading.Thread(target=refused)
        thread.start()
        assert begun.wait(20)
    thread.join()
    assert ended.is_set()


def test_a_home_without_a_key_is_not_listened_for(home: Home) -> None:
    with Desk(home, echo) as desk:
        assert not desk.is_listening
    assert ask(home, {"act": "open"}) is None


def test_a_long_path_has_a_socket_too(tmp_path: Any) -> None:
    home = Home(tmp_path / ("deep" * 30)).create()
    vault.key_for_writing(home)
    with Desk(home, echo):
        assert ask(home, {"act": "x"}) is not None
