"""A checker of PDF/A-2b (ISO 19005-2:2011), limited to what a document of ours can get wrong, and strict there.

No program that certifies PDF/A is at hand; this one names the clause of every fault and is itself tested with one
document per fault. It does not judge JPEG 2000, optional content, embedded files or tagging beyond their presence.

    violations(data)      every offence
    assert_pdfa(path)     none
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
from asn1crypto import cms
from lxml import etree  # type: ignore[import-untyped]

from tests.pdfa_content import Drawing, font_violations
from tests.pdfa_syntax import Violation, syntax_violations

__all__ = ["Violation", "assert_pdfa", "violations"]

_PDFAID = "{http://www.aiim.org/pdfa/ns/id/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_FORBIDDEN_ANNOTATIONS = {"/3D", "/Sound", "/Screen", "/Movie"}
_FORBIDDEN_ACTIONS = {
    "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/JavaScript", "/Hide", "/SetOCGState", "/Rendition",
    "/Trans", "/GoTo3DView",
}  # fmt: skip
_NAMED_ACTIONS = {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"}
_INVISIBLE, _HIDDEN, _PRINT, _NO_VIEW, _TOGGLE_NO_VIEW = 1, 2, 4, 32, 256


def assert_pdfa(path: Path) -> None:
    """Assert that the file offends against no clause that is looked at."""
    found = violations(path.read_bytes())
    assert not found, "not PDF/A-2b: " + "; ".join(map(str, found))


def violations(data: bytes) -> list[Violation]:
    """Return every offence against PDF/A-2b, each with its clause."""
    found = syntax_violations(data)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        if pdf.is_encrypted:
            found.append(Violation("6.1.3", "the file is encrypted"))
        found += _trailer(pdf)
        space, intent_faults = _output_intent(pdf)
        found += intent_faults
        conformance, metadata_faults = _metadata(pdf)
        found += metadata_faults
        found += _catalog(pdf)
        found += _objects(pdf)
        found += _pages(pdf, space, unicode_wanted=conformance in ("U", "A"))
        found += _form(pdf)
        found += _signatures(pdf, data)
    return list(dict.fromkeys(found))


def _trailer(pdf: pikepdf.Pdf) -> Iterator[Violation]:
    identifier = pdf.trailer.get("/ID")
    if identifier is None or len(identifier) != 2 or not all(len(bytes(part)) for part in identifier):
        yield Violation("6.1.3", "no ID in the trailer")


def _output_intent(pdf: pikepdf.Pdf) -> tuple[str | None, list[Violation]]:
    intents = [i for i in pdf.Root.get("/OutputIntents", []) if i.get("/S") == "/GTS_PDFA1"]
    if not intents:
        return None, []
    found = []
    if len({i.DestOutputProfile.objgen for i in pdf.Root.OutputIntents if "/DestOutputProfile" in i}) > 1:
        found.append(Violation("6.2.3", "several OutputIntents with different profiles"))
    stream = intents[0].get("/DestOutputProfile")
    if stream is None:
        return None, [*found, Violation("6.2.3", "an OutputIntent without a profile")]
    profile = stream.read_bytes()
    space = profile[16:20].decode("latin-1").strip()
    if profile[36:40] != b"acsp" or profile[8] > 4 or profile[12:16] not in (b"mntr", b"prtr"):
        found.append(Violation("6.2.3", "the OutputIntent's profile is no ICC profile for output"))
    if int(stream.get("/N", 0)) != {"RGB": 3, "CMYK": 4, "GRAY": 1}.get(space):
        found.append(Violation("6.2.3", "N does not fit the OutputIntent's profile"))
    return space, found


def _metadata(pdf: pikepdf.Pdf) -> tuple[str | None, list[Violation]]:
    stream = pdf.Root.get("/Metadata")
    if stream is None:
        return None, [Violation("6.6.2.1", "no XMP metadata")]
    data = stream.read_bytes()
    if re.search(rb"<\?xpacket[^>]*(bytes|encoding)=", data):
        return None, [Violation("6.6.2.1", "the XMP header has bytes or encoding")]
    try:
        tree = etree.fromstring(data.strip(), etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError as error:
        return None, [Violation("6.6.2.1", f"XMP is not well-formed: {error}")]
    part, conformance = _xmp(tree, "part"), _xmp(tree, "conformance")
    found = []
    if part != "2":
        found.append(Violation("6.6.4", f"pdfaid:part is {part}"))
    if conformance not in ("A", "B", "U"):
        found.append(Violation("6.6.4", f"pdfaid:conformance is {conformance}"))
    return conformance, found


def _xmp(tree: Any, name: str) -> str | None:
    for description in tree.iter(f"{_RDF}Description"):
        if f"{_PDFAID}{name}" in description.attrib:
            return str(description.attrib[f"{_PDFAID}{name}"])
        child = description.find(f"{_PDFAID}{name}")
        if child is not None:
            return str(child.text)
    return None


def _catalog(pdf: pikepdf.Pdf) -> Iterator[Violation]:
    root = pdf.Root
    if "/AA" in root:
        yield Violation("6.5.2", "additional actions in the catalog")
    if "/Requirements" in root:
        yield Violation("6.11", "Requirements in the catalog")
    if root.get("/NeedsRendering", False):
        yield Violation("6.4.2", "NeedsRendering in the catalog")
    names: Any = root.get("/Names", {})
    if "/AlternatePresentations" in names:
        yield Violation("6.10", "alternate presentations")
    if "/JavaScript" in names:
        yield Violation("6.5.1", "document-level JavaScript")
    permissions: Any = root.get("/Perms", {})
    if set(permissions.keys()) - {"/DocMDP", "/UR3"}:
        yield Violation("6.1.12", "permissions other than UR3 and DocMDP")
    if "/DocMDP" in permissions:
        for reference in permissions.DocMDP.get("/Reference", []):
            if {"/DigestLocation", "/DigestMethod", "/DigestValue"} & set(reference.keys()):
                yield Violation("6.1.12", "a digest in a signature reference though DocMDP is there")


def _objects(pdf: pikepdf.Pdf) -> Iterator[Violation]:
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream):
            yield from _stream(item)
        if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
            yield from _actions(item)


def _stream(item: Any) -> Iterator[Violation]:
    if {"/F", "/FFilter", "/FDecodeParms"} & set(item.keys()):
        yield Violation("6.1.7.1", f"stream {item.objgen[0]} has external data")
    filters = item.get("/Filter", [])
    for name in filters if isinstance(filters, pikepdf.Array) else [filters]:
        if name in ("/LZWDecode", "/Crypt"):
            yield Violation("6.1.7.2", f"stream {item.objgen[0]} uses {name}")


def _actions(item: Any) -> Iterator[Violation]:
    for key in ("/A", "/OpenAction", "/Next"):
        action = item.get(key)
        if isinstance(action, pikepdf.Dictionary):
            yield from _action(action)
    if item.get("/Type") == "/Action":
        yield from _action(item)


def _action(action: Any) -> Iterator[Violation]:
    kind = action.get("/S")
    if kind in _FORBIDDEN_ACTIONS:
        yield Violation("6.5.1", f"an action of type {kind}")
    if kind == "/Named" and action.get("/N") not in _NAMED_ACTIONS:
        yield Violation("6.5.1", f"the named action {action.get('/N')}")


def _pages(pdf: pikepdf.Pdf, space: str | None, *, unicode_wanted: bool) -> Iterator[Violation]:
    drawing = Drawing(space)
    for number, page in enumerate(pdf.pages, 1):
        if "/AA" in page:
            yield Violation("6.5.2", f"page {number}: additional actions")
        if "/PresSteps" in page:
            yield Violation("6.10", f"page {number}: presentation steps")
        drawing.page(page, f"page {number}")
        for annotation in page.get("/Annots", []) or []:
            yield from _annotation(annotation, drawing, f"page {number}: annotation")
    yield from drawing.found
    for font, texts in drawing.shown.values():
        yield from font_violations(font, texts, unicode_wanted=unicode_wanted)


def _annotation(annotation: Any, drawing: Drawing, where: str) -> Iterator[Violation]:
    kind = annotation.get("/Subtype")
    if kind in _FORBIDDEN_ANNOTATIONS:
        yield Violation("6.3.1", f"{where} of type {kind}")
    flags = annotation.get("/F")
    if kind != "/Popup":
        if flags is None:
            yield Violation("6.3.2", f"{where} {kind} without F")
        elif not int(flags) & _PRINT or int(flags) & (_INVISIBLE | _HIDDEN | _NO_VIEW | _TOGGLE_NO_VIEW):
            yield Violation("6.3.2", f"{where} {kind} is not printed or not shown (F = {int(flags)})")
    if kind == "/Widget" and ("/A" in annotation or "/AA" in annotation):
        yield Violation("6.4.1", f"{where}: a widget with actions")
    yield from _appearance(annotation, drawing, where)


def _appearance(annotation: Any, drawing: Drawing, where: str) -> Iterator[Violation]:
    appearance = annotation.get("/AP")
    kind = annotation.get("/Subtype")
    if appearance is None:
        left, bottom, right, top = (float(v) for v in annotation.Rect)
        if kind not in ("/Popup", "/Link") and (left != right or bottom != top):
            yield Violation("6.3.3", f"{where} {kind} without an appearance")
        return
    if set(appearance.keys()) != {"/N"}:
        yield Violation("6.3.3", f"{where}: an appearance dictionary with more or less than N")
    normal = appearance.get("/N")
    button = kind == "/Widget" and _inherited(annotation, "/FT") == "/Btn"
    if isinstance(normal, pikepdf.Stream):
        if button:
            yield Violation("6.3.3", f"{where}: a button's N is no dictionary")
        drawing.form(normal, where)
    elif not button:
        yield Violation("6.3.3", f"{where}: N is no stream")


def _inherited(field: Any, key: str) -> Any:
    while field is not None and key not in field:
        field = field.get("/Parent")
    return field.get(key) if field is not None else None


def _form(pdf: pikepdf.Pdf) -> Iterator[Violation]:
    form = pdf.Root.get("/AcroForm")
    if form is None:
        return
    if form.get("/NeedAppearances", False):
        yield Violation("6.4.1", "NeedAppearances is true")
    if "/XFA" in form:
        yield Violation("6.4.2", "an XFA form")
    for field in _all_fields(form.get("/Fields", [])):
        if "/A" in field or "/AA" in field:
            yield Violation("6.4.1", "a field with actions")


def _all_fields(fields: Any, depth: int = 0) -> Iterator[Any]:
    for field in fields:
        yield field
        if depth < 50:
            yield from _all_fields(field.get("/Kids", []), depth + 1)


def _signatures(pdf: pikepdf.Pdf, data: bytes) -> Iterator[Violation]:
    form: Any = pdf.Root.get("/AcroForm", {})
    values = [f.V for f in _all_fields(form.get("/Fields", [])) if _inherited(f, "/FT") == "/Sig" and "/V" in f]
    for value in values:
        name = f"signature {value.objgen[0]}"
        ranges = [int(v) for v in value.get("/ByteRange", [])]
        if len(ranges) != 4 or ranges[0] != 0:
            yield Violation("6.4.3", f"{name}: ByteRange is not two ranges from the file's start")
            continue
        gap = data[ranges[1] : ranges[2]]
        if not re.fullmatch(rb"<[0-9A-Fa-f]*>", gap):
            yield Violation("6.4.3", f"{name}: more or less than Contents is left out")
        end = ranges[2] + ranges[3]
        if not data[:end].rstrip(b"\r\n").endswith(b"%%EOF"):
            yield Violation("6.4.3", f"{name}: ByteRange does not reach a revision's end")
        yield from _cms(bytes(value.Contents), name)


def _cms(contents: bytes, name: str) -> Iterator[Violation]:
    if contents[1] == 0x80:
        yield Violation("6.4.3", f"{name}: CMS in indefinite lengths is no DER")
        return
    try:
        signed = cms.ContentInfo.load(contents)["content"]
        infos, certificates = signed["signer_infos"], signed["certificates"]
        issuer = infos[0]["sid"].chosen["serial_number"].native if len(infos) else None
    except (ValueError, KeyError, TypeError) as error:
        yield Violation("6.4.3", f"{name}: Contents is no CMS: {error}")
        return
    if len(infos) != 1:
        yield Violation("6.4.3", f"{name}: {len(infos)} SignerInfos")
    serials = [c.chosen.serial_number for c in certificates] if certificates else []
    if issuer not in serials:
        yield Violation("6.4.3", f"{name}: the signer's certificate is not in the CMS")
