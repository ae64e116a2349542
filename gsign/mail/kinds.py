"""What octets are, by themselves and by what they are called: a document, a container, a message, or nothing known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

from gsign.mail.containers.notebook import NOTEBOOK
from gsign.mime.names import suffix

__all__ = [
    "BINHEX",
    "CONTAINERS",
    "ENCRYPTED",
    "PDF_HEAD",
    "PDF_MARK",
    "UNSUPPORTED",
    "claims_pdf",
    "has_body",
    "has_fields",
    "has_part",
    "inner_archive",
    "is_apple_double",
    "is_counted",
    "is_digits",
    "is_markup",
    "is_message",
    "is_piece",
    "kind_of",
    "looks_like_pdf",
]

PDF_MARK: Final = b"%PDF-"
PDF_HEAD: Final = 1024
"""Readers look for the mark in the first 1,024 bytes (ISO 32000-1, implementation note 13)."""

BINHEX: Final = b"(This file must be converted with BinHex"
"""A line that may stand behind a text too (RFC 1741 clause 6)."""
_NULLSOFT: Final = b"\xef\xbe\xad\xdeNullsoftInst"
_MAGIC: Final = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x1f\x9d", "compress"),
    (b"\x1f\xa0", "compress"),
    (b"MSCF", "cab"),
    (b"ISc(", "cab"),
    (b"\x60\xea", "arj"),
    (b"LZIP", "lzip"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x02\x21\x4c\x18", "lz4"),
    *((b"%c\x2a\x4d\x18" % octet, "zstd") for octet in range(0x50, 0x60)),  # frames that are skipped
    (b"\xff\x06\0\0sNaPpY", "snappy"),
    (b"SZDD\x88\xf0\x27\x33", "szdd"),
    (b"KWAJ\x88\xf0\x27\xd1", "szdd"),
    (b"SIT!\0", "stuffit"),
    (b"StuffIt (c)", "stuffit"),
    (b"StuffIt!", "stuffit"),
    (b"ArC\x01", "freearc"),
    (b"7kSt\xa0\x31\x83\xd3", "zpaq"),
    (b"ActiveMime\0", "activemime"),
    (b"age-encryption.org/", "age"),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", "age"),
    (b"Salted__", "openssl"),
    (b"\xc0\xb9\x07\x2e\x4f\x93\xf1\x46\xa0\x15\x79\x2c\xa1\xd9\xe8\x21", "axcrypt"),
    (b"\x03\xd9\xa2\x9a", "keepass"),
    (b"\x89LZO\0", "lzo"),
    (b"\0\x05\x16\0", "applesingle"),
    (b"vhdxfile", "vhd"),
    (b"conectix", "vhd"),
    (b"xar!", "xar"),
    (b"ITSF", "chm"),
    (b"!<arch>\n", "ar"),
    (b"MSWIM\0\0\0", "wim"),
    (b"WLPWM\0\0\0", "wim"),
    (BINHEX, "binhex"),
    (b"EGGA", "egg"),
    (b"ALZ\x01", "alz"),
    (b"LRZI", "lrzip"),
    (b"\xed\xab\xee\xdb", "rpm"),
    (b"hsqs", "squashfs"),
    (b"KDMV", "vmdk"),
    (b"QFI\xfb", "qcow"),
    (b"<<< Oracle VM VirtualBox Disk Image >>>", "vdi"),
    (b"\0" + b"\xff" * 10 + b"\0", "iso"),  # with what a disc has around each sector
    (b"IsZ!", "iso"),
    (b"ER\2\0", "disk"),
    (b"\x3a\xff\x26\xed", "disk"),
    (b"!BDN", "pst"),
    (b"ITOLITLS", "chm"),
    (b"\x8f\xaf\xac\x84", "ppmd"),
    *((magic, "applearchive") for magic in (b"AA01", b"YAA1", b"pbze", b"pbzx", b"pbzz", b"pbz4", b"pbzb", b"pbz-")),
    (b"\x76\xe8\x04\x60\xc4\x11\xe3\x86", "rpmsg"),
    (NOTEBOOK, "onenote"),
    (_NULLSOFT, "nsis"),
)
# Kinds that are told further behind, or, by a negative offset, from the end.
_MARKS: Final = (
    *((2, b"-lh%d-" % digit, "lzh") for digit in range(8)),
    *((2, b"-lz%c-" % letter, "lzh") for letter in b"s45"),
    (7, b"**ACE**", "ace"),
    (20, b"\xdc\xa7\xc4\xfd", "zoo"),
    (-512, b"koly", "dmg"),
    (-512, b"conectix\0", "vhd"),
    (32_769, b"CD001", "iso"),
    (32_769, b"BEA01", "iso"),
    *((at, b"FAT%d   " % bits, "disk") for at, bits in ((54, 12), (54, 16), (82, 32))),
    (3, b"NTFS    ", "disk"),
    (32, b"NXSB", "disk"),
    (512, b"EFI PART", "disk"),
    *((1_024, mark, "disk") for mark in (b"H+\0\4", b"HX\0\5")),
    *((1_080, b"\x53\xef%c\0" % state, "disk") for state in range(4)),
    (4_096, b"gDla", "disk"),
    (16, b"Compressed ROMFS", "squashfs"),
    *((8, mark, "lzfu") for mark in (b"LZFu", b"MELA")),
)
_MAGICS: Final = tuple(magic for magic, _ in _MAGIC)
_MAGIC_BEGINS: Final = frozenset(magic[:1] for magic in _MAGICS)
_MARKS_AT: Final = tuple(dict.fromkeys(at for at, _, _ in _MARKS))
_MARKS_SORTED: Final = tuple(tuple(mark for at, mark, _ in _MARKS if at == offset) for offset in _MARKS_AT)
# Long enough never to be there by chance.
_INNER: Final = tuple((magic, kind) for magic, kind in _MAGIC if kind in ("7z", "rar", "ole"))
_PROGRAM: Final = b"MZ"
_INNER_OF_PROGRAMS: Final = (*_INNER, (b"MSCF\0\0\0\0", "cab"), (_NULLSOFT, "nsis"))
CONTAINERS: Final = frozenset(
    (
        *("zip", "7z", "gzip", "bzip2", "xz", "lzma", "tar", "ole", "tnef", "cms"),
        *("lzfu", "onenote", "activemime"),
    )
)
# What nothing but its name tells, so that programs open it by that.
_BY_NAME: Final = {"br": "brotli", "zlib": "zlib", "zz": "zlib", "lzma86": "lzma86", "ihex": "ihex", "uif": "iso"}
UNSUPPORTED: Final = frozenset(
    (
        "snappy",
        "szdd",
        "stuffit",
        "freearc",
        "zpaq",
        "disk",
        "pst",
        "ppmd",
        "applearchive",
        "lz4",
        "lzo",
        "applesingle",
        "vhd",
        "rar",
        "zstd",
        "compress",
        "cab",
        "arj",
        "lzip",
        "xar",
        "chm",
        "ar",
        "cpio",
        "wim",
        "binhex",
        "lzh",
        "ace",
        "iso",
        "egg",
        "alz",
        "lrzip",
        "rpm",
        "squashfs",
        "vmdk",
        "qcow",
        "vdi",
        "dmg",
        "zoo",
        "nsis",
        *_BY_NAME.values(),
    )
)
ENCRYPTED: Final = frozenset(("age", "openssl", "axcrypt", "keepass", "openpgp", "rpmsg"))
_PDF_TYPES: Final = frozenset(
    (
        *("application/pdf", "application/x-pdf", "application/acrobat", "text/pdf", "text/x-pdf", "image/pdf"),
        *("application/vnd.pdf", "applications/vnd.pdf", "application/vnd.adobe.pdf"),
        *("application/x-bzpdf", "application/x-gzpdf", "application/x-xzpdf"),
    )
)
_PDF_SUFFIXES: Final = frozenset(("pdf", "pdfa", "pdfx"))
_MARKUP: Final = frozenset(
    (
        *("htm", "html", "xhtml", "xht", "xhtm", "shtml", "shtm", "hta", "mht", "mhtml"),
        *("svg", "xml", "xsl", "xslt", "rdf", "wml", "fodt"),
    )
)
_APPLE_DOUBLE: Final = b"\0\x05\x16\x07\0\x02\0\0"
_MESSAGE_SUFFIXES: Final = frozenset(("eml", "emlx", "mht", "mhtml", "mbox", "mbx", "nws"))
_DIGITS_SUFFIXES: Final = frozenset(("b64", "base64"))
# A file cut into pieces, which are joined by whoever opens the first: by its number, or by that of an archive.
_PIECE: Final = re.compile(
    r"(?i)\.(?:(?:pdf|zip|7z|rar|tar|t?gz|tbz2?|bz2|t?xz|zst|iso|img|exe|docx?|xlsx?|pptx?|eml|msg)\.[0-9]{3}|z[0-9]{2})\Z"
)
# Numbers in digits, so that a text that begins with a number of a telephone is none.
_CPIO: Final = re.compile(rb"0707(?:0[12][0-9A-Fa-f]{104}|07[0-7]{70})")
_OLD_CPIO: Final[dict[bytes, Literal["little", "big"]]] = {b"\xc7\x71": "little", b"\x71\xc7": "big"}
_OLD_CPIO_BEGINS: Final = frozenset(magic[:1] for magic in _OLD_CPIO)
# Properties and dictionary as all programs choose them, a size that is none or no more than a few GiB.
_LZMA: Final = re.compile(rb"\x5d\0\0[\0-\xff]{2}(?:\xff{8}|[\0-\xff]{4}[\0-\x03]\0{3})\0", re.DOTALL)
# A session key for somebody, or from a password, in packets of the old or the new form (RFC 9580 clauses 5.1, 5.3).
_OPENPGP: Final = re.compile(
    rb"(?:[\x84\xc1][\x00-\xbf]|\x85[\x00-\x04].|\xc1[\xc0-\xc4].)\x03.{8}[\x01-\x03\x10\x12\x19]"
    rb"|[\x8c\xc3][\x04-\x40][\x04-\x06][\x01-\x0d]",
    re.DOTALL,
)
# What is encrypted, packed or literal; not signatures and keys.
_OPENPGP_BEGINS: Final = frozenset(
    bytes((octet,)) for octet in b"\x84\x85\x8c\x8d\xa0\xa1\xa2\xa3\xac\xad\xae\xaf\xc1\xc3\xc8\xc9\xcb\xd2"
)
_OPENPGP_SUFFIXES: Final = frozenset(("gpg", "pgp"))
_PKCS7: Final = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_PKCS9_CT: Final = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01"
_HEADER_LINE: Final = re.compile(
    rb"(?i)(?:>?From [^\n]*\n)?(?:received|from|to|subject|date|message-id|mime-version|content-[a-z-]+|return-path"
    rb"|delivered-to|x-[a-z0-9-]+|reply-to|dkim-signature)[ \t]*:"
)
_MIME_FIELD: Final = re.compile(rb"(?i)(?:^|\n)(?:content-type|mime-version|content-transfer-encoding)[ \t]*:")
_PART_FIELD: Final = re.compile(rb"\n(?i:content-(?:transfer-encoding|disposition))")
# The same in octets that are not read as they stand: in quoted-printable, what begins a line of the message may stand
# in the middle of one of the text.
_PART_WITHIN: Final = re.compile(rb"\n(?i:content-(?:t|disposition)|begin|=ybegin)")
# Apple Mail keeps the length of a message in a line before it.
_COUNT: Final = re.compile(rb"[0-9]{1,12}[ \t]*\r?\n")
_HEADER_LOOK: Final = 16 << 10


def looks_like_pdf(data: bytes) -> bool:
    """Whether readers of PDF would open this."""
    stop = PDF_HEAD + len(PDF_MARK)
    at = data.find(b"%", 0, stop)
    return at >= 0 and data.find(PDF_MARK, at, stop) >= 0


def claims_pdf(content_type: str, names: Iterable[str]) -> bool:
    """Whether this is called a PDF document, by its type or one of its names."""
    return content_type in _PDF_TYPES or any(suffix(name) in _PDF_SUFFIXES for name in names)


def inner_archive(data: bytes) -> tuple[str, int] | None:
    """Return kind and offset of an archive behind something else, such as the program that unpacks it."""
    is_program = data.startswith(_PROGRAM)
    if not is_program and b"\x1a" not in data and b"\x1c" not in data and b"\xe0" not in data:
        # Each of them holds one of these octets, which text does not.
        return None
    found = [(data.find(magic), kind) for magic, kind in (_INNER_OF_PROGRAMS if is_program else _INNER)]
    at, kind = min(((at, kind) for at, kind in found if at > 0), default=(0, ""))
    return (kind, at) if at else None


def is_piece(names: Iterable[str]) -> bool:
    """Whether this is called a piece of a file."""
    return any(name[-1:].isdigit() and _PIECE.search(name, max(0, len(name) - 10)) for name in names)


def is_digits(names: Iterable[str]) -> bool:
    """Whether this is called a file of nothing but digits of base64, which programs for archives unpack."""
    return any(suffix(name) in _DIGITS_SUFFIXES for name in names)


def is_markup(content_type: str, names: Iterable[str]) -> bool:
    """Whether this is called HTML or the like, in which links are followed."""
    return content_type.endswith(("html", "xml")) or any(suffix(name) in _MARKUP for name in names)


def has_fields(text: bytes) -> bool:
    """Whether lines inside a text look like the fields of a part, which some programs take them for."""
    return b"-" in text and _PART_FIELD.search(text) is not None


def has_part(raw: bytes) -> bool:
    """Whether a part, or a file written out, may begin within the octets of another part."""
    return _PART_WITHIN.search(raw) is not None


def is_counted(data: bytes) -> bool:
    """Whether a message begins with its length, as Apple Mail keeps it."""
    return data[:1].isdigit() and _COUNT.match(data) is not None


def is_message(data: bytes, names: Iterable[str], *, by_content: bool = True) -> bool:
    """Whether a mail program would open this as a message: by its name, or since it begins like one."""
    if any(suffix(name) in _MESSAGE_SUFFIXES for name in names):
        return True
    if not by_content:
        return False
    head = data[:_HEADER_LOOK].lstrip(b"\r\n")
    return bool(_HEADER_LINE.match(head) and _MIME_FIELD.search(head))


def has_body(message: bytes) -> bool:
    """Whether there is anything behind a header."""
    header = message.lstrip(b"\r\n")
    at = min((at for at in (header.find(b"\n\r\n"), header.find(b"\n\n")) if at >= 0), default=len(header))
    return bool(header[at:].strip())


def is_apple_double(data: bytes) -> bool:
    """Whether this is what macOS keeps beside a file, under its name, and holds no document (RFC 1740)."""
    return data.startswith(_APPLE_DOUBLE) and PDF_MARK not in data and b"obj" not in data


def kind_of(data: bytes, names: Iterable[str] = ()) -> str | None:
    """Tell a container by its first octets; None where it is none that is known."""
    first = data[:1]
    if first in _MAGIC_BEGINS and data.startswith(_MAGICS):
        return next(kind for magic, kind in _MAGIC if data.startswith(magic))
    if _is_tar(data):
        return "tar"
    if _is_cms(data):
        return "cms"
    if any(map(data.startswith, _MARKS_SORTED, _MARKS_AT)):
        for offset, mark, kind in _MARKS:
            # What is too short has nothing so far from its end.
            if data.startswith(mark, offset) and len(data) >= -offset:
                return kind
    found = _by_pattern(data, first, names)
    if found is None and names:
        return next(filter(None, (_BY_NAME.get(suffix(name)) for name in names)), None)
    return found


def _by_pattern(data: bytes, first: bytes, names: Iterable[str]) -> str | None:
    if data[510:512] == b"\x55\xaa" and _is_disk(data[446:510]):
        return "disk"
    if first == b"\x5d" and (_LZMA.match(data) or any(suffix(name) == "lzma" for name in names)):
        return "lzma"
    if first in _OPENPGP_BEGINS and (_OPENPGP.match(data) or any(suffix(name) in _OPENPGP_SUFFIXES for name in names)):
        return "openpgp"
    if data[:4] == b"0707" and _CPIO.match(data):
        return "cpio"
    return "cpio" if first in _OLD_CPIO_BEGINS and _is_old_cpio(data) else None


def _is_disk(table: bytes) -> bool:
    """Whether this is a table of partitions: each is active or not, and one of them at least is of some kind."""
    return {0, 0x80}.issuperset(table[::16]) and any(table[4::16])


def _is_old_cpio(data: bytes) -> bool:
    """Whether this is an archive of old systems: numbers of two octets, and a name that ends where it should."""
    order: Literal["little", "big"] | None = _OLD_CPIO.get(data[:2])
    if order is None or len(data) < 28:
        return False
    end = 26 + int.from_bytes(data[20:22], order)
    name = data[26:end]
    return 1 < len(name) <= 1_024 and name.find(b"\0") == len(name) - 1 == end - 27


def _is_tar(data: bytes) -> bool:
    """Whether the first block is a tar header: by its mark, or by its checksum where it is older than the mark."""
    block = data[:512]
    if len(block) < 512 or not block[0]:
        return False
    if block[257:262] == b"ustar":
        return True
    digits = block[148:156].strip(b" \0")
    if not digits or digits.strip(b"01234567"):
        return False
    return int(digits, 8) == sum(block) - sum(block[148:156]) + 8 * 32


def _is_cms(data: bytes) -> bool:
    """Whether a ContentInfo begins here: a SEQUENCE, of whatever form of length, and a content type at once."""
    if data[:1] != b"0" or len(data) < 12:
        return False
    content = 2 + (data[1] & 0x7F if data[1] > 0x80 else 0)
    return data.startswith((_PKCS7, _PKCS9_CT), content)
