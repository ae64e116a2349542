"""Independent programs that judge what gsign signed: pdfsig, OpenSSL, qpdf, PDFium, Poppler and pyHanko.

Nothing here uses gsign. Each function raises AssertionError where its judge does not agree, and returns what it saw.

    pdfsig(path)                  Poppler with NSS: validity, "Total document signed", ranges, digest
    openssl_cms(path, trust)      every signature's bytes cut out here, judged by `openssl cms -verify`
    qpdf_check(path)              structure
    same_pages(before, after)     two renderers see the same pages
    pyhanko_ades(path, pki, "B-LTA")    ETSI EN 319 102-1 by pyHanko's AdES engine (tests.judges_ades)
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image, ImageChops

from tests.judges_ades import AdesFacts, ades_facts, pyhanko_ades

__all__ = [
    "AdesFacts",
    "PdfsigSignature",
    "SignatureBytes",
    "ades_facts",
    "assert_pdfsig_accepts",
    "changed_boxes",
    "cut_signatures",
    "new_nss_folder",
    "openssl_cms",
    "pdfsig",
    "pyhanko_ades",
    "qpdf_check",
    "render_pdfium",
    "render_poppler",
    "same_pages",
]


# --- pdfsig -----------------------------------------------------------------------------------------------------


@dataclass
class PdfsigSignature:
    """What pdfsig prints about one signature."""

    field_name: str = ""
    signer: str = ""
    digest: str = ""
    kind: str = ""
    ranges: str = ""
    validation: str = ""
    total_document_signed: bool = False
    lines: list[str] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether the signature itself holds (nothing is said of trust)."""
        return self.validation == "Signature is Valid."


_PDFSIG = {
    "Signature Field Name": "field_name",
    "Signer Certificate Common Name": "signer",
    "Signing Hash Algorithm": "digest",
    "Signature Type": "kind",
    "Signed Ranges": "ranges",
    "Signature Validation": "validation",
}


def new_nss_folder(folder: Path, *anchors: Path) -> Path:
    """Make an NSS database without a password, which trusts `anchors`, and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _run(["certutil", "-N", "-d", f"sql:{folder}", "--empty-password"])
    for index, anchor in enumerate(anchors):
        _run(["certutil", "-A", "-d", f"sql:{folder}", "-n", f"anchor{index}", "-t", "CT,C,C", "-i", str(anchor)])
    return folder


def pdfsig(path: Path, nss_folder: Path | None = None, password: str | None = None) -> list[PdfsigSignature]:
    """Return what pdfsig says, one entry per signature; its exit status means nothing and its trust line little.

    Signature fields that are not signed are left out.
    """
    with tempfile.TemporaryDirectory() as own:
        folder = nss_folder or new_nss_folder(Path(own) / "nss")
        command = ["pdfsig", "-no-ocsp", "-nssdir", f"sql:{folder}"]
        command += _passwords(password)
        said = _run([*command, str(path)], check=False)
    found: list[PdfsigSignature] = []
    for line in said.splitlines():
        if re.fullmatch(r"Signature #\d+:", line.strip()):
            found.append(PdfsigSignature())
        elif found:
            _note(found[-1], line.strip().removeprefix("- "))
    return [entry for entry in found if entry.validation]


def _passwords(password: str | None) -> list[str]:
    """Give a password to Poppler's programs, which want to be told whose it is."""
    return ["-upw", password, "-opw", password] if password else []


def _note(signature: PdfsigSignature, line: str) -> None:
    signature.lines.append(line)
    name, _, value = line.partition(": ")
    if name in _PDFSIG:
        setattr(signature, _PDFSIG[name], value.strip())
    if line == "Total document signed":
        signature.total_document_signed = True


def assert_pdfsig_accepts(
    path: Path, count: int, *, total: bool = True, nss_folder: Path | None = None, password: str | None = None
) -> list[PdfsigSignature]:
    """Assert that pdfsig finds `count` signatures, all valid, the last over the total document.

    Args:
        path: the signed file.
        count: signatures, document timestamps not counted: pdfsig of Debian 12 lists those and cannot judge them.
        total: whether the last of all covers the whole file; not so where a DSS came later.
        nss_folder: see `new_nss_folder`; without it a new one is made.
        password: what opens the file.
    """
    entries = pdfsig(path, nss_folder, password)
    found = [s for s in entries if s.kind != "unknown"]
    assert len(found) == count, f"pdfsig sees {len(found)} signatures, not {count}"
    broken = [s.lines for s in found if not s.valid]
    assert not broken, f"pdfsig does not accept: {broken}"
    covering = [s for s in entries if s.total_document_signed]
    assert len(covering) == int(total), f"pdfsig: total document signed by {len(covering)} signatures"
    return found


