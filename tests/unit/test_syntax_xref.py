"""Cross-reference tables and streams: every sound spelling is read, damage is refused and never repaired."""

from __future__ import annotations

import zlib

import pytest

from gsign.syntax.filters import decode
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.reader import Document
from gsign.syntax.source import open_source
from tests.documents.raw import (
    Draft,
    classic,
    cross_reference_stream,
    last_startxref,
    object_stream,
    stream,
)
from tests.unit.small_documents import opened, small


def replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    """Replace something that is there once, at the same length."""
    assert data.count(old) == 1
    assert len(old) == len(new)
    return data.replace(old, new)


# ---------------------------------------------------------------- tables


def test_generations_tell_objects_apart():
    data = classic(small({4: b"(old)"}))
    start = len(data)
    data += b"4 7 obj\n(new)\nendobj\n"
    place = len(data)
    trailer = b"<</Size 5 /Root 1 0 R /Prev %d>>" % last_startxref(data)
    data += b"xref\n4 1\n%010d 00007 n\r\ntrailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (start, trailer, place)
    for order in ((0, 7), (7, 0)):
        document = opened(data)
        found = {g: document.load(Ref(4, g)) for g in order}
        assert found == {0: None, 7: b"new"}


@pytest.mark.parametrize("ending", [b" \n", b" \r", b"\r\n"])
def test_entries_of_twenty_bytes(ending):
    data = classic(small({}))
    assert opened(data.replace(b" f \n", b" f" + ending).replace(b" n \n", b" n" + ending)).page(0).ref == Ref(3)


@pytest.mark.parametrize("ending", [b"\n", b"\r", b"\n\n", b"  ", b"\t\n", b"  \n"])
def test_entries_of_another_length_are_refused(ending):
    # pdfium and poppler then rebuild the table from what they find, each in its way.
    data = classic(small({}))
    with pytest.raises(PdfSyntaxError):
        opened(data.replace(b" f \n", b" f" + ending).replace(b" n \n", b" n" + ending)).page(0)


@pytest.mark.parametrize("between", [b" ", b"", b"\r\n", b"\n\n  "])
def test_spellings_of_the_trailer(between):
    data = classic(small({}))
    assert opened(data.replace(b"trailer\n<<", b"trailer" + between + b"<<")).page(0).ref == Ref(3)
    assert opened(data.replace(b"\ntrailer", b"\ntrailer%c\n" + between)).page_count() == 1


@pytest.mark.parametrize(
    "head", [b"xref \n0 4 \n", b"xref\r\n0 4\r\n", b"xref\n\n0  4\n", b"xref\r0 4\r", b"xref 0 4\n"]
)
def test_spellings_of_the_head_of_a_table(head):
    assert opened(classic(small({})).replace(b"xref\n0 4\n", head, 1)).page_count() == 1


def test_a_number_twice_in_one_section_is_refused():
    data = classic(small({}))
    entry = b"2 1\n0000000015 00000 n \n"
    for twice in (data.replace(b"trailer", entry + b"trailer"), data.replace(b"0 4\n", entry + b"0 4\n")):
        with pytest.raises(PdfSyntaxError, match="twice"):
            opened(twice)


def test_subsections_may_stand_in_any_order():
    data = classic(small({}))
    at = data.index(b"xref\n")
    offsets = {n: data.index(b"%d 0 obj" % n) for n in (1, 2, 3)}
    lines = b"".join(b"%d 1\n%010d 00000 n \n" % (n, offsets[n]) for n in (3, 1, 2))
    data = data[:at] + b"xref\n" + lines + b"0 1\n0000000000 65535 f \n" + data[data.index(b"trailer") :]
    assert opened(data).page(0).ref == Ref(3)


@pytest.mark.parametrize(
    "old, new",
    [
        (b"startxref\n", b"startxrex\n"),
        (b"%%EOF\n", b"%%EOX\n"),
        (b"/Size 4", b"/Size x"),
        (b"/Root 1 0 R", b"/Root (1 0)"),
        (b"1 0 obj", b"7 0 obj"),
        (b"1 0 obj", b"1 1 obj"),
        (b"1 0 obj", b" 1 0 ob"),
        (b"trailer", b"trailex"),
        (b"xref\n0 4", b"xref\n0 5"),
        (b"xref\n0 4", b"xref\n0 3"),
        (b"xref\n0 4", b"xref\n1 4"),
        (b"xref\n0 4", b"href\n0 4"),
    ],
)
def test_damage_is_an_error_and_never_repaired(old, new):
    data = replaced(classic(small({})), old, new)
    with pytest.raises(PdfSyntaxError):
        _ = opened(data).page(0), opened(data).size


