"""From a URI to the one key: ask the modules, choose the token before any PIN is sent, choose the key after.

No PIN goes to a token that was not the only one in question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from gsign.errors import TokenError
from gsign.token.discovery import KeyCandidate, TokenInfo, TokenObject, judge
from gsign.token.faults import FunctionError, to_error
from gsign.token.pin import PinInput
from gsign.token.pool import Pool, acquire, release
from gsign.token.uri import TokenUri
from gsign.token.worker import Worker

__all__ = ["Candidates", "Choice", "Found", "choose", "list_candidates", "survey", "surveyed", "the_one"]


class Candidates(tuple[KeyCandidate, ...]):
    """Candidates as a fact of an error: `{candidates:vi}` in a sentence lists them with the reasons in words."""

    __slots__ = ()

    def __format__(self, lang: str) -> str:
        from gsign.sentences.token import reason_in_words

        return "; ".join(
            f"{candidate.uri} ({', '.join(reason_in_words(r, lang) for r in candidate.rejected) or 'ok'})"
            for candidate in self
        )


class Found(NamedTuple):
    """A token that fits the URI, and the pool whose module sees it."""

    pool: Pool
    token: TokenInfo


class Choice(NamedTuple):
    """The one key, its token, and the further certificates on that token."""

    found: Found
    key: KeyCandidate
    chain: tuple[bytes, ...]

    @property
    def name(self) -> object:
        """What tells this key from all others, whatever handle it has in a driver's process."""
        return (self.found.token.identity, self.key.certificate, self.key.id, self.key.label)


@contextmanager
def surveyed(modules: Sequence[str], uri: TokenUri) -> Iterator[list[Found]]:
    """Ask all modules for the tokens that a URI means; their processes end with the block unless acquired elsewhere."""
    with ExitStack() as stack:
        pools = []
        for module in modules:
            pool = acquire(module)
            stack.callback(release, pool)
            pools.append(pool)
        if len(pools) > 1:
            for pool in pools:
                pool.start()
        yield survey(pools, uri)


def survey(pools: Sequence[Pool], uri: TokenUri) -> list[Found]:
    """List the tokens that a URI means.

    Raises:
        TokenError: `no-token`, `token-not-found` naming those present, or the fault of the only module.
    """
    failures: list[TokenError] = []
    present = _present(pools, failures)
    if not any(_is_meant(one, uri) for one in present):
        # Once more in fresh processes, for the reasons that `Worker.find` gives.
        failures.clear()
        present = _present(pools, failures, afresh=True)
    if not present and failures:
        raise failures[0]
    if not present:
        raise TokenError("no-token", temporary=True)
    found = [one for one in present if _is_meant(one, uri)]
    if not found:
        raise TokenError("token-not-found", temporary=True, tokens="; ".join(one.token.uri for one in present))
    return found


def _present(pools: Sequence[Pool], failures: list[TokenError], *, afresh: bool = False) -> list[Found]:
    present: list[Found] = []
    for pool in pools:
        try:
            with pool.worker() as worker:
                if afresh:
                    worker.discard()
                present += [Found(pool, token) for token in worker.tokens()]
        except TokenError as error:
            failures.append(error)
        except FunctionError as error:
            failures.append(to_error(error, pool.module))
    return present


def _is_meant(one: Found, uri: TokenUri) -> bool:
    return uri.is_for_token(one.token._asdict())


def list_candidates(
    found: Sequence[Found], uri: TokenUri, issuers: Collection[bytes] | None, pin: PinInput = None
) -> list[KeyCandidate]:
    """List the candidates of all tokens; log in where a PIN is given and one token is meant."""
    login = pin is not None and len(found) == 1
    candidates: list[KeyCandidate] = []
    for one in found:
        with one.pool.worker() as worker:
            if login:
                one.pool.login(one.token).first(worker, one.token, pin, uri, last_try=False)
            objects = _objects(worker, one.token)
        candidates += judge(one.token, objects, uri, issuers=issuers, keys_shown=_keys_shown(one, login))
    return candidates


