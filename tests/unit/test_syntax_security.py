"""Encrypted documents of every kind: what opens them, and that others read what a revision adds."""

from __future__ import annotations

import io

import pikepdf
import pytest

import gsign.pdf
from gsign.errors import InputError
from gsign.syntax.objects import Name
from gsign.syntax.reader import Document
from gsign.syntax.source import BytesSource
from tests import judges
from tests.documents import page
from tests.documents.raw import classic

SECRET = "bí mật"
KINDS = {
    # Revision 2 has one right for pages and for the rest; pikepdf takes the word about pages for it.
    "rc4-40": {"R": 2, "aes": False, "metadata": False, "allow": pikepdf.Permissions(modify_assembly=True)},
    "rc4-128": {"R": 3, "aes": False, "metadata": False},
    "rc4-filters": {"R": 4, "aes": False, "metadata": False},
    "aes-128": {"R": 4, "aes": True},
    "aes-128-clear-metadata": {"R": 4, "aes": True, "metadata": False},
    "aes-256": {"R": 6, "aes": True},
    "aes-256-clear-metadata": {"R": 6, "aes": True, "metadata": False},
}


def encrypted(kind: str, *, streams: bool = False) -> bytes:
    mode = pikepdf.ObjectStreamMode.generate if streams else pikepdf.ObjectStreamMode.disable
    with pikepdf.open(io.BytesIO(classic(page.document(2).draft))) as pdf:
        pdf.Root.XX_Secret = pdf.make_indirect(pikepdf.Dictionary(Text=pikepdf.String(SECRET)))
        pdf.Root.XX_Direct = pikepdf.String(SECRET)
        out = io.BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(owner="chu", user="dung", **KINDS[kind]), object_stream_mode=mode)
    return out.getvalue()


def refuse(code, data, password):
    document = Document(BytesSource(data))
    with pytest.raises(InputError) as caught:
        document.unlock(password)
    assert caught.value.code == code
    assert password is None or len(password) < 3 or password not in repr(caught.value.facts)


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("password", ["dung", "chu"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_signed_twice_and_read_by_others(file_signer, tmp_path, kind, password, streams):
    data = encrypted(kind, streams=streams)
    for count in (1, 2):
        data = gsign.pdf.sign(
            data, file_signer, password=password, revocation="off", reason=SECRET, at=(count, 60, 60, 200, 80)
        )
        path = tmp_path / f"{count}.pdf"
        path.write_bytes(data)
        judges.assert_pdfsig_accepts(path, count, password="dung")
        judges.qpdf_check(path, "dung")
        assert len(judges.render_pdfium(path, password="dung")) == 2
    with pikepdf.open(path, password="dung") as pdf:
        assert str(pdf.Root.XX_Secret.Text) == str(pdf.Root.XX_Direct) == SECRET
        assert [str(f.V.Reason) for f in pdf.Root.AcroForm.Fields] == [SECRET] * 2
        assert [str(f.T) for f in pdf.Root.AcroForm.Fields] == ["Signature1", "Signature2"]
    assert SECRET.encode("utf-16-be") not in data
    result = gsign.pdf.verify(data, password=password, offline=True)
    assert [s.intact for s in result.signatures] == [True, True]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_passwords(kind):
    data = encrypted(kind)
    refuse("password-needed", data, None)
    refuse("password-needed", data, "")
    for wrong in ("sai", "mật khẩu có dấu", "x" * 300, "Dung"):
        refuse("password-wrong", data, wrong)


def test_a_password_for_a_document_that_needs_none(documents):
    document = Document(BytesSource(documents["one-page"].data))
    document.unlock("x")
    assert document.security is None


@pytest.mark.parametrize("which", [b"/StrF", b"/StmF"])
def test_identity_leaves_strings_or_streams_as_they_are(file_signer, tmp_path, which):
    # The encryption dictionary is the last object: only what follows it moves.
    data = encrypted("aes-128")
    at, place = data.index(which + b" /StdCF"), data.rindex(b"xref\n0 ")
    assert data.rfind(b" obj", 0, place) < at
    data = data.replace(which + b" /StdCF", which + b" /Identity").replace(
        b"\n%d\n%%" % place, b"\n%d\n%%" % (place + 3)
    )
    signed = gsign.pdf.sign(data, file_signer, password="dung", revocation="off", reason="Duyet", at=(1, 60, 60))
    path = tmp_path / "a.pdf"
    path.write_bytes(signed)
    with pikepdf.open(path, password="dung") as pdf:
        (field,) = pdf.Root.AcroForm.Fields
        assert str(field.V.Reason) == "Duyet"
        assert b"BT" in field.AP.N.read_bytes()
    assert (b"(Duyet)" in signed) is (which == b"/StrF")


@pytest.mark.parametrize(
    "old, new",
    [
        (b"/Filter /Standard", b"/Filter /Adobe.PK"),
        (b"/V 4", b"/V 9"),
        (b"/CFM /AESV2", b"/CFM /AESV8"),
        (b"/StmF /StdCF", b"/StmF /StdCG"),
    ],
)
def test_encryption_that_is_not_known(old, new):
    data = encrypted("aes-128")
    assert data.count(old) == 1
    refuse("encryption-unsupported", data.replace(old, new.ljust(len(old))), "dung")


def test_metadata_for_all_and_streams_with_a_filter_of_their_own_are_read_as_they_stand(documents):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(documents["one-page"].data)) as pdf:
        with pdf.open_metadata() as metadata:
            metadata["dc:title"] = "x"
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="", R=4, metadata=False))
    document = Document(BytesSource(out.getvalue()))
    document.unlock(None)
    stream = document.get(document.catalog["Metadata"])
    assert document.stream_bytes(stream).startswith(b"<?xpacket")
    assert document.security is not None
    assert document.security.leaves_plain({"Filter": [Name("Crypt"), Name("FlateDecode")]})
    assert not document.security.leaves_plain({"Filter": Name("FlateDecode")})


def test_a_kind_that_others_can_open_does_not_ask_for_a_password():
    # Acrobat 9's: it opens without one, and no password would help here.
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(classic(page.document().draft))) as pdf, pytest.warns(UserWarning, match="R=5"):
        pdf.save(out, encryption=pikepdf.Encryption(owner="chu", user="", R=5))
    refuse("encryption-unsupported", out.getvalue(), None)
    refuse("encryption-unsupported", out.getvalue(), "chu")
