"""gsign's verdict beside those of pyHanko and OpenSSL, on sound documents and on documents changed afterwards."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

import gsign.pdf
from gsign.result import ChangesAfter, Coverage, Indication, VerificationResult
from gsign.signer import Signer
from tests import documents as collection
from tests import judges
from tests.documents import Expect, Library
from tests.documents.raw import Draft, stream, update
from tests.pki import Pki

SOUND = [n for n in collection.names(signable=True) if n != "signed-expired-certificate"]


def _verify(pki: Pki, data: bytes, password: str | None = None) -> VerificationResult:
    result: VerificationResult = gsign.pdf.verify(data, trust=pki.root_file, revocation="off", password=password)
    return result


@pytest.mark.parametrize("name", SOUND)
def test_what_every_judge_accepts_passes(pki: Pki, signers: dict[str, Signer], documents: Library, name: str) -> None:
    document = documents[name]
    signed = gsign.pdf.sign(
        document.data, signers["p256"], trust=pki.root_file, revocation="off", password=document.password
    )
    result = _verify(pki, signed, document.password)
    assert [(s.indication, s.reasons) for s in result.signatures] == [(Indication.TOTAL_PASSED, ())] * (
        document.signatures + 1
    )
    assert result.indication is Indication.TOTAL_PASSED
    assert result.signatures[-1].coverage is Coverage.WHOLE_FILE
    assert all(s.changes_after is not ChangesAfter.FORBIDDEN for s in result.signatures)


@pytest.mark.parametrize("name", collection.names(tag="signed"))
def test_what_pyhanko_signed_is_judged_as_pyhanko_judges_it(
    pki: Pki, documents: Library, tmp_path: Path, name: str
) -> None:
    document = documents[name]
    facts = judges.ades_facts(document.write(tmp_path), pki, "B-B")
    result = _verify(pki, document.data)
    assert len(result.signatures) == len(facts) == document.signatures
    for ours, theirs in zip(result.signatures, facts, strict=True):
        assert ours.field == theirs.field
        # Approvals after a certification with P=2 are what offices do; pyHanko's policy forbids their new fields.
        allowed = theirs.changes != "FORBIDDEN" or name == "certified-2-then-signed"
        assert (ours.indication is Indication.TOTAL_PASSED) is (theirs.passed and allowed)


@pytest.mark.parametrize("level", ["B-B", "B-T", "B-LT", "B-LTA"])
def test_the_level_is_told(pki: Pki, signers: dict[str, Signer], documents: Library, level: str) -> None:
    signed = gsign.pdf.sign(
        documents["one-page"].data, signers["rsa2048"], level=level, tsa=pki.tsa_url, trust=pki.root_file
    )
    result = _verify(pki, signed)
    assert result.indication is Indication.TOTAL_PASSED
    assert result.signatures[0].level == level
    assert (result.signatures[0].proven_time is not None) is (level != "B-B")


def test_no_changed_byte_passes(pki: Pki, signers: dict[str, Signer], documents: Library) -> None:
    """One bit at a time, all over the bytes that are signed."""
    signed = gsign.pdf.sign(documents["one-page"].data, signers["p384"], trust=pki.root_file, revocation="off")
    (cut,) = judges.cut_signatures(signed)
    _, before, after, rest = cut.byte_range
    covered = [*range(0, before, 97), *range(after, after + rest, 7)]
    for place in covered:
        spoilt = signed[:place] + bytes([signed[place] ^ 0x10]) + signed[place + 1 :]
        assert _verify(pki, spoilt).indication is not Indication.TOTAL_PASSED, f"byte {place} may be changed"


def test_no_changed_bit_of_the_signature_value_or_certificate_passes(
    pki: Pki, signers: dict[str, Signer], documents: Library
) -> None:
    signed = gsign.pdf.sign(documents["one-page"].data, signers["rsa2048"], trust=pki.root_file, revocation="off")
    (cut,) = judges.cut_signatures(signed)
    certificate = cut.contents.index(signers["rsa2048"].certificate)
    value = len(cut.contents) - 256
    for place in [*range(value, len(cut.contents), 16), *range(certificate + 4, certificate + 900, 50)]:
        spoilt = cut.contents[:place] + bytes([cut.contents[place] ^ 1]) + cut.contents[place + 1 :]
        start = cut.byte_range[1] + 1
        data = signed[:start] + spoilt.hex().encode() + signed[start + 2 * len(spoilt) :]
        assert _verify(pki, data).indication is not Indication.TOTAL_PASSED, f"byte {place} of the CMS may be changed"


# --- what comes after a signature ----------------------------------------------------------------------------------


def _numbers(data: bytes) -> tuple[Draft, int, bytes, int]:
    """Return a draft that knows the file's numbers, the first page's number and body, and its contents' number."""
    with pikepdf.open(_file(data)) as pdf:
        first = pdf.pages[0].obj
        draft = Draft(dict.fromkeys(range(1, len(pdf.objects) + 1), b""), root=pdf.Root.objgen[0])
        return draft, first.objgen[0], first.unparse(), first.Contents.objgen[0]


