"""Where the password of a node comes from, and where one that is typed stays: in no file of ours."""

import io
import sys
import types
from collections.abc import Iterator

import pytest

from workstation.security import ring, secret
from workstation.security.secret import Kept, account, forget, keep, looked_up, secret_of, variable_of

OF = account("https://pacs.example/dicom-web/", "anna")


@pytest.fixture(autouse=True)
def nothing_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret, "_typed", {})
    monkeypatch.setattr(ring, "may_answer", lambda: False)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[tuple[str, str], str]]:
    """A keyring that answers, and what it keeps."""
    held: dict[tuple[str, str], str] = {}
    module = types.ModuleType("keyring")
    import keyring.backends  # the real ones know who is no keyring

    module.backends = keyring.backends  # type: ignore[attr-defined]
    module.get_keyring = object  # type: ignore[attr-defined]
    module.set_password = lambda service, name, value: held.update({(service, name): value})  # type: ignore[attr-defined]
    module.get_password = lambda service, name: held.get((service, name))  # type: ignore[attr-defined]
    module.delete_password = lambda service, name: held.pop((service, name))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setattr(ring, "may_answer", lambda: True)
    yield held


def test_the_environment_holds_it_under_a_name_made_of_the_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert variable_of("PACS-1 main") == "HOUNSFIELD_SECRET_PACS_1_MAIN"
    monkeypatch.setenv("HOUNSFIELD_SECRET_PACS_1_MAIN", "s3cret")
    assert looked_up("PACS-1 main", OF) == ("s3cret", Kept.ENVIRONMENT)
    assert secret_of("PACS-1 main", OF) == "s3cret"


def test_without_one_nobody_waits_at_a_terminal_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("typed\n"))
    assert secret_of("PACS", OF) == ""
    assert looked_up("PACS", OF) == ("", Kept.NOWHERE)


def test_what_is_typed_lies_in_the_keyring_where_there_is_one(kept: dict[tuple[str, str], str]) -> None:
    assert keep(OF, "s3cret") is Kept.KEYRING
    assert kept == {("hounsfield nodes", "anna@https://pacs.example/dicom-web"): "s3cret"}
    assert looked_up("PACS", OF) == ("s3cret", Kept.KEYRING)
    forget(OF)
    assert kept == {} and looked_up("PACS", OF) == ("", Kept.NOWHERE)


def test_without_a_keyring_it_is_held_until_the_program_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    assert keep(OF, "s3cret") is Kept.SESSION
    assert looked_up("PACS", OF) == ("s3cret", Kept.SESSION)
    forget(OF)
    assert looked_up("PACS", OF) == ("", Kept.NOWHERE)


def test_a_node_that_is_pointed_to_another_machine_takes_no_password_along() -> None:
    keep(OF, "s3cret")
    assert looked_up("PACS", account("https://elsewhere.example/dicom-web", "anna"))[0] == ""
    assert looked_up("PACS", account("https://pacs.example/dicom-web", "berta"))[0] == ""
