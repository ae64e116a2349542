"""The signatures that a role is made of: what each shows, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from gsign.errors import DecisionNeededError, UsageError
from gsign.place import Place
from gsign.result import Role, SignerInfo
from gsign.signing.order import Holder, holder_of
from gsign.signing.request import DEFAULT_SIZE, SignRequest, Spot
from gsign.syntax.objects import Ref

if TYPE_CHECKING:
    from gsign.appearance.drawings import Draw, Drawing
    from gsign.appearance.placement.pages import PageTexts
    from gsign.roles.standing import Standing
    from gsign.syntax.objects import Stream
    from gsign.syntax.reader import Document
    from gsign.syntax.source import Readable

__all__ = ["Part", "Scene", "parts_of"]

_DATE_PARTS: Final = ("day", "month", "year")
_SIGNATURE_SIZE: Final = (130.0, 50.0)
"""Width and height in points of a leader's signature that is shown in words."""
_SEAL_SIZE: Final = (102.0, 60.0)


class Part(NamedTuple):
    """One signature to be made."""

    shows: str
    """The role, or `number`, `day`, `month`, `year` or `seal` of `issue`."""
    draw: Draw
    place: Place | None
    """None for an invisible one, and for a field that has a place."""
    number: str | None = None
    """Number and symbol that it puts on the document."""
    warnings: tuple[str, ...] = ()

    @property
    def field_stem(self) -> str:
        """What the name of a new field begins with."""
        return "Signature" if self.shows == Role.PLAIN else self.shows.capitalize()


class Scene(NamedTuple):
    """What the parts of a role are made from."""

    readable: Readable
    """The document, to be opened once more by what looks at its text."""
    document: Document
    signer: SignerInfo
    request: SignRequest
    standing: Standing
    now: datetime
    has_field: bool
    """Whether an existing field that has a place of its own is to be signed."""


def parts_of(scene: Scene) -> tuple[Part, ...]:
    """Say what signatures a role takes, each with its drawing and its place.

    Places that were given are taken as they are; the others are found from the text of the document, which is opened
    only then.

    Raises:
        UsageError: a place that is not certain, or something that the role needs and nobody gave.
        InputError: the image, or the document cannot be opened.
    """
    if scene.request.role is Role.PLAIN:
        return (_plain(scene),)
    with _Texts(scene) as texts:
        return tuple(_MAKERS[scene.request.role](scene, texts))


def _plain(scene: Scene) -> Part:
    request = scene.request
    spot = request.spots.get(Role.PLAIN)
    if request.image is not None and spot is None and not scene.has_field:
        raise UsageError("image-needs-place")

    return Part(Role.PLAIN.value, _plain_draw(scene), _place(spot, *DEFAULT_SIZE))


def _plain_draw(scene: Scene) -> Draw:
    request = scene.request
    image = request.image if request.role is Role.PLAIN else None

    def draw(width: float, height: float, *, soft_mask: bool = True) -> Stream:
        from gsign.appearance.plain import plain_lines, plain_stamp

        lines = plain_lines(scene.signer, scene.now, reason=request.reason, location=request.location)
        return plain_stamp(lines, width, height, image=image, soft_mask=soft_mask)

    return draw


