"""TLS for everything that leaves the machine: BCP 195, verification always on, mutual when there is a certificate.

A key lives in a file of its own, named in a setting by its path; one that others may read is refused.
"""

import os
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workstation.errors import HounsfieldError

_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:!aNULL:!PSK"


@dataclass(frozen=True)
class Identity:
    """PEM files: whom we trust (empty: whom the system trusts), and who we are: a certificate and its key."""

    ca: str = ""
    cert: str = ""
    key: str = ""


def client_context(identity: Identity) -> ssl.SSLContext:
    """For calling: the peer proves who it is. Raises HounsfieldError with the file that is wrong."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, identity)
    if not identity.ca:
        context.load_default_certs()
    return context


def server_context(identity: Identity) -> ssl.SSLContext:
    """For being called: with an authority file, callers prove who they are too. Raises HounsfieldError."""
    if not identity.cert:
        raise HounsfieldError("To be called over TLS a certificate and its key are needed.")
    context = _context(ssl.PROTOCOL_TLS_SERVER, identity)
    if identity.ca:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _context(protocol: int, identity: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    if identity.ca:
        try:
            context.load_verify_locations(_file(identity.ca, "authority file"))
        except ssl.SSLError as error:
            raise HounsfieldError(f"The authority file {identity.ca} holds no certificate.", str(error)) from error
    if identity.cert:
        _prove(context, identity)
    return context


def _prove(context: ssl.SSLContext, identity: Identity) -> None:
    cert, key = _file(identity.cert, "certificate"), _file(identity.key or identity.cert, "key")
    if os.name != "nt" and stat.S_IMODE(key.stat().st_mode) & 0o077:
        raise HounsfieldError(f"The key {key} can be read by others; make it yours alone (chmod 600).")
    try:
        context.load_cert_chain(cert, key, password=_no_passphrase)
    except ssl.SSLError as error:
        sentence = f"The key {key} does not belong to the certificate {cert}, or one of them is damaged or locked."
        raise HounsfieldError(sentence, str(error)) from error


def _no_passphrase() -> str:
    """A locked key must not make a background process wait at a terminal."""
    return ""


def _file(path: str, what: str) -> Path:
    file = Path(path).expanduser()
    if not file.is_file():
        raise HounsfieldError(f"The {what} {file} is not there.")
    return file
