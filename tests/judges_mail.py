"""Independent programs that judge and make signed messages: OpenSSL and NSS (the library of Thunderbird).

Nothing here uses gsign. A judge returns the content that it found signed, and raises AssertionError where it refuses.

    openssl_verify(message, root)     `openssl cms -verify`, its own MIME reader included
    Nss(folder, root).verify(message)           `cmsutil -D`; the parts are cut out here
    openssl_sign(...), Nss.sign(...)
"""

from __future__ import annotations

import base64
import re
import subprocess
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from tests.pki import Identity

__all__ = ["Nss", "cut_signed", "openssl_sign", "openssl_verify"]

_BOUNDARY = re.compile(rb'boundary="?([^";\r\n]+)"?')


def cut_signed(message: bytes) -> tuple[bytes | None, bytes]:
    """Cut a signed message into what is signed, None where that is inside the CMS, and the CMS."""
    header, _, body = message.partition(b"\r\n\r\n")
    if b"multipart/signed" not in header:
        return None, base64.b64decode(body)
    found = _BOUNDARY.search(header)
    assert found is not None
    _, entity, signature, _ = (b"\r\n" + body).split(b"\r\n--" + found[1])
    return entity.removeprefix(b"\r\n"), base64.b64decode(signature.partition(b"\r\n\r\n")[2])


def openssl_verify(message: bytes, root: Path) -> bytes:
    """Let OpenSSL judge a message with its certificate's path and its use for mail."""
    command = ["openssl", "cms", "-verify", "-CAfile", str(root), "-purpose", "smimesign"]
    run = subprocess.run(command, input=message, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def openssl_sign(entity: bytes, who: Identity, *options: str, command: str = "cms") -> bytes:
    """Let OpenSSL sign; what it writes ends its lines as OpenSSL does."""
    with tempfile.TemporaryDirectory() as folder:
        key, certificate, chain = (Path(folder) / name for name in ("key.pem", "certificate.pem", "chain.pem"))
        key.write_bytes(
            who.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        certificate.write_bytes(who.pem)
        chain.write_bytes(b"".join(c.public_bytes(serialization.Encoding.PEM) for c in who.issuers[:-1]))
        files = ["-signer", str(certificate), "-inkey", str(key), "-certfile", str(chain)]
        run = subprocess.run(
            ["openssl", command, "-sign", *files, *options], input=entity, capture_output=True, check=False
        )
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout


class Nss:
    """A database of NSS that trusts a root.

    Args:
        folder: where it is made.
        root: PEM file of the anchor.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._run("certutil", "-N", "--empty-password")
        self._run("certutil", "-A", "-n", "root", "-t", "CT,C,C", "-i", str(root))

    def verify(self, message: bytes) -> bytes:
        """Let NSS judge a message."""
        entity, cms = cut_signed(message)
        signature = self._file("judged.p7", cms)
        detached = [] if entity is None else ["-c", self._file("judged.txt", entity)]
        facts = self._run("cmsutil", "-D", "-i", signature, "-h", "0", "-n", *detached).decode("latin-1")
        assert "status=GoodSignature" in facts, facts
        return self._run("cmsutil", "-D", "-i", signature, *detached) if entity is None else entity

    def add(self, who: Identity) -> None:
        """Give it somebody's key; the name in a PKCS#12 file becomes the nickname."""
        path = who.p12(self._folder / "key.p12", "x")
        self._run("pk12util", "-i", str(path), "-W", "x", "-K", "")

    def sign(self, entity: bytes, *options: str) -> bytes:
        """Let NSS make a SignedData with the key that was added."""
        content = self._file("signed.txt", entity)
        return self._run("cmsutil", "-S", "-N", "ky so", "-G", "-i", content, *options)

    def _file(self, name: str, octets: bytes) -> str:
        path = self._folder / name
        path.write_bytes(octets)
        return str(path)

    def _run(self, program: str, *arguments: str) -> bytes:
        command = [program, *arguments, "-d", f"sql:{self._folder}"]
        run = subprocess.run(command, capture_output=True, check=False)
        assert run.returncode == 0, (command, run.stderr.decode(), run.stdout.decode("latin-1"))
        return run.stdout
