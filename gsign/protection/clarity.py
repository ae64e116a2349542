"""Whether a message can be read in one way only, as far as its signature is concerned (mail.md C4, F4)."""

from __future__ import annotations

import re
from typing import Final

from gsign.mime import Part
from gsign.mime.lines import line_faults

__all__ = ["unclear", "unsignable"]

# What readers take differently at the root decides what is signed, and who is shown as having signed it. What lies
# inside the signed part was signed as it is.
_UNCLEAR: Final = frozenset(
    [
        "bare-cr",
        "bare-lf",
        "boundary-after-close",
        "boundary-missing",
        "boundary-nested",
        "boundary-odd",
        "boundary-prefix",
        "boundary-unclosed",
        "comment",
        "content-type-malformed",
        "encoding-unknown",
        "epilogue-content",
        "field-malformed",
        "field-name-spaced",
        "field-repeated",
        "header-blank-fold",
        "header-control",
        "header-malformed",
        "header-too-large",
        "message-partial",
        "multipart-encoded",
        "nul",
        "parameter-continuation",
        "parameter-malformed",
        "parameter-repeated",
        "preamble-content",
        "too-deep",
        "too-many-fields",
        "too-many-parts",
    ]
)
# A body may hold any octets where it says so, and is encoded before it is signed.
_BINARY: Final = frozenset(("bare-cr", "bare-lf", "nul"))
_EMPTY: Final = b"\r\n"
_DELIMITER: Final = 1_000
# A field that every reader understands. Others stop at an escaped sign, one that should be in quotation marks, a letter
# or a control, wherever it stands, and find no boundary behind it.
_PLAIN: Final = re.compile(
    r"""multipart/[a-z]+(?:[ \t]*;[ \t]*[\w.+-]+=(?:"[^"\\\0-\x1f\x7f-\U0010ffff]*"|[\w.+/'-]+))+[ \t]*;?[ \t]*""",
    re.IGNORECASE | re.ASCII,
)
_HEADERS: Final = frozenset(("header-unended",))


def unclear(message: Part) -> tuple[str, ...]:
    """Name what readers take differently at the root, by the identifiers of `gsign.mime`."""
    found = [id_ for id_ in message.ambiguities if id_ in _UNCLEAR]
    found += _boundary_readings(message)
    found += _shown_before_parts(message)
    signature = message.children[1] if len(message.children) == 2 else None
    if not _BINARY.isdisjoint(found):
        faults = _faults_around(message, signature)
        found = [id_ for id_ in found if id_ not in _BINARY or id_ in faults]
    if signature is not None:
        # A part that only another reader sees could be put there: nothing signs it.
        found += [id_ for id_ in signature.ambiguities if id_ in _UNCLEAR]
    return tuple(dict.fromkeys(found))


def _boundary_readings(message: Part) -> list[str]:
    """Name ways of writing the boundary that readers of RFC 2231 take for another one than the others do."""
    if len(message.media.readings.get("boundary", ())) > 1:
        return ["parameter-repeated"]
    return ["parameter-continuation"] if "boundary*" in (message.get("content-type") or "").lower() else []


def _shown_before_parts(message: Part) -> list[str]:
    """Name text before the parts where some reader may not find these: it begins what is shown then."""
    if not message.is_multipart or _PLAIN.fullmatch(message.get("content-type") or ""):
        return []
    begins = bytes(message.body[:_DELIMITER]).lstrip(_EMPTY).startswith(b"--")
    return [] if begins else ["preamble-content"]


def _faults_around(message: Part, signature: Part | None) -> list[str]:
    """Name odd ends of lines, but for those in the digits of the signature, where every reader skips them.

    Empty lines at the end of the message are nobody's: mailboxes and editors put them there.
    """
    if signature is None:
        return line_faults(message.data.rstrip(_EMPTY))
    return line_faults(message.data[: signature.body_start] + message.data[signature.end :].rstrip(_EMPTY))


def unsignable(message: Part) -> tuple[str, ...]:
    """Name why a message is not to be signed as it is."""
    found = (*message.ambiguities, *_boundary_readings(message))
    return tuple(dict.fromkeys(id_ for id_ in found if id_ in (_UNCLEAR | _HEADERS) - _BINARY))
