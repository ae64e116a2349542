"""What a document's author lets others do: rights that encryption withholds, and rights that end with a change."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal

import pikepdf
import pytest

import gsign.pdf
from gsign.errors import InputError
from gsign.result import Indication
from gsign.signer import Signer
from tests.documents import page
from tests.documents.raw import classic

_USER, _OWNER = "nguoi-dung", "chu-so-huu"
_FIELD = "ChuKy1"
_NOTHING = {"modify_annotation": False, "modify_form": False, "modify_other": False}


def with_field() -> bytes:
    """Write a page with an empty signature field."""
    layout = page.document()
    field = b"<</FT /Sig /T (%s) /Type /Annot /Subtype /Widget /F 132 /P %d 0 R /Rect [0 0 0 0]>>"
    layout.draft.objects[101] = field % (_FIELD.encode(), layout.first)
    layout.draft.objects[1] = b"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [101 0 R]>>>>"
    return classic(layout.draft)


def encrypted(revision: Literal[3, 4, 6] = 6, **allowed: bool) -> bytes:
    """Encrypt it, with these rights for whoever has the user's password."""
    out = io.BytesIO()
    allow = pikepdf.Permissions(**(_NOTHING | allowed))
    with pikepdf.open(io.BytesIO(with_field())) as pdf:
        new = revision > 3
        encryption = pikepdf.Encryption(user=_USER, owner=_OWNER, R=revision, metadata=new, aes=new, allow=allow)
        pdf.save(out, encryption=encryption)
    return out.getvalue()


def sign(data: bytes, signer: Signer, password: str = _USER, field: str | None = None) -> bytes:
    return gsign.pdf.sign(data, signer, revocation="off", password=password, field=field)


@pytest.mark.parametrize("revision", [3, 4, 6])
@pytest.mark.parametrize(
    "allowed, in_field, anywhere",
    [
        ({}, False, False),
        ({"modify_other": True}, False, False),
        ({"modify_form": True}, True, False),
        ({"modify_annotation": True}, True, False),
        ({"modify_form": True, "modify_other": True}, True, False),
        ({"modify_annotation": True, "modify_other": True}, True, True),
    ],
)
def test_the_author_decides_who_may_sign(
    file_signer: Signer, revision: Literal[3, 4, 6], allowed: dict[str, bool], in_field: bool, anywhere: bool
) -> None:
    data = encrypted(revision, **allowed)
    for field, may in ((_FIELD, in_field), (None, anywhere)):
        if may:
            signed = sign(data, file_signer, field=field)
            assert gsign.pdf.verify(signed, password=_USER, revocation="off").signatures[0].intact
            continue
        with pytest.raises(InputError) as refused:
            sign(data, file_signer, field=field)
        assert refused.value.code == "rights-withheld"
        assert {refused.value.sentence("vi"), refused.value.sentence("en")}.isdisjoint({"rights-withheld"})


@pytest.mark.parametrize("field", [_FIELD, None])
def test_the_owner_may_always_sign(file_signer: Signer, field: str | None) -> None:
    signed = sign(encrypted(), file_signer, password=_OWNER, field=field)
    assert gsign.pdf.verify(signed, password=_OWNER, revocation="off").signatures[0].intact


def test_rights_that_end_with_a_change_are_mentioned_and_keep_nobody_from_signing(
    file_signer: Signer, tmp_path: Path
) -> None:
    layout = page.document()
    layout.draft.objects[101] = (
        b"<</Type /Sig /Filter /Adobe.PPKLite /Reference [<</Type /SigRef /TransformMethod /UR3"
        b" /TransformParams <</Type /TransformParams /V /2.2 /Form [/FillIn /Add]>>>>]>>"
    )
    layout.draft.objects[1] = b"<</Type /Catalog /Pages 2 0 R /Perms <</UR3 101 0 R>>>>"
    output = tmp_path / "signed.pdf"
    record = gsign.pdf.sign_to(classic(layout.draft), output, file_signer, revocation="off", strict=False)
    assert "usage-rights-lost" in record.warnings
    result = gsign.pdf.verify(output, revocation="off")
    assert result.signatures[0].intact
    assert result.indication is not Indication.TOTAL_FAILED
    assert (
        "usage-rights-lost"
        not in gsign.pdf.sign_to(with_field(), tmp_path / "other.pdf", file_signer, revocation="off").warnings
    )
