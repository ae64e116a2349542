"""Tokens, the keys on them, and why each key that is not taken was not taken.

Judged from what a token shows: before login its certificates, after login its keys too. A reason is a stable
identifier; its sentence is looked up in `gsign.sentences.token`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from gsign.der import DerError
from gsign.result import plain
from gsign.token import constants as ck
from gsign.token.certificate import CertificateFacts, PublicKey, point_octets, read_certificate
from gsign.token.uri import TokenUri, same_text

__all__ = ["KeyCandidate", "TokenInfo", "TokenObject", "judge", "read_objects"]

_SMALLEST = {"rsa": 2048, "ec": 256}
_LISTED_TYPES = ("private", "cert", "public")


class TokenInfo(NamedTuple):
    """A token as its driver describes it.

    `pin` is `ok`, `count-low` (a wrong PIN was sent before), `final-try` or `locked`; `pin_pad` says that the PIN is
    typed on the reader.
    """

    label: str
    serial: str
    manufacturer: str
    model: str
    module: str
    slot: int
    slot_description: str
    flags: int
    mechanisms: frozenset[int]

    @classmethod
    def of(cls, facts: Mapping[str, Any], module: str) -> TokenInfo:
        """Take the facts that the driver's process sent."""
        return cls(
            label=facts["label"],
            serial=facts["serial"],
            manufacturer=facts["manufacturer"],
            model=facts["model"],
            module=module,
            slot=facts["slot"],
            slot_description=facts["slot_description"],
            flags=facts["flags"],
            mechanisms=frozenset(facts["mechanisms"]),
        )

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What stays the same when the token is pulled out and put back, in this reader or another."""
        return (self.serial, self.label, self.manufacturer, self.model)

    @property
    def name(self) -> str:
        """What a person knows the token by."""
        return self.label or self.serial or self.slot_description

    @property
    def pin(self) -> str:
        """State of the PIN."""
        if self.flags & ck.CKF_USER_PIN_LOCKED:
            return "locked"
        if self.flags & ck.CKF_USER_PIN_FINAL_TRY:
            return "final-try"
        return "count-low" if self.flags & ck.CKF_USER_PIN_COUNT_LOW else "ok"

    @property
    def pin_pad(self) -> bool:
        """Whether the PIN is typed on the reader."""
        return bool(self.flags & ck.CKF_PROTECTED_AUTHENTICATION_PATH)

    @property
    def login_required(self) -> bool:
        """Whether keys need a login."""
        return bool(self.flags & ck.CKF_LOGIN_REQUIRED)

    @property
    def path(self) -> dict[str, str]:
        """The attributes of a URI that mean this token."""
        words = {"token": self.label, "serial": self.serial}
        if not self.serial:
            words |= {"manufacturer": self.manufacturer, "model": self.model}
        return {name: word for name, word in words.items() if word}

    @property
    def uri(self) -> str:
        """RFC 7512 URI of this token."""
        return str(TokenUri(self.path))

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints."""
        return {
            "uri": self.uri,
            "label": self.label,
            "serial": self.serial,
            "manufacturer": self.manufacturer,
            "model": self.model,
            "module": self.module,
            "slot": self.slot,
            "slot_description": self.slot_description,
            "pin": self.pin,
            "pin_pad": self.pin_pad,
        }


class TokenObject(NamedTuple):
    """A certificate or key as the token shows it; `public` is the modulus or point where it is shown."""

    kind: int
    handle: int
    id: bytes
    label: str
    value: bytes
    public: bytes
    may_sign: bool
    always_authenticate: bool


def read_objects(raw: Iterable[Sequence[Any]]) -> list[TokenObject]:
    """Take the objects that the driver's process sent."""
    return [_object(kind, handle, attributes) for kind, handle, attributes in raw]


