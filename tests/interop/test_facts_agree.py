"""The quick path and the thorough one tell the same facts: every genuine document, judged by pyHanko as well.

Facts only: whether the bytes are those that were signed, how far they reach, who signed, when that is claimed and
proven to be. What may come after a signature is another matter, on which pyHanko's policy is not that of offices here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from gsign.result import Coverage, Kind, SignatureResult
from gsign.syntax.source import BytesSource
from gsign.trust.store import TrustStore
from gsign.verification.verdict import verify_document
from tests.corpus import GENUINE, Kit
from tests.documents import Library
from tests.pki import Pki

# pyHanko parses every attribute, and gives up on the one that published letters hold; it does not take the kind of a
# key for an algorithm, as pdfsig does with what iText writes.
UNREADABLE_FOR_PYHANKO = {"odd-unsigned-attribute", "cms-ec-key-for-algorithm"}


@pytest.fixture(scope="session")
def thorough_kit(session_pki: Pki, documents: Library) -> Kit:
    return Kit(session_pki, documents)


@pytest.fixture(scope="session")
def context(session_pki: Pki) -> Any:
    from pyhanko.keys import load_certs_from_pemder
    from pyhanko_certvalidator import ValidationContext

    anchors = list(load_certs_from_pemder([str(session_pki.root_file)]))
    return ValidationContext(trust_roots=anchors, allow_fetching=False)


def thorough_facts(data: bytes, password: str | None, context: Any) -> list[tuple[object, ...]]:
    """Tell pyHanko's facts of each signature, in the order of the bytes that they cover.

    What a document timestamp proves of the signatures before it, pyHanko tells elsewhere: it is reckoned here.
    """
    found = list(_judged_by_pyhanko(data, password, context))
    facts = []
    for i, (fact, own) in enumerate(found):
        later = [time for other, time in found[i + 1 :] if other[1] is Kind.DOCUMENT_TIMESTAMP]
        facts.append((*fact, min((t for t in (own, *later) if t is not None), default=None)))
    return facts


def _judged_by_pyhanko(
    data: bytes, password: str | None, context: Any
) -> Iterator[tuple[tuple[object, ...], datetime | None]]:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp

    reader = PdfFileReader(io.BytesIO(data), strict=False)
    if password is not None:
        reader.decrypt(password)
    for signature in sorted(reader.embedded_signatures, key=lambda s: s.byte_range[2] + s.byte_range[3]):
        is_timestamp = signature.sig_object_type == "/DocTimeStamp"
        judge = validate_pdf_timestamp if is_timestamp else validate_pdf_signature
        status = judge(signature, context, skip_diff=True)
        stamp = status if is_timestamp else status.timestamp_validity
        facts = (
            signature.field_name,
            Kind.DOCUMENT_TIMESTAMP if is_timestamp else Kind.SIGNATURE,
            status.intact and status.valid,
            status.coverage.name == "ENTIRE_FILE",
            f"{signature.signer_cert.serial_number:x}",
            None if is_timestamp else _utc(status.signer_reported_dt),
        )
        yield facts, _utc(stamp.timestamp) if stamp is not None else None


def quick_facts(found: SignatureResult) -> tuple[object, ...]:
    """Tell the same of one of ours."""
    return (
        found.field,
        found.kind,
        found.intact,
        found.coverage is Coverage.WHOLE_FILE,
        found.signer.serial.lower().lstrip("0"),
        _utc(found.claimed_time),
        _utc(found.proven_time),
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(microsecond=0) if moment is not None else None


@pytest.mark.parametrize("name", sorted(GENUINE.keys() - UNREADABLE_FOR_PYHANKO))
def test_both_paths_tell_the_same_facts(thorough_kit: Kit, pki: Pki, context: Any, name: str) -> None:
    case = GENUINE[name]
    data = case.make(thorough_kit)
    store = TrustStore.load(thorough_kit.pki.root_file, pinned=False)
    result = verify_document(BytesSource(data), trust=store, password=case.password)
    assert [quick_facts(s) for s in result.signatures] == thorough_facts(data, case.password, context)
