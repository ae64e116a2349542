"""A document as its newest revision defines it: objects by number, the catalog, pages, form fields.

Strict: anything that is not well-formed raises `PdfSyntaxError`. Nothing is repaired and nothing is read that was not
asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gsign.syntax.filters import decode
from gsign.syntax.lexer import Lexer, PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.pattern import lazily
from gsign.syntax.source import Source, window
from gsign.syntax.xref import Entry, Section, StreamObject, read_chain, read_object

if TYPE_CHECKING:
    from gsign.syntax.security import Security

__all__ = ["Document", "Field", "Page"]

MAX_HOPS: Final = 32
MAX_STREAM: Final = 256 << 20
MAX_TREE_DEPTH: Final = 64
MAX_FIELDS: Final = 100_000
MAX_FIELD_NAME: Final = 2_048
"""Characters of a fully qualified name: every field below a parent repeats the parent's."""
_KEPT_CONTAINERS: Final = 32 << 20
"""Object streams kept open, in decoded bytes."""
_MAX_CONTAINERS: Final = 512 << 20
"""Object streams decoded in all, in bytes, whether kept or decoded again."""
_KEPT_ENTRIES: Final = 1 << 16
_MAX_REREAD: Final = 64 << 10
_PEEK: Final = 64
_DICTIONARY: Final = lazily(
    rb"(\d{1,7})[\x00\t\n\x0c\r ]{1,8}(\d{1,5})[\x00\t\n\x0c\r ]{1,8}obj[\x00\t\n\x0c\r ]{0,8}<<"
)
# Where PDFDocEncoding is not Latin-1 (Annex D.2): from 0x18 on, and from 0x80 on.
_ACCENTS: Final = "\u02d8\u02c7\u02c6\u02d9\u02dd\u02db\u02da\u02dc"
_SIGNS: Final = (
    "\u2022\u2020\u2021\u2026\u2014\u2013\u0192\u2044\u2039\u203a\u2212\u2030\u201e\u201c\u201d"
    "\u2018\u2019\u201a\u2122\ufb01\ufb02\u0141\u0152\u0160\u0178\u017d\u0131\u0142\u0153\u0161\u017e"
)
_PDF_DOC: Final = (
    {0x18 + i: c for i, c in enumerate(_ACCENTS)} | {0x80 + i: c for i, c in enumerate(_SIGNS)} | {0xA0: "€"}
)
_INHERITED: Final = ("Resources", "MediaBox", "CropBox", "Rotate")


class Page(NamedTuple):
    """A page: its reference, its dictionary, and the attributes it inherits (ISO 32000-2 Table 31)."""

    ref: Ref
    dictionary: dict[str, Any]
    inherited: dict[str, Any]

    def get(self, key: str) -> Any:
        """Return an entry, the page's own or inherited."""
        return self.dictionary.get(key, self.inherited.get(key))


class Field(NamedTuple):
    """A terminal form field: its reference, fully qualified name, and dictionary with inherited /FT, /V, /Ff, /Lock."""

    ref: Ref
    name: str
    dictionary: dict[str, Any]
    kind: str | None
    value: Any


class _Spent:
    """Bytes read as objects and decoded as object streams, by a document and its revisions together."""

    __slots__ = ("decoded", "read")

    def __init__(self) -> None:
        self.read = 0
        self.decoded = 0


