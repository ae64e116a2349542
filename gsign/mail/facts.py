"""What an inspection finds: facts only, nothing is decided here."""

from __future__ import annotations

import enum
import hashlib
from typing import NamedTuple, Protocol

from gsign.mail.containers import Opened, Room
from gsign.mime.addresses import Address
from gsign.result import Indication, VerificationResult, plain, worst

__all__ = [
    "Ambiguity",
    "Document",
    "Harmless",
    "Inspection",
    "PartFact",
    "SmimeKind",
    "Unreadable",
    "Verifier",
    "sha256_of",
]


class SmimeKind(enum.StrEnum):
    """What the message's own envelope is (RFC 8551 clause 3.2): only the root counts."""

    NONE = "none"
    DETACHED = "detached"
    OPAQUE = "opaque"
    ENCRYPTED = "encrypted"
    COMPRESSED = "compressed"
    OTHER = "other"


class Verifier(Protocol):
    """What an inspection needs of others: both are done where strangers' bytes can do no harm."""

    def verify(self, source: bytes, /) -> VerificationResult:
        """Verify every signature of a document.

        Raises:
            InputError: it cannot be judged.
        """
        ...

    def open_container(self, kind: str, data: bytes, room: Room, /) -> Opened:
        """Take out what a container holds; never more than there is room for."""
        ...


class Harmless(Protocol):
    """Remembers files that were looked into, and in which nothing was found."""

    def knows(self, file: bytes, /) -> bool:
        """Whether a file is one of them, by whatever tells it from all others."""
        ...

    def keep(self, file: bytes, /) -> None:
        """Remember one."""
        ...


class Document(NamedTuple):
    """A PDF document that some reader would find in the message.

    Args:
        name: as its sender calls it; empty where it has none.
        path: place in the MIME tree and in containers, such as `2/1/winmail.dat/quyet-dinh.pdf`.
        sha256: of its bytes, in hexadecimal digits.
        size: in bytes.
        result: what its signatures are worth.
        kind: what its name says that it is, or else its first page, such as `quyet-dinh`; None where neither does.
    """

    name: str
    path: str
    sha256: str
    size: int
    result: VerificationResult
    kind: str | None = None


class Unreadable(NamedTuple):
    """Something that could not be looked into, and why."""

    path: str
    reason: str
    detail: str = ""


class Ambiguity(NamedTuple):
    """Something that readers of mail may take differently."""

    path: str
    id: str
    detail: str = ""


class PartFact(NamedTuple):
    """One part of the message's own tree, as the exact reading has it."""

    path: str
    content_type: str
    encoding: str
    name: str | None
    size: int


class Inspection(NamedTuple):
    """All facts about one message.

    Args:
        senders: From, empty where it is missing or malformed.
        sender: Sender, where there is one.
        recipients: To and Cc.
        subject: decoded.
        date: as it is written.
        message_id: as it is written.
        smime: what the root envelope is.
        parts: the message's own tree.
        documents: every PDF that some reader would find.
        unreadables: what could not be looked into: encrypted, too deep, too large, damaged, of an unknown kind.
        ambiguities: what readers may take differently.
    """

    senders: tuple[Address, ...]
    sender: Address | None
    recipients: tuple[Address, ...]
    subject: str
    date: str
    message_id: str
    smime: SmimeKind
    parts: tuple[PartFact, ...]
    documents: tuple[Document, ...]
    unreadables: tuple[Unreadable, ...]
    ambiguities: tuple[Ambiguity, ...]

    @property
    def is_readable(self) -> bool:
        """Whether everything could be looked into, and reads one way only."""
        return not (self.unreadables or self.ambiguities)

    @property
    def indication(self) -> Indication:
        """The worst of the documents; UNREADABLE where that cannot be told."""
        found = [document.result.indication for document in self.documents]
        return worst(found if self.is_readable else [*found, Indication.UNREADABLE])

    def to_dict(self) -> dict[str, object]:
        """Return the facts as `--json` prints them."""
        return {
            "indication": self.indication.value,
            "from": [address.spec for address in self.senders],
            "sender": self.sender.spec if self.sender else None,
            "recipients": [address.spec for address in self.recipients],
            "subject": self.subject,
            "date": self.date,
            "message_id": self.message_id,
            "smime": self.smime.value,
            "parts": [part._asdict() for part in self.parts],
            "documents": [{**d._asdict(), "result": plain(d.result.to_dict())} for d in self.documents],
            "unreadables": [unreadable._asdict() for unreadable in self.unreadables],
            "ambiguities": [ambiguity._asdict() for ambiguity in self.ambiguities],
        }


def sha256_of(data: bytes) -> bytes:
    """Return by what a document is known: its SHA-256."""
    return hashlib.sha256(data).digest()
