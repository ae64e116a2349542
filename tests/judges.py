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
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
import pypdfium2
from PIL import Image, ImageChops

from tests.judges_ades import AdesFacts, pyhanko_ades

__all__ = [
    "AdesFacts",
    "PdfsigSignature",
    "SignatureBytes",
    "assert_pdfsig_accepts",
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
    """Return what pdfsig says, one entry per signature; its exit status means nothing and its trust line little."""
    with tempfile.TemporaryDirectory() as own:
        folder = nss_folder or new_nss_folder(Path(own) / "nss")
        command = ["pdfsig", "-no-ocsp", "-nssdir", f"sql:{folder}"]
        command += ["-upw", password] if password else []
        said = _run([*command, str(path)], check=False)
    found: list[PdfsigSignature] = []
    for line in said.splitlines():
        if re.fullmatch(r"Signature #\d+:", line.strip()):
            found.append(PdfsigSignature())
        elif found:
            _note(found[-1], line.strip().removeprefix("- "))
    return found


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
    path: Path, trust: Path, *, digest: str | None = None, untrusted: Path | None = None
) -> list[SignatureBytes]:
    """Let OpenSSL verify every signature of the file, chain to `trust` included; timestamps by `openssl ts`.

    Args:
        path: the signed file.
        trust: PEM file of the root.
        digest: where given, each signature's digest algorithm has to be this one (sha256 ...).
        untrusted: PEM file of certificates that the signature lacks.
    """
    found = cut_signatures(path.read_bytes())
    assert found, "no signature found in the file's bytes"
    for signature in found:
        with tempfile.TemporaryDirectory() as folder:
            _openssl_verify(signature, Path(folder), trust, untrusted)
            if digest and signature.kind != "ETSI.RFC3161":
                _assert_digest(signature, digest)
    return found


def _openssl_verify(signature: SignatureBytes, folder: Path, trust: Path, untrusted: Path | None) -> None:
    (folder / "content").write_bytes(signature.covered)
    (folder / "cms").write_bytes(signature.contents)
    if signature.kind == "ETSI.RFC3161":
        command = ["ts", "-verify", "-token_in", "-in", "cms", "-data", "content", "-CAfile", str(trust)]
    else:
        command = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "cms", "-content", "content"]
        command += ["-CAfile", str(trust), "-purpose", "any", "-out", "/dev/null"]
        command += ["-certfile", str(untrusted)] if untrusted else []
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
    path: Path, *, password: str | None = None, scale: float = 0.5, annotations: bool = False
) -> list[Image.Image]:
    """Render all pages with PDFium; without annotations where only the page's own content is compared."""
    document = pypdfium2.PdfDocument(path, password=password)
    try:
        if annotations:
            document.init_forms()
        return [p.render(scale=scale, may_draw_forms=annotations, draw_annots=annotations).to_pil() for p in document]
    finally:
        document.close()


def render_poppler(path: Path, *, password: str | None = None, resolution: int = 36) -> list[Image.Image]:
    """Render all pages, annotations included, with Poppler."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["pdftoppm", "-r", str(resolution), *(["-upw", password] if password else [])]
        _run([*command, str(path), f"{folder}/p"])
        files = sorted(Path(folder).glob("p*"), key=lambda f: int(re.sub(r"\D", "", f.name)))
        return [Image.open(io.BytesIO(f.read_bytes())) for f in files]


def same_pages(
    before: Path,
    after: Path,
    *,
    password: str | None = None,
    except_boxes: Sequence[tuple[int, tuple[float, float, float, float]]] = (),
) -> None:
    """Assert that both renderers show the same pages before and after.

    Args:
        before: the document.
        after: the same, signed.
        password: what opens both.
        except_boxes: (page from 0, box in points from the upper left of the page as shown) where something may be new.
    """
    for name, pages, scale in (("pdfium", render_pdfium, 0.5), ("poppler", render_poppler, 0.5)):
        old, new = pages(before, password=password), pages(after, password=password)
        assert len(old) == len(new), f"{name}: {len(old)} pages became {len(new)}"
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            assert one.size == other.size, f"{name}: page {index + 1} changed its size"
            for image in (one, other):
                _blank(image, [box for page, box in except_boxes if page == index], scale)
            assert not ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getbbox(), (
                f"{name}: page {index + 1} looks different"
            )


def _blank(image: Image.Image, boxes: list[tuple[float, float, float, float]], scale: float) -> None:
    for left, top, right, bottom in boxes:
        # One pixel more on each side: edges are smoothed.
        place = (int(left * scale) - 1, int(top * scale) - 1, int(right * scale) + 2, int(bottom * scale) + 2)
        image.paste((0, 0, 0), place)


def _run(command: list[str], *, check: bool = True) -> str:
    program = shutil.which(command[0])
    assert program, f"{command[0]} is missing: install poppler-utils, libnss3-tools and openssl"
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, f"{command[0]} failed: {done.stderr}"
    return done.stdout
