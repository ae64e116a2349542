"""Signed documents that a program saved again."""

from __future__ import annotations

import io
import warnings

import pikepdf

from gsign.result import Indication
from tests.corpus.kit import Kit, attach, change_catalog, resaved
from tests.corpus.model import forgery


@forgery("resaved", "saved again: positions moved", "rewritten-after-signing")
def saved_again(kit: Kit) -> bytes:
    return resaved(kit.signed())


@forgery("resaved-linearized", "saved for the web", "rewritten-after-signing")
def saved_linearized(kit: Kit) -> bytes:
    return resaved(kit.signed(), linearize=True)


@forgery("resaved-optimised", "saved with object streams", "rewritten-after-signing")
def saved_optimised(kit: Kit) -> bytes:
    return resaved(kit.signed(), object_stream_mode=pikepdf.ObjectStreamMode.generate, recompress_flate=True)


@forgery("scan-resaved", "a large scan, saved again", "rewritten-after-signing")
def scan_saved_again(kit: Kit) -> bytes:
    return resaved(kit.sign(kit.revise(kit.plain(), attach)))


@forgery("scan-form-dropped", "a large scan whose catalog lost its form", "rewritten-after-signing")
def scan_form_dropped(kit: Kit) -> bytes:
    data = kit.sign(kit.revise(kit.plain(), attach))
    return kit.revise(data, lambda d, r: change_catalog(r, d, AcroForm=None))


def _without(kit: Kit, *, annotations: bool, **options: object) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(kit.signed())) as pdf, warnings.catch_warnings():
        # That widgets are left without a form is the point.
        warnings.simplefilter("ignore")
        del pdf.Root.AcroForm
        if annotations:
            for page in pdf.Root.Pages.Kids:
                del page.Annots
        pdf.save(out, **options)
    return out.getvalue()


@forgery("form-dropped", "saved without its form: the signature's dictionary remains", "rewritten-after-signing")
def form_dropped(kit: Kit) -> bytes:
    return _without(kit, annotations=False)


@forgery("form-dropped-optimised", "the same, packed into object streams", "rewritten-after-signing")
def form_dropped_optimised(kit: Kit) -> bytes:
    return _without(kit, annotations=False, object_stream_mode=pikepdf.ObjectStreamMode.generate)


@forgery("printed", "nothing of the signature remains", indication=Indication.NO_SIGNATURE_FOUND)
def printed(kit: Kit) -> bytes:
    return _without(kit, annotations=True)
