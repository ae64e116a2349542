"""A key in a PKCS#12 file behind the same protocols: the fallback where there is no token, and named so."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from gsign.errors import InputError, TokenError
from gsign.signer import Algorithm, Digest, KeyHolder, Oaep, Scheme, key_or_chance

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates

__all__ = ["FileDecrypter", "FileSigner", "open_decrypter", "open_signer"]

_LARGEST_FILE = 1 << 20
_SMALLEST_RSA = 2048
_CHANCE_SECRET = 32
_EC_DIGESTS = {"secp256r1": Digest.SHA256, "secp384r1": Digest.SHA384, "secp521r1": Digest.SHA512}


class _FileKey(KeyHolder):
    """The key of a PKCS#12 file, which was read once."""

    is_token = False

    def __init__(self, path: Path, key: RSAPrivateKey | EllipticCurvePrivateKey) -> None:
        self.uri = str(path)
        self._key: RSAPrivateKey | EllipticCurvePrivateKey | None = key

    def close(self) -> None:
        """Forget the key; further calls fail."""
        self._key = None

    def _open_key(self) -> RSAPrivateKey | EllipticCurvePrivateKey:
        if self._key is None:
            raise TokenError("signer-closed", token=self.uri)
        return self._key


class FileSigner(_FileKey):
    """Sign with the key of a PKCS#12 file."""

    def __init__(
        self, path: Path, key: RSAPrivateKey | EllipticCurvePrivateKey, certificate: bytes, chain: tuple[bytes, ...]
    ) -> None:
        super().__init__(path, key)
        self.certificate = certificate
        self.chain = chain

    def algorithm(self, scheme: Scheme | None = None, digest: Digest | None = None) -> Algorithm:
        """Choose what this key can do; None leaves the choice to the signer, which takes PSS for RSA keys.

        Raises:
            TokenError: `algorithm-unsupported` where the key cannot do what was asked.
        """
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = self._open_key()
        if isinstance(key, rsa.RSAPrivateKey):
            name, fits = f"RSA {key.key_size}", key.key_size >= _SMALLEST_RSA and scheme is not Scheme.ECDSA
            chosen = Algorithm(scheme or Scheme.PSS, digest or Digest.SHA256)
        else:
            name, fits = f"EC {key.curve.name}", key.curve.name in _EC_DIGESTS and scheme in (None, Scheme.ECDSA)
            chosen = Algorithm(Scheme.ECDSA, digest or _EC_DIGESTS.get(key.curve.name, Digest.SHA256))
        if not fits:
            raise TokenError(
                "algorithm-unsupported", token=self.uri, key=name, scheme=str(scheme or "-"), digest=str(digest or "-")
            )
        return chosen

    def sign(self, message: bytes, algorithm: Algorithm) -> bytes:
        """Sign `message` and return the signature as CMS wants it.

        Raises:
            TokenError: `signer-closed`, or `algorithm-unsupported`.
        """
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

        from gsign.token.proof import hash_of

        key, hashed = self._open_key(), hash_of(algorithm.digest)
        self.algorithm(algorithm.scheme, algorithm.digest)
        if isinstance(key, rsa.RSAPrivateKey):
            if algorithm.scheme is Scheme.PSS:
                return key.sign(message, padding.PSS(padding.MGF1(hashed), algorithm.digest.size), hashed)
            return key.sign(message, padding.PKCS1v15(), hashed)
        return key.sign(message, ec.ECDSA(hashed))


class FileDecrypter(_FileKey):
    """Open what was encrypted to the key of a PKCS#12 file (`gsign.signer.Decrypter`)."""

    def __init__(self, path: Path, key: RSAPrivateKey | EllipticCurvePrivateKey, certificate: bytes) -> None:
        super().__init__(path, key)
        self.certificates: tuple[bytes, ...] = (certificate,)

    def unwrap(self, certificate: bytes, encrypted: bytes, padding: Oaep | None, size: int) -> bytes:
        """Decrypt a content key of `size` bytes; a key by chance where it is not to be had.

        Raises:
            TokenError: `signer-closed`.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

        from gsign.cms.transport import oaep_padding

        key = self._open_key()
        try:
            if not isinstance(key, rsa.RSAPrivateKey):
                return key_or_chance(None, size)
            return key_or_chance(key.decrypt(encrypted, oaep_padding(padding) if padding else PKCS1v15()), size)
        except (ValueError, UnsupportedAlgorithm):
            return key_or_chance(None, size)

    def agree(self, certificate: bytes, point: bytes) -> bytes:
        """Return the ECDH secret with a point; one by chance for what is none of this curve's.

        Raises:
            TokenError: `signer-closed`.
        """
        from cryptography.hazmat.primitives.asymmetric import ec

        key = self._open_key()
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            return os.urandom(_CHANCE_SECRET)
        try:
            return key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(key.curve, point))
        except ValueError:
            return os.urandom(_CHANCE_SECRET)


def open_signer(path: str | os.PathLike[str], *, pin: str | Callable[[], str | None] | None = None) -> FileSigner:
    """Open the key of a PKCS#12 file (RFC 7292).

    Args:
        path: the file.
        pin: its password, or what asks for it (called once); None for none.

    Raises:
        InputError: `input-unreadable`; `pkcs12-unreadable` where the file is none of this kind.
        TokenError: `key-file-missing`, `pkcs12-password-incorrect`, or `pkcs12-incomplete` where it holds no key with
            its certificate.
    """
    file = Path(path)
    return FileSigner(file, *_read(file, pin))


def open_decrypter(path: str | os.PathLike[str], *, pin: str | Callable[[], str | None] | None = None) -> FileDecrypter:
    """Open the key of a PKCS#12 file to decrypt with it.

    Args:
        path: the file.
        pin: as for `open_signer`.

    Raises:
        InputError: as `open_signer`.
        TokenError: as `open_signer`.
    """
    file = Path(path)
    key, certificate, _ = _read(file, pin)
    return FileDecrypter(file, key, certificate)


def _read(
    file: Path, pin: str | Callable[[], str | None] | None
) -> tuple[RSAPrivateKey | EllipticCurvePrivateKey, bytes, tuple[bytes, ...]]:
    """Read key, certificate and further certificates."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import Encoding

    content = _load(file, pin)
    key, certificate = content.key, content.cert
    if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)) or certificate is None:
        raise TokenError("pkcs12-incomplete", path=str(file))
    chain = tuple(one.certificate.public_bytes(Encoding.DER) for one in content.additional_certs)
    return key, certificate.certificate.public_bytes(Encoding.DER), chain


def _load(file: Path, pin: str | Callable[[], str | None] | None) -> PKCS12KeyAndCertificates:
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    try:
        with file.open("rb") as stream:
            data = stream.read(_LARGEST_FILE)
    except FileNotFoundError:
        raise TokenError("key-file-missing", path=str(file)) from None
    except OSError as error:
        raise InputError("input-unreadable", file=str(file), cause=error.strerror) from None
    if not data.startswith(b"\x30"):
        raise InputError("pkcs12-unreadable", path=str(file))
    password = pin if pin is None or isinstance(pin, str) else pin()
    try:
        return load_pkcs12(data, password.encode() if password is not None else None)
    except ValueError as error:
        # The library says both in one exception; only its text tells a wrong password from a broken file.
        if "password" in str(error).lower():
            raise TokenError("pkcs12-password-incorrect", path=str(file)) from None
        raise InputError("pkcs12-unreadable", path=str(file)) from None
