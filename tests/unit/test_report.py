"""What is filed as evidence: complete, the same in every form, and harmless whatever names strangers chose."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from gsign import pdf, pkcs12
from gsign.errors import UsageError
from gsign.report.writing import Conditions, kind_of, render
from gsign.result import Indication, SignerInfo, VerificationResult
from gsign.sentences.report import TEXTS
from tests.documents import Library
from tests.pdfa import violations
from tests.pki import LEADER, Pki

CONDITIONS = Conditions(version="9.9")
FACTS = {"sha256": "ab" * 32, "size": 12345}

REQUIRED = ("issuer", "signer", "unit", "time", "integrity", "validity", "period")
"""What Circular 15/2025/TT-BKHCN asks to be shown of each signature."""


@pytest.fixture(scope="module")
def stamped(session_pki: Pki, documents: Library, tmp_path_factory: pytest.TempPathFactory) -> VerificationResult:
    """A document signed at B-T and verified online."""
    session_pki.reset()
    trust = [session_pki.root_file, session_pki.intermediate_file]
    key = tmp_path_factory.mktemp("key") / "key.p12"
    session_pki.leaf(LEADER).p12(key, "1234")
    with pkcs12.open_signer(key, pin="1234") as signer:
        signed = pdf.sign(documents["one-page"].data, signer, level="B-T", tsa=session_pki.tsa_url, trust=trust)
    result = pdf.verify(signed, trust=trust)
    assert result.indication is Indication.TOTAL_PASSED
    return result._replace(file="công văn.pdf", facts={**result.facts, **FACTS})


@pytest.fixture
def result(stamped: VerificationResult) -> VerificationResult:
    return stamped


def with_signer(result: VerificationResult, **names: Any) -> VerificationResult:
    (signature,) = result.signatures
    return result._replace(signatures=(signature._replace(signer=signature.signer._replace(**names)),))


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = ""
        self.feed(data.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def text_of(kind: str, data: bytes, folder: Path) -> str:
    if kind == "html":
        return Page(data).text
    file = folder / "report.pdf"
    file.write_bytes(data)
    program = shutil.which("pdftotext")
    assert program
    return subprocess.run([program, "-layout", file, "-"], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_everything_that_the_law_asks_for_is_shown(
    kind: str, lang: str, result: VerificationResult, tmp_path: Path
) -> None:
    text = text_of(kind, render(kind, [result], CONDITIONS, lang=lang), tmp_path)
    for name in REQUIRED:
        assert getattr(TEXTS[name], lang) in text
    assert {"vi": "HỢP LỆ", "en": "VALID"}[lang] in text
    (signature,) = result.signatures
    signer = signature.signer
    assert signature.proven_time
    proven = signature.proven_time.astimezone().strftime(":%M:%S")
    for shown in (signer.name, signer.email, signer.unit, signer.organisation, signer.issuer, proven):
        assert shown
        assert shown in text
    for shown in ("công văn.pdf", FACTS["sha256"], "gsign 9.9", "OCSP", "dấu thời gian (thử nghiệm)"):
        assert str(shown) in text
    certificates = result.facts["signatures"][0]["path"]  # type: ignore[index]
    assert len(certificates) == 3
    assert all(certificate["sha256"] in text for certificate in certificates)
    assert ("Signer" in text) or lang == "en"


@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_a_verdict_that_is_no_pass_says_why_and_what_to_do(
    kind: str, documents: Library, result: VerificationResult, tmp_path: Path
) -> None:
    failed = result._replace(
        indication=Indication.TOTAL_FAILED,
        signatures=(
            result.signatures[0]._replace(
                indication=Indication.TOTAL_FAILED,
                sub_indication="HASH_FAILURE",
                reasons=("message-digest-wrong",),
            ),
        ),
    )
    text = text_of(kind, render(kind, [failed], CONDITIONS), tmp_path)
    for said in ("KHÔNG HỢP LỆ", "HASH_FAILURE", "message-digest-wrong", "nội dung văn bản đã bị sửa sau khi ký"):
        assert said in text
    assert "đề nghị nơi gửi gửi lại bản gốc" in text
    assert "Tất cả" not in text


HOSTILE = {
    "name": '<script>alert("x")</script>',
    "organisation": "A\u202egro.vog.nagneyh\u202c\x1b[31m\nHỢP LỆ",
    "unit": "<img src=x onerror=alert(1)>" * 200,
    "email": "\"'><style>*{display:none}</style>",
    "issuer": "&lt;b&gt; 中文 \U0001f600 \x00",
}


def test_a_page_takes_no_markup_from_names(result: VerificationResult) -> None:
    clean = Page(render("html", [result], CONDITIONS))
    hostile = with_signer(result._replace(file='"><iframe src=//evil>.pdf'), **HOSTILE)
    data = render("html", [hostile], CONDITIONS)
    page = Page(data)
    assert page.tags == clean.tags
    assert {(tag, name) for tag, name, _ in page.attributes} == {(tag, name) for tag, name, _ in clean.attributes}
    assert HOSTILE["name"] in page.text
    assert '"><iframe src=//evil>.pdf' in page.text
    assert not set("\u202e\u202c\x1b\x00") & set(page.text)


def test_a_page_needs_nothing_from_outside(result: VerificationResult) -> None:
    data = render("html", [result], CONDITIONS)
    page = Page(data)
    assert not page.tags & {"script", "img", "link", "iframe", "object", "form", "a"}
    assert not {name for _, name, _ in page.attributes} & {"src", "href", "action", "style", "onload"}
    assert b"url(" not in data
    assert b"@import" not in data
    policies = [value for tag, _, value in page.attributes if tag == "meta" and "default-src" in (value or "")]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


def test_what_no_typeface_has_is_spelt_by_its_number(result: VerificationResult, tmp_path: Path) -> None:
    text = text_of("pdf", render("pdf", [with_signer(result, **HOSTILE)], CONDITIONS), tmp_path)
    assert "[U+4E2D][U+6587] [U+1F600]" in text
    assert '<script>alert("x")</script>' in text


def test_the_pdf_can_be_archived_and_is_one_page(result: VerificationResult, tmp_path: Path) -> None:
    three = result._replace(signatures=result.signatures * 3, facts={**result.facts, "signatures": [
        detail for detail in result.facts["signatures"] for _ in range(3)  # type: ignore[attr-defined]
    ]})  # fmt: skip
    for shown in (result, three):
        data = render("pdf", [shown], CONDITIONS)
        assert violations(data) == []
        file = tmp_path / "report.pdf"
        file.write_bytes(data)
        with pikepdf.open(file) as opened:
            assert len(opened.pages) == 1
            assert opened.check_pdf_syntax() == []


def test_many_signatures_and_files_take_more_pages_and_none_is_lost(result: VerificationResult, tmp_path: Path) -> None:
    (signature,) = result.signatures
    signatures = tuple(
        signature._replace(field=f"Field{number:02}", warnings=("revocation-not-checked",) * 30)
        for number in range(20)
    )  # fmt: skip
    many = result._replace(signatures=signatures)
    text = text_of("pdf", render("pdf", [many, result], CONDITIONS), tmp_path)
    assert all(f"Field{number:02}" in text for number in range(20))
    assert text.count("revocation-not-checked") == 600
    with pikepdf.open(tmp_path / "report.pdf") as opened:
        pages = len(opened.pages)
    assert f"Trang {pages}/{pages}" in text
    assert text.count("công văn.pdf") == 4  # in the overview and above each section


def test_a_block_larger_than_a_page_goes_on_on_the_next(result: VerificationResult, tmp_path: Path) -> None:
    (signature,) = result.signatures
    endless = result._replace(signatures=(signature._replace(warnings=tuple(f"warning-{n:03}" for n in range(300))),))
    text = text_of("pdf", render("pdf", [endless], CONDITIONS), tmp_path)
    assert all(f"warning-{number:03}" in text for number in range(300))


def test_json_is_the_contract_with_facts_and_sentences(result: VerificationResult) -> None:
    at = datetime(2026, 1, 27, 15, 39, 22, tzinfo=UTC)
    conditions = Conditions(revocation="require", offline=True, at=at, anchors=("ca.pem",), version="9.9")
    record = json.loads(render("json", [result], conditions))
    assert record["gsign"] == "9.9"
    assert record["conditions"] == {
        "revocation": "require",
        "offline": True,
        "at": "2026-01-27T22:39:22+07:00",
        "anchors": ["ca.pem"],
    }
    (file,) = record["files"]
    facts = file.pop("facts")
    assert file == json.loads(json.dumps(result.to_dict()))
    assert facts["sha256"] == FACTS["sha256"]
    (details,) = facts["signatures"]
    (ocsp, *_) = details["status"]["statements"]
    assert ocsp["kind"] == "ocsp"
    assert ocsp["serial"] == result.signatures[0].signer.serial
    assert datetime.fromisoformat(ocsp["this_update"]) <= datetime.now(UTC)
    assert details["timestamp"]["authority"] == "Dịch vụ dấu thời gian (thử nghiệm)"


def test_the_digest_of_the_signed_bytes_is_that_of_the_byte_range(documents: Library) -> None:
    data = documents["signed-once"].data
    (facts,) = pdf.verify(data, offline=True).facts["signatures"]  # type: ignore[attr-defined]
    _, first, start, length = facts["byte_range"]
    covered = data[:first] + data[start : start + length]
    assert facts["digest_value"] == hashlib.sha256(covered).hexdigest()


def test_numbers_of_persons_stay_out(result: VerificationResult, tmp_path: Path) -> None:
    shown = with_signer(result, identifiers=("CCCD:033180000123", "MST:0102357802"))
    for kind in ("html", "pdf"):
        text = text_of(kind, render(kind, [shown], CONDITIONS), tmp_path)
        assert "0102357802" in text
        assert "033180000123" not in text


def test_a_file_without_a_verdict_is_reported_too(tmp_path: Path) -> None:
    facts = {"error": {"file": "a<b>.pdf", "cause": "Permission denied"}}
    unread = VerificationResult("a<b>.pdf", Indication.UNREADABLE, reasons=("input-unreadable",), facts=facts)
    lost = VerificationResult("c.pdf", Indication.NO_SIGNATURE_FOUND, facts=dict(FACTS))
    for kind in ("html", "pdf"):
        text = text_of(kind, render(kind, [unread, lost], CONDITIONS, lang="en"), tmp_path)
        for said in ("UNREADABLE", "NO SIGNATURE", "a<b>.pdf", "Permission denied", "2 files in all"):
            assert said in text


def test_a_signature_without_facts_is_reported_too(result: VerificationResult, tmp_path: Path) -> None:
    bare = result.signatures[0]._replace(signer=SignerInfo(), field=None, claimed_time=None, proven_time=None)
    text = text_of("pdf", render("pdf", [result._replace(signatures=(bare,), facts={})], CONDITIONS), tmp_path)
    assert "không rõ" in text


def test_the_name_says_what_kind_of_report_it_is() -> None:
    assert [kind_of(Path(name)) for name in ("a.html", "b.HTM", "c.pdf", "d.json")] == ["html", "html", "pdf", "json"]
    with pytest.raises(UsageError) as raised:
        kind_of(Path("report.docx"))
    assert raised.value.code == "report-kind-unknown"
