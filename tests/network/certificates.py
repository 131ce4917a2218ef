"""Authorities, servers and clients made of openssl: keys exist for the length of a test run and are nobody's."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workstation.security.tls import Identity


@dataclass(frozen=True)
class Papers:
    """Files in PEM."""

    folder: Path

    def identity(self, name: str, trusts: str = "authority") -> Identity:
        """Of `name` ("server" or "client"; empty: nobody), trusting an authority (empty: the system's)."""
        ca = str(self.folder / f"{trusts}.pem") if trusts else ""
        if not name:
            return Identity(ca)
        return Identity(ca, str(self.folder / f"{name}.pem"), str(self.folder / f"{name}.key"))


def made(tool: Callable[[str], Path], folder: Path) -> Papers:
    """Two authorities, "authority" and "stranger"; a server for 127.0.0.1, one for another host, a client."""
    openssl = str(tool("openssl"))

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    for name in ("authority", "stranger"):
        run(*_KEY, f"{name}.key", "-x509", "-out", f"{name}.pem", "-subj", f"/CN={name}", "-days", "2")
    signed = (
        ("server", "authority", "IP:127.0.0.1,DNS:localhost"),
        ("elsewhere", "authority", "DNS:other.example"),
        ("client", "authority", "DNS:client.example"),
        ("impostor", "stranger", "IP:127.0.0.1"),
    )
    for name, authority, names in signed:
        run(*_KEY, f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
        files = ("-in", f"{name}.csr", "-out", f"{name}.pem", "-extfile", f"{name}.ext")
        run(
            "x509",
            "-req",
            "-CA",
            f"{authority}.pem",
            "-CAkey",
            f"{authority}.key",
            "-CAcreateserial",
            "-days",
            "2",
            *files,
        )
    for key in folder.glob("*.key"):
        key.chmod(0o600)
    return Papers(folder)


_KEY = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout")
