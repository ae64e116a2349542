"""Timestamps: asked for and verified (RFC 3161, RFC 5816, ETSI EN 319 422)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from gsign import cms, der
from gsign.errors import TemporaryError
from gsign.signer import Digest
from gsign.trust.algorithms import Purpose, Worth, judge_digest
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.chain import Chain
from gsign.trust.fetch import FetchError, fetch
from gsign.trust.signatures import digest_name
from gsign.trust.usage import Usage, usage_problems

__all__ = ["TimestampClient", "TimestampError", "TimestampFacts", "TstInfo", "read_token", "verify_timestamp"]

MAX_RESPONSE: Final = 256 << 10
_AVOID_FAILED: Final = 60.0
_BINDINGS: Final = ("1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47")
_STATUSES: Final = {
    2: "status-rejection",
    3: "status-waiting",
    4: "status-revocation-warning",
    5: "status-revocation-notification",
}


class TimestampError(ValueError):
    """A token proves nothing; `reason` is one of `gsign.sentences.causes`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Store(Protocol):
    def find_chain(self, leaf: bytes, others: Iterable[bytes], at: datetime, usage: Usage | None) -> Chain: ...


class TstInfo(NamedTuple):
    """What a TSA says (RFC 3161 2.4.2)."""

    policy: str
    digest: str
    """Name of the imprint's digest, as `hashlib` spells it with hyphens."""
    imprint: bytes
    serial: int
    time: datetime
    accuracy: timedelta | None
    nonce: int | None
    signature_digest: str
    """Name of the digest that the TSA signed by."""


@dataclass(frozen=True, slots=True)
class TimestampFacts:
    """A token whose imprint and signature hold; `reasons` say what is wrong with its TSA's path or algorithms."""

    time: datetime
    certificate: bytes
    certificates: tuple[bytes, ...]
    """All certificates that the token carries."""
    policy: str
    accuracy: timedelta | None
    digest: str
    chain: Chain | None
    """Path of the TSA's certificate; None where no store was given."""
    reasons: tuple[str, ...] = ()
    sub_indication: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_trusted(self) -> bool:
        """Whether the time is proven."""
        return self.chain is not None and self.chain.is_trusted and not self.reasons


class TimestampClient:
    """Get timestamps from the first authority that gives a right one. Safe to share between threads.

    Args:
        urls: one address or several, in the order of preference; one that failed lately is tried last.
        timeout: seconds for each authority.
    """

    def __init__(self, urls: str | Sequence[str], *, timeout: float = 20.0) -> None:
        self.urls = (urls,) if isinstance(urls, str) else tuple(urls)
        self.timeout = timeout
        self._failed_until: dict[str, float] = {}

    def stamp(self, imprint: bytes, digest: Digest) -> bytes:
        """Get a timestamp over a digest.

        Args:
            imprint: the digest of what is stamped.
            digest: which digest it is.

        Returns:
            DER of a TimeStampToken whose status, nonce, imprint, signature and key usage were checked.

        Raises:
            TemporaryError: `tsa-unreachable`, with each authority's cause, where none gives a right one.
        """
        causes = []
        for url in self._order():
            try:
                return self._stamp_by(url, imprint, digest)
            except (FetchError, TimestampError) as error:
                self._failed_until[url] = time.monotonic() + _AVOID_FAILED
                causes.append(f"{url}: {error.reason}")
        raise TemporaryError("tsa-unreachable", causes="; ".join(causes) or "-")

    def _order(self) -> list[str]:
        now = time.monotonic()
        return sorted(self.urls, key=lambda url: self._failed_until.get(url, 0.0) > now)

    def _stamp_by(self, url: str, imprint: bytes, digest: Digest) -> bytes:
        nonce = int.from_bytes(os.urandom(8), "big") | 1 << 62
        answer = fetch(
            url,
            body=build_request(imprint, digest, nonce),
            content_type="application/timestamp-query",
            timeout=self.timeout,
            max_bytes=MAX_RESPONSE,
        )
        token = token_of(answer)
        info, _, _ = read_token(token)
        if info.nonce != nonce:
            raise TimestampError("nonce-wrong")
        if info.digest != digest.value or info.imprint != imprint:
            raise TimestampError("imprint-wrong")
        return token


def build_request(imprint: bytes, digest: Digest, nonce: int) -> bytes:
    """Write a TimeStampReq that asks for the TSA's certificate (RFC 3161 2.4.1)."""
    message_imprint = der.sequence(der.sequence(cms_digest(digest), der.NULL), der.octet_string(imprint))
    return der.sequence(der.integer(1), message_imprint, der.integer(nonce), der.tlv(der.BOOLEAN, b"\xff"))


def cms_digest(digest: Digest) -> bytes:
    """Write a digest's OID."""
    return der.parse(cms.digest_identifier(digest)).children()[0].raw


def token_of(response: bytes) -> bytes:
    """Return the token of a TimeStampResp that was granted (RFC 3161 2.4.2).

    Raises:
        TimestampError: `response-malformed`, or `status-…` with what the TSA said.
    """
    try:
        status, *token = der.parse(response).expect(der.SEQUENCE).children()
        code = status.expect(der.SEQUENCE).children()[0].integer()
    except (der.DerError, ValueError, IndexError) as error:
        raise TimestampError("response-malformed") from error
    if code not in (0, 1):
        raise TimestampError(_STATUSES.get(code, "response-malformed"))
    if not token:
        raise TimestampError("response-malformed")
    return token[0].raw


