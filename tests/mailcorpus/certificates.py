"""Certificates that are worth nothing, or not enough (mail.md E4)."""

from __future__ import annotations

import datetime as dt

from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.mailcorpus.kit import Kit
from tests.mailcorpus.model import invalid, valid
from tests.pki import VARIANTS, Identity, now


def _signed_by(kit: Kit, who: Identity, **changes: object) -> bytes:
    return kit.detached(kit.cms(who=who, **changes))


def _variant(kit: Kit, name: str) -> Identity:
    return kit.pki.leaf(**{**VARIANTS[name], "pointers": False})


@invalid("expired", "the certificate has expired, and nothing proves an earlier time", "policy", "certificate-expired")
def expired(kit: Kit) -> bytes:
    return _signed_by(kit, _variant(kit, "expired"))


@invalid("expired-claims", "the signer claims to have signed before that", "policy", "certificate-expired")
def expired_claims(kit: Kit) -> bytes:
    return _signed_by(kit, _variant(kit, "expired"), time=now() - dt.timedelta(days=100))


@invalid("expired-timestamp", "a timestamp proves that it was signed after that", "fail", "certificate-expired")
def expired_timestamp(kit: Kit) -> bytes:
    return kit.detached(kit.timestamped(_variant(kit, "expired"), now()))


@invalid("expired-foreign-timestamp", "a timestamp of something else proves nothing", "policy", "certificate-expired")
def expired_foreign_timestamp(kit: Kit) -> bytes:
    return kit.detached(kit.timestamped(_variant(kit, "expired"), now() - dt.timedelta(days=100), over=b"another"))


@invalid("not-yet-valid", "the certificate begins next month", "fail", "certificate-not-yet-valid")
def not_yet_valid(kit: Kit) -> bytes:
    return _signed_by(kit, _variant(kit, "not-yet-valid"))


@invalid("revoked", "the certificate was revoked", "fail", "certificate-revoked", revocation="prefer")
def revoked(kit: Kit) -> bytes:
    return _signed_by(kit, kit.pki.leaf(variant="revoked"))


@invalid("status-unknown", "nobody tells the status, which is required", "temperror", revocation="require")
def status_unknown(kit: Kit) -> bytes:
    return _signed_by(kit, kit.person)


@invalid("unknown-authority", "an authority that nobody trusts, of the right name", "policy", "no-chain-to-anchor")
def unknown_authority(kit: Kit) -> bytes:
    return _signed_by(kit, _variant(kit, "impostor"))


@invalid("self-signed", "the signer vouches for itself", "policy", "no-chain-to-anchor")
def self_signed(kit: Kit) -> bytes:
    return _signed_by(kit, _variant(kit, "self-signed"))


@invalid("encryption-only", "a certificate to encrypt with", "policy", "wrong-key-usage")
def encryption_only(kit: Kit) -> bytes:
    return _signed_by(kit, _variant(kit, "encryption-only"))


@invalid("server", "a server's certificate", "policy", "not-a-mail-certificate")
def server(kit: Kit) -> bytes:
    return _signed_by(kit, _variant(kit, "server-authentication"))


@invalid("client-only", "a certificate to log in with, and not for mail", "policy", "not-a-mail-certificate")
def client_only(kit: Kit) -> bytes:
    return _signed_by(kit, kit.pki.leaf(extended_usages=(ExtendedKeyUsageOID.CLIENT_AUTH,), pointers=False))


@invalid("authority", "an authority's own certificate, which signs certificates", "policy", "wrong-key-usage")
def authority(kit: Kit) -> bytes:
    return _signed_by(kit, _variant(kit, "authority"))


@invalid("weak-key", "RSA of 1024 bits", "policy", "key-too-weak")
def weak_key(kit: Kit) -> bytes:
    return _signed_by(kit, _variant(kit, "weak-key"))


@invalid("sha1-certificate", "a certificate that was signed with SHA-1", "policy", "certificate-algorithm-weak")
def sha1_certificate(kit: Kit) -> bytes:
    return _signed_by(kit, _variant(kit, "sha1"))


@invalid("unknown-critical", "a critical extension that nobody knows", "policy", "unknown-critical-extension")
def unknown_critical(kit: Kit) -> bytes:
    return _signed_by(kit, _variant(kit, "unknown-critical"))


# ---------------------------------------------------------------- revoked, and when


def _revoked(kit: Kit, **moment: float) -> bytes:
    """Sign with the revoked certificate; a timestamp proves how long before or behind its revocation."""
    who = kit.pki.leaf(variant="revoked")
    revoked = now() - dt.timedelta(days=VARIANTS["revoked"]["revoked_days_ago"])
    return kit.detached(kit.timestamped(who, revoked + dt.timedelta(**moment)))


@valid("revoked-later", "a trusted timestamp proves an hour before the revocation", revocation="prefer")
def revoked_later(kit: Kit) -> bytes:
    return _revoked(kit, hours=-1)


@invalid("revoked-before", "a trusted timestamp an hour too late", "fail", "certificate-revoked", revocation="prefer")
def revoked_before(kit: Kit) -> bytes:
    return _revoked(kit, hours=1)


@invalid("revoked-claims", "the signer claims to have been earlier", "fail", "certificate-revoked", revocation="prefer")
def revoked_claims(kit: Kit) -> bytes:
    return _signed_by(kit, kit.pki.leaf(variant="revoked"), time=now() - dt.timedelta(days=300))
