"""The header of a 7z archive: streams, the coders that unpack them, and the files in them."""

from __future__ import annotations

from typing import Final, NamedTuple

from gsign.mail.containers.model import ContainerError

__all__ = ["Coder", "Entry", "Folder", "Streams", "read_entries", "read_streams"]

_END, _PROPERTIES, _ADDITIONAL, _STREAMS, _FILES = 0x00, 0x02, 0x03, 0x04, 0x05
_PACK, _UNPACK, _SUBSTREAMS, _SIZE, _DIGESTS = 0x06, 0x07, 0x08, 0x09, 0x0A
_FOLDERS, _UNPACKED, _COUNTS = 0x0B, 0x0C, 0x0D
_EMPTY, _NAMES = 0x0E, 0x11
_MOST: Final = 200_000


class Coder(NamedTuple):
    """One way of packing, with its properties."""

    method: bytes
    properties: bytes
    ways_in: int
    ways_out: int


class Folder(NamedTuple):
    """Coders that unpack one stream together.

    Args:
        coders: in the order in which they are written.
        pairs: which way in is fed by which way out.
        streams: how many packed streams go in.
        unpacked: size of what comes out of each coder.
        sizes: of the files in it.
        checksums: of the files in it, None where there is none.
    """

    coders: tuple[Coder, ...]
    pairs: tuple[tuple[int, int], ...]
    streams: int
    unpacked: tuple[int, ...] = ()
    sizes: tuple[int, ...] = ()
    checksums: tuple[int | None, ...] = ()

    @property
    def size(self) -> int:
        """Size of what comes out of the last coder."""
        bound = {way_out for _, way_out in self.pairs}
        return next((size for index, size in enumerate(self.unpacked) if index not in bound), 0)


class Streams(NamedTuple):
    """Where the packed streams lie and what unpacks them."""

    position: int
    packed: tuple[int, ...]
    folders: tuple[Folder, ...]

    def first_of(self, number: int) -> int:
        """Return the index of a folder's first packed stream."""
        return sum(folder.streams for folder in self.folders[:number])


class Entry(NamedTuple):
    """A file or folder of the archive."""

    name: str
    has_stream: bool


