"""Objects with two uses: one that may change after signing, and one that decides what a page shows."""

from __future__ import annotations

from typing import Any

from gsign.syntax.objects import Name, Raw, Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.kit import Edit, Kit, change_catalog, change_page, open_document, page_of
from tests.corpus.model import forgery, genuine

_TEXT = b"BT /F1 40 Tf 50 600 Td (900) Tj ET"
_COVER = b" 1 1 1 rg 0 0 595 842 re f"
_WHOLE = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]"
_FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
_HELVETICA = {"Type": Name("Font"), "Subtype": Name("Type1"), "BaseFont": Name("Helvetica")}
_FONTS = b"/Font<</F1 5 0 R>>"
_EMPTY = b"/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/F 4"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Write a stream."""
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


def document(objects: dict[int, bytes], trailer: bytes = b"", places: dict[int, int] | None = None) -> bytes:
    """Write a file; `places` are entries of the table that no object stands at."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = dict(places or {})
    for number in sorted(objects):
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    size, start = max(offsets) + 1, len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 00000 f \n"
    out += b"trailer\n<</Size %d/Root 1 0 R/ID[<00><00>]%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out)


def letter(
    content: bytes = _TEXT,
    resources: bytes = _FONTS,
    *,
    page: bytes = b"",
    catalog: bytes = b"",
    trailer: bytes = b"",
    places: dict[int, int] | None = None,
    **more: bytes,
) -> bytes:
    """Write a letter of one page: 1 catalog, 2 page tree, 3 page, 4 content, 5 font, and `more` as `_30=…`."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<%s>>%s>>" % (resources, page),
        4: stream(content),
        5: _FONT,
    }
    return document(objects | {int(name[1:]): value for name, value in more.items()}, trailer, places)


def empty_field(found: Document, revision: Revision, *, listed: bool = True, **entries: Any) -> Ref:
    """Add an empty signature field, as anybody may who prepares a place for the next signature."""
    field = revision.add(
        {"Type": Name("Annot"), "Subtype": Name("Widget"), "FT": Name("Sig"), "T": b"Next", "F": 4, "Rect": [0] * 4}
        | entries
    )
    form = found.catalog["AcroForm"]
    grown = found.form() | {"Fields": [*found.array(found.form().get("Fields"), "fields"), field]}
    if isinstance(form, Ref):
        revision.change(form, grown)
    else:
        change_catalog(revision, found, AcroForm=grown)
    if listed:
        change_page(revision, found, Annots=[*found.array(page_of(found)[1].get("Annots"), "annots"), field])
    return field


def _replace(number: int, value: Any) -> Edit:
    return lambda _, revision: revision.change(Ref(number), value)


def _with(number: int, **entries: Any) -> Edit:
    return lambda found, revision: revision.change(Ref(number), found.load(Ref(number)) | entries)


def _two_uses(
    name: str, why: str, plain: bytes, attack: Edit, reason: str | None = None, certify: int | None = None
) -> None:
    @forgery(f"two-uses-{name}", why, reason)
    def make(kit: Kit) -> bytes:
        return kit.revise(kit.sign(plain, certify=certify), attack)


_two_uses(
    "information",
    "the title is also the name of a picture that covers the text",
    letter(_TEXT + b" /Title Do", _FONTS + b"/XObject 6 0 R", trailer=b"/Info 6 0 R", _6=b"<</Title 7 0 R>>",
           _7=stream(_COVER, _WHOLE)),
    _replace(6, {"Title": b"x"}),
    "object-changed",
)  # fmt: skip
_two_uses(
    "information-bookmark",
    "the information is also a bookmark, which has a title as well",
    letter(catalog=b"/Outlines 6 0 R", trailer=b"/Info 7 0 R", _6=b"<</Type/Outlines/First 7 0 R/Last 7 0 R/Count 1>>",
           _7=b"<</Title(Approved)/Dest(x)>>"),
    _with(7, Title=b"Rejected"),
    "object-changed",
)  # fmt: skip
_two_uses(
    "resources-across-streams",
    "the form shares its resources with a page, which names its new font where two streams meet",
    letter(_TEXT + b" BT /Fre", catalog=b"/AcroForm 7 0 R",
           _3=b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R 6 0 R]/Resources 8 0 R>>",
           _6=stream(b"sh 40 Tf 50 500 Td (000) Tj ET"), _7=b"<</Fields[]/DR 8 0 R>>", _8=b"<</Font<</F1 5 0 R>>>>"),
    lambda found, revision: revision.change(Ref(8), {"Font": {"F1": Ref(5), "Fresh": revision.add(_HELVETICA)}}),
    "object-changed",
)  # fmt: skip
_two_uses(
    "information-colour",
    "/Trapped is also the name of the colours that the text is drawn in",
    letter(b"/Trapped cs 1 sc " + _TEXT, _FONTS + b"/ColorSpace 6 0 R", trailer=b"/Info 6 0 R",
           _6=b"<</Trapped/DeviceGray>>"),
    _replace(6, {"Trapped": Name("DeviceCMYK")}),
    "object-changed",
)  # fmt: skip
_two_uses(
    "extensions-as-state",
    "the catalog is also the page's dictionary of graphics states: extensions decide how a cover is blended",
    letter(_TEXT + b" /Extensions gs" + _COVER, _FONTS + b"/ExtGState 1 0 R"),
    lambda found, revision: change_catalog(revision, found, Extensions={"BM": Name("Darken")}),
    "catalog-changed",
)
_two_uses(
    "extensions-as-picture",
    "the catalog is also the page's dictionary of pictures, and its extensions are said to be one that was there",
    letter(_TEXT + b" /Extensions Do", _FONTS + b"/XObject 1 0 R", _6=stream(_COVER, _WHOLE)),
    lambda found, revision: change_catalog(revision, found, Extensions=Ref(6)),
    "catalog-changed",
)
_two_uses(
    "store-as-font",
    "the catalog is also the page's dictionary of fonts: PDFium and PDF.js set text in what the store says it is",
    letter(_TEXT + b" BT /DSS 40 Tf 50 100 Td (000) Tj ET", b"/Font 1 0 R", catalog=b"/F1 5 0 R"),
    lambda found, revision: change_catalog(revision, found, DSS={"Type": Name("Font")}),
    "catalog-changed",
)
_two_uses(
    "version-as-colours",
    "the catalog is also the page's dictionary of colour spaces, and its version is one",
    letter(b"/Version cs 1 sc " + _TEXT, _FONTS + b"/ColorSpace 1 0 R", catalog=b"/Version/DeviceGray"),
    lambda found, revision: change_catalog(revision, found, Version=Name("1.7")),
    "catalog-changed",
)
_two_uses(
    "extensions-as-font",
    "the catalog is also the page's dictionary of fonts",
    letter(b"BT /Extensions 40 Tf 50 600 Td (AB) Tj ET", b"/Font 1 0 R"),
    lambda found, revision: change_catalog(
        revision, found, Extensions={"Type": Name("Font"), "Subtype": Name("Type1"), "BaseFont": Name("Symbol")}
    ),
    "catalog-changed",
)
_two_uses(
    "metadata-as-font",
    "the metadata are also a font, whose letters their dictionary names",
    letter(b"BT /Metadata 40 Tf 50 600 Td (AB) Tj ET", b"/Font 1 0 R", catalog=b"/Metadata 9 0 R",
           _9=stream(b"<x/>", b"/Type/Metadata/Subtype/XML")),
    _replace(9, Stream({"Type": Name("Metadata"), "Subtype": Name("XML"), "BaseFont": Name("Symbol"),
                        "Encoding": {"Differences": [65, Name("nine")]}}, b"<x/>")),
    "metadata-changed",
)  # fmt: skip
_two_uses(
    "form-as-fonts",
    "the form's resources are also a font, whose letters they name",
    letter(b"BT /DR 40 Tf 50 600 Td (AB) Tj ET", b"/Font 8 0 R", catalog=b"/AcroForm 8 0 R",
           _8=b"<</Fields[]/DR<<>>>>"),
    lambda found, revision: revision.change(
        Ref(8), found.form() | {"DR": found.form()["DR"] | {"Encoding": {"Differences": [65, Name("nine")]}}}
    ),
    "form-changed",
)  # fmt: skip
_two_uses(
    "form-as-states",
    "the form's resources are also a graphics state, which names a font",
    letter(b"BT /F1 40 Tf /DR gs 50 600 Td (AB) Tj ET", _FONTS + b"/ExtGState 8 0 R", catalog=b"/AcroForm 8 0 R",
           _8=b"<</Fields[]/DR<<>>>>"),
    lambda found, revision: revision.change(
        Ref(8),
        found.form()
        | {"DR": {"Font": [revision.add({"Type": Name("Font"), "BaseFont": Name("Symbol")}), 80]}},
    ),
    "form-changed",
)  # fmt: skip


def _as_kid(found: Document, revision: Revision) -> None:
    field = empty_field(found, revision, listed=False, Parent=Ref(2))
    tree = found.load(Ref(2))
    revision.change(Ref(2), tree | {"Kids": [field, *tree["Kids"]]})


_two_uses(
    "page-tree-as-field",
    "the page tree is also a field: a new one below it becomes the first page",
    letter(_2=b"<</Type/Pages/T(x)/Kids[3 0 R]/Count 1>>"),
    _as_kid,
    "pages-changed",
)
_two_uses(
    "page-as-kid",
    "a new field comes below another together with a page, which is a field as well from then on",
    letter(catalog=b"/AcroForm<</Fields[8 0 R]>>", _8=b"<</T(form)/Kids[9 0 R]>>", _9=b"<</T(a)/FT/Tx/Parent 8 0 R>>"),
    lambda found, revision: revision.change(
        Ref(8), {"T": b"form", "Kids": [Ref(9), empty_field(found, revision, Parent=Ref(8)), Ref(3)]}
    ),
    "object-changed",
)
_two_uses(
    "annotations-as-pages",
    "the list of annotations is also the list of pages: a new field becomes the first page",
    letter(_2=b"<</Type/Pages/Kids 30 0 R/Count 1>>", _30=b"[3 0 R]",
           _3=b"<</Subtype/Widget/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>"
           b"/Annots 30 0 R>>"),
    lambda found, revision: revision.change(
        Ref(30), [empty_field(found, revision, listed=False), *found.load(Ref(30))]
    ),
    "object-changed",
)  # fmt: skip
_two_uses(
    "fields-as-pages",
    "the list of pages is also the list of a field's kids: a new one becomes the first page",
    letter(catalog=b"/AcroForm<</Fields[8 0 R]>>", _2=b"<</Type/Pages/T(x)/Kids 30 0 R/Count 1>>", _30=b"[3 0 R]",
           _8=b"<</T(form)/Kids 30 0 R>>"),
    lambda found, revision: revision.change(
        Ref(30), [empty_field(found, revision, listed=False), *found.load(Ref(30))]
    ),
    "object-changed",
)  # fmt: skip
_two_uses(
    "annotations-as-colours",
    "the list of annotations is also the colours that the text is drawn in",
    letter(b"/Annots cs 1 scn " + _TEXT, _FONTS + b"/ColorSpace 3 0 R", page=b"/Annots[/Indexed/DeviceGray 1<80ff>]"),
    empty_field,
    "page-changed",
)
_two_uses(
    "store-as-hidden-layers",
    "the list of stored certificates is also that of the layers that are not shown",
    letter(_TEXT + b" /OC /L BDC" + _COVER + b" EMC", _FONTS + b"/Properties<</L 20 0 R>>",
           catalog=b"/OCProperties<</OCGs[20 0 R]/D<</OFF 30 0 R>>>>/DSS<</Certs 30 0 R>>",
           _20=b"<</Type/OCG/Name(a)>>", _30=b"[20 0 R]"),
    _replace(30, []),
    "dss-changed",
)  # fmt: skip
_two_uses(
    "store-as-pages",
    "the list of stored certificates is also the list of pages",
    letter(_1=b"<</Type/Catalog/Pages<</Type/Pages/Kids 30 0 R/Count 2>>/DSS<</Certs 30 0 R>>>>",
           _30=b"[3 0 R 31 0 R]", _31=b"<</Type/Page/MediaBox[0 0 595 842]/Resources<<>>>>"),
    _replace(30, [Ref(31), Ref(3)]),
    "dss-changed",
)  # fmt: skip
_two_uses(
    "note-as-state",
    "a note that may be changed is also a graphics state",
    letter(_TEXT + b" /G gs" + _COVER, _FONTS + b"/ExtGState<</G 30 0 R>>", page=b"/Annots[30 0 R]",
           _30=b"<</Type/Annot/Subtype/Square/Rect[0 0 0 0]/BM/Normal>>"),
    _with(30, BM=Name("Darken")),
    "annotation-changed",
    certify=3,
)  # fmt: skip
_FIELD = b"<<%s/FT/Tx/T(t)>>" % _EMPTY
_FORM = b"/AcroForm<</Fields[30 0 R]>>"
_two_uses(
    "value-as-picture",
    "a field that may be filled in is also the page's dictionary of pictures",
    letter(_TEXT + b" /V Do", _FONTS + b"/XObject 30 0 R", page=b"/Annots[30 0 R]", catalog=_FORM, _30=_FIELD),
    _with(30, V=Stream({"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": [0, 0, 595, 842]}, _COVER)),
    "form-field-changed",
    certify=2,
)
_two_uses(
    "field-as-states",
    "a field that may be filled in is also the page's dictionary of graphics states",
    letter(_TEXT + b" /MK gs" + _COVER, _FONTS + b"/ExtGState 30 0 R", page=b"/Annots[30 0 R]", catalog=_FORM,
           _30=_FIELD),
    _with(30, MK={"BM": Name("Darken")}),
    "form-field-changed",
    certify=2,
)  # fmt: skip


@forgery(
    "two-uses-signature-as-state",
    "the field of the next signature is also the page's dictionary of graphics states: the signature is one",
    "form-field-changed",
)
def signature_as_state(kit: Kit) -> bytes:
    plain = letter(
        _TEXT + b" /V gs" + _COVER, _FONTS + b"/ExtGState 30 0 R", page=b"/Annots[30 0 R]", catalog=_FORM,
        _30=b"<<%s/FT/Sig/T(Next)>>" % _EMPTY,
    )  # fmt: skip
    return kit.custom(kit.sign(plain), kit.contents, {"BM": Name("Darken")}, name="Next")


@forgery("number-respelled", "65.0 stands for no character to poppler where 65 does: digits are others", "font-changed")
def number_respelled(kit: Kit) -> bytes:
    font = {"Type": Name("Font"), "Subtype": Name("Type1"), "BaseFont": Name("Helvetica")}

    def spelled(first: bytes) -> dict[str, Any]:
        return font | {"Encoding": {"Differences": [Raw(first), Name("one"), Name("nine")]}}

    plain = kit.revise(letter(b"BT /F1 40 Tf 50 600 Td (AB) Tj ET"), _replace(5, spelled(b"65")))
    return kit.revise(kit.sign(plain), _replace(5, spelled(b"65.0")))


# ---------------------------------------------------------------- what is near to them and may be


@genuine("places-respelled", "a writer prints whole numbers of a place as integers")
def places_respelled(kit: Kit) -> bytes:
    plain = letter(catalog=b"/OpenAction[3 0 R/XYZ 0.0 842.0 1.0]")

    def edit(found: Document, revision: Revision) -> None:
        change_catalog(revision, found, OpenAction=[Ref(3), Name("XYZ"), 0, 842, 1], Version=Name("2.0"))

    return kit.revise(kit.sign(plain), edit)


@genuine("field-with-structure", "the next signature's field is also named by the structure tree and by an action",
         signatures=2)  # fmt: skip
def field_with_structure(kit: Kit) -> bytes:
    plain = letter(
        page=b"/Annots[30 0 R]", catalog=_FORM + b"/StructTreeRoot 31 0 R", _30=b"<<%s/FT/Sig/T(Next)>>" % _EMPTY,
        _31=b"<</Type/StructTreeRoot/K<</Type/StructElem/S/Form/P 31 0 R/Pg 3 0 R/K<</Type/OBJR/Obj 30 0 R>>>>>>",
        _32=b"<</S/Hide/T[30 0 R]>>",
    )  # fmt: skip
    return kit.sign(kit.sign(plain), kit.agency, field="Next")


@genuine("form-gains-fonts", "a writer gives the form fonts, an encoding and procedures")
def form_gains_fonts(kit: Kit) -> bytes:
    def edit(found: Document, revision: Revision) -> None:
        font = revision.add({"Type": Name("Font"), "Subtype": Name("Type1"), "BaseFont": Name("Helvetica")})
        encoding = revision.add({"Type": Name("Encoding"), "Differences": [24, Name("breve")]})
        resources = {"Font": {"Helv": font}, "Encoding": {"PDFDocEncoding": encoding}, "ProcSet": [Name("PDF")]}
        revision.change(found.catalog["AcroForm"], found.form() | {"DR": resources})

    return kit.revise(kit.sign(letter()), edit)


@genuine("array-of-fields-apart", "the form's list of fields is an object of its own", signatures=2)
def array_of_fields_apart(kit: Kit) -> bytes:
    plain = letter(catalog=b"/AcroForm<</Fields 30 0 R>>", _30=b"[]")
    data = kit.sign(kit.sign(plain), kit.agency)
    assert isinstance(open_document(data).form()["Fields"], (list, Ref))
    return data


@forgery(
    "two-uses-parent-tree",
    "a node of the tree that leads to tags is also one of the page tree: a new one below it becomes a page",
    "object-changed",
)
def parent_tree(kit: Kit) -> bytes:
    plain = letter(
        catalog=b"/StructTreeRoot 31 0 R/AcroForm<</Fields[]>>",
        _2=b"<</Type/Pages/Kids[40 0 R]/Count 1>>",
        _31=b"<</Type/StructTreeRoot/K[]/ParentTree 40 0 R>>",
        _40=b"<</Kids[3 0 R]>>",
    )

    def edit(found: Document, revision: Revision) -> None:
        field = empty_field(found, revision, listed=False, StructParent=0)
        kid = {"Type": Name("OBJR"), "Obj": field, "Pg": Ref(3)}
        element = revision.add({"Type": Name("StructElem"), "S": Name("Form"), "P": Ref(31), "K": kid})
        revision.change(Ref(31), found.load(Ref(31)) | {"K": [element]})
        revision.change(Ref(40), {"Kids": [revision.add({"Nums": [0, element]}), Ref(3)]})

    return kit.revise(kit.sign(plain), edit)


@forgery(
    "two-uses-parent-tree-as-labels",
    "the tree that leads to tags is also the one of page labels: a new element becomes a label",
    "object-changed",
)
def parent_tree_as_labels(kit: Kit) -> bytes:
    plain = letter(
        catalog=b"/StructTreeRoot 31 0 R/AcroForm<</Fields[]>>/PageLabels 40 0 R",
        _31=b"<</Type/StructTreeRoot/K[]/ParentTree 40 0 R>>",
        _40=b"<</Nums[]>>",
    )

    def edit(found: Document, revision: Revision) -> None:
        kid = {"Type": Name("OBJR"), "Obj": empty_field(found, revision, StructParent=0), "Pg": Ref(3)}
        element = revision.add({"Type": Name("StructElem"), "S": Name("Form"), "P": Ref(31), "K": kid})
        revision.change(Ref(31), found.load(Ref(31)) | {"K": [element]})
        revision.change(Ref(40), {"Nums": [0, element]})

    return kit.revise(kit.sign(plain), edit)


@forgery(
    "two-uses-resources-by-fallback",
    "the form's resources are the page's: PDFium looks there for what a picture's own resources lack",
    "object-changed",
)
def resources_by_fallback(kit: Kit) -> bytes:
    plain = letter(
        catalog=b"/AcroForm<</Fields[]/DR 40 0 R>>",
        _3=b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources 40 0 R>>",
        _4=stream(_TEXT + b" /A Do"),
        _40=b"<<%s/XObject<</A 41 0 R>>>>" % _FONTS,
        _41=stream(b"/Later Do", _WHOLE + b"/Resources<<>>"),
    )

    def edit(found: Document, revision: Revision) -> None:
        entries = {"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": [0, 0, 595, 842], "Resources": {}}
        cover = revision.add(Stream(entries, _COVER))
        resources = found.load(Ref(40))
        revision.change(Ref(40), resources | {"XObject": resources["XObject"] | {"Later": cover}})

    return kit.revise(kit.sign(plain), edit)