@pytest.mark.parametrize("offset", [0, 1, 10**9, 10**15])
def test_a_startxref_that_leads_nowhere(offset):
    with pytest.raises(PdfSyntaxError):
        opened(classic(small({}), startxref=offset))


@pytest.mark.parametrize("previous", [b"/Prev 0", b"/Prev -5", b"/Prev 99999999", b"/Prev 5.0", b"/Prev 1 0 R"])
def test_a_previous_section_that_is_not_there(previous):
    draft = small({})
    draft.extra = previous
    with pytest.raises(PdfSyntaxError):
        opened(classic(draft))


@pytest.mark.parametrize("space", [0, 1])
def test_a_section_that_leads_to_itself_is_read_once(space):
    """However its place is stated: white space before it belongs to it."""
    draft = small({})
    draft.extra = b"/Prev 000"
    data = classic(draft)
    place = last_startxref(data) - space
    with pytest.raises(PdfSyntaxError, match="chain"):
        opened(replaced(data, b"/Prev 000", b"/Prev %03d" % place))


def test_objects_nobody_asks_for_are_not_read():
    draft = small({4: b"<<((((", 5: b"\xff" * 100})
    document = opened(classic(draft))
    assert document.page(0).ref == Ref(3)
    with pytest.raises(PdfSyntaxError):
        document.load(Ref(4))


def test_free_missing_and_circular_references():
    document = opened(classic(small({4: b"5 0 R", 5: b"4 0 R", 6: b"7 0 R", 7: b"(seven)"}), freed={9: 1}))
    assert document.get(Ref(6)) == b"seven"
    assert [document.get(Ref(n)) for n in (0, 9, 8, 4711, 10**9)] == [None] * 5
    with pytest.raises(PdfSyntaxError, match="circles"):
        document.get(Ref(4))


# ---------------------------------------------------------------- streams


def by_stream(widths: tuple[int, int, int], index: bytes, rows: list[tuple[int, int, int]], more: bytes = b"") -> bytes:
    """Write a document whose cross-reference stream has these rows; an offset of -n stands for object n's."""
    draft = small({})
    data = classic(draft)
    data = data[: data.index(b"xref\n")]
    offsets = {n: data.index(b"%d 0 obj" % n) for n in (1, 2, 3)} | {4: len(data)}
    packed = b"".join(
        b"".join((offsets[-v] if v < 0 else v).to_bytes(w, "big") for v, w in zip(row, widths, strict=True) if w)
        for row in rows
    )
    entries = b"/Type /XRef /W [%d %d %d] /Index [%s] /Size 5 /Root 1 0 R " % (*widths, index)
    section = b"4 0 obj\n" + stream(packed, entries + more) + b"\nendobj\n"
    return data + section + b"startxref\n%d\n%%%%EOF\n" % offsets[4]


_ROWS = [(0, 0, 0), (1, -1, 0), (1, -2, 0), (1, -3, 0), (1, -4, 0)]


@pytest.mark.parametrize(
    "widths, index, rows",
    [
        ((1, 2, 1), b"0 5", _ROWS),
        ((1, 2, 0), b"0 5", _ROWS),
        ((0, 2, 0), b"1 4", _ROWS[1:]),
        ((1, 8, 2), b"0 5", _ROWS),
        ((1, 3, 2), b"0 1 1 3 4 1", _ROWS),
        ((1, 2, 2), b"3 2 0 1 1 2", [*_ROWS[3:], *_ROWS[:3]]),
        ((1, 2, 1), b"0 0 0 5", _ROWS),
    ],
)
def test_shapes_of_cross_reference_streams(widths, index, rows):
    assert opened(by_stream(widths, index, rows)).page(0).ref == Ref(3)


