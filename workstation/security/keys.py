"""The key of a home: 32 random bytes that never lie in it unwrapped.

    key file      outside of the home, in the person's configuration folder, or where HOUNSFIELD_KEY_FILE says
    keyring       the system's own (Secret Service, Keychain, Credential Manager), where there is one
    passphrase    the key lies wrapped in the home; scrypt makes of the passphrase what unwraps it

`HOME/key.json` says which, and holds a check by which a wrong key is told from a damaged file; it is no secret.
A new home takes the passphrase where HOUNSFIELD_PASSPHRASE is set, else the keyring, else a file; HOUNSFIELD_KEY
(`file`, `keyring`, `passphrase`) chooses. Process-wide state lives here: the keys that were found, by home.
"""

import hashlib
import hmac
import json
import os
import secrets
import stat
import sys
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from workstation.errors import HounsfieldError
from workstation.security import ring

DESCRIPTION: Final = "key.json"
SERVICE: Final = "hounsfield"
KEY_BYTES: Final = 32
VERSION: Final = 1
_SCRYPT: Final = {"n": 1 << 15, "r": 8, "p": 1}
_SCRYPT_MOST_BYTES: Final = 64 << 20

_found: dict[Path, "Key"] = {}
_guard = threading.RLock()


class KeyFault(HounsfieldError):
    """The key of a home cannot be had, with the sentence that says why."""


class Origin(StrEnum):
    """Where the key of a home is kept."""

    FILE = "file"
    KEYRING = "keyring"
    PASSPHRASE = "passphrase"  # noqa: S105  a kind of key, not one


@dataclass(frozen=True)
class Key:
    """The key of one home; it is never shown, and never written by whoever is handed one."""

    origin: Origin
    secret: bytes = field(repr=False)

    def part(self, purpose: str) -> bytes:
        """32 bytes for one purpose; none tells anything about another."""
        return hmac.digest(self.secret, b"hounsfield " + purpose.encode(), hashlib.sha256)


def exists(root: Path) -> bool:
    """Whether the home at `root` has a key."""
    return root in _found or (root / DESCRIPTION).exists()


def key_of(root: Path) -> Key:
    """The key of the home at `root`, looked for once. Raises KeyFault."""
    found = _found.get(root)
    if found is None:
        with _guard:
            found = _found.get(root) or _fetched(root)
            _found[root] = found
    return found


def wants_passphrase(root: Path) -> bool:
    """Whether the home at `root` stays closed until somebody types its passphrase."""
    if root in _found or os.environ.get("HOUNSFIELD_PASSPHRASE") or not exists(root):
        return False
    try:
        return origin_of(root) is Origin.PASSPHRASE
    except KeyFault:
        return False  # whoever opens it says what is wrong


def unlock(root: Path, passphrase: str) -> None:
    """Open the home at `root` for this process; takes a tenth of a second. Raises KeyFault."""
    about = _described(root)
    secret = _unwrapped(about, passphrase)
    if not hmac.compare_digest(_check(secret), str(about["check"])):
        raise KeyFault("the key that was found is not the key of this home", detail=Origin.PASSPHRASE.value)
    accept(root, Key(Origin.PASSPHRASE, secret))


def accept(root: Path, key: Key) -> None:
    """Another process of ours found the key already."""
    _found[root] = key


def held() -> dict[Path, Key]:
    """What a process that we start is handed over its pipe, so that it need not ask for a passphrase."""
    return dict(_found)


def make(root: Path) -> Key:
    """Make the key of a new home, safe on disk before it returns. One at a time: the caller holds the home's lock."""
    with _guard:
        identity, secret = secrets.token_hex(16), secrets.token_bytes(KEY_BYTES)
        origin, more = _kept(identity, secret)
        about = {"version": VERSION, "id": identity, "origin": origin.value, "check": _check(secret), **more}
        _write(root / DESCRIPTION, json.dumps(about, indent=1).encode())
        _found[root] = key = Key(origin, secret)
        return key


def origin_of(root: Path) -> Origin:
    """Where the key of a home is kept, without fetching it. Raises KeyFault."""
    return Origin(_described(root)["origin"])


def is_chosen() -> bool:
    """Whether somebody said where keys are kept, and so knows it."""
    return bool(os.environ.get("HOUNSFIELD_KEY") or os.environ.get("HOUNSFIELD_KEY_FILE"))


def weakness(root: Path) -> str:
    """What a person should know of how the key is kept; empty when there is nothing to say."""
    if not exists(root) or origin_of(root) is not Origin.FILE:
        return ""
    place = key_file(str(_described(root)["id"]))
    inside = " It lies inside the home: a copy of the home can be read." if place.is_relative_to(root) else ""
    return (
        f"The key lies in a file ({place}): whoever can read the files of this account can read the studies.{inside}"
        " A passphrase (HOUNSFIELD_PASSPHRASE) or the system's keyring would keep it better."
    )


