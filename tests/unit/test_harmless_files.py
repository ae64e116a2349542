"""What was looked into, and holds nothing, is not looked into again; what holds something always is."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from typing import cast

import pytest

from gsign.isolation.pool import Settings, VerifierPool
from gsign.mail.containers import Opened, Room, open_container
from gsign.mail.facts import Inspection
from gsign.mail.inspection import inspect
from gsign.mail.remembering import HarmlessFiles
from gsign.office.judge import Judge
from gsign.result import Indication, VerificationResult
from gsign.service import Service
from tests.documents import Library
from tests.hiding import WAYS, Way
from tests.hiding.archives import tarred
from tests.hiding.kit import TEXT, attached, b64, letter, part
from tests.hiding.zips import zipped

OFFICE_FILE = zipped(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:p>Kinh gui</w:p>" * 100))


class Opener:
    """Opens containers here and now, counts how many, and has nothing to say of any document."""

    def __init__(self) -> None:
        self.opened = 0

    def verify(self, source: bytes, /) -> VerificationResult:
        return VerificationResult(None, Indication.NO_SIGNATURE_FOUND)

    def open_container(self, kind: str, data: bytes, room: Room, /) -> Opened:
        self.opened += 1
        return open_container(kind, data, room)


@pytest.fixture(scope="module")
def document(documents: Library) -> bytes:
    return documents["one-page"].data


def found(inspection: Inspection) -> object:
    sums = [(document.path, document.sha256, document.result.indication) for document in inspection.documents]
    return sums, inspection.unreadables, inspection.ambiguities


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_whatever_is_found_is_found_again(way: Way, document: bytes) -> None:
    message, harmless = way.make(document), HarmlessFiles()
    first, second, anew = (inspect(message, Opener(), harmless=files) for files in (harmless, harmless, None))
    assert found(first) == found(second) == found(anew)


def test_what_700_are_sent_is_looked_into_once() -> None:
    opener, harmless = Opener(), HarmlessFiles()
    for number in range(700):
        letter_to_one = b"X-To: %d\r\n%b" % (number, attached(OFFICE_FILE, b"kh.docx"))
        assert inspect(letter_to_one, opener, harmless=harmless).is_readable
    assert opener.opened == 1


@pytest.mark.parametrize("other", [b"kh.docx.001", b"kh.pdf"], ids=["a piece", "a document"])
def test_under_another_name_it_is_looked_into_again(other: bytes) -> None:
    harmless = HarmlessFiles()
    assert inspect(attached(OFFICE_FILE, b"kh.docx"), Opener(), harmless=harmless).is_readable
    inspection = inspect(attached(OFFICE_FILE, other), Opener(), harmless=harmless)
    assert inspection.documents or not inspection.is_readable


def test_what_is_unpacked_is_called_by_the_name_of_what_was_packed() -> None:
    packed, harmless = gzip.compress(b"Kinh gui", mtime=0), HarmlessFiles()
    assert not inspect(attached(packed, b"a.txt.gz"), Opener(), harmless=harmless).documents
    assert inspect(attached(packed, b"a.pdf.gz"), Opener(), harmless=harmless).documents


def test_what_a_message_has_twice_is_found_in_the_next_one(document: bytes) -> None:
    harmless = HarmlessFiles()
    # Only a program that passes over what is no digit finds it.
    digits = zipped(("a.b64", b"*".join(bytes((octet,)) for octet in b64(document))))
    both = letter(TEXT, part(document), part(digits, b"a.zip"))
    assert inspect(both, Opener(), harmless=harmless).documents
    assert inspect(attached(digits, b"a.zip"), Opener(), harmless=harmless).documents


def test_what_is_refused_twice_in_one_place_is_refused_in_the_next_message() -> None:
    one, other = (zipped(("a.rar", b"Rar!\x1a\x07\x00" + bytes(size))) for size in (100, 200))
    opener, harmless = Opener(), HarmlessFiles()
    both = inspect(attached(tarred(("b.zip", one), ("b.zip", other)), b"a.tar"), opener, harmless=harmless)
    assert len(both.unreadables) == 1
    again = inspect(attached(tarred(("b.zip", other)), b"a.tar"), opener, harmless=harmless)
    assert again.unreadables == both.unreadables


def test_of_many_the_one_asked_for_longest_ago_is_forgotten() -> None:
    files = HarmlessFiles(most=2)
    for file in (b"a", b"b"):
        files.keep(file)
    assert files.knows(b"a")
    files.keep(b"c")
    assert [files.knows(file) for file in (b"a", b"b", b"c")] == [True, False, True]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with VerifierPool(Settings(trust=(), offline=True)) as pool:
        yield Judge(cast(Service, None), pool)


def test_what_is_known_takes_no_more_than_a_glance(judge: Judge) -> None:
    message = attached(OFFICE_FILE, b"kh.docx")
    assert judge.glance(message) is None
    inspection = judge.inspect(message, time.monotonic() + 60)
    assert inspection.is_readable
    assert judge.glance(message) == inspection
