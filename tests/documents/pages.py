"""Documents whose pages are placed, turned, scaled or annotated in unusual ways."""

from __future__ import annotations

from tests.documents import page
from tests.documents.model import entry
from tests.documents.raw import classic

_T = ("page",)


def _turned(angle: int) -> bytes:
    return classic(page.document(page=b"/Rotate %d" % angle).draft)


@entry("rotated-90", "the page is shown turned by 90 degrees", tags=_T)
def rotated_90() -> bytes:
    return _turned(90)


@entry("rotated-180", "the page is shown upside down", tags=_T)
def rotated_180() -> bytes:
    return _turned(180)


@entry("rotated-minus-90", "a negative /Rotate", tags=_T)
def rotated_minus_90() -> bytes:
    return _turned(-90)


@entry("crop-box", "a CropBox inside the MediaBox, with an offset", tags=_T)
def crop_box() -> bytes:
    return classic(page.document(box=b"/MediaBox [0 0 695 942] /CropBox [50 40 645 882]").draft)


@entry("negative-box", "a MediaBox that begins left of and below zero, corners swapped", tags=_T)
def negative_box() -> bytes:
    return classic(page.document(box=b"/MediaBox [585 832 -10 -10]").draft)


@entry("rotated-crop-box", "turned and cropped together", tags=_T)
def rotated_crop_box() -> bytes:
    return classic(page.document(box=b"/MediaBox [0 0 695 942] /CropBox [50 40 645 882]", page=b"/Rotate 270").draft)


@entry("user-unit", "UserUnit 2: a unit is 1/36 inch", tags=_T)
def user_unit() -> bytes:
    return classic(page.document(page=b"/UserUnit 2", version="1.6").draft)


@entry("inherited", "MediaBox, Rotate and Resources come from the root of the page tree", tags=_T)
def inherited() -> bytes:
    layout = page.document(2, box=b"", resources=False)
    tree = layout.draft.objects[2].removesuffix(b">>")
    shared = b" /MediaBox [0 0 595 842] /Rotate 0 /Resources <</Font <</F1 %d 0 R>>>>>>" % layout.font
    layout.draft.objects[2] = tree + shared
    return classic(layout.draft)


@entry("deep-page-tree", "a page tree of fifty levels", tags=_T)
def deep_page_tree() -> bytes:
    layout = page.document()
    draft, parent = layout.draft, 2
    for _ in range(50):
        child = draft.add(b"")
        draft.objects[parent] = _node(draft.objects[parent], child)
        draft.objects[child] = b"<</Type /Pages /Parent %d 0 R /Kids [%d 0 R] /Count 1>>" % (parent, layout.first)
        parent = child
    draft.objects[layout.first] = draft.objects[layout.first].replace(b"/Parent 2 0 R", b"/Parent %d 0 R" % parent)
    return classic(draft)


def _node(body: bytes, child: int) -> bytes:
    start, end = body.index(b"["), body.index(b"]")
    return body[:start] + b"[%d 0 R" % child + body[end:]


_LINK = b"<</Type /Annot /Subtype /Link /Rect [85 600 300 615] /Border [0 0 0] /F 4 /A <</S /URI /URI (http://127.0.0.1/)>>>>"


@entry("annots-direct", "a page that has a link already, /Annots a direct array", tags=_T)
def annots_direct() -> bytes:
    layout = page.document()
    link = layout.draft.add(_LINK)
    _extend_page(layout, b"/Annots [%d 0 R]" % link)
    return classic(layout.draft)


@entry("annots-indirect", "/Annots is an object of its own: only that has to be revised", tags=_T)
def annots_indirect() -> bytes:
    layout = page.document()
    link = layout.draft.add(_LINK)
    _extend_page(layout, b"/Annots %d 0 R" % layout.draft.add(b"[%d 0 R]" % link))
    return classic(layout.draft)


@entry("annots-shared", "two pages share one /Annots array: an addition must show on one of them only", tags=_T)
def annots_shared() -> bytes:
    layout = page.document(2)
    array = layout.draft.add(b"[]")
    for number in layout.page_numbers:
        layout.draft.objects[number] = layout.draft.objects[number].removesuffix(b">>") + b" /Annots %d 0 R>>" % array
    return classic(layout.draft)


@entry("annots-null", "/Annots null", tags=_T)
def annots_null() -> bytes:
    layout = page.document()
    _extend_page(layout, b"/Annots null")
    return classic(layout.draft)


@entry("no-contents", "an empty page without /Contents", tags=_T)
def no_contents() -> bytes:
    layout = page.document()
    page_body = layout.draft.objects[layout.first]
    layout.draft.objects[layout.first] = page_body.replace(b"/Contents %d 0 R" % layout.contents[0], b"")
    return classic(layout.draft)


def _extend_page(layout: page.Layout, entries: bytes) -> None:
    layout.draft.objects[layout.first] = layout.draft.objects[layout.first].removesuffix(b">>") + b" " + entries + b">>"
