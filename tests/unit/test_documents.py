"""The collection of documents: each is what it says, as qpdf, PDFium and Poppler see it."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest

from tests import documents as collection
from tests import judges
from tests.documents import Expect, Library

REPAIRABLE = ["wrong-startxref", "startxref-beyond", "offsets-off", "no-xref", "wrong-length"]
SOUND = [name for tag in ("structure", "form", "signed", "page", "archive") for name in collection.names(tag=tag)]


@pytest.mark.parametrize("name", [name for name in SOUND if name != "leading-garbage-counted"])
def test_a_sound_document_has_no_faults_in_structure(documents: Library, tmp_path: Path, name: str) -> None:
    judges.qpdf_check(documents[name].write(tmp_path))


@pytest.mark.parametrize("name", collection.names(tag="encrypted"))
def test_an_encrypted_document_opens_with_its_password(documents: Library, tmp_path: Path, name: str) -> None:
    document = documents[name]
    path = document.write(tmp_path)
    with pytest.raises(pikepdf.PasswordError) if name != "empty-user-password" else pikepdf.open(path):
        pikepdf.open(path)
    if document.password:
        judges.qpdf_check(path, document.password)


@pytest.mark.parametrize("name", REPAIRABLE)
def test_a_damaged_document_is_shown_and_qpdf_complains(documents: Library, tmp_path: Path, name: str) -> None:
    path = documents[name].write(tmp_path)
    with pytest.raises(AssertionError, match="qpdf"):
        judges.qpdf_check(path)
    whole = documents["one-page"].write(tmp_path)
    judges.same_pages(whole, path)


@pytest.mark.parametrize("name", collection.names(tag="signed"))
def test_signatures_of_signed_documents_are_seen_by_pdfsig(documents: Library, tmp_path: Path, name: str) -> None:
    document = documents[name]
    found = judges.pdfsig(document.write(tmp_path))
    assert len(found) == document.signatures
    assert all(signature.valid for signature in found) is (name != "signed-broken")


@pytest.mark.parametrize("name", collection.names(tag="form"))
def test_empty_signature_fields_are_where_they_are_said_to_be(documents: Library, name: str) -> None:
    document = documents[name]
    with pikepdf.open(io.BytesIO(document.data)) as pdf:
        form = pdf.Root.AcroForm
        found = [full for field in form.get("/Fields", []) for full in _empty_signature_fields(field, "", None)]
    assert tuple(sorted(found)) == tuple(sorted(document.fields))


def _empty_signature_fields(field: pikepdf.Object, prefix: str, kind: object) -> list[str]:
    kind = field.get("/FT", kind)
    full = ".".join(part for part in (prefix, str(field.get("/T", ""))) if part)
    kids = [kid for kid in field.get("/Kids", []) if "/T" in kid]
    if kids:
        return [name for kid in kids for name in _empty_signature_fields(kid, full, kind)]
    return [full] if kind == "/Sig" and "/V" not in field else []


def test_the_large_document_is_large_and_sound(tmp_path: Path) -> None:
    path = collection.large(tmp_path / "large.pdf", 3_000_000)
    assert path.stat().st_size > 3_000_000
    judges.qpdf_check(path)


def test_every_refused_document_has_a_code() -> None:
    refused = collection.names(expect=Expect.REFUSED)
    assert refused
    assert all(collection.ENTRIES[name].code for name in refused)
