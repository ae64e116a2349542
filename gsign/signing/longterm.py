"""What a later reader needs to judge a signature without the network (EN 319 142-1 clauses 5.4 and 6.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from gsign import cms
from gsign.errors import InputError
from gsign.result import VIETNAM, Level
from gsign.signer import Digest
from gsign.signing.draft import Draft
from gsign.signing.request import SignRequest
from gsign.signing.seal import TIMESTAMP_ROOM

if TYPE_CHECKING:
    from gsign.trust.evidence import ValidationData
    from gsign.trust.revocation import RevocationClient
    from gsign.trust.store import TrustStore

__all__ = ["has_timestamp", "preserve", "stamp_document"]


def preserve(draft: Draft, contents: list[bytes], request: SignRequest, stamped: Digest) -> None:
    """Add what a level demands beyond a timestamp of the signature: status data, and a timestamp of the document.

    Args:
        draft: the document.
        contents: the CMS of each signature and document timestamp, as in /Contents.
        request: what is asked for.
        stamped: digest that the authority is asked to stamp with.

    Raises:
        InputError: `chain-not-found`, `signature-unreadable`.
        TemporaryError: `revocation-unavailable`; no TSA answered.
        VerificationError: `certificate-revoked`.
    """
    if request.level in (Level.B_LT, Level.B_LTA):
        from gsign.trust.store import default_store

        store = request.trust or default_store()
        draft.add_store(_collect_status(contents, store, request.revocation, datetime.now(VIETNAM)))
    if request.level is Level.B_LTA:
        stamp_document(draft, request, stamped)


def stamp_document(draft: Draft, request: SignRequest, digest: Digest) -> bytes:
    """Add a document timestamp by the authorities that a request names, and return its token.

    Raises:
        TemporaryError: no TSA answered.
    """
    stamper = request.timestamps
    assert stamper is not None  # noqa: S101 - the request made sure of it
    return draft.add_timestamp(digest, lambda imprint: stamper.stamp(imprint, digest), TIMESTAMP_ROOM)


def _collect_status(
    signatures: Iterable[bytes], store: TrustStore, client: RevocationClient, now: datetime
) -> ValidationData:
    """Gather certificates and status data for signatures and for the timestamps in them.

    Args:
        signatures: the CMS of each signature or document timestamp, as in /Contents.
        store: anchors that their paths must lead to.
        client: asks for the status.
        now: when the certificates must be good.

    Raises:
        InputError: `chain-not-found`.
        TemporaryError: `revocation-unavailable`.
        VerificationError: `certificate-revoked`.
    """
    from gsign.trust.usage import Usage

    finder = client.completing(store, strangers=True, whole=True)
    chains = []
    for signed in _with_timestamps(signatures):
        usage = Usage.TIMESTAMP if signed.content_type == cms.ID_TST_INFO else Usage.SIGNATURE
        with _readable():
            certificate = signed.signer_certificate(signed.signer_infos[0]) if signed.signer_infos else None
        if certificate is None:
            raise InputError("signature-unreadable")
        chains.append(finder.find_chain(certificate, signed.certificates, now, usage))
    return client.collect(*chains)


def has_timestamp(contents: bytes) -> bool:
    """Say whether a signature carries a timestamp, or is one."""
    signed = _read(contents)
    return signed.content_type == cms.ID_TST_INFO or bool(_tokens(signed))


def _with_timestamps(signatures: Iterable[bytes]) -> Iterator[cms.SignedData]:
    for contents in signatures:
        signed = _read(contents)
        yield signed
        yield from map(_read, _tokens(signed))


def _tokens(signed: cms.SignedData) -> list[bytes]:
    with _readable():
        return [token for info in signed.signer_infos for token in info.timestamp_tokens()]


def _read(contents: bytes) -> cms.SignedData:
    with _readable():
        return cms.read(contents, trailing=True)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except cms.CmsError as error:
        raise InputError("signature-unreadable") from error
