"""Every way of hiding a document: found, or named as what cannot be known; and nothing is said of plain mail."""

from __future__ import annotations

import gzip
import hashlib
import random
from collections.abc import Callable, Iterator
from typing import cast

import pytest

from gsign.isolation.pool import Settings, VerifierPool
from gsign.mail.facts import Inspection
from gsign.mail.inspection import inspect
from gsign.office.judge import Judge
from gsign.result import Indication
from gsign.service import Service
from tests.documents import Library
from tests.hiding import WAYS, Way
from tests.hiding.archives import tarred
from tests.hiding.compounds import _file, compound, tnef
from tests.hiding.documents import CARRIERS
from tests.hiding.envelopes import _signed
from tests.hiding.kit import TEXT, attached, letter, part
from tests.hiding.letters import LETTERS, Letter
from tests.hiding.sevenzips import sevenzip
from tests.hiding.zips import zipped
from tests.pki import Pki


@pytest.fixture(scope="module")
def pool(session_pki: Pki) -> Iterator[VerifierPool]:
    trust = (session_pki.root_file, session_pki.intermediate_file)
    with VerifierPool(Settings(trust=trust, offline=True)) as opened:
        yield opened


@pytest.fixture(scope="module")
def signed(documents: Library) -> bytes:
    """A document whose signature is valid, and whose octets stand for those of any other."""
    return documents["signed-once"].data


@pytest.fixture(scope="module")
def altered(signed: bytes) -> bytes:
    """The same, after somebody changed what it says."""
    at = signed.index(b"/MediaBox") + 1
    return signed[:at] + b"m" + signed[at + 1 :]


@pytest.fixture(scope="module")
def unsigned(documents: Library) -> bytes:
    return documents["one-page"].data


def has_found(inspection: Inspection, way: Way, document: bytes) -> bool:
    if way.exact:
        return hashlib.sha256(document).hexdigest() in {found.sha256 for found in inspection.documents}
    return any(found.result.indication is not Indication.TOTAL_PASSED for found in inspection.documents)


def require_expected(inspection: Inspection, way: Way, document: bytes) -> None:
    ambiguous = {found.id for found in inspection.ambiguities}
    unreadable = {found.reason for found in inspection.unreadables}
    if way.finds:
        assert has_found(inspection, way, document), way.why
    assert {way.ambiguous} - {None} <= ambiguous
    assert {way.unreadable} - {None} <= unreadable
    # Whatever else is said: such a message never passes for one in which everything is signed.
    assert inspection.indication is not Indication.TOTAL_PASSED
    if not way.is_plain:
        assert not inspection.is_readable


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_way_hides_an_unsigned_document(way: Way, pool: VerifierPool, unsigned: bytes) -> None:
    require_expected(inspect(way.make(unsigned), pool), way, unsigned)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_is_told_at_a_glance_is_what_a_search_tells(way: Way, pool: VerifierPool, unsigned: bytes) -> None:
    message = way.make(unsigned)
    told = Judge(cast(Service, None), pool).glance(message)
    if told is not None:
        assert told == inspect(message, pool)


def test_what_takes_several_passes_is_not_told_at_a_glance(pool: VerifierPool) -> None:
    judge = Judge(cast(Service, None), pool)
    assert judge.glance(letter(TEXT)) is not None
    # What looks like the fields of a part is searched in every reading, which holds up others for 0.2 seconds.
    assert judge.glance(letter(TEXT) + b"\r\nContent-Disposition: x\r\n" * 2_000) is None


@pytest.mark.parametrize("way", [way for way in WAYS.values() if way.finds], ids=lambda way: way.name)
def test_no_way_hides_an_altered_document(way: Way, pool: VerifierPool, altered: bytes) -> None:
    require_expected(inspect(way.make(altered), pool), way, altered)


@pytest.mark.parametrize(
    "way", [way for way in WAYS.values() if way.is_plain and way.exact and way.carries], ids=lambda way: way.name
)
def test_a_signed_document_sent_in_a_plain_way_passes(way: Way, pool: VerifierPool, signed: bytes) -> None:
    inspection = inspect(way.make(signed), pool)
    assert inspection.ambiguities == inspection.unreadables == ()
    digest = hashlib.sha256(signed).hexdigest()
    assert [d.result.indication for d in inspection.documents if d.sha256 == digest] == [Indication.TOTAL_PASSED]


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
def test_nothing_is_said_of_what_mail_programs_write(letter: Letter, pool: VerifierPool, signed: bytes) -> None:
    inspection = inspect(letter.make(signed), pool)
    assert inspection.ambiguities == inspection.unreadables == ()
    assert {document.result.indication for document in inspection.documents} <= {Indication.TOTAL_PASSED}
    assert [document.name for document in inspection.documents] == list(letter.names)


WRAPPERS: dict[str, Callable[[bytes, str], tuple[bytes, str]]] = {
    "zip": lambda data, name: (zipped((name, data)), "a.zip"),
    "7z": lambda data, name: (sevenzip(("x.txt", b"x"), (name, data)), "a.7z"),
    "tar": lambda data, name: (tarred((name, data)), "a.tar"),
    "gzip": lambda data, name: (gzip.compress(data), f"{name}.gz"),
    "tnef": lambda data, name: (tnef(_file(data, name.encode())), "winmail.dat"),
    "ole": lambda data, name: (compound(("CONTENTS", data)), "a.doc"),
    "document": lambda data, name: (CARRIERS["name-tree"][1](data), "a.pdf"),
    "message": lambda data, name: (letter(TEXT, part(data, name.encode())), "a.eml"),
    "signed": lambda data, name: (_signed(part(data, name.encode())), "a.p7m"),
}


@pytest.mark.parametrize("seed", range(40))
def test_a_document_is_found_in_whatever_containers_stand_in_each_other(
    seed: int, pool: VerifierPool, signed: bytes
) -> None:
    chance = random.Random(seed)
    data, name = signed, "vb.pdf"
    for kind in chance.sample(sorted(WRAPPERS), chance.randrange(2, 6)):
        data, name = WRAPPERS[kind](data, name)
    inspection = inspect(attached(data, name.encode()), pool)
    found = {document.sha256: document.result.indication for document in inspection.documents}
    assert found[hashlib.sha256(signed).hexdigest()] is Indication.TOTAL_PASSED
    assert inspection.ambiguities == inspection.unreadables == ()


def test_there_are_enough_ways() -> None:
    assert len(WAYS) >= 400
    assert len([way for way in WAYS.values() if not way.is_plain]) >= 200
