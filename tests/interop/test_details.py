"""What the judges do not look at: texts, dates, places and forms of what a signature writes."""

from __future__ import annotations

import ctypes
import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2.raw as pdfium
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

import gsign.pdf
from gsign.signer import Signer
from tests import documents as collection
from tests import judges
from tests.documents import Library
from tests.interop.verdict import Court

REASON, LOCATION = "Phê duyệt văn bản (số 286)", "Hưng Yên"
READABLE = [n for n in collection.names(signable=True) if n not in ("wrong-length", "size-too-small")]


def _signed(court: Court, signer: Signer, data: bytes, **options: Any) -> bytes:
    common: dict[str, Any] = {"trust": court.pki.root_file, "revocation": "off"}
    return bytes(gsign.pdf.sign(data, signer, **{**common, **options}))


def _reader(data: bytes, password: str | None, *, strict: bool = True) -> PdfFileReader:
    reader = PdfFileReader(io.BytesIO(data), strict=strict)
    if reader.encrypted:
        reader.decrypt((password or "").encode())
    return reader


@pytest.mark.parametrize("name", READABLE)
def test_a_strict_reader_reads_texts_and_time(
    court: Court, signers: dict[str, Signer], documents: Library, name: str
) -> None:
    """Strings of an encrypted document are encrypted, and /Contents never is (ISO 32000-2, 7.6.2)."""
    document = documents[name]
    options = {"reason": REASON, "location": LOCATION, "password": document.password}
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    data = _signed(court, signers["rsa2048"], document.data, **options)
    reader = _reader(data, document.password, strict=name not in ("form-without-fields", "trailing-garbage"))
    signature = reader.embedded_regular_signatures[-1]
    assert (signature.sig_object["/Reason"], signature.sig_object["/Location"]) == (REASON, LOCATION)
    claimed = signature.self_reported_timestamp
    assert claimed is not None
    assert claimed.utcoffset() == dt.timedelta(hours=7)
    assert before <= claimed <= dt.datetime.now(dt.UTC)


@pytest.mark.parametrize("name", READABLE)
def test_a_revision_is_written_as_the_file_is(
    court: Court, signers: dict[str, Signer], documents: Library, name: str
) -> None:
    """A cross-reference stream continues streams, a table continues tables; the identifier's first half stays."""
    document = documents[name]
    data = _signed(court, signers["p256"], document.data, password=document.password)
    place = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    last_before = int(re.findall(rb"startxref\s+(\d+)", document.data)[-1])
    assert data[place : place + 4] == b"xref" or re.match(rb"\d+ 0 obj", data[place : place + 20])
    tables = document.data[last_before:].startswith(b"xref")
    assert data[place : place + 4].startswith(b"xref") is tables
    assert data.endswith((b"%%EOF\n", b"%%EOF\r\n", b"%%EOF"))
    with pikepdf.open(io.BytesIO(document.data), password=document.password or "") as old:
        identifier = old.trailer.get("/ID")
        first = bytes(identifier[0]) if identifier is not None else None
    with pikepdf.open(io.BytesIO(data), password=document.password or "") as new:
        if first is not None:
            assert bytes(new.trailer.ID[0]) == first


@pytest.mark.parametrize("name", [n for n in READABLE if n != "signed-expired-certificate"])
def test_pdfium_finds_the_signature(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, name: str
) -> None:
    document, target = documents[name], tmp_path / "signed.pdf"
    target.write_bytes(_signed(court, signers["p256"], document.data, reason=REASON, password=document.password))
    cut = judges.cut_signatures(target.read_bytes())
    found = _pdfium_signatures(target, document.password)
    assert len(found) == document.signatures + 1
    contents = {tuple(byte_range): value for byte_range, value, _ in found}
    assert {c.byte_range: c.contents for c in cut} == {
        c.byte_range: contents[c.byte_range][: len(c.contents)] for c in cut
    }
    assert REASON in {reason for _, _, reason in found}


