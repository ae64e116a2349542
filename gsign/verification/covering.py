"""What later appearances lie over: pages, the text on them, and earlier signatures (ISO 32000-2 clause 12.5.5).

A later signature may be drawn, and its signer's certificate says nothing about what it hides. How much of a page it
takes is reckoned over all later signatures together, on the part of the page that is shown.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Final

from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.reader import Document, Page
from gsign.verification.page_text import PageText
from gsign.verification.step import Appearance, Rectangle

__all__ = ["Covering", "seals_over"]

_PAGE_LARGE: Final = 0.25
_PAGE_COVERED: Final = 0.5
_TEXT_COVERED: Final = 0.5
_SIGNATURE_COVERED: Final = 0.9
"""The agency's seal stands over about a third of the leader's signature (Decree 30/2020), initials may be hidden."""
_SEAL_OVER: Final = 0.6
"""How much of the leader's signature a seal may take that stands by rule over a third of it."""
_SEAL_LARGE: Final = 170.0
"""Points: seals measure 36 mm, none more than 60."""
_MUCH_TEXT: Final = 40
_MAX_PAGES: Final = 5000
_MAX_ANNOTATIONS: Final = 1000
_FIELD_COVERED: Final = 0.1
_A4: Final = 595.0 * 842.0


Seals = Mapping[int, Container[int]]


class Covering:
    """Compare appearances with the pages of a document.

    Args:
        document: the newest revision.
        text: that of the oldest signed revision; None where text is not looked at.
    """

    def __init__(self, document: Document, text: PageText | None) -> None:
        self._document = document
        self._boxes: dict[int | None, Rectangle | None] = {}
        self._text = text
        self._indices: dict[int, int] | None = None
        self._annotations: dict[int, list[tuple[int, Rectangle]]] = {}

    def refusals(self, later: list[Appearance], overlays: list[Appearance]) -> list[str]:
        """Return why appearances are no longer something that a signature may add.

        Args:
            later: where later signatures are drawn.
            overlays: later annotations, and fields filled in.
        """
        covers_page = any(share > _PAGE_COVERED for share in self._shares(later).values()) or any(
            self._share(drawn) > _PAGE_COVERED for drawn in overlays
        )
        covers_page |= self._covers_together(overlays)
        covers_text = any(
            covered >= _MUCH_TEXT and covered > _TEXT_COVERED * total for covered, total in self._texts(later)
        )
        return ["appearance-covers-page"] if covers_page or covers_text else []

    def warnings(self, own: Iterable[Appearance], later: list[Appearance], seals: Seals) -> list[str]:
        """Return what a person should look at.

        Args:
            own: where the signature itself is drawn.
            later: where later ones are.
            seals: what `seals_over` returned; a few words around such a signature are under its seal too.
        """
        found = []
        if any(share > _PAGE_LARGE for share in self._shares(later).values()):
            found.append("appearance-large")
        if self._covers_text(later, seals) or self._covers_fields(later):
            found.append("appearance-covers-text")
        if self._text is not None and not self._text.is_known:
            found.append("appearance-not-compared")
        covered = max((_covered_part(one, later, seals) for one in own), default=0.0)
        if covered > _SIGNATURE_COVERED:
            found.append("appearance-covers-signature")
        elif covered:
            found.append("appearance-overlaps-signature")
        return found

    def _covers_together(self, overlays: list[Appearance]) -> bool:
        """Say whether annotations and fields hide a page that each hides a part of: forms with many fields do not."""
        places = list({(drawn.page, drawn.rectangle): drawn for drawn in overlays}.values())
        return any(
            sum(covered for covered, _ in self._texts(d for d in places if d.page == page)) >= _MUCH_TEXT
            for page, share in self._shares(places).items()
            if share > _PAGE_COVERED
        )

    # ------------------------------------------------------------ pages

    def _shares(self, later: list[Appearance]) -> dict[int | None, float]:
        """Return which part of each page is taken by all appearances together."""
        shares: dict[int | None, float] = {}
        for drawn in later:
            shares[drawn.page] = shares.get(drawn.page, 0.0) + self._share(drawn)
        return shares

    def _share(self, drawn: Appearance) -> float:
        """Return which part of its page an appearance takes; of a usual one where the page cannot be told."""
        box = self._box(drawn.page)
        if box is None:
            return _area(drawn.rectangle) / _A4
        return _intersection(drawn.rectangle, box) / _area(box) if _area(box) else 1.0

    def _box(self, page: int | None) -> Rectangle | None:
        """Return the part of a page that is shown: its crop box within its media box (clause 14.11.2)."""
        if page not in self._boxes:
            self._boxes[page] = self._shown(page) if page is not None else None
        return self._boxes[page]

    def _shown(self, page: int) -> Rectangle | None:
        document = self._document
        try:
            ref = Ref(page)
            own = Page(ref, document.dictionary(ref, "page"), document.inherited(ref))
            media = document.rectangle(own.get("MediaBox"))
            crop = document.rectangle(own.get("CropBox")) if own.get("CropBox") is not None else media
        except PdfSyntaxError:
            return None
        if media is None or crop is None:
            return media
        left, bottom, right, top = _common(media, crop)
        return (left, bottom, right, top) if right > left and top > bottom else media

    # ------------------------------------------------------------ text

    def _covers_text(self, later: list[Appearance], seals: Seals) -> bool:
        others = [drawn for drawn in later if drawn.number not in seals]
        if any(covered for covered, _ in self._texts(others)):
            return True
        # A few words under all seals together: of parts of a seal each could take some more.
        return sum(covered for covered, _ in self._texts(d for d in later if d.number in seals)) >= _MUCH_TEXT

    def _covers_fields(self, later: list[Appearance]) -> bool:
        """Say whether an appearance lies over what a field or note shows, which is not among a page's own text."""
        own = {drawn.number for drawn in later}
        return any(
            _intersection(drawn.rectangle, rectangle) > _FIELD_COVERED * _area(rectangle)
            for drawn in later
            if drawn.page is not None
            for number, rectangle in self._shown_on(drawn.page)
            if number not in own
        )

    def _shown_on(self, page: int) -> list[tuple[int, Rectangle]]:
        """List what a page's annotations show, signatures aside: the number of each, and where it is."""
        if page not in self._annotations:
            try:
                self._annotations[page] = list(self._read_shown_on(page))
            except PdfSyntaxError:
                self._annotations[page] = []
        return self._annotations[page]

    def _read_shown_on(self, page: int) -> Iterator[tuple[int, Rectangle]]:
        document = self._document
        owner = document.dictionary(Ref(page), "page")
        for item in document.array(owner.get("Annots"), "/Annots")[:_MAX_ANNOTATIONS]:
            annotation = document.get(item)
            if not isinstance(annotation, dict) or annotation.get("Subtype") in ("Link", "Popup"):
                continue
            field = document.get(annotation.get("Parent")) if "FT" not in annotation else annotation
            is_signature = isinstance(field, dict) and field.get("FT") == "Sig"
            rectangle = document.rectangle(annotation.get("Rect"))
            if rectangle is not None and _area(rectangle) and "AP" in annotation and not is_signature:
                yield item.number if isinstance(item, Ref) else 0, rectangle

    def _texts(self, later: Iterable[Appearance]) -> Iterator[tuple[int, int]]:
        """Yield how many letters of a page an appearance covers, and how many there are."""
        if self._text is None:
            return
        for drawn in later:
            index = self._index(drawn.page)
            if index is not None:
                yield self._text.within(index, drawn.rectangle)

    def _index(self, page: int | None) -> int | None:
        if self._indices is None:
            try:
                pages = enumerate(islice(self._document.pages(), _MAX_PAGES))
                self._indices = {found.ref.number: index for index, found in pages}
            except PdfSyntaxError:
                self._indices = {}
        return self._indices.get(page) if page is not None else None


