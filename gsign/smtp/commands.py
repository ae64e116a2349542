"""Commands of a client, read strictly (RFC 5321 clause 4.1, parameters of RFC 1870, 3461, 4954, 6152, 6531, 8689).

What two servers could read differently is refused: a path that is not closed, a quoted string that is not, blanks in
odd places.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

__all__ = ["CommandError", "PathCommand", "read_host", "read_mail", "read_recipient", "split_command"]

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_DOT_STRING: Final = rf"{_ATOM}(?:\.{_ATOM})*"
_QUOTED: Final = r'"(?:[ !#-\[\]-~\u0080-\U0010ffff]|\\[ -~])*"'
_LABEL: Final = r"[A-Za-z0-9\u0080-\U0010ffff](?:[A-Za-z0-9\u0080-\U0010ffff_-]*[A-Za-z0-9\u0080-\U0010ffff])?"
_DOMAIN: Final = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[A-Za-z0-9:.-]+\])"
_MAILBOX: Final = rf"(?:{_DOT_STRING}|{_QUOTED})@{_DOMAIN}"
# A source route is obsolete, and to be ignored (RFC 5321 appendix C).
_PATH: Final = re.compile(
    rf"<(?:@{_DOMAIN}(?:,@{_DOMAIN})*:)?(?P<mailbox>{_MAILBOX})>|<(?P<bare>[Pp][Oo][Ss][Tt][Mm][Aa][Ss][Tt][Ee][Rr])?>"
)
_PLAIN_LOCAL: Final = re.compile(_DOT_STRING)
_ESCAPED: Final = re.compile(r"\\(.)")
_TO_ESCAPE: Final = re.compile(r'["\\]')
_UNSEEN: Final = re.compile("[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Marks that programs leave out, though they are marks like others."""
_OF_NAMES: Final = frozenset(("Ll", "Lo", "Lm", "Mn", "Mc", "Nd"))
# What Postfix and others take for sender-specified routing: `b%c@d`, `c!b@d`, `"b@c"@d`.
_ROUTED: Final = re.compile("[@%!]")
_PARAMETER: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~\u0080-\U0010ffff]+))?")
_XTEXT: Final = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+")
_HOST: Final = 255
"""Characters of a host name (RFC 5321 clause 4.5.3.1.2)."""
_SIZE: Final = re.compile(r"[0-9]{1,20}")
_NOTIFY: Final = re.compile(r"NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY))*")
_ORCPT: Final = re.compile(r"[A-Za-z0-9-]+;.+")

_MAIL_PARAMETERS: Final[Mapping[str, re.Pattern[str] | None]] = {
    "SIZE": _SIZE,
    "BODY": re.compile("7BIT|8BITMIME"),
    "SMTPUTF8": None,
    "RET": re.compile("FULL|HDRS"),
    "ENVID": _XTEXT,
    "AUTH": re.compile(rf"<>|{_XTEXT.pattern}"),
    "REQUIRETLS": None,
}
_RECIPIENT_PARAMETERS: Final[Mapping[str, re.Pattern[str] | None]] = {"NOTIFY": _NOTIFY, "ORCPT": _ORCPT}
_SAID_AGAIN: Final = (b"MAIL ", b"RCPT ", b"DATA")
"""What lines begin with that are remembered: few are said by all. Never one that may hold a password."""
_FIRST_SENDER: Final = re.compile(r" AUTH=[^ ]+", re.IGNORECASE)
"""Who sent a message first, as a client has it: nobody's word for that is good, and it goes no further (RFC 4954)."""
_WORDS: Final = frozenset({"BODY", "RET", "NOTIFY"})
"""Parameters whose values are words in either case; those of the others are kept as they are."""


class CommandError(ValueError):
    """A command that is refused.

    Attributes:
        code: of the reply.
        enhanced: likewise.
        text: likewise.
    """

    def __init__(self, code: int, enhanced: str, text: str) -> None:
        super().__init__(text)
        self.code, self.enhanced, self.text = code, enhanced, text


class PathCommand(NamedTuple):
    """MAIL or RCPT: an address (empty for the null sender) and parameters, their names in capitals."""

    address: str
    """In one form, whatever needless quotation marks it came in."""
    parameters: Mapping[str, str | None]
    argument: str
    """The path and the parameters as they came, but for a source route and AUTH."""
    needs: frozenset[str]
    """Extensions without which a server could not take this, `SIZE` aside."""


def split_command(line: bytes) -> tuple[str, str]:
    """Split a line without its CRLF into verb, in capitals, and argument.

    Raises:
        CommandError: it holds a CR, LF or NUL, or what is no UTF-8.
    """
    return _split_again(line) if line.startswith(_SAID_AGAIN) else _split(line)


def _split(line: bytes) -> tuple[str, str]:
    if b"\r" in line or b"\n" in line or b"\0" in line:
        raise CommandError(550, "5.5.2", "bare CR, LF or NUL in a command")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise CommandError(500, "5.5.2", "command is neither ASCII nor UTF-8") from None
    verb, _, argument = text.partition(" ")
    return verb.upper(), argument.strip(" ")


_split_again: Final = lru_cache(1 << 10)(_split)


