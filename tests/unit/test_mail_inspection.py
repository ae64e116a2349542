"""What an inspection says of a message, within its bounds, whatever is in it."""

from __future__ import annotations

import base64
import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gsign.errors import InputError
from gsign.isolation.pool import Limits, Settings, VerifierPool
from gsign.mail.bounds import Bounds
from gsign.mail.containers import Member, Opened, Room, open_container
from gsign.mail.facts import SmimeKind
from gsign.mail.inspection import inspect
from gsign.mail.remembering import Remembering
from gsign.mime import read
from gsign.mime.part import Part
from gsign.result import Indication, VerificationResult
from tests.documents import Library
from tests.hiding import WAYS
from tests.hiding.compounds import tnef
from tests.hiding.kit import HEADER, MIME, TEXT, attached, letter, part
from tests.hiding.zips import zipped


class Counting:
    """Opens containers here, judges nothing, and counts what it is asked."""

    def __init__(self, *errors: Exception) -> None:
        self.asked: Counter[str] = Counter()
        self.begun = threading.Event()
        self.released = threading.Event()
        self.released.set()
        self._errors = list(errors)

    def verify(self, source: bytes, /) -> VerificationResult:
        self.asked["verify"] += 1
        self.begun.set()
        assert self.released.wait(30)
        if self._errors:
            raise self._errors.pop()
        return VerificationResult(None, Indication.NO_SIGNATURE_FOUND)

    def open_container(self, kind: str, data: bytes, room: Room, /) -> Opened:
        self.asked[kind] += 1
        return open_container(kind, data, room)


@pytest.fixture(scope="module")
def pool() -> Iterator[VerifierPool]:
    with VerifierPool(Settings(offline=True)) as opened:
        yield opened


@pytest.fixture(scope="module")
def document(documents: Library) -> bytes:
    return documents["one-page"].data


def test_it_tells_who_wrote_to_whom(document: bytes) -> None:
    found = inspect(b'Sender: vt@a.vn\r\nCc: "B, C" <b@c.vn>\r\n' + attached(document), Counting())
    assert [(a.name, a.spec) for a in found.senders] == [("Nguyễn Văn An", "an@hungyen.gov.vn")]
    assert found.sender is not None
    assert found.sender.spec == "vt@a.vn"
    assert [a.spec for a in found.recipients] == ["vanthu@hanoi.gov.vn", "b@c.vn"]
    assert (found.subject, found.message_id) == ("Công văn số 123", "<123@hungyen.gov.vn>")
    assert [(p.path, p.content_type, p.name) for p in found.parts] == [
        ("", "multipart/mixed", None),
        ("1", "text/plain", None),
        ("2", "application/octet-stream", "vb.pdf"),
    ]


@pytest.mark.parametrize(
    "field,ambiguity",
    [
        (b"", "from-missing"),
        (b"From: an@a.vn, b@c.vn\r\n", "from-several"),
        (b"From: an@a.vn <b@c.vn>\r\n", "address-malformed"),
        (b"From: an@a.vn\r\nFrom: b@c.vn\r\n", "field-repeated"),
    ],
)
def test_who_wrote_it_is_one_address_or_ambiguous(field: bytes, ambiguity: str) -> None:
    found = inspect(field + MIME + TEXT, Counting())
    assert ambiguity in {a.id for a in found.ambiguities}


@pytest.mark.parametrize(
    "way,kind",
    [
        ("detached", SmimeKind.DETACHED),
        ("opaque", SmimeKind.OPAQUE),
        ("opaque-older-type", SmimeKind.OPAQUE),
        ("opaque-as-octets", SmimeKind.OPAQUE),
        ("opaque-attached", SmimeKind.NONE),
        ("compressed", SmimeKind.COMPRESSED),
        ("encrypted", SmimeKind.ENCRYPTED),
        ("encrypted-authenticated", SmimeKind.ENCRYPTED),
        ("encrypted-called-signed", SmimeKind.ENCRYPTED),
        ("envelope-is-document", SmimeKind.OTHER),
        ("forwarded", SmimeKind.NONE),
    ],
)
def test_only_the_root_envelope_counts_and_its_content_says_what_it_is(
    way: str, kind: SmimeKind, document: bytes
) -> None:
    assert inspect(WAYS[way].make(document), Counting()).smime is kind


