"""TNEF, Outlook's `winmail.dat` ([MS-OXTNEF]): attachments, and messages within them."""

from __future__ import annotations

import struct
from typing import Final

from gsign.mail.containers.model import ContainerError, Ledger

__all__ = ["read_tnef"]

_MAGIC: Final = 0x223E9F78
_TITLE: Final = 0x00018010
_BODY: Final = 0x0002800C
_RENDER: Final = 0x00069002
_DATA: Final = 0x0006800F
_ATTACHMENT: Final = 0x00069005
_PROPERTIES: Final = 0x00069003
_OF_ATTACHMENTS: Final = frozenset((_TITLE, _DATA, _ATTACHMENT))

_LONG_NAME: Final = 0x3707
_NAME: Final = 0x3704
_CONTENT: Final = 0x3701
_HTML: Final = 0x1013
_TEXT: Final = 0x1000
_RICH: Final = 0x1009
_BODIES: Final = {_HTML: "body.html", _TEXT: "body", _RICH: "body.rtf"}
_OBJECT: Final = 0x000D
_FIXED: Final = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_STRINGS: Final = (0x001E, 0x001F)
_MAX_VALUES: Final = 100_000
_GUID: Final = 16


class _Attachment:
    """What is known of one attachment so far."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.contents: list[bytes] = []

    def give(self, ledger: Ledger, number: int) -> None:
        name = self.names[-1] if self.names else f"attachment-{number}"
        for content in dict.fromkeys(self.contents):
            ledger.take(name, content)


def read_tnef(data: bytes, ledger: Ledger) -> None:
    """Take every attachment out of a TNEF stream.

    Raises:
        ContainerError: `damaged`, or too much.
    """
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _MAGIC:
        raise ContainerError("damaged")
    attachments: list[_Attachment] = []
    at = 6
    while at + 9 <= len(data):
        _, kind, length = struct.unpack_from("<BII", data, at)
        value = data[at + 9 : at + 9 + length]
        at += 9 + length + 2
        if at > len(data):
            ledger.refuse("", "damaged")
            break
        if struct.unpack_from("<H", data, at - 2)[0] != sum(value) & 0xFFFF:
            ledger.note("tnef-checksum")
        try:
            _take(kind, value, attachments, ledger)
        except ContainerError as error:
            if str(error) != "damaged":
                raise
            # One attribute that cannot be read keeps nobody from reading the others.
            ledger.refuse("", "damaged")
    if data[at:].strip(b"\0"):
        ledger.note("tnef-trailing")
        ledger.take("", data[at:])
    for number, attachment in enumerate(attachments, 1):
        attachment.give(ledger, number)


def _take(kind: int, value: bytes, attachments: list[_Attachment], ledger: Ledger) -> None:
    """Take an attribute of the message, or of its newest attachment."""
    if kind == _RENDER or (kind in _OF_ATTACHMENTS and not attachments):
        attachments.append(_Attachment())
    if kind in _OF_ATTACHMENTS:
        _attribute(kind, value, attachments[-1], ledger)
    elif kind == _BODY:
        ledger.take("body", value)
    elif kind == _PROPERTIES:
        _message(value, ledger)


def _attribute(kind: int, value: bytes, attachment: _Attachment, ledger: Ledger) -> None:
    if kind == _TITLE:
        attachment.names.append(value.rstrip(b"\0").decode("utf-8", "replace"))
    elif kind == _DATA:
        attachment.contents.append(value)
    else:
        for tag, kind_of_value, content in _properties(value):
            if tag in (_LONG_NAME, _NAME) and kind_of_value in _STRINGS:
                name = _text(kind_of_value, content)
                attachment.names.insert(len(attachment.names) if tag == _LONG_NAME else 0, name)
            elif tag == _CONTENT:
                # An object begins with the identifier of its interface; behind it stands TNEF or a compound file.
                attachment.contents.append(content[_GUID:] if kind_of_value == _OBJECT else content)
    ledger.count()


def _message(value: bytes, ledger: Ledger) -> None:
    for tag, _, content in _properties(value):
        if tag in _BODIES:
            ledger.take(_BODIES[tag], content)


def _text(kind: int, content: bytes) -> str:
    encoding = "utf-16-le" if kind == 0x001F else "utf-8"
    return content.decode(encoding, "replace").rstrip("\0")


def _properties(data: bytes) -> list[tuple[int, int, bytes]]:
    """Read MAPI properties: identifier, type and value of each.

    Raises:
        ContainerError: `damaged`.
    """
    found: list[tuple[int, int, bytes]] = []
    try:
        (count,) = struct.unpack_from("<I", data)
        at = 4
        for _ in range(min(count, _MAX_VALUES)):
            kind, tag = struct.unpack_from("<HH", data, at)
            at += 4
            if tag >= 0x8000:
                at = _skip_name(data, at)
            values, at = _values(data, at, kind)
            found += [(tag, kind & 0x0FFF, value) for value in values]
    except struct.error as error:
        raise ContainerError("damaged") from error
    return found


def _skip_name(data: bytes, at: int) -> int:
    (by_text,) = struct.unpack_from("<I", data, at + _GUID)
    at += _GUID + 4
    if not by_text:
        return at + 4
    (length,) = struct.unpack_from("<I", data, at)
    return at + 4 + _padded(length)


def _values(data: bytes, at: int, kind: int) -> tuple[list[bytes], int]:
    several, kind = kind & 0x1000, kind & 0x0FFF
    width = _FIXED.get(kind)
    count = 1
    if several or width is None:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
    if count > _MAX_VALUES:
        raise ContainerError("damaged")
    values: list[bytes] = []
    for _ in range(count):
        length = width
        if length is None:
            (length,) = struct.unpack_from("<I", data, at)
            at += 4
        if at + length > len(data):
            raise ContainerError("damaged")
        values.append(data[at : at + length])
        at += _padded(length)
    return values, at


def _padded(length: int) -> int:
    return -(-length // 4) * 4