# --- OpenSSL ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SignatureBytes:
    """One signature as it stands in the file."""

    byte_range: tuple[int, int, int, int]
    contents: bytes
    """CMS or TimeStampToken in DER, without the padding."""
    covered: bytes
    padding: int
    """Zero bytes that follow it inside /Contents."""
    kind: str
    """SubFilter."""


_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
_SUB_FILTER = re.compile(rb"/SubFilter\s*/([A-Za-z0-9.]+)")


def cut_signatures(data: bytes) -> list[SignatureBytes]:
    """Cut every signature out of the file by its ByteRange, in order of what they cover.

    Asserts what has to hold on raw bytes: two ranges, the first from the file's start, and between them nothing but
    one hexadecimal string (ISO 32000-2, 12.8.1; ETSI EN 319 142-1, 5.3).
    """
    found = [_cut(data, match) for match in _BYTE_RANGE.finditer(data)]
    return sorted(found, key=lambda s: s.byte_range[2] + s.byte_range[3])


def _cut(data: bytes, match: re.Match[bytes]) -> SignatureBytes:
    a, b, c, d = (int(group) for group in match.groups())
    assert a == 0, "the signed range does not begin at the file's start"
    assert b < c <= c + d <= len(data), "the signed range lies outside the file"
    gap = data[b:c]
    assert re.fullmatch(rb"<[0-9A-Fa-f]*>", gap), f"the gap is no hexadecimal string: {gap[:20]!r} ... {gap[-20:]!r}"
    assert b <= match.start() or match.end() <= c + d, "the ByteRange does not cover itself"
    value = bytes.fromhex(gap[1:-1].decode())
    length = _der_length(value)
    assert not value[length:].strip(b"\0"), "something other than zeros follows the CMS in /Contents"
    # The dictionary is around the gap: its SubFilter stands nearest to it.
    start = data.rfind(b" obj", 0, b)
    kind = _SUB_FILTER.search(data, start, data.find(b"endobj", c))
    assert kind, "no SubFilter in the signature dictionary"
    return SignatureBytes(
        (a, b, c, d), value[:length], data[:b] + data[c : c + d], len(value) - length, kind[1].decode()
    )


def _der_length(value: bytes) -> int:
    assert value[:1] == b"\x30", "the CMS is no SEQUENCE"
    first = value[1]
    if first < 128:
        return 2 + first
    assert first != 128, "the CMS has an indefinite length"
    count = first & 127
    return 2 + count + int.from_bytes(value[2 : 2 + count], "big")


def openssl_cms(
    path: Path, trust: Path, *, digest: str | None = None, untrusted: Path | None = None, check_time: bool = True
) -> list[SignatureBytes]:
    """Let OpenSSL verify every signature of the file, chain to `trust` included; timestamps by `openssl ts`.

    Args:
        path: the signed file.
        trust: PEM file of the root.
        digest: where given, each signature's digest algorithm has to be this one (sha256 ...).
        untrusted: PEM file of certificates that the signature lacks.
        check_time: whether certificates have to be valid now.
    """
    found = cut_signatures(path.read_bytes())
    assert found, "no signature found in the file's bytes"
    for signature in found:
        with tempfile.TemporaryDirectory() as folder:
            _openssl_verify(signature, Path(folder), trust, untrusted, check_time=check_time)
            if digest and signature.kind != "ETSI.RFC3161":
                _assert_digest(signature, digest)
    return found