def test_paths_lead_through_the_tree_and_through_containers(pool: VerifierPool, document: bytes) -> None:
    from tests.hiding.compounds import _file

    inner = letter(TEXT, part(tnef(_file(zipped(("a/vb.pdf", document)), b"hs.zip")), b"winmail.dat"))
    found = inspect(letter(TEXT, b"Content-Type: message/rfc822\r\n\r\n" + inner, boundary=b"ngoai"), pool)
    assert [d.path for d in found.documents] == ["2/1/2/winmail.dat/hs.zip/a/vb.pdf"]


def test_a_document_is_judged_once_however_often_it_is_there(document: bytes) -> None:
    verifier = Counting()
    found = inspect(letter(*[part(document, b"%d.pdf" % n) for n in range(5)]), verifier)
    assert [d.name for d in found.documents] == [f"{n}.pdf" for n in range(5)]
    assert verifier.asked["verify"] == 1


def test_a_document_that_cannot_be_judged_is_unreadable(document: bytes) -> None:
    found = inspect(attached(document), Counting(InputError("password-needed", file="-")))
    assert [(d.result.indication, d.result.reasons) for d in found.documents] == [
        (Indication.UNREADABLE, ("password-needed",))
    ]


def test_a_short_text_that_begins_like_the_end_of_a_disk_image_is_a_text() -> None:
    """The mark of such an image stands 512 octets before its end: what is shorter has nothing there."""
    short, image = b"koly\r\n", b"koly" + bytes(508)
    assert inspect(attached(short, b"a.bin"), Counting()).is_readable
    assert [u.reason for u in inspect(attached(image, b"a.bin"), Counting()).unreadables] == ["container-unsupported"]


def test_what_takes_too_long_is_left(document: bytes) -> None:
    verifier = Counting()
    message = letter(part(zipped(("a.pdf", document)), b"a.zip"), part(document))
    found = inspect(message, verifier, Bounds(seconds=0.0))
    assert [(u.path, u.reason) for u in found.unreadables] == [("1/a.zip", "out-of-time"), ("2/vb.pdf", "out-of-time")]
    assert not verifier.asked
    assert found.indication is Indication.UNREADABLE


def test_nothing_is_unpacked_beyond_the_room_of_the_whole_message(document: bytes) -> None:
    files = [part(zipped((f"{n}.bin", bytes(400_000))), b"%d.zip" % n) for n in range(4)]
    found = inspect(letter(*files), Counting(), Bounds(room=Room(octets=1_000_000)))
    assert [(u.path, u.reason) for u in found.unreadables] == [("3/2.zip", "too-large"), ("4/3.zip", "too-large")]


def test_a_process_that_opening_a_container_ends_costs_that_container_alone(document: bytes) -> None:
    message = letter(part(zipped(("a.bin", bytes(60 << 20))), b"a.zip"), part(document))
    with VerifierPool(Settings(offline=True), limits=Limits(memory=32 << 20)) as small:
        found = inspect(message, small)
    assert [(u.path, u.reason) for u in found.unreadables] in (
        [("1/a.zip", "too-large")],
        [("1/a.zip", "limit-exceeded")],
    )
    assert [d.path for d in found.documents] == ["2/vb.pdf"]


def test_a_process_gives_what_was_taken_out_here(pool: VerifierPool, document: bytes) -> None:
    archive = zipped(("a.pdf", document), ("b/", b""), ("b/Công văn.txt", bytes(range(256)) * 1000))
    assert pool.open_container("zip", archive, Room()) == open_container("zip", archive, Room())
    assert pool.open_container("zip", b"PK\3\4", Room()) == open_container("zip", b"PK\3\4", Room())


@pytest.mark.parametrize("kind", ["zip", "tar", "7z", "tnef", "ole", "cms", "gzip", "pdf"])
def test_no_container_that_is_cut_off_raises(kind: str, document: bytes) -> None:
    whole = {
        "zip": "zip-plain",
        "tar": "tar-pax",
        "7z": "sevenzip-packed-header",
        "tnef": "tnef-named-property",
        "ole": "ole-small",
        "cms": "opaque-indefinite",
        "gzip": "gz",
        "pdf": "embedded-name-tree",
    }[kind]
    parts = list(read(WAYS[whole].make(document)).walk())
    data = parts[-1].decoded()
    for size in {*range(min(len(data), 600)), *range(0, len(data), 97)}:
        open_container(kind, data[:size], Room())


