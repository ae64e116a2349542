"""A tar archive, read block by block (POSIX pax interchange format, GNU long names)."""

from __future__ import annotations

from typing import Final

from gsign.mail.containers.model import ContainerError, Ledger

__all__ = ["read_tar"]

_BLOCK: Final = 512
_FILES: Final = (b"0", b"\0", b"7")
_LONG_NAME: Final = b"L"
_LONG_LINK: Final = b"K"
_PAX: Final = b"x"
_PAX_GLOBAL: Final = b"g"
_MAX_NAME: Final = 64 << 10
_MAX_RECORDS: Final = 64 << 10


def read_tar(data: bytes, ledger: Ledger) -> None:
    """Take every file out of a tar archive.

    Raises:
        ContainerError: `damaged`, or too much.
    """
    names: set[str] = set()
    name: str | None = None
    at = 0
    while at + _BLOCK <= len(data) and any(data[at : at + _BLOCK]):
        block = data[at : at + _BLOCK]
        size, kind = _checked(block)
        begin = at + _BLOCK
        if begin + size > len(data):
            raise ContainerError("damaged")
        content = data[begin : begin + size]
        at = begin + -(-size // _BLOCK) * _BLOCK
        if kind == _LONG_NAME:
            name = content[:_MAX_NAME].rstrip(b"\0").decode("utf-8", "replace")
        elif kind == _PAX:
            records = _records(content)
            name = records.get(b"path", b"")[:_MAX_NAME].decode("utf-8", "replace") or name
            _require_plain(records, data[at : at + _BLOCK])
        elif kind == _PAX_GLOBAL:
            _require_plain(_records(content), b"")
        elif kind != _LONG_LINK:
            _take(kind, name or _name(block), content, names, ledger)
            name = None
    if data[at:].strip(b"\0"):
        ledger.note("tar-trailing")
        ledger.take("", data[at:])


def _take(kind: bytes, name: str, content: bytes, names: set[str], ledger: Ledger) -> None:
    """Keep a file; count a folder or link; refuse what is neither and has content."""
    if kind not in _FILES:
        ledger.refuse(name, "entry-unsupported") if content else ledger.count()
        return
    if name in names:
        ledger.note("entry-repeated", name)
    names.add(name)
    ledger.take(name, content)


def _checked(block: bytes) -> tuple[int, bytes]:
    """Return size and kind of an entry whose checksum is right."""
    if _number(block[148:156]) != sum(block) - sum(block[148:156]) + 8 * 32:
        raise ContainerError("damaged")
    return _number(block[124:136]), block[156:157]


def _number(field: bytes) -> int:
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    if digits.strip(b"01234567"):
        raise ContainerError("damaged")
    return int(digits or b"0", 8)


def _name(block: bytes) -> str:
    prefix = block[345:500].partition(b"\0")[0] if block[257:263] == b"ustar\0" else b""
    name = block[:100].partition(b"\0")[0]
    return (prefix + b"/" + name if prefix else name).decode("utf-8", "replace")


def _records(octets: bytes) -> dict[bytes, bytes]:
    """Return records of a length, a key and a value."""
    if len(octets) > _MAX_RECORDS:
        raise ContainerError("damaged")
    found: dict[bytes, bytes] = {}
    while octets:
        length, _, rest = octets.partition(b" ")
        if not (length.isdigit() and len(length) < 9 and int(length) > len(length) + 1):
            raise ContainerError("damaged")
        record = rest[: int(length) - len(length) - 1]
        octets = octets[int(length) :]
        key, _, value = record.rstrip(b"\n").partition(b"=")
        found[key] = value
    return found


def _require_plain(records: dict[bytes, bytes], block: bytes) -> None:
    """Require that no record says of an entry where it ends, or which of it is there, but what its own block says.

    Raises:
        ContainerError: `damaged`.
    """
    size = records.get(b"size")
    is_same = size is None or (size.isdigit() and len(block) == _BLOCK and int(size[:20]) == _checked(block)[0])
    if not is_same or any(key.startswith(b"GNU.sparse.") for key in records):
        raise ContainerError("damaged")
