"""Places that are not certain, told with what was found: as `--at` takes it, with the words that stand there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from gsign.appearance.placement.pages import SignatureBox
from gsign.appearance.placement.words import Box, box_of
from gsign.errors import UsageError

__all__ = ["Found", "not_found", "taken", "taken_by_fields", "uncertain"]

_MOST_TOLD: Final = 8
_LONGEST: Final = 60


class Found(NamedTuple):
    """Words that were found, and where."""

    page: int
    box: Box
    text: str

    def __str__(self) -> str:
        words = self.text if len(self.text) <= _LONGEST else self.text[: _LONGEST - 1] + "…"
        return f"{self.page},{self.box.left:.0f},{self.box.bottom:.0f} “{words}”"


def not_found(sought: str, cause: str, found: Iterable[Found] = ()) -> UsageError:
    """Return the error for what is not in the text.

    Args:
        sought: words of the document, or a name.
        cause: why not (`gsign.sentences.causes`).
        found: what comes nearest to it.
    """
    return UsageError("place-not-found", sought=sought, cause=cause, found=_told(found))


def uncertain(sought: str, cause: str, found: Iterable[Found]) -> UsageError:
    """Return the error for what may stand in several places."""
    return UsageError("place-uncertain", sought=sought, cause=cause, found=_told(found))


def taken(sought: str, cause: str, found: Iterable[Found]) -> UsageError:
    """Return the error for a place where something stands already, or that is too small."""
    return UsageError("place-taken", sought=sought, cause=cause, found=_told(found))


def taken_by_fields(sought: str, fields: Sequence[SignatureBox]) -> UsageError:
    """Return the error for a place where signature fields stand, of which there is at least one."""
    cause = "taken-by-signature" if any(field.is_signed for field in fields) else "taken-by-empty-field"
    return taken(sought, cause, [Found(field.place.page, box_of(field.place), field.name) for field in fields])


def _told(found: Iterable[Found]) -> str:
    each = [str(one) for one in found]
    return "; ".join(each[:_MOST_TOLD] + ["…"] * (len(each) > _MOST_TOLD)) or "—"
