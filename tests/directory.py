"""A real LDAP directory (OpenLDAP's slapd) on loopback, filled when it is made.

with Directory(folder, [Entry("cn=…", mail="…", certificates=[der])]) as directory:
    directory.url            ldap://127.0.0.1:40000/dc=vn
"""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self

from cryptography.hazmat.primitives import serialization

from tests.listeners import free_port
from tests.pki import Identity

__all__ = ["Directory", "Entry"]

_BASE = "dc=vn"
_SCHEMAS = ("core", "cosine", "inetorgperson")
_START_SECONDS = 20


class Entry(NamedTuple):
    """A person in the directory."""

    uid: str
    mail: str
    certificates: Sequence[bytes] = ()
    signed: Sequence[bytes] = ()
    """Values of userSMIMECertificate."""

    @property
    def ldif(self) -> str:
        """The entry in LDIF (RFC 2849)."""
        lines = [
            f"dn: uid={self.uid},{_BASE}",
            "objectClass: inetOrgPerson",
            f"uid: {self.uid}",
            f"cn: {self.uid}",
            f"sn: {self.uid}",
            f"mail: {self.mail}",
            *(f"userCertificate;binary:: {base64.b64encode(one).decode()}" for one in self.certificates),
            *(f"userSMIMECertificate:: {base64.b64encode(one).decode()}" for one in self.signed),
        ]
        return "\n".join(lines) + "\n\n"


class Directory:
    """A running slapd.

    Args:
        folder: where its files are made.
        entries: who is in it.
        server: certificate and key to speak TLS with; None speaks none.
    """

    def __init__(self, folder: Path, entries: Sequence[Entry], server: Identity | None = None) -> None:
        (folder / "db").mkdir(parents=True)
        configuration, content = folder / "slapd.conf", folder / "content.ldif"
        configuration.write_text((_tls(folder, server) if server else "") + _configuration(folder))
        self.scheme = "ldaps" if server else "ldap"
        root = f"dn: {_BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: vn\no: VN\n\n"
        content.write_text(root + "".join(entry.ldif for entry in entries))
        subprocess.run([_slapd(), "-T", "add", "-f", configuration, "-l", content], check=True, capture_output=True)
        self.port = free_port()
        self._log = (folder / "slapd.log").open("wb")
        self._process = subprocess.Popen(
            [_slapd(), "-f", str(configuration), "-h", f"{self.scheme}://127.0.0.1:{self.port}", "-d", "0"],
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._wait()

    @property
    def url(self) -> str:
        """Where it is, and the base of its entries."""
        return f"{self.scheme}://127.0.0.1:{self.port}/{_BASE}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(_START_SECONDS)
        self._log.close()

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.02)


def _slapd() -> str:
    found = shutil.which("slapd") or "/usr/sbin/slapd"
    assert Path(found).exists(), "slapd is missing: apt install slapd"
    return found


def _configuration(folder: Path) -> str:
    schemas = "".join(f"include /etc/ldap/schema/{name}.schema\n" for name in _SCHEMAS)
    return (
        f"{schemas}modulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile {folder}/slapd.pid\n"
        f"database mdb\nsuffix {_BASE}\ndirectory {folder}/db\nmaxsize 16777216\naccess to * by * read\n"
    )


def _tls(folder: Path, server: Identity) -> str:
    chain = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in server.issuers)
    (folder / "server.pem").write_bytes(server.pem)
    (folder / "chain.pem").write_bytes(chain)
    (folder / "server.key").write_bytes(
        server.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    return (
        f"TLSCertificateFile {folder}/server.pem\nTLSCertificateKeyFile {folder}/server.key\n"
        f"TLSCACertificateFile {folder}/chain.pem\nTLSVerifyClient never\n"
    )
