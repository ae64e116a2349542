"""Signatures that hold, by somebody who is not to be believed."""

from __future__ import annotations

from gsign.result import Indication
from tests.corpus.kit import Kit
from tests.corpus.model import forgery
from tests.pki import LEADER, ORGANISATION

_INDETERMINATE = Indication.INDETERMINATE


def _leaf(
    name: str, variant: str | None, why: str, reason: str, indication: Indication = _INDETERMINATE, **changes: object
) -> None:
    @forgery(f"signer-{name}", why, reason, indication)
    def make(kit: Kit) -> bytes:
        who = kit.pki.leaf(LEADER, variant=variant, **changes)
        return kit.custom(kit.plain(), lambda digest: kit.contents(digest, who))


_leaf("impostor", "impostor", "an authority of the same name, with another key", "no-chain-to-anchor")
_leaf("self-signed", "self-signed", "nobody vouches for the signer", "no-chain-to-anchor")
_leaf(
    "not-yet-valid",
    "not-yet-valid",
    "the certificate is of the future",
    "certificate-not-yet-valid",
    Indication.TOTAL_FAILED,
)
_leaf("encryption-only", "encryption-only", "the key may not sign", "wrong-key-usage")
_leaf("server", "server-authentication", "a web server's certificate", "wrong-extended-key-usage")
_leaf("sha1-certificate", "sha1", "the certificate is signed with SHA-1", "certificate-algorithm-weak")
_leaf("unknown-critical", "unknown-critical", "the certificate demands what is not known", "unknown-critical-extension")
_leaf("authority-key", "authority", "an authority's own key, for certificates alone", "wrong-key-usage")


@forgery(
    "signer-expired",
    "the certificate has expired and nothing proves an earlier time",
    "certificate-expired",
    _INDETERMINATE,
)
def signer_expired(kit: Kit) -> bytes:
    who = kit.pki.leaf(LEADER, variant="expired")
    return kit.custom(kit.plain(), lambda digest: kit.contents(digest, who))


@forgery(
    "signer-expired-claimed",
    "the signer claims a time when it was valid: a claim proves nothing",
    "certificate-expired",
    _INDETERMINATE,
)
def signer_expired_claimed(kit: Kit) -> bytes:
    who = kit.pki.leaf(LEADER, variant="expired")
    return kit.custom(kit.plain(), lambda digest: kit.contents(digest, who), {"M": b"D:20250601120000+07'00'"})


@forgery("signer-revoked", "the certificate was revoked", "certificate-revoked")
def signer_revoked(kit: Kit) -> bytes:
    who = kit.pki.leaf(ORGANISATION, key="rsa3072")
    kit.pki.revoke(who)
    return kit.custom(kit.plain(), lambda digest: kit.contents(digest, who))


@forgery(
    "expired-foreign-timestamp",
    "an unknown timestamp authority vouches for the time",
    "certificate-expired",
    _INDETERMINATE,
)
def expired_foreign_timestamp(kit: Kit) -> bytes:
    return _expired_with_timestamp(kit, foreign=True)


@forgery("expired-copied-timestamp", "a timestamp over something else", "certificate-expired", _INDETERMINATE)
def expired_copied_timestamp(kit: Kit) -> bytes:
    return _expired_with_timestamp(kit, foreign=False, copied=True)


@forgery(
    "timestamp-alone",
    "nobody signed: a document that anybody had timestamped",
    "timestamp-alone",
    Indication.NO_SIGNATURE_FOUND,
)
def timestamp_alone(kit: Kit) -> bytes:
    return kit.stamped(kit.plain())


def _expired_with_timestamp(kit: Kit, *, foreign: bool, copied: bool = False, also: bool = False) -> bytes:
    """Sign with an expired certificate, timestamped before: by a stranger, over something else, or by two of them."""
    import datetime as dt

    from gsign import cms, der
    from gsign.signer import Digest
    from gsign.trust.timestamp import build_request, token_of
    from tests.corpus.envelopes import _edit_signer
    from tests.corpus.kit import ALGORITHM
    from tests.pki import now
    from tests.pki_timestamp import timestamp_response

    who = kit.pki.leaf(LEADER, variant="expired")
    endpoint = kit.pki.tsa

    def stamp(value: bytes, *, foreign: bool) -> bytes:
        tsa = kit.pki.timestamping_identity(impostor=True) if foreign else kit.pki.tsa_identity
        imprint = Digest.SHA256.new(b"other" if copied else value).digest()
        endpoint.clock = lambda: now() - dt.timedelta(days=30)
        try:
            return token_of(timestamp_response(build_request(imprint, Digest.SHA256, 7), endpoint, tsa, tsa))
        finally:
            endpoint.clock = now

    def contents(digest: bytes) -> bytes:
        attributes = cms.signed_attributes(who.der, ALGORITHM, digest)
        value = kit.raw_signature(attributes.to_sign, who)
        tokens = [stamp(value, foreign=foreign), *([stamp(value, foreign=not foreign)] if also else [])]
        unsigned = der.sequence(der.oid(cms.ID_TIMESTAMP_TOKEN), der.tlv(der.SET, b"".join(tokens)))
        made = cms.assemble(attributes, value, chain=who.chain)
        return _edit_signer(made, lambda fields: [*fields, der.context(1, unsigned)])

    return kit.custom(kit.plain(), contents, room=20000)
