"""Sign, augment and verify PDF documents: the stories told in order, each step a call into the workshop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from gsign.result import Level, SignerInfo
from gsign.signer import Algorithm, Signer
from gsign.signing.geometry import Place
from gsign.signing.output import complete_file
from gsign.signing.placeholder import VIETNAM, Placeholder, base_entries
from gsign.signing.request import PKCS7, SigningRecord, SignOptions, SignRequest
from gsign.signing.revision import Draw, FieldPlan, plan_field, write_signature
from gsign.signing.seal import TIMESTAMP_ROOM, Sealed, TooSmall, imprint_digest, seal
from gsign.syntax.digests import DigestPass, RangeDigest
from gsign.syntax.objects import text_string
from gsign.syntax.reader import Document
from gsign.syntax.source import Readable, Source, open_source

if TYPE_CHECKING:
    from gsign.trust.signing_certificate import SignerCheck

__all__ = ["Place", "SigningRecord", "sign", "sign_to"]

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
    with open_source(source) as opened:
        _sign(opened, signer, request, parts.append)
    return b"".join(parts)


def sign_to(
    source: Readable,
    output: str | PathLike[str],
    signer: Signer,
    *,
    force: bool = False,
    **options: Unpack[SignOptions],
) -> SigningRecord:
    """Sign a document into a file, which appears only when it is complete.

    The source is read in pieces and only once, whatever its size.

    Args:
        source: path, bytes or a seekable binary file.
        output: the signed file.
        signer: the key.
        force: whether an existing output is replaced.
        **options: see `gsign.signing.request.SignOptions`.

    Raises:
        UsageError: options that are off or do not fit the document.
        InputError: the document cannot be read, or an earlier signature is broken or forbids another one.
        TokenError: token, key, PIN or the signer's certificate.
        TemporaryError: no TSA answered, or a status that is required could not be had.
    """
    request = SignRequest.of(**options)
    target = Path(output)
    with open_source(source) as opened, complete_file(target, source, force=force) as file:
        record = _sign(opened, signer, request, file.write)
    return replace(record, output=fspath(target))


def _sign(source: Source, signer: Signer, request: SignRequest, sink: Sink) -> SigningRecord:
    now = datetime.now(VIETNAM)
    # (1) the signer's certificate, before the key is used
    check = _check_certificate(signer, request, now)
    algorithm = signer.algorithm(request.scheme, request.digest)
    # (2) the document's structure, and what earlier signatures allow
    document = Document(source)
    plan = plan_field(document, request.field, certify=request.certify is not None)
    draw = _draw(request, check.signer, now)
    # (3) one pass: the digest of what stands there, earlier signatures, the copy
    digests = DigestPass(source)
    before = digests.want(algorithm.digest.value)
    digests.run(sink)
    # (4) the revision and its signature
    placeholder, sealed = _add_signature(document, plan, signer, algorithm, check, request, draw, now, before)
    tail = bytes(placeholder.revision)
    sink(tail)
    return SigningRecord(
        file=source.name,
        output=None,
        field=plan.name,
        level=request.level,
        role=request.role,
        scheme=algorithm.scheme,
        digest=algorithm.digest,
        subfilter=request.subfilter,
        is_token=signer.is_token,
        key=signer.uri,
        signer=check.signer,
        signing_time=now.replace(microsecond=0),
        timestamp_time=None,
        warnings=check.warnings,
    )


def _check_certificate(signer: Signer, request: SignRequest, now: datetime) -> SignerCheck:
    from gsign.trust.signing_certificate import check_signing_certificate

    return check_signing_certificate(signer.certificate, signer.chain, request.trust, request.revocation, now)


def _draw(request: SignRequest, signer: SignerInfo, now: datetime) -> Draw:
    def draw(width: float, height: float):
        from gsign.appearance.plain import plain_lines
        from gsign.appearance.stamp import text_stamp

        lines = plain_lines(signer, now, reason=request.reason, location=request.location)
        return text_stamp(lines, width, height, image=request.image)

    return draw


def _add_signature(
    document: Document,
    plan: FieldPlan,
    signer: Signer,
    algorithm: Algorithm,
    check: SignerCheck,
    request: SignRequest,
    draw: Draw,
    now: datetime,
    before: RangeDigest,
) -> tuple[Placeholder, Sealed]:
    from gsign.cms import size_of

    entries = base_entries(request.subfilter, now)
    for key, text in (("Name", check.signer.name), ("Reason", request.reason), ("Location", request.location)):
        if text:
            entries[key] = text_string(text)
    room = size_of(signer.certificate, algorithm, check.chain) + (TIMESTAMP_ROOM if request.timestamps else 0)
    while True:
        placeholder = write_signature(
            document, plan, entries, room, place=request.place, draw=draw, certify=request.certify
        )
        try:
            return placeholder, seal(
                placeholder,
                before.hash(),
                signer,
                algorithm,
                check.chain,
                stamper=request.timestamps,
                signing_time=now if request.subfilter == PKCS7 else None,
            )
        except TooSmall as more:
            room = more.size + 1024
