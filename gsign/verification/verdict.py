"""The verdict on a document: facts of all signatures put together, the worst first (EN 319 102-1 clause 5.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from gsign.errors import GsignError
from gsign.result import (
    ChangesAfter,
    Coverage,
    Indication,
    Kind,
    Level,
    Revocation,
    SignatureResult,
    SignerInfo,
    VerificationResult,
    worst,
)
from gsign.syntax.digests import DigestPass
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.reader import Document
from gsign.syntax.source import BeginningOf, Source
from gsign.trust.certificate import Certificate
from gsign.trust.identity import (
    Context,
    Identity,
    ProvenTime,
    judge_identity,
    once,
    signature_timestamp,
    timestamp_time,
)
from gsign.trust.store import TrustStore, default_store
from gsign.trust.usage import Usage
from gsign.verification.earlier import before_of
from gsign.verification.envelope import CADES, indication_of, sub_indication_of
from gsign.verification.facts import signature_facts
from gsign.verification.orphans import MarkScanner, compressed_signatures, marks_of_objects, orphans
from gsign.verification.revisions import Later, Revisions
from gsign.verification.signatures import FoundSignature, find_signatures
from gsign.verification.store import read_dss
from gsign.verification.structure import check_file
from gsign.verification.views import as_of

if TYPE_CHECKING:
    from gsign.trust.evidence import ValidationData
    from gsign.trust.material import Material
    from gsign.trust.revocation import RevocationClient

__all__ = ["verify_document"]

_NO_LATER: Final = Later(ChangesAfter.NONE)


def verify_document(
    source: Source,
    *,
    trust: TrustStore | None = None,
    at: datetime | None = None,
    revocation: RevocationClient | None = None,
    password: str | None = None,
    known: ValidationData | None = None,
    material: Material | None = None,
) -> VerificationResult:
    """Verify all signatures of a document.

    (1) Find them; (2) coverage on raw bytes; (3) integrity, in one digest pass; (4) what came after; (5) signer, path
    and status at the proven time; (6) timestamps; (7) algorithms; (8) the verdict. What fails on the way is no pass.

    Args:
        source: the file.
        trust: anchors; None for the pinned government authorities and those that the user confirmed.
        at: when to judge what no timestamp dates; None for now.
        revocation: asks for the status of certificates; None leaves it unknown, with a warning.
        password: of an encrypted document.
        known: certificates, OCSP responses and CRLs beside those that the document brings.
        material: takes what is relied on.

    Raises:
        InputError: the file cannot be read, or `password-needed`, `password-wrong`.
    """
    try:
        return _verify(source, trust, at, revocation, password, known, material)
    except GsignError:
        raise
    except PdfSyntaxError as error:

        def again(part: Source) -> VerificationResult:
            return verify_document(
                part, trust=trust, at=at, revocation=revocation, password=password, known=known, material=material
            )

        return _judge_refused(source, error, again)
    except (MemoryError, RecursionError):
        return VerificationResult(source.name, Indication.UNREADABLE, reasons=("limit-exceeded",))
    except Exception:  # noqa: BLE001 - whatever a stranger's file provokes, it is no pass
        return VerificationResult(source.name, Indication.TOTAL_FAILED, reasons=("internal-error",))


def _judge_refused(
    source: Source, error: PdfSyntaxError, verify_part: Callable[[Source], VerificationResult]
) -> VerificationResult:
    """Judge what the strict reader refuses; where foreign bytes stand behind a document, that document is verified."""
    from gsign.verification.damaged import end_of_document, judge_damaged, with_bytes_behind

    end = end_of_document(source)
    if end is None:
        return judge_damaged(source, error)
    return with_bytes_behind(source, error, verify_part(BeginningOf(source, end)))


def _verify(
    source: Source,
    trust: TrustStore | None,
    at: datetime | None,
    revocation: RevocationClient | None,
    password: str | None,
    known: ValidationData | None,
    material: Material | None,
) -> VerificationResult:
    document = _open(source, password)
    digests, scanner = DigestPass(source), MarkScanner()
    found = find_signatures(document, digests)
    marks = marks_of_objects(document) if found else None
    digests.run(scanner if marks is None else None)
    lost = orphans(document, scanner.hits if marks is None else marks, [s.cover.place for s in found])
    if not found and not lost:
        is_hidden = compressed_signatures(document)
        if not is_hidden:
            return VerificationResult(source.name, Indication.NO_SIGNATURE_FOUND)
        lost = [0]
    dss = read_dss(document)
    context = _context(found, trust, at, revocation, dss + known if known is not None else dss, material)
    for signature in found:
        signature.check(context.others)
    judged = _Judgement(document, found, context, password, dss).all()
    results = [r for r, _ in judged] + [_lost() for _ in lost[:1]]
    reasons: tuple[str, ...] = ()
    indication = worst([r.indication for r in results])
    if indication is Indication.TOTAL_PASSED and all(r.kind is Kind.DOCUMENT_TIMESTAMP for r in results):
        # Anybody can have a timestamp: it says since when a document exists, and nobody's word for it.
        indication, reasons = Indication.NO_SIGNATURE_FOUND, ("timestamp-alone",)
    return VerificationResult(
        source.name,
        indication,
        tuple(results),
        reasons=reasons,
        facts={"verified_at": context.now, "signatures": [facts for _, facts in judged]},
    )


def _open(source: Source, password: str | None) -> Document:
    document = Document(source)
    document.unlock(password)
    return document


def _context(
    found: list[FoundSignature],
    trust: TrustStore | None,
    at: datetime | None,
    revocation: RevocationClient | None,
    known: ValidationData,
    material: Material | None,
) -> Context:
    carried = [c for s in found if s.envelope is not None for c in s.envelope.signed.certificates]
    return Context(
        trust=_finder(trust, revocation),
        revocation=revocation,
        at=at.astimezone(UTC) if at is not None else None,
        now=datetime.now(UTC),
        others=tuple(dict.fromkeys((*carried, *known.certificates))),
        known=known,
        material=material,
    )


def _finder(trust: TrustStore | None, revocation: RevocationClient | None) -> TrustStore:
    """Return the anchors, with issuers fetched that this document does not bring."""
    store = trust if trust is not None else default_store()
    return revocation.completing(store, strangers=True) if revocation is not None else store


def _lost() -> SignatureResult:
    """A signature whose bytes are there and that no field reaches."""
    return SignatureResult(
        field=None,
        kind=Kind.SIGNATURE,
        indication=Indication.TOTAL_FAILED,
        sub_indication="FORMAT_FAILURE",
        intact=False,
        trusted=False,
        coverage=Coverage.NONE,
        changes_after=ChangesAfter.NONE,
        level=None,
        role=None,
        trust_domain=None,
        signer=SignerInfo(),
        claimed_time=None,
        proven_time=None,
        revocation=Revocation.UNKNOWN,
        reasons=("rewritten-after-signing",),
    )


class _Judgement(NamedTuple):
    """All signatures of a document, whose digests are known."""

    document: Document
    found: list[FoundSignature]
    context: Context
    password: str | None
    dss: ValidationData

    def all(self) -> list[tuple[SignatureResult, dict[str, object]]]:
        structure = check_file(self.document)
        alone = len(self.found) == 1 and self.found[0].cover.coverage is Coverage.WHOLE_FILE
        covered = [s for s in self.found if s.cover.coverage is not Coverage.NONE]
        covering = {s.number: before_of(self.document, s, is_alone=alone) for s in covered}
        intact = {s.number for s in self.found if s.is_intact}
        revisions = Revisions(self.document, covering.values(), intact, with_text=True, password=self.password)
        stamps = self._document_timestamps()
        results = []
        for signature in self.found:
            before = covering.get(signature.number)
            later = revisions.after(before) if before is not None else _NO_LATER
            results.append(self._one(signature, structure, later, stamps))
        return results

    def _document_timestamps(self) -> list[tuple[int, ProvenTime]]:
        """Verify the document timestamps: from which section on each proves that everything existed."""
        stamps = []
        for signature in self.found:
            envelope = signature.envelope
            if signature.is_intact and envelope is not None and envelope.kind is Kind.DOCUMENT_TIMESTAMP:
                digest = envelope.covered.digest()
                stamps.append(
                    (signature.cover.section, timestamp_time(envelope.raw, lambda _, d=digest: d, self.context))
                )
        return stamps

    def _one(
        self,
        signature: FoundSignature,
        structure: tuple[str, ...],
        later: Later,
        stamps: list[tuple[int, ProvenTime]],
    ) -> tuple[SignatureResult, dict[str, object]]:
        claimed = signature.claimed_time(self.document)
        stamp, proven = self._time(signature, stamps)
        identity = self._identity(signature, proven, claimed)
        for reason in signature.reasons:
            identity.lower(indication_of(reason), sub_indication_of(reason), reason)
        for reason in (*structure, *later.reasons):
            identity.lower(Indication.TOTAL_FAILED, "FORMAT_FAILURE", reason)
        if stamp.pending:
            identity.lower(Indication.INDETERMINATE, "TRY_LATER", "timestamp-revocation-unavailable")
        result = SignatureResult(
            field=signature.field.name,
            kind=signature.kind,
            indication=identity.indication,
            sub_indication=identity.sub_indication,
            intact=signature.is_intact,
            trusted=identity.trusted,
            coverage=Coverage.NONE if structure else signature.cover.coverage,
            changes_after=later.changes,
            level=self._level(signature, identity, stamp, stamps),
            role=signature.role,
            trust_domain=identity.domain,
            signer=_signer(signature),
            claimed_time=claimed,
            proven_time=proven,
            revocation=identity.revocation,
            warnings=once((*signature.warnings, *identity.warnings, *stamp.warnings, *later.warnings)),
            reasons=once(identity.reasons),
        )
        if self.context.material is not None and signature.envelope is not None:
            self.context.material.add("signatures", signature.envelope.raw)
        return result, signature_facts(signature, later, identity, stamp)

    def _time(
        self, signature: FoundSignature, stamps: list[tuple[int, ProvenTime]]
    ) -> tuple[ProvenTime, datetime | None]:
        """Return what the signature's own timestamp proves, and the earliest time that any proves."""
        if not signature.is_intact or signature.envelope is None:
            return ProvenTime(None), None
        if signature.kind is Kind.DOCUMENT_TIMESTAMP:
            own = next(p for s, p in stamps if s == signature.cover.section)
            return own, own.time
        own = signature_timestamp(signature.envelope, self.context)
        later = [p.time for section, p in stamps if section < signature.cover.section]
        times = [t for t in (own.time, *later) if t is not None]
        return own, min(times, default=None)

    def _identity(self, signature: FoundSignature, proven: datetime | None, claimed: datetime | None) -> Identity:
        if not signature.is_intact or signature.envelope is None:
            return Identity(Indication.TOTAL_PASSED)
        usage = Usage.TIMESTAMP if signature.kind is Kind.DOCUMENT_TIMESTAMP else Usage.SIGNATURE
        return judge_identity(signature.envelope, proven, claimed, self.context, usage)

    def _level(
        self,
        signature: FoundSignature,
        identity: Identity,
        stamp: ProvenTime,
        stamps: list[tuple[int, ProvenTime]],
    ) -> Level | None:
        """Return the PAdES baseline level that was verified; None where there is none (EN 319 142-1 clause 6)."""
        envelope = signature.envelope
        if envelope is None or not signature.is_intact or envelope.subfilter != CADES or not envelope.is_bound:
            return None
        section = signature.cover.section
        covering = [s for s, p in stamps if s < section and p.time is not None]
        if stamp.time is None and not covering:
            return Level.B_B
        if not self._has_evidence(identity, self.dss):
            return Level.B_T
        archived = any(self._has_evidence(identity, read_dss(as_of(self.document, s))) for s in covering)
        return Level.B_LTA if archived else Level.B_LT

    def _has_evidence(self, identity: Identity, known: ValidationData) -> bool:
        """Say whether the DSS alone tells that the signer's path was good when it is judged."""
        from gsign.trust.revocation import RevocationClient

        chain = identity.chain
        if chain is None or chain.anchor is None or not (known.ocsps or known.crls):
            return False
        client = RevocationClient("prefer", offline=True)
        return client.status(chain, identity.moment or self.context.now, known).status is not Revocation.UNKNOWN


def _signer(signature: FoundSignature) -> SignerInfo:
    """Tell whom the signature names; of one that does not hold this is only what it says, and whom to ask."""
    if signature.envelope is None:
        return SignerInfo()
    try:
        certificate = signature.envelope.certificate or signature.envelope.named_certificate()
        return Certificate.of(certificate).signer_info() if certificate else SignerInfo()
    except (ValueError, IndexError, TypeError):  # what is off in it was told as the reason
        return SignerInfo()
