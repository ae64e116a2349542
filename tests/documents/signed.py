"""Documents that bear signatures already, made by pyHanko: what comes next must not break them."""

from __future__ import annotations

import io
from typing import Any

from asn1crypto import keys, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.documents import structure
from tests.documents.archive import pdfa_2b
from tests.documents.model import Expect, entry
from tests.documents.structure import linearized, object_streams, one_page
from tests.pki import LEADER, ORGANISATION, PERSON, Identity, Pki

_T = ("signed",)


def pyhanko_sign(
    data: bytes, who: Identity, field: str, *, lock: FieldMDPSpec | None = None, visible: bool = True, **metadata: Any
) -> bytes:
    """Sign with pyHanko, by default in a visible field at the foot of the first page."""
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(who.der),
        signing_key=keys.PrivateKeyInfo.load(who.key_der),
        cert_registry=SimpleCertificateStore.from_certs([x509.Certificate.load(c) for c in who.chain]),  # type: ignore[no-untyped-call]
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    spec = SigFieldSpec(field, box=(380, 220, 520, 280) if visible else None, field_mdp_spec=lock)
    fields.append_signature_field(writer, spec)
    metadata = {"subfilter": SigSeedSubFilter.PADES, "md_algorithm": "sha256", **metadata}
    out = signers.sign_pdf(writer, signers.PdfSignatureMetadata(field_name=field, **metadata), signer=signer)
    return bytes(out.getbuffer())


@entry("signed-once", "one approval signature", signatures=1, tags=_T)
def signed_once(pki: Pki) -> bytes:
    return pyhanko_sign(one_page(), pki.leaf(PERSON), "KyNhay")


@entry("signed-three-times", "initials, leader and agency, one after another", signatures=3, tags=_T)
def signed_three_times(pki: Pki) -> bytes:
    data = signed_once(pki)
    data = pyhanko_sign(data, pki.leaf(LEADER), "LanhDao")
    return pyhanko_sign(data, pki.leaf(ORGANISATION, key="rsa3072"), "CoQuan")


@entry("signed-adbe", "an adbe.pkcs7.detached signature, as most published documents have", signatures=1, tags=_T)
def signed_adbe(pki: Pki) -> bytes:
    return pyhanko_sign(one_page(), pki.leaf(LEADER), "LanhDao", subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED)


@entry("signed-object-streams", "signed, with object streams", signatures=1, tags=_T)
def signed_object_streams(pki: Pki) -> bytes:
    return pyhanko_sign(object_streams(), pki.leaf(LEADER), "LanhDao")


@entry("signed-linearized", "linearized, then signed", signatures=1, tags=_T)
def signed_linearized(pki: Pki) -> bytes:
    return pyhanko_sign(linearized(), pki.leaf(LEADER), "LanhDao")


@entry("signed-pdfa", "PDF/A-2b, signed", signatures=1, tags=_T)
def signed_pdfa(pki: Pki) -> bytes:
    return pyhanko_sign(pdfa_2b(), pki.leaf(LEADER), "LanhDao", visible=False)


def _certified(pki: Pki, level: MDPPerm) -> bytes:
    return pyhanko_sign(one_page(), pki.leaf(LEADER), "LanhDao", certify=True, docmdp_permissions=level)


@entry(
    "certified-1", "certified, no changes allowed", signatures=1,
    expect=Expect.REFUSED, code="certified-no-changes", tags=_T,
)  # fmt: skip
def certified_1(pki: Pki) -> bytes:
    return _certified(pki, MDPPerm.NO_CHANGES)


@entry(
    "certified-2", "certified, forms and signatures allowed: what most first signatures here are", signatures=1, tags=_T
)
def certified_2(pki: Pki) -> bytes:
    return _certified(pki, MDPPerm.FILL_FORMS)


@entry("certified-3", "certified, annotations allowed as well", signatures=1, tags=_T)
def certified_3(pki: Pki) -> bytes:
    return _certified(pki, MDPPerm.ANNOTATE)


@entry("certified-2-then-signed", "certified by the leader, then signed by the agency", signatures=2, tags=_T)
def certified_2_then_signed(pki: Pki) -> bytes:
    return pyhanko_sign(certified_2(pki), pki.leaf(ORGANISATION), "CoQuan")


@entry("signed-lock-other", "a signature that locks one field of another name", signatures=1, tags=_T)
def signed_lock_other(pki: Pki) -> bytes:
    lock = FieldMDPSpec(FieldMDPAction.INCLUDE, fields=["so"])
    return pyhanko_sign(one_page(), pki.leaf(LEADER), "LanhDao", lock=lock)


@entry(
    "signed-lock-all", "a signature that locks every field", signatures=1,
    expect=Expect.REFUSED, code="field-locked", tags=_T,
)  # fmt: skip
def signed_lock_all(pki: Pki) -> bytes:
    return pyhanko_sign(one_page(), pki.leaf(LEADER), "LanhDao", lock=FieldMDPSpec(FieldMDPAction.ALL))


@entry(
    "signed-broken", "an earlier signature whose bytes were changed", signatures=1,
    expect=Expect.REFUSED, code="earlier-signature-broken", tags=_T,
)  # fmt: skip
def signed_broken(pki: Pki) -> bytes:
    data = signed_once(pki)
    place = data.index(b"/MediaBox [0 0 595 842]")
    return data[:place] + b"/MediaBox [0 0 595 843]" + data[place + 23 :]


@entry(
    "signed-expired-certificate",
    "an earlier signature whose certificate has expired: intact all the same",
    signatures=1,
    tags=_T,
)
def signed_expired_certificate(pki: Pki) -> bytes:
    return pyhanko_sign(structure.five_pages(), pki.leaf(PERSON, variant="expired"), "KyNhay")