def read_host(argument: str) -> str:
    """Read the argument of EHLO, HELO or LHLO: whatever a client calls itself, as one short word.

    Raises:
        CommandError: it is none.
    """
    name = argument.strip()
    if not name or " " in name or not name.isprintable() or len(name) > _HOST:
        raise CommandError(501, "5.5.4", "a host name is needed")
    return name


# The same people write to each other every day; a line is short.
@lru_cache(1 << 10)
def read_mail(argument: str, offered: frozenset[str]) -> PathCommand:
    """Read the argument of MAIL.

    Args:
        argument: what follows the verb.
        offered: extensions that were advertised, such as `DSN`, `SMTPUTF8`.

    Raises:
        CommandError: the path or a parameter is off, or its extension was not offered.
    """
    command = _read(argument, "FROM:", offered)
    if command.address.lower() == "postmaster":
        raise CommandError(501, "5.1.7", "sender address is incomplete")
    return command


@lru_cache(1 << 10)
def read_recipient(argument: str, offered: frozenset[str]) -> PathCommand:
    """Read the argument of RCPT; see `read_mail`."""
    command = _read(argument, "TO:", offered)
    if not command.address:
        raise CommandError(501, "5.1.3", "recipient address is empty")
    local, _, domain = command.address.rpartition("@")
    if domain.startswith("[") and local.lower() != "postmaster":
        # Whose mailbox that is knows the next server alone; rules go by names of domains.
        raise CommandError(553, "5.1.3", "recipient's domain is a literal")
    if _ROUTED.search(local):
        # Whoever follows it sends the message to another domain than the one that a policy knows of.
        raise CommandError(553, "5.1.3", "a route within the local part is not followed")
    return command


def _read(argument: str, keyword: str, offered: frozenset[str]) -> PathCommand:
    known = _MAIL_PARAMETERS if keyword == "FROM:" else _RECIPIENT_PARAMETERS
    if argument[: len(keyword)].upper() != keyword:
        raise CommandError(501, "5.5.4", f"syntax: {keyword}<address>")
    rest = argument[len(keyword) :].lstrip(" ")
    path = _PATH.match(rest)
    if path is None or rest[path.end() : path.end() + 1] not in ("", " "):
        raise CommandError(501, "5.1.7" if keyword == "FROM:" else "5.1.3", "address is malformed")
    parameters = _parameters(rest[path.end() :], known, offered)
    said = path["mailbox"] or path["bare"] or ""
    address = _unquoted(said)
    if not address.isascii() and not _is_domain(address.rpartition("@")[2]):
        raise CommandError(553, "5.6.7", "domain is no name in the form that RFC 6531 asks for")
    if not address.isascii() and "SMTPUTF8" not in offered:
        raise CommandError(553, "5.6.7", "address is not ASCII, and the next server has no SMTPUTF8")
    needs = {_extension_of(name) for name in parameters} - {"SIZE", "AUTH"}
    needs |= set() if address.isascii() else {"SMTPUTF8"}
    said_of_it = rest[path.end() :]
    if "AUTH" in parameters:
        said_of_it = _FIRST_SENDER.sub("", said_of_it)
    return PathCommand(address, MappingProxyType(parameters), f"<{said}>{said_of_it}", frozenset(needs))


def _is_domain(domain: str) -> bool:
    """Whether each character of a domain stands for itself (RFC 5892), in either case and however it is composed.

    What programs turn into other characters, each by its own tables, is one domain to a policy and another one to
    whoever delivers.
    """
    text = unicodedata.normalize("NFC", domain.lower())
    is_plain = unicodedata.is_normalized("NFKC", text) and not _UNSEEN.search(text)
    return is_plain and all(c.isascii() or unicodedata.category(c) in _OF_NAMES for c in text)


def _unquoted(address: str) -> str:
    """Return an address without quotation marks that it does not need: they are no part of it (RFC 5321 clause 4.1.2).

    Whoever delivers sees through them, and so has everything that goes by addresses.
    """
    if not address.startswith('"'):
        return address
    quoted, _, domain = address.rpartition("@")
    local = _ESCAPED.sub(r"\1", quoted[1:-1])
    if not _PLAIN_LOCAL.fullmatch(local):
        local = '"' + _TO_ESCAPE.sub(r"\\\g<0>", local) + '"'
    return f"{local}@{domain}"


def _parameters(
    text: str, known: Mapping[str, re.Pattern[str] | None], offered: frozenset[str]
) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for word in text.split(" "):
        if not word:
            continue
        match = _PARAMETER.fullmatch(word)
        if match is None:
            raise CommandError(501, "5.5.4", "parameter is malformed")
        name, value = match[1].upper(), match[2]
        if name not in known or _extension_of(name) not in offered:
            raise CommandError(555, "5.5.4", f"parameter {name} is not supported here")
        if name in found:
            raise CommandError(501, "5.5.4", f"parameter {name} is there twice")
        value = value.upper() if value and name in _WORDS else value
        pattern = known[name]
        if (pattern is None) != (value is None) or (pattern and value and not pattern.fullmatch(value)):
            raise CommandError(501, "5.5.4", f"value of parameter {name} is off")
        found[name] = value
    return found


def _extension_of(parameter: str) -> str:
    """Return the extension that brings a parameter."""
    return {"BODY": "8BITMIME", "RET": "DSN", "ENVID": "DSN", "NOTIFY": "DSN", "ORCPT": "DSN"}.get(parameter, parameter)
