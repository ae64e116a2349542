"""Certificates of recipients from an LDAP directory, by mailbox (RFC 4516, RFC 4523, RFC 2798)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from gsign.errors import TemporaryError, UsageError
from gsign.protection.ldap import Entry, LdapConnection, LdapError
from gsign.protection.sources import Candidate, candidates_in_signed

__all__ = ["DirectorySource"]

_PORTS: Final = {"ldap": 389, "ldaps": 636}
_SCOPES: Final = ("base", "one", "sub")
_CERTIFICATE: Final = "userCertificate"
_IN_CMS: Final = "userSMIMECertificate"
# Servers differ in whether these names want `;binary` (RFC 4522).
_ASKED: Final = tuple(name + option for name in (_CERTIFICATE, _IN_CMS) for option in (";binary", ""))
_SECONDS: Final = 10.0
_MOST_CERTIFICATES: Final = 50


class _Place(NamedTuple):
    """What an LDAP URL says (RFC 4516)."""

    host: str
    port: int
    is_tls: bool
    base: str
    scope: str


class DirectorySource:
    """A directory that anybody may ask.

    Over `ldaps:` the server's certificate is checked against the system's authorities. Plain `ldap:` will do, since
    each certificate is judged by its path; who listens learns whom mail is written to.

    Args:
        url: `ldap://host[:port]/base`, or with a scope, `ldap://host/base??one`.

    Raises:
        UsageError: `ldap-url-invalid`, also for a user, password or filter in it, which are not taken.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._place = _read_url(url)

    def candidates(self, address: str) -> list[Candidate]:
        """Return the certificates of the entries with that mailbox.

        Raises:
            TemporaryError: `ldap-unavailable`.
        """
        place = self._place
        # The second is where Active Directory keeps further mailboxes.
        either = [("mail", address), ("proxyAddresses", f"smtp:{address}")]
        try:
            with LdapConnection(place.host, place.port, is_tls=place.is_tls, seconds=_SECONDS) as connection:
                entries = connection.search(place.base, place.scope, either, _ASKED)
        except LdapError as error:
            raise TemporaryError("ldap-unavailable", url=self.url, detail=str(error)) from None
        return [candidate for entry in entries for candidate in _candidates(entry, self.url)][:_MOST_CERTIFICATES]

    def authorities(self) -> tuple[bytes, ...]:
        """Return nothing: a directory is asked for people."""
        return ()


def _read_url(url: str) -> _Place:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host.encode("idna")  # what no name server can be asked for is refused here, rather than when it is asked
    except ValueError:
        raise UsageError("ldap-url-invalid", url=_without_user(url)) from None
    scheme = parts.scheme.lower()
    attributes, scope, further = (*(unquote(field) for field in parts.query.split("?", 2)), "", "", "")[:3]
    scope = scope.lower() or "sub"
    if scheme not in _PORTS or not host or "@" in parts.netloc or attributes or scope not in _SCOPES or further:
        raise UsageError("ldap-url-invalid", url=_without_user(url))
    return _Place(host, port or _PORTS[scheme], scheme == "ldaps", unquote(parts.path.removeprefix("/")), scope)


def _without_user(url: str) -> str:
    """Leave out what may be a password."""
    head, at, tail = url.partition("@")
    return f"{head.partition(':')[0]}://…@{tail}" if at else url


def _candidates(entry: Entry, url: str) -> Iterator[Candidate]:
    origin = f"{url} ({entry.name})"
    for value in entry.values.get(_IN_CMS.lower(), ()):
        yield from candidates_in_signed(value, origin)
    yield from (Candidate(value, origin) for value in entry.values.get(_CERTIFICATE.lower(), ()))