def _pdfium_signatures(path: Path, password: str | None) -> list[tuple[list[int], bytes, str]]:
    """Return ByteRange, Contents and Reason of each signature, as PDFium reads them."""
    document = pdfium.FPDF_LoadDocument(str(path).encode(), password.encode() if password else None)
    assert document
    try:
        found = []
        for index in range(pdfium.FPDF_GetSignatureCount(document)):
            signature = pdfium.FPDF_GetSignatureObject(document, index)
            ranges = (ctypes.c_int * 4)()
            if not pdfium.FPDFSignatureObj_GetByteRange(signature, ranges, 4):
                continue  # a field that is not signed
            size = pdfium.FPDFSignatureObj_GetContents(signature, None, 0)
            contents = ctypes.create_string_buffer(size)
            pdfium.FPDFSignatureObj_GetContents(signature, contents, size)
            size = pdfium.FPDFSignatureObj_GetReason(signature, None, 0)
            reason = ctypes.create_string_buffer(size)
            pdfium.FPDFSignatureObj_GetReason(signature, reason, size)
            found.append((list(ranges), contents.raw, reason.raw.decode("utf-16-le").rstrip("\0")))
        return found
    finally:
        pdfium.FPDF_CloseDocument(document)


def test_user_units_are_applied_to_the_place(court: Court, signers: dict[str, Signer], documents: Library) -> None:
    data = _signed(court, signers["p256"], documents["user-unit"].data, at=(1, 600, 240, 360, 120))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert [float(v) for v in pdf.pages[0].Annots[0].Rect] == [300, 120, 480, 180]


def test_a_shared_annotation_array_does_not_show_the_signature_twice(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path
) -> None:
    document, target = documents["annots-shared"], tmp_path / "signed.pdf"
    target.write_bytes(_signed(court, signers["p256"], document.data, at=(1, 300, 120, 180, 60)))
    source = document.write(tmp_path)
    assert None not in judges.changed_boxes(source, target, page=1).values()
    assert set(judges.changed_boxes(source, target, page=2).values()) == {None}


@pytest.mark.parametrize("key", ["p256", "p384", "rsa3072"])
def test_timestamps_of_authorities_with_other_keys_are_taken(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, key: str
) -> None:
    pki, document, target = court.pki, documents["one-page"], tmp_path / "signed.pdf"
    pki.tsa.signer = pki.timestamping_identity(key=key)
    gsign.pdf.sign_to(document.data, target, signers["p384"], level="B-LTA", tsa=pki.tsa_url, trust=pki.root_file)
    court.accept(target, document, level="B-LTA")


def test_the_store_holds_what_it_should_and_nothing_twice(
    court: Court, signers: dict[str, Signer], documents: Library
) -> None:
    pki = court.pki
    data = _signed(
        court, signers["rsa3072"], documents["one-page"].data, level="B-LTA", tsa=pki.tsa_url, revocation="prefer"
    )
    with pikepdf.open(io.BytesIO(data)) as pdf:
        store = pdf.Root.DSS
        certificates = [bytes(c.read_bytes()) for c in store.Certs]
        status = [bytes(s.read_bytes()) for key in ("/OCSPs", "/CRLs") for s in store.get(key, [])]
    assert len(set(certificates)) == len(certificates)
    assert len(set(status)) == len(status)
    for needed in (pki.intermediate.identity.der, pki.tsa_identity.der):
        assert needed in certificates
    assert pki.leaf().der not in certificates, "a certificate of nobody concerned"


@pytest.mark.parametrize("name", ["one-page", "object-streams"])
def test_a_signed_file_grows_by_little(court: Court, signers: dict[str, Signer], documents: Library, name: str) -> None:
    """Room for the CMS is asked for by need: 4 kB of certificates are 8 kB in hexadecimal."""
    document = documents[name]
    data = _signed(court, signers["rsa3072"], document.data)
    assert len(data) - len(document.data) < 24_000
