"""The key of a home: outside of it, behind a passphrase, or in a keyring; a wrong one is told from a damaged file."""

import json
import os
import stat
import subprocess
import sys
import types
from pathlib import Path

import pytest

from workstation.security import keys
from workstation.security.keys import KeyFault, Origin

PROBE = """
import pathlib, sys
from workstation.security import keys
print(keys.key_of(pathlib.Path(sys.argv[1])).secret.hex())
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the key file is kept."""
    monkeypatch.setenv("HOUNSFIELD_KEY_FILE", str(tmp_path / "elsewhere" / "key"))
    return tmp_path / "elsewhere" / "key"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def fetched(root: Path) -> bytes:
    """The key as a program that starts now finds it."""
    keys._found.pop(root, None)
    return keys.key_of(root).secret


def test_a_key_file_lies_outside_of_the_home_and_is_its_owners_alone(root: Path, place: Path) -> None:
    key = keys.make(root)
    assert key.origin is Origin.FILE and len(key.secret) == 32
    assert fetched(root) == key.secret
    assert [path.name for path in root.iterdir()] == ["key.json"]
    assert key.secret.hex() not in (root / "key.json").read_text() and key.secret.hex() not in repr(key)
    if os.name != "nt":
        assert [stat.S_IMODE(each.stat().st_mode) for each in (place, root / "key.json")] == [0o600, 0o600]
    assert str(place) in keys.weakness(root)


def test_no_home_shares_its_key_with_another(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    other = tmp_path / "other"
    other.mkdir()
    assert keys.make(root).secret != keys.make(other).secret
    assert keys.key_of(root).part("a") != keys.key_of(root).part("b")


def test_another_process_finds_the_same_key(root: Path, place: Path) -> None:
    key = keys.make(root)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(root)], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == key.secret.hex()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda place: place.unlink(), "is not there"),
        (lambda place: place.write_text("00" * 32), "is not the key of this home"),
        (lambda place: place.write_text("not hexadecimal"), "is damaged"),
        (lambda place: place.chmod(0o644), "can be read by others"),
    ],
)
def test_a_key_file_that_is_gone_or_wrong_is_a_sentence(root: Path, place: Path, spoil: object, said: str) -> None:
    keys.make(root)
    spoil(place)  # type: ignore[operator]
    with pytest.raises(KeyFault) as fault:
        fetched(root)
    assert said in fault.value.sentence


def test_a_passphrase_unwraps_the_key_and_only_it_does(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUNSFIELD_KEY", "passphrase")
    monkeypatch.setenv("HOUNSFIELD_PASSPHRASE", "correct horse")
    key = keys.make(root)
    assert key.origin is Origin.PASSPHRASE and keys.weakness(root) == ""
    assert fetched(root) == key.secret
    for wrong, said in (("incorrect horse", "not the passphrase"), ("", "HOUNSFIELD_PASSPHRASE")):
        monkeypatch.setenv("HOUNSFIELD_PASSPHRASE", wrong)
        with pytest.raises(KeyFault) as fault:
            fetched(root)
        assert said in fault.value.sentence
    about = json.loads((root / "key.json").read_text())
    assert about["scrypt"]["n"] >= 1 << 15  # RFC 7914: what a guess costs


class Keyring:
    """A backend that keeps what it is given, as the system's would."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_keyring(self) -> "Keyring":
        return self

    def set_password(self, service: str, name: str, value: str) -> None:
        self.kept[service, name] = value

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))


def test_a_keyring_keeps_the_key_where_there_is_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend, module = Keyring(), types.ModuleType("keyring")
    for name in ("get_keyring", "set_password", "get_password"):
        setattr(module, name, getattr(backend, name))
    import keyring.backends  # the real ones know who is no keyring

    module.backends = keyring.backends  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setenv("HOUNSFIELD_KEY", "keyring")
    key = keys.make(root)
    assert key.origin is Origin.KEYRING and list(backend.kept.values()) == [key.secret.hex()]
    assert fetched(root) == key.secret and keys.weakness(root) == ""
    backend.kept.clear()
    with pytest.raises(KeyFault, match="keyring"):
        fetched(root)


def test_without_a_keyring_whoever_wants_one_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUNSFIELD_KEY", "keyring")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    import keyring

    keyring.core.init_backend()
    with pytest.raises(KeyFault, match="HOUNSFIELD_KEY=file"):
        keys.make(root)
    assert list(root.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"version": 9}', '{"version": 1, "id": "x", "origin": "y", "check": ""}']
)
def test_a_description_that_cannot_be_read_is_a_sentence(root: Path, text: str) -> None:
    (root / "key.json").write_text(text)
    with pytest.raises(KeyFault):
        keys.key_of(root)


def test_a_passphrase_is_wanted_where_nobody_gave_it_and_opens_the_home(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not keys.wants_passphrase(root)
    monkeypatch.setenv("HOUNSFIELD_KEY", "passphrase")
    monkeypatch.setenv("HOUNSFIELD_PASSPHRASE", "correct horse")
    secret = keys.make(root).secret
    monkeypatch.delenv("HOUNSFIELD_PASSPHRASE")
    monkeypatch.setattr(keys, "_found", {})
    assert keys.wants_passphrase(root)
    with pytest.raises(KeyFault, match="not the passphrase"):
        keys.unlock(root, "wrong horse")
    assert keys.wants_passphrase(root)
    keys.unlock(root, "correct horse")
    assert not keys.wants_passphrase(root) and keys.key_of(root).secret == secret
