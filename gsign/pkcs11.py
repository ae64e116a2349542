"""Keys on PKCS#11 tokens: list them, open exactly one as a `Signer`, or all of them as a `Decrypter`.

A driver lives in a process of its own (`gsign.token.owner`), so that threads, forks and a driver that crashes or hangs
cannot hurt the caller. Objects are named by RFC 7512 URIs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from contextlib import ExitStack
from typing import TYPE_CHECKING

from gsign.result import shown_day
from gsign.token.ahead import prepare
from gsign.token.discovery import KeyCandidate, TokenInfo
from gsign.token.modules import find_modules
from gsign.token.pin import read_pin_file
from gsign.token.pool import acquire, release
from gsign.token.selection import choose, list_candidates, surveyed, the_one
from gsign.token.signer import TokenSigner
from gsign.token.uri import TokenUri

if TYPE_CHECKING:
    from gsign.token.decrypter import TokenDecrypter

__all__ = [
    "KeyCandidate",
    "TokenInfo",
    "TokenSigner",
    "TokenUri",
    "explain",
    "find_certificate",
    "list_keys",
    "list_tokens",
    "open_decrypter",
    "open_signer",
    "prepare",
    "read_pin_file",
]

ModulePath = str | os.PathLike[str]


def open_signer(
    uri: str = "pkcs11:",
    *,
    pin: str | Callable[[], str | None] | None = None,
    module: ModulePath | None = None,
    workers: int = 1,
    use_last_try: bool = False,
    issuers: Collection[bytes] | None = None,
    timeout_seconds: float = 60.0,
) -> TokenSigner:
    """Open the one signing key that a URI means.

    The token is chosen by what it shows without a PIN wherever possible; no PIN is sent to a token that is not the only
    one in question, to a locked one, or more than once.

    Args:
        uri: RFC 7512 URI; `pkcs11:` means any token and any key.
        pin: the PIN, or what asks for it (called at most once, only when a login is needed); None leaves it to the
            URI's `pin-source` or `pin-value`. A PIN pad asks by itself.
        module: PKCS#11 module, where the URI has no `module-path`; None looks in the usual places.
        workers: number of processes that sign at the same time, where the token allows several.
        use_last_try: send the PIN although a wrong one would lock the token.
        issuers: DER Names of acceptable issuers; None accepts any.
        timeout_seconds: time limit of one signature, after which the driver is given up.

    Raises:
        UsageError: `uri-invalid`.
        TokenError: no module, token or key, several keys, or the PIN; its code and facts say which.
    """
    wanted = TokenUri.parse(uri)
    with surveyed(find_modules(wanted, module), wanted) as found:
        choice = choose(found, wanted, pin, issuers=issuers, last_try=use_last_try)
        with ExitStack() as stack:
            pool = acquire(choice.found.pool.module, workers)
            stack.callback(release, pool)
            signer = TokenSigner(choice, _uri_of(choice.key, wanted), timeout_seconds)
            stack.pop_all()
    if workers > 1:
        pool.start()
    return signer


def open_decrypter(
    uri: str = "pkcs11:",
    *,
    pin: str | Callable[[], str | None] | None = None,
    module: ModulePath | None = None,
    use_last_try: bool = False,
) -> TokenDecrypter:
    """Open the keys of the tokens that a URI means, to decrypt with them.

    Which of the keys it is, a message says by naming its certificate: the URI's `object`, `id` and `type` do not count.
    No PIN is asked for or sent before a message turns up that is for a key of that token.

    Args:
        uri: RFC 7512 URI; `pkcs11:` means every token.
        pin: as for `open_signer`.
        module: as for `open_signer`.
        use_last_try: send the PIN although a wrong one would lock the token.

    Raises:
        UsageError: `uri-invalid`.
        TokenError: no module or token, or `no-decryption-key` where no certificate is on it.
    """
    from gsign.token.decrypter import TokenDecrypter, find_certificates

    wanted = TokenUri.parse(uri)
    with surveyed(find_modules(wanted, module), wanted) as found:
        certificates = find_certificates(found, wanted, pin, last_try=use_last_try)
        return TokenDecrypter(certificates, wanted, pin, last_try=use_last_try)


def list_tokens(module: ModulePath | None = None) -> tuple[TokenInfo, ...]:
    """List the tokens present; empty slots and tokens that were never initialised are passed over.

    Args:
        module: PKCS#11 module; None asks all that are found in the usual places.

    Raises:
        TokenError: no module, no token, or a module that cannot be loaded.
    """
    anything = TokenUri()
    with surveyed(find_modules(anything, module), anything) as found:
        return tuple(one.token for one in found)


def list_keys(
    uri: str = "pkcs11:",
    *,
    pin: str | Callable[[], str | None] | None = None,
    module: ModulePath | None = None,
    issuers: Collection[bytes] | None = None,
) -> tuple[KeyCandidate, ...]:
    """List every certificate and key on the tokens that a URI means, each with the reasons why it cannot sign.

    Args:
        uri: RFC 7512 URI.
        pin: logs in where one token is meant, so that keys are seen too; None looks without a login.
        module: as for `open_signer`.
        issuers: as for `open_signer`.

    Raises:
        UsageError: `uri-invalid`.
        TokenError: no module, no token, or the PIN.
    """
    wanted = TokenUri.parse(uri)
    with surveyed(find_modules(wanted, module), wanted) as found:
        return tuple(list_candidates(found, wanted, issuers, pin))


def find_certificate(uri: str = "pkcs11:", *, module: ModulePath | None = None) -> bytes:
    """Return the certificate of the one signing key that a URI means, as far as tokens show it without a PIN.

    Args:
        uri: RFC 7512 URI.
        module: as for `open_signer`.

    Raises:
        UsageError: `uri-invalid`.
        TokenError: no module or token, `no-signing-key` or `several-signing-keys`.
    """
    wanted = TokenUri.parse(uri)
    with surveyed(find_modules(wanted, module), wanted) as found:
        certified = [one for one in list_candidates(found, wanted, None) if one.certificate]
        return the_one(certified).certificate or b""


def explain(candidates: Collection[KeyCandidate], lang: str = "en") -> list[str]:
    """Write candidates as lines of text: the URI, whose certificate it is, and every reason against it."""
    from gsign.sentences.token import reason_in_words

    lines = []
    for one in candidates:
        who = f"{one.facts.name}, {one.facts.key.name}, {shown_day(one.facts.not_after)}" if one.facts else "-"
        lines.append(f"{one.uri}")
        lines.append(f"    {who}")
        lines.extend(f"    - {reason_in_words(reason, lang)}" for reason in one.rejected)
    return lines


def _uri_of(key: KeyCandidate, wanted: TokenUri) -> str:
    kept = {name: value for name, value in wanted.query.items() if name.startswith("module-")}
    own = TokenUri.parse(key.uri)
    return str(TokenUri(own.path, own.id, kept))
