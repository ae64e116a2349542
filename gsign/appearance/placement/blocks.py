"""Signature blocks: a post title, blank space, and the full name of the signer in one column.

Decree 30/2020, Appendix I, part I, II.7: post titles in capitals, the signature centred
below them, the full name under it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from gsign.appearance.placement.columns import above, below, is_aligned, part_over
from gsign.appearance.placement.faults import Found
from gsign.appearance.placement.names import NameFound, SignerName, is_title
from gsign.appearance.placement.pages import ShownPage
from gsign.appearance.placement.posts import is_note, is_post, says_signed
from gsign.appearance.placement.words import Box, Phrase, Word, union

__all__ = ["NEXT_LINE", "Block", "Occurrence", "blocks_of", "found_block", "occurrences"]

NEXT_LINE: Final = 0.9
"""Most blank between lines that belong together, in heights of a line."""
_LEAST_BLANK: Final = 1.1
"""Least blank under a post title for a signature to be meant, in heights of a line: rows of a list have less."""
_MOST_BETWEEN: Final = 3
_MOST_BLANK: Final = 16.0
"""Most blank, in heights of a line: what is farther up belongs to something else."""


class Occurrence(NamedTuple):
    """A name that stands apart from other text."""

    words: tuple[Word, ...]
    text: str

    @property
    def box(self) -> Box:
        """Around the words, as high as their fonts."""
        return union(word.box for word in self.words)


class Block(NamedTuple):
    """Where a signature is meant to be."""

    title: Phrase
    """The last line of the post title."""
    name: Occurrence
    blank: Box
    """From the ink of the title (or a note under it) down to that of the name, as wide as both."""
    between: tuple[Phrase, ...]
    """What stands in the blank."""


def occurrences(page: ShownPage, signer: SignerName) -> list[Occurrence]:
    """Return where a name stands apart on a page and can be seen, a rank above it included."""
    found: list[Occurrence] = []
    for phrase in page.phrases:
        for match in signer.matches(phrase):
            whole = _completed(page.phrases, signer, match)
            if whole is not None and page.dark(whole.box):
                found.append(_with_rank(page.phrases, whole))
    return found


def blocks_of(page: ShownPage, names: Sequence[Occurrence]) -> list[Block]:
    """Return the signature blocks among the occurrences of a name."""
    return [block for name in names for block in _block(page, name)]


def found_block(page: ShownPage, block: Block) -> Found:
    """Return a block as an error tells it."""
    return Found(page.number, block.blank, f"{block.title.text} … {block.name.text}")


def _completed(phrases: Sequence[Phrase], signer: SignerName, match: NameFound) -> Occurrence | None:
    text = " ".join(word.text for word in match.words)
    if not match.left:
        return Occurrence(match.words, text)
    for phrase in below(phrases, match.box)[:1]:
        if _follows(match.box, phrase.box) and signer.is_rest(phrase, match.left):
            return Occurrence((*match.words, *phrase.words), f"{text} {phrase.text}")
    return None


def _with_rank(phrases: Sequence[Phrase], name: Occurrence) -> Occurrence:
    for phrase in above(phrases, name.box)[:1]:
        if _follows(phrase.box, name.box) and is_title(phrase.text) and is_aligned(phrase.box, name.box):
            return Occurrence((*phrase.words, *name.words), f"{phrase.text} {name.text}")
    return name


def _follows(upper: Box, lower: Box) -> bool:
    return upper.bottom - lower.top < NEXT_LINE * min(upper.height, lower.height)


def _block(page: ShownPage, name: Occurrence) -> Iterator[Block]:
    """Yield the block that a name closes, if any."""
    limit = name.box.top + _MOST_BLANK * name.box.height
    over = (part_over(phrase, name.box) for phrase in above(page.phrases, name.box) if phrase.box.bottom < limit)
    between: list[Phrase] = []
    notes: list[Phrase] = []
    for phrase in filter(lambda phrase: page.dark(phrase.box), over):
        if is_note(phrase.text):
            notes.append(phrase)
        elif is_post(phrase.text) and is_aligned(phrase.box, name.box):
            title = min((phrase, *notes), key=lambda line: line.base)
            blank = Box(
                min(phrase.box.left, name.box.left),
                page.outline(name.words).top,
                max(phrase.box.right, name.box.right),
                page.outline(title.words).bottom,
            )
            if blank.height > _LEAST_BLANK * min(name.box.height, phrase.box.height):
                yield Block(phrase, name, blank, tuple(between))
            return
        elif len(between) < _MOST_BETWEEN and (says_signed(phrase.text) or len(phrase.words) < 8):
            between.append(phrase)
        else:
            return
