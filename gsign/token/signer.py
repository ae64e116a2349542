"""The `Signer` whose key lives in a token."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from gsign.errors import TokenError
from gsign.signer import Algorithm, Digest, KeyHolder, Scheme
from gsign.token import constants as ck
from gsign.token.certificate import PublicKey
from gsign.token.discovery import TokenObject
from gsign.token.faults import OTHER_WAY, FunctionError
from gsign.token.mechanisms import Way, choose_algorithm, ways
from gsign.token.pool import Pool, release
from gsign.token.selection import Choice
from gsign.token.worker import Worker

__all__ = ["TokenSigner"]

_POLL_SECONDS: Final = 0.5


class TokenSigner(KeyHolder):
    """Sign with one key on a token (`gsign.signer.Signer`); for any number of threads and for forked processes.

    Where the token was pulled out, `sign` says so (`token-removed`, temporary); once the same token is back, in this
    reader or another, the same object signs again.

    Args:
        choice: key, token and chain; the signer takes over the pool's reference.
        uri: how the caller finds this key again.
        seconds: time limit of one signature.
    """

    is_token = True

    def __init__(self, choice: Choice, uri: str, seconds: float) -> None:
        key, certificate = choice.key.key, choice.key.certificate
        if key is None or certificate is None or choice.key.facts is None:
            raise TokenError("no-signing-key", candidates="", count=0)
        self.certificate = certificate
        self.chain = choice.chain
        self.uri = uri
        self._pool: Pool | None = choice.found.pool
        self._token = choice.found.token
        self._key = key
        self._public: PublicKey = choice.key.facts.key
        self._login = choice.found.pool.login(choice.found.token)
        self._name = choice.name
        self._chosen: dict[tuple[Scheme | None, Digest | None], Algorithm] = {}
        self._ways: dict[Algorithm, list[Way]] = {}
        self._seconds = seconds
        # Matched by CKA_ID alone, the pair is proven by the first signature.
        self._unproven = not key.public

    def close(self) -> None:
        """Give up the session; further calls fail. The last signer of a module ends its processes."""
        pool, self._pool = self._pool, None
        if pool is not None:
            release(pool)

    def algorithm(self, scheme: Scheme | None = None, digest: Digest | None = None) -> Algorithm:
        """Choose what this key and its token can do; None leaves the choice to the signer.

        Raises:
            TokenError: `algorithm-unsupported` where key or token cannot do what was asked.
        """
        chosen = self._chosen.get((scheme, digest))
        if chosen is None:
            chosen = choose_algorithm(self._public, self._token.mechanisms, scheme, digest)
            if chosen is None:
                raise self._unsupported(scheme, digest)
            self._chosen[scheme, digest] = chosen
        return chosen

    def sign(self, message: bytes, algorithm: Algorithm) -> bytes:
        """Sign `message` and return the signature as CMS wants it.

        Args:
            message: what is signed; hashed here or by the token.
            algorithm: as `algorithm()` returned it.

        Raises:
            TokenError: `token-removed`, `token-driver-crashed`, `token-driver-hung` or `token-failed` (temporary), or
                a PIN's error after which this signer sends no PIN any more.
        """
        return self.sign_meanwhile(message, algorithm, None)

    def sign_meanwhile(self, message: bytes, algorithm: Algorithm, meanwhile: Callable[[], object] | None) -> bytes:
        """Sign, and do something else while the token is at it, as `gsign.signer.WaitingSigner` says."""
        if self._pool is None:
            raise TokenError("signer-closed", token=self._token.name)
        with self._pool.worker() as worker:
            signature = worker.attempt(
                lambda: self._sign(worker, message, algorithm, meanwhile), self._token.name, self._login.heed
            )
        if self._unproven:
            self._prove(message, algorithm, signature)
        return signature

    def wait_until_present(self, timeout_seconds: float) -> bool:
        """Wait until the token is there, at most `timeout_seconds` (0 looks once); tell whether it is."""
        deadline = time.monotonic() + timeout_seconds
        while not self._is_present():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(_POLL_SECONDS, left))
        return True

    def is_gone(self) -> bool:
        """Tell whether the token is gone for sure: the driver answers, and does not list it."""
        return self._look() is False

    def _is_present(self) -> bool:
        return bool(self._look())

    def _look(self) -> bool | None:
        """Tell whether the token is there; None where the driver does not say."""
        if self._pool is None:
            return None
        with self._pool.worker() as worker:
            # A module that runs does not see what is put in later, nor always that a token is gone.
            worker.discard()
            try:
                return worker.find(self._token.identity) is not None
            except (FunctionError, TokenError):
                return None

    def _sign(
        self, worker: Worker, message: bytes, algorithm: Algorithm, meanwhile: Callable[[], object] | None
    ) -> bytes:
        slot, handle = worker.keys.get(self._name) or self._enter(worker)
        context = self._login.context() if self._key.always_authenticate else None
        for way in self._possible(algorithm):
            try:
                raw = worker.request(
                    "sign",
                    slot,
                    handle,
                    way.mechanism,
                    way.parameter,
                    way.prepare(message),
                    context,
                    seconds=self._seconds,
                    meanwhile=meanwhile,
                )
            except FunctionError as fault:
                if fault.function != "C_SignInit" or fault.rv not in OTHER_WAY:
                    raise
                self._ways[algorithm] = [other for other in self._ways[algorithm] if other is not way]
            else:
                return way.finish(raw)
        raise self._unsupported(algorithm.scheme, algorithm.digest)

    def _possible(self, algorithm: Algorithm) -> list[Way]:
        possible = self._ways.get(algorithm)
        if possible is None:
            possible = self._ways[algorithm] = list(ways(self._public, self._token.mechanisms, algorithm))
        return possible

    def _enter(self, worker: Worker, *, again: bool = False) -> tuple[int, int]:
        """Log a fresh process in and find the key there; where it is missing, start anew once before believing it."""
        token = worker.find(self._token.identity)
        if token is None:
            raise TokenError("token-removed", temporary=True, token=self._token.name)
        self._login.again(worker, token)
        key = self._find_key(worker.objects(token))
        if key is None:
            worker.discard()
            if not again:
                # The objects of a token that is being pulled out are gone before the token is.
                return self._enter(worker, again=True)
            raise TokenError("key-removed", token=self._token.name, uri=self.uri)
        worker.keys[self._name] = (token.slot, key.handle)
        return worker.keys[self._name]

    def _find_key(self, objects: list[TokenObject]) -> TokenObject | None:
        keys = [item for item in objects if item.kind == ck.CKO_PRIVATE_KEY]
        alike = [item for item in keys if (item.id, item.label) == (self._key.id, self._key.label)]
        return next((item for item in alike if not item.public or item.public == self._key.public), None)

    def _prove(self, message: bytes, algorithm: Algorithm, signature: bytes) -> None:
        from gsign.token.proof import is_signature_of

        if not is_signature_of(self.certificate, message, algorithm, signature):
            raise TokenError("key-mismatch", token=self._token.name, uri=self.uri)
        self._unproven = False

    def _unsupported(self, scheme: Scheme | None, digest: Digest | None) -> TokenError:
        return TokenError(
            "algorithm-unsupported",
            token=self._token.name,
            key=self._public.name,
            scheme=str(scheme or "-"),
            digest=str(digest or "-"),
        )