class _Texts:
    """The text of the document, opened where somebody needs it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._opened: PageTexts | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._opened is not None:
            self._opened.close()

    def get(self) -> PageTexts:
        """Return it."""
        if self._opened is None:
            from gsign.appearance.placement.pages import PageTexts

            self._opened = PageTexts(self._scene.readable, self._scene.request.password)
        return self._opened

    def place(self, shows: str, drawing: Drawing, find: Callable[[PageTexts], Place]) -> Place | None:
        """Return the place that was given, else the one that is found; None where the field has one."""
        if self._scene.has_field:
            return None
        spot = self._scene.request.spots.get(shows)
        return find(self.get()) if spot is None else _place(spot, drawing.width, drawing.height)


def _place(spot: Spot | None, width: float, height: float) -> Place | None:
    if spot is None:
        return None
    page, x, y, *size = spot
    return Place(int(page), x, y, *(size or (width, height)))


# ---------------------------------------------------------------- persons


def _leader(scene: Scene, texts: _Texts) -> Iterator[Part]:
    from gsign.appearance.drawings import leader
    from gsign.appearance.placement.leader import find_leader

    image = scene.request.image
    drawing = _in_words(scene, *_SIGNATURE_SIZE) if image is None else leader(image)
    yield _part("leader", drawing, texts, lambda opened: find_leader(opened, scene.signer.name or "", drawing))


def _initials(scene: Scene, texts: _Texts) -> Iterator[Part]:
    from gsign.appearance.drawings import initials, initials_of
    from gsign.appearance.placement.initials import find_initials

    name = scene.signer.name or ""
    drawing = initials(scene.request.image or initials_of(name))
    yield _part("initials", drawing, texts, lambda opened: find_initials(opened, name, drawing))


def _part(shows: str, drawing: Drawing, texts: _Texts, find: Callable[[PageTexts], Place]) -> Part:
    return Part(shows, drawing.draw, texts.place(shows, drawing, find), warnings=drawing.warnings)


def _in_words(scene: Scene, width: float, height: float) -> Drawing:
    """Show in words who signs, where the image that the Decree asks for is not given."""
    from gsign.appearance.drawings import Drawing

    return Drawing(width, height, _plain_draw(scene), warnings=("image-missing",))


# ---------------------------------------------------------------- the agency


def _issue(scene: Scene, texts: _Texts) -> Iterator[Part]:
    yield from _number(scene, texts)
    yield from _date(scene, texts)
    yield _seal(scene, texts)


def _number(scene: Scene, texts: _Texts) -> Iterator[Part]:
    from gsign.appearance.drawings import number, padded_number
    from gsign.appearance.placement.header import find_number
    from gsign.appearance.placement.symbol import find_symbol, has_number_blank

    value = scene.request.number
    if value is None:
        # One who says nothing of the number has it printed, which can be seen where there is text.
        if has_number_blank(texts.get()):
            raise DecisionNeededError("number-needed", role=Role.ISSUE.value)
        return
    drawing = number(value)
    part = _part("number", drawing, texts, lambda opened: find_number(opened, drawing))
    yield part._replace(number=padded_number(value) + find_symbol(texts.get()))


def _date(scene: Scene, texts: _Texts) -> Iterator[Part]:
    from gsign.appearance.drawings import day, month, year
    from gsign.appearance.placement.header import date_font_size

    request = scene.request
    given = {name: spot for name, spot in request.spots.items() if name in _DATE_PARTS}
    # One who puts the number where no text tells its place says where the date is to stand, if anywhere.
    is_found = request.number is not None and "number" not in request.spots
    if not (given or request.date or is_found):
        return
    when = request.date or scene.now.date()
    size = None if given else date_font_size(texts.get())
    drawings = [make(when, size=size) for make in (day, month, year)]
    if given:
        places = [_place(given.get(name), d.width, d.height) for name, d in zip(_DATE_PARTS, drawings, strict=True)]
    else:
        places = _date_places(texts.get(), drawings, when, is_asked=request.date is not None)
    for name, drawing, place in zip(_DATE_PARTS, drawings, places, strict=False):
        if place is not None:
            yield Part(name, drawing.draw, place)


def _date_places(texts: PageTexts, drawings: list[Drawing], when: date, *, is_asked: bool) -> list[Place | None]:
    """Find the blanks of the date; a date that is printed already is left alone where nobody asked for another."""
    from gsign.appearance.placement.header import find_date

    try:
        return list(find_date(texts, *drawings, when=when))
    except UsageError as error:
        if is_asked or error.facts.get("cause") != "date-line-filled-in":
            raise
        return []


def _seal(scene: Scene, texts: _Texts) -> Part:
    from gsign.appearance.drawings import seal
    from gsign.appearance.placement.seal import find_seal

    image = scene.request.image
    drawing = _in_words(scene, *_SEAL_SIZE) if image is None else seal(image)
    return _part("seal", drawing, texts, lambda opened: find_seal(opened, _signed_place(scene, opened), drawing))


def _signed_place(scene: Scene, texts: PageTexts) -> Place:
    """Return where the competent person's signature stands, or would stand if it were visible."""
    from gsign.appearance.placement.leader import find_leader
    from gsign.appearance.placement.sizes import Extent

    person = scene.standing.follows
    assert person is not None  # noqa: S101 - nothing is issued without
    for number in _pages_of(scene.document, person.field or ""):
        for box in texts.page(number).signatures:
            if box.name == person.field:
                return box.place
    return find_leader(texts, person.signer.name or "", Extent(*_SIGNATURE_SIZE))


def _pages_of(document: Document, name: str) -> Iterator[int]:
    """Yield the pages, from 1, that a signature's widgets say they stand on; all where they say nothing."""
    named = set()
    for field in (found for found in document.fields() if found.name == name):
        kids = [kid for kid in document.array(field.dictionary.get("Kids"), "/Kids") if isinstance(kid, Ref)]
        named |= {document.dictionary(ref, "widget").get("P") for ref in kids or [field.ref]}
    pages = enumerate(document.pages(), 1)
    return (number for number, page in pages if page.ref in named or named == {None})


def _annex(scene: Scene, texts: _Texts) -> Iterator[Part]:
    from gsign.appearance.drawings import annex_mark, padded_symbol
    from gsign.appearance.placement.corner import find_corner

    symbol = scene.request.number or scene.standing.number
    if symbol is None:
        raise DecisionNeededError("number-needed", role=Role.ANNEX.value)
    drawing = annex_mark(symbol, scene.now)
    part = _part("annex", drawing, texts, lambda opened: find_corner(opened, drawing))
    yield part._replace(number=padded_symbol(symbol))


def _copy(scene: Scene, texts: _Texts) -> Iterator[Part]:
    from gsign.appearance.drawings import copy_mark
    from gsign.appearance.placement.corner import find_corner

    drawing = copy_mark(scene.request.copy_form, _agency(scene), scene.now)
    part = _part("copy", drawing, texts, lambda opened: find_corner(opened, drawing))
    yield part._replace(number=scene.request.number)


def _incoming(scene: Scene, texts: _Texts) -> Iterator[Part]:
    from gsign.appearance.drawings import incoming_stamp
    from gsign.appearance.placement.incoming import find_incoming

    request = scene.request
    if request.number is None:
        raise DecisionNeededError("number-needed", role=Role.INCOMING.value)
    drawing = incoming_stamp(_agency(scene), request.number, request.date or scene.now.date())
    part = _part("incoming", drawing, texts, lambda opened: find_incoming(opened, drawing))
    yield part._replace(number=request.number)


def _agency(scene: Scene) -> str:
    """Return the agency's name: of its own certificate the common name, since O is the body above it."""
    signer = scene.signer
    is_person = holder_of(signer) is Holder.PERSON
    return (signer.organisation if is_person else signer.name) or signer.name or signer.organisation or ""


_MAKERS: Final[dict[Role, Callable[[Scene, _Texts], Iterator[Part]]]] = {
    Role.INITIALS: _initials,
    Role.LEADER: _leader,
    Role.ISSUE: _issue,
    Role.ANNEX: _annex,
    Role.COPY: _copy,
    Role.INCOMING: _incoming,
}
