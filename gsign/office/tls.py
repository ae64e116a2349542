"""TLS towards clients and towards the next hop: 1.2 or later (Circular 15/2025)."""

from __future__ import annotations

import ssl

from gsign.config import Relay
from gsign.errors import ConfigurationError

__all__ = ["client_context", "server_context"]


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
    try:
        context.load_cert_chain(relay.tls_certificate, relay.tls_key)
        if relay.tls_client_ca is not None:
            context.load_verify_locations(relay.tls_client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError("tls-unreadable", cause=str(error)) from error
    return context


def client_context(relay: Relay) -> ssl.SSLContext | None:
    """Return what TLS with the next hop needs; None where there is none.

    Raises:
        ConfigurationError: `tls-unreadable`.
    """
    if relay.next_hop_tls == "none":
        return None
    try:
        context = ssl.create_default_context(cafile=relay.next_hop_ca)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError("tls-unreadable", cause=str(error)) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if relay.next_hop_tls == "encrypt":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
