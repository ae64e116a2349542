"""TLS towards clients and towards the next hop: 1.2 or later (Circular 15/2025)."""

from __future__ import annotations

import hashlib
import hmac
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gsign.config import Relay
from gsign.errors import ConfigurationError

__all__ = ["client_context", "is_next_hop_known", "server_context"]


def server_context(relay: Relay) -> ssl.SSLContext | None:
    """Return what TLS with clients needs; None where there is none.

    Raises:
        ConfigurationError: `tls-incomplete`, `tls-unreadable`.
    """
    if relay.tls == "none":
        return None
    if relay.tls_certificate is None or relay.tls_key is None:
        raise ConfigurationError("tls-incomplete")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with _reading(relay.tls_certificate, relay.tls_key):
        context.load_cert_chain(relay.tls_certificate, relay.tls_key)
    if relay.tls_client_ca is not None:
        with _reading(relay.tls_client_ca):
            context.load_verify_locations(relay.tls_client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(relay: Relay) -> ssl.SSLContext | None:
    """Return what TLS with the next hop needs; None where there is none.

    Raises:
        ConfigurationError: `tls-unreadable`.
    """
    if relay.next_hop_tls == "none":
        return None
    context = _ClientContext(ssl.PROTOCOL_TLS_CLIENT)
    context.pinned = relay.next_hop_sha256
    if relay.next_hop_ca is not None:
        with _reading(relay.next_hop_ca):
            context.load_verify_locations(relay.next_hop_ca)
    else:
        with _reading():
            context.load_default_certs()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if relay.next_hop_tls == "encrypt":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def is_next_hop_known(relay: Relay) -> bool:
    """Tell whether whoever answers as the next hop has proved to be it (RFC 8689 clause 4.2.1)."""
    return relay.next_hop_tls == "verify" or (relay.next_hop_tls == "encrypt" and bool(relay.next_hop_sha256))


@contextmanager
def _reading(*files: Path) -> Iterator[None]:
    """Name the files that TLS cannot use, and why, in a word: what OpenSSL says ends in a line of its source."""
    try:
        yield
    except OSError as error:
        cause = error.reason or "PEM" if isinstance(error, ssl.SSLError) else error.strerror
        raise ConfigurationError("tls-unreadable", file=", ".join(map(str, files)), cause=cause) from error


class _ClientContext(ssl.SSLContext):
    """Begins TLS, and with certificates that are pinned goes on with those alone, whoever issued others."""

    pinned: tuple[str, ...] = ()

    def wrap_socket(self, sock: socket.socket, *args: Any, **options: Any) -> ssl.SSLSocket:
        made = super().wrap_socket(sock, *args, **options)
        shown = hashlib.sha256(made.getpeercert(binary_form=True) or b"").hexdigest()
        if self.pinned and not any(hmac.compare_digest(shown, digest) for digest in self.pinned):
            made.close()
            raise ssl.SSLCertVerificationError(f"certificate {shown} is not pinned")
        return made
