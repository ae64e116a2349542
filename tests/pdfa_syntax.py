"""The byte-level clauses of ISO 19005-2 (6.1): what a signing revision writes has to keep them too.

The file is read from its beginning to its end by a scanner of its own, so that no parser's leniency hides a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """A clause of ISO 19005-2:2011 and what offends against it."""

    clause: str
    what: str

    def __str__(self) -> str:
        return f"{self.clause}: {self.what}"


_HEADER = re.compile(rb"%PDF-1\.[0-7](\r\n|\r|\n)%[\x80-\xff]{4}[^\r\n]*(\r\n|\r|\n)")
_TOKEN = re.compile(
    rb"(?P<space>[\0\t\n\f\r ]+)|(?P<comment>%[^\r\n]*)|(?P<open><<)|(?P<close>>>)|(?P<hex><[^>]*>)"
    rb"|(?P<name>/[^\0\t\n\f\r ()<>\[\]{}/%]*)|(?P<array>[\[\]])|(?P<string>\()|(?P<word>[^\0\t\n\f\r ()<>\[\]{}/%]+)"
)
_OBJECT = re.compile(rb"(\d+)([\0\t\n\f\r ]+)(\d+)([\0\t\n\f\r ]+)obj")
_SUBSECTION = re.compile(rb"(\d+) (\d+)( ?(?:\r\n|\r|\n))")
_EOL = (b"\r", b"\n")


def syntax_violations(data: bytes) -> list[Violation]:
    """Return every offence against 6.1.2 to 6.1.9 and the limits of 6.1.13 that the bytes show."""
    return list(_Scanner(data).scan())


class _Scanner:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def scan(self) -> Iterator[Violation]:
        header = _HEADER.match(self.data)
        if not header:
            yield Violation("6.1.2", "no %PDF-1.n at the first byte with a binary comment after it")
        self.place = header.end() if header else 0
        yield from self._end_of_file()
        while self._skip_space():
            found = _OBJECT.match(self.data, self.place)
            if found:
                yield from self._object(found)
            elif self.data.startswith(b"xref", self.place):
                yield from self._table()
            elif not self._word():
                yield Violation("6.1", f"something that is no object at byte {self.place}")
                return

    def _end_of_file(self) -> Iterator[Violation]:
        end = self.data.rfind(b"%%EOF")
        if end < 0 or self.data[end + 5 :] not in (b"", b"\n", b"\r", b"\r\n"):
            yield Violation("6.1.3", "data after the last %%EOF")

    def _skip_space(self) -> bool:
        while found := _TOKEN.match(self.data, self.place):
            if found.lastgroup not in ("space", "comment"):
                return True
            self.place = found.end()
        return self.place < len(self.data)

    def _word(self) -> bool:
        """Step over trailer, startxref, numbers and dictionaries between the objects."""
        found = _TOKEN.match(self.data, self.place)
        if not found:
            return False
        self.place = self._string_end() if found.lastgroup == "string" else found.end()
        return True

    def _object(self, found: re.Match[bytes]) -> Iterator[Violation]:
        number = found[1].decode()
        yield from self._start_of_object(number, found)
        self.place = found.end()
        length: bytes | None = None
        depth, key, words = 0, b"", [b"", b"", b""]
        while token := _TOKEN.match(self.data, self.place):
            kind, text = token.lastgroup, token.group()
            if kind == "string":
                end = self._string_end()
                yield from self._limits(number, "string", self.data[self.place : end])
                self.place = end
                continue
            self.place = token.end()
            depth += {"open": 1, "close": -1}.get(kind or "", 0)
            if kind == "name":
                key = text
            elif kind == "word" and depth == 1 and key == b"/Length" and length is None:
                length = text
            yield from self._limits(number, kind or "", text)
            words = [*words[1:], text] if kind == "word" else words
            if text == b"R" and key == b"/Length" and length is not None:
                length = self._resolve(words[0])
            if text == b"stream":
                yield from self._stream(number, length)
            elif text == b"endobj":
                yield from self._end_of_object(number, token)
                return

    def _start_of_object(self, number: str, found: re.Match[bytes]) -> Iterator[Violation]:
        if not self.data[: found.start()].endswith(_EOL) or found[2] != b" " or found[4] != b" ":
            yield Violation("6.1.9", f"object {number}: spacing of the object's first line")
        if self.data[found.end() : found.end() + 1] not in _EOL:
            yield Violation("6.1.9", f"object {number}: no end of line after obj")

    def _end_of_object(self, number: str, token: re.Match[bytes]) -> Iterator[Violation]:
        after = self.data[token.end() : token.end() + 1]
        if not self.data[: token.start()].endswith(_EOL) or after not in _EOL:
            yield Violation("6.1.9", f"object {number}: no end of line before or after endobj")

    def _resolve(self, number: bytes) -> bytes | None:
        found = re.search(rb"(?:^|[\r\n])%s 0 obj\s+(\d+)\s" % number, self.data)
        return found[1] if found else None

    def _stream(self, number: str, length: bytes | None) -> Iterator[Violation]:
        if self.data.startswith(b"\r\n", self.place):
            begin = self.place + 2
        elif self.data.startswith(b"\n", self.place):
            begin = self.place + 1
        else:
            begin = self.place
            yield Violation("6.1.7.1", f"object {number}: stream is not followed by CR LF or LF")
        if length is None or not length.isdigit():
            yield Violation("6.1.7.1", f"object {number}: a stream without Length")
            self.place = self.data.find(b"endstream", begin)
            return
        end = begin + int(length)
        tail = self.data[end : end + 11]
        if not re.match(rb"(\r\n|\r|\n)endstream", tail):
            yield Violation(
                "6.1.7.1", f"object {number}: Length is not the number of bytes before the EOL of endstream"
            )
            end = max(self.data.find(b"endstream", begin), begin)
        self.place = end

    def _string_end(self) -> int:
        depth, place = 0, self.place
        while place < len(self.data):
            byte = self.data[place : place + 1]
            if byte == b"\\":
                place += 1
            depth += {b"(": 1, b")": -1}.get(byte, 0)
            place += 1
            if depth == 0:
                return place
        return place

    def _limits(self, number: str, kind: str, text: bytes) -> Iterator[Violation]:
        if kind == "hex":
            digits = re.sub(rb"[\0\t\n\f\r ]", b"", text[1:-1])
            if len(digits) % 2 or re.search(rb"[^0-9A-Fa-f]", digits):
                yield Violation("6.1.6", f"object {number}: hexadecimal string of odd length or with other characters")
            if len(digits) // 2 > 32767:
                yield Violation("6.1.13", f"object {number}: a string of {len(digits) // 2} bytes (32767 at most)")
        elif kind == "string" and len(text) - 2 > 32767:
            yield Violation("6.1.13", f"object {number}: a string longer than 32767 bytes")
        elif kind == "name" and len(re.sub(rb"#..", b"x", text)) - 1 > 127:
            yield Violation("6.1.13", f"object {number}: a name longer than 127 bytes")
        elif kind == "word" and re.fullmatch(rb"[+-]?\d+", text) and abs(int(text)) > 2147483648:
            yield Violation("6.1.13", f"object {number}: integer {text.decode()} is out of range")

    def _table(self) -> Iterator[Violation]:
        place = self.place + 4
        eol = re.match(rb"\r\n|\r|\n", self.data[place : place + 2])
        if not eol or not re.match(rb"\d", self.data[place + len(eol[0]) : place + len(eol[0]) + 1]):
            yield Violation("6.1.4", "xref and the subsection header are not separated by a single end of line")
            self.place = place
            return
        place += len(eol[0])
        while header := _SUBSECTION.match(self.data, place):
            place = header.end()
            for _ in range(int(header[2])):
                if not re.fullmatch(rb"\d{10} \d{5} [nf](?: \r| \n|\r\n)", self.data[place : place + 20]):
                    yield Violation("6.1.4", f"a cross-reference entry at byte {place} is not of the form asked for")
                    self.place = place + 1
                    return
                place += 20
        self.place = place
