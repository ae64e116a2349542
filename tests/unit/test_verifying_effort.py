"""What verifying takes, in counts that no machine changes: bytes read, objects parsed, keys used, questions asked."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from gsign import der, pdf
from gsign.cms import checking, keys
from gsign.isolation.pool import Settings, VerifierPool
from gsign.isolation.process import Process
from gsign.result import Indication
from gsign.signer import Signer
from gsign.syntax import reader, source
from gsign.syntax.source import BytesSource
from gsign.syntax.xref import Section
from gsign.trust import store
from gsign.trust.store import TrustStore
from gsign.verification import hidden
from gsign.verification.coverage import ReasonError
from tests.calls import calls_of
from tests.documents import Library, large
from tests.pki import Pki

_LARGE = 30_000_000
_MANY = 5


class Reads:
    """Counts the bytes that are read from files."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.total = self.largest = 0
        really = os.pread

        def counting(descriptor: int, length: int, offset: int) -> bytes:
            data = really(descriptor, length, offset)
            self.total += len(data)
            self.largest = max(self.largest, len(data))
            return data

        monkeypatch.setattr(source.os, "pread", counting)


def signed(documents: Library, signer: Signer, trust: TrustStore, name: str, times: int) -> bytes:
    data = documents[name].data
    for _ in range(times):
        data = pdf.sign(data, signer, revocation="off", trust=trust)
    return data


@pytest.fixture
def trust(pki: Pki) -> TrustStore:
    return TrustStore.load(pki.root_file, pki.intermediate_file, pinned=False)


