"""A real keyring daemon (GNOME's, on a bus and in folders of its own) keeps the key of a home and a node's password.

Each step is a program of its own, as the window and the commands are; none of the two secrets lies in a plain file.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PASSWORD = "s3cret-of-the-archive"
OPEN, LOCKED = "printf pw | gnome-keyring-daemon --unlock", "gnome-keyring-daemon --start"
LIMIT_S = 120

WAIT = """
import time
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection
with open_dbus_connection() as bus:
    while not Proxy(message_bus, bus).NameHasOwner("org.freedesktop.secrets")[0]:
        time.sleep(0.01)
"""

STEP = """
import pathlib, sys
from workstation.errors import HounsfieldError
from workstation.security import keys, secret
root, act, password = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
try:
    key = keys.make(root) if act == "make" else keys.key_of(root)
except HounsfieldError as fault:
    print(fault.sentence)
    raise SystemExit
if act == "make":
    print(secret.keep("anna@https://pacs.example", password).name)
print(key.origin, key.secret.hex(), secret.looked_up("pacs", "anna@https://pacs.example")[0], keys.weakness(root))
"""


@pytest.fixture
def session(tool: Callable[[str], Path], tmp_path: Path) -> Callable[[str, str], list[str]]:
    """`session(how the daemon is started, act)` is what a program said on a bus of its own, line by line."""
    tool("gnome-keyring-daemon"), tool("dbus-run-session")
    chosen = ("HOUNSFIELD_KEY", "HOUNSFIELD_KEY_FILE", "HOUNSFIELD_PASSPHRASE", "PYTHON_KEYRING_BACKEND", "DISPLAY")
    environment = {name: value for name, value in os.environ.items() if name not in chosen}
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        folder = tmp_path / name.lower()
        folder.mkdir(mode=0o700)
        environment[name] = str(folder)
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    (tmp_path / "home of studies").mkdir()

    def run(daemon: str, act: str) -> list[str]:
        script = f'{daemon} --components=secrets > /dev/null; "$0" -c "$1"; exec "$0" -c "$2" "$3" {act} {PASSWORD}'
        command = ["dbus-run-session", "--", "sh", "-c", script, sys.executable, WAIT, STEP]
        command.append(str(tmp_path / "home of studies"))
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT_S)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


def test_a_daemon_keeps_key_and_password_and_gives_them_to_the_next_program(
    session: Callable[[str, str], list[str]], tmp_path: Path
) -> None:
    where, made = session(OPEN, "make")
    assert where == "KEYRING"
    origin, key, password, *weak = made.split()
    assert (origin, len(key), password, weak) == ("keyring", 64, PASSWORD, [])
    assert session(OPEN, "find") == [made]
    (closed,) = session(LOCKED, "find")
    assert closed == "the system's keyring did not give the key of this home; unlock it and start again"
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) > 1  # the description of the home, and what the daemon keeps
    assert not any(secret in each for each in kept for secret in (key.encode(), bytes.fromhex(key), password.encode()))
