"""The strict reader: what it finds in sound documents of every structure, and that it refuses where readers differ."""

from __future__ import annotations

import io
from itertools import islice

import pikepdf
import pytest

from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.reader import Document
from tests import documents as collection
from tests.documents import page
from tests.documents.raw import (
    classic,
    hybrid,
    last_startxref,
    object_stream,
    stream,
    table,
    update,
)
from tests.unit.small_documents import opened, small

# ---------------------------------------------------------------- agreement with qpdf


@pytest.mark.parametrize("name", collection.names(signable=True, tag="structure"))
def test_qpdf_sees_the_same_pages_and_their_attributes(documents, name):
    document = opened(documents[name].data)
    with pikepdf.open(io.BytesIO(documents[name].data)) as other:
        assert [p.ref.number for p in document.pages()] == [p.objgen[0] for p in other.pages]
        assert document.page_count() == len(other.pages)
        assert document.trailer["Root"] == Ref(*other.Root.objgen)
        for index, theirs in islice(enumerate(other.pages), 3):
            found = document.page(index).get("MediaBox")
            assert [float(v) for v in document.array(found, "box")] == [float(v) for v in theirs.mediabox]


@pytest.mark.parametrize("name", ["deep-page-tree", "inherited", "500-pages", "five-pages"])
def test_pages_are_the_same_from_both_ends(documents, name):
    document = opened(documents[name].data)
    forth = [p.ref for p in document.pages()]
    assert [p.ref for p in document.pages(backwards=True)] == forth[::-1]
    for index in (0, len(forth) // 2, len(forth) - 1):
        assert document.page(index).ref == forth[index]
        assert document.page(index - len(forth)).ref == forth[index]
    for index in (len(forth), -len(forth) - 1):
        with pytest.raises(IndexError):
            document.page(index)


# ---------------------------------------------------------------- the page tree


def tree(count: int, **nodes: bytes) -> Document:
    """Make a page tree of further objects 10 to 19; `_` in front of a number names them."""
    objects = {int(name[1:]): body for name, body in nodes.items()}
    return opened(classic(small({2: objects.pop(2, b""), **objects} if 2 in objects else objects)))


_LEAF = b"<</Type /Page /MediaBox [0 0 9 9]>>"


def test_counts_of_inner_nodes_are_not_believed():
    document = tree(
        3,
        _2=b"<</Type /Pages /Kids [10 0 R 11 0 R 12 0 R] /Count 3>>",
        _10=b"<</Type /Pages /Kids [] /Count 0>>",
        _11=b"<</Type /Pages /Kids [13 0 R 14 0 R] /Count 1>>",
        _12=_LEAF,
        _13=_LEAF,
        _14=_LEAF,
    )
    assert [p.ref.number for p in document.pages()] == [13, 14, 12]
    assert document.page(1).ref == Ref(14)
    assert document.page(-1).ref == Ref(12)


def test_a_page_tree_that_promises_more_than_it_has():
    document = tree(2, _2=b"<</Type /Pages /Kids [3 0 R] /Count 2>>")
    with pytest.raises(PdfSyntaxError, match="fewer"):
        document.page(1)


@pytest.mark.parametrize(
    "nodes",
    [
        {"_2": b"<</Type /Pages /Kids [2 0 R] /Count 1>>"},
        {"_2": b"<</Type /Pages /Kids [10 0 R 10 0 R] /Count 1>>", "_10": b"<</Type /Pages /Kids [] /Count 0>>"},
        {"_2": b"<</Type /Pages /Kids [<</Type /Page>>] /Count 1>>"},
        {"_2": b"<</Type /Pages /Kids [null] /Count 1>>"},
        {"_2": b"<</Type /Pages /Kids [99 0 R] /Count 1>>"},
        {"_2": b"<</Type /Pages /Kids 5 /Count 1>>"},
        {"_2": b"<</Type /Pages /Count 1>>"},
        {"_2": b"<</Type /Pages /Kids [10 0 R] /Count 1>>", "_10": b"<</Type /Page /Kids [3 0 R]>>"},
        {"_2": b"<</Type /Pages /Kids [10 0 R] /Count 1>>", "_10": b"(no page)"},
        {"_2": b"(no tree)"},
        {"_2": b"<</Type /Pages /Kids [3 0 R] /Count 0>>"},
        {"_2": b"<</Type /Pages /Kids [3 0 R] /Count (1)>>"},
        {"_2": b"<</Type /Pages /Kids [3 0 R]>>"},
    ],
)
def test_page_trees_that_are_off(nodes):
    document = tree(1, **nodes)
    with pytest.raises(PdfSyntaxError):
        document.page(0)


def test_a_page_tree_is_no_deeper_than_is_sensible():
    nodes = {n: b"<</Type /Pages /Kids [%d 0 R] /Count 1>>" % (n + 1) for n in range(10, 110)}
    data = classic(small({2: b"<</Type /Pages /Kids [10 0 R] /Count 1>>", **nodes, 110: _LEAF}))
    with pytest.raises(PdfSyntaxError):
        opened(data).page(0)


def test_a_page_tree_that_stands_in_the_catalog_itself():
    catalog = b"<</Type /Catalog /Pages <</Type /Pages /Kids [<</Kids [3 0 R]>> 10 0 R] /Count 2>>>>"
    document = opened(classic(small({1: catalog, 10: _LEAF})))
    assert [p.ref.number for p in document.pages()] == [3, 10]


def test_pages_without_type_and_arrays_that_are_objects():
    document = tree(
        1,
        _2=b"<</Kids 10 0 R /Count 11 0 R /Rotate 90>>",
        _10=b"[12 0 R]",
        _11=b"1",
        _12=b"<</MediaBox 13 0 R>>",
        _13=b"[0 0 9 9]",
    )
    found = document.page(0)
    assert (found.ref, found.get("Rotate")) == (Ref(12), 90)
    assert document.array(found.get("MediaBox"), "box") == [0, 0, 9, 9]


def test_attributes_are_those_of_the_nearest_node():
    document = tree(
        1,
        _2=b"<</Type /Pages /Kids [10 0 R] /Count 1 /Rotate 90 /MediaBox [0 0 1 1] /UserUnit 5>>",
        _10=b"<</Type /Pages /Parent 2 0 R /Kids [11 0 R] /Count 1 /Rotate 180>>",
        _11=b"<</Type /Page /Parent 10 0 R /MediaBox [0 0 7 7]>>",
    )
    found = document.page(0)
    assert (found.get("Rotate"), found.get("MediaBox"), found.get("UserUnit")) == (180, [0, 0, 7, 7], None)
    assert document.inherited(Ref(11)) == found.inherited


# ---------------------------------------------------------------- hybrids, revisions, limits


def test_hidden_objects_of_a_hybrid_are_seen_and_a_later_table_overrules_them():
    draft = small({4: b"(hidden)"})
    data = hybrid(draft, {4})
    document = opened(data)
    assert document.sections[0].hybrid is not None
    assert document.load(Ref(4)) == b"hidden"
    assert opened(update(data, draft, {4: b"(shown)"})).load(Ref(4)) == b"shown"


def test_the_newest_revision_counts_and_older_ones_can_be_opened():
    draft = small({4: b"(first)"})
    data = update(update(classic(draft), draft, {4: b"(second)"}), draft, {4: b"(third)"})
    document = opened(data)
    assert document.load(Ref(4)) == b"third"
    assert [document.revision(i).load(Ref(4)) for i in range(3)] == [b"third", b"second", b"first"]


def test_overlapping_objects_cannot_make_few_bytes_many():
    draft = small({})
    base = classic(draft)
    heads = [b"%d 0 obj %%" % n for n in range(10, 400)]
    offsets, line = {}, b""
    for n, head in zip(range(10, 400), heads, strict=True):
        offsets[n] = len(base) + len(line)
        line += head
    data = base + line + b"\n<</X (" + b"x" * 100_000 + b")>>\nendobj\n"
    place = len(data)
    data += table(dict(offsets)) + b"trailer\n<</Size 400 /Root 1 0 R /Prev %d>>\n" % last_startxref(base)
    document = opened(data + b"startxref\n%d\n%%%%EOF\n" % place)
    with pytest.raises(PdfSyntaxError, match="overlap"):
        _ = [document.load(Ref(n)) for n in offsets]


@pytest.mark.parametrize("filling", [b"1 ", b"[]", b"<<>>", b"()", b"/", b"1 0 R ", b"null ", b"1 0 R 5 "])
def test_one_object_cannot_hold_any_number_of_values(monkeypatch, filling):
    monkeypatch.setattr("gsign.syntax.lexer.MAX_VALUES", 10_000)
    for count, is_fine in ((1_000, True), (20_000, False)):
        document = opened(classic(small({1: b"<</Pages 2 0 R /X [" + filling * count + b"]>>"})))
        if is_fine:
            assert document.page(0).ref == Ref(3)
        else:
            with pytest.raises(PdfSyntaxError, match="too large"):
                _ = document.catalog


def test_opening_object_streams_again_and_again_comes_to_an_end(monkeypatch):
    monkeypatch.setattr("gsign.syntax.reader._KEPT_CONTAINERS", 1 << 20)
    monkeypatch.setattr("gsign.syntax.reader._MAX_CONTAINERS", 8 << 20)
    objects = {n: b"(%d)" % n + b" " * (1 << 20) for n in range(10, 13)}
    outer = small({n + 10: object_stream({n: body}) for n, body in objects.items()})
    base = classic(outer)
    rows = b"".join(bytes((2, 0, n + 10, 0)) for n in objects)
    entries = b"/Type /XRef /W [1 2 1] /Index [10 3] /Size 40 /Root 1 0 R /Prev %d " % last_startxref(base)
    data = base + b"39 0 obj\n" + stream(rows, entries) + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(base)
    document = opened(data)
    reads = []

    def read_all_anew() -> None:
        document._objects.clear()
        reads.extend(document.load(Ref(n)) for n in objects)

    with pytest.raises(PdfSyntaxError, match="too large"):
        _ = [read_all_anew() for _ in range(30)]
    assert reads[:6] == [b"10", b"11", b"12"] * 2


# ---------------------------------------------------------------- form fields


def form(fields: bytes, objects: dict[int, bytes]) -> Document:
    return opened(classic(small({1: b"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields %s>>>>" % fields, **objects})))


def test_fields_have_the_names_and_kinds_that_their_parents_give():
    document = form(
        b"10 0 R",
        {
            10: b"[11 0 R 15 0 R]",
            11: b"<</T (a) /FT /Sig /V 20 0 R /Kids [12 0 R 13 0 R]>>",
            12: b"<</T (b) /Kids [14 0 R]>>",
            13: b"<</T <FEFF1ED6> /FT /Tx /V (x)>>",
            14: b"<</Subtype /Widget>>",
            15: b"<</T (d) /FT 16 0 R /V 17 0 R>>",
            16: b"/Sig",
            20: b"<</Type /Sig>>",
        },
    )
    found = {f.name: (f.ref.number, f.kind, f.value) for f in document.fields()}
    assert found == {"a.b": (12, "Sig", Ref(20)), "a.\u1ed6": (13, "Tx", b"x"), "d": (15, "Sig", None)}


def test_a_field_listed_twice_is_one_field():
    document = form(b"[10 0 R 11 0 R 10 0 R 99 0 R]", {10: b"<</T (a) /FT /Sig>>", 11: b"<</T (b) /FT /Sig>>"})
    assert [f.name for f in document.fields()] == ["a", "b"]


def test_long_names_of_parents_are_not_repeated_without_end():
    levels = {n: b"<</T (%s) /Kids [%d 0 R]>>" % (b"x" * 200, n + 1) for n in range(10, 60)}
    with pytest.raises(PdfSyntaxError, match="name too long"):
        form(b"[10 0 R]", levels | {60: b"<</FT /Sig /T (z)>>"}).fields()


@pytest.mark.parametrize(
    "fields, objects",
    [
        (b"<<>>", {}),
        (b"[<</T (a)>>]", {}),
        (b"[10 0 R]", {10: b"(no field)"}),
        (b"[10 0 R]", {10: b"<</T (a) /Kids [10 0 R]>>"}),
        (b"[10 0 R]", {10: b"<</T (a) /Kids [11 0 R]>>", 11: b"<</T (b) /Kids [10 0 R]>>"}),
        (b"[10 0 R]", {10: b"<</T (a) /Kids [5 (T) 11 0 R]>>", 11: b"<</T (b)>>"}),
        (b"[10 0 R]", {10: b"<</T (a) /Kids (T)>>"}),
        (b"[10 0 R]", {10: stream(b"", b"/T (a)")}),
    ],
)
def test_fields_that_are_off(fields, objects):
    with pytest.raises(PdfSyntaxError):
        form(fields, objects).fields()


def test_no_form_no_fields():
    for catalog in (b"", b"/AcroForm null", b"/AcroForm <<>>", b"/AcroForm 99 0 R", b"/AcroForm <</Fields null>>"):
        assert opened(classic(page.document(catalog=catalog).draft)).fields() == []
