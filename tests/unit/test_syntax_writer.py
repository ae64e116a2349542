"""Revisions appended to documents of every structure: qpdf reads them, and nothing that stood there is touched."""

from __future__ import annotations

import io
import re
import zlib

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsign.errors import InputError
from gsign.syntax.objects import Indirect, Name, Raw, Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.source import BytesSource
from gsign.syntax.writer import Revision
from tests import documents as collection
from tests.documents.raw import classic, cross_reference_stream, hybrid, last_startxref
from tests.unit.small_documents import opened, small


def extended(data: bytes, change) -> tuple[bytes, Document]:
    """Append what `change` does to a revision; return the file and how we read it."""
    document = opened(data)
    revision = Revision(document)
    change(revision)
    added = revision.write()
    for number, at in revision.offsets.items():
        assert re.match(rb"%d \d+ obj\n" % number, added[at:]), f"object {number} is not where it is said to be"
    return data + added, opened(data + added)


def by_qpdf(data: bytes) -> pikepdf.Pdf:
    pdf = pikepdf.open(io.BytesIO(data))
    assert not [*pdf.check_pdf_syntax(), *pdf.get_warnings()]
    return pdf


def trailer_of(data: bytes) -> bytes:
    return data[last_startxref(data) :]


@pytest.mark.parametrize("name", collection.names(signable=True, tag="structure"))
def test_every_structure_takes_a_revision(documents, name):
    found = {}

    def change(revision: Revision) -> None:
        found["new"] = revision.add({"A": b"x", "S": Stream({"B": 1}, b"data"), "I": Indirect([1, 2])})
        catalog = revision.current(opened(data).trailer["Root"])
        revision.change(opened(data).trailer["Root"], catalog | {"XX_Test": found["new"]})

    data = documents[name].data
    signed, document = extended(data, change)
    assert signed.startswith(data)
    value = document.dictionary(document.catalog["XX_Test"], "new")
    assert document.get(value["I"]) == [1, 2]
    assert document.stream_bytes(document.get(value["S"])) == b"data"
    with by_qpdf(signed) as pdf:
        assert bytes(pdf.Root.XX_Test.A) == b"x"
        assert pdf.Root.XX_Test.S.read_raw_bytes() == b"data"
        assert pdf.Root.XX_Test.S.is_indirect


@pytest.mark.parametrize(
    "data, is_stream",
    [
        (classic(small({})), False),
        (cross_reference_stream(small({})), True),
        (hybrid(small({4: b"(x)"}), {4}), False),
    ],
)
def test_the_section_is_of_the_kind_that_the_newest_one_is(data, is_stream):
    signed, document = extended(data, lambda r: r.add(5))
    again, _ = extended(signed, lambda r: r.add(6))
    assert (b"/XRef" in trailer_of(again)) is is_stream
    assert document.sections[0].is_stream is is_stream
    assert document.trailer["Prev"] == last_startxref(data)
    by_qpdf(again).close()


@pytest.mark.parametrize("write", [classic, cross_reference_stream])
@pytest.mark.parametrize("tail", [b"", b"\n", b"\r", b"\r\n", b"  ", b"\n\n\0"])
def test_a_revision_begins_on_a_line_of_its_own(write, tail):
    data = write(small({})).rstrip(b"\n") + tail
    signed, _ = extended(data, lambda r: r.add(b"x"))
    assert re.match(rb"\n?\d+ 0 obj\n" if tail[-1:] in (b"\n", b"\r") else rb"\n\d+ 0 obj\n", signed[len(data) :])
    by_qpdf(signed).close()


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(1, 60), max_size=20), st.booleans())
def test_changed_objects_wherever_they_are(numbers, is_stream):
    objects = {n: b"(old %d)" % n for n in range(10, 61)}
    data = (cross_reference_stream if is_stream else classic)(small(objects))
    numbers -= set(range(10))

    def change(revision: Revision) -> None:
        for n in numbers:
            revision.change(Ref(n), b"new %d" % n)

    _, document = extended(data, change)
    for n in range(10, 61):
        assert document.load(Ref(n)) == (b"new %d" if n in numbers else b"old %d") % n


def test_a_changed_object_keeps_its_generation():
    data = classic(small({}))
    start, previous = len(data), last_startxref(data)
    data += b"4 3 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n"
    place = len(data)
    data += b"xref\n4 1\n%010d 00003 n\r\ntrailer\n<</Size 5 /Root 4 3 R /Prev %d>>\n" % (start, previous)
    data += b"startxref\n%d\n%%%%EOF\n" % place
    signed, document = extended(data, lambda r: r.change(Ref(4, 3), r.current(Ref(4, 3)) | {"Lang": b"vi"}))
    assert b"\n4 3 obj\n<</Type/Catalog" in signed.replace(b" /", b"/")
    assert document.catalog["Lang"] == b"vi"
    with by_qpdf(signed) as pdf:
        assert str(pdf.Root.Lang) == "vi"


def test_new_numbers_are_beyond_all_that_any_section_claims():
    draft = small({})
    assert opened(classic(draft, size=50)).size == 50
    assert opened(classic(draft, size=2)).size == 4
    signed, document = extended(classic(draft, size=50), lambda r: r.add(b"x"))
    assert document.load(Ref(50)) == b"x"
    assert document.trailer["Size"] == 51
    assert signed.count(b"obj") > 0


