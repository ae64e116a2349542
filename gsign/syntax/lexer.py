"""Objects read from bytes (ISO 32000-2 clauses 7.2 and 7.3), strictly: what is not well-formed is an error.

Strict on purpose: readers that repair what they find disagree with each other on what they show, and a signature must
not depend on whose repair is looked at. Callers that want to help with odd files hand them to a tolerant library.

Much of a verification's time goes by here: a token is one match, white space before it included, and arrays and
dictionaries are kept on a list of what is open, not on the interpreter's stack.
"""

from __future__ import annotations

import re
from binascii import unhexlify
from itertools import repeat
from typing import Any, Final

from gsign.syntax.objects import Name, Real, Ref
from gsign.syntax.pattern import lazily

__all__ = ["MAX_DEPTH", "WHITE", "Lexer", "PdfSyntaxError", "Truncated"]

MAX_DEPTH: Final = 100
MAX_DIGITS: Final = 40
MAX_VALUES: Final = 1 << 18
"""Steps that one object may take, such as values in it and escapes in its strings."""

WHITE: Final = b"\x00\t\n\x0c\r "
_SPACES: Final = frozenset(WHITE + b"%")
_SPACE: Final = lazily(rb"(?:[\x00\t\n\x0c\r ]++|%[^\r\n]*+)*+")
# One group for each kind of token, the frequent ones first; a reference has two. A name comes with what follows it.
_TOKEN: Final = re.compile(
    rb"[\x00\t\n\x0c\r ]*+(?:/([^\x00\t\n\x0c\r ()<>\[\]{}/%]*+)[\x00\t\n\x0c\r ]*+|)(?:"
    rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%]*+)"
    rb"|(\d{1,10}+)[\x00\t\n\x0c\r ]++(\d{1,5}+)[\x00\t\n\x0c\r ]++R(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|$)"
    rb"|([+-]?\d++)(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|$)"
    rb"|(>>|\])"
    rb"|(<<|\[)"
    rb"|\(([^()\\\r]*+)\)"
    rb"|([+-]?(?:\d++\.\d*+|\.\d++))(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|$)"
    rb"|([a-zA-Z]++)"
    rb"|([<(]))"
)
_KEY, _NAME, _NUMBER, _GENERATION, _INTEGER, _CLOSE, _OPEN, _TEXT, _REAL, _WORD = range(1, 11)
# Arrays of nothing but references, as page trees and forms have them by the hundred, or of nothing but whole numbers.
_ALIKE: Final = lazily(
    rb"(?:[\t\n\x0c\r ]*+\d{1,10}[\t\n\x0c\r ]+\d{1,5}[\t\n\x0c\r ]+R(?=[\t\n\x0c\r \]]))++"
    rb"[\t\n\x0c\r ]*(\])"
    rb"|(?:[\t\n\x0c\r ]*+[+-]?\d{1,10}+(?=[\t\n\x0c\r \]]))++[\t\n\x0c\r ]*\]"
)
_WORDS: Final[dict[bytes, object]] = {b"true": True, b"false": False, b"null": None}
# One that stands for itself is read by some as the beginning of an escape.
_STRAY_HASH: Final = lazily(rb"#(?![0-9A-Fa-f]{2})|#00|#23")
# PDFium takes two more characters for white space, and so would read a reference here.
_REFERENCE_IN_NAME: Final = lazily(rb"[\x80\xff]+[\d.+-]+[\x80\xff]+[\d.+-]+[\x80\xff]+R(?:[\x80\xff]|\Z)")
_HEX_IN_NAME: Final = lazily(rb"#([0-9A-Fa-f]{2})")
_HEX_WITH_SPACE: Final = lazily(rb"[0-9A-Fa-f\x00\t\n\x0c\r ]*+")
_STRING_END: Final = lazily(rb"[()\\\r]")
_OCTAL: Final = lazily(rb"[0-7]{1,3}")
_ESCAPES: Final = {0x6E: 10, 0x72: 13, 0x74: 9, 0x62: 8, 0x66: 12, 0x28: 0x28, 0x29: 0x29, 0x5C: 0x5C}
# Tokens that the end of a window may have cut short look complete to the pattern.
_MARGIN: Final = 32

# Names read before: a document has few of them, each many times. `_keys` has them as dictionaries' keys.
_MAX_NAMES: Final = 4096
_MAX_KEPT: Final = 64
_names: dict[bytes, Name] = {}
_keys: dict[object, str] = {}
_spelled = _keys.__getitem__


class PdfSyntaxError(ValueError):
    """The bytes are no well-formed PDF at `offset`; `reason` says which rule they break."""

    def __init__(self, reason: str, offset: int = -1) -> None:
        super().__init__(f"{reason} at {offset}" if offset >= 0 else reason)
        self.reason = reason
        self.offset = offset


