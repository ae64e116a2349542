"""What a document holds that can be turned against its signer is named; what is usual is not."""

from __future__ import annotations

import zlib
from base64 import a85encode

import pytest

import gsign.pdf
from gsign.errors import DecisionNeededError
from gsign.sentences import reason_advice, reason_sentence
from gsign.signing.lint.looking import Lint
from gsign.syntax.reader import Document
from gsign.syntax.source import BytesSource, chunks
from tests.documents import names, page
from tests.documents.raw import classic, cross_reference_stream, hybrid, stream, update

RECT = b"/Rect [100 500 300 600]"
APPEARANCE = b"/AP <</N 90 0 R>>"
DRAWN = {90: stream(b"0 g 0 0 200 100 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 200 100]")}


def lint(data, *, password=None, scanned=True):
    document = Document(BytesSource(data))
    document.unlock(password)
    looking = Lint(document)
    if scanned:
        for piece in chunks(document.source):
            looking(piece)
    return looking.findings()


def draft(objects=None, *, catalog=b"", own=b"", pages=1):
    """Draft a document, with entries added to the catalog and the first page, and objects from 100 on."""
    layout = page.document(pages, catalog=catalog)
    body = layout.draft.objects[layout.first].removesuffix(b">>")
    layout.draft.objects[layout.first] = body + b" " + own + b">>"
    layout.draft.objects |= objects or {}
    return layout.draft


def annotated(body, **objects):
    return draft({100: body, **DRAWN}, own=b"/Annots [100 0 R]", **objects)


def form(*bodies, more=b""):
    numbers = b" ".join(b"%d 0 R" % (100 + index) for index in range(len(bodies)))
    catalog = b"/AcroForm <</Fields [%s]%s>>" % (numbers, more)
    return draft(dict(enumerate(bodies, 100)), catalog=catalog, own=b"/Annots [%s]" % numbers)


def box(name, rectangle, more=b""):
    return b"<</Type /Annot /Subtype /Widget /FT /Tx /T (%s) /Rect [%s] %s>>" % (name, rectangle, more)


def with_font(body, shown=b"BT /F9 12 Tf (abc) Tj ET", **options):
    """Draft a document that lists one more font, and shows something on its first page."""
    layout = page.document(1)
    layout.draft.objects[100] = body
    number = layout.first
    layout.draft.objects[number] = layout.draft.objects[number].replace(b"/Font <<", b"/Font <</F9 100 0 R ")
    content = shown if options else page.decision_content() + b"\n" + shown
    layout.draft.objects[layout.contents[0]] = stream(content, **options)
    return layout.draft


HELVETICA = b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>"


def in_a_form():
    """Draft a document that shows a font's text in a form within a form."""
    made = with_font(HELVETICA, b"/Fm Do")
    number = next(n for n, value in made.objects.items() if b"/Type /Page " in value)
    made.objects[number] = made.objects[number].replace(b"/Font <<", b"/XObject <</Fm 101 0 R>> /Font <<")
    box = b"/Type /XObject /Subtype /Form /BBox [0 0 99 99] /Resources "
    made.objects[101] = stream(b"/In Do", box + b"<</XObject <</In 102 0 R>>>>")
    made.objects[102] = stream(b"BT /X 9 Tf (a) Tj ET", box + b"<</Font <</X 100 0 R>>>>")
    return made


