"""The PDF/A checker: one document per fault, each named by its clause, and none where there is none."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest

from tests.documents import Library
from tests.documents.archive import archival, archival_with_field
from tests.documents.page import Layout
from tests.documents.raw import classic, stream
from tests.documents.signed import pyhanko_sign
from tests.pdfa import violations
from tests.pki import LEADER, Pki


def _clauses(data: bytes) -> set[str]:
    return {found.clause for found in violations(data)}


@pytest.mark.parametrize("name", ["pdfa-2b", "pdfa-2b-object-streams", "pdfa-2b-with-field", "signed-pdfa"])
def test_a_document_in_order_has_no_violation(documents: Library, name: str) -> None:
    assert violations(documents[name].data) == []


def test_an_ordinary_document_is_no_pdfa(documents: Library) -> None:
    assert {"6.6.2.1", "6.2.4.3"} <= _clauses(documents["one-page"].data)


def _changed(old: bytes, new: bytes) -> Callable[[], bytes]:
    """Change bytes of the finished file; both are of one length, so that offsets stay right."""
    assert len(old) == len(new)

    def make() -> bytes:
        data = classic(archival().draft)
        assert old in data
        return data.replace(old, new)

    return make


def _drafted(change: Callable[[Layout], None], *, field: bool = False) -> Callable[[], bytes]:
    def make() -> bytes:
        layout = archival_with_field() if field else archival()
        change(layout)
        return classic(layout.draft)

    return make


def _extend(number: int | str, entries: bytes) -> Callable[[Layout], None]:
    def change(layout: Layout) -> None:
        chosen = layout.first if number == "page" else int(number)
        layout.draft.objects[chosen] = layout.draft.objects[chosen].removesuffix(b">>") + b" " + entries + b">>"

    return change


def _replace(old: bytes, new: bytes) -> Callable[[Layout], None]:
    def change(layout: Layout) -> None:
        objects = layout.draft.objects
        assert any(old in body for body in objects.values())
        for number, body in objects.items():
            objects[number] = body.replace(old, new)

    return change


def _content(text: bytes) -> Callable[[Layout], None]:
    def change(layout: Layout) -> None:
        layout.draft.objects[layout.contents[0]] = stream(text)

    return change


def _annotation(entries: bytes) -> Callable[[Layout], None]:
    def change(layout: Layout) -> None:
        number = layout.draft.add(b"<</Type /Annot /Rect [10 10 20 20] %s>>" % entries)
        _extend("page", b"/Annots [%d 0 R]" % number)(layout)

    return change


def _appended(tail: bytes) -> Callable[[], bytes]:
    return lambda: classic(archival().draft) + tail


def _encrypted() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(classic(archival().draft))) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="chu", user="", R=6))
    return out.getvalue()


def _font_state(entries: bytes) -> Callable[[Layout], None]:
    def change(layout: Layout) -> None:
        state = layout.draft.add(b"<<%s>>" % entries)
        _replace(b"/Resources <<", b"/Resources <</ExtGState <</G1 %d 0 R>> " % state)(layout)
        _content(b"/G1 gs")(layout)

    return change


def _image(entries: bytes) -> Callable[[Layout], None]:
    def change(layout: Layout) -> None:
        head = b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 " + entries
        image = layout.draft.add(stream(b"\0\0\0\0", head))
        _replace(b"/Resources <<", b"/Resources <</XObject <</I1 %d 0 R>> " % image)(layout)
        _content(b"/I1 Do")(layout)

    return change


def _lzw(layout: Layout) -> None:
    layout.draft.add(b"<</Filter /LZWDecode /Length 0>>\nstream\n\nendstream")


_LINK = b"/Subtype /Link /F 4 "
FAULTS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "header not at the first byte": ("6.1.2", lambda: b"\n" + classic(archival().draft)),
    "version 2.0": ("6.1.2", _changed(b"%PDF-1.7", b"%PDF-2.0")),
    "no binary comment": ("6.1.2", _changed(b"%\xe2\xe3\xcf\xd3", b"%abcd")),
    "no identifier": ("6.1.3", _changed(b"/ID [", b"/XX [")),
    "encrypted": ("6.1.3", _encrypted),
    "data after the end": ("6.1.3", _appended(b"\0\0")),
    "a blank after xref": ("6.1.4", lambda: classic(archival().draft).replace(b"xref\n0 ", b"xref \n0 ", 1)),
    "short table entries": ("6.1.4", _changed(b" 65535 f \n", b" 65535 f\n\n")),
    "odd hexadecimal string": ("6.1.6", _drafted(_extend(1, b"/X <abc>"))),
    "wrong length of a stream": (
        "6.1.7.1",
        _drafted(_replace(b"/Subtype /XML /Length", b"/Length 5 /Subtype /XML /L")),
    ),
    "stream with an external file": ("6.1.7.1", _drafted(_replace(b"/Length1 ", b"/F (x) /Length1 "))),
    "LZW": ("6.1.7.2", _drafted(_lzw)),
    "two blanks in an object's head": ("6.1.9", _changed(b"\n10 0 obj\n", b"\n10 0 obj ")),
    "endobj on the same line": ("6.1.9", _changed(b">>\nendobj", b">> endobj")),
    "a string too long": ("6.1.13", _drafted(_extend(1, b"/X <%s>" % (b"00" * 32768)))),
    "a name too long": ("6.1.13", _drafted(_extend(1, b"/%s 1" % (b"x" * 128)))),
    "an integer out of range": ("6.1.13", _drafted(_extend(1, b"/X 99999999999"))),
    "q nested too deep": ("6.1.13", _drafted(_content(b"q " * 29 + b"Q " * 29))),
    "unknown operator": ("6.2.2", _drafted(_content(b"1 2 frobnicate"))),
    "resource not there": ("6.2.2", _drafted(_content(b"/G9 gs"))),
    "an intent without a profile": ("6.2.3", _drafted(_replace(b"/DestOutputProfile", b"/Nothing"))),
    "N does not fit the profile": ("6.2.3", _drafted(_replace(b"/N 3", b"/N 4"))),
    "CMYK with an RGB intent": ("6.2.4.3", _drafted(_content(b"0 0 0 1 k"))),
    "CMYK image": ("6.2.4.3", _drafted(_image(b"/ColorSpace /DeviceCMYK"))),
    "transfer function": ("6.2.5", _drafted(_font_state(b"/TR /Identity"))),
    "rendering intent": ("6.2.6", _drafted(_content(b"/Nice ri"))),
    "interpolated image": ("6.2.8", _drafted(_image(b"/ColorSpace /DeviceGray /Interpolate true"))),
    "blend mode": ("6.2.10", _drafted(_font_state(b"/BM /Fancy"))),
    "no CIDToGIDMap": ("6.2.11.3.2", _drafted(_replace(b"/CIDToGIDMap /Identity", b""))),
    "font not embedded": ("6.2.11.4.1", _drafted(_replace(b"/FontFile2", b"/FontFileX"))),
    "wrong widths": ("6.2.11.5", _drafted(_replace(b"/W [0 [", b"/W [0 [9999 "))),
    "notdef shown": ("6.2.11.8", _drafted(_content(b"BT /F1 9 Tf <0000> Tj ET"))),
    "forbidden annotation": ("6.3.1", _drafted(_annotation(b"/Subtype /Movie /F 4"))),
    "annotation without flags": ("6.3.2", _drafted(_annotation(b"/Subtype /Link"))),
    "annotation not printed": ("6.3.2", _drafted(_annotation(b"/Subtype /Link /F 0"))),
    "hidden annotation": ("6.3.2", _drafted(_annotation(b"/Subtype /Link /F 6"))),
    "annotation not viewed": ("6.3.2", _drafted(_annotation(b"/Subtype /Link /F 36"))),
    "annotation without appearance": ("6.3.3", _drafted(_annotation(b"/Subtype /Square /F 4"))),
    "appearance with a down state": ("6.3.3", _drafted(_replace(b"/AP <<", b"/AP <</D 1 0 R "), field=True)),
    "widget with an action": (
        "6.4.1",
        _drafted(_replace(b"/FT /Sig", b"/FT /Sig /A <</S /URI /URI (x)>>"), field=True),
    ),
    "NeedAppearances": (
        "6.4.1",
        _drafted(_replace(b"/AcroForm <<", b"/AcroForm <</NeedAppearances true "), field=True),
    ),
    "XFA": ("6.4.2", _drafted(_replace(b"/AcroForm <<", b"/AcroForm <</XFA (x) "), field=True)),
    "JavaScript action": ("6.5.1", _drafted(_extend(1, b"/OpenAction <</S /JavaScript /JS (1)>>"))),
    "launch action": ("6.5.1", _drafted(_annotation(_LINK + b"/A <</S /Launch /F (x)>>"))),
    "named action": ("6.5.1", _drafted(_annotation(_LINK + b"/A <</S /Named /N /Print>>"))),
    "catalog with additional actions": ("6.5.2", _drafted(_extend(1, b"/AA <<>>"))),
    "page with additional actions": ("6.5.2", _drafted(_extend("page", b"/AA <<>>"))),
    "no metadata": ("6.6.2.1", _drafted(_replace(b"/Metadata ", b"/Metadatum "))),
    "metadata no XML": ("6.6.2.1", _changed(b"</x:xmpmeta>", b"</x:xmpmetb>")),
    "another part": ("6.6.4", lambda: classic(archival(part=3).draft)),
    "no conformance": ("6.6.4", _changed(b"<pdfaid:conformance>B", b"<pdfaid:conformance>X")),
    "requirements": ("6.11", _drafted(_extend(1, b"/Requirements []"))),
    "unknown permission": ("6.1.12", _drafted(_extend(1, b"/Perms <</Mine 1 0 R>>"))),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_by_its_clause(fault: str) -> None:
    clause, make = FAULTS[fault]
    assert clause in _clauses(make())


def _signed(pki: Pki) -> bytes:
    return pyhanko_sign(classic(archival().draft), pki.leaf(LEADER), "LanhDao", visible=False)


def test_a_signature_that_leaves_out_more_than_contents_is_named(pki: Pki) -> None:
    data = _signed(pki)
    start = data.index(b"/ByteRange [0 ") + len(b"/ByteRange [0 ")
    first = data[start : data.index(b" ", start)]
    shorter = str(int(first) - 1).encode().rjust(len(first), b"0")
    assert "6.4.3" in _clauses(data[:start] + shorter + data[start + len(first) :])


def test_a_signature_before_the_end_of_its_revision_is_named(pki: Pki) -> None:
    assert "6.4.3" in _clauses(_signed(pki).rstrip(b"\n")[:-5] + b"%%XOF\n%%EOF\n")


def test_a_signature_in_ber_is_named(pki: Pki) -> None:
    data = _signed(pki)
    begin = data.index(b"<3082")
    assert "6.4.3" in _clauses(data[:begin] + b"<3080" + data[begin + 5 :])


def test_a_signature_without_its_certificate_is_named(pki: Pki) -> None:
    data = _signed(pki)
    serial = f"{pki.leaf(LEADER).serial:016X}".encode()
    first = data.upper().index(serial)
    # The first time the serial number stands in the certificate, then in the SignerInfo.
    assert "6.4.3" in _clauses(data[:first] + b"00" + data[first + 2 :])
