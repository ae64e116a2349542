"""Rich text as Outlook packs it in winmail.dat and `.msg` ([MS-OXRTFCP]): the body of a message, with its objects."""

from __future__ import annotations

import struct
from typing import Final

from gsign.mail.containers.model import ContainerError, Ledger

__all__ = ["read_lzfu"]

_HEADER: Final = struct.Struct("<4I")
_PACKED: Final = int.from_bytes(b"LZFu", "little")
_RING: Final = 4_096
_BEGINS: Final = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans "
    rb"SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What every text is taken to have been preceded by (clause 2.1.2.1)."""


def read_lzfu(data: bytes, ledger: Ledger) -> None:
    """Unpack rich text, up to its end or to where it is cut off.

    Raises:
        ContainerError: `damaged`, `too-large`.
    """
    if len(data) < _HEADER.size:
        raise ContainerError("damaged")
    _, _, kind, _ = _HEADER.unpack_from(data)
    packed = data[_HEADER.size :]
    ledger.take("body.rtf", _unpack(packed, ledger.left) if kind == _PACKED else packed)


def _unpack(packed: bytes, most: int) -> bytes:
    """Unpack runs of eight tokens, each a character or a reference into the last 4,096 (clause 3.1.3)."""
    text = bytearray(bytes(_RING - len(_BEGINS)) + _BEGINS)
    at = 0
    while at < len(packed):
        control = packed[at]
        at += 1
        if not control:
            text += packed[at : at + 8]
            at += 8
            continue
        for bit in range(8):
            if not control >> bit & 1:
                text += packed[at : at + 1]
                at += 1
                continue
            reference = int.from_bytes(packed[at : at + 2], "big")
            at += 2
            back = (len(text) + len(_BEGINS) - (reference >> 4)) % _RING
            if at > len(packed) or not back:
                return bytes(text[_RING:])
            for _ in range((reference & 15) + 2):
                text.append(text[-back])
        if len(text) > most + _RING:
            raise ContainerError("too-large")
    return bytes(text[_RING:])
