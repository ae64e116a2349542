"""Addresses of From, Sender and the like, read strictly (RFC 5322 clause 3.4): what is off gives no address at all."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from gsign.mime.words import decode_words

__all__ = ["Address", "AddressError", "read_addresses"]

_MAX_ADDRESSES: Final = 1_000
_SHORT: Final = 200
"""Characters of a list that is remembered."""
# What is not ASCII stands in addresses as letters do (RFC 6532 clause 3.2).
# Written as what it is not: compiling a range of all letters takes longer than all the rest.
_ATOM: Final = r'[^\x00-\x20\x7f()<>@,;:\\".\[\]]+'
_TOKEN: Final = re.compile(
    r'(?P<space>[ \t]+)|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<literal>\[[^\[\]\\\s"@<>(),:;]*\])|(?P<special>[<>@,;:])'
    r'|(?P<comment>\([^()<>@,;:.\\"]*\))'
    rf"|(?P<atom>{_ATOM}(?:\.{_ATOM})*\.?)",
    re.ASCII,
)
_ABOUT_NAMES: Final = frozenset(("special", "comment"))
_DOT_ATOM: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*", re.ASCII)
_DOMAIN: Final = re.compile(r"(?!-)[\w-]{1,63}(?<!-)(?:\.(?!-)[\w-]{1,63}(?<!-))*")


class AddressError(ValueError):
    """The text is no list of addresses that every reader reads alike."""


class Address(NamedTuple):
    """One mailbox.

    Args:
        name: display name, decoded; it proves nothing.
        local: what stands before the @, without quotes.
        domain: in lower case.
    """

    name: str
    local: str
    domain: str

    @property
    def spec(self) -> str:
        """`local@domain`."""
        return f"{self.local}@{self.domain}"


def read_addresses(text: str) -> tuple[Address, ...]:
    """Read a list of mailboxes.

    Args:
        text: an unfolded field's value.

    Raises:
        AddressError: comments but one that names the mailbox, groups, routes, unquoted specials, or anything else that
            readers take differently.
    """
    # The same people write to each other every day.
    return _read_once(text) if len(text) <= _SHORT else _read(text)


def _read(text: str) -> tuple[Address, ...]:
    entries: list[list[tuple[str, str]]] = [[]]
    for kind, token in _tokens(text):
        if (kind, token) == ("special", ","):
            entries.append([])
        else:
            entries[-1].append((kind, token))
        if len(entries) > _MAX_ADDRESSES:
            raise AddressError("too many")
    return tuple(_mailbox(entry) for entry in entries)


_read_once: Final = lru_cache(1 << 12)(_read)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is not None:
            tokens.append((found.lastgroup or "", found[0]))
            at = found.end()
        else:
            raise AddressError("unexpected character")
    return tokens


def _mailbox(tokens: list[tuple[str, str]]) -> Address:
    kinds = [kind for kind, _ in tokens]
    texts = [text for _, text in tokens]
    if "<" in texts:
        opening = texts.index("<")
        rest = [t for t in tokens[opening + 1 :] if t[0] != "space"] if texts.count("<") == 1 else []
        if not rest or rest[-1] != ("special", ">") or not _ABOUT_NAMES.isdisjoint(kinds[:opening]):
            raise AddressError("angle brackets")
        name = _display_name(tokens[:opening])
        inside = tokens[opening + 1 : max(i for i, t in enumerate(texts) if t == ">")]
    else:
        name, inside = "", _stripped(tokens)
        if [kind for kind, _ in inside[-2:]] == ["space", "comment"]:
            # As mail servers sign what they return: MAILER-DAEMON@example.vn (Mail Delivery System).
            name, inside = decode_words(inside[-1][1][1:-1]).strip(), _stripped(inside[:-1])
    return _spec(name, inside)


def _display_name(tokens: list[tuple[str, str]]) -> str:
    text = "".join(re.sub(r"\\(.)", r"\1", t[1:-1]) if kind == "quoted" else t for kind, t in tokens)
    return decode_words(text).strip()


def _stripped(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    start, end = 0, len(tokens)
    while start < end and tokens[start][0] == "space":
        start += 1
    while end > start and tokens[end - 1][0] == "space":
        end -= 1
    return tokens[start:end]


def _spec(name: str, tokens: list[tuple[str, str]]) -> Address:
    """Read `local@domain`, without white space anywhere."""
    at = [i for i, token in enumerate(tokens) if token == ("special", "@")]
    if len(at) != 1:
        raise AddressError("no address, or several in one")
    local = _local(tokens[: at[0]])
    domain = "".join(text for _, text in tokens[at[0] + 1 :])
    if any(kind != "atom" for kind, _ in tokens[at[0] + 1 :]) or not _DOMAIN.fullmatch(domain):
        raise AddressError("domain")
    return Address(name, local, domain.lower())


def _local(tokens: list[tuple[str, str]]) -> str:
    if len(tokens) == 1 and tokens[0][0] == "quoted":
        local = re.sub(r"\\(.)", r"\1", tokens[0][1][1:-1])
        # Quoted where there was no need is the same mailbox; with specials, readers part it at the wrong @.
        if not _DOT_ATOM.fullmatch(local):
            raise AddressError("quoted local part")
        return local
    local = "".join(text for _, text in tokens)
    if any(kind != "atom" for kind, _ in tokens) or not _DOT_ATOM.fullmatch(local):
        raise AddressError("local part")
    return local