def seals_over(leaders: Iterable[Appearance], issued: Iterable[Appearance]) -> dict[int, set[int]]:
    """Find the seals that stand over a leader's signature, as far as the rule has it.

    Args:
        leaders: where signatures are drawn that stand for the competent person's.
        issued: where those are drawn that issue the document.

    Returns:
        For the widget of each such seal, the widgets of the signatures that it lies over.
    """
    found: dict[int, set[int]] = {}
    issued = list(issued)
    for leader in leaders:
        over = {drawn: part for drawn in issued if (part := _covered_part(leader, [drawn])) > 0}
        if sum(over.values()) <= _SEAL_OVER:  # together, since several could hide all of it
            for drawn in filter(_is_seal_sized, over):
                found.setdefault(drawn.number, set()).add(leader.number)
    return found


def _is_seal_sized(drawn: Appearance) -> bool:
    left, bottom, right, top = drawn.rectangle
    return max(right - left, top - bottom) <= _SEAL_LARGE


def _covered_part(own: Appearance, later: Iterable[Appearance], seals: Seals = MappingProxyType({})) -> float:
    """Return the greatest part of one appearance that lies under another, which is no seal of its own."""
    over = [
        d.rectangle
        for d in later
        if d.number != own.number
        and (d.page == own.page or None in (d.page, own.page))
        and own.number not in seals.get(d.number, ())
    ]
    return max((_intersection(own.rectangle, box) for box in over), default=0.0) / _area(own.rectangle)


def _common(one: Rectangle, other: Rectangle) -> Rectangle:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def _intersection(one: Rectangle, other: Rectangle) -> float:
    return _area(_common(one, other))


def _area(box: Rectangle) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)
