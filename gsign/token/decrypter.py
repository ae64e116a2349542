"""The `Decrypter` whose keys live in tokens: which key it is, the message says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Final, cast

from gsign.errors import TokenError
from gsign.signer import KeyHolder, Oaep, key_or_chance
from gsign.token.certificate import read_certificate
from gsign.token.discovery import KeyCandidate, TokenInfo, TokenObject, judge
from gsign.token.faults import OTHER_WAY, FunctionError, to_error
from gsign.token.pin import PinInput
from gsign.token.pool import acquire, release
from gsign.token.proof import is_point
from gsign.token.selection import Found
from gsign.token.unpadding import ways
from gsign.token.uri import TokenUri
from gsign.token.worker import Worker

__all__ = ["TokenDecrypter", "find_certificates"]

_SECONDS: Final = 60.0


def find_certificates(found: Sequence[Found], uri: TokenUri, pin: PinInput, *, last_try: bool) -> dict[bytes, Found]:
    """List the certificates of tokens that keys may belong to, each with its token.

    Tokens show them without a PIN; a single one that shows none is logged in to, since some hide them.

    Raises:
        TokenError: `no-decryption-key`; the PIN's errors.
    """
    shown = {certificate: one for one in found for certificate in _certificates(one)}
    if not shown and len(found) == 1:
        (one,) = found
        with one.pool.worker() as worker:
            one.pool.login(one.token).first(worker, one.token, pin, uri, last_try=last_try)
        shown = dict.fromkeys(_certificates(one), one)
    if not shown:
        raise TokenError("no-decryption-key", token="; ".join(one.token.name for one in found))
    return shown


def _certificates(one: Found) -> Iterator[bytes]:
    with one.pool.worker() as worker:
        try:
            candidates = _candidates(one, worker.objects(one.token))
        except FunctionError as error:
            worker.discard()
            raise to_error(error, one.token.name) from None
    yield from (c.certificate for c in candidates if c.certificate is not None and c.facts and not c.facts.is_ca)


def _candidates(one: Found, objects: list[TokenObject]) -> list[KeyCandidate]:
    # Whatever speaks against signing with them, such as their age, does not keep old mail from being read.
    return judge(one.token, objects, TokenUri(), issuers=None, keys_shown=False)


class TokenDecrypter(KeyHolder):
    """Decrypt with keys on tokens (`gsign.signer.Decrypter`); for any number of threads.

    Nobody is asked for a PIN before a message turns up that is for one of the tokens; the PIN goes to that token and to
    no other. A PIN that was refused once is not sent again, nor asked for again.

    Args:
        certificates: where each certificate's key is; a reference to each pool is taken.
        uri: how the caller named the tokens.
        pin: the PIN, or what asks for it.
        last_try: send the PIN although a wrong one would lock the token.
    """

    is_token = True

    def __init__(
        self, certificates: dict[bytes, Found], uri: TokenUri, pin: PinInput, *, last_try: bool = False
    ) -> None:
        self.certificates = tuple(certificates)
        self.uri = str(TokenUri(uri.path, uri.id))
        self._places = certificates
        self._wanted = uri
        self._pin = pin
        self._last_try = last_try
        self._refusal: TokenError | None = None
        self._always: set[bytes] = set()
        self._mine: Found | None = None
        # Another decrypter has to show a PIN of its own before it uses what this one logged in to.
        self._mark = object()
        self._open: ExitStack | None = ExitStack()
        for module in {one.pool.module for one in certificates.values()}:
            self._open.callback(release, acquire(module))

    def close(self) -> None:
        """Give up the sessions; further calls fail."""
        opened, self._open = self._open, None
        if opened is not None:
            opened.close()

    def unwrap(self, certificate: bytes, encrypted: bytes, padding: Oaep | None, size: int) -> bytes:
        """Decrypt a content key of `size` bytes; a key by chance where it is not to be had.

        Raises:
            TokenError: `token-removed`, `token-driver-crashed`, `token-driver-hung` or `token-failed` (temporary),
                `decryption-unsupported`, or a PIN's error after which this decrypter sends no PIN any more.
        """
        one, key = self._places[certificate], read_certificate(certificate).key
        if key.kind != "rsa":
            return key_or_chance(None, size)
        possible = list(ways(key, one.token.mechanisms, padding, size))
        whole = encrypted.rjust(len(key.octets), b"\0")

        def work(worker: Worker, slot: int, handle: int) -> bytes | None:
            context = one.pool.login(one.token).context() if certificate in self._always else None
            is_taken = False
            for way in possible:
                try:
                    answer = worker.request(
                        "decrypt", slot, handle, way.mechanism, list(way.parameter), whole, context, seconds=_SECONDS
                    )
                except FunctionError as fault:
                    if fault.rv not in OTHER_WAY or not (way.is_bare or fault.function == "C_DecryptInit"):
                        raise
                else:
                    if answer is not None:
                        return way.finish(answer)
                    is_taken = True
                    # Bare RSA refuses a number that is too large, which everybody sees; else it is there in name only.
                    if not way.is_bare:
                        break
            if is_taken:
                return None
            raise TokenError("decryption-unsupported", token=one.token.name, key=key.name)

        return key_or_chance(self._with_key(certificate, work), size)

    def agree(self, certificate: bytes, point: bytes) -> bytes:
        """Return the ECDH secret with a point; one by chance for what is none of this curve's.

        Raises:
            TokenError: as `unwrap`.
        """
        key = read_certificate(certificate).key
        size = (key.bits + 7) // 8
        if not is_point(key, point):
            return os.urandom(size)

        def work(worker: Worker, slot: int, handle: int) -> bytes | None:
            return cast("bytes", worker.request("derive", slot, handle, point, seconds=_SECONDS))

        return key_or_chance(self._with_key(certificate, work), size)

    def _with_key(self, certificate: bytes, work: Callable[[Worker, int, int], bytes | None]) -> bytes | None:
        """Do the work with a certificate's key, logged in."""
        one = self._places[certificate]
        if self._open is None:
            raise TokenError("signer-closed", token=one.token.name)
        with one.pool.worker() as worker:
            return worker.attempt(
                lambda: work(worker, *self._enter(worker, one, certificate)), one.token.name, partial(self._heed, one)
            )

    def _enter(self, worker: Worker, one: Found, certificate: bytes) -> tuple[int, int]:
        """Return slot and handle of a key, once logged in."""
        if self._refusal is not None:
            raise self._refusal
        name = (self._mark, certificate)
        if name not in worker.keys:
            token = worker.find(one.token.identity)
            if token is None:
                raise TokenError("token-removed", temporary=True, token=one.token.name)
            self._log_in(worker, one, token)
            key = _key_of(certificate, _candidates(one, worker.objects(token)))
            if key is None:
                raise TokenError("no-decryption-key", token=one.token.name)
            if key.always_authenticate:
                self._always.add(certificate)
            worker.keys[name] = (token.slot, key.handle)
        return worker.keys[name]

    def _log_in(self, worker: Worker, one: Found, token: TokenInfo) -> None:
        if self._mine is None:
            self._mine = one
        elif self._mine.token.identity != one.token.identity and token.login_required and not token.pin_pad:
            # Whose PIN it is was decided by the first message: for another token it would be a guess.
            raise TokenError("several-tokens", tokens=f"{self._mine.token.uri}; {one.token.uri}")
        try:
            one.pool.login(one.token).first(worker, token, self._pin, self._wanted, last_try=self._last_try)
        except TokenError as error:
            if not error.temporary:
                self._refusal = error
            raise

    def _heed(self, one: Found, fault: FunctionError) -> None:
        one.pool.login(one.token).heed(fault)
        if fault.function == "C_Login":
            self._refusal = to_error(fault, one.token.name)


def _key_of(certificate: bytes, candidates: list[KeyCandidate]) -> TokenObject | None:
    return next((c.key for c in candidates if c.certificate == certificate and c.key is not None), None)
