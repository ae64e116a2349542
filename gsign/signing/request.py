"""What is asked for when a document is signed, and what is told afterwards."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict, Unpack

from gsign.errors import InputError, UsageError, word_of
from gsign.place import Place
from gsign.result import Level, Role, SignerInfo, plain
from gsign.signer import Digest, Scheme, digest_of, scheme_of
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
    "SignedPart",
    "SigningRecord",
]

CADES: Final = "ETSI.CAdES.detached"
PKCS7: Final = "adbe.pkcs7.detached"
DEFAULT_SIZE: Final = (170.0, 60.0)
"""Width and height of a visible plain signature, in points, where only a corner is given."""
_COPY_FORMS: Final = ("sao-y", "sao-luc", "trich-sao")
# What each role shows, as `--at` names it; the last is what a place without a name means.
_SHOWN: Final = {role: (role.value,) for role in Role} | {Role.ISSUE: ("number", "day", "month", "year", "seal")}
_MEANT_FOR: Final[dict[str, frozenset[Role]]] = {
    "number": frozenset({Role.ISSUE, Role.ANNEX, Role.COPY, Role.INCOMING}),
    "date": frozenset({Role.ISSUE, Role.INCOMING}),
    "copy_form": frozenset({Role.COPY}),
    "of": frozenset({Role.ANNEX}),
    "image": frozenset({Role.PLAIN, Role.INITIALS, Role.LEADER, Role.ISSUE}),
    "field": frozenset(Role) - {Role.ISSUE},
    "certify": frozenset(Role) - {Role.ISSUE},
}
"""Which roles an option means something to."""

Spot = tuple[float, ...]
"""Page and corner, with a size or without: (page, x, y[, width, height]) in points."""


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
    at: Place | Spot | Mapping[str, Place | Spot] | None
    """Page and rectangle as shown: (page, x, y[, width, height]) in points. None leaves a plain signature invisible;
    the places of other roles are then found from the document's text. `issue` shows several things: a mapping gives
    places to `number`, `day`, `month`, `year` and `seal`, a single place is the seal's."""
    image: PathName | bytes | None
    """PNG of the handwritten signature, the initials, the agency's seal, or what a plain signature shows."""
    number: str | None
    """`issue`: the document's number; `annex` and `copy`: its number and symbol; `incoming`: the number of arrival."""
    date: date | str | None
    """`issue`: date of the document; `incoming`: of arrival. Today where it is needed and not given."""
    copy_form: str | None
    """`sao-y` (default), `sao-luc` or `trich-sao`."""
    of: PathName | bytes | None
    """The main document of an annex: it bears the leader's signature, and the number where it was issued by gsign."""
    strict: bool
    """Refuse where the document, the image or the key gives reason for a warning."""
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


_LARGEST_IMAGE: Final = 64 << 20
"""Octets of an image's file."""

_OPTIONS: Final = frozenset(SignOptions.__annotations__)


