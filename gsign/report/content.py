"""What a report says, before it has a form: sections, rows of label and value, notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gsign.report.wording import Words

__all__ = ["CertificateRow", "Conditions", "FileSection", "Note", "Report", "Row", "SignatureSection", "Tone"]


class Tone(StrEnum):
    """How something is to be taken; never said by colour alone."""

    GOOD = "good"
    BAD = "bad"
    OPEN = "open"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What documents were judged with.

    Args:
        revocation: `prefer`, `require` or `off`.
        offline: whether nobody was asked.
        at: the time asked for; None for now.
        anchors: files and folders of anchors beside the pinned ones.
        version: of gsign.
    """

    revocation: str = "prefer"
    offline: bool = False
    at: datetime | None = None
    anchors: Sequence[str] = ()
    version: str = "?"


@dataclass(frozen=True, slots=True)
class Row:
    """A label with one value or several, each a line."""

    label: Words
    values: tuple[str, ...]
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Note:
    """A reason or warning: its identifier, what happened, what to do."""

    code: str
    sentence: Words
    advice: Words
    tone: Tone


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate of some path; signatures refer to it by its number."""

    number: int
    name: str
    period: str
    sha256: str
    is_anchor: bool


@dataclass(frozen=True, slots=True)
class SignatureSection:
    """One signature: what the law asks for, then what it rests on."""

    title: Words
    field: str
    verdict: Words
    code: str
    tone: Tone
    rows: tuple[Row, ...]
    technical: tuple[Row, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class FileSection:
    """One file."""

    name: str
    verdict: Words
    code: str
    tone: Tone
    why: Words
    facts: tuple[Row, ...]
    notes: tuple[Note, ...]
    signatures: tuple[SignatureSection, ...] = ()
    certificates: tuple[CertificateRow, ...] = ()
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report."""

    lang: str
    title: Words
    made: Words
    program: Words
    footer: Words
    conditions: Row
    headings: dict[str, Words] = field(repr=False)
    files: tuple[FileSection, ...] = ()