# ---------------------------------------------------------------- remembering


def test_answers_are_remembered(document: bytes) -> None:
    verifier = Counting()
    remembering = Remembering(verifier)
    assert inspect(attached(document), remembering) == inspect(attached(document), remembering)
    assert verifier.asked == {"verify": 1, "pdf": 1}


def test_many_who_ask_at_once_are_one_question(document: bytes) -> None:
    verifier = Counting()
    verifier.released.clear()
    remembering = Remembering(verifier)
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(remembering.verify, document) for _ in range(8)]
        assert verifier.begun.wait(30)
        verifier.released.set()
        assert len({id(future.result()) for future in asked}) == 1
    assert verifier.asked["verify"] == 1


def test_what_failed_is_asked_again(document: bytes) -> None:
    verifier = Counting(InputError("input-not-pdf", file="-"))
    remembering = Remembering(verifier)
    with pytest.raises(InputError):
        remembering.verify(document)
    assert remembering.verify(document).indication is Indication.NO_SIGNATURE_FOUND
    assert verifier.asked["verify"] == 2


def test_answers_are_forgotten_after_their_time_and_where_there_are_too_many(document: bytes) -> None:
    verifier = Counting()
    short = Remembering(verifier, seconds=0.0)
    short.verify(document)
    short.verify(document)
    few = Remembering(verifier, most=1)
    few.verify(document)
    few.verify(document + b" ")
    few.verify(document)
    assert verifier.asked["verify"] == 5


def test_what_is_embedded_is_always_taken_out(document: bytes) -> None:
    carrier = read(WAYS["embedded-name-tree"].make(document)).children[-1].decoded()
    remembering = Remembering(Counting())
    expected = Opened((Member("vb.pdf", document),))
    assert [remembering.open_container("pdf", carrier, Room()) for _ in range(2)] == [expected, expected]


# ---------------------------------------------------------------- whatever comes


def pieces(part: Part) -> bytes:
    out, at = b"", part.start
    for child in part.children:
        out += part.data[at : child.start] + pieces(child)
        at = child.end
    return out + part.data[at : part.end]


_WORDS = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"--",
    b"=",
    b'"',
    b";",
    b"(",
    b"\r\n\r\n",
    b"%PDF-",
    b"PK\3\4",
    b"\xff\xff",
    b":",
)


def changed(data: bytes, chance: random.Random) -> bytes:
    """Change a few octets at random: replaced, deleted, repeated, put in, moved, cut off."""
    made = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(made) + 1)
        piece = slice(at, at + chance.randrange(1, 40))
        match chance.randrange(5):
            case 0:
                made[piece] = bytes(chance.randrange(256) for _ in range(3))
            case 1:
                del made[piece]
            case 2:
                made[at:at] = made[piece]
            case 3:
                made[at:at] = chance.choice(_WORDS)
            case _:
                made = made[: max(at, 1)]
    return bytes(made)


_TORN = [w for w in WAYS.values() if w.unreadable not in ("too-large", "too-many-parts", "too-many-entries")]


@pytest.mark.parametrize("seed", range(8))
def test_no_message_loses_an_octet_or_raises_whatever_is_changed_in_it(seed: int, document: bytes) -> None:
    chance = random.Random(seed)
    verifier = Counting()
    for _ in range(60):
        message = chance.choice(_TORN).make(document)
        leaf = list(read(message).walk())[-1]
        if leaf.encoding == "base64" and chance.random() < 0.5:
            content = base64.encodebytes(changed(leaf.decoded(), chance)).replace(b"\n", b"\r\n")
            message = message[: leaf.body_start] + content + message[leaf.end :]
        else:
            message = changed(message, chance)
        assert pieces(read(message)) == message
        inspect(message, verifier)


def test_a_message_without_anything_is_a_message() -> None:
    for message in (b"", b"\r\n", b"\r\n\r\n", b":", HEADER):
        found = inspect(message, Counting())
        assert found.documents == ()
        assert found.smime is SmimeKind.NONE
