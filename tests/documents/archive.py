"""PDF/A documents (ISO 19005-2): made by hand, judged by `tests.pdfa` and by its own faults there."""

from __future__ import annotations

from PIL import ImageCms

from tests.documents import page
from tests.documents.model import entry
from tests.documents.raw import classic, cross_reference_stream, stream

_T = ("archive",)

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
   <pdfaid:part>{part}</pdfaid:part>
   <pdfaid:conformance>B</pdfaid:conformance>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Quyết định</rdf:li></rdf:Alt></dc:title>
   <pdf:Producer>gsign tests</pdf:Producer>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def archival(part: int = 2, *, catalog: bytes = b"") -> page.Layout:
    """Draft the decision as PDF/A-2b (or another part)."""
    layout = page.document(version="1.7")
    draft = layout.draft
    profile = draft.add(stream(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), b"/N 3"))
    intent = draft.add(
        b"<</Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /DestOutputProfile %d 0 R>>" % profile
    )
    xmp = draft.add(stream(_XMP.format(part=part).encode(), b"/Type /Metadata /Subtype /XML", compress=False))
    more = b" " + catalog if catalog else b""
    draft.objects[1] = b"<</Type /Catalog /Pages 2 0 R /Metadata %d 0 R /OutputIntents [%d 0 R]%s>>" % (
        xmp,
        intent,
        more,
    )
    return layout


@entry("pdfa-2b", "PDF/A-2b: stays PDF/A-2b when signed", tags=_T)
def pdfa_2b() -> bytes:
    return classic(archival().draft)


@entry("pdfa-2b-object-streams", "PDF/A-2b with object streams", tags=_T)
def pdfa_2b_object_streams() -> bytes:
    return cross_reference_stream(archival().draft)


@entry("pdfa-2b-with-field", "PDF/A-2b with an empty signature field", fields=("ChuKy1",), tags=_T)
def pdfa_2b_with_field() -> bytes:
    return classic(archival_with_field().draft)


def archival_with_field() -> page.Layout:
    """Draft the decision as PDF/A-2b with an empty signature field, which shows an empty appearance (6.3.3)."""
    layout = archival()
    draft = layout.draft
    appearance = draft.add(stream(b"", b"/Type /XObject /Subtype /Form /BBox [0 0 140 60] /Resources <<>>"))
    field = draft.add(
        b"<</FT /Sig /T (ChuKy1) /Type /Annot /Subtype /Widget /F 132 /P %d 0 R"
        b" /Rect [380 220 520 280] /AP <</N %d 0 R>>>>" % (layout.first, appearance)
    )
    draft.objects[layout.first] = draft.objects[layout.first].removesuffix(b">>") + b" /Annots [%d 0 R]>>" % field
    draft.objects[1] = draft.objects[1].removesuffix(b">>") + b" /AcroForm <</Fields [%d 0 R]>>>>" % field
    return layout
