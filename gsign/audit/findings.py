"""What a verification of a ledger found wrong, each named; those that follow each other are told as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from gsign.audit.comparing import Difference

__all__ = ["Finding", "Findings", "Verification"]

_MOST: Final = 10_000
"""Findings that are kept; all are counted."""


class Finding(NamedTuple):
    """Something that is not as it was written."""

    code: str
    """Looked up in `gsign.sentences.audit`."""
    writer: str
    """Whose chain; empty where it is about no chain."""
    first: int
    """Number of the entry, or of the first of several."""
    last: int
    witness: str = ""
    """Who knows better: the reference of an entry, a checkpoint or a segment."""
    detail: str = ""
    """A table, a number or a file."""

    @property
    def entries(self) -> str:
        """The references of the entries, as a person reads them."""
        if not self.first:
            return self.writer
        return f"{self.writer}-{self.first}" + (f"…{self.last}" if self.last != self.first else "")

    def facts(self) -> dict[str, Any]:
        """Return what a sentence names."""
        return {**self._asdict(), "entries": self.entries, "count": self.last - self.first + 1}

    def sentence(self, lang: str) -> str:
        """Say what was found, in `vi` or `en`."""
        from gsign.sentences import reason_sentence

        return reason_sentence(self.code, lang, self.facts())

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        found: dict[str, Any] = {"code": self.code, "entries": self.entries, "writer": self.writer or None}
        return {
            **found,
            "first": self.first or None,
            "last": self.last or None,
            "witness": self.witness or None,
            "detail": self.detail or None,
        }


class Findings:
    """Findings as they come."""

    def __init__(self) -> None:
        self.count = 0
        self._foremost: list[Finding] = []
        self._kept: list[Finding] = []
        self._last: dict[tuple[str, str, str, str], int] = {}

    def add(self, code: str, writer: str = "", number: int = 0, last: int = 0, **facts: str) -> None:
        """Add one; where it goes on from one before, that is made longer."""
        new = Finding(code, writer, number, last or number, **facts)
        kind = (code, writer, new.witness, new.detail)
        at = self._last.get(kind)
        if at is not None and number and number == self._kept[at].last + 1:
            self._kept[at] = self._kept[at]._replace(last=new.last)
            return
        self.count += 1
        if len(self._kept) < _MOST:
            self._last[kind] = len(self._kept)
            self._kept.append(new)

    def add_foremost(self, code: str, detail: str) -> None:
        """Add one about a ledger as a whole, which may be why there are others: it is told before them."""
        self.count += 1
        self._foremost.append(Finding(code, "", 0, 0, detail=detail))

    def told(self) -> tuple[Finding, ...]:
        """Return those that were kept."""
        return (*self._foremost, *self._kept)

    def add_difference(self, difference: Difference) -> None:
        """Add what is kept beside an entry and does not follow from it."""
        code = "derived-extra" if difference.is_extra else "derived-differs"
        self.add(code, difference.writer, difference.number, detail=difference.table)


class Verification(NamedTuple):
    """What was verified, and what came of it."""

    entries: int
    chains: int
    heads: Mapping[str, tuple[int, str]]
    """Of each chain number and hash (hexadecimal) of the last entry."""
    claims: int
    """Heads held elsewhere that were compared."""
    sealed: int
    """Entries that are in segments which were not at hand."""
    findings: tuple[Finding, ...]
    wrong: int
    """How many findings there are, those included that were not kept."""
    uncounted: int = 0
    """Sealed entries of which nothing is kept that reports count."""

    @property
    def is_whole(self) -> bool:
        """Whether everything is as it was written."""
        return not self.wrong

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "whole": self.is_whole,
            "entries": self.entries,
            "chains": self.chains,
            "claims": self.claims,
            "sealed": self.sealed,
            "uncounted": self.uncounted,
            "wrong": self.wrong,
            "findings": [finding.to_dict() for finding in self.findings],
            "heads": {writer: list(head) for writer, head in self.heads.items()},
        }