def _openssl_verify(
    signature: SignatureBytes, folder: Path, trust: Path, untrusted: Path | None, *, check_time: bool
) -> None:
    (folder / "content").write_bytes(signature.covered)
    (folder / "cms").write_bytes(signature.contents)
    if signature.kind == "ETSI.RFC3161":
        command = ["ts", "-verify", "-token_in", "-in", "cms", "-data", "content", "-CAfile", str(trust)]
    else:
        command = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "cms", "-content", "content"]
        command += ["-CAfile", str(trust), "-purpose", "any", "-out", "/dev/null"]
        command += ["-certfile", str(untrusted)] if untrusted else []
        command += [] if check_time else ["-no_check_time"]
    done = subprocess.run(["openssl", *command], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"openssl {command[0]} does not accept the signature: {done.stderr}"


def _assert_digest(signature: SignatureBytes, digest: str) -> None:
    from asn1crypto import cms

    info = cms.ContentInfo.load(signature.contents)["content"]["signer_infos"][0]
    used = info["digest_algorithm"]["algorithm"].native.replace("_", "-")
    assert used == digest, f"signed with {used}, not {digest}"


# --- structure and pages ----------------------------------------------------------------------------------------


def qpdf_check(path: Path, password: str | None = None) -> None:
    """Assert that qpdf reads the file without a warning."""
    with pikepdf.open(path, password=password or "") as pdf:
        problems = [*pdf.check_pdf_syntax(), *map(str, pdf.get_warnings())]
    assert not problems, f"qpdf: {problems}"


def render_pdfium(
    path: Path, *, password: str | None = None, resolution: int = 36, annotations: bool = True, pages: int | None = None
) -> list[Image.Image]:
    """Render all pages, or the first `pages`, with PDFium."""
    document = pypdfium2.PdfDocument(path, password=password)
    try:
        document.init_forms()
        numbers = range(len(document))[:pages]
        options: dict[str, Any] = {"may_draw_forms": annotations, "draw_annots": annotations}
        return [document[n].render(scale=resolution / 72, **options).to_pil() for n in numbers]
    finally:
        document.close()


def render_poppler(
    path: Path, *, password: str | None = None, resolution: int = 36, annotations: bool = True, pages: int | None = None
) -> list[Image.Image]:
    """Render all pages, or the first `pages`, with Poppler."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["pdftoppm", "-cropbox", "-r", str(resolution), *_passwords(password)]
        command += ["-l", str(pages)] if pages else []
        command += [] if annotations else ["-hide-annotations"]
        _run([*command, str(path), f"{folder}/p"])
        files = sorted(Path(folder).glob("p*"), key=lambda f: int(re.sub(r"\D", "", f.name)))
        return [Image.open(io.BytesIO(f.read_bytes())) for f in files]


_RENDERERS = {"pdfium": render_pdfium, "poppler": render_poppler}


def same_pages(before: Path, after: Path, *, password: str | None = None, pages: int | None = None) -> None:
    """Assert that both renderers show the same pages before and after, annotations included.

    Args:
        before: the document.
        after: the same, signed.
        password: what opens both.
        pages: how many to look at, all by default.
    """
    for name, render in _RENDERERS.items():
        old, new = (render(path, password=password, pages=pages) for path in (before, after))
        assert len(old) == len(new), f"{name}: {len(old)} pages became {len(new)}"
        for index, (one, other) in enumerate(zip(old, new, strict=True), 1):
            assert one.size == other.size, f"{name}: page {index} changed its size"
            assert _difference(one, other) is None, f"{name}: page {index} looks different"


def changed_boxes(before: Path, after: Path, page: int = 1) -> dict[str, tuple[float, float, float, float] | None]:
    """Return, per renderer, the box of what looks different on a page: left, bottom, right, top in points as shown.

    None where nothing does; edges are exact to a point.
    """
    found: dict[str, tuple[float, float, float, float] | None] = {}
    for name, render in _RENDERERS.items():
        one, other = (render(path, resolution=72, pages=page)[page - 1] for path in (before, after))
        assert one.size == other.size, f"{name}: page {page} changed its size"
        box = _difference(one, other)
        height = one.size[1]
        found[name] = box and (box[0], height - box[3], box[2], height - box[1])
    return found


def _difference(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getbbox()


def _run(command: list[str], *, check: bool = True) -> str:
    program = shutil.which(command[0])
    assert program, f"{command[0]} is missing: install poppler-utils, libnss3-tools and openssl"
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, f"{command[0]} failed: {done.stderr}"
    return done.stdout
