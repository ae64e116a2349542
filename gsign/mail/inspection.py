"""Find every document in a message, wherever it hides, and whatever readers of mail may take differently.

One exact reading leads through the message. Where something is ambiguous, the other readings are searched too, so that
no reader finds a document that was not found here.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from typing import Final

from gsign.document_kind import kind_of
from gsign.errors import InputError
from gsign.mail import kinds
from gsign.mail.bounds import Bounds
from gsign.mail.containers.enveloped import from_pem
from gsign.mail.containers.model import ContainerError, Member, Room
from gsign.mail.containers.zip_directory import archives_within, directory_at_end
from gsign.mail.facts import Ambiguity, Document, Harmless, Inspection, PartFact, Unreadable, Verifier, sha256_of
from gsign.mail.hidden import TooManyError, holds_text
from gsign.mail.message import origin_of, smime_kind
from gsign.mail.readings import readings_of
from gsign.mail.texts import find_hidden, makes_files
from gsign.mime import canonical_lines, read
from gsign.mime.decoding import IDENTITY, decode, every_reading
from gsign.mime.fields import HeaderBlock
from gsign.mime.names import judge_names
from gsign.mime.notes import Note
from gsign.mime.part import Part
from gsign.mime.words import to_text
from gsign.protection.layers import is_enclosing
from gsign.result import Indication, VerificationResult

__all__ = ["inspect"]

# What a message does not show, rather than shows in two ways.
_UNREADABLE: Final = frozenset(
    ("too-deep", "too-many-parts", "too-many-fields", "header-too-large", "message-partial", "external-body")
)
# These do not change what is found where.
_ABOUT_NAMES: Final = frozenset(
    ("name-deceptive", "names-conflict", "from-several", "from-missing", "address-malformed")
)
_BLOCK: Final = b"-----BEGIN "
_ARMOURS: Final = (b"-----BEGIN PGP MESSAGE", b"-----BEGIN PGP ARMORED FILE")
_TEXTS: Final = ("text/plain", "text/html", "text/calendar", "text/enriched")
_HEADERS: Final = "text/rfc822-headers"
_PLAUSIBLE: Final = b"obj"
_REVISION: Final = b"startxref"
_STEMS: Final = {"tgz": "tar", "tbz": "tar", "tbz2": "tar", "txz": "tar", "tlz": "tar", "svgz": "svg"}
_HERE: Final = (".", "..")
_PACKED: Final = frozenset(("gzip", "bzip2", "xz", "lzma"))


def inspect(
    data: bytes,
    verifier: Verifier,
    bounds: Bounds | None = None,
    *,
    is_checked: bool = False,
    header: HeaderBlock | None = None,
    digest_of: Callable[[bytes], bytes] | None = None,
    kind_of_page: Callable[[bytes], str | None] = lambda _: None,
    harmless: Harmless | None = None,
) -> Inspection:
    """Inspect a message.

    Args:
        data: the message with CRLF ends of lines; see `gsign.mime.canonical_lines` for files that have LF.
        verifier: judges documents and opens containers.
        bounds: how much is looked into.
        is_checked: whether it is known to hold no bare CR or LF and no NUL.
        header: its own, where it has been read.
        digest_of: computes SHA-256, where the verifier shares what it has computed.
        kind_of_page: tells the kind of a document by its first page, where its name does not.
        harmless: containers in which nothing was found before; what is found to be one is added.

    Raises:
        TemporaryError: of the verifier; nothing is known then.
    """
    search = _Search(verifier, bounds or Bounds(), digest_of or sha256_of, kind_of_page, harmless)
    root = read(data, search.bounds.structure, is_checked=is_checked, header=header)
    if root.ambiguities == ("header-unended",) and root.body_start == root.end:
        # Monitors send no more than fields.
        root.forget("header-unended")
    origin = origin_of(root)
    search.note("", origin.notes)
    search.message(root, "", 0)
    return Inspection(
        senders=origin.senders,
        sender=origin.sender,
        recipients=origin.recipients,
        subject=origin.subject,
        date=origin.date,
        message_id=origin.message_id,
        smime=smime_kind(root),
        parts=tuple(map(_fact, root.walk())),
        documents=tuple(search.documents.values()),
        unreadables=tuple(search.unreadables),
        ambiguities=tuple(search.ambiguities),
    )


def _fact(part: Part) -> PartFact:
    return PartFact(part.path, part.content_type, part.encoding, part.filename, part.end - part.body_start)


class _Search:
    """What one inspection has found so far."""

    def __init__(
        self,
        verifier: Verifier,
        bounds: Bounds,
        digest_of: Callable[[bytes], bytes],
        kind_of_page: Callable[[bytes], str | None],
        harmless: Harmless | None,
    ) -> None:
        self.bounds = bounds
        self.documents: dict[tuple[str, str], Document] = {}
        self.unreadables: dict[Unreadable, None] = {}
        self.ambiguities: dict[Ambiguity, None] = {}
        self._verifier = verifier
        self._digest_of = digest_of
        self._kind_of_page = kind_of_page
        self._harmless = harmless
        self._finds = 0
        """How often something was found, what was known already included."""
        self._results: dict[str, VerificationResult] = {}
        self._octets, self._entries = bounds.room.octets, bounds.room.entries
        self._until = time.monotonic() + bounds.seconds
        self._is_other_reading = False

    # ------------------------------------------------------------ what is found

    def note(self, path: str, notes: Iterable[Note]) -> None:
        """Keep what is odd about the thing at `path`."""
        for note in notes:
            self._finds += 1
            if note.id in _UNREADABLE:
                self.unreadables[Unreadable(path, note.id, note.detail)] = None
            else:
                self.ambiguities[Ambiguity(path, note.id, note.detail)] = None

    @property
    def _found(self) -> tuple[int, int, int]:
        return len(self.documents), len(self.unreadables), len(self.ambiguities)

    def _refuse(self, path: str, reason: str, detail: str = "") -> None:
        self._finds += 1
        self.unreadables[Unreadable(path, reason, detail)] = None

    def _document(self, data: bytes, path: str, name: str, depth: int) -> None:
        """Judge a document, once however often it is there, and look for what is embedded in it."""
        self._finds += 1
        digest = self._digest_of(data).hex()
        if (digest, path) in self.documents or (self._is_other_reading and self._is_known(data)):
            return
        if digest not in self._results:
            if time.monotonic() > self._until:
                self._refuse(path, "out-of-time")
                return
            self._results[digest] = self._judge(data)
        result = self._results[digest]._replace(file=path)
        self.documents[digest, path] = Document(name, path, digest, len(data), result, self._kind(name, data, result))
        if kinds.looks_like_pdf(data):
            self._open("pdf", data, path, depth)

    def _kind(self, name: str, data: bytes, result: VerificationResult) -> str | None:
        kind = kind_of(name)
        is_readable = result.indication is not Indication.UNREADABLE
        return self._kind_of_page(data) if kind is None and is_readable else kind

    def _is_known(self, data: bytes) -> bool:
        """Whether this is a document found already, but for what another reading takes along behind its end."""
        for digest, size in {(document.sha256, document.size) for document in self.documents.values()}:
            behind = data[size:]
            is_more = _REVISION in behind or _PLAUSIBLE in behind
            if not is_more and hashlib.sha256(data[:size]).hexdigest() == digest:
                self._finds += 1
                return True
        return False

    def _judge(self, data: bytes) -> VerificationResult:
        try:
            return self._verifier.verify(data)
        except InputError as error:
            return VerificationResult(None, Indication.UNREADABLE, reasons=(error.code,))

    # ------------------------------------------------------------ messages

    def message(self, root: Part, prefix: str, depth: int) -> None:
        """Look into every part of a message, and into the other readings of those that have some."""
        ambiguous: list[Part] = []
        for part in root.walk():
            path = _join(prefix, part.path)
            if part.notes:
                self.note(path, part.notes)
            if part.content_type == "multipart/encrypted":
                self._refuse(path, "encrypted")
            faults = () if part.children else self._leaf(part, path, depth)
            if faults or not _ABOUT_NAMES.issuperset(part.ambiguities):
                is_outermost = not ambiguous or part.end > ambiguous[-1].end
                ambiguous += [part] if is_outermost else []
        for part in ambiguous:
            readings = readings_of(part.data[part.start : part.end])
            self._other_readings(readings, _join(prefix, part.path), depth)

    def _leaf(self, part: Part, path: str, depth: int) -> tuple[str, ...]:
        """Look into a part without parts; return what is off about its encoding."""
        decoded = part.decode()
        before = self._found
        at = _join(path or ("1" if part.is_root else ""), part.filename or "")
        if part.is_message:
            self._nested(decoded.data, at, depth)
        elif is_enclosing(part) and kinds.kind_of(decoded.data) != "cms" and not from_pem(decoded.data):
            self._refuse(at, "damaged")
            self._item(decoded.data, at, part.filenames, part.content_type, depth)
        else:
            data = _in_ascii(decoded.data, part)
            # Of what is returned there may be no more than the header, which names a file that is not there.
            names, kind = (part.filenames, part.content_type) if len(part.body) else ((), "")
            self._item(data, at, names, kind, depth)
        if not _is_read_as_it_stands(part) and kinds.has_part(body := bytes(part.body)):
            # Whoever takes another line for a delimiter begins a part in the middle of this one.
            self._part_within(body, path, depth)
        if decoded.faults:
            self._other_readings(every_reading(bytes(part.body)), path, depth)
            # A text is a text, however some program or other writes its encoding.
            if self._found != before or part.content_type not in _TEXTS or part.filenames:
                self.note(path, map(Note, decoded.faults))
        return decoded.faults

    def _other_readings(self, readings: Iterable[bytes], path: str, depth: int) -> None:
        """Look for documents that the exact reading does not have."""
        if not self.bounds.with_readings:
            self._refuse(path, "out-of-time")
            return
        before, self._is_other_reading = self._is_other_reading, True
        try:
            for number, reading in enumerate(readings, 1):
                self._item(reading, _join(path, f"reading-{number}"), (), "", depth + 1)
        except TooManyError:
            self._refuse(path, "too-many-entries")
        self._is_other_reading = before

    def _part_within(self, data: bytes, path: str, depth: int) -> None:
        """Look for a part that begins somewhere in another one."""
        before = self._found
        self._other_readings(readings_of(data), path, depth)
        if self._found != before:
            self.note(path, (Note("part-in-text"),))

    def _nested(self, data: bytes, path: str, depth: int, *, is_message: bool = True) -> None:
        """Read a message inside this one."""
        if self._is_too_much(path, depth):
            return
        if data.startswith((b"From ", b">From ")) or kinds.is_counted(data):
            data = data.partition(b"\n")[2]
        self.message(read(canonical_lines(data), self.bounds.structure, is_message=is_message), path, depth + 1)

    # ------------------------------------------------------------ files

    def _item(
        self,
        data: bytes,
        path: str,
        names: tuple[str, ...],
        content_type: str,
        depth: int,
        *,
        is_stream: bool = False,
    ) -> None:
        """Look at a file by what it is, and by what it is called; `is_stream` where only a program opens it."""
        kind = kinds.kind_of(data, names)
        if self._harmless is None or kind not in kinds.CONTAINERS:
            self._file(data, kind, path, names, content_type, depth, is_stream=is_stream)
            return
        # All that what is found depends on; what it is called may be long.
        facts = repr((self._digest_of(data), names, _stem(path), content_type, depth, is_stream))
        file = sha256_of(facts.encode("utf-8", "surrogatepass"))
        if self._harmless.knows(file):
            return
        before = self._finds
        self._file(data, kind, path, names, content_type, depth, is_stream=is_stream)
        if self._finds == before:
            self._harmless.keep(file)

    def _file(
        self,
        data: bytes,
        kind: str | None,
        path: str,
        names: tuple[str, ...],
        content_type: str,
        depth: int,
        *,
        is_stream: bool,
    ) -> None:
        """Look at a file of a kind."""
        claims = kinds.claims_pdf(content_type, names) and not kinds.is_apple_double(data)
        is_pdf = (
            kinds.looks_like_pdf(data)
            and (kind is None or claims)
            and (content_type not in _TEXTS or _PLAUSIBLE in data)
        )
        if is_pdf or claims:
            self._document(data, path, names[0] if names else "", depth)
        if kind in kinds.UNSUPPORTED:
            self._refuse(path, "container-unsupported", str(kind))
        elif kind in kinds.ENCRYPTED:
            self._refuse(path, "encrypted")
        if names and kinds.is_piece(names):
            self._refuse(path, "split")
        members: tuple[Member, ...] = ()
        if kind in kinds.CONTAINERS:
            members = self._open(str(kind), data, path, depth)
        is_unknown = kind is None and not is_pdf
        directory = directory_at_end(data) if kind != "zip" and not (is_stream and is_unknown) else b""
        if directory and not any(directory in member.data for member in members):
            self.note(path, (Note("polyglot", "zip"),))
            self._open("zip", data, path, depth)
        elif is_unknown:
            self._archives(data, path, depth)
        if is_unknown:
            self._unknown(data, path, names, content_type, depth, is_stream=is_stream)

    def _unknown(
        self, data: bytes, path: str, names: tuple[str, ...], content_type: str, depth: int, *, is_stream: bool
    ) -> None:
        """Look into what is neither a document nor a container: a message, a text, or something with one inside."""
        if self._is_too_much(path, depth):
            return
        is_text = kinds.is_markup(content_type, names) or holds_text(data)
        if is_text and b"-" in data and _BLOCK in data:
            self._armoured(data, path, depth)
        is_header = content_type == _HEADERS and not kinds.has_body(data)
        if not is_header and kinds.is_message(data, names, by_content=content_type not in _TEXTS):
            self._nested(data, path, depth)
            return
        if is_text:
            self._written_out(data, path, content_type, names, depth, is_header=is_header)
        if names and kinds.is_digits(names) and not self._is_known(decoded := decode(data, "base64").data):
            self._item(decoded, _join(path, _stem(path)), (_stem(path),), "", depth + 1)
        if inner := kinds.inner_archive(data):
            if not is_stream:
                self.note(path, (Note("polyglot", inner[0]),))
            self._item(data[inner[1] :], _join(path, inner[0]), (), "", depth + 1)
        at = data.find(kinds.PDF_MARK) if b"%" in data else -1
        if at >= 0 and data.find(_PLAUSIBLE, at) >= 0:
            self.note(path, (Note("pdf-inside"),))
            self._document(data[at:], _join(path, "pdf"), "", depth)

    def _written_out(
        self, data: bytes, path: str, content_type: str, names: tuple[str, ...], depth: int, *, is_header: bool
    ) -> None:
        """Look into what is, or holds, a text: for parts and files in it, and for what only a program makes one of."""
        if not is_header and kinds.has_fields(data):
            self._part_within(data, path, depth)
        self._hidden(data, path, content_type, names, depth)
        if b"(" in data and kinds.BINHEX in data:
            self._refuse(path, "container-unsupported", "binhex")
        if kinds.is_markup(content_type, names) and makes_files(data):
            self._refuse(path, "script")

    def _archives(self, data: bytes, path: str, depth: int) -> None:
        """Look into archives that stand somewhere within a file: programs that know its kind open them."""
        try:
            for begin, end in archives_within(data):
                self._open("zip", data[begin:end], path, depth)
        except ContainerError as error:
            self._refuse(path, str(error))

    def _armoured(self, data: bytes, path: str, depth: int) -> None:
        """Look into what stands in a text between lines that name it."""
        if any(armour in data for armour in _ARMOURS):
            self._refuse(path, "encrypted")
        if enveloped := from_pem(data):
            self._open("cms", enveloped, path, depth)

    def _hidden(self, text: bytes, path: str, content_type: str, names: tuple[str, ...], depth: int) -> None:
        """Look for files that are written out in a text."""
        before = self._is_other_reading
        try:
            for hidden in find_hidden(text, is_markup=kinds.is_markup(content_type, names)):
                self._is_other_reading = before or hidden.is_digits
                below = _join(path, hidden.name or hidden.kind)
                # Words such as “begin 100 …” stand in any text.
                if kinds.kind_of(hidden.data) or kinds.looks_like_pdf(hidden.data):
                    self.note(below, map(Note, hidden.faults))
                    if hidden.kind == "base64" and content_type == "text/plain" and not self._is_known(hidden.data):
                        # Only programs that guess take it for a file, each up to where it will.
                        self.note(below, (Note("digits-in-text"),))
                self._item(hidden.data, below, (hidden.name,), "", depth + 1)
        except TooManyError:
            self._refuse(path, "too-many-entries")
        self._is_other_reading = before

    def _open(self, kind: str, data: bytes, path: str, depth: int) -> tuple[Member, ...]:
        """Look into every file of a container, and return them."""
        if self._is_too_much(path, depth):
            return ()
        opened = self._verifier.open_container(kind, data, Room(self._octets, self._entries, self.bounds.room.ratio))
        self._octets -= sum(len(member.data) for member in opened.members)
        self._entries -= len(opened.members) + len(opened.refusals)
        self.note(path, opened.notes)
        for name, reason in opened.refusals:
            self._refuse(_join(path, name), reason)
        for member in opened.members:
            name = member.name or (_stem(path) if kind in _PACKED or kind == "cms" else "")
            below = _join(path, name)
            self.note(below, judge_names((name,)))
            if kind == "cms" and kinds.is_message(member.data, ()):
                self._nested(member.data, path, depth, is_message=False)
            else:
                self._item(member.data, below, (name,) if name else (), "", depth + 1, is_stream=kind == "ole")
        return opened.members

    def _is_too_much(self, path: str, depth: int) -> bool:
        if depth >= self.bounds.depth:
            self._refuse(path, "too-deep")
            return True
        if time.monotonic() > self._until:
            self._refuse(path, "out-of-time")
            return True
        return False


def _join(path: str, name: str) -> str:
    """Put a name behind a path; what would look like further steps of the path does not."""
    if not name:
        return path
    if name not in _HERE and "/" not in name and "\\" not in name:
        return f"{path}/{name}" if path else name
    name = "/".join(step for step in name.replace("\\", "/").split("/") if step not in ("", ".", ".."))
    return f"{path}/{name}" if path and name else path or name


def _stem(path: str) -> str:
    """Return what a packed file is called when it is unpacked."""
    stem, dot, end = path.rpartition("/")[2].rpartition(".")
    if not dot:
        return ""
    return f"{stem}.{_STEMS[end.lower()]}" if end.lower() in _STEMS else stem


def _is_read_as_it_stands(part: Part) -> bool:
    """Whether what is looked into are the octets of the message, or digits in which no field can stand."""
    return part.encoding == "base64" or (part.encoding in IDENTITY and part.content_type in _TEXTS)


def _in_ascii(data: bytes, part: Part) -> bytes:
    """Return a text whose character set hides ASCII as UTF-8; anything else as it is."""
    charset = part.parameters.get("charset", "")
    if "charset-odd" in part.ambiguities:
        return to_text(data, charset).encode("utf-8", "replace")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and part.content_type.startswith("text/"):
        return to_text(data, "utf-16").encode("utf-8", "replace")
    return data
