"""Several documents in one file: which of them is to be signed is for a person to say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from gsign.appearance.placement.blocks import Block, blocks_of, found_block, occurrences
from gsign.appearance.placement.faults import uncertain
from gsign.appearance.placement.folding import fold
from gsign.appearance.placement.names import SignerName
from gsign.appearance.placement.pages import PageTexts, ShownPage

__all__ = ["require_one_document"]

_FARTHEST: Final = 10
"""Pages that are looked at before the block: a long document is not read for this."""
_FIRST_LINES: Final = ("Cộng hòa xã hội chủ nghĩa Việt Nam", "Đảng Cộng sản Việt Nam")
"""Every document begins with one of them (Decree 30/2020, Appendix I, part I, II.1; rules of the Party)."""


def require_one_document(texts: PageTexts, page: ShownPage, block: Block, signer: SignerName) -> None:
    """Look whether a document before that of a block has a block for the same signer.

    Args:
        texts: the file.
        page: where the block is.
        block: the last one.
        signer: whose it is.

    Raises:
        UsageError: `place-uncertain` with both.
    """
    pages = _before(texts, page)
    begun = next((number for number, letters in pages if _begins(letters)), None)
    if begun is None or begun == 1:
        return
    for number, letters in _before(texts, texts.page(begun - 1)):
        if signer.may_be_in(letters):
            earlier = texts.page(number)
            for other in blocks_of(earlier, occurrences(earlier, signer)):
                both = [found_block(earlier, other), found_block(page, block)]
                raise uncertain(signer.text, "several-documents", both)


def _before(texts: PageTexts, page: ShownPage) -> Iterator[tuple[int, str]]:
    """Yield number and text of a page and some before it, from the last one on."""
    numbers = islice(range(page.number, 0, -1), _FARTHEST)
    return ((number, texts.page(number).letters) for number in numbers)


def _begins(letters: str) -> bool:
    folded = fold(letters)
    return any(fold(line) in folded for line in _FIRST_LINES)
