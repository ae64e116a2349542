"""A value with parameters, as in Content-Type and Content-Disposition (RFC 2045 clause 5.1, RFC 2231)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from gsign.mime.notes import Note
from gsign.mime.words import decode_words, to_text

__all__ = ["Value", "read_value"]

_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)("?)', re.DOTALL)
_BARE: Final = re.compile(r'[^;"\s]*')
# A field of which there is nothing to say, as nearly all are: no blanks but between parameters, no comments, each
# value in its quotation marks or in need of none, nothing encoded as RFC 2231 has it.
_PARAMETER: Final = re.compile(r""";[ \t]*([A-Za-z0-9_.+-]+)=(?![ \t])(?:"([^"\\(]*)"|([^\s;"()<>,\\\[\]]*))[ \t]*""")
_FLAWLESS: Final = re.compile(rf"""([!#-'*+.-:<-~-]+)(?:{_PARAMETER.pattern}){{0,50}};?[ \t]*""")
_TOKEN: Final = re.compile(r"[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+")
_SHORT: Final = 200
"""Characters of a field that is remembered."""
# Of the tspecials (RFC 2045 clause 5.1), those that a reader may end a value at, or begin something else.
_SPECIALS: Final = frozenset('()<>,\\"[]')
_MAX_PARAMETERS: Final = 200
_MAX_SEGMENTS: Final = 1_000
_NAMES: Final = ("name", "filename")
_BLANK: Final = " \t\r\n"
"""White space of mail (RFC 5322 clause 2.2); to Python there is more, which other readers take for part of a word."""


class Value(NamedTuple):
    """What a field says.

    Args:
        value: what stands before the first semicolon, in lower case, without white space.
        parameters: by name in lower case, decoded (RFC 2231, RFC 2047).
        readings: every value that a reader may take for a parameter, where there is more than one.
        notes: what is odd.
    """

    value: str
    parameters: Mapping[str, str]
    readings: Mapping[str, tuple[str, ...]]
    notes: tuple[Note, ...]


def read_value(text: str, field: str) -> Value:
    """Read the value of the field called `field`, unfolded."""
    # Most programs write one thing only.
    return _read_once(text, field) if len(text) <= _SHORT else _read(text, field)


def _read(text: str, field: str) -> Value:
    flawless = _FLAWLESS.fullmatch(text)
    return (flawless and _read_flawless(text, flawless)) or _read_any(text, field)


_read_once: Final = lru_cache(1 << 10)(_read)


def _read_flawless(text: str, found: re.Match[str]) -> Value | None:
    """Read a field of which there is nothing to say; None where a parameter is there twice."""
    parameters: dict[str, str] = {}
    for count, (written, quoted, bare) in enumerate(_PARAMETER.findall(text, found.end(1))):
        name = written.lower()
        parameters[name] = decode_words(quoted or bare) if name in _NAMES else quoted or bare
        if len(parameters) == count:
            return None
    readings = {name: (value,) for name, value in parameters.items()}
    return Value(found[1].lower(), MappingProxyType(parameters), MappingProxyType(readings), ())


def _read_any(text: str, field: str) -> Value:
    plain, notes = _without_comments(text, field)
    head, _, rest = plain.partition(";")
    written = head.strip(_BLANK)
    if not written or any(c.isspace() or c in '"(),' for c in written):
        notes.append(Note("field-malformed", field))
    pairs = _pairs(rest, field, notes)
    parameters, readings = _merge(pairs, notes)
    value = "".join(written.split()).strip('"').lower()
    return Value(value, MappingProxyType(parameters), MappingProxyType(readings), tuple(dict.fromkeys(notes)))


def _without_comments(text: str, field: str) -> tuple[str, list[Note]]:
    """Drop comments outside of quoted strings (RFC 822 clause 3.4.3); readers often do not."""
    if "(" not in text:
        return text, []
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for c in text:
        if not depth and (c != "(" or quoted):
            kept.append(c)
        quoted ^= c == '"' and not escaped and not depth
        if not quoted and not escaped:
            depth = max(0, depth + (c == "(") - (c == ")"))
        escaped = c == "\\" and not escaped
    plain = "".join(kept)
    return (plain, [Note("comment", field)]) if plain != text else (text, [])


def _pairs(rest: str, field: str, notes: list[Note]) -> list[tuple[str, str]]:
    """Cut `; name=value` into names in lower case and values without quotes."""
    pairs: list[tuple[str, str]] = []
    at = 0
    while at < len(rest) and len(pairs) < _MAX_PARAMETERS:
        semicolon = rest.find(";", at)
        equals = rest.find("=", at)
        if equals < 0 or 0 <= semicolon < equals:
            stop = len(rest) if semicolon < 0 else semicolon
            if rest[at:stop].strip(_BLANK):
                notes.append(Note("parameter-malformed", field))
            at = stop + 1
            continue
        name = rest[at:equals]
        value, at = _one_value(rest, equals + 1, notes)
        word = name.lstrip(_BLANK)
        pairs.append((word.strip().lower(), value))
        if not _TOKEN.fullmatch(word):
            notes.append(Note("parameter-malformed", field))
        semicolon = rest.find(";", at)
        stop = len(rest) if semicolon < 0 else semicolon
        if rest[at:stop].strip(_BLANK):
            notes.append(Note("parameter-malformed", field))
        at = stop + 1
    if at < len(rest):
        notes.append(Note("too-many-fields"))
    return pairs


def _one_value(rest: str, at: int, notes: list[Note]) -> tuple[str, int]:
    begin = at
    while at < len(rest) and rest[at] in _BLANK:
        at += 1
    if at != begin:
        notes.append(Note("parameter-malformed"))
    quoted = _QUOTED.match(rest, at)
    if quoted:
        if not quoted[2]:
            notes.append(Note("parameter-malformed"))
        return re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL), quoted.end()
    bare = _BARE.match(rest, at)
    value = bare[0] if bare else ""
    if _SPECIALS.intersection(value):
        notes.append(Note("parameter-unquoted"))
    return value, at + len(value)


def _merge(pairs: list[tuple[str, str]], notes: list[Note]) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Put continuations together and decode; keep each reading where a name has several."""
    found: dict[str, list[str]] = {}
    segments: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, value in pairs:
        base, star, section = name.partition("*")
        if not star:
            # Against RFC 2047 clause 5, but names of files are often written so; a boundary never is.
            found.setdefault(name, []).append(decode_words(value) if name in _NAMES else value)
        elif not section:
            found.setdefault(base, []).insert(0, _extended(value, notes))
        else:
            _keep_segment(segments.setdefault(base, {}), section, value, notes)
    for base, sections in segments.items():
        joined = _joined(sections, notes)
        # JavaMail cuts encoded words into pieces.
        found.setdefault(base, []).insert(0, decode_words(joined) if base in _NAMES else joined)
    plain = [name for name, _ in pairs]
    notes += [Note("parameter-repeated", name) for name in dict.fromkeys(plain) if plain.count(name) > 1]
    readings = {name: tuple(dict.fromkeys(values)) for name, values in found.items()}
    if "boundary" in segments or any(name == "boundary*" for name, _ in pairs):
        # RFC 2231 has it, but not every reader.
        notes.append(Note("boundary-odd"))
    # Which name a file has is judged by whoever reads names; of anything else there is one value only.
    notes += [Note("parameter-repeated", name) for name in readings if name not in _NAMES and len(readings[name]) > 1]
    return {name: values[0] for name, values in readings.items()}, readings


def _keep_segment(sections: dict[int, tuple[str, bool]], section: str, value: str, notes: list[Note]) -> None:
    number = section.removesuffix("*")
    # Digits of other scripts are digits to Python, but not to RFC 2231; neither are leading zeros.
    if not (number.isascii() and number.isdigit()) or str(int(number[:9])) != number or int(number) in sections:
        notes.append(Note("parameter-continuation"))
        return
    sections[int(number)] = (value, section.endswith("*"))


def _joined(sections: dict[int, tuple[str, bool]], notes: list[Note]) -> str:
    if sorted(sections) != list(range(len(sections))) or len(sections) > _MAX_SEGMENTS:
        notes.append(Note("parameter-continuation"))
    charset, octets = "utf-8", b""
    for index, (_, (written, extended)) in enumerate(sorted(sections.items())[:_MAX_SEGMENTS]):
        value = written
        if extended and index == 0:
            charset, value = _charset(written, notes)
        octets += unquote_to_bytes(value) if extended else value.encode("utf-8", "surrogateescape")
    return _text(octets, charset, notes)


def _extended(value: str, notes: list[Note]) -> str:
    charset, rest = _charset(value, notes)
    return _text(unquote_to_bytes(rest), charset, notes)


def _charset(value: str, notes: list[Note]) -> tuple[str, str]:
    if value.count("'") < 2:
        notes.append(Note("parameter-charset"))
        return "utf-8", value
    charset, _, rest = value.split("'", 2)
    return charset or "us-ascii", rest


def _text(octets: bytes, charset: str, notes: list[Note]) -> str:
    text = to_text(octets, charset)
    if "\N{REPLACEMENT CHARACTER}" in text:
        notes.append(Note("parameter-charset"))
    return text
