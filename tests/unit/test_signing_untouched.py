"""What a signature does not concern stays as it is: every object, string and field, in documents of all kinds."""

from __future__ import annotations

import io

import pikepdf
import pytest

import gsign.pdf
from tests import documents as collection

# What a signature may change in objects that were there before.
ALLOWED = {"/Annots", "/AcroForm", "/Fields", "/SigFlags", "/Perms", "/V", "/AP", "/MK", "/DSS"}
# What pages inherit is copied into them, as new objects, by the qpdf that looks at them here.
COPIED = {"inherited": {"/MediaBox", "/Rotate", "/Resources"}}


def plain(value: object, *, at_top: bool = False) -> object:
    """Turn what qpdf read, decrypted, into Python values; an object of its own is its number."""
    if not isinstance(value, pikepdf.Object):
        return value
    if value.is_indirect and not at_top:
        return value.objgen
    if isinstance(value, pikepdf.Stream):
        entries = {k: plain(v) for k, v in value.stream_dict.items() if k != "/Length"}
        return entries | {"data": value.read_raw_bytes()}
    if isinstance(value, pikepdf.Dictionary):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, pikepdf.Array):
        return [plain(v) for v in value]
    return bytes(value) if isinstance(value, pikepdf.String) else str(value)


def objects_of(pdf: pikepdf.Pdf) -> dict[tuple[int, int], dict[str, object]]:
    """Return the entries of every object by number; what is no dictionary has one entry."""
    values = {item.objgen: plain(item, at_top=True) for item in pdf.objects if isinstance(item, pikepdf.Object)}
    return {n: value if isinstance(value, dict) else {"value": value} for n, value in values.items()}


@pytest.mark.parametrize("how", ["invisible", "visible", "certify", "field"])
@pytest.mark.parametrize("name", collection.names(signable=True))
def test_every_other_object_is_as_it_was(documents, file_signer, name, how):
    document = documents[name]
    options = {"visible": {"at": (1, 60, 60, 150, 60)}}.get(how, {})
    if how == "certify" and not document.signatures:
        options = {"certify": 2}
    if how == "field" and document.fields and name != "field-seed-value-unmet":
        options = {"field": document.fields[0]}
    signed = gsign.pdf.sign(document.data, file_signer, password=document.password, revocation="off", **options)
    assert signed.startswith(document.data)
    password = document.password or ""
    with (
        pikepdf.open(io.BytesIO(document.data), password=password) as old,
        pikepdf.open(io.BytesIO(signed), password=password) as new,
    ):
        assert [p.objgen for p in old.pages] == [p.objgen for p in new.pages]
        before, after = objects_of(old), objects_of(new)
        size = int(old.trailer.Size)
        for number, entries in before.items():
            if number[0] >= size:  # of qpdf's own making
                continue
            now = after[number]
            touched = {k for k in entries.keys() | now.keys() if entries.get(k) != now.get(k)}
            touched -= COPIED.get(name, set())
            assert touched <= ALLOWED, f"object {number}: {touched - ALLOWED}"
        for kept in ("/Info", "/Encrypt"):
            assert (kept in old.trailer) == (kept in new.trailer)
        for one, other in zip(old.pages, new.pages, strict=True):
            listed, more = one.get("/Annots", []), other.get("/Annots", [])
            assert [a.objgen for a in more][: len(listed)] == [a.objgen for a in listed]
