"""Certificates of recipients from a directory: LDAP, by mailbox (RFC 4511, RFC 4516, RFC 4523, RFC 2798)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from gsign.errors import TemporaryError, UsageError
from gsign.protection.sources import Candidate, candidates_in_signed

__all__ = ["DirectorySource"]

_PORTS: Final = {"ldap": 389, "ldaps": 636}
_SCOPES: Final = {"base": "BASE", "one": "LEVEL", "sub": "SUBTREE", "": "SUBTREE"}
_CERTIFICATE: Final = ("userCertificate;binary", "userCertificate")
_IN_CMS: Final = ("userSMIMECertificate;binary", "userSMIMECertificate")
_ADDRESSES: Final = ("mail", "rfc822Mailbox")
_SECONDS: Final = 10
_MOST_ENTRIES: Final = 20
_MOST_CERTIFICATES: Final = 50


class _Place(NamedTuple):
    """What an LDAP URL says (RFC 4516): host, port, base and scope, and a filter that entries must match too."""

    host: str
    port: int
    is_tls: bool
    base: str
    scope: str
    filter: str


class DirectorySource:
    """A directory that anybody may ask.

    Over `ldaps:` the server's certificate is checked against the system's authorities. Plain `ldap:` will do, since
    each certificate is judged by its path; who listens learns whom mail is written to.

    Args:
        url: `ldap://host[:port]/base??scope?filter`; a user or password in it is not taken.

    Raises:
        UsageError: `ldap-url-invalid`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._place = _read_url(url)
        self._connection: Any = None

    def candidates(self, address: str) -> list[Candidate]:
        """Return the certificates of the entries with that mailbox.

        Raises:
            TemporaryError: `ldap-unavailable`.
        """
        from ldap3.core.exceptions import LDAPException  # type: ignore[import-untyped]

        try:
            entries = self._search(address)
        except (LDAPException, OSError) as error:
            self._connection = None
            raise TemporaryError("ldap-unavailable", url=self.url, cause=type(error).__name__) from None
        found = [candidate for entry in entries for candidate in _candidates(entry, self.url)]
        return found[:_MOST_CERTIFICATES]

    def _search(self, address: str) -> list[Any]:
        from ldap3.utils.conv import escape_filter_chars  # type: ignore[import-untyped]

        place, value = self._place, escape_filter_chars(address)
        either = "".join(f"({name}={value})" for name in _ADDRESSES)
        connection = self._connect()
        connection.search(
            place.base,
            f"(&(|{either}){place.filter})",
            search_scope=_SCOPES[place.scope],
            attributes=[*_CERTIFICATE, *_IN_CMS],
            size_limit=_MOST_ENTRIES,
            time_limit=_SECONDS,
        )
        if connection.result["description"] not in ("success", "sizeLimitExceeded", "noSuchObject"):
            raise TemporaryError("ldap-unavailable", url=self.url, cause=connection.result["description"])
        return [entry for entry in connection.response or [] if entry["type"] == "searchResEntry"]

    def _connect(self) -> Any:
        if self._connection is None:
            import ssl

            import ldap3  # type: ignore[import-untyped]

            place = self._place
            tls = ldap3.Tls(validate=ssl.CERT_REQUIRED) if place.is_tls else None
            server = ldap3.Server(
                place.host, place.port, use_ssl=place.is_tls, tls=tls, get_info=ldap3.NONE, connect_timeout=_SECONDS
            )
            self._connection = ldap3.Connection(
                server,
                auto_bind=True,
                read_only=True,
                # A referral would have us ask wherever an answer says.
                auto_referrals=False,
                receive_timeout=_SECONDS,
                check_names=False,
            )
        return self._connection


def _read_url(url: str) -> _Place:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        scheme = parts.scheme.lower()
    except ValueError:
        raise UsageError("ldap-url-invalid", url=url) from None
    fields = [unquote(field) for field in parts.query.split("?")]
    scope, chosen = (*fields[1:3], "", "")[:2] if len(fields) > 1 else ("", "")
    if scheme not in _PORTS or not host or "@" in parts.netloc or scope.lower() not in _SCOPES:
        raise UsageError("ldap-url-invalid", url=url)
    base = unquote(parts.path.removeprefix("/"))
    return _Place(host, port or _PORTS[scheme], scheme == "ldaps", base, scope.lower(), chosen)


def _candidates(entry: Any, url: str) -> Iterator[Candidate]:
    name, attributes = entry["dn"], entry["raw_attributes"]
    origin = f"{url} ({name})"
    for kind in _IN_CMS:
        for value in attributes.get(kind, ()):
            yield from candidates_in_signed(value, origin)
    for kind in _CERTIFICATE:
        yield from (Candidate(value, origin) for value in attributes.get(kind, ()))
