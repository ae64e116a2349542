"""Replies of a server (RFC 5321 clause 4.2, enhanced codes of RFC 3463)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

__all__ = ["Reply", "ReplyError", "read_reply", "whole_reply"]

_LINE: Final = re.compile(rb"([2-5][0-9]{2})(?:([ -])([^\r\n]*))?\r?\n")
_ENHANCED: Final = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3}) ?")
_SHOWN: Final = bytes(octet if 32 <= octet < 127 else 0x3F for octet in range(256))
_PLAIN: Final = str.maketrans(dict(zip("–—…“”×\u2018\u2019", ("-", "-", "...", '"', '"', "x", "'", "'"), strict=True)))
_LINES: Final = 100
"""Lines that a reply may have."""
_SHORT: Final = 64
"""Octets of a reply that is remembered."""


class ReplyError(ValueError):
    """What a server sent is no reply."""


class Reply(NamedTuple):
    """A code and its lines of text, the enhanced code still in front of each."""

    code: int
    lines: tuple[str, ...]

    @classmethod
    def of(cls, code: int, enhanced: str, *lines: str) -> Reply:
        """Make a reply whose every line begins with the enhanced code."""
        return cls(code, tuple(f"{enhanced} {line}" for line in lines))

    @property
    def is_positive(self) -> bool:
        """Whether it says yes (2xx)."""
        return 200 <= self.code < 300

    @property
    def is_permanent(self) -> bool:
        """Whether trying again is no use (5xx)."""
        return self.code >= 500

    @property
    def is_of_conversation(self) -> bool:
        """Whether it is about how its server is spoken to, and no word on a message.

        It ends the conversation, does not know a command, or not now, or wants TLS or a login first.
        """
        if self.code == 421:
            return True
        return self.code in (500, 502, 503, 530) and (self.enhanced or "5.5.0").startswith(("5.5.", "5.7.0"))

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code of the first line."""
        match = _ENHANCED.match(self.lines[0]) if self.lines else None
        return match[1] if match else None

    @lru_cache(1 << 8)  # noqa: B019 - few are said again and again; they are small
    def octets(self) -> bytes:
        """Return what goes on the wire: ASCII, in which Vietnamese keeps its letters without their marks."""
        *before, last = self.lines or ("",)
        shown = [*(f"{self.code}-{line}" for line in before), f"{self.code} {last}"]
        return b"".join(_printable(line) + b"\r\n" for line in shown)

    def __str__(self) -> str:
        return " ".join((str(self.code), *self.lines))


def whole_reply(octets: bytes) -> Reply | None:
    """Return the reply that octets are, where they are a short one and nothing else, as they mostly are."""
    is_line = len(octets) <= _SHORT and octets.find(b"\n") == len(octets) - 1
    return _only_line(octets) if is_line else None


def read_reply(received: bytearray) -> Reply | None:
    """Take one reply from the front of what has been received; None while its end is missing.

    Raises:
        ReplyError: this is no reply, or one without end.
    """
    end = received.find(b"\n") + 1
    if 0 < end <= _SHORT and (reply := _only_line(bytes(received[:end]))) is not None:
        del received[:end]
        return reply
    lines: list[str] = []
    said = b""
    at = 0
    while True:
        end = received.find(b"\n", at) + 1
        if not end:
            if len(received) - at > 4096:
                raise ReplyError("a line of a reply is too long")
            return None
        # A copy: what a match gives is read from its subject, which is about to lose these octets.
        match = _LINE.fullmatch(bytes(received[at:end]))
        if match is None or len(lines) >= _LINES:
            raise ReplyError("no SMTP reply")
        code, separator, text = match.groups(b"")
        if said not in (b"", code):
            # Whichever of them was meant, to take the other could lose a message (RFC 5321 clause 4.2.1).
            raise ReplyError("a reply with several codes")
        said = code
        lines.append(text.decode("utf-8", "replace"))
        at = end
        if separator != b"-":
            del received[:end]
            return Reply(int(code), tuple(lines))


@lru_cache(1 << 8)
def _only_line(line: bytes) -> Reply | None:
    """Return the reply of one line, as most are; None where others follow, or it is none."""
    # A server says the same to everybody.
    match = _LINE.fullmatch(line)
    if match is None or match[2] == b"-":
        return None
    return Reply(int(match[1]), ((match[3] or b"").decode("utf-8", "replace"),))


def _printable(line: str) -> bytes:
    if not line.isascii():
        bare = unicodedata.normalize("NFD", line.replace("đ", "d").replace("Đ", "D"))
        line = "".join(c for c in bare if not unicodedata.combining(c)).translate(_PLAIN)
    return line.encode("ascii", "replace").translate(_SHOWN)
