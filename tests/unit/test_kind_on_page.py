"""The kind of a document by what its first page says, read as the relay's judge does."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from gsign.document_kind import kind_on_page
from gsign.isolation.pool import Settings, VerifierPool
from gsign.mail.inspection import inspect
from gsign.mail.remembering import Digesting, Remembering
from tests import letters

_TOLD = {
    "decision": "quyet-dinh",
    "official-letter": "cong-van",
    "report-with-table": "bao-cao",
    "invitation": "giay-moi",
    "schedule": "lich-cong-tac",
    "minutes-chair": "bien-ban",
    "proposal-of-the-party": "to-trinh",
    "plan-block-alone-on-last-page": "ke-hoach",
    "resolution-with-annex": "nghi-quyet",
    "notice-doctor": "thong-bao",
    "turned-90": "quyet-dinh",
    "scanned-with-text": "quyet-dinh",
    # No number: the title says it.
    "block-in-a-table": "hop-dong",
    "name-on-two-lines": "quyet-dinh",
    # Nothing says it, or nothing can be read.
    "three-signers-Mai": None,
    "scanned": None,
    "old-encoding": None,
}


@pytest.fixture(scope="module")
def pool() -> Iterator[VerifierPool]:
    with VerifierPool(Settings(revocation="off", offline=True)) as pool:
        yield pool


@pytest.mark.parametrize("name", sorted(_TOLD))
def test_letters_as_offices_write_them_are_told_by_their_page(pool: VerifierPool, name: str) -> None:
    data = letters.made(name).data
    assert pool.kind_of_page(data) == _TOLD[name]
    assert pool.examine(data).kind == _TOLD[name]


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(5000)])
def test_what_is_no_document_has_no_kind(pool: VerifierPool, data: bytes) -> None:
    assert pool.kind_of_page(data) is None


@pytest.mark.parametrize(
    "text, kind",
    [
        ("UBND TỈNH\nSố: 286/QĐ-UBND   Hưng Yên, ngày 5 tháng 3 năm 2026\nQUYẾT ĐỊNH", "quyet-dinh"),
        ("SỞ Y TẾ\r\nSố:       /BC-SYT\r\n", "bao-cao"),
        ("Số: ……/GM-UBND", "giay-moi"),
        ("CHÍNH PHỦ\nSố: 30/2020/NĐ-CP", "nghi-dinh"),
        ("Số 12-CV/TU", "cong-van"),
        ("SỞ KẾ HOẠCH VÀ ĐẦU TƯ\nBÁO CÁO\nvề kế hoạch", "bao-cao"),
        ("LỊCH CÔNG TÁC TUẦN 12", "lich-cong-tac"),
        # About another document, or no title.
        ("Căn cứ Quyết định số: 30/2020/QĐ-TTg", None),
        ("Báo cáo kết quả", None),
        ("SỞ KẾ HOẠCH VÀ ĐẦU TƯ", None),
        ("\n" * 5 + "x\n" * 50 + "QUYẾT ĐỊNH", None),
        ("", None),
    ],
)
def test_number_and_symbol_come_before_the_title_and_nothing_is_guessed(text: str, kind: str | None) -> None:
    assert kind_on_page(text) == kind


def test_a_page_is_looked_at_once_and_only_where_the_name_says_nothing(pool: VerifierPool) -> None:
    asked = []

    def looked(document: bytes) -> str | None:
        asked.append(document)
        return pool.kind_of_page(document)

    remembering = Remembering(pool, kind_of_page=looked)
    data = letters.made("invitation").data

    def kinds(*names: str) -> set[str | None]:
        message = EmailMessage()
        message["From"] = "a@b.vn"
        for name in names:
            message.add_attachment(data, "application", "pdf", filename=name)
        digesting = Digesting(remembering)
        octets = message.as_bytes().replace(b"\n", b"\r\n")
        found = inspect(octets, digesting, digest_of=digesting.digest_of, kind_of_page=digesting.kind_of_page)
        return {document.kind for document in found.documents}

    assert kinds("12-BC-SNV.pdf") == {"bao-cao"}
    assert asked == []
    assert kinds("scan0001.pdf", "scan0002.pdf") == {"giay-moi"}
    assert kinds("x.pdf") == {"giay-moi"}
    assert asked.count(data) == 1