def _file(data: bytes) -> io.BytesIO:
    return io.BytesIO(data)


def _new_contents(data: bytes) -> bytes:
    draft, _, _, contents = _numbers(data)
    return update(data, draft, {contents: stream(b"0 0 595 842 re f")})


def _new_page_dictionary(data: bytes) -> bytes:
    draft, page, body, _ = _numbers(data)
    return update(data, draft, {page: body.replace(b"/MediaBox", b"/Rotate 90 /MediaBox")})


def _new_annotation(data: bytes) -> bytes:
    draft, page, body, _ = _numbers(data)
    note = max(draft.objects) + 1
    text = b"<</Type /Annot /Subtype /FreeText /Rect [80 590 500 630] /F 4 /DA (/Helv 12 Tf) /Contents (khong)>>"
    annots = re.sub(rb"/Annots \[", b"/Annots [ %d 0 R " % note, body)
    return update(data, draft, {note: text, page: annots})


def _open_action(data: bytes) -> bytes:
    with pikepdf.open(_file(data)) as pdf:
        catalog = pdf.Root.unparse()
    draft, *_ = _numbers(data)
    action = b" /OpenAction <</S /JavaScript /JS (app.alert\\(1\\))>>>>"
    return update(data, draft, {draft.root: catalog.removesuffix(b">>") + action})


def _another_page_tree(data: bytes) -> bytes:
    with pikepdf.open(_file(data)) as pdf:
        catalog = pdf.Root.unparse()
    draft, _page, body, _ = _numbers(data)
    tree, fresh = max(draft.objects) + 1, max(draft.objects) + 2
    contents = fresh + 1
    new_page = re.sub(rb"/Contents \d+ 0 R", b"/Contents %d 0 R" % contents, body)
    new_page = re.sub(rb"/Parent \d+ 0 R", b"/Parent %d 0 R" % tree, new_page)
    objects = {
        tree: b"<</Type /Pages /Kids [%d 0 R] /Count 1>>" % fresh,
        fresh: new_page,
        contents: stream(b"0 0 595 842 re f"),
        draft.root: re.sub(rb"/Pages \d+ 0 R", b"/Pages %d 0 R" % tree, catalog),
    }
    return update(data, draft, objects)


def _page_freed(data: bytes) -> bytes:
    draft, page, _, _ = _numbers(data)
    spare = max(draft.objects) + 1
    return update(data, draft, {spare: b"null"}, freed={page: 1})


def _form_removed(data: bytes) -> bytes:
    with pikepdf.open(_file(data)) as pdf:
        pages = pdf.Root.Pages.objgen[0]
    draft, *_ = _numbers(data)
    return update(data, draft, {draft.root: b"<</Type /Catalog /Pages %d 0 R>>" % pages})


def _covered_by_another_signature_field(data: bytes) -> bytes:
    """Put the appearance of the signature's own field over the text."""
    with pikepdf.open(_file(data)) as pdf:
        field = pdf.Root.AcroForm.Fields[0]
        number, body = field.objgen[0], field.unparse()
    draft, *_ = _numbers(data)
    return update(data, draft, {number: re.sub(rb"/Rect \[[^]]*\]", b"/Rect [ 0 0 595 842 ]", body)})


