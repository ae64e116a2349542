"""Sign, augment and verify PDF documents: the stories told in order, each step a call into the workshop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Unpack

from gsign.errors import DecisionNeededError, NoSignatureError, UsageError
from gsign.place import Place
from gsign.result import NUMBER_ENTRY, ROLE_ENTRY, VIETNAM, Level, Role, SignerInfo, VerificationResult
from gsign.roles.parts import Part, Scene, parts_of
from gsign.roles.standing import Standing, standing
from gsign.signer import Digest, Signer
from gsign.signing.archive import allows_transparency
from gsign.signing.draft import Draft, SignatureSpec
from gsign.signing.lint.looking import Lint
from gsign.signing.longterm import collect_status, has_timestamp
from gsign.signing.output import Entering, complete_file, enter
from gsign.signing.permissions import lost_rights, signed_fields
from gsign.signing.placeholder import base_entries
from gsign.signing.request import (
    PKCS7,
    SignedPart,
    SigningRecord,
    SignOptions,
    SignRequest,
)
from gsign.signing.revision import FieldPlan
from gsign.signing.seal import TIMESTAMP_ROOM, Seal, imprint_digest
from gsign.signing.seed_values import Offer
from gsign.syntax.damage import describe_damage
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Name, text_string
from gsign.syntax.reader import Document
from gsign.syntax.source import Readable, Source, open_source
from gsign.trust.clients import Trusted, revocation_client, trust_store

if TYPE_CHECKING:
    from gsign.trust.revocation import RevocationClient
    from gsign.trust.signing_certificate import SignerCheck
    from gsign.trust.timestamp import TimestampClient

__all__ = ["Place", "Preview", "SigningRecord", "augment", "augment_to", "preview", "sign", "sign_to", "verify"]

STAMPED: Final = Digest.SHA256
"""Digest of document timestamps that are added on their own."""

Sink = Callable[[bytes], object]


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
    with open_source(source) as opened, _structure_of(opened):
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
    with open_source(source) as opened, _structure_of(opened), complete_file(target, source, force=force) as file:
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
    with open_source(source) as opened, _structure_of(opened):
        draft = Draft(opened, request.password)
        fields = [field for field in draft.document.fields() if field.name == request.field]
        plan = FieldPlan(request.field or "", fields[0] if fields else None)
        before, parts = _planned(source, opened, draft.document, plan, signer, request, _now())
    places = {part.shows: part.place for part in parts if part.place is not None}
    if not places:
        raise UsageError("nothing-to-preview")
    told = tuple(SignedPart(part.shows, plan.name, part.place) for part in parts)
    return Preview(draw(source, places, request.password), told, _warnings(before, parts))


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
    with open_source(source) as opened, _structure_of(opened):
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
    with open_source(source) as opened, _structure_of(opened), complete_file(target, source, force=force) as file:
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

    client = revocation_client(revocation, offline=offline)
    with open_source(source) as opened:
        return verify_document(opened, trust=trust_store(trust), at=at, revocation=client, password=password)


# ---------------------------------------------------------------- the stories


def _sign(readable: Readable, source: Source, signer: Signer, request: SignRequest, sink: Sink) -> SigningRecord:
    from gsign.trust.signing_certificate import require_certificate

    now = _now()
    # (1) the signer's certificate, before the key is used
    check = require_certificate(signer, request.trust, request.revocation, now)
    seal = _seal(signer, request, check, now)
    # (2) the document's structure; what earlier signatures and fields allow, and what the role asks of them
    draft = Draft(source, request.password)
    offer = _offer(request, seal)
    plan = draft.plan(request.field, offer)
    before, parts = _planned(readable, source, draft.document, plan, check.signer, request, now)
    # (3) one pass: the digests that are needed, earlier signatures, what is suspicious, the copy
    stamped = imprint_digest(seal.algorithm.digest)
    lint = Lint(draft.document)
    _pass_once(draft, {seal.algorithm.digest, stamped}, sink, lint)
    if request.strict and (warnings := (*_warnings(before, parts), *lint.findings())):
        raise DecisionNeededError("refused-by-strict", warnings=warnings)
    further = (*lost_rights(draft.document), *(() if signer.is_token else ("not-a-token",)))
    # (4) the signatures, and what keeps them good
    seal.meanwhile = lint.findings
    made = [_sign_part(draft, part, offer, seal, check.signer, request, now) for part in parts]
    _preserve(draft, [contents for _, contents in made], request, stamped)
    sink(draft.tail())
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
        warnings=tuple(dict.fromkeys((*check.warnings, *_warnings(before, parts), *lint.findings(), *further))),
        parts=tuple(part for part, _ in made),
        number=next((part.number for part in parts if part.number), None),
        follows=before.follows.signer.name if before.follows is not None else None,
    )


def _augment(source: Source, request: SignRequest, sink: Sink) -> None:
    draft = Draft(source, request.password)
    contents = [bytes(value) for value in draft.signatures()]
    if not contents:
        raise NoSignatureError("no-signature", file=source.name or "-")
    _pass_once(draft, {STAMPED}, sink)
    if request.level is Level.B_T or not all(map(has_timestamp, contents)):
        # A signature cannot be given a timestamp of its own any more: one over the document proves that it existed.
        contents.append(_stamp_document(draft, request, STAMPED))
    _preserve(draft, contents, request, STAMPED)
    sink(draft.tail())


def _preserve(draft: Draft, contents: list[bytes], request: SignRequest, stamped: Digest) -> None:
    """Add what a level demands beyond a timestamp of the signature."""
    if request.level in (Level.B_LT, Level.B_LTA):
        from gsign.trust.store import default_store

        store = request.trust or default_store()
        draft.add_store(collect_status(contents, store, request.revocation, datetime.now(VIETNAM)))
    if request.level is Level.B_LTA:
        _stamp_document(draft, request, stamped)


# ---------------------------------------------------------------- steps


@contextmanager
def _structure_of(source: Source) -> Iterator[None]:
    """Map what the strict reader refuses, wherever in the story it comes upon it."""
    try:
        yield
    except PdfSyntaxError as error:
        raise describe_damage(source, error) from error


def _pass_once(draft: Draft, needed: set[Digest], sink: Sink, *others: Sink) -> None:
    """Read the document once: digests, the copy, whether earlier signatures hold, and what others look for."""
    from gsign.verification.orphans import MarkScanner, marks_of_objects, require_no_orphans

    scanner = MarkScanner()
    marks = marks_of_objects(draft.document)
    # Where a file has few objects those are looked at instead of all its bytes.
    listeners: tuple[Sink, ...] = (sink,) if marks is not None else (sink, scanner, *others)
    draft.expect(needed)
    if not signed_fields(draft.document.fields()):
        draft.digests.run(_to_all(listeners))
        require_no_orphans(draft.document, scanner.hits if marks is None else marks, ())
        return
    from gsign.verification.earlier import require_unbroken
    from gsign.verification.signatures import find_signatures

    earlier = find_signatures(draft.document, draft.digests)
    draft.digests.run(_to_all(listeners))
    require_unbroken(draft.document, earlier)
    places = (signature.cover.place for signature in earlier)
    require_no_orphans(draft.document, scanner.hits if marks is None else marks, places)


def _to_all(listeners: Sequence[Sink]) -> Sink:
    def pass_on(piece: bytes) -> None:
        for listener in listeners:
            listener(piece)

    return listeners[0] if len(listeners) == 1 else pass_on


def _seal(signer: Signer, request: SignRequest, check: SignerCheck, now: datetime) -> Seal:
    return Seal(
        signer,
        signer.algorithm(request.scheme, request.digest),
        check.chain,
        stamper=None if request.level is Level.B_B else request.timestamps,
        signing_time=now if request.subfilter == PKCS7 else None,
    )


def _offer(request: SignRequest, seal: Seal) -> Offer:
    return Offer(
        subfilter=request.subfilter,
        digest=seal.algorithm.digest,
        reason=request.reason,
        certify=request.certify,
        is_timestamped=seal.stamper is not None,
    )


def _planned(
    readable: Readable,
    source: Source,
    document: Document,
    plan: FieldPlan,
    signer: SignerInfo,
    request: SignRequest,
    now: datetime,
) -> tuple[Standing, tuple[Part, ...]]:
    """Look at what the role demands of what stands there, and say what it will show where."""
    before = standing(document, source, signer, request)
    return before, parts_of(Scene(readable, document, signer, request, before, now, _is_placed(plan, request)))


def _warnings(before: Standing, parts: Iterable[Part]) -> tuple[str, ...]:
    return (*before.warnings, *(warning for part in parts for warning in part.warnings))


def _now() -> datetime:
    return datetime.now(VIETNAM).replace(microsecond=0)


def _is_placed(plan: FieldPlan, request: SignRequest) -> bool:
    """Say whether the field is one that has a place of its own, which cannot be chosen any more."""
    if request.spots and plan.existing is not None:
        raise UsageError("field-has-place", field=plan.name)
    return plan.is_visible


def _sign_part(
    draft: Draft, part: Part, offer: Offer, seal: Seal, who: SignerInfo, request: SignRequest, now: datetime
) -> tuple[SignedPart, bytes]:
    """Add one signature, and return what it is with its CMS."""
    field = draft.plan(request.field, offer, part.field_stem).name
    contents = draft.add_signature(_signature_spec(draft, seal, who, request, part, now), seal.make)
    return SignedPart(part.shows, field, part.place), contents


def _signature_spec(
    draft: Draft, seal: Seal, who: SignerInfo, request: SignRequest, part: Part, now: datetime
) -> SignatureSpec:
    entries = base_entries(request.subfilter, now)
    if request.role is not Role.PLAIN:
        entries[ROLE_ENTRY] = Name(request.role.value)
    texts = (
        ("Name", who.name),
        ("Reason", request.reason),
        ("Location", request.location),
        (NUMBER_ENTRY, part.number),
    )
    for key, text in texts:
        if text:
            entries[key] = text_string(text)
    return SignatureSpec(
        entries=entries,
        digest=seal.algorithm.digest,
        room=seal.room,
        place=part.place,
        draw=lambda width, height: part.draw(width, height, soft_mask=allows_transparency(draft.document)),
        certify=request.certify,
    )


def _stamp_document(draft: Draft, request: SignRequest, digest: Digest) -> bytes:
    stamper = request.timestamps
    assert stamper is not None  # noqa: S101 - the request made sure of it
    return draft.add_timestamp(digest, lambda imprint: stamper.stamp(imprint, digest), TIMESTAMP_ROOM)
