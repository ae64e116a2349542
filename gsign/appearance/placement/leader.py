"""The place of the competent person's signature: between post title and full name, where these stand last.

Decree 30/2020, Appendix I, part I, II.7.
"""

from __future__ import annotations

from typing import Final

from gsign.appearance.placement.blocks import Block, blocks_of, occurrences
from gsign.appearance.placement.faults import Found, not_found, taken, uncertain
from gsign.appearance.placement.folding import is_legacy
from gsign.appearance.placement.names import SignerName
from gsign.appearance.placement.pages import PageTexts, ShownPage
from gsign.appearance.placement.sizes import Sized
from gsign.appearance.placement.words import Box
from gsign.place import Place

__all__ = ["find_leader"]

_EDGE: Final = 10.0
"""Clear margin at the edge of the paper, in points."""
_GAP: Final = 1.0
"""Between the image and the lines above and below it, in points."""
_SMALLEST: Final = 0.5
_STEPS: Final = 6


def find_leader(texts: PageTexts, signer_name: str, size: Sized) -> Place:
    """Find the blank between the signer's post title and full name.

    Args:
        texts: the document.
        signer_name: common name of the signer's certificate.
        size: of the image. Where the blank is smaller the place has the same proportions and down to half the size.

    Raises:
        UsageError: `place-not-found`, `place-uncertain` (two blocks on one page) or `place-taken` (something stands in
            the blank, or it is too small), with what was found.
    """
    signer = SignerName(signer_name)
    elsewhere: list[Found] = []
    text = ""
    for page in texts.backwards():
        text = text or page.letters.strip()
        if not signer.may_be_in(page.letters):
            continue
        names = occurrences(page, signer)
        blocks = blocks_of(page, names)
        if len(blocks) > 1:
            found = (Found(page.number, block.name.box, block.name.text) for block in blocks)
            raise uncertain(signer.text, "several-signature-blocks", found)
        if blocks:
            return _place(page, blocks[0], signer.text, size)
        elsewhere += (Found(page.number, name.box, name.text) for name in names)
    if elsewhere:
        raise not_found(signer.text, "name-under-no-post-title", elsewhere)
    raise not_found(signer.text, _why_nothing(text))


def _why_nothing(text: str) -> str:
    if not text:
        return "no-text-on-pages"
    return "text-in-old-encoding" if is_legacy(text) else "name-not-in-text"


def _place(page: ShownPage, block: Block, name: str, size: Sized) -> Place:
    """Centre the image in the blank, smaller where there is less room.

    Raises:
        UsageError: `place-taken`.
    """
    whole = Found(page.number, block.blank, f"{block.title.text} … {block.name.text}")
    if block.between:
        raise taken(name, "taken-by-text", [Found(page.number, one.box, one.text) for one in block.between])
    fit = min(1.0, _room(page, block) / size.width, (block.blank.height - 2 * _GAP) / size.height)
    if fit < _SMALLEST:
        raise taken(name, "blank-too-small", [whole])
    smallest = min(fit, _SMALLEST)
    for step in range(_STEPS):
        share = fit - (fit - smallest) * step / (_STEPS - 1)
        place = _centred(page, block.blank, share * size.width, share * size.height)
        box = Box(place.x, place.y, place.x + place.width, place.y + place.height)
        signed = [one for one in page.signatures if _meets(one.place, box)]
        if not signed and not page.dark(box):
            return place
    if signed:
        raise taken(name, "taken-by-signature", [_of(one.place, one.name) for one in signed])
    raise taken(name, "taken-by-drawing", [whole])


def _room(page: ShownPage, block: Block) -> float:
    """Return how wide an image on the block's axis may be without leaving its column."""
    axis, left, right = block.blank.centre, _EDGE, page.width - _EDGE
    reach = Box(0, block.name.box.bottom, page.width, block.title.box.top)
    for phrase in page.phrases:
        if phrase.box.bottom < reach.top and reach.bottom < phrase.box.top:
            if phrase.box.right <= block.blank.left:
                left = max(left, (phrase.box.right + block.blank.left) / 2)
            elif phrase.box.left >= block.blank.right:
                right = min(right, (phrase.box.left + block.blank.right) / 2)
    return 2 * min(axis - left, right - axis)


def _centred(page: ShownPage, blank: Box, width: float, height: float) -> Place:
    middle = (blank.bottom + blank.top) / 2
    return Place(page.number, blank.centre - width / 2, middle - height / 2, width, height)


def _meets(place: Place, box: Box) -> bool:
    return Box(place.x, place.y, place.x + place.width, place.y + place.height).meets(box)


def _of(place: Place, name: str) -> Found:
    return Found(place.page, Box(place.x, place.y, place.x + place.width, place.y + place.height), name)