def _object(kind: int, handle: int, attributes: Mapping[int, bytes]) -> TokenObject:
    modulus, point = attributes.get(ck.CKA_MODULUS, b""), attributes.get(ck.CKA_EC_POINT, b"")
    return TokenObject(
        kind=kind,
        handle=handle,
        id=attributes.get(ck.CKA_ID, b""),
        label=attributes.get(ck.CKA_LABEL, b"").decode("utf-8", "replace").rstrip("\0 "),
        value=attributes.get(ck.CKA_VALUE, b""),
        public=modulus.lstrip(b"\0") or point_octets(point),
        may_sign=attributes.get(ck.CKA_SIGN, b"\1") != b"\0",
        always_authenticate=attributes.get(ck.CKA_ALWAYS_AUTHENTICATE, b"\0") not in (b"\0", b""),
    )


class KeyCandidate(NamedTuple):
    """A certificate, a key, or both, and every reason why it cannot be taken for signing.

    `private_key` is None where the keys are not to be seen without a login.
    """

    token: TokenInfo
    label: str
    id: bytes
    certificate: bytes | None
    facts: CertificateFacts | None
    private_key: bool | None
    key: TokenObject | None
    rejected: tuple[str, ...]

    @property
    def uri(self) -> str:
        """RFC 7512 URI that means this key, without PIN and module."""
        words = {**self.token.path, "type": "private" if self.private_key is not False else "cert"}
        if self.label:
            words["object"] = self.label
        return str(TokenUri(words, self.id or None))

    @property
    def public_key(self) -> PublicKey | None:
        """The certificate's key."""
        return self.facts.key if self.facts else None

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints (times in ISO 8601)."""
        facts = self.facts
        return {
            "uri": self.uri,
            "token": self.token.label,
            "token_serial": self.token.serial,
            "module": self.token.module,
            "label": self.label,
            "id": self.id.hex(),
            "key": facts.key.name if facts else None,
            "private_key": self.private_key,
            "name": facts.name if facts else None,
            "organisation": facts.organisation if facts else None,
            "issuer": facts.issuer_name if facts else None,
            "serial": format(facts.serial, "X") if facts else None,
            "not_before": plain(facts.not_before) if facts else None,
            "not_after": plain(facts.not_after) if facts else None,
            "rejected": list(self.rejected),
        }


def judge(
    token: TokenInfo,
    objects: Sequence[TokenObject],
    uri: TokenUri,
    *,
    issuers: Collection[bytes] | None,
    keys_shown: bool,
    now: datetime | None = None,
) -> list[KeyCandidate]:
    """List every certificate and every private key of a token as a candidate, with the reasons against it.

    Args:
        token: the token.
        objects: what it shows.
        uri: whose `object`, `id` and `type` the key has to fit.
        issuers: DER Names of acceptable issuers; None accepts any.
        keys_shown: whether private keys are to be seen, after login.
        now: the moment to judge validity at; None for this one.
    """
    keys = [_with_public(item, objects) for item in objects if item.kind == ck.CKO_PRIVATE_KEY]
    moment = now or datetime.now(UTC)
    taken: set[int] = set()
    candidates = []
    for item in objects:
        if item.kind == ck.CKO_CERTIFICATE:
            candidate = _judge_certificate(token, item, keys, uri, issuers, keys_shown, moment)
            candidates.append(candidate)
            if candidate.key is not None:
                taken.add(candidate.key.handle)
    candidates += [
        KeyCandidate(token, key.label, key.id, None, None, True, key, ("no-certificate", *_against_uri(uri, (key,))))
        for key in keys
        if key.handle not in taken
    ]
    return _without_repetitions(candidates)


def _with_public(key: TokenObject, objects: Iterable[TokenObject]) -> TokenObject:
    """Add what only the public key object shows, as EC private keys seldom show their point."""
    if key.public or not key.id:
        return key
    twins = (item.public for item in objects if item.kind == ck.CKO_PUBLIC_KEY and item.id == key.id)
    return key._replace(public=next(twins, b""))


def _judge_certificate(
    token: TokenInfo,
    item: TokenObject,
    keys: Sequence[TokenObject],
    uri: TokenUri,
    issuers: Collection[bytes] | None,
    keys_shown: bool,
    moment: datetime,
) -> KeyCandidate:
    try:
        facts: CertificateFacts | None = read_certificate(item.value)
    except DerError:
        facts = None
    reasons = ["certificate-unreadable"] if facts is None else _against_certificate(facts, issuers, moment)
    key = _partner(item, facts, keys)
    reasons += _against_uri(uri, (item,) if key is None else (item, key))
    if key is not None:
        reasons += _against_key(key, facts)
    elif keys_shown:
        reasons.append("no-private-key")
    label = key.label if key is not None and key.label else item.label
    identifier = key.id if key is not None and key.id else item.id
    seen = True if key is not None else False if keys_shown else None
    return KeyCandidate(token, label, identifier, item.value, facts, seen, key, tuple(reasons))


def _partner(item: TokenObject, facts: CertificateFacts | None, keys: Sequence[TokenObject]) -> TokenObject | None:
    """Find a certificate's private key: by CKA_ID, unless another key is the certificate's by its public part."""
    public = facts.key.octets if facts else b""
    by_id = [key for key in keys if item.id and key.id == item.id]
    by_public = [key for key in keys if public and key.public == public]
    proven = [key for key in by_id if key in by_public] or by_public
    return next(iter(proven or by_id), None)


def _against_certificate(facts: CertificateFacts, issuers: Collection[bytes] | None, moment: datetime) -> list[str]:
    tests = {
        "ca-certificate": facts.is_ca,
        "key-usage": not facts.may_sign,
        "extended-key-usage": facts.is_for_other_purpose,
        "expired": moment > facts.not_after,
        "not-yet-valid": moment < facts.not_before,
        "key-unsupported": facts.key.kind not in _SMALLEST,
        "key-too-short": facts.key.bits < _SMALLEST.get(facts.key.kind, 0),
        "other-issuer": issuers is not None and facts.issuer not in issuers,
    }
    return [reason for reason, holds in tests.items() if holds]


def _against_key(key: TokenObject, facts: CertificateFacts | None) -> list[str]:
    tests = {
        "key-mismatch": bool(facts and key.public and key.public != facts.key.octets),
        "signing-not-permitted": not key.may_sign,
    }
    return [reason for reason, holds in tests.items() if holds]


def _against_uri(uri: TokenUri, objects: Sequence[TokenObject]) -> list[str]:
    label = uri.path.get("object")
    tests = {
        "other-type": uri.path.get("type", "private") not in _LISTED_TYPES,
        "other-label": label is not None and not any(same_text(label, item.label) for item in objects),
        "other-id": uri.id is not None and not any(uri.id == item.id for item in objects),
    }
    return [reason for reason, holds in tests.items() if holds]


def _without_repetitions(candidates: list[KeyCandidate]) -> list[KeyCandidate]:
    """Reject copies of a certificate, and certificates that were renewed for the same key by the same issuer."""
    judged: list[KeyCandidate] = []
    for place, candidate in enumerate(candidates):
        reason = None
        if candidate.certificate is not None and not candidate.rejected:
            others = [other for other in candidates if other is not candidate and not other.rejected]
            if any(other.certificate == candidate.certificate for other in candidates[:place] if not other.rejected):
                reason = "duplicate"
            elif any(_is_renewal(other, candidate) for other in others):
                reason = "superseded"
        judged.append(candidate._replace(rejected=(reason,)) if reason else candidate)
    return judged


def _is_renewal(newer: KeyCandidate, older: KeyCandidate) -> bool:
    one, two = newer.facts, older.facts
    return (
        one is not None
        and two is not None
        and (one.subject, one.issuer, one.key) == (two.subject, two.issuer, two.key)
        and one.not_before > two.not_before
    )