class _Reader:
    """Reads numbers and octets one behind the other; what is not there is an IndexError."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at

    def octet(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise IndexError
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self) -> int:
        """Read a number of one to nine octets: as many leading ones in the first as octets follow."""
        first = self.octet()
        mask, value = 0x80, 0
        for index in range(8):
            if not first & mask:
                return value | (first & (mask - 1)) << (8 * index)
            value |= self.octet() << (8 * index)
            mask >>= 1
        return value

    def count(self) -> int:
        found = self.number()
        if found > _MOST:
            raise ContainerError("too-many-entries")
        return found

    def bits(self, count: int) -> list[bool]:
        octets = self.take(-(-count // 8))
        return [bool(octets[index // 8] & 0x80 >> index % 8) for index in range(count)]

    def digests(self, count: int) -> list[int | None]:
        given = [True] * count if self.octet() else self.bits(count)
        return [int.from_bytes(self.take(4), "little") if present else None for present in given]

    def expect(self, kind: int) -> None:
        if self.octet() != kind:
            raise ContainerError("damaged")


def read_streams(header: bytes, at: int) -> tuple[Streams, int]:
    """Read what packs the streams, and return where it ends.

    Raises:
        ContainerError: `damaged`, `too-many-entries`.
        IndexError: it is cut off.
    """
    reader = _Reader(header, at)
    position = 0
    packed: list[int] = []
    folders: list[Folder] = []
    sub_read = False
    while (kind := reader.octet()) != _END:
        if kind == _PACK:
            position, packed = _pack_info(reader)
        elif kind == _UNPACK:
            folders = _unpack_info(reader)
        elif kind == _SUBSTREAMS:
            folders = _substreams(reader, folders)
            sub_read = True
        else:
            raise ContainerError("damaged")
    if not sub_read:
        folders = [_with_files(folder, [folder.size], [None]) for folder in folders]
    if sum(folder.streams for folder in folders) > len(packed):
        raise ContainerError("damaged")
    return Streams(position, tuple(packed), tuple(folders)), reader.at


def _pack_info(reader: _Reader) -> tuple[int, list[int]]:
    position, count = reader.number(), reader.count()
    sizes: list[int] = []
    while (kind := reader.octet()) != _END:
        if kind == _SIZE:
            sizes = [reader.number() for _ in range(count)]
        elif kind == _DIGESTS:
            reader.digests(count)
        else:
            raise ContainerError("damaged")
    return position, sizes


def _unpack_info(reader: _Reader) -> list[Folder]:
    reader.expect(_FOLDERS)
    count = reader.count()
    reader.expect(0)
    folders = [_folder(reader) for _ in range(count)]
    reader.expect(_UNPACKED)
    folders = [
        folder._replace(unpacked=tuple(reader.number() for _ in range(sum(c.ways_out for c in folder.coders))))
        for folder in folders
    ]
    kind = reader.octet()
    if kind == _DIGESTS:
        digests = reader.digests(count)
        folders = [f._replace(checksums=(digest,)) for f, digest in zip(folders, digests, strict=True)]
        kind = reader.octet()
    if kind != _END:
        raise ContainerError("damaged")
    return folders


def _folder(reader: _Reader) -> Folder:
    coders = tuple(_coder(reader) for _ in range(min(reader.count(), 32)))
    ways_in, ways_out = sum(c.ways_in for c in coders), sum(c.ways_out for c in coders)
    pairs = tuple((reader.number(), reader.number()) for _ in range(ways_out - 1))
    streams = ways_in - len(pairs)
    if streams > 1:
        for _ in range(streams):
            reader.number()
    if streams < 1:
        raise ContainerError("damaged")
    return Folder(coders, pairs, streams)


def _coder(reader: _Reader) -> Coder:
    flags = reader.octet()
    method = reader.take(flags & 0x0F)
    ways_in, ways_out = (reader.count(), reader.count()) if flags & 0x10 else (1, 1)
    if max(ways_in, ways_out) > 32 or flags & 0x80:
        raise ContainerError("method-unsupported")
    return Coder(method, reader.take(reader.number()) if flags & 0x20 else b"", ways_in, ways_out)


def _with_files(folder: Folder, sizes: list[int], checksums: list[int | None]) -> Folder:
    if len(folder.checksums) == 1 == len(sizes) and checksums == [None]:
        checksums = list(folder.checksums)
    return folder._replace(sizes=tuple(sizes), checksums=tuple(checksums))


def _substreams(reader: _Reader, folders: list[Folder]) -> list[Folder]:
    kind = reader.octet()
    counts = [1] * len(folders)
    if kind == _COUNTS:
        counts = [reader.count() for _ in folders]
        kind = reader.octet()
    if sum(counts) > _MOST:
        raise ContainerError("too-many-entries")
    sizes = []
    for folder, count in zip(folders, counts, strict=True):
        # The last file's size is what is left.
        given = [reader.number() for _ in range(count - 1)] if kind == _SIZE else [0] * (count - 1)
        left = folder.size - sum(given)
        if left < 0 or (kind != _SIZE and count > 1):
            raise ContainerError("damaged")
        sizes.append([*given, left] if count else [])
    kind = reader.octet() if kind == _SIZE else kind
    known = [count == 1 and len(folder.checksums) == 1 for folder, count in zip(folders, counts, strict=True)]
    unknown = sum(count for count, is_known in zip(counts, known, strict=True) if not is_known)
    digests: list[int | None] = [None] * unknown
    if kind == _DIGESTS:
        digests = reader.digests(unknown)
        kind = reader.octet()
    if kind != _END:
        raise ContainerError("damaged")
    left_over = iter(digests)
    return [
        _with_files(folder, of_folder, [None] if is_known else [next(left_over) for _ in of_folder])
        for folder, of_folder, is_known in zip(folders, sizes, known, strict=True)
    ]


def read_entries(header: bytes) -> tuple[Streams, list[Entry]]:
    """Read a whole header, behind the octet that says it is one.

    Raises:
        ContainerError: `damaged`, `too-many-entries`.
        IndexError: it is cut off.
    """
    reader = _Reader(header, 1)
    streams, entries = Streams(0, (), ()), list[Entry]()
    while (kind := reader.octet()) != _END:
        if kind == _PROPERTIES:
            while reader.octet() != _END:
                reader.take(reader.number())
        elif kind in (_ADDITIONAL, _STREAMS):
            found, reader.at = read_streams(header, reader.at)
            streams = found if kind == _STREAMS else streams
        elif kind == _FILES:
            entries = _files(reader)
        else:
            raise ContainerError("damaged")
    return streams, entries


def _files(reader: _Reader) -> list[Entry]:
    count = reader.count()
    names = [""] * count
    empty = [False] * count
    while (kind := reader.octet()) != _END:
        content = _Reader(reader.take(reader.number()), 0)
        if kind == _EMPTY:
            empty = content.bits(count)
        elif kind == _NAMES:
            content.expect(0)
            names = _names(content.data[1:], count)
    return [Entry(name, not is_empty) for name, is_empty in zip(names, empty, strict=True)]


def _names(data: bytes, count: int) -> list[str]:
    names = data.decode("utf-16-le", "replace").split("\0")[:-1]
    if len(names) != count:
        raise ContainerError("damaged")
    return names