def _keys_shown(one: Found, logged_in: bool) -> bool:
    return logged_in or not one.token.login_required


def choose(
    found: Sequence[Found],
    uri: TokenUri,
    pin: PinInput,
    *,
    issuers: Collection[bytes] | None,
    last_try: bool,
) -> Choice:
    """Choose the token by what it shows to anyone, log in, and choose the key.

    Raises:
        TokenError: `no-signing-key` or `several-signing-keys`, both with every candidate; the PIN's errors.
    """
    one = _choose_token(found, uri, issuers)
    with one.pool.worker() as worker:
        one.pool.login(one.token).first(worker, one.token, pin, uri, last_try=last_try)
        candidates = judge(one.token, _objects(worker, one.token), uri, issuers=issuers, keys_shown=True)
        choice = Choice(one, the_one(candidates), _chain(candidates))
        if choice.key.key is not None:
            # This worker knows the key already; others look for it when they first sign.
            worker.keys[choice.name] = (one.token.slot, choice.key.key.handle)
    return choice


def _choose_token(found: Sequence[Found], uri: TokenUri, issuers: Collection[bytes] | None) -> Found:
    seen: list[tuple[Found, list[KeyCandidate]]] = []
    for one in found:
        with one.pool.worker() as worker:
            objects = _objects(worker, one.token)
        shown = _keys_shown(one, logged_in=False)
        seen.append((one, judge(one.token, objects, uri, issuers=issuers, keys_shown=shown)))
    every = [candidate for _, candidates in seen for candidate in candidates]
    promising = [one for one, candidates in seen if any(not candidate.rejected for candidate in candidates)]
    # Certificates may be hidden until login, and the label or identifier may be the key's.
    possible = promising or [one for one, candidates in seen if _may_hide_more(candidates)]
    chosen = _without_twins(possible)
    if not chosen:
        raise _none_or_several(every, several=False)
    if len(chosen) > 1 and not promising:
        raise TokenError("several-tokens", tokens="; ".join(one.token.uri for one in chosen))
    if len(chosen) > 1:
        raise _none_or_several(every, several=True)
    return chosen[0]


def _objects(worker: Worker, token: TokenInfo) -> list[TokenObject]:
    try:
        return worker.objects(token)
    except FunctionError as error:
        worker.discard()
        raise to_error(error, token.name) from None


def _may_hide_more(candidates: Sequence[KeyCandidate]) -> bool:
    hidden = {"other-label", "other-id"}
    return not candidates or any(set(candidate.rejected) <= hidden for candidate in candidates)


def _without_twins(found: Sequence[Found]) -> list[Found]:
    """Keep one of several sights of the same token, as two modules may drive one reader."""
    by_identity: dict[object, Found] = {}
    for one in found:
        # A token without a serial number cannot be told from its like.
        key = one.token.identity if one.token.serial else (one.pool.module, one.token.slot)
        by_identity.setdefault(key, one)
    return list(by_identity.values())


def the_one(candidates: Sequence[KeyCandidate]) -> KeyCandidate:
    """Return the only candidate that may sign.

    Raises:
        TokenError: `no-signing-key` or `several-signing-keys`, both with every candidate.
    """
    fit = [candidate for candidate in candidates if not candidate.rejected]
    if len(fit) != 1:
        raise _none_or_several(candidates, several=len(fit) > 1)
    return fit[0]


def _none_or_several(candidates: Sequence[KeyCandidate], *, several: bool) -> TokenError:
    code = "several-signing-keys" if several else "no-signing-key"
    return TokenError(code, candidates=Candidates(candidates), count=len(candidates))


def _chain(candidates: Sequence[KeyCandidate]) -> tuple[bytes, ...]:
    found = (one.certificate for one in candidates if one.certificate and one.facts and one.facts.is_ca)
    return tuple(dict.fromkeys(found))