def read_token(token: bytes, others: Iterable[bytes] = ()) -> tuple[TstInfo, bytes, tuple[bytes, ...]]:
    """Read a token and check all that needs no trust: who signed it, and that it may stamp.

    (1) One signer over a TSTInfo; (2) its certificate is carried or among `others`, and bound by signing-certificate
    (RFC 5816); (3) message digest and signature; (4) the certificate's extended key usage is timeStamping, critical and
    alone (RFC 3161 2.3).

    Returns:
        What the TSA says, the DER of its certificate, and all certificates carried.

    Raises:
        TimestampError: the first of these that does not hold.
    """
    try:
        signed = cms.read(token, trailing=True)
        certificate = _check_signature(signed, tuple(others))
        return _read_info(signed.econtent or b"", signed.signer_infos[0].digest), certificate, signed.certificates
    except cms.CmsError as error:
        raise TimestampError(error.reason) from error
    except CertificateError as error:
        raise TimestampError("certificate-unreadable") from error
    except (der.DerError, ValueError, IndexError, TypeError) as error:
        raise error if isinstance(error, TimestampError) else TimestampError("token-malformed") from error


def verify_timestamp(
    token: bytes,
    imprint_of: Callable[[str], bytes],
    store: _Store | None,
    *,
    others: Iterable[bytes] = (),
    at: datetime | None = None,
) -> TimestampFacts:
    """Verify a timestamp and the path of its TSA.

    Args:
        token: DER or BER of a TimeStampToken; octets behind it are passed over (/Contents is padded).
        imprint_of: returns the digest of what was stamped, by the digest's name (`sha256`, `sha1` in old documents).
        store: what the TSA's path must lead to; None leaves `chain` out, and the time unproven.
        others: DER of further certificates, such as the document's.
        at: when the TSA's path is judged; None for the time of the token.

    Raises:
        TimestampError: the token is malformed, stamps something else, or its signature does not hold.
    """
    info, certificate, carried = read_token(token, others)
    if imprint_of(info.digest) != info.imprint:
        raise TimestampError("imprint-wrong")
    worths = {
        judge_digest(info.digest, Purpose.IMPRINT, info.time),
        judge_digest(info.signature_digest, Purpose.TIMESTAMP, info.time),
    }
    chain = None
    if store is not None:
        chain = store.find_chain(certificate, (*carried, *others), at or info.time, Usage.TIMESTAMP)
    weak = ("timestamp-algorithm-weak",) if Worth.WEAK in worths else ()
    return TimestampFacts(
        time=info.time,
        certificate=certificate,
        certificates=carried,
        policy=info.policy,
        accuracy=info.accuracy,
        digest=info.digest,
        chain=chain,
        reasons=(*weak, *(chain.reasons if chain is not None else ())),
        sub_indication="CRYPTO_CONSTRAINTS_FAILURE" if weak else chain.sub_indication if chain is not None else None,
        warnings=_warnings(worths, chain),
    )


def _warnings(worths: set[Worth], chain: Chain | None) -> tuple[str, ...]:
    found = ("legacy-algorithm",) if Worth.LEGACY in worths else ()
    return tuple(dict.fromkeys((*found, *(chain.warnings if chain is not None else ()))))


def _check_signature(signed: cms.SignedData, others: tuple[bytes, ...]) -> bytes:
    if signed.content_type != cms.ID_TST_INFO or signed.econtent is None or len(signed.signer_infos) != 1:
        raise TimestampError("token-malformed")
    (info,) = signed.signer_infos
    certificate = signed.signer_certificate(info) or next((c for c in others if info.identifies(c)), None)
    if certificate is None:
        raise TimestampError("certificate-missing")
    if all(info.signed_value(oid) is None for oid in _BINDINGS):
        raise TimestampError("signing-certificate-missing")
    if usage_problems(Certificate.of(certificate), Usage.TIMESTAMP):
        raise TimestampError("not-a-timestamp-certificate")
    digest = _hash(info.digest, signed.econtent)
    cms.verify_signer_info(info, certificate, digest, cms.ID_TST_INFO)
    return certificate


def _hash(name: str, data: bytes) -> bytes:
    import hashlib

    return hashlib.new(name.replace("-", "_"), data, usedforsecurity=False).digest()


def _read_info(content: bytes, signature_digest: str) -> TstInfo:
    version, policy, imprint, serial, moment, *rest = der.parse(content).expect(der.SEQUENCE).children()
    if version.integer() != 1:
        raise TimestampError("token-malformed")
    algorithm, hashed = imprint.expect(der.SEQUENCE).children()
    digest = digest_name(algorithm.children()[0].oid())
    if digest is None:
        raise TimestampError("algorithm-unknown")
    fields = {node.tag: node for node in rest}
    if len(fields) != len(rest):
        raise TimestampError("token-malformed")
    if 0xA1 in fields and _has_critical(fields[0xA1]):
        raise TimestampError("unknown-critical-extension")
    return TstInfo(
        policy=policy.oid(),
        digest=digest,
        imprint=hashed.octets(),
        serial=serial.integer(),
        time=der.read_time(moment.expect(der.GENERALIZED_TIME)),
        accuracy=_accuracy(fields[der.SEQUENCE]) if der.SEQUENCE in fields else None,
        nonce=fields[der.INTEGER].integer() if der.INTEGER in fields else None,
        signature_digest=signature_digest,
    )


def _has_critical(extensions: der.Node) -> bool:
    from gsign.trust.extensions import raw_extensions

    return any(critical for critical, _ in raw_extensions(extensions.children()).values())


def _accuracy(node: der.Node) -> timedelta:
    parts = {part.tag: int.from_bytes(part.content, "big") for part in node.children()}
    return timedelta(
        seconds=parts.get(der.INTEGER, 0), milliseconds=parts.get(0x80, 0), microseconds=parts.get(0x81, 0)
    )
