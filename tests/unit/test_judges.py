"""The judges themselves: they accept what pyHanko signs well and refuse what is spoilt."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import keys, ocsp, tsp, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.ocsp import OCSPRequestBuilder, load_der_ocsp_response
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests import judges
from tests.documents import Library
from tests.documents.raw import Draft, update
from tests.judges_ades import ades_facts, assert_baseline
from tests.pki import LEADER, Identity, Pki

LEVELS = ["B-B", "B-T", "B-LT", "B-LTA"]


class _Stamper(TimeStamper):
    """Ask the run-time TSA, without the HTTP library that pyHanko would bring."""

    def __init__(self, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        with urllib.request.urlopen(self.url, req.dump()) as response:  # noqa: ASYNC210 - nothing else runs in the loop
            return tsp.TimeStampResp.load(response.read())


def _status(pki: Pki, who: Identity) -> ocsp.OCSPResponse:
    """Ask the run-time responder for the status of a certificate."""
    request = OCSPRequestBuilder().add_certificate(who.certificate, who.issuers[0], hashes.SHA256()).build()
    data = request.public_bytes(serialization.Encoding.DER)
    with urllib.request.urlopen(f"{pki.url}/ocsp", data) as response:
        return ocsp.OCSPResponse.load(response.read())


def _sign(source: Path, pki: Pki, level: str, **leaf: str) -> Path:
    """Sign with pyHanko at `level` and return the signed file."""
    who = pki.leaf(LEADER, **leaf)
    store = SimpleCertificateStore.from_certs([x509.Certificate.load(c) for c in who.chain])  # type: ignore[no-untyped-call]
    certificate = x509.Certificate.load(who.der)
    signer = signers.SimpleSigner(
        signing_cert=certificate, signing_key=keys.PrivateKeyInfo.load(who.key_der), cert_registry=store
    )
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(pki.root.identity.der)],
        ocsps=[_status(pki, one) for one in (who, pki.intermediate.identity, pki.tsa_identity)],
        allow_fetching=False,
        revocation_mode="hard-fail",
    )
    metadata = signers.PdfSignatureMetadata(
        field_name="LanhDao",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        embed_validation_info=level in ("B-LT", "B-LTA"),
        use_pades_lta=level == "B-LTA",
        validation_context=context if level in ("B-LT", "B-LTA") else None,
    )
    stamper = _Stamper(pki.tsa_url) if level != "B-B" else None
    target = source.with_name(f"signed-{level}.pdf")
    with source.open("rb") as file, target.open("wb+") as out:
        writer = IncrementalPdfFileWriter(file)
        signers.sign_pdf(writer, metadata, signer=signer, timestamper=stamper, output=out, in_place=False)
    return target


@pytest.mark.parametrize("level", LEVELS)
def test_every_judge_accepts_pyhanko(pki: Pki, documents: Library, tmp_path: Path, level: str) -> None:
    source = documents["one-page"].write(tmp_path)
    target = _sign(source, pki, level)
    judges.assert_pdfsig_accepts(target, 1, total=level in ("B-B", "B-T"))
    found = judges.openssl_cms(target, pki.root_file, digest="sha256")
    assert len(found) == (2 if level == "B-LTA" else 1)
    judges.qpdf_check(target)
    judges.same_pages(source, target)
    facts = judges.pyhanko_ades(target, pki, level)
    assert [fact.level for fact in facts] == [level]
    assert_baseline(target)


@pytest.mark.parametrize("level", ["B-LT", "B-LTA"])
def test_a_lower_level_is_not_taken_for_a_higher(pki: Pki, documents: Library, tmp_path: Path, level: str) -> None:
    target = _sign(documents["one-page"].write(tmp_path), pki, "B-T")
    with pytest.raises(AssertionError):
        judges.pyhanko_ades(target, pki, level)


def test_an_impostor_is_not_trusted(pki: Pki, documents: Library, tmp_path: Path) -> None:
    target = _sign(documents["one-page"].write(tmp_path), pki, "B-B", variant="impostor")
    with pytest.raises(AssertionError, match="openssl cms"):
        judges.openssl_cms(target, pki.root_file)
    assert not ades_facts(target, pki, "B-B")[0].passed


def test_changed_bytes_are_refused(pki: Pki, documents: Library, tmp_path: Path) -> None:
    spoilt = documents["signed-broken"].write(tmp_path)
    assert not judges.pdfsig(spoilt)[0].valid
    with pytest.raises(AssertionError, match="pdfsig does not accept"):
        judges.assert_pdfsig_accepts(spoilt, 1)
    with pytest.raises(AssertionError, match="openssl cms"):
        judges.openssl_cms(spoilt, pki.root_file)
    assert not ades_facts(spoilt, pki, "B-B")[0].passed


def test_bytes_after_the_signature_are_not_total(documents: Library, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(documents["signed-once"].data + b"% more\n")
    assert not judges.pdfsig(path)[0].total_document_signed


def test_a_gap_with_more_than_the_contents_is_refused(documents: Library) -> None:
    data = documents["signed-once"].data
    signature = judges.cut_signatures(data)[0]
    begin, after = signature.byte_range[1], signature.byte_range[2]
    spoilt = data[:begin] + b"(" + data[begin + 1 : after]
    with pytest.raises(AssertionError, match="gap is no hexadecimal"):
        judges.cut_signatures(spoilt + data[after:])


def test_another_page_is_seen_by_both_renderers(documents: Library, tmp_path: Path) -> None:
    one, five = documents["one-page"].write(tmp_path), documents["five-pages"].write(tmp_path)
    turned = documents["rotated-180"].write(tmp_path)
    judges.same_pages(one, documents["object-streams"].write(tmp_path))
    with pytest.raises(AssertionError, match="1 pages became 5"):
        judges.same_pages(one, five)
    with pytest.raises(AssertionError, match="looks different"):
        judges.same_pages(one, turned)


def test_damage_is_seen_by_qpdf(documents: Library, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="qpdf"):
        judges.qpdf_check(documents["offsets-off"].write(tmp_path))


@pytest.mark.parametrize("missing", ["signer", "authority"])
def test_long_term_data_that_lacks_a_status_is_found_out(
    pki: Pki, documents: Library, tmp_path: Path, missing: str
) -> None:
    """Blank out one stored OCSP response: the file is still whole for its signature, and no B-LT any more."""
    target = _sign(documents["one-page"].write(tmp_path), pki, "B-LT")
    serial = pki.leaf(LEADER).serial if missing == "signer" else pki.intermediate.identity.serial
    with pikepdf.open(target) as pdf:
        kept = [r for r in pdf.Root.DSS.OCSPs if _serial_of(r.read_bytes()) != serial]
        numbers = [r.objgen[0] for r in pdf.Root.DSS.OCSPs if _serial_of(r.read_bytes()) == serial]
        store = pdf.Root.DSS.objgen[0]
        certificates = [c.objgen[0] for c in pdf.Root.DSS.Certs]
        draft = Draft(dict.fromkeys(range(1, len(pdf.objects) + 1), b""), root=pdf.Root.objgen[0])
        responses = b" ".join(b"%d 0 R" % r.objgen[0] for r in kept)
    assert numbers
    entries = b"<</OCSPs [%s] /Certs [%s]>>" % (responses, b" ".join(b"%d 0 R" % n for n in certificates))
    poorer = tmp_path / "poorer.pdf"
    poorer.write_bytes(update(target.read_bytes(), draft, {store: entries}))
    assert ades_facts(poorer, pki, "B-B", diff_policy=None)[0].passed
    assert not ades_facts(poorer, pki, "B-LT", diff_policy=None)[0].passed


def _serial_of(response: bytes) -> int:
    return load_der_ocsp_response(response).serial_number
