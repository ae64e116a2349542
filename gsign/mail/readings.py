"""An entity that may be read in several ways, searched in every one of them: encoded or not, in whole or in pieces.

Costs several passes, and is done only where something is ambiguous.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gsign.mail.hidden import TooManyError
from gsign.mail.kinds import PDF_MARK, kind_of
from gsign.mail.texts import find_hidden
from gsign.mime.decoding import every_reading

__all__ = ["readings_of"]

_MOST_PIECES: Final = 5_000
_LEAST: Final = 16


def readings_of(entity: bytes) -> Iterator[bytes]:
    """Yield what any reading of an entity's octets finds that is a document or a container, each once.

    Args:
        entity: header and body, or whatever else lies between two places where a reader may begin and end.

    Raises:
        TooManyError: there are more places to begin than are looked at.
    """
    seen: set[bytes] = set()
    for piece in _pieces(entity):
        for reading in every_reading(piece):
            for found in _finds(reading):
                if found not in seen:
                    seen.add(found)
                    yield found


def _finds(reading: bytes) -> Iterator[bytes]:
    at = reading.find(PDF_MARK)
    if at >= 0:
        yield reading[at:]
    elif kind_of(reading) is not None:
        yield reading
    for hidden in find_hidden(reading):
        yield hidden.data


def _pieces(entity: bytes) -> Iterator[bytes]:
    """Yield the whole, what stands between empty lines, and within these what stands between lines of another kind."""
    yield entity
    count = 0
    for block in entity.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n\n"):
        lines: list[bytes] = []
        blocks = [block]
        for line in block.split(b"\n"):
            if line.startswith(b"--") or b":" in line or b"=" in line.rstrip(b"= \t"):
                blocks.append(b"\n".join(lines))
                lines = []
            else:
                lines.append(line)
        if len(blocks) > 1:
            blocks.append(b"\n".join(lines))
        for piece in blocks:
            if len(piece) >= _LEAST:
                yield piece
                count += 1
        if count > _MOST_PIECES:
            raise TooManyError
