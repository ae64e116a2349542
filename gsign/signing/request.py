"""What is asked for when a document is signed, and what is told afterwards."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict, TypeVar, Unpack

from gsign.errors import InputError, UsageError
from gsign.result import Level, Role, SignerInfo, plain
from gsign.signer import Digest, Scheme
from gsign.signing.geometry import Place
from gsign.trust.clients import PathName, revocation_client, timestamp_client, trust_store

if TYPE_CHECKING:
    from gsign.trust.revocation import RevocationClient
    from gsign.trust.store import TrustStore
    from gsign.trust.timestamp import TimestampClient

__all__ = [
    "CADES",
    "PKCS7",
    "SignOptions",
    "SignRequest",
    "SigningRecord",
]

CADES: Final = "ETSI.CAdES.detached"
PKCS7: Final = "adbe.pkcs7.detached"
DEFAULT_SIZE: Final = (170.0, 60.0)
"""Width and height of a visible signature, in points, where only a corner is given."""

_Word = TypeVar("_Word", bound=StrEnum)


class SignOptions(TypedDict, total=False):
    """How a document is to be signed; each has the default that `gsign sign` has."""

    role: Role | str
    """What the signature stands for."""
    level: Level | str | None
    """`B-B` to `B-LTA`; all but B-B need `tsa`. None is B-T where `tsa` is given, else B-B."""
    tsa: TimestampClient | str | Iterable[str] | None
    """URLs of timestamp authorities, tried in order."""
    trust: TrustStore | PathName | bytes | Iterable[PathName | bytes] | None
    """Anchors that the signer's certificate must lead to; None checks the certificate alone."""
    revocation: RevocationClient | str
    """`prefer` (default), `require` or `off`: whether the certificate's status is asked for before signing."""
    offline: bool
    """Ask nobody for a certificate's status."""
    field: str | None
    """Name of an existing empty signature field, or of the one to make."""
    at: Place | tuple[float, ...] | None
    """Page and rectangle as shown: (page, x, y[, width, height]) in points. None makes the signature invisible."""
    image: PathName | bytes | None
    """PNG shown in a visible signature."""
    reason: str | None
    location: str | None
    certify: bool | int | None
    """True or 1–3: certify with these DocMDP permissions; True is 2."""
    scheme: Scheme | str | None
    """`pkcs1` or `pss` for RSA keys; None or `auto` leaves it to the signer."""
    digest: Digest | str | None
    subfilter: str
    """`ETSI.CAdES.detached` or `adbe.pkcs7.detached`."""
    password: str | None
    """User or owner password of an encrypted document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignRequest:
    """Options made definite and checked against each other."""

    role: Role
    level: Level
    timestamps: TimestampClient | None
    trust: TrustStore | None
    revocation: RevocationClient
    field: str | None
    place: Place | None
    image: bytes | None
    reason: str | None
    location: str | None
    certify: int | None
    scheme: Scheme | None
    digest: Digest | None
    subfilter: str
    password: str | None

    @classmethod
    def of(cls, **options: Unpack[SignOptions]) -> SignRequest:
        """Make a request of what a caller gave.

        Raises:
            UsageError: an option is unknown, off, or contradicts another.
            InputError: `image-unreadable`.
        """
        unknown = options.keys() - SignOptions.__annotations__.keys()
        if unknown:
            raise TypeError(f"unexpected option: {', '.join(sorted(unknown))}")
        certify = options.get("certify") or None
        scheme = options.get("scheme")
        digest = options.get("digest")
        timestamps = timestamp_client(options.get("tsa"))
        request = cls(
            role=_word(Role, options.get("role", Role.PLAIN), "role-unknown"),
            level=_level(options.get("level"), timestamps),
            timestamps=timestamps,
            trust=trust_store(options.get("trust")),
            revocation=revocation_client(options.get("revocation", "prefer"), offline=options.get("offline", False)),
            field=options.get("field") or None,
            place=_place(options.get("at")),
            image=_image(options.get("image")),
            reason=options.get("reason") or None,
            location=options.get("location") or None,
            certify=2 if certify is True else certify,
            scheme=None if scheme in (None, "auto") else _word(Scheme, scheme, "scheme-unknown"),
            digest=None if digest is None else _word(Digest, digest, "digest-unknown"),
            subfilter=options.get("subfilter", CADES),
            password=options.get("password"),
        )
        request._check()
        return request

    def _check(self) -> None:
        if self.role is not Role.PLAIN:
            raise UsageError("role-not-available", role=self.role.value)
        if self.subfilter not in (CADES, PKCS7):
            raise UsageError("subfilter-unknown", subfilter=self.subfilter)
        if self.certify not in (None, 1, 2, 3):
            raise UsageError("certify-unknown", certify=self.certify)
        if self.level is not Level.B_B and self.timestamps is None:
            raise UsageError("tsa-needed", level=self.level.value)
        if self.level in (Level.B_LT, Level.B_LTA) and self.subfilter == PKCS7:
            raise UsageError("level-needs-pades", level=self.level.value)


@dataclass(frozen=True, slots=True)
class SigningRecord:
    """What was done to one document; times are aware."""

    file: str | None
    output: str | None
    field: str
    level: Level
    role: Role
    scheme: Scheme
    digest: Digest
    subfilter: str
    is_token: bool
    key: str
    signer: SignerInfo
    signing_time: datetime
    timestamp_time: datetime | None
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints."""
        return {k: plain(v) for k, v in asdict(self).items()}


def _word(kind: type[_Word], value: object, code: str) -> _Word:
    try:
        return kind(str(value))
    except ValueError:
        raise UsageError(code, value=value, known=", ".join(kind)) from None


def _level(level: Level | str | None, timestamps: TimestampClient | None) -> Level:
    if level is None:
        return Level.B_T if timestamps else Level.B_B
    return _word(Level, level, "level-unknown")


def _place(at: tuple[float, ...] | None) -> Place | None:
    """Make a place of what was given; a `Place` is such a tuple itself, and its numbers are checked all the same."""
    if at is None:
        return None
    if len(at) not in (3, 5) or not all(map(_is_finite, at)) or at[0] != int(at[0]):
        raise UsageError("place-malformed", at=",".join(map(str, at)))
    page, x, y, *size = at
    return Place(int(page), x, y, *(size or DEFAULT_SIZE))


def _is_finite(number: object) -> bool:
    return isinstance(number, (int, float)) and math.isfinite(number)


def _image(image: PathName | bytes | None) -> bytes | None:
    if image is None or isinstance(image, bytes):
        return image
    try:
        return Path(image).read_bytes()
    except OSError as error:
        raise InputError("image-unreadable", file=str(image), cause=os.strerror(error.errno or 0)) from error