COVERING = "document-covering-annotation"
LAYERS = b"<</Type /OCG /Name (Nen)>>"
HIDDEN_LAYER = b"/OCProperties <</OCGs [100 0 R] /D <</OFF [100 0 R]>>>>"
CASES = {
    "script-on-opening": (
        draft({100: b"<</S /JavaScript /JS (app.alert\\(1\\))>>"}, catalog=b"/OpenAction 100 0 R"),
        "document-script",
    ),
    "script-by-name": (
        draft({100: b"<</Names [(a) 101 0 R]>>", 101: b"<</S/JavaScript/JS 102 0 R>>", 102: stream(b"x()")},
              catalog=b"/Names <</JavaScript 100 0 R>>"),
        "document-script",
    ),
    "script-in-a-field": (
        form(box(b"a", b"10 10 50 50", b"/AA <</K <</S /JavaScript /JS (a\\(\\))>>>>")),
        "document-script",
    ),
    "script-with-escapes": (
        draft({100: b"<</S /Java#53cript /J#53 (app.alert\\(1\\))>>"}, catalog=b"/OpenAction 100 0 R"),
        "document-script",
    ),
    "script-named-elsewhere": (
        draft({100: b"<</S 101 0 R /URI (x)>>", 101: b"/JavaScript"}, catalog=b"/OpenAction 100 0 R"),
        "document-script",
    ),
    "script-without-text": (draft({100: b"<</S /JavaScript>>"}, catalog=b"/OpenAction 100 0 R"), "document-script"),
    "launch": (annotated(b"<</Subtype /Link %s /A <</S /Launch /F (a.exe)>>>>" % RECT), "document-action"),
    "submit": (annotated(b"<</Subtype /Link %s /A <</S /SubmitForm /F (http://a/)>>>>" % RECT), "document-action"),
    "hide": (annotated(b"<</Subtype /Link %s /A <</S /Hide /T (a)>>>>" % RECT), "document-action"),
    "another-file": (annotated(b"<</Subtype /Link %s /A <</S /GoToR /F (b.pdf)>>>>" % RECT), "document-action"),
    "layer-off": (draft({100: LAYERS}, catalog=HIDDEN_LAYER), "document-hidden-layer"),
    "layers-off-at-first": (
        draft({100: LAYERS}, catalog=b"/OCProperties <</OCGs [100 0 R] /D <</BaseState /OFF /ON []>>>>"),
        "document-hidden-layer",
    ),
    "layer-for-printing": (
        draft({100: LAYERS}, catalog=b"/OCProperties <</OCGs [100 0 R] /D <</AS [<</Event /Print>>]>>>>"),
        "document-hidden-layer",
    ),
    "hidden-field": (form(box(b"a", b"10 10 50 50", b"/F 2 /V (x)")), "document-hidden-field"),
    "fields-over-each-other": (
        form(box(b"a", b"10 10 90 50"), box(b"b", b"20 12 80 48")),
        "document-overlapping-fields",
    ),
    "field-over-a-signature": (
        form(box(b"a", b"10 10 90 50"), box(b"s", b"20 12 80 48").replace(b"/Tx", b"/Sig")),
        "document-overlapping-fields",
    ),
    "standard-font": (with_font(HELVETICA), "document-font-missing"),
    "standard-font-in-a-line": (with_font(HELVETICA, b"BT /F9 12 Tf [(a) -20 ( )] TJ ET"), "document-font-missing"),
    "standard-font-once-more": (
        with_font(HELVETICA, b"BT /F9 12 Tf q /F1 9 Tf Q <41> ' ET"), "document-font-missing"
    ),
    "standard-font-packed-oddly": (
        with_font(HELVETICA, b"", entries=b"/Filter /LZWDecode", compress=False), "document-font-missing"
    ),
    "standard-font-in-a-form": (in_a_form(), "document-font-missing"),
    "font-of-the-system": (
        with_font(b"<</Type/Font/Subtype/TrueType/BaseFont/Arial/FontDescriptor<</Type/FontDescriptor/Flags 32>>>>"),
        "document-font-missing",
    ),
    "font-that-pretends": (
        with_font(b"<</Type /Font /Subtype /TrueType /X (/FontDescriptor 4 0 R) /BaseFont /Arial>>"),
        "document-font-missing",
    ),
    "stream-elsewhere": (
        draft({100: b"<</F (data.bin) /Length 0>>\nstream\n\nendstream"}, own=b"/Thumb 100 0 R"),
        "document-external-content",
    ),
    "stream-elsewhere-indirectly": (
        draft({100: b"<</F 101 0 R /Length 0>>\nstream\n\nendstream", 101: b"(data.bin)"}, own=b"/Thumb 100 0 R"),
        "document-external-content",
    ),
    "page-of-another-file": (
        draft({100: stream(b"", b"/Subtype /Form /BBox [0 0 9 9] /Ref <</F (b.pdf) /Page 0>>")}, own=b"/X 100 0 R"),
        "document-external-content",
    ),
    "attachment": (
        draft(
            {100: b"<</Names [(a) 101 0 R]>>", 101: b"<</Type /Filespec /F (a.xml) /EF <</F 102 0 R>>>>",
             102: stream(b"<a/>", b"/Type /EmbeddedFile")},
            catalog=b"/Names <</EmbeddedFiles 100 0 R>>",
        ),
        "document-attachment",
    ),
    "xfa": (form(box(b"a", b"10 10 50 50"), more=b" /XFA [(template) 1 0 R]"), "document-xfa"),
    "stamp": (annotated(b"<</Type /Annot /Subtype /Stamp %s %s>>" % (RECT, APPEARANCE)), COVERING),
    "note-box": (annotated(b"<</Subtype /FreeText %s /DA (0 g) /Contents (x)>>" % RECT), COVERING),
    "filled-square": (annotated(b"<</Subtype /Square %s /IC [1 1 1]>>" % RECT), COVERING),
    "link-that-draws": (annotated(b"<</Subtype /Link %s %s>>" % (RECT, APPEARANCE)), COVERING),
    "highlight-that-covers": (
        annotated(b"<</Subtype /Highlight %s %s>>" % (RECT, APPEARANCE)), COVERING
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    "write", [classic, cross_reference_stream, lambda made: hybrid(made, {2})], ids=["table", "stream", "hybrid"]
)
def test_what_is_suspicious_is_named(name, write):
    made, code = CASES[name]
    assert lint(write(made)) == lint(write(made), scanned=False) == (code,)


@pytest.mark.parametrize("code", sorted({code for _, code in CASES.values()} | {"document-not-examined"}))
def test_each_is_said_in_both_languages(code):
    assert len({code, reason_sentence(code, "vi"), reason_sentence(code, "en")}) == 3
    assert reason_advice(code, "vi")
    assert reason_advice(code, "en")


HARMLESS = {
    "opens-on-a-page": draft(catalog=b"/OpenAction [3 0 R /Fit]"),
    "goes-to-a-page": annotated(b"<</Subtype /Link %s /A <</S /GoTo /D [3 0 R /Fit]>>>>" % RECT),
    "web-address": annotated(b"<</Subtype /Link %s /A <</S /URI /URI (https://hungyen.gov.vn)>>>>" % RECT),
    "layers-all-shown": draft({100: LAYERS}, catalog=b"/OCProperties <</OCGs [100 0 R] /D <</ON [100 0 R]>>>>"),
    "a-form": form(box(b"a", b"10 10 50 50"), box(b"b", b"60 10 90 50")),
    "font-selected-and-not-used": with_font(HELVETICA, b"BT /F9 12 Tf 14.4 TL ET BT /F1 9 Tf <0001> Tj ET"),
    "font-that-shows-a-space": with_font(HELVETICA, b"BT /F9 12 Tf ( ) Tj ET"),
    "font-left-again": with_font(HELVETICA, b"q BT /F9 12 Tf ET Q BT /F1 9 Tf q Q <0001> Tj ET"),
    "font-named-in-a-string": with_font(HELVETICA, b"BT /F1 9 Tf (\\(/F9 12 Tf) Tj (/F9 1 Tf) Tj ET"),
    "font-beside-an-image": with_font(HELVETICA, b"BT /F9 9 Tf ET q BI /W 1 /H 1 /BPC 8 /CS /G ID (a) Tj \nEI Q"),
    "font-in-a-page-of-text-in-85": with_font(
        HELVETICA,
        a85encode(zlib.compress(b"BT /F9 12 Tf ET")) + b"~>",
        entries=b"/Filter [/ASCII85Decode /FlateDecode]",
        compress=False,
    ),
    "fonts-to-fill-in-with": draft(
        {100: b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>"},
        catalog=b"/AcroForm <</Fields [] /DR <</Font <</Helv 100 0 R>>>> /DA (/Helv 0 Tf 0 g)>>",
    ),
    "note": annotated(b"<</Subtype /Text /Rect [10 10 30 30] %s /Contents (x)>>" % APPEARANCE),
    "highlight": annotated(b"<</Subtype /Highlight %s /QuadPoints [1 1 1 1 1 1 1 1] /C [1 1 0]>>" % RECT),
    "words-in-a-page": draft({100: stream(b"BT (/JavaScript /Launch) Tj ET", compress=False)}, own=b"/X 100 0 R"),
    "words-in-a-string": draft({100: b"<</Title (/JS /Launch)>>"}, own=b"/X 100 0 R"),
}


@pytest.mark.parametrize("name", HARMLESS)
@pytest.mark.parametrize("write", [classic, cross_reference_stream], ids=["table", "stream"])
def test_what_is_usual_is_not(name, write):
    assert lint(write(HARMLESS[name])) == lint(write(HARMLESS[name]), scanned=False) == ()


def test_documents_of_every_kind_but_a_few_are_clean(documents):
    found = {}
    for name in names():
        document = documents[name]
        if document.signable and (codes := lint(document.data, password=document.password)):
            found[name] = codes
    assert found == {
        "fields-nested": ("document-overlapping-fields",),
        "field-name-taken": ("document-overlapping-fields",),
        "text-fields": ("document-overlapping-fields",),
        "xfa": ("document-xfa",),
    }


def test_what_an_earlier_revision_held_is_over():
    made, _ = CASES["script-on-opening"]
    data = update(classic(made), made, {1: b"<</Type /Catalog /Pages 2 0 R>>", 100: b"null"})
    assert lint(data) == ()
    assert lint(update(data, made, {1: made.objects[1], 100: made.objects[100]})) == ("document-script",)


@pytest.mark.parametrize("cut", range(11))
def test_a_name_between_two_pieces_is_seen(cut):
    data = classic(draft({100: b"<</S /Rendition>>"}, own=b"/X 100 0 R"))
    looking = Lint(Document(BytesSource(data)))
    at = data.index(b"/Rendition") + cut
    looking(data[:at])
    looking(data[at:])
    assert looking.findings() == ("document-action",)


def test_incompressible_data_leads_nowhere():
    noise = zlib.compress(bytes(range(256)) * 40, 0) + b"/JS /Launch /AP #53 /F("
    assert lint(classic(draft({100: stream(noise, compress=False)}, own=b"/X 100 0 R"))) == ()


def test_signing_tells_and_strict_refuses(file_signer, tmp_path):
    data = classic(CASES["script-on-opening"][0])
    output = tmp_path / "out.pdf"
    record = gsign.pdf.sign_to(data, output, file_signer, revocation="off")
    assert "document-script" in record.warnings
    assert "document-script" in record.to_dict()["warnings"]
    output.unlink()
    with pytest.raises(DecisionNeededError) as caught:
        gsign.pdf.sign_to(data, output, file_signer, revocation="off", strict=True)
    assert caught.value.code == "refused-by-strict"
    assert "JavaScript" in caught.value.sentence("vi")
    assert list(tmp_path.iterdir()) == []
    gsign.pdf.sign_to(classic(draft()), output, file_signer, revocation="off", strict=True)
