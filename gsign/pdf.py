"""Sign, augment and verify PDF documents: the stories told in order, each step a call into the workshop."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Unpack

from gsign.errors import DecisionNeededError, NoSignatureError, UsageError
from gsign.place import Place
from gsign.result import VIETNAM, Level, VerificationResult
from gsign.roles.making import make_part
from gsign.roles.planning import plan_parts
from gsign.roles.reading import Sink, read_once
from gsign.signer import Digest, Signer
from gsign.signing.draft import Draft
from gsign.signing.lint.looking import Lint
from gsign.signing.longterm import has_timestamp, preserve, stamp_document
from gsign.signing.output import Entering, complete_file, enter
from gsign.signing.permissions import lost_rights
from gsign.signing.request import SignedPart, SigningRecord, SignOptions, SignRequest
from gsign.signing.revision import FieldPlan
from gsign.signing.seal import Seal, imprint_digest
from gsign.signing.seed_values import Offer
from gsign.syntax.damage import open_document
from gsign.syntax.source import Readable, Source, open_source
from gsign.trust.clients import Trusted, judging_time, status_client, trust_store

if TYPE_CHECKING:
    from gsign.trust.revocation import RevocationClient
    from gsign.trust.timestamp import TimestampClient
    from gsign.verification.earlier import Earlier

__all__ = ["Place", "Preview", "SigningRecord", "augment", "augment_to", "preview", "sign", "sign_to", "verify"]

STAMPED: Final = Digest.SHA256
"""Digest of document timestamps that are added on their own."""


def sign(source: Readable, signer: Signer, **options: Unpack[SignOptions]) -> bytes:
    """Sign a document and return it with the signature.

    Args:
        source: path, bytes or a seekable binary file.
        signer: the key, from `gsign.pkcs11.open_signer` or `gsign.pkcs12.open_signer`.
        **options: see `gsign.signing.request.SignOptions`.

    Raises:
        GsignError: as `sign_to`, but for what concerns the output.
    """
    request = SignRequest.of(**options)
    parts: list[bytes] = []
    with open_document(source) as opened:
        _sign(source, opened, signer, request, parts.append)
    return b"".join(parts)


def sign_to(
    source: Readable,
    output: str | PathLike[str],
    signer: Signer,
    *,
    force: bool = False,
    entering: Entering[SigningRecord] | None = None,
    **options: Unpack[SignOptions],
) -> SigningRecord:
    """Sign a document into a file, which appears only when it is complete.

    The source is read in pieces and only once, whatever its size.

    Args:
        source: path, bytes or a seekable binary file.
        output: the signed file.
        signer: the key.
        force: whether an existing output is replaced.
        entering: called when the file is complete, and before it appears; where it raises, the file does not.
        **options: see `gsign.signing.request.SignOptions`.

    Raises:
        UsageError: options that are off or do not fit the document.
        InputError: the document cannot be read, or an earlier signature is broken or forbids another one.
        TokenError: token, key, PIN or the signer's certificate.
        TemporaryError: no TSA answered, or a status that is required could not be had.
    """
    request = SignRequest.of(**options)
    target = Path(output)
    with open_document(source) as opened, complete_file(target, source, force=force) as file:
        record = _sign(source, opened, signer, request, file.write)._replace(output=fspath(target))
        enter(file, record, entering)
    return record


class Preview(NamedTuple):
    """What a signature would look like on its pages."""

    picture: bytes
    """The pages that show something, as PNG, with a frame around each place."""
    parts: tuple[SignedPart, ...]
    warnings: tuple[str, ...]


def preview(source: Readable, certificate: bytes, **options: Unpack[SignOptions]) -> Preview:
    """Find the places at which `sign` would show something, and draw their pages; no key is needed.

    Args:
        source: path, bytes or a seekable binary file.
        certificate: DER of the certificate that would sign.
        **options: see `gsign.signing.request.SignOptions`.

    Raises:
        GsignError: as `sign`, where what is asked for is out of order or a place is not certain; `nothing-to-preview`.
    """
    from gsign.appearance.placement.preview import preview as draw
    from gsign.trust.certificate import Certificate

    request = SignRequest.of(**options)
    signer = Certificate.of(certificate).signer_info()
    with open_document(source) as opened:
        draft = Draft(opened, request.password)
        fields = [field for field in draft.document.fields() if field.name == request.field]
        field = FieldPlan(request.field or "", fields[0] if fields else None)
        plan = plan_parts(source, opened, draft.document, field, signer, request, _now())
    places = {part.shows: part.place for part in plan.parts if part.place is not None}
    if not places:
        raise UsageError("nothing-to-preview")
    told = tuple(SignedPart(part.shows, field.name, part.place) for part in plan.parts)
    return Preview(draw(source, places, request.password), told, plan.warnings)


def augment(
    source: Readable,
    *,
    level: Level | str,
    tsa: TimestampClient | str | Iterable[str],
    trust: Trusted = None,
    revocation: RevocationClient | str = "prefer",
    password: str | None = None,
) -> bytes:
    """Raise the signatures of a document to B-T, B-LT or B-LTA and return it.

    A document timestamp proves that every signature existed (B-T); the certificates and status data that a reader
    needs later are stored (B-LT) and stamped (B-LTA). EN 319 142-1 clauses 5.4 and 5.5.

    Args:
        source: path, bytes or a seekable binary file.
        level: what to reach.
        tsa: URL or URLs of timestamp authorities.
        trust: anchors that the signers' and the authorities' paths must lead to, beside the pinned ones.
        revocation: a client to ask with; a mode changes nothing here, since the data is what is wanted.
        password: of an encrypted document.

    Raises:
        NoSignatureError: there is nothing to augment.
        GsignError: as for `sign_to`.
    """
    request = SignRequest.of(level=level, tsa=tsa, trust=trust, revocation=revocation, password=password)
    parts: list[bytes] = []
    with open_document(source) as opened:
        _augment(opened, request, parts.append)
    return b"".join(parts)


def augment_to(
    source: Readable,
    output: str | PathLike[str],
    *,
    level: Level | str,
    tsa: TimestampClient | str | Iterable[str],
    trust: Trusted = None,
    revocation: RevocationClient | str = "prefer",
    password: str | None = None,
    force: bool = False,
    entering: Entering[None] | None = None,
) -> None:
    """Raise the signatures of a document into a file, which appears only when it is complete.

    Args:
        source: path, bytes or a seekable binary file.
        output: the augmented file.
        level: what to reach.
        tsa: URL or URLs of timestamp authorities.
        trust: anchors, beside the pinned ones.
        revocation: as for `augment`.
        password: of an encrypted document.
        force: whether an existing output is replaced.
        entering: as for `sign_to`.

    Raises:
        GsignError: as for `augment` and `sign_to`.
    """
    request = SignRequest.of(level=level, tsa=tsa, trust=trust, revocation=revocation, password=password)
    target = Path(output)
    with open_document(source) as opened, complete_file(target, source, force=force) as file:
        _augment(opened, request, file.write)
        enter(file, None, entering)


def verify(
    source: Readable,
    *,
    trust: Trusted = None,
    at: datetime | None = None,
    revocation: RevocationClient | str = "prefer",
    offline: bool = False,
    password: str | None = None,
) -> VerificationResult:
    """Verify every signature of a document.

    Args:
        source: path, bytes or a seekable binary file.
        trust: anchors beside the pinned ones.
        at: when to judge a signature that no trusted timestamp dates, as an aware datetime; None for now.
        revocation: `prefer`, `require` or `off`.
        offline: ask nobody.
        password: of an encrypted document.

    Raises:
        InputError: `input-unreadable`; `password-needed`, `password-wrong` for an encrypted document.
    """
    from gsign.verification.verdict import verify_document

    client, at = status_client(revocation, offline=offline), judging_time(at)
    with open_source(source) as opened:
        return verify_document(opened, trust=trust_store(trust), at=at, revocation=client, password=password)


# ---------------------------------------------------------------- the stories


def _sign(readable: Readable, source: Source, signer: Signer, request: SignRequest, sink: Sink) -> SigningRecord:
    from gsign.trust.signing_certificate import require_certificate

    now = _now()
    # (1) the signer's certificate, before the key is used
    check = require_certificate(signer, request.trust, request.revocation, now)
    seal = Seal.of(signer, request, check.chain, now)
    # (2) the document's structure; what earlier signatures and fields allow, and what the role asks of them
    draft = Draft(source, request.password)
    offer = Offer.of(request, seal.algorithm.digest)
    field = draft.plan(request.field, offer)
    plan = plan_parts(readable, source, draft.document, field, check.signer, request, now)
    # (3) one pass: the digests that are needed, earlier signatures, what is suspicious, the copy
    stamped = imprint_digest(seal.algorithm.digest)
    lint = Lint(draft.document)
    earlier = read_once(draft, {seal.algorithm.digest, stamped}, sink, lint)
    if request.strict and (warnings := (*plan.warnings, *lint.findings())):
        raise DecisionNeededError("refused-by-strict", warnings=warnings)
    lost = (*lost_rights(draft.document), *(() if signer.is_token else ("not-a-token",)))
    # (4) the signatures, while which what is suspicious is looked at; and what keeps them good
    seal.meanwhile = lint.findings
    made = [make_part(draft, part, offer, seal, check.signer, request, now) for part in plan.parts]
    preserve(draft, [contents for _, contents in made], request, stamped)
    _give(draft, earlier, sink)
    return SigningRecord(
        file=source.name,
        output=None,
        field=made[-1][0].field,
        level=request.level,
        role=request.role,
        scheme=seal.algorithm.scheme,
        digest=seal.algorithm.digest,
        subfilter=request.subfilter,
        is_token=signer.is_token,
        key=signer.uri,
        signer=check.signer,
        signing_time=now,
        timestamp_time=seal.timestamp_time(),
        warnings=tuple(dict.fromkeys((*check.warnings, *plan.warnings, *lint.findings(), *lost))),
        parts=tuple(part for part, _ in made),
        number=plan.number,
        follows=plan.follows,
    )


def _augment(source: Source, request: SignRequest, sink: Sink) -> None:
    draft = Draft(source, request.password)
    contents = [bytes(value) for value in draft.signatures()]
    if not contents:
        raise NoSignatureError("no-signature", file=source.name or "-")
    earlier = read_once(draft, {STAMPED}, sink)
    if request.level is Level.B_T or not all(map(has_timestamp, contents)):
        # A signature cannot be given a timestamp of its own any more: one over the document proves that it existed.
        contents.append(stamp_document(draft, request, STAMPED))
    preserve(draft, contents, request, STAMPED)
    _give(draft, earlier, sink)


def _give(draft: Draft, earlier: Earlier | None, sink: Sink) -> None:
    """Write what was added, where it breaks no signature that the document bore."""
    if earlier is not None:
        earlier.require_kept(draft.document)
    sink(draft.tail())


def _now() -> datetime:
    return datetime.now(VIETNAM).replace(microsecond=0)
