"""Each thing that a signature shows, ready to be placed: how large it is, how it is drawn, what is off with its image.

What stays the same between documents (subsets, images, whole forms) is prepared once.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import NamedTuple, Protocol

from gsign.appearance.image_drawing import ImageSize, image_form, image_size, image_warnings
from gsign.appearance.incoming import INCOMING_BOX, incoming_form
from gsign.appearance.roles import COPY_FORMS, Shown
from gsign.appearance.text_drawing import text_form, text_size
from gsign.result import VIETNAM
from gsign.syntax.objects import Stream

__all__ = [
    "Draw",
    "Drawing",
    "annex_mark",
    "copy_mark",
    "day",
    "incoming_stamp",
    "initials",
    "initials_of",
    "leader",
    "month",
    "number",
    "seal",
    "year",
]


class Draw(Protocol):
    """Draw into a box of this size in points; `soft_mask` says whether partial transparency may be used."""

    def __call__(self, width: float, height: float, *, soft_mask: bool = True) -> Stream:
        """Return the form of a widget's appearance."""
        ...


class Drawing(NamedTuple):
    """Something to be shown.

    Texts, seals and the incoming stamp keep their size and are centred in a larger box; a smaller one is refused.
    Images of a leader's signature and of initials fill whatever box they are given, in their proportions.
    """

    width: float
    """Of the smallest box that shows it at its size, in points as shown."""
    height: float
    draw: Draw
    baseline: float = 0.0
    """Height of the (last) line's baseline above the box's lower edge, in points; 0 for images."""
    warnings: tuple[str, ...] = ()
    """What is off with the image; sentences are looked up as those of other warnings."""


def leader(png: bytes) -> Drawing:
    """Show the image of the competent person's handwritten signature.

    Args:
        png: content of a PNG file: blue lines on a transparent background.

    Raises:
        InputError: `image-not-png`, `image-damaged`, `image-too-large`.
    """
    return _image(Shown.LEADER, png, image_size(Shown.LEADER, png))


def seal(png: bytes) -> Drawing:
    """Show the image of the agency's seal in its real size.

    The size is that of its lines, by the file's resolution where that gives a diameter a seal can have, else 36 mm.

    Args:
        png: content of a PNG file: red lines on a transparent background.

    Raises:
        InputError: as `leader`.
    """
    return _image(Shown.SEAL, png, image_size(Shown.SEAL, png))


def initials(shown: bytes | str) -> Drawing:
    """Show the mark of a drafter or deputy.

    Args:
        shown: content of a PNG file, or the letters.

    Raises:
        InputError: as `leader`.
        UsageError: `appearance-character-missing`.
    """
    if isinstance(shown, str):
        return _text(Shown.INITIALS, (shown,))
    return _image(Shown.INITIALS, shown, image_size(Shown.INITIALS, shown))


def initials_of(name: str) -> str:
    """Return the first letter of each word of a name."""
    return "".join(word[0] for word in name.split()).upper()


def number(value: str | int) -> Drawing:
    """Show the number of a document; one digit gets a leading 0 (Decree 30/2020, Appendix I, part I, II.3).

    Raises:
        UsageError: `appearance-character-missing`.
    """
    return _text(Shown.NUMBER, (padded_number(str(value)),))


def day(value: date, *, size: float | None = None) -> Drawing:
    """Show the day of issue; below 10 with a leading 0 (Decree 30/2020, Appendix I, part I, II.4).

    Args:
        value: the date.
        size: font size of the printed words around it; 13 to 14 are allowed, 14 is taken where it is not known.
    """
    return _text(Shown.DAY, (f"{value.day:02}",), size)


def month(value: date, *, size: float | None = None) -> Drawing:
    """Show the month of issue; January and February with a leading 0. See `day`."""
    return _text(Shown.MONTH, (padded_month(value),), size)


def year(value: date, *, size: float | None = None) -> Drawing:
    """Show the year of issue, where it is blank too. See `day`."""
    return _text(Shown.YEAR, (str(value.year),), size)


def annex_mark(symbol: str, moment: datetime) -> Drawing:
    """Show what stands on an annex in a file of its own: number and symbol of the document, and the time of signing.

    Args:
        symbol: number and symbol, such as `286/QĐ-UBND`.
        moment: aware; shown in the Vietnamese zone (ISO 8601).

    Raises:
        UsageError: `appearance-character-missing`.
    """
    return _text(Shown.ANNEX, (padded_symbol(symbol), written_time(moment)))


def copy_mark(form: str, agency: str, moment: datetime) -> Drawing:
    """Show what stands on an electronic copy: its form, the agency that copied, and the time of signing.

    Args:
        form: `sao-y`, `sao-luc` or `trich-sao`.
        agency: its name.
        moment: as for `annex_mark`.

    Raises:
        UsageError: `appearance-character-missing`.
    """
    return _text(Shown.COPY, (COPY_FORMS[form], agency, written_time(moment)))


def incoming_stamp(
    agency: str, number: str | int, received: date, *, forwarded: str = "", file_code: str = ""
) -> Drawing:
    """Show the stamp on what arrives.

    Args:
        agency: that received the document.
        number: in the register of incoming documents.
        received: when.
        forwarded: to whom; blank to be filled in later.
        file_code: number and symbol of the file that the document belongs to; blank likewise.

    Raises:
        UsageError: `appearance-too-small` where a text is too long for the stamp, `appearance-character-missing`.
    """
    values = (str(number), f"{received.day:02}/{padded_month(received)}/{received.year}", forwarded, file_code)
    incoming_form(agency, values, *INCOMING_BOX)  # what is too long is refused before anybody types a PIN
    return Drawing(*INCOMING_BOX, partial(_draw_incoming, agency, values))


def padded_number(value: str) -> str:
    """Write one digit with a leading 0; other numbers as they are."""
    value = value.strip()
    return value.zfill(2) if value.isdecimal() else value


def padded_month(value: date) -> str:
    """Write January and February with a leading 0, no other."""
    return f"{value.month:02}" if value.month <= 2 else str(value.month)


def padded_symbol(symbol: str) -> str:
    """Write the number before the symbol as `padded_number` does."""
    value, slash, rest = symbol.partition("/")
    return padded_number(value) + slash + rest


def written_time(moment: datetime) -> str:
    """Write a time in the Vietnamese zone as ISO 8601, to the second."""
    return moment.astimezone(VIETNAM).isoformat(timespec="seconds")


def _text(shown: Shown, parts: tuple[str, ...], size: float | None = None) -> Drawing:
    box = text_size(shown, parts, size)
    return Drawing(box.width, box.height, partial(_draw_text, shown, parts, size), box.baseline)


def _draw_text(
    shown: Shown,
    parts: tuple[str, ...],
    size: float | None,
    width: float,
    height: float,
    *,
    soft_mask: bool = True,  # noqa: ARG001 - text is never partly transparent
) -> Stream:
    return text_form(shown, parts, size, width, height)


def _draw_incoming(
    agency: str,
    values: tuple[str, ...],
    width: float,
    height: float,
    *,
    soft_mask: bool = True,  # noqa: ARG001 - nor are lines
) -> Stream:
    return incoming_form(agency, values, width, height)


def _image(shown: Shown, png: bytes, size: ImageSize) -> Drawing:
    draw = partial(image_form, shown, png, size)
    return Drawing(*size.box, draw, warnings=image_warnings(shown, png, size))
