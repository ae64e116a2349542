"""Independent programs that open and make encrypted messages: OpenSSL and NSS. Nothing here uses gsign.

openssl_decrypt(message, who)                  `openssl cms -decrypt`, its own MIME reader included
openssl_encrypt(entity, whose, *options)
with Nss(folder) as nss: nss.add(who); nss.decrypt(message); nss.encrypt(entity)
"""

from __future__ import annotations

import base64
import subprocess
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from tests.pki import Identity

__all__ = ["Nss", "openssl_decrypt", "openssl_encrypt"]


def openssl_decrypt(message: bytes, who: Identity) -> bytes:
    """Let OpenSSL open a message with somebody's key; return the entity."""
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder) / "key.pem", Path(folder) / "certificate.pem"
        key.write_bytes(
            who.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        certificate.write_bytes(who.pem)
        command = ["openssl", "cms", "-decrypt", "-binary", "-recip", str(certificate), "-inkey", str(key)]
        return _run(command, message)


def openssl_encrypt(entity: bytes, whose: list[Identity], *options: str) -> bytes:
    """Let OpenSSL encrypt; options from the first `-keyopt` on are those of the last recipient."""
    with tempfile.TemporaryDirectory() as folder:
        recipients = []
        for number, one in enumerate(whose):
            certificate = Path(folder) / f"{number}.pem"
            certificate.write_bytes(one.pem)
            recipients += ["-recip", str(certificate)]
        at = options.index("-keyopt") if "-keyopt" in options else len(options)
        return _run(["openssl", "cms", "-encrypt", "-binary", *options[:at], *recipients, *options[at:]], entity)


def _run(command: list[str], data: bytes) -> bytes:
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


class Nss:
    """A database of NSS with somebody's key.

    Args:
        folder: where it is made.
        root: PEM file of the anchor.
        who: whose key.
    """

    def __init__(self, folder: Path, root: Path, who: Identity) -> None:
        self._folder = folder
        self._address = next(
            attribute.value for attribute in who.certificate.subject if attribute.oid.dotted_string.endswith(".9.1")
        )
        folder.mkdir()
        self._nss("certutil", "-N", "--empty-password")
        self._nss("certutil", "-A", "-n", "root", "-t", "CT,C,C", "-i", str(root))
        self._nss("pk12util", "-i", str(who.p12(folder / "key.p12", "x")), "-W", "x", "-K", "")

    def decrypt(self, message: bytes) -> bytes:
        """Let NSS open a message; the CMS is cut out here."""
        (self._folder / "in.p7").write_bytes(base64.b64decode(message.partition(b"\r\n\r\n")[2]))
        self._nss("cmsutil", "-D", "-i", str(self._folder / "in.p7"), "-o", str(self._folder / "out"))
        return (self._folder / "out").read_bytes()

    def encrypt(self, entity: bytes) -> bytes:
        """Let NSS make an EnvelopedData for the key's owner."""
        (self._folder / "in").write_bytes(entity)
        arguments = ("-E", "-r", str(self._address), "-i", str(self._folder / "in"), "-o", str(self._folder / "out.p7"))
        self._nss("cmsutil", *arguments)
        return (self._folder / "out.p7").read_bytes()

    def _nss(self, program: str, *arguments: str) -> None:
        done = subprocess.run([program, *arguments, "-d", f"sql:{self._folder}"], capture_output=True, check=False)
        assert done.returncode == 0, (program, arguments, done.stdout, done.stderr)