def key_file(identity: str) -> Path:
    """Where the key file of a home with this identity lies: never in the home, which may be copied."""
    if named := os.environ.get("HOUNSFIELD_KEY_FILE"):
        return Path(named).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_config_dir("hounsfield-keys", appauthor=False)) / f"{identity}.key"


def _described(root: Path) -> dict[str, Any]:
    try:
        about = json.loads((root / DESCRIPTION).read_text(encoding="utf-8"))
        if about["version"] > VERSION:
            raise KeyFault("this home was locked by a newer Hounsfield; use that one, or another home")
        Origin(about["origin"]), str(about["id"]), str(about["check"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        sentence = f"the file {DESCRIPTION} of this home cannot be read; without it nothing here can be opened"
        raise KeyFault(sentence, detail=type(error).__name__) from error
    return dict(about)


def _fetched(root: Path) -> Key:
    about = _described(root)
    origin = Origin(about["origin"])
    if origin is Origin.PASSPHRASE:
        secret = _unwrapped(about, _passphrase())
    elif origin is Origin.KEYRING:
        secret = _from_keyring(str(about["id"]))
    else:
        secret = _from_file(key_file(str(about["id"])))
    if not hmac.compare_digest(_check(secret), str(about["check"])):
        raise KeyFault("the key that was found is not the key of this home", detail=origin.value)
    return Key(origin, secret)


def _kept(identity: str, secret: bytes) -> tuple[Origin, dict[str, Any]]:
    """Put a new key where it belongs; what the description has to say besides."""
    chosen = os.environ.get("HOUNSFIELD_KEY", "")
    if chosen == Origin.PASSPHRASE or (not chosen and os.environ.get("HOUNSFIELD_PASSPHRASE")):
        return Origin.PASSPHRASE, _wrapped(secret, _passphrase())
    if chosen == Origin.KEYRING or (not chosen and ring.may_answer()):
        if ring.put(SERVICE, identity, secret.hex()):
            return Origin.KEYRING, {}
        if chosen:
            raise KeyFault("this system has no keyring that can keep the key; HOUNSFIELD_KEY=file keeps it in a file")
    place = key_file(identity)
    if os.environ.get("HOUNSFIELD_KEY_FILE") and place.exists():
        raise KeyFault(f"the key file {place} belongs to another home, or to this one before it was emptied")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(place, secret.hex().encode() + b"\n")
    return Origin.FILE, {}


def _from_file(place: Path) -> bytes:
    try:
        mode = stat.S_IMODE(place.stat().st_mode)
        text = place.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise KeyFault(f"the key of this home is not there: {place}", detail=type(error).__name__) from error
    if os.name != "nt" and mode & 0o077:
        raise KeyFault(f"the key file {place} can be read by others; make it yours alone (chmod 600)")
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise KeyFault(f"the key file {place} is damaged") from error


def _from_keyring(identity: str) -> bytes:
    try:
        return bytes.fromhex(ring.get(SERVICE, identity))
    except Exception as error:  # backends raise what they like
        sentence = "the system's keyring did not give the key of this home; unlock it and start again"
        raise KeyFault(sentence, detail=type(error).__name__) from error


def _passphrase() -> str:
    if given := os.environ.get("HOUNSFIELD_PASSPHRASE", ""):
        return given
    if sys.stdin and sys.stdin.isatty() and sys.stderr.isatty():
        import getpass

        return getpass.getpass("Passphrase of this home: ", sys.stderr)
    raise KeyFault("this home is locked with a passphrase: give it in HOUNSFIELD_PASSPHRASE, or start from a terminal")


def _wrapped(secret: bytes, passphrase: str) -> dict[str, Any]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt = secrets.token_bytes(16)
    wrapped = AESGCM(_stretched(passphrase, salt, _SCRYPT)).encrypt(bytes(12), secret, None)
    return {"salt": salt.hex(), "scrypt": _SCRYPT, "wrapped": wrapped.hex()}


def _unwrapped(about: dict[str, Any], passphrase: str) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        stretched = _stretched(passphrase, bytes.fromhex(about["salt"]), about["scrypt"])
        return AESGCM(stretched).decrypt(bytes(12), bytes.fromhex(about["wrapped"]), None)
    except InvalidTag as error:
        raise KeyFault("that is not the passphrase of this home") from error
    except (KeyError, ValueError, TypeError) as error:
        raise KeyFault(f"the file {DESCRIPTION} of this home is damaged", detail=type(error).__name__) from error


def _stretched(passphrase: str, salt: bytes, cost: dict[str, int]) -> bytes:
    n, r, p = (int(cost[name]) for name in ("n", "r", "p"))
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=n, r=r, p=p, maxmem=_SCRYPT_MOST_BYTES, dklen=KEY_BYTES)


def _check(secret: bytes) -> str:
    return hmac.digest(secret, b"hounsfield check", hashlib.sha256)[:16].hex()


def _write(path: Path, data: bytes) -> None:
    """Whole and synced under its name, or not there; its owner's alone."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        if os.name != "nt":
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise KeyFault(f"the key of this home cannot be kept in {path.parent}", detail=type(error).__name__) from error
