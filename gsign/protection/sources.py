"""Where certificates of recipients come from: files, folders, earlier signed mail; directories are in `directory`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from gsign import cms
from gsign.cms import CmsError, SignerInfo
from gsign.errors import InputError
from gsign.mime import canonical_lines, read
from gsign.protection.binding import addresses_of, is_same
from gsign.protection.capabilities import CAPABILITIES, read_capabilities
from gsign.protection.layers import ENCRYPTED, LayerError, find_layer
from gsign.protection.signers import Content, check_signers, open_signed
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.files import certificates_in

__all__ = ["AgencySource", "Candidate", "FileSource", "Source", "candidates_in_mail", "candidates_in_signed"]

_CERTIFICATES: Final = frozenset((".pem", ".crt", ".cer", ".der", ".p7b", ".p7c", ".p7s"))
_MAIL: Final = frozenset((".eml",))
_MOST_FILES: Final = 20_000
_LARGEST_CERTIFICATES: Final = 4 << 20
_LARGEST_MAIL: Final = 64 << 20


class Candidate(NamedTuple):
    """A certificate that may be a recipient's.

    Args:
        certificate: DER.
        origin: where it was found, for people.
        others: DER of certificates found beside it, which may stand above it.
        capabilities: what the recipient's program said of itself, None where it said nothing.
        stands_in: whether somebody decided that it counts for addresses that it does not name.
    """

    certificate: bytes
    origin: str
    others: tuple[bytes, ...] = ()
    capabilities: frozenset[str] | None = None
    stands_in: bool = False


class Source(Protocol):
    """A place where certificates are looked for by address."""

    def candidates(self, address: str) -> Iterable[Candidate]:
        """Return the certificates found for an address, judged by nobody yet.

        Raises:
            GsignError: the place cannot be read.
        """
        ...

    def authorities(self) -> Iterable[bytes]:
        """Return DER of authorities' certificates that are there too, which may stand above any recipient's.

        Raises:
            GsignError: the place cannot be read.
        """
        ...


class FileSource:
    """Certificates in a file, or in a folder's files; signed messages (`.eml`) give those of their signers.

    Args:
        path: file or folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def candidates(self, address: str) -> list[Candidate]:
        """Return those that name the address.

        Raises:
            InputError: `recipients-unreadable`.
        """
        return [one for one in self.all if any(is_same(named, address) for named in _named(one.certificate))]

    @property
    def all(self) -> list[Candidate]:
        """Every certificate of somebody, each once.

        Raises:
            InputError: `recipients-unreadable`; a folder's files that hold no certificate are passed over.
        """
        return [one for one in self._found.values() if not _is_authority(one.certificate)]

    def authorities(self) -> tuple[bytes, ...]:
        """Return the authorities' certificates among them.

        Raises:
            InputError: as `all`.
        """
        return tuple(one.certificate for one in self._found.values() if _is_authority(one.certificate))

    @cached_property
    def _found(self) -> dict[bytes, Candidate]:
        found: dict[bytes, Candidate] = {}
        for candidate in self._read():
            known = found.get(candidate.certificate)
            # What the holder's program said of itself counts, wherever else the certificate lies.
            if known is None or known.capabilities is None:
                found[candidate.certificate] = candidate
        return found

    def _read(self) -> Iterator[Candidate]:
        try:
            if not self.path.is_dir():
                yield from _of_file(self.path, strict=True)
                return
            for count, file in enumerate(sorted(self.path.iterdir())):
                if count == _MOST_FILES:
                    raise InputError("recipients-unreadable", path=str(self.path), cause="too-many-files")
                if file.suffix.lower() in _CERTIFICATES | _MAIL and file.is_file():
                    yield from _of_file(file, strict=False)
        except OSError as error:
            path = str(error.filename or self.path)
            raise InputError("recipients-unreadable", path=path, cause=error.strerror or "-") from error


class AgencySource:
    """The certificate that an agency receives mail with, for people of its domains who have none themselves.

    Args:
        path: the certificate.
        is_ours: whether an address is in the agency's domains.
    """

    def __init__(self, path: Path, is_ours: Callable[[str], bool]) -> None:
        self._file = FileSource(path)
        self._is_ours = is_ours

    def candidates(self, address: str) -> list[Candidate]:
        """Return the certificate for the agency's addresses.

        Raises:
            InputError: `recipients-unreadable`.
        """
        return [one._replace(stands_in=True) for one in self._file.all] if self._is_ours(address) else []

    def authorities(self) -> tuple[bytes, ...]:
        """Return the authorities' certificates in the same file.

        Raises:
            InputError: `recipients-unreadable`.
        """
        return self._file.authorities()


def _of_file(path: Path, *, strict: bool) -> Iterator[Candidate]:
    is_mail = path.suffix.lower() in _MAIL
    with path.open("rb") as file:
        data = file.read(_LARGEST_MAIL if is_mail else _LARGEST_CERTIFICATES)
    try:
        if is_mail:
            yield from candidates_in_mail(data, str(path))
        else:
            yield from (Candidate(certificate, str(path)) for certificate in certificates_in(data))
    except CertificateError:
        if strict:
            raise InputError("recipients-unreadable", path=str(path), cause="no-certificate") from None


def candidates_in_mail(data: bytes, origin: str) -> Iterator[Candidate]:
    """Return the certificates that the signers of a message sent along, with what they said of their programs.

    What is said counts where the signature holds; whose certificate it is, its path tells.
    """
    try:
        layer = find_layer(read(canonical_lines(data)))
        if layer is not None and layer.form != ENCRYPTED:
            yield from _of_signed(open_signed(layer), origin)
    except (LayerError, CmsError):
        return


def candidates_in_signed(data: bytes, origin: str) -> Iterator[Candidate]:
    """Return the same from a SignedData by itself, as userSMIMECertificate holds it (RFC 2798 2.8)."""
    try:
        signed = cms.read(data)
    except CmsError:
        return
    if signed.signer_infos:
        yield from _of_signed(Content(signed.econtent or b"", signed), origin)
    else:
        yield from (Candidate(c, origin, signed.certificates) for c in signed.certificates if not _is_authority(c))


def _of_signed(content: Content, origin: str) -> Iterator[Candidate]:
    certificates = content.signed.certificates
    for signer in check_signers(content):
        if signer.certificate is None or signer.reason is not None:
            continue
        capabilities, owners = _capabilities(signer.info), _named(signer.certificate)
        for certificate in certificates:
            # Some have one key to sign with and another to receive with; both certificates name the same mailbox.
            if any(is_same(one, other) for one in _named(certificate) for other in owners):
                yield Candidate(certificate, origin, tuple(c for c in certificates if c != certificate), capabilities)


def _capabilities(info: SignerInfo) -> frozenset[str] | None:
    try:
        value = info.signed_value(CAPABILITIES)
        return read_capabilities(value) if value is not None else None
    except (ValueError, IndexError):
        return None


def _named(certificate: bytes) -> tuple[str, ...]:
    try:
        return addresses_of(certificate)
    except CertificateError:
        return ()


def _is_authority(certificate: bytes) -> bool:
    try:
        return Certificate.of(certificate).is_ca
    except CertificateError:
        return False
