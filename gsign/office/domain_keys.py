"""The private keys with which mail is signed and sealed for domains: files that nobody else may read."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gsign.config import Agency, Configuration, Relay
from gsign.errors import ConfigurationError
from gsign.mail.dkim.keys import DomainKey
from gsign.mail.vouching import Vouching
from gsign.office.resolver import Resolver

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from gsign.mail.agencies import Agency as AgencyLike

__all__ = ["DomainKeys", "is_open_to_others", "sealer_of", "vouching_of"]

_LEAST_BITS: Final = 2048
_LARGEST: Final = 1 << 16


def vouching_of(configuration: Configuration) -> Vouching:
    """Return what signs and seals for domains, and verifies what others have, as the configuration has it.

    Raises:
        ConfigurationError: a key is not given in full, or cannot be used.
    """
    relay = configuration.relay
    keys = DomainKeys(configuration.agency)
    if relay is None:
        return Vouching(keys)
    return Vouching(keys, Resolver(relay.resolver) if relay.resolver else None, sealer_of(relay))


class DomainKeys:
    """The agencies' keys, read once.

    Args:
        agencies: of the configuration.

    Raises:
        ConfigurationError: `domain-key-incomplete`, `domain-key-unreadable`, `domain-key-exposed`, `domain-key-weak`.
    """

    def __init__(self, agencies: Sequence[Agency]) -> None:
        self._keys = {agency.name: _key(agency) for agency in agencies if _is_asked_for(agency)}

    def key_of(self, agency: AgencyLike, domain: str) -> DomainKey | None:
        """Return the key that signs mail of an agency whose sender is in a domain; None where there is none."""
        found = self._keys.get(agency.name)
        return found._replace(domain=found.domain or _in_ascii(domain)) if found is not None else None


def sealer_of(relay: Relay) -> DomainKey | None:
    """Return the key that seals what is passed on; None where nothing is sealed.

    Raises:
        ConfigurationError: as `DomainKeys`; `arc-without-resolver`.
    """
    domain, selector, path = relay.arc_domain, relay.arc_selector, relay.arc_key
    if domain is None and selector is None and path is None:
        return None
    if domain is None or selector is None or path is None:
        raise ConfigurationError("domain-key-incomplete", section="relay", keys="arc_domain, arc_selector, arc_key")
    if relay.resolver is None:
        # Whoever seals says what was found of those before; nothing could be.
        raise ConfigurationError("arc-without-resolver")
    return DomainKey(domain, selector, _loaded(path))


def _is_asked_for(agency: Agency) -> bool:
    return bool(agency.dkim_key or agency.dkim_selector or agency.dkim_domain)


def _key(agency: Agency) -> DomainKey:
    if agency.dkim_key is None or agency.dkim_selector is None:
        raise ConfigurationError("domain-key-incomplete", section="[agency]", keys="dkim_selector, dkim_key")
    return DomainKey(agency.dkim_domain or "", agency.dkim_selector, _loaded(agency.dkim_key))


def _loaded(path: Path) -> RSAPrivateKey | Ed25519PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        found = load_pem_private_key(_read(path), password=None)
    except OSError as error:
        raise ConfigurationError("domain-key-unreadable", file=str(path), cause=error.strerror or "-") from error
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # What the library says of it may quote it.
        raise ConfigurationError("domain-key-unreadable", file=str(path), cause="PEM") from None
    if isinstance(found, RSAPrivateKey) and found.key_size < _LEAST_BITS:
        raise ConfigurationError("domain-key-weak", file=str(path), bits=found.key_size)
    if not isinstance(found, (RSAPrivateKey, Ed25519PrivateKey)):
        raise ConfigurationError("domain-key-unreadable", file=str(path), cause="RSA, Ed25519")
    return found


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        if is_open_to_others(path, os.fstat(file.fileno())):
            raise ConfigurationError("domain-key-exposed", file=str(path))
        return file.read(_LARGEST)


def is_open_to_others(path: Path, status: os.stat_result) -> bool:
    """Tell whether anybody but its owner may read a file.

    What systemd holds for a service (LoadCredential=) is in a folder of that service's own; an access list there looks
    like rights of the group.
    """
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    is_credential = credentials is not None and path.parent == Path(credentials)
    return os.name == "posix" and not is_credential and bool(stat.S_IMODE(status.st_mode) & 0o077)


def _in_ascii(domain: str) -> str:
    try:
        return domain.lower() if domain.isascii() else domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return domain.lower()
