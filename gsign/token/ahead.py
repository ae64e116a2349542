"""A driver's process started ahead of need; this imports what that takes and no more."""

from __future__ import annotations

import os

from gsign.token.modules import find_modules
from gsign.token.pool import prepare as _prepare
from gsign.token.uri import TokenUri

__all__ = ["prepare"]


def prepare(uri: str = "pkcs11:", *, module: str | os.PathLike[str] | None = None) -> None:
    """Start the drivers that `gsign.pkcs11.open_signer` will need, and return at once: they load meanwhile.

    Args:
        uri: RFC 7512 URI of the key.
        module: as for `open_signer`.

    Raises:
        UsageError: `uri-invalid`.
        TokenError: no module, or it cannot be started.
    """
    for path in find_modules(TokenUri.parse(uri), module):
        _prepare(path)