class SignRequest(NamedTuple):
    """Options made definite and checked against each other."""

    role: Role
    level: Level
    timestamps: TimestampClient | None
    trust: TrustStore | None
    revocation: RevocationClient
    field: str | None
    spots: Mapping[str, Spot]
    """Places that were given, by what is shown there."""
    image: bytes | None
    number: str | None
    date: date | None
    copy_form: str
    main: PathName | bytes | None
    strict: bool
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
            UsageError: an option is off, or contradicts another.
            TypeError: there is no such option.
            InputError: `image-unreadable`.
        """
        unknown = options.keys() - _OPTIONS
        if unknown:
            raise TypeError(f"unexpected option: {', '.join(sorted(unknown))}")
        certify = options.get("certify") or None
        timestamps = timestamp_client(options.get("tsa"))
        role = word_of(Role, options.get("role", Role.PLAIN), "role-unknown")
        _check_role(role, options)
        request = cls(
            role=role,
            level=_level(options.get("level"), timestamps),
            timestamps=timestamps,
            trust=trust_store(options.get("trust")),
            revocation=revocation_client(options.get("revocation", "prefer"), offline=options.get("offline", False)),
            field=options.get("field") or None,
            spots=_spots(role, options.get("at")),
            image=_image(options.get("image")),
            number=(options.get("number") or "").strip() or None,
            date=_date(options.get("date")),
            copy_form=options.get("copy_form") or _COPY_FORMS[0],
            main=options.get("of"),
            strict=bool(options.get("strict")),
            reason=options.get("reason") or None,
            location=options.get("location") or None,
            certify=2 if certify is True else certify,
            scheme=scheme_of(options.get("scheme")),
            digest=digest_of(options.get("digest")),
            subfilter=options.get("subfilter", CADES),
            password=options.get("password"),
        )
        request._check()
        return request

    def _check(self) -> None:
        if self.copy_form not in _COPY_FORMS:
            raise UsageError("copy-form-unknown", value=self.copy_form, known=", ".join(_COPY_FORMS))
        if self.subfilter not in (CADES, PKCS7):
            raise UsageError("subfilter-unknown", subfilter=self.subfilter)
        if self.certify not in (None, 1, 2, 3):
            raise UsageError("certify-unknown", certify=self.certify)
        if self.level is not Level.B_B and self.timestamps is None:
            raise UsageError("tsa-needed", level=self.level.value)
        if self.level in (Level.B_LT, Level.B_LTA) and self.subfilter == PKCS7:
            raise UsageError("level-needs-pades", level=self.level.value)


class SignedPart(NamedTuple):
    """One signature of those that a role is made of."""

    shows: str
    """What stands there: the role, or `number`, `day`, `month`, `year` or `seal` of `issue`."""
    field: str
    place: Place | None
    """Page from 1 and rectangle as shown; None for an invisible one, and for a field that was there."""

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints."""
        place = dict(zip(Place._fields, self.place, strict=True)) if self.place is not None else None
        return {"shows": self.shows, "field": self.field, "place": place}


class SigningRecord(NamedTuple):
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
    parts: tuple[SignedPart, ...] = ()
    """Each signature that was made, in order; `field` is the last one's."""
    number: str | None = None
    """What stands on the document: number and symbol as far as they are known."""
    follows: str | None = None
    """Who signed before the agency did, as the competent person."""

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints."""
        told = {name: plain(value) for name, value in self._asdict().items()}
        parts = [part.to_dict() for part in self.parts]
        return {**told, "parts": parts, "place": parts[-1]["place"] if parts else None}


def _level(level: Level | str | None, timestamps: TimestampClient | None) -> Level:
    if level is None:
        return Level.B_T if timestamps else Level.B_B
    return word_of(Level, level, "level-unknown")


def _check_role(role: Role, options: SignOptions) -> None:
    """Refuse options that mean nothing to a role: somebody expects something of them."""
    for option, meant in _MEANT_FOR.items():
        if options.get(option) and role not in meant:
            known = ", ".join(r for r in Role if r in meant)
            raise UsageError("option-not-for-role", option=option.replace("_", "-"), role=role.value, roles=known)


def _spots(role: Role, at: Place | Spot | Mapping[str, Place | Spot] | None) -> dict[str, Spot]:
    if at is None:
        return {}
    shown = _SHOWN[role]
    spots = dict(at) if isinstance(at, Mapping) else {shown[-1]: at}
    for name, spot in spots.items():
        if name not in shown:
            raise UsageError("place-of-nothing", name=name, role=role.value, known=", ".join(shown))
        # A `Place` is such a tuple itself, and its numbers are checked all the same.
        if len(spot) not in (3, 5) or not all(map(_is_finite, spot)) or spot[0] != int(spot[0]):
            raise UsageError("place-malformed", at=",".join(map(str, spot)))
    return spots


def _date(value: date | str | None) -> date | None:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UsageError("date-malformed", date=value) from None


def _is_finite(number: object) -> bool:
    return isinstance(number, (int, float)) and math.isfinite(number)


def _image(image: PathName | bytes | None) -> bytes | None:
    if image is None or isinstance(image, bytes):
        return image
    from gsign.reading import read_at_most

    try:
        return read_at_most(Path(image), _LARGEST_IMAGE)
    except OSError as error:
        raise InputError("image-unreadable", file=str(image), cause=os.strerror(error.errno or 0)) from error
