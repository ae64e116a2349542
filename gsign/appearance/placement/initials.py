"""The place of initials: behind the last line of the document's text, or beside the name of who puts them.

No clause gives it: it is where drafters and deputies put them on paper (Decree 30/2020, Article 10 asks for them).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from gsign.appearance.placement.blocks import occurrences
from gsign.appearance.placement.faults import Found, not_found, taken, uncertain
from gsign.appearance.placement.folding import fold, is_legacy
from gsign.appearance.placement.names import SignerName
from gsign.appearance.placement.pages import PageTexts, ShownPage
from gsign.appearance.placement.sizes import Sized
from gsign.appearance.placement.space import BlankPaper
from gsign.appearance.placement.words import Box, Phrase
from gsign.place import Place

__all__ = ["find_initials"]

LAST_LINE: Final = "./."

_RECIPIENTS: Final = fold("Nơi nhận:")
"""What stands below the text (Decree 30/2020, Appendix I, part I, II.9); annexes behind it may end as it does."""

_END: Final = re.compile(r"\./\.?[\u201d\u2019\"]?$")
_GAP: Final = 4.0
_DOWN: Final = 16
"""How far down, in points, they may slide to keep clear of the line above."""
_SEVERAL: Final = 4
"""How many find room side by side."""


def find_initials(texts: PageTexts, name: str, size: Sized) -> Place:
    """Find the place behind the last line of the text ("…./."), or beside a name that stands apart.

    Several people's initials stand side by side, in the order in which they come.

    Args:
        texts: the document.
        name: common name of the certificate.
        size: of the initials.

    Raises:
        UsageError: `place-not-found`, `place-uncertain` or `place-taken`, with what was found.
    """
    text = ""
    alone: list[tuple[int, Phrase]] = []
    has_recipients = False
    for page in texts.backwards():
        text = text or page.letters.strip()
        has_recipients = has_recipients or _RECIPIENTS in fold(page.letters)
        lines = list(_last_lines(page))
        if len(lines) > 1:
            raise uncertain(LAST_LINE, "several-last-lines", _found(page.number, lines))
        if lines and has_recipients:
            return _beside(page, lines[0].box, lines[0].text, size)
        alone += ((page.number, line) for line in lines)
    if len(alone) > 1:
        raise uncertain(LAST_LINE, "several-last-lines", [one for n, line in alone for one in _found(n, [line])])
    if alone:
        ((number, line),) = alone
        return _beside(texts.page(number), line.box, line.text, size)
    for page in texts.backwards():
        signer = SignerName(name)
        names = occurrences(page, signer) if signer.may_be_in(page.letters) else []
        if len(names) > 1:
            raise uncertain(signer.text, "several-names", [Found(page.number, n.box, n.text) for n in names])
        if names:
            return _beside(page, names[0].box, names[0].text, size)
    cause = "no-text-on-pages" if not text else "text-in-old-encoding" if is_legacy(text) else "no-last-line"
    raise not_found(LAST_LINE, cause)


def _last_lines(page: ShownPage) -> Iterator[Phrase]:
    """Yield the phrases that close the document's text: after the last word stands "./."."""
    if "./" not in page.letters:
        return
    for phrase in page.phrases:
        if _END.search(phrase.text.rstrip()) and page.dark(phrase.box):
            yield phrase


def _found(page: int, phrases: Iterable[Phrase]) -> list[Found]:
    return [Found(page, phrase.box, phrase.text) for phrase in phrases]


def _beside(page: ShownPage, line: Box, words: str, size: Sized) -> Place:
    box = BlankPaper(page).first(_right_of(line, size))
    if box is None:
        raise taken(words, "no-room-beside", [Found(page.number, line, words)])
    return Place(page.number, box.left, box.bottom, size.width, size.height)


def _right_of(line: Box, size: Sized) -> Iterator[Box]:
    """Yield boxes to the right of a line, level with it or a little lower; then farther right."""
    middle = (line.bottom + line.top) / 2
    for count in range(_SEVERAL * 2):
        left = line.right + _GAP + count * (size.width + _GAP) / 2
        for down in range(_DOWN):
            bottom = middle - down - size.height / 2
            yield Box(left, bottom, left + size.width, bottom + size.height)