class Truncated(PdfSyntaxError):  # noqa: N818 - an answer ("more bytes, please") rather than a fault
    """The buffer ends before the object does."""


class Lexer:
    """Read objects one after another from `buffer`.

    Args:
        buffer: part of a file.
        position: where to begin in it.
        base: offset of the buffer in the file, for messages.
        final: whether the file ends where the buffer does.
        plain: refuse names and strings that readers are known to read differently.
    """

    __slots__ = ("base", "buffer", "final", "plain", "position", "values")

    def __init__(
        self, buffer: bytes, position: int = 0, *, base: int = 0, final: bool = True, plain: bool = False
    ) -> None:
        self.buffer = buffer
        self.position = position
        self.base = base
        self.final = final
        self.plain = plain
        self.values = 0

    def fail(self, reason: str) -> PdfSyntaxError:
        """Make the error for the present position: truncated where more bytes could mend it."""
        if not self.final and self.position + _MARGIN >= len(self.buffer):
            return Truncated(reason, self.base + self.position)
        return PdfSyntaxError(reason, self.base + self.position)

    def skip_space(self) -> None:
        """Pass white space and comments."""
        if self.position >= len(self.buffer) or self.buffer[self.position] not in _SPACES:
            return
        match = _SPACE.match(self.buffer, self.position)
        if match is not None:  # it always does: nothing is space enough
            self.position = match.end()

    def keyword(self, word: bytes) -> None:
        """Pass one keyword, after white space."""
        self.skip_space()
        if not self.buffer.startswith(word, self.position):
            raise self.fail(f"{word.decode()} expected")
        self.position += len(word)

    def has_keyword(self, word: bytes) -> bool:
        """Say whether `word` comes next, after white space; pass nothing but that space."""
        self.skip_space()
        return self.buffer.startswith(word, self.position)

    def integer(self) -> int:
        """Read one integer."""
        value = self.value()
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.fail("integer expected")
        return value

    def value(self) -> Any:  # noqa: C901, PLR0912, PLR0915 - one loop over tokens: calls would cost as much as the rest
        """Read one object; a stream's data is not read here.

        Raises:
            PdfSyntaxError: not well-formed, or nested too deep.
            Truncated: the buffer ends too early.
        """
        buffer, next_token, at = self.buffer, _TOKEN.match, self.position
        names = {} if self.plain else _names
        end = len(buffer) + (1 if self.final else -_MARGIN)
        outer: list[tuple[list[Any], bytes]] = []
        items: list[Any] = []
        closing = b""
        left = MAX_VALUES - self.values
        value: Any
        while True:
            match = next_token(buffer, at) or self._behind_comment(at)
            at = match.end()
            if at >= end:
                raise Truncated("object cut short", self.base + at)
            left -= 1
            if left < 0:
                raise PdfSyntaxError("object too large", self.base + at)
            kind: Any = match.lastindex
            raw, key = match[kind], match[_KEY]
            if key is not None:
                value = names.get(key) or self._name(key, match.end(_KEY))
                if not outer:
                    self.position = match.end(_KEY)
                    self.values = MAX_VALUES - left
                    return value
                items.append(value)
            if kind == _NAME:
                value = names.get(raw) or self._name(raw, at)
            elif kind == _GENERATION:
                value = _reference(Ref, (int(match[_NUMBER]), int(raw)))
            elif kind == _OPEN:
                if raw == b"[" and (alike := _ALIKE.match(buffer, at)):
                    at = alike.end()
                    value = _references_in(alike.group()) if alike[1] else _integers_in(alike.group())
                    left -= len(value)
                else:
                    if len(outer) >= MAX_DEPTH:
                        raise PdfSyntaxError("nested too deep", self.base + at)
                    outer.append((items, closing))
                    items, closing = [], b">>" if raw == b"<<" else b"]"
                    continue
            elif kind == _CLOSE and raw == closing:
                value = items if closing == b"]" else self._dictionary(items, at)
                items, closing = outer.pop()
            elif kind == _INTEGER and len(raw) <= MAX_DIGITS:
                value = int(raw)
            elif kind == _TEXT:
                value = raw
            else:
                self.position = at
                value = self._rarer(kind, raw, match.start(kind))
                at = self.position
            if not outer:
                self.position = at
                self.values = MAX_VALUES - left
                return value
            items.append(value)

    def _behind_comment(self, at: int) -> re.Match[bytes]:
        """Find the next token where there is none but behind a comment."""
        self.position = at
        self.skip_space()
        match = _TOKEN.match(self.buffer, self.position)
        if match is None:
            raise self.fail("object expected")
        return match

    def _rarer(self, kind: int, raw: bytes, at: int) -> Any:
        """Read a number, a string or a word that begins at `at`."""
        if kind == _REAL and len(raw) <= MAX_DIGITS:
            return Real(raw)
        if kind in (_INTEGER, _REAL):
            raise PdfSyntaxError("number too long", self.base + self.position)
        if kind == _WORD and raw in _WORDS:
            return _WORDS[raw]
        if raw == b"<":
            return self._hex_string()
        if raw == b"(":
            return self._literal_string()
        self.position = at
        raise self.fail("object expected")

    def _name(self, raw: bytes, at: int) -> Name:
        if self.plain and _STRAY_HASH.search(raw):
            raise PdfSyntaxError("number sign in a name", self.base + at)
        if not raw.isascii() and _REFERENCE_IN_NAME.search(raw):
            raise PdfSyntaxError("reference in a name", self.base + at)
        spelled = raw if b"#" not in raw else _HEX_IN_NAME.sub(lambda m: bytes((int(m[1], 16),)), raw)
        name = Name(spelled.decode("latin-1"))
        if len(raw) <= _MAX_KEPT:
            if len(_names) >= _MAX_NAMES:
                _names.clear()
                _keys.clear()
            _names[raw] = name
            _keys[name] = str(name)
        return name

    def _hex_string(self) -> bytes:
        start = self.position
        end = self.buffer.find(b">", start)
        if end < 0:
            self.position = len(self.buffer)
            raise self.fail("string without end")
        raw = self.buffer[start:end]
        self.position = end + 1
        try:
            return unhexlify(raw)
        except ValueError:  # not an even number of digits and nothing else
            pass
        if _HEX_WITH_SPACE.fullmatch(raw) is None:
            raise self.fail("object expected")
        digits = raw.translate(None, WHITE)
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))

    def _dictionary(self, items: list[Any], at: int) -> dict[str, Any]:
        """Make a dictionary of keys and values that stand one after the other."""
        count = len(items)
        if count & 1:
            self.position = at
            raise self.fail("object expected")
        try:
            entries = dict(zip(map(_spelled, items[::2]), items[1::2]))  # noqa: B905 - as many of both
        except (KeyError, TypeError):
            keys = items[::2]
            if not all(isinstance(key, Name) for key in keys):
                self.position = at
                raise self.fail("name expected") from None
            entries = dict(zip(map(str, keys), items[1::2], strict=True))
        if 2 * len(entries) != count:
            # Readers differ on which of two equal keys counts.
            raise PdfSyntaxError("key twice in a dictionary", self.base + at)
        return entries

    def _literal_string(self) -> bytes:
        out = bytearray()
        nesting = 1
        position = self.position
        steps = 0
        while True:
            steps += 1
            if steps > MAX_VALUES:
                raise PdfSyntaxError("object too large", self.base + position)
            match = _STRING_END.search(self.buffer, position)
            if match is None or (match.end() == len(self.buffer) and match.group() != b")"):
                self.position = len(self.buffer)
                raise self.fail("string without end")
            out += self.buffer[position : match.start()]
            position = match.end()
            mark = match.group()
            if mark == b"\\":
                position = self._escape(position, out)
            elif mark == b"\r":  # any end of line reads as a line feed
                if self.plain:
                    raise PdfSyntaxError("carriage return in a string", self.base + position)
                position += self.buffer.startswith(b"\n", position)
                out.append(10)
            else:
                nesting += 1 if mark == b"(" else -1
                if not nesting:
                    self.position = position
                    return bytes(out)
                out += mark

    def _escape(self, position: int, out: bytearray) -> int:
        code = self.buffer[position]
        octal = _OCTAL.match(self.buffer, position)
        if self.plain and (code in b"\r\n" or (octal is not None and int(octal.group(), 8) > 0xFF)):
            raise PdfSyntaxError("odd escape in a string", self.base + position)
        if octal is not None:
            out.append(int(octal.group(), 8) & 0xFF)
            return octal.end()
        if code == 13:
            return position + (2 if self.buffer.startswith(b"\n", position + 1) else 1)
        if code != 10:
            out.append(_ESCAPES.get(code, code))
        return position + 1


def _references_in(array: bytes) -> list[Ref]:
    """Read an array that holds nothing but references, its closing bracket included."""
    numbers = list(map(int, array[:-1].replace(b"R", b" ").split()))
    return list(map(_reference, repeat(Ref), zip(numbers[::2], numbers[1::2], strict=True)))


def _integers_in(array: bytes) -> list[int]:
    """Read an array that holds nothing but whole numbers, its closing bracket included."""
    return list(map(int, array[:-1].split()))


_reference = tuple.__new__