FORBIDDEN = [
    _new_contents, _new_page_dictionary, _new_annotation, _open_action, _another_page_tree, _page_freed, _form_removed,
    _covered_by_another_signature_field,
]  # fmt: skip


@pytest.mark.parametrize("change", FORBIDDEN)
@pytest.mark.parametrize("name", ["signed-once", "certified-2", "signed-adbe"])
def test_a_change_after_the_signature_fails(
    pki: Pki, documents: Library, tmp_path: Path, name: str, change: Callable[[bytes], bytes]
) -> None:
    data = change(documents[name].data)
    assert data.startswith(documents[name].data)
    result = _verify(pki, data)
    assert result.indication is Indication.TOTAL_FAILED, (result.signatures, result.reasons)
    assert not [s for s in result.signatures if s.indication is Indication.TOTAL_PASSED]


@pytest.mark.parametrize("tail", [b"\n", b"\r\n\r\n", bytes(300)])
def test_blank_bytes_after_the_signature_are_told_and_harmless(pki: Pki, documents: Library, tail: bytes) -> None:
    """Mail gateways add such; they cannot say anything."""
    result = _verify(pki, documents["signed-once"].data + tail)
    assert result.indication is Indication.TOTAL_PASSED
    assert result.signatures[0].coverage is Coverage.REVISION


@pytest.mark.parametrize("tail", [b"% them\n", b"9 0 obj\n<<>>\nendobj\n", b"PK\x03\x04"])
def test_other_bytes_after_the_signature_fail(pki: Pki, documents: Library, tail: bytes) -> None:
    result = _verify(pki, documents["signed-once"].data + tail)
    assert result.indication is Indication.TOTAL_FAILED
    assert "bytes-after-end" in result.reasons


@pytest.mark.filterwarnings("ignore:This document has")
@pytest.mark.parametrize("name", ["signed-once", "signed-three-times", "certified-2"])
def test_a_document_rewritten_after_signing_is_not_called_unsigned(
    pki: Pki, documents: Library, tmp_path: Path, name: str
) -> None:
    """A viewer's "save as" loses the fields and moves the bytes; five of 21 published documents are like that."""
    rewritten = tmp_path / "rewritten.pdf"
    with pikepdf.open(documents[name].write(tmp_path)) as pdf:
        del pdf.Root.AcroForm
        pdf.save(rewritten)
    result = _verify(pki, rewritten.read_bytes())
    assert result.indication is Indication.TOTAL_FAILED
    assert "rewritten-after-signing" in [*result.reasons, *(r for s in result.signatures for r in s.reasons)]


def test_an_unsigned_document_has_no_signature(pki: Pki, documents: Library) -> None:
    assert _verify(pki, documents["one-page"].data).indication is Indication.NO_SIGNATURE_FOUND


@pytest.mark.parametrize("name", ["empty", "not-a-pdf", "truncated", "deep-nesting"])
def test_what_cannot_be_read_is_said_to_be_unreadable(pki: Pki, documents: Library, name: str) -> None:
    assert _verify(pki, documents[name].data).indication is Indication.UNREADABLE


# Judge one file and tell the most memory that was used, in MB.
_MEASURED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
import gsign.pdf
print(gsign.pdf.verify(sys.argv[1], revocation="off").indication.value)
print(next(int(line.split()[1]) // 1000 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.parametrize("name", collection.names(expect=Expect.BOUNDED))
def test_judging_a_hostile_document_costs_little(documents: Library, tmp_path: Path, name: str) -> None:
    path = documents[name].write(tmp_path)
    done = subprocess.run([sys.executable, "-c", _MEASURED, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    indication, megabytes = done.stdout.split()
    assert indication in ("UNREADABLE", "NO_SIGNATURE_FOUND")
    assert int(megabytes) < 300


def test_no_anchor_is_never_a_pass(pki: Pki, documents: Library) -> None:
    result = gsign.pdf.verify(documents["signed-once"].data, trust=pki.impostor_root_file, revocation="off")
    assert result.indication is Indication.INDETERMINATE
    assert result.signatures[0].sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"