class Document:
    """Read a document's objects.

    Args:
        source: the file.
        sections: its cross-reference sections, newest first; read from `source` where not given. Leaving out the
            first ones opens an earlier revision.
        security: decrypts and encrypts an encrypted document; without one its strings and object streams are as they
            stand in the file.

    Raises:
        PdfSyntaxError: no chain of well-formed cross-reference sections.
    """

    def __init__(
        self, source: Source, sections: list[Section] | None = None, *, security: Security | None = None
    ) -> None:
        self.source = source
        self.security = security
        self.sections = read_chain(source) if sections is None else sections
        self.trailer = self.sections[0].trailer
        self._objects: dict[Ref, Any] = {}
        self._catalog: dict[str, Any] | None = None
        self._fields: list[Field] | None = None
        self._revisions: dict[int, Document] = {}
        self._entries: dict[int, Entry | None] = {}
        self._parsed: dict[int, tuple[int, int, Any, int]] = {}
        self._spent = _Spent()
        self._containers: dict[int, tuple[bytes, list[tuple[int, int]]]] = {}
        if not isinstance(self.trailer.get("Root"), Ref):
            raise PdfSyntaxError("trailer without /Root")

    # ------------------------------------------------------------ objects

    @property
    def is_encrypted(self) -> bool:
        """Whether the trailer names an encryption dictionary."""
        return self.trailer.get("Encrypt") is not None

    @property
    def size(self) -> int:
        """One more than the greatest object number that any section claims."""
        sizes = [s.trailer.get("Size", 0) for s in self.sections]
        if not all(isinstance(size, int) for size in sizes):
            raise PdfSyntaxError("/Size is no integer")
        ranges = [first + count for s in self.sections for first, count, _ in s.ranges]
        hybrids = [first + count for s in self.sections if s.hybrid for first, count, _ in s.hybrid.ranges]
        return int(max(sizes + ranges + hybrids))

    def entry(self, number: int) -> Entry | None:
        """Look an object number up: newest section first, a table before its hybrid stream."""
        if number in self._entries:
            return self._entries[number]
        found = None
        for section in self.sections:
            found = section.entry(self.source, number)
            if section.hybrid is not None and (found is None or found.kind == "f"):
                found = section.hybrid.entry(self.source, number) or found
            if found is not None:
                break
        if len(self._entries) < _KEPT_ENTRIES:
            self._entries[number] = found
        return found

    def get(self, value: Any) -> Any:
        """Follow references until a value; a free or missing object is None (clause 7.3.10)."""
        left = MAX_HOPS
        while isinstance(value, Ref):
            if not left:
                raise PdfSyntaxError("references go in circles")
            left -= 1
            value = self.load(value)
        return value

    def load(self, ref: Ref) -> Any:
        """Return the value of an indirect object; streams as `StreamObject`."""
        if ref in self._objects:
            return self._objects[ref]
        entry = self.entry(ref.number)
        value = None
        if entry is not None and entry.kind == "n" and entry.generation == ref.generation:
            value = self._load_plain(ref, entry.offset)
        elif entry is not None and entry.kind == "c" and ref.generation == 0:
            value = self._load_compressed(ref.number, entry)
        self._objects[ref] = value
        return value

    def _load_plain(self, ref: Ref, offset: int) -> Any:
        number, generation, value, _end = self.read_at(offset)
        if (number, generation) != (ref.number, ref.generation):
            raise PdfSyntaxError("another object stands where the cross-reference points", offset)
        if self.security is None or ref == self.trailer.get("Encrypt"):
            return value
        return self.security.decrypt_value(ref, value)

    def text_of(self, number: int) -> bytes:
        """Return the bytes that an object's value is written in, a stream's data aside; none where there is none.

        Raises:
            PdfSyntaxError: it is malformed.
        """
        entry = self.entry(number)
        if entry is None or entry.kind == "f":
            return b""
        if entry.kind == "n":
            return self.source.read(entry.offset, self.read_at(entry.offset)[3] - entry.offset)
        data, index = self._container(entry.offset)
        self._load_compressed(number, entry)
        starts = [at for _, at in index] + [len(data)]
        at = starts[entry.generation]
        return data[at : min((start for start in starts if start > at), default=len(data))]

    def read_at(self, offset: int) -> tuple[int, int, Any, int]:
        """Read the object at an offset as it stands there, not decrypted: as `gsign.syntax.xref.read_object`."""
        if offset not in self._parsed:
            self.keep(offset, read_object(self.source, offset))
        return self._parsed[offset]

    def keep(self, offset: int, parsed: tuple[int, int, Any, int]) -> None:
        """Remember what `read_at` is to return for an offset: somebody has read it there."""
        if offset in self._parsed:
            return
        # Objects may lie inside each other, behind a comment: few bytes could then be read any number of times.
        self._spent.read += parsed[3] - offset
        if self._spent.read > self.source.size + _MAX_REREAD:
            raise PdfSyntaxError("objects overlap", offset)
        self._parsed[offset] = parsed

    def revision(self, section: int) -> Document:
        """Return the document as it was when section `section` was its newest; what was parsed is shared.

        Raises:
            PdfSyntaxError: that section alone makes no document.
        """
        older = self._revisions.get(section)
        if older is None:
            older = self._revisions[section] = Document(self.source, self.sections[section:], security=self.security)
            older._parsed = self._parsed
            older._spent = self._spent
        return older

    def _load_compressed(self, number: int, entry: Entry) -> Any:
        data, index = self._container(entry.offset)
        if entry.generation >= len(index) or index[entry.generation][0] != number:
            raise PdfSyntaxError("object stream does not hold what the cross-reference says")
        return Lexer(data, index[entry.generation][1]).value()

    def _container(self, number: int) -> tuple[bytes, list[tuple[int, int]]]:
        if number not in self._containers:
            outer = self.entry(number)
            if outer is None or outer.kind != "n":
                raise PdfSyntaxError("object stream is missing")
            opened = self._open_container(Ref(number, outer.generation))
            self._spent.decoded += len(opened[0])
            if self._spent.decoded > _MAX_CONTAINERS:
                raise PdfSyntaxError("object streams are too large")
            if sum(len(data) for data, _ in self._containers.values()) > _KEPT_CONTAINERS:
                self._containers.clear()
            self._containers[number] = opened
        return self._containers[number]

    def _open_container(self, ref: Ref) -> tuple[bytes, list[tuple[int, int]]]:
        stream = self.load(ref)
        if not isinstance(stream, StreamObject) or stream.dictionary.get("Type") != "ObjStm":
            raise PdfSyntaxError("no object stream")
        data = decode(stream.dictionary, self.stream_bytes(stream))
        count, first = stream.dictionary.get("N"), stream.dictionary.get("First")
        if not (isinstance(count, int) and isinstance(first, int) and 0 <= count <= first <= len(data)):
            raise PdfSyntaxError("malformed object stream")
        head = Lexer(data[:first])
        pairs = [(head.integer(), first + head.integer()) for _ in range(count)]
        if len({number for number, _ in pairs}) != count:
            raise PdfSyntaxError("object stream holds a number twice")
        return data, pairs

    def stream_bytes(self, stream: StreamObject) -> bytes:
        """Return a stream's bytes as stored, decrypted, `endstream` checked."""
        length = self.get(stream.dictionary.get("Length"))
        if type(length) is not int or not 0 <= length <= min(MAX_STREAM, self.source.size - stream.data_offset):
            raise PdfSyntaxError("length of a stream is off", stream.data_offset)
        if b"endstream" not in self.source.read(stream.data_offset + length, 16):
            raise PdfSyntaxError("stream does not end where its length says", stream.data_offset)
        data = self.source.read(stream.data_offset, length)
        if self.security is None or stream.ref is None or stream.dictionary.get("Type") == "XRef":
            return data
        if self.security.leaves_plain(stream.dictionary):
            return data
        return self.security.decrypt_stream(stream.ref, data)

    def unlock(self, password: str | None) -> None:
        """Decrypt from now on; nothing is done to a document that is not encrypted.

        Raises:
            InputError: `password-needed`, `password-wrong`, `encryption-unsupported`.
        """
        if not self.is_encrypted:
            return
        from gsign.syntax.security import Security

        identifier = self.get(self.trailer.get("ID"))
        first = identifier[0] if isinstance(identifier, list) and identifier else b""
        dictionary = self.dictionary(self.trailer["Encrypt"], "/Encrypt")
        resolved = {k: self.get(v) for k, v in dictionary.items()}
        self.security = Security(resolved, first if isinstance(first, bytes) else b"", password, self.source.name)
        self._objects.clear()
        self._catalog = self._fields = None
        self._revisions.clear()
        self._containers.clear()

    def value_of(self, number: int) -> Any:
        """Return the value of an object whatever its generation, None where there is none."""
        entry = self.entry(number)
        return self.load(Ref(number, entry.generation if entry.kind == "n" else 0)) if entry is not None else None

    def rectangle(self, value: Any) -> tuple[float, float, float, float] | None:
        """Follow references to a rectangle (clause 7.9.5): left, bottom, right, top; None where it is none.

        Raises:
            PdfSyntaxError: an object that it refers to is malformed.
        """
        found = self.get(value)
        numbers = [self.get(v) for v in found] if isinstance(found, list) and len(found) == 4 else []
        if not numbers or not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in numbers):
            return None
        (left, right), (bottom, top) = sorted(map(float, numbers[::2])), sorted(map(float, numbers[1::2]))
        return left, bottom, right, top

    def dictionary(self, value: Any, what: str) -> dict[str, Any]:
        """Follow references to a dictionary."""
        found = self.get(value)
        if not isinstance(found, dict):
            raise PdfSyntaxError(f"{what} is no dictionary")
        return found

    def array(self, value: Any, what: str) -> list[Any]:
        """Follow references to an array; absent is empty."""
        found = self.get(value)
        if found is None:
            return []
        if not isinstance(found, list):
            raise PdfSyntaxError(f"{what} is no array")
        return found

    @property
    def catalog(self) -> dict[str, Any]:
        """The document catalog."""
        if self._catalog is None:
            self._catalog = self.dictionary(self.trailer["Root"], "catalog")
        return self._catalog

    # ------------------------------------------------------------ pages

    def page_count(self) -> int:
        """Return the number of pages that the root of the page tree states."""
        count = self.get(self.dictionary(self.catalog.get("Pages"), "page tree").get("Count"))
        if type(count) is not int or count < 1:
            raise PdfSyntaxError("page tree without pages")
        return count

    def page(self, index: int) -> Page:
        """Return the page at `index`, from 0, negative from the end.

        Pages are counted one by one from the nearer end: no node's /Count is believed but the root's, as a limit.

        Raises:
            IndexError: there is no such page.
        """
        total = self.page_count()
        if not -total <= index < total:
            raise IndexError(index)
        steps = index if index >= 0 else -index - 1
        found = next(islice(self.pages(backwards=index < 0), steps, None), None)
        if found is None:
            raise PdfSyntaxError("page tree has fewer pages than it says")
        return found

    def pages(self, *, backwards: bool = False) -> Iterator[Page]:
        """Yield the pages from the first one on, or from the last one back.

        Raises:
            PdfSyntaxError: the tree is malformed, too deep, or uses a node twice.
        """
        seen: set[Ref] = set()
        left: list[tuple[Any, dict[str, Any], int]] = [(self.catalog.get("Pages"), {}, 0)]
        while left:
            ref, inherited, depth = left.pop()
            node = self.dictionary(ref, "page tree node")
            kids = self.get(node.get("Kids"))
            if kids is None and node.get("Type") != "Pages" and isinstance(ref, Ref):
                yield Page(ref, node, inherited)
                continue
            if not isinstance(kids, list) or node.get("Type") == "Page" or depth >= MAX_TREE_DEPTH:
                raise PdfSyntaxError("page tree is off")
            if isinstance(ref, Ref):
                if ref in seen:
                    raise PdfSyntaxError("page tree is off")
                seen.add(ref)
            own = inherited | {k: node[k] for k in _INHERITED if k in node}
            left += [(kid, own, depth + 1) for kid in (kids if backwards else reversed(kids))]

    def inherited(self, ref: Ref) -> dict[str, Any]:
        """Return what a page inherits from the nodes above it, found by way of /Parent."""
        found: dict[str, Any] = {}
        node = self.dictionary(ref, "page")
        for _ in range(MAX_TREE_DEPTH):
            parent = node.get("Parent")
            if parent is None:
                return found
            node = self.dictionary(parent, "page tree node")
            found = {k: node[k] for k in _INHERITED if k in node} | found
        raise PdfSyntaxError("page tree too deep")

    # ------------------------------------------------------------ form fields

    def form(self) -> dict[str, Any]:
        """Return the interactive form dictionary, empty where there is none."""
        form = self.get(self.catalog.get("AcroForm"))
        if form is None:
            return {}
        return self.dictionary(form, "/AcroForm")

    def fields(self) -> list[Field]:
        """Return all terminal form fields, in the order of the tree, which is walked once."""
        if self._fields is None:
            self._fields = self._all_fields()
        return self._fields

    def _all_fields(self) -> list[Field]:
        found: list[Field] = []
        seen: set[int] = set()
        roots = self.array(self.form().get("Fields"), "/Fields")
        for kid in roots:
            self._walk(kid, "", None, None, found, seen, 0)
        return found

    def _walk(
        self, ref: Any, prefix: str, kind: str | None, value: Any, found: list[Field], seen: set[int], depth: int
    ) -> None:
        if not isinstance(ref, Ref) or depth > MAX_TREE_DEPTH or len(seen) > MAX_FIELDS:
            raise PdfSyntaxError("field tree is off")
        if ref.number in seen:
            if depth:
                raise PdfSyntaxError("field tree is off")
            return  # listed twice in /Fields: still one field
        seen.add(ref.number)
        node = self.get(ref)
        if node is None:  # a dangling field is no field
            return
        node = self.dictionary(node, "form field")
        part = self.get(node.get("T"))
        name = f"{prefix}.{decode_text(part)}".removeprefix(".") if isinstance(part, bytes) else prefix
        if len(name) > MAX_FIELD_NAME:
            raise PdfSyntaxError("field name too long")
        kind = self.get(node.get("FT", kind))
        value = node.get("V", value)
        if self._is_nothing(value):  # a reference to nothing is no value (clause 7.3.10)
            value = None
        # A widget without a name of its own is part of its parent field, not a field.
        kids = [k for k in self.array(node.get("Kids"), "/Kids") if self._is_named(k)]
        if not kids:
            found.append(Field(ref, name, node, kind, value))
        for kid in kids:
            self._walk(kid, name, kind, value, found, seen, depth + 1)

    def _is_nothing(self, value: Any) -> bool:
        if isinstance(value, Ref) and value not in self._objects:
            entry = self.entry(value.number)
            if entry is not None and entry.kind == "n" and entry.generation == value.generation:
                # A signature's dictionary is long, and read for itself later: here it is enough that there is one.
                buffer, base = window(self.source, entry.offset, _PEEK)
                head = _DICTIONARY.match(buffer, entry.offset - base)
                if head is not None and (int(head[1]), int(head[2])) == value:
                    return False
        return self.get(value) is None

    def _is_named(self, kid: Any) -> bool:
        node = self.get(kid)
        if node is None:
            return False
        return "T" in self.dictionary(node, "form field")


def decode_text(value: bytes) -> str:
    """Decode a text string (clause 7.9.2.2): what is locked by its name in one encoding is the same in another."""
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", "replace")
    if value.startswith(b"\xef\xbb\xbf"):
        return value[3:].decode("utf-8", "replace")
    text = value.decode("latin-1")
    return text if text.isprintable() else text.translate(_PDF_DOC)
