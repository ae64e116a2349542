"""pyHanko as judge of PAdES: its AdES engine (ETSI EN 319 102-1), and the baseline's table (ETSI EN 319 142-1, 6.3).

Trust is the run-time root alone, nothing is fetched: what B-LT and B-LTA need has to be in the file. They are also
judged at a time when the signer's certificate has long expired.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from asn1crypto import cms, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed, AdESStatus
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffPolicy, SuspiciousModification
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.ades import (
    _dss_to_local_knowledge,
    ades_basic_validation,
    ades_lta_validation,
    ades_with_time_validation,
    simulate_future_ades_lta_validation,
)
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import (
    NO_REVOCATION,
    REQUIRE_REVINFO,
    CertRevTrustPolicy,
    NonRevokedStatusAssertion,
)
from pyhanko_certvalidator.registry import SimpleTrustManager

from tests.pki import Pki

_LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")
_LONG_TERM = ("B-LT", "B-LTA")


@dataclass(frozen=True)
class AdesFacts:
    """What pyHanko makes of one signature."""

    field: str
    passed: bool
    indication: str
    failure: str | None
    digest: str
    timestamped: bool
    """Whether there is a signature timestamp."""
    archived: bool
    """Whether a document timestamp follows."""
    validation_data: bool
    """Whether the document has a DSS."""
    changes: str
    """What came later, in pyHanko's words: NONE, LTA_UPDATES, FORM_FILLING, ANNOTATIONS, or FORBIDDEN."""
    passed_in_future: bool | None
    """Judged when the signer's certificate has expired, with no network (B-LT and B-LTA only)."""

    @property
    def level(self) -> str:
        """The level that the parts present amount to; their worth is `passed`."""
        if not self.timestamped:
            return "B-B"
        if not self.validation_data:
            return "B-T"
        return "B-LTA" if self.archived else "B-LT"


def pyhanko_ades(
    path: Path,
    pki: Pki,
    level: str,
    *,
    password: str | None = None,
    trust: bytes | None = None,
    diff_policy: DiffPolicy | None = DEFAULT_DIFF_POLICY,
) -> list[AdesFacts]:
    """Judge every signature of the file as `level` and assert that it passes and is of that level or above.

    Args:
        path: the signed file.
        pki: its root is the only trust anchor.
        level: what each signature has to reach at least.
        password: what opens the file.
        trust: DER of another root.
        diff_policy: what may come after a signature; None where later revisions are not to be judged.
    """
    facts = ades_facts(path, pki, level, password=password, trust=trust, diff_policy=diff_policy)
    assert facts, "pyHanko finds no signature"
    for fact in facts:
        assert fact.passed, f"{fact.field}: {fact.indication}: {fact.failure}"
        assert _LEVELS.index(fact.level) >= _LEVELS.index(level), f"{fact.field} is {fact.level}, not {level}"
        assert fact.passed_in_future is not False, f"{fact.field} will not hold when its certificate has expired"
    return facts


def ades_facts(
    path: Path,
    pki: Pki,
    level: str,
    *,
    password: str | None = None,
    trust: bytes | None = None,
    diff_policy: DiffPolicy | None = DEFAULT_DIFF_POLICY,
    stored_status: bool = False,
) -> list[AdesFacts]:
    """Judge every signature of the file as `level` and return what pyHanko says, for better or worse.

    With `stored_status` the certificates' status is asked for at B-B too, and has to be in the file.
    """
    long_term = level in _LONG_TERM or stored_status
    spec = _specification(trust or pki.root.identity.der, long_term=long_term, diff_policy=diff_policy)
    with path.open("rb") as file:
        reader = PdfFileReader(file, strict=False)
        if reader.encrypted and reader.security_handler is not None:
            reader.decrypt((password or "").encode())
        if long_term and level != "B-LTA":  # at B-LTA the engine reads the store by itself
            known = replace(spec.signature_validation_spec, local_knowledge=_dss_to_local_knowledge(reader))
            spec = replace(spec, signature_validation_spec=known)
        return [_judge(reader, signature, spec, pki, level) for signature in reader.embedded_regular_signatures]


def _specification(root: bytes, *, long_term: bool, diff_policy: DiffPolicy | None) -> PdfSignatureValidationSpec:
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build([x509.Certificate.load(root)]),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO if long_term else NO_REVOCATION, retroactive_revinfo=True),
    )
    gathering = RevocationInfoGatheringSpec(
        online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
        certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
    )
    specification = SignatureValidationSpec(
        cert_validation_policy=policy,
        revinfo_gathering_policy=gathering,
        ts_cert_validation_policy=policy,
        key_usage_settings=KeyUsageConstraints(key_usage={"non_repudiation"}),
    )
    return PdfSignatureValidationSpec(specification, diff_policy=diff_policy)


