"""Whether a message can be read in one way only, as far as its signature is concerned (mail.md C4, F4)."""

from __future__ import annotations

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
        "parameter-repeated",
        "preamble-content",
        "too-deep",
        "too-many-fields",
        "too-many-parts",
    ]
)
# A body may hold any octets where it says so, and is encoded before it is signed.
_BINARY: Final = frozenset(("bare-cr", "bare-lf", "nul"))
_HEADERS: Final = frozenset(("header-unended",))


def unclear(message: Part) -> tuple[str, ...]:
    """Name what readers take differently at the root, by the identifiers of `gsign.mime`."""
    found = tuple(id_ for id_ in message.ambiguities if id_ in _UNCLEAR)
    if _BINARY.isdisjoint(found) or len(message.children) != 2:
        return found
    faults = _faults_around(message, message.children[1])
    return tuple(id_ for id_ in found if id_ not in _BINARY or id_ in faults)


def _faults_around(message: Part, signature: Part) -> list[str]:
    """Name odd ends of lines, but for those in the digits of the signature, where every reader skips them."""
    return line_faults(message.data[: signature.body_start] + message.data[signature.end :])


def unsignable(message: Part) -> tuple[str, ...]:
    """Name why a message is not to be signed as it is."""
    return tuple(id_ for id_ in message.ambiguities if id_ in (_UNCLEAR | _HEADERS) - _BINARY)
