"""The system's keyring (Secret Service, Keychain, Credential Manager), where there is one that answers.

It may ask a person to unlock it, and so take its time: nothing here is called on the main thread.
"""

import os
import sys


def may_answer() -> bool:
    """On Linux a keyring is reached over the session's bus; without one nothing is imported or waited for."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DBUS_SESSION_BUS_ADDRESS"))


def put(service: str, name: str, secret: str) -> bool:
    """Keep a secret; False where no keyring keeps it."""
    try:
        import keyring
        from keyring.backends import fail, null

        if isinstance(keyring.get_keyring(), fail.Keyring | null.Keyring):
            return False
        keyring.set_password(service, name, secret)
        return keyring.get_password(service, name) == secret
    except Exception:  # whatever a backend raises, it does not keep it
        return False


def get(service: str, name: str) -> str:
    """A secret; empty when there is none. Raises whatever the backend does."""
    import keyring

    return keyring.get_password(service, name) or ""


def drop(service: str, name: str) -> None:
    """Forget a secret, if there is one."""
    try:
        import keyring

        keyring.delete_password(service, name)
    except Exception:  # there is none, or nobody to ask
        return
