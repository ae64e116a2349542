"""One question of LDAP, asked without a name or password: which entries have this mailbox? (RFC 4511).

Written for that alone, with limits on time and on what a server may send; referrals are not followed.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final, NamedTuple, Self

from gsign import der

__all__ = ["Entry", "LdapConnection", "LdapError"]

_ENUMERATED: Final = 0x0A
_BIND, _BOUND, _UNBIND = 0x60, 0x61, 0x42
_SEARCH, _ENTRY, _DONE, _REFERENCE = 0x63, 0x64, 0x65, 0x73
_OR, _EQUAL = 0xA1, 0xA3
_NEVER_DEREFERENCE: Final = 0
_NO_SUCH_OBJECT: Final = 32
# Success, too many entries (those that came are used), and a base that is not there.
_ANSWERED: Final = frozenset((0, 4, _NO_SUCH_OBJECT))
_MOST_ENTRIES: Final = 20
_MOST_OCTETS: Final = 16 << 20
_SCOPES: Final = {"base": 0, "one": 1, "sub": 2}


class LdapError(Exception):
    """The server gave no answer, or one that is none; the text says which."""


class Entry(NamedTuple):
    """An entry: its name, and the values of its attributes by their names in lower case, without options."""

    name: str
    values: dict[str, list[bytes]]


class LdapConnection:
    """A connection to a server.

    Args:
        host: name or address.
        port: of the server.
        is_tls: whether TLS is spoken from the start (`ldaps:`), with a certificate that the system trusts.
        seconds: time limit of each question.

    Raises:
        LdapError: no connection, or the server does not let everybody in.
    """

    def __init__(self, host: str, port: int, *, is_tls: bool, seconds: float) -> None:
        self._seconds = seconds
        self._left = _MOST_OCTETS
        self._deadline = time.monotonic() + seconds
        self._number = 0
        self._socket = _connect(host, port, is_tls=is_tls, seconds=seconds)
        anonymous = der.integer(3) + der.octet_string(b"") + der.context(0, b"", constructed=False)
        try:
            self._send(der.tlv(_BIND, anonymous))
            self._expect_success(self._receive(), _BOUND)
        except LdapError:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye."""
        with self._socket, suppress(LdapError):
            self._send(der.tlv(_UNBIND, b""))

    def search(self, base: str, scope: str, any_of: list[tuple[str, str]], attributes: tuple[str, ...]) -> list[Entry]:
        """Return the entries that have one of some values, twenty at most.

        Args:
            base: name of the entry to begin at.
            scope: `base`, `one` or `sub`.
            any_of: attributes and values, of which one has to be there.
            attributes: what is asked for.

        Raises:
            LdapError: no answer in time, too long a one, or an error.
        """
        self._deadline, self._left = time.monotonic() + self._seconds, _MOST_OCTETS
        terms = (der.tlv(_EQUAL, _text(name) + _text(value)) for name, value in any_of)
        request = (
            _text(base),
            der.tlv(_ENUMERATED, bytes([_SCOPES[scope]])),
            der.tlv(_ENUMERATED, bytes([_NEVER_DEREFERENCE])),
            der.integer(_MOST_ENTRIES),
            der.integer(int(self._seconds)),
            der.tlv(der.BOOLEAN, b"\0"),
            der.tlv(_OR, b"".join(terms)),
            der.sequence(*map(_text, attributes)),
        )
        self._send(der.tlv(_SEARCH, b"".join(request)))
        return list(self._entries())

    def _entries(self) -> Iterator[Entry]:
        while True:
            operation = self._receive()
            if operation.tag == _ENTRY:
                yield _entry(operation)
            elif operation.tag != _REFERENCE:
                self._expect_success(operation, _DONE)
                return

    def _expect_success(self, operation: der.Node, kind: int) -> None:
        try:
            code = operation.expect(kind).children()[0].expect(_ENUMERATED).content
        except (der.DerError, IndexError) as error:
            raise LdapError("malformed answer") from error
        if int.from_bytes(code, "big") not in _ANSWERED:
            raise LdapError(f"LDAP result {int.from_bytes(code, 'big')}")

    def _send(self, operation: bytes) -> None:
        self._number += 1
        try:
            self._socket.settimeout(self._seconds)
            self._socket.sendall(der.sequence(der.integer(self._number), operation))
        except OSError as error:
            raise LdapError(error.strerror or type(error).__name__) from error

    def _receive(self) -> der.Node:
        """Read one message, and return what it says."""
        data = self._read(2)
        if data[1] & 0x80:
            data += self._read(data[1] & 0x7F)
        length = int.from_bytes(data[2:], "big") if data[1] & 0x80 else data[1]
        try:
            number, operation, *_ = der.parse(data + self._read(length)).expect(der.SEQUENCE).children()
            if number.integer() != self._number:
                raise LdapError("answer to another question")
        except ValueError as error:
            raise LdapError("malformed answer") from error
        return operation

    def _read(self, count: int) -> bytes:
        self._left -= count
        if self._left < 0:
            raise LdapError("answer too long")
        found = bytearray()
        while len(found) < count:
            try:
                self._socket.settimeout(max(0.001, self._deadline - time.monotonic()))
                piece = self._socket.recv(min(count - len(found), 1 << 16))
            except OSError as error:
                raise LdapError(error.strerror or type(error).__name__) from error
            if not piece:
                raise LdapError("connection closed")
            found += piece
        return bytes(found)


def _connect(host: str, port: int, *, is_tls: bool, seconds: float) -> socket.socket:
    try:
        plain = socket.create_connection((host, port), timeout=seconds)
        if not is_tls:
            return plain
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise
    except OSError as error:
        raise LdapError(error.strerror or type(error).__name__) from error


def _entry(operation: der.Node) -> Entry:
    try:
        name, attributes = operation.children()
        values: dict[str, list[bytes]] = {}
        for attribute in attributes.expect(der.SEQUENCE).children():
            kind, found = attribute.expect(der.SEQUENCE).children()
            key = kind.octets().decode("utf-8", "replace").partition(";")[0].lower()
            values.setdefault(key, []).extend(value.octets() for value in found.expect(der.SET).children())
        return Entry(name.octets().decode("utf-8", "replace"), values)
    except ValueError as error:
        raise LdapError("malformed answer") from error


def _text(value: str) -> bytes:
    return der.octet_string(value.encode("utf-8"))
