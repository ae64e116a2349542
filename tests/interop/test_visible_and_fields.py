"""Visible signatures where they were asked for, and existing fields filled as they ask for it."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

import gsign.pdf
from gsign.errors import GsignError
from gsign.signer import Signer
from tests import documents as collection
from tests import judges
from tests.documents import ENTRIES, Library
from tests.interop.verdict import Court, picture

PLACES = [
    "one-page", "object-streams", "rotated-90", "rotated-180", "rotated-minus-90", "crop-box", "negative-box",
    "rotated-crop-box", "inherited", "annots-direct", "annots-indirect", "annots-shared", "annots-null", "no-contents",
    "pdfa-2b", "pdfa-2b-object-streams", "hybrid", "linearized",
]  # fmt: skip


@pytest.mark.parametrize("image", [None, picture()], ids=["text", "image"])
@pytest.mark.parametrize("name", PLACES)
def test_ink_is_where_it_was_asked_for_and_nowhere_else(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, name: str, image: bytes | None
) -> None:
    document, target = documents[name], tmp_path / "signed.pdf"
    source = document.write(tmp_path)
    left, bottom, width, height = 300.0, 120.0, 180.0, 60.0
    gsign.pdf.sign_to(
        source,
        target,
        signers["rsa2048"],
        at=(1, left, bottom, width, height),
        image=image,
        trust=court.pki.root_file,
        revocation="off",
    )
    court.accept(target, document, visible=True)
    for renderer, box in judges.changed_boxes(source, target).items():
        assert box, f"{renderer}: nothing to be seen"
        assert box[0] >= left - 1 and box[1] >= bottom - 1, (renderer, box)  # noqa: PT018
        assert box[2] <= left + width + 1 and box[3] <= bottom + height + 1, (renderer, box)  # noqa: PT018
        assert box[3] - box[1] > height / 4, f"{renderer}: hardly anything to be seen: {box}"


def test_the_last_page_is_counted_from_the_end(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path
) -> None:
    document, target = documents["five-pages"], tmp_path / "signed.pdf"
    source = document.write(tmp_path)
    gsign.pdf.sign_to(
        source, target, signers["p256"], at=(-1, 300, 120, 180, 60), trust=court.pki.root_file, revocation="off"
    )
    court.accept(target, document, visible=True)
    assert set(judges.changed_boxes(source, target, page=1).values()) == {None}
    assert None not in judges.changed_boxes(source, target, page=5).values()


FIELDS = [(name, field) for name in collection.names(signable=True) for field in ENTRIES[name].fields]


@pytest.mark.parametrize("name, field", [pair for pair in FIELDS if pair[0] != "field-seed-value-unmet"])
def test_an_existing_field_is_filled_and_no_other_is_made(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, name: str, field: str
) -> None:
    document, target = documents[name], tmp_path / "signed.pdf"
    record = gsign.pdf.sign_to(
        document.data, target, signers["rsa2048"], field=field, trust=court.pki.root_file, revocation="off"
    )
    assert record.field == field
    facts = court.accept(target, document, field=field, visible=True)
    assert [fact.field for fact in facts] == [field]
    assert _signature_fields(target.read_bytes()) == {n: n == field for n in document.fields}


def _signature_fields(data: bytes) -> dict[str, bool]:
    """Return the signature fields by full name and whether each is signed."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return {name: signed for field in pdf.Root.AcroForm.Fields for name, signed in _leaves(field, "", None)}


def _leaves(field: pikepdf.Object, prefix: str, kind: object) -> list[tuple[str, bool]]:
    kind = field.get("/FT", kind)
    full = ".".join(part for part in (prefix, str(field.get("/T", ""))) if part)
    kids = [kid for kid in field.get("/Kids", []) if "/T" in kid]
    if kids:
        return [leaf for kid in kids for leaf in _leaves(kid, full, kind)]
    return [(full, "/V" in field)] if kind == "/Sig" else []


@pytest.mark.parametrize("name, action", [("field-lock-all", "/All"), ("field-lock-some", "/Include")])
def test_a_fields_lock_becomes_a_fieldmdp_of_its_signature(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, name: str, action: str
) -> None:
    document, target = documents[name], tmp_path / "signed.pdf"
    gsign.pdf.sign_to(
        document.data, target, signers["p256"], field="ChuKy1", trust=court.pki.root_file, revocation="off"
    )
    with target.open("rb") as file:
        (signature,) = PdfFileReader(file).embedded_regular_signatures
        assert signature.fieldmdp is not None
        assert signature.fieldmdp.action.value == action


def test_a_seed_value_that_the_law_forbids_is_refused(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path
) -> None:
    target = tmp_path / "signed.pdf"
    data = documents["field-seed-value-unmet"].data
    with pytest.raises(GsignError) as caught:
        gsign.pdf.sign_to(data, target, signers["p256"], field="ChuKy1", trust=court.pki.root_file, revocation="off")
    assert caught.value.code == "field-seed-values"
    assert not target.exists()