def test_a_value_that_stands_twice_is_written_once():
    shared = Stream({"Type": Name("XObject")}, b"drawing")

    def change(revision: Revision) -> None:
        revision.change(Ref(1), revision.current(Ref(1)) | {"A": shared, "B": [shared, Indirect(1)]})

    signed, document = extended(classic(small({})), change)
    assert document.catalog["A"] == document.catalog["B"][0]
    assert signed.count(b"drawing") == 1
    by_qpdf(signed).close()


def test_streams_inside_streams_and_a_number_whose_value_comes_later():
    def change(revision: Revision) -> None:
        ref = revision.add(None)
        inner = Stream({}, zlib.compress(b"inner"))
        revision.change(ref, Stream({"Resources": {"X": inner, "Length": 5}, "Length": 99}, b"outer"))
        revision.change(Ref(1), revision.current(Ref(1)) | {"S": ref})

    _, document = extended(classic(small({})), change)
    outer = document.get(document.catalog["S"])
    assert document.stream_bytes(outer) == b"outer"
    assert document.stream_bytes(document.get(outer.dictionary["Resources"]["X"])) == zlib.compress(b"inner")


# ---------------------------------------------------------------- trailer


def test_the_trailer_carries_on_what_is_not_of_its_section():
    draft = small({5: b"<</Title (x)>>"})
    draft.info = 5
    draft.extra = b"/DocChecksum /ABCDEF /AdditionalStreams [/x 5 0 R]"
    for data in (classic(draft), cross_reference_stream(draft), hybrid(draft, {5})):
        _, document = extended(data, lambda r: r.add(1))
        trailer = document.trailer
        assert trailer["DocChecksum"] == "ABCDEF"
        assert trailer["AdditionalStreams"] == ["x", Ref(5)]
        assert (trailer["Info"], trailer["Root"]) == (Ref(5), Ref(1))
        assert "XRefStm" not in trailer
        assert ("W" in trailer) == document.sections[0].is_stream


@pytest.mark.parametrize(
    "identifier, first",
    [
        (b"/ID [<0011> <2233>]", b"\x00\x11"),
        (b"/ID [(a\\)b) (c)]", b"a)b"),
        (b"/ID [<0011>]", b"\x00\x11"),
        (b"/ID 4 0 R", b"four"),
        (b"/ID [5 0 R 5 0 R]", b"five"),
        (b"", None),
        (b"/ID []", None),
        (b"/ID (x)", None),
    ],
)
def test_the_first_half_of_the_identifier_stays(identifier, first):
    draft = small({4: b"[(four) (x)]", 5: b"(five)"})
    draft.identifier, draft.extra = None, identifier
    one, two = (extended(classic(draft), lambda r: r.add(1))[1].trailer["ID"] for _ in range(2))
    assert first is None or one[0] == two[0] == first
    assert len(one) == 2
    assert len({one[1], two[1], first}) == 3


def test_an_encrypted_document_without_identifier_is_not_given_one():
    with pikepdf.open(io.BytesIO(classic(small({4: b"(secret)"})))) as pdf:
        pdf.Root.Secret = pikepdf.String("secret")
        out = io.BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u", R=6, aes=True))
    data = re.sub(rb"/ID \[<[0-9a-f]+><[0-9a-f]+>\]", lambda m: b" " * len(m[0]), out.getvalue())
    assert b"/ID" not in data
    document = opened(data)
    document.unlock("u")
    revision = Revision(document)
    revision.change(document.trailer["Root"], document.catalog | {"Other": b"other"})
    signed = data + revision.write()
    assert opened(signed).trailer["ID"][0] == b""
    with pikepdf.open(io.BytesIO(signed), password="u") as pdf:
        assert (str(pdf.Root.Secret), str(pdf.Root.Other)) == ("secret", "other")


# ---------------------------------------------------------------- large files


class Long(BytesSource):
    """A document with any number of bytes that nobody reads between its structure and its end."""

    def __init__(self, data: bytes, size: int) -> None:
        start = data.rindex(b"startxref")
        super().__init__(data)
        self._head, self._tail = data[:start], data[start:]
        self.size = size

    def read(self, offset: int, length: int) -> bytes:
        end = min(offset + length, self.size)
        tail_at = self.size - len(self._tail)
        head = self._head[offset:end].ljust(max(0, min(end, tail_at) - offset), b" ")
        return head + self._tail[max(0, offset - tail_at) : max(0, end - tail_at)]


@pytest.mark.parametrize("size", [1 << 24, 1 << 31, 1 << 32, 9_999_000_000])
@pytest.mark.parametrize("write", [classic, cross_reference_stream])
def test_offsets_of_large_files(write, size):
    document = Document(Long(write(small({})), size))
    revision = Revision(document)
    revision.add(b"x")
    added = revision.write()
    place = int(added.rsplit(b"startxref\n")[-1].split()[0])
    assert place == size + max(added.index(b"xref\n") if write is classic else added.rindex(b" 0 obj") - 1, 0)
    if write is classic:
        assert b"%010d 00000 n\r\n" % (size + revision.offsets[document.size]) in added
    else:
        assert (size + revision.offsets[document.size]).to_bytes(5, "big").lstrip(b"\0") in zlib.decompress(
            added[added.index(b"stream\n") + 7 : added.index(b"\nendstream")]
        )


def test_a_table_ends_at_ten_digits():
    document = Document(Long(classic(small({})), 10**10))
    revision = Revision(document)
    revision.add(b"x")
    with pytest.raises(InputError) as caught:
        revision.write()
    assert caught.value.code == "input-too-large"


def test_raw_bytes_of_a_placeholder_stand_as_they_are():
    signed, _ = extended(classic(small({})), lambda r: r.add({"Contents": Raw(b"<0000>")}))
    assert b"/Contents <0000>" in signed
