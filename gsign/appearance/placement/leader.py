"""The place of the competent person's signature: between post title and full name, where these stand last.

Decree 30/2020, Appendix I, part I, II.7.
"""

from __future__ import annotations

from typing import Final

from gsign.appearance.placement.blocks import Block, blocks_of, found_block, occurrences
from gsign.appearance.placement.faults import Found, not_found, taken, taken_by_fields, uncertain
from gsign.appearance.placement.folding import is_legacy
from gsign.appearance.placement.merged import require_one_document
from gsign.appearance.placement.names import SignerName
from gsign.appearance.placement.pages import PageTexts, ShownPage
from gsign.appearance.placement.sizes import Sized
from gsign.appearance.placement.words import Box, box_of, parts_of
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
    narrow: list[Found] = []
    text, has_scans = "", False
    for page in texts.backwards():
        text = text or page.letters.strip()
        has_scans = has_scans or not page.letters.strip()
        if not signer.may_be_in(page.letters):
            continue
        names = occurrences(page, signer)
        blocks = [block for block in blocks_of(page, names) if block.between or _fit(page, block, size) >= _SMALLEST]
        if len(blocks) > 1:
            raise uncertain(signer.text, "several-signature-blocks", [found_block(page, block) for block in blocks])
        if blocks:
            require_one_document(texts, page, blocks[0], signer)
            return _place(page, blocks[0], signer.text, size)
        # Rows of a list may look like blocks without room: the real one is then on another page.
        narrow += (found_block(page, block) for block in blocks_of(page, names))
        elsewhere += (Found(page.number, name.box, name.text) for name in names)
    if narrow:
        raise taken(signer.text, "blank-too-small", narrow)
    if elsewhere:
        raise not_found(signer.text, "name-under-no-post-title", elsewhere)
    raise not_found(signer.text, _why_nothing(text, has_scans=has_scans))


def _why_nothing(text: str, *, has_scans: bool) -> str:
    if not text:
        return "no-text-on-pages"
    if is_legacy(text):
        return "text-in-old-encoding"
    return "name-perhaps-on-a-scan" if has_scans else "name-not-in-text"


def _place(page: ShownPage, block: Block, name: str, size: Sized) -> Place:
    """Centre the image in the blank, smaller where there is less room.

    Raises:
        UsageError: `place-taken`.
    """
    if block.between:
        raise taken(name, "taken-by-text", [Found(page.number, one.box, one.text) for one in block.between])
    fit = _fit(page, block, size)
    for step in range(_STEPS):
        share = fit - (fit - _SMALLEST) * step / (_STEPS - 1)
        place = _centred(page, block.blank, share * size.width, share * size.height)
        fields = [one for one in page.signatures if box_of(one.place).meets(box_of(place))]
        if not fields and not page.dark(box_of(place)):
            return place
    if fields:
        raise taken_by_fields(name, fields)
    raise taken(name, "taken-by-drawing", [found_block(page, block)])


def _fit(page: ShownPage, block: Block, size: Sized) -> float:
    """Return how large, of its size, an image may be in a block: at most 1."""
    return min(1.0, _room(page, block) / size.width, (block.blank.height - 2 * _GAP) / size.height)


def _room(page: ShownPage, block: Block) -> float:
    """Return how wide an image on the block's axis may be without leaving its column."""
    axis, left, right = block.blank.centre, _EDGE, page.width - _EDGE
    reach = Box(0, block.name.box.bottom, page.width, block.title.box.top)
    beside = (part.box for phrase in page.phrases if phrase.box.meets(reach) for part in parts_of(phrase))
    for box in beside:
        if box.right <= block.blank.left:
            left = max(left, (box.right + block.blank.left) / 2)
        elif box.left >= block.blank.right:
            right = min(right, (box.left + block.blank.right) / 2)
    return 2 * min(axis - left, right - axis)


def _centred(page: ShownPage, blank: Box, width: float, height: float) -> Place:
    middle = (blank.bottom + blank.top) / 2
    return Place(page.number, blank.centre - width / 2, middle - height / 2, width, height)