@pytest.mark.parametrize(
    "widths, index, rows, more",
    [
        ((1, 2, 1), b"0 6", _ROWS, b""),
        ((1, 2, 1), b"0 5 3 1", [*_ROWS, _ROWS[1]], b""),
        ((1, 2, 1), b"0 5 9", _ROWS, b""),
        ((1, 2, 1), b"0 -5", _ROWS, b""),
        ((1, 2, 1), b"0 8388609", _ROWS, b""),
        ((0, 0, 0), b"0 5", _ROWS, b""),
        ((1, 9, 1), b"0 5", _ROWS, b""),
        ((1, 2, 1), b"0 5", [*_ROWS[:1], (3, 5, 0), *_ROWS[2:]], b""),
        ((1, 8, 1), b"0 5", [*_ROWS[:1], (1, (1 << 64) - 1, 0), *_ROWS[2:]], b""),
        ((1, 2, 4), b"0 5", [*_ROWS[:1], (1, -1, 70_000), *_ROWS[2:]], b""),
        ((1, 2, 1), b"0 5", _ROWS, b"/DecodeParms <</Predictor 12 /Columns 1000000000>>"),
        ((1, 2, 1), b"0 5", _ROWS, b"/DecodeParms <</Predictor 12 /Columns 3>>"),
        ((1, 2, 1), b"0 5", _ROWS, b"/DecodeParms <</Predictor 2>>"),
    ],
)
def test_cross_reference_streams_that_are_off(tmp_path, widths, index, rows, more):
    path = tmp_path / "off.pdf"
    path.write_bytes(by_stream(widths, index, rows, more))
    with open_source(path) as source, pytest.raises(PdfSyntaxError):
        Document(source).page(0)


@pytest.mark.parametrize("predictor", [10, 11, 12, 13, 14, 15])
def test_every_png_predictor(predictor):
    plain = b"".join(bytes((1, n % 7, n * 31 % 256, n % 256)) for n in range(300))
    kinds = [predictor - 10] * 300 if predictor < 15 else [n % 5 for n in range(300)]
    coded, previous = bytearray(), bytes(4)
    for n, kind in enumerate(kinds):
        row = plain[4 * n : 4 * n + 4]
        coded.append(kind)
        coded += bytes((row[i] - _guess(kind, row, previous, i)) & 0xFF for i in range(4))
        previous = row
    parameters = {"Predictor": predictor, "Columns": 4}
    assert decode({"Filter": "FlateDecode", "DecodeParms": parameters}, zlib.compress(bytes(coded))) == plain


def _guess(kind: int, row: bytes, previous: bytes, i: int) -> int:
    left, up, corner = (row[i - 1], previous[i], previous[i - 1]) if i else (0, previous[i], 0)
    estimate = left + up - corner
    paeth = min((abs(estimate - left), 0, left), (abs(estimate - up), 1, up), (abs(estimate - corner), 2, corner))[2]
    return (0, left, up, (left + up) // 2, paeth)[kind]


def test_object_streams_that_extend_another():
    draft = small({4: b"(in the first)", 5: b"(in the second)"})
    outer = Draft({n: draft.objects[n] for n in (1, 2, 3)})
    outer.objects[6] = object_stream({4: draft.objects[4]})
    outer.objects[7] = object_stream({5: draft.objects[5]}, b" /Extends 6 0 R")
    base = classic(outer)
    rows = b"".join(bytes((2, 0, n, 0)) for n in (6, 7))
    place = len(base)
    entries = b"/Type /XRef /W [1 2 1] /Index [4 2] /Size 9 /Root 1 0 R /Prev %d " % last_startxref(base)
    data = base + b"8 0 obj\n" + stream(rows, entries) + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % place
    document = opened(data)
    assert [document.load(Ref(n)) for n in (4, 5)] == [b"in the first", b"in the second"]
    assert document.load(Ref(4, 1)) is None


@pytest.mark.parametrize(
    "old, new",
    [
        (b"/N 3", b"/N 4"),
        (b"/N 3", b"/N 2"),
        (b"/Type /ObjStm", b"/Type /ObjStn"),
        (b"/First 1", b"/First 9"),
    ],
)
def test_object_streams_that_are_off(old, new):
    data = cross_reference_stream(small({}))
    with pytest.raises(PdfSyntaxError):
        opened(replaced(data, old, new)).page(0)


def test_an_object_stream_that_holds_a_number_twice():
    body = stream(b"1 0 1 3 (a)(b)", b"/Type /ObjStm /N 2 /First 8", compress=False)
    rows = b"".join(bytes((2, 0, 4, i)) for i in range(2)) + bytes((1, 0, 9, 0))
    data = b"%PDF-1.5\n4 0 obj\n" + body + b"\nendobj\n"
    place = len(data)
    entries = b"/Type /XRef /W [1 2 1] /Index [1 2 4 1] /Size 6 /Root 1 0 R "
    data += b"5 0 obj\n" + stream(rows, entries) + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % place
    with pytest.raises(PdfSyntaxError, match="twice"):
        _ = opened(data).catalog
