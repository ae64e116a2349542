"""The place of the agency's seal: over about one third of the leader's signature, on its left.

Decree 30/2020, Appendix I, part I, II.8.a.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from gsign.appearance.placement.blocks import NEXT_LINE
from gsign.appearance.placement.columns import above, below
from gsign.appearance.placement.faults import Found, taken
from gsign.appearance.placement.pages import PageTexts, ShownPage
from gsign.appearance.placement.sizes import Sized
from gsign.appearance.placement.words import Box, Phrase, box_of
from gsign.place import POINTS, Place

__all__ = ["find_seal"]

_SHARE: Final = 1 / 3
_STEP: Final = 1.0


def find_seal(texts: PageTexts, leader: Place, size: Sized) -> Place:
    """Find the place of the seal beside the leader's signature.

    It may lie over the lines of the same block, as a seal on paper does; where it would touch other text or another
    signature it moves up or down as long as it covers the middle of the leader's.

    Args:
        texts: the document.
        leader: where the leader's signature stands.
        size: of the seal; it is taken to be round.

    Raises:
        UsageError: `place-taken` with what is in its way, or `place-outside-page`.
    """
    page = texts.page(leader.page)
    signature = box_of(leader)
    others = list(_others(page, signature))
    first = None
    for box in _beside(signature, size):
        met = [found for found in others if _touches(box, found.box)]
        if not met and page.holds(box):
            return Place(page.number, box.left, box.bottom, size.width, size.height)
        first = first or met
    raise taken(f"{size.width / POINTS:.0f} mm", "taken-by-text", first or [Found(page.number, signature, "")])


def _beside(signature: Box, size: Sized) -> Iterator[Box]:
    right = signature.left + _SHARE * signature.width
    middle = (signature.bottom + signature.top) / 2
    for step in range(int(signature.height / 2 / _STEP) + 1):
        for shift in dict.fromkeys((step * _STEP, -step * _STEP)):
            bottom = middle + shift - size.height / 2
            yield Box(right - size.width, bottom, right, bottom + size.height)


def _others(page: ShownPage, signature: Box) -> Iterator[Found]:
    """Yield what the seal must not touch: text outside the leader's block, and other signatures."""
    block = set(_block(page.phrases, signature))
    yield from (Found(page.number, p.box, p.text) for p in page.phrases if p not in block)
    for one in page.signatures:
        if not _is_same(box_of(one.place), signature):
            yield Found(page.number, box_of(one.place), one.name)


def _block(phrases: Iterable[Phrase], signature: Box) -> Iterator[Phrase]:
    """Yield the post title above a signature and the name under it."""
    for lines, step in ((above(phrases, signature), 1), (below(phrases, signature), -1)):
        last = signature
        for phrase in lines:
            gap = (phrase.box.bottom - last.top) if step > 0 else (last.bottom - phrase.box.top)
            if last is not signature and gap > NEXT_LINE * phrase.box.height:
                break
            yield phrase
            last = phrase.box


def _is_same(one: Box, other: Box) -> bool:
    return all(abs(a - b) < 1 for a, b in zip(one, other, strict=True))


def _touches(seal: Box, box: Box) -> bool:
    """Whether a box reaches into the ellipse that a box encloses."""
    x = min(max(seal.centre, box.left), box.right)
    middle = (seal.bottom + seal.top) / 2
    y = min(max(middle, box.bottom), box.top)
    return ((x - seal.centre) / (seal.width / 2)) ** 2 + ((y - middle) / (seal.height / 2)) ** 2 < 1