def _judge(
    reader: PdfFileReader, signature: EmbeddedPdfSignature, spec: PdfSignatureValidationSpec, pki: Pki, level: str
) -> AdesFacts:
    signature.compute_integrity_info(diff_policy=spec.diff_policy)  # type: ignore[no-untyped-call]
    result: Any
    arguments: Any = (signature.signed_data, spec.signature_validation_spec)
    digest = signature.compute_digest()
    if level == "B-B":
        result = asyncio.run(ades_basic_validation(*arguments, raw_digest=digest))
    elif level in ("B-T", "B-LT"):
        result = asyncio.run(ades_with_time_validation(*arguments, raw_digest=digest))
    else:
        result = asyncio.run(ades_lta_validation(signature, spec))
    stamps = reader.embedded_timestamp_signatures
    return AdesFacts(
        field=signature.field_name,
        passed=_passed(result.ades_subindic),
        indication=str(result.ades_subindic),
        failure=result.failure_msg,
        digest=signature.md_algorithm,
        timestamped=bool(_timestamps(signature.signer_info)),
        archived=any(stamp.signed_revision > signature.signed_revision for stamp in stamps),
        validation_data="/DSS" in reader.root,
        changes=_changes(signature),
        passed_in_future=_in_future(signature, spec, pki) if level in _LONG_TERM else None,
    )


def _changes(signature: EmbeddedPdfSignature) -> str:
    """Say what came after the signature; pyHanko compares nothing where the signature covers the whole file."""
    found: Any = signature.diff_result
    if found is None:
        return "NONE"
    return "FORBIDDEN" if isinstance(found, SuspiciousModification) else str(found.modification_level.name)


def _in_future(signature: EmbeddedPdfSignature, spec: PdfSignatureValidationSpec, pki: Pki) -> bool:
    """Judge when the signer's certificate has expired: its status has to come from the file.

    The CAs above it are alive then and can be asked, so that theirs is taken as good at that time.
    """
    future = signature.signer_cert.not_valid_after + dt.timedelta(days=30)
    alive = [pki.intermediate.identity.der, pki.tsa_identity.der]
    statements = [NonRevokedStatusAssertion(hashlib.sha256(der).digest(), at=future) for der in alive]
    knowledge = LocalKnowledge(nonrevoked_assertions=statements)
    spec = replace(spec, signature_validation_spec=replace(spec.signature_validation_spec, local_knowledge=knowledge))
    result = asyncio.run(simulate_future_ades_lta_validation(signature, spec, future))
    return _passed(result.ades_subindic)


def _passed(indication: Any) -> bool:
    return bool(indication.status == AdESStatus.PASSED and indication == AdESPassed.OK)


# --- ETSI EN 319 142-1, clause 6.3 ------------------------------------------------------------------------------


def assert_baseline(path: Path, *, password: str | None = None) -> None:
    """Assert what table 1 of EN 319 142-1 asks of every ETSI.CAdES.detached signature in the file."""
    with path.open("rb") as file:
        reader = PdfFileReader(file, strict=False)
        if reader.encrypted and reader.security_handler is not None:
            reader.decrypt((password or "").encode())
        for signature in reader.embedded_regular_signatures:
            if signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached":
                _assert_dictionary(signature)
                _assert_cms(signature)


def _assert_dictionary(signature: EmbeddedPdfSignature) -> None:
    dictionary = signature.sig_object
    assert dictionary["/Type"] == "/Sig"
    assert "/M" in dictionary, "the claimed signing time is missing (6.3, entry M)"
    assert "/Cert" not in dictionary, "the Cert entry shall not be used (6.3)"
    assert "/Filter" in dictionary


def _assert_cms(signature: EmbeddedPdfSignature) -> None:
    signed: cms.SignedData = signature.signed_data
    assert signed["encap_content_info"]["content_type"].native == "data"
    assert signed["encap_content_info"]["content"].native is None, "the CMS holds content"
    assert len(signed["signer_infos"]) == 1
    info = signed["signer_infos"][0]
    attributes = {a["type"].native: a["values"] for a in info["signed_attrs"]}
    assert len(attributes) == len(info["signed_attrs"]), "a signed attribute stands twice"
    assert {"content_type", "message_digest", "signing_certificate_v2"} <= set(attributes)
    assert "signing_time" not in attributes, "signing-time shall not be used, M says it (6.3)"
    assert info["signed_attrs"].contents == _der_set(info["signed_attrs"]), "signed attributes are not in DER's order"
    certificates = [c.chosen.dump() for c in signed["certificates"]]
    named = attributes["signing_certificate_v2"][0]["certs"][0]
    algorithm = named["hash_algorithm"]["algorithm"].native.replace("_", "-")
    digests = [
        hashlib.new(algorithm.replace("-", "_") if "sha3" in algorithm else algorithm, c).digest() for c in certificates
    ]
    assert named["cert_hash"].native in digests, "the signing certificate is not in the CMS"
    for token in _timestamps(info):
        imprint = token["content"]["encap_content_info"]["content"].parsed["message_imprint"]
        name = imprint["hash_algorithm"]["algorithm"].native
        assert imprint["hashed_message"].native == hashlib.new(name, info["signature"].native).digest()


def _der_set(attributes: cms.CMSAttributes) -> bytes:
    return b"".join(sorted(a.dump() for a in attributes))


def _timestamps(info: cms.SignerInfo) -> list[cms.ContentInfo]:
    found: list[cms.ContentInfo] = []
    for attribute in info["unsigned_attrs"] or []:
        if attribute["type"].native == "signature_time_stamp_token":
            found += list(attribute["values"])
    return found