def test_a_small_file_is_read_once_and_in_one_piece(
    documents: Library, trust: TrustStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = documents["signed-three-times"].write(tmp_path)
    pieces = calls_of(monkeypatch, source.os, "pread")
    pdf.verify(file, trust=trust, revocation="off").require()
    assert [(length, offset) for _, length, offset in pieces] == [(file.stat().st_size, 0)]


def test_a_large_file_is_read_once_piece_by_piece(
    pki: Pki, file_signer: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsigned, file = large(tmp_path / "large.pdf", _LARGE), tmp_path / "signed.pdf"
    reads = Reads(monkeypatch)
    pdf.sign_to(unsigned, file, file_signer, revocation="off")
    assert _LARGE <= reads.total < _LARGE * 1.05
    reads = Reads(monkeypatch)
    result = pdf.verify(file, trust=pki.root_file, revocation="off")
    assert result.signatures[0].intact
    assert _LARGE <= reads.total < _LARGE * 1.05
    assert reads.largest <= 1 << 20


def test_nothing_reads_a_file_more_than_twice_for_a_report(
    file_signer: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "signed.pdf"
    pdf.sign_to(large(tmp_path / "large.pdf", _LARGE), file, file_signer, revocation="off")
    from gsign.isolation.digest import with_digest

    reads = Reads(monkeypatch)
    result = with_digest(str(file), lambda: pdf.verify(file, revocation="off"))
    assert result.facts["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert reads.total < _LARGE * 2.05


@pytest.mark.parametrize("name", ["one-page", "500-pages"])
def test_few_objects_are_read_however_many_there_are(
    documents: Library, file_signer: Signer, trust: TrustStore, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    data = signed(documents, file_signer, trust, name, 1)
    read = calls_of(monkeypatch, reader, "read_object")
    pdf.verify(data, trust=trust, revocation="off")
    # The catalog, the form and the field; the signature's dictionary is read on the bytes alone.
    assert len({offset for _, offset in read}) == len(read) <= 3


def test_what_a_cms_holds_is_taken_apart_once(
    documents: Library, file_signer: Signer, trust: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = signed(documents, file_signer, trust, "one-page", 1)
    pdf.verify(data, trust=trust, revocation="off")  # certificates are known from now on
    values = calls_of(monkeypatch, der.Node, "children")
    pdf.verify(data, trust=trust, revocation="off")
    places = [(node.start, node.end) for node, *_ in values]
    assert len(set(places)) == len(places) <= 18


def test_a_path_is_judged_once_for_all_signatures_by_one_key(
    documents: Library, file_signer: Signer, trust: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = signed(documents, file_signer, trust, "one-page", _MANY)
    judged = calls_of(monkeypatch, store, "judge")
    result = pdf.verify(data, trust=trust, revocation="off").require()
    assert (len(result.signatures), len(judged)) == (_MANY, 1)


def test_a_path_is_judged_anew_at_another_time(pki: Pki, trust: TrustStore) -> None:
    leaf, year = pki.leaf(), timedelta(days=366)
    now = datetime.now(UTC)
    assert [trust.find_chain(leaf.der, (), at).is_trusted for at in (now, now - 99 * year, now)] == [True, False, True]


@pytest.mark.parametrize("line_ends", [(b" \n",), (b" \r",), (b"\r\n",), (b" \n", b"\r\n"), (b"  ",)])
def test_a_table_says_the_same_however_its_lines_end(line_ends: tuple[bytes, ...]) -> None:
    rows = [b"0000000000 65535 f", b"0000000015 00000 n", b"0000000120 00003 n", b"0000000000 00001 f"]
    table = b"".join(row + end for row, end in zip(rows, cycle(line_ends), strict=False))
    section = Section(0, is_stream=False, trailer={}, ranges=[(7, len(rows), 0)], end=0)
    assert hidden._in_use(BytesSource(table), section) == ([8, 9], [15, 120], {9: 3})


def test_a_row_of_a_table_that_readers_read_differently_is_refused() -> None:
    table = b"0000000015 00000 n \n000000012x 00000 n \n"
    section = Section(0, is_stream=False, trailer={}, ranges=[(1, 2, 0)], end=0)
    with pytest.raises(ReasonError, match="hidden-objects"):
        hidden._in_use(BytesSource(table), section)


def test_each_object_that_later_revisions_touch_is_read_once(
    documents: Library, file_signer: Signer, trust: TrustStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = signed(documents, file_signer, trust, "500-pages", _MANY)
    read = calls_of(monkeypatch, reader, "read_object")
    pdf.verify(data, trust=trust, revocation="off")
    assert len({offset for _, offset in read}) == len(read)
    # Each revision has five objects: field, page, form, catalog, and the signature, which is read for its coverage.
    assert len(read) <= 4 * _MANY


def test_a_signers_path_is_built_and_its_key_loaded_once_for_many_documents(
    documents: Library, file_signer: Signer, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust = TrustStore.load(pki.root_file, pki.intermediate_file, pinned=False)
    many = [signed(documents, file_signer, trust, "one-page", 1) for _ in range(_MANY)]
    keys.load_public_key.cache_clear()
    fresh = TrustStore.load(pki.root_file, pki.intermediate_file, pinned=False)
    searched = calls_of(monkeypatch, TrustStore, "_search_anew")
    checked = calls_of(monkeypatch, checking, "_check_signature")
    for data in many:
        pdf.verify(data, trust=fresh, revocation="off")
    assert len(searched) == 1
    assert len(checked) == _MANY
    # That of the signer and those on the path, each once.
    assert keys.load_public_key.cache_info().misses <= 3


def test_a_process_is_asked_once_for_each_document_and_not_waited_for(
    documents: Library, pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [documents["signed-once"].write(tmp_path, f"{number}.pdf") for number in range(40)]
    sent: list[int] = []
    really = Process.exchange

    def counting(process: Process, frame: tuple[bytes, ...], seconds: float) -> dict[str, Any]:
        sent.append(b"".join(frame).count(b'"ask"'))
        return really(process, frame, seconds)

    monkeypatch.setattr(Process, "exchange", counting)
    settings = Settings(trust=[pki.root_file, pki.intermediate_file], offline=True)
    with VerifierPool(settings, jobs=2) as pool:
        told = [outcome for _, outcome in pool.verify_all(files)]
    assert [getattr(outcome, "indication", None) for outcome in told] == [Indication.TOTAL_PASSED] * 40
    assert sum(sent) == 40
    # After the first few, several questions go out at once.
    assert sum(count > 0 for count in sent) <= 20
