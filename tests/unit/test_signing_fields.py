"""Which field is signed, what it demands, what earlier signatures allow, and that nothing else on the page is lost."""

from __future__ import annotations

import io

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

import gsign.pdf
from gsign.errors import GsignError, UsageError
from gsign.signer import Scheme
from tests import judges
from tests.documents import page
from tests.documents.raw import classic, cross_reference_stream

_BOX = b"/Rect [380 220 520 280]"


def sign(data, signer, **options):
    return gsign.pdf.sign(data, signer, revocation="off", **options)


def refuse(code, call, **facts):
    with pytest.raises(GsignError) as caught:
        call()
    assert caught.value.code == code
    assert caught.value.facts.items() >= facts.items()
    assert {caught.value.sentence("vi"), caught.value.sentence("en")}.isdisjoint({code})
    return caught.value


def judged(data, count, tmp_path, **options):
    """Let pdfsig and qpdf look at it, and return its signature fields by name."""
    path = tmp_path / "judged.pdf"
    path.write_bytes(data)
    found = judges.assert_pdfsig_accepts(path, count, **options)
    judges.qpdf_check(path)
    return [signature.field_name for signature in found]


def with_form(fields, *, more=b"", annotations=None, write=classic):
    """Write a document with `fields` (bodies, `%(n)d` being the first page) as objects 101, 102 …"""
    layout = page.document(2)
    numbers = []
    for index, body in enumerate(fields):
        layout.draft.objects[101 + index] = body.replace(b"PAGE", b"%d 0 R" % layout.first)
        numbers.append(b"%d 0 R" % (101 + index))
    own = layout.draft.objects[layout.first].removesuffix(b">>")
    listed = b" ".join(numbers) if annotations is None else annotations
    layout.draft.objects[layout.first] = own + b" /Annots [%s]>>" % listed
    catalog = b"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [%s]%s>>>>"
    layout.draft.objects[1] = catalog % (b" ".join(numbers), more)
    return write(layout.draft)


def empty_field(name=b"ChuKy1", more=b""):
    return b"<</FT /Sig /T (%s) /Type /Annot /Subtype /Widget /F 132 /P PAGE %s%s>>" % (name, _BOX, more)


# ---------------------------------------------------------------- names


def test_new_fields_are_numbered_past_all_that_are_taken(documents, file_signer, tmp_path):
    once = sign(documents["field-name-taken"].data, file_signer)
    assert judged(once, 1, tmp_path) == ["Signature3"]
    assert judged(sign(once, file_signer), 2, tmp_path) == ["Signature3", "Signature4"]


def test_a_name_hidden_in_a_parent_is_taken_too(file_signer, tmp_path):
    data = with_form([b"<</T (Signature1) /Kids [102 0 R]>>", b"<</T (x) /FT /Tx /Parent 101 0 R>>"], annotations=b"")
    data = data.replace(b"/Fields [101 0 R 102 0 R]", b"/Fields [101 0 R        ]")
    assert judged(sign(data, file_signer), 1, tmp_path) == ["Signature2"]


@pytest.mark.parametrize("name", ["Chữ ký của lãnh đạo", "A#/()<>", "ký (1)", "\N{GRINNING FACE}", "x" * 500])
def test_names_of_any_letters(documents, file_signer, tmp_path, name):
    signed = sign(documents["one-page"].data, file_signer, field=name)
    judged(signed, 1, tmp_path)
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        assert [str(f.T) for f in pdf.Root.AcroForm.Fields] == [name]
    refuse("field-already-signed", lambda: sign(signed, file_signer, field=name), field=name)


def test_names_that_cannot_be(documents, file_signer):
    refuse("field-name-invalid", lambda: sign(documents["one-page"].data, file_signer, field="a.b"))
    nested = documents["fields-nested"].data
    for parent in ("phong", "phong.vanthu"):
        refuse("field-not-signature", lambda parent=parent: sign(nested, file_signer, field=parent), field=parent)
    refuse("field-not-signature", lambda: sign(documents["text-fields"].data, file_signer, field="so"))


def test_an_empty_name_is_none(documents, file_signer, tmp_path):
    assert judged(sign(documents["one-page"].data, file_signer, field=""), 1, tmp_path) == ["Signature1"]


# ---------------------------------------------------------------- existing fields


def test_the_field_is_filled_where_it_is_and_keeps_what_it_had(file_signer, tmp_path):
    data = with_form([empty_field(more=b" /TU (Noi ky) /MK <</BC [1 0 0]>> /XX_Own 7")], write=cross_reference_stream)
    signed = sign(data, file_signer, field="ChuKy1")
    judged(signed, 1, tmp_path)
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        (field,) = pdf.Root.AcroForm.Fields
        assert field.objgen == (101, 0)
        assert [float(v) for v in field.Rect] == [380, 220, 520, 280]
        assert field.XX_Own == 7
        assert field.MK.BC is not None
        assert "/N" in field.AP
        assert field.V.SubFilter == pikepdf.Name("/ETSI.CAdES.detached")
        assert pdf.Root.AcroForm.SigFlags == 3
        assert len(pdf.pages[0].Annots) == 1


def test_a_field_whose_kind_is_its_parents(documents, file_signer, tmp_path):
    signed = sign(documents["fields-nested"].data, file_signer, field="phong.vanthu.dau")
    assert judged(signed, 1, tmp_path) == ["phong.vanthu.dau"]
    (embedded,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    assert embedded.field_name == "phong.vanthu.dau"


def test_every_widget_of_a_field_is_dressed(file_signer, tmp_path):
    kid = b"<</Type /Annot /Subtype /Widget /F 132 /Parent 101 0 R /P PAGE /Rect [%d 220 %d 280]>>"
    fields = [b"<</FT /Sig /T (ChuKy1) /Kids [102 0 R 103 0 R 999 0 R]>>", kid % (50, 200), kid % (250, 400)]
    data = with_form(fields, annotations=b"102 0 R 103 0 R")
    data = data.replace(b"/Fields [101 0 R 102 0 R 103 0 R]", b"/Fields [101 0 R                ]")
    signed = sign(data, file_signer, field="ChuKy1")
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        (field,) = pdf.Root.AcroForm.Fields
        assert "/V" in field
        assert ["/N" in kid.AP for kid in pdf.pages[0].Annots] == [True, True]


def test_a_place_cannot_be_given_to_a_field_that_has_one(documents, file_signer):
    for name in ("field-merged", "field-invisible"):
        call = lambda name=name: sign(documents[name].data, file_signer, field="ChuKy1", at=(1, 20, 20))  # noqa: E731
        assert isinstance(refuse("field-has-place", call, field="ChuKy1"), UsageError)


def test_a_picture_wants_a_place(documents, file_signer):
    from tests.interop.verdict import picture

    for name, field in (("one-page", None), ("field-invisible", "ChuKy1")):
        call = lambda name=name, field=field: sign(  # noqa: E731
            documents[name].data, file_signer, field=field, image=picture()
        )
        refuse("image-needs-place", call)


def test_a_value_that_is_a_reference_to_nothing_is_no_signature(file_signer, tmp_path):
    data = with_form([empty_field(more=b" /V 999 0 R")])
    assert judged(sign(data, file_signer, field="ChuKy1"), 1, tmp_path) == ["ChuKy1"]
    assert judged(sign(data, file_signer), 1, tmp_path) == ["Signature1"]


# ---------------------------------------------------------------- demands of a field


@pytest.mark.parametrize(
    "seed, options, unmet",
    [
        (b"/SubFilter [/adbe.pkcs7.detached] /Ff 2", {}, "SubFilter"),
        (b"/SubFilter [/adbe.pkcs7.detached] /Ff 2", {"subfilter": "adbe.pkcs7.detached"}, None),
        (b"/SubFilter [/adbe.pkcs7.detached]", {}, None),
        (b"/SubFilter [/adbe.x509.rsa_sha1 /ETSI.CAdES.detached] /Ff 2", {}, None),
        (b"/DigestMethod [(SHA512)] /Ff 64", {}, "DigestMethod"),
        (b"/DigestMethod [(SHA512)] /Ff 64", {"digest": "sha512"}, None),
        (b"/DigestMethod [(SHA1)] /Ff 64", {}, "DigestMethod"),
        (b"/Reasons [(Duyet)] /Ff 8", {}, "Reasons"),
        (b"/Reasons [(Duyet) (Xem)] /Ff 8", {"reason": "Xem"}, None),
        (b"/Reasons [(.)] /Ff 8", {"reason": "Xem"}, "Reasons"),
        (b"/Reasons [(.)] /Ff 8", {}, None),
        (b"/Filter /Other.Handler /Ff 1", {}, "Filter"),
        (b"/Filter /Adobe.PPKLite /Ff 1", {}, None),
        (b"/V 4 /Ff 4", {}, "V"),
        (b"/MDP <</P 2>>", {}, "MDP"),
        (b"/MDP <</P 2>>", {"certify": 2}, None),
        (b"/MDP <</P 0>>", {"certify": 2}, "MDP"),
        (b"/TimeStamp <</URL (http://tsa) /Ff 1>>", {}, "TimeStamp"),
        (b"/TimeStamp <</URL (http://tsa) /Ff 0>>", {}, None),
        (b"/Cert <</Issuer [(x)] /Ff 2>>", {}, "Cert"),
        (b"/Cert <</Issuer [(x)] /Ff 0>>", {}, None),
        (b"/AddRevInfo true /Ff 32", {}, "AddRevInfo"),
        (b"/Ff (x) /V 9", {}, "V"),
    ],
)
def test_what_a_field_requires_is_met_or_refused(file_signer, tmp_path, seed, options, unmet):
    data = with_form([empty_field(more=b" /SV <</Type /SV %s>>" % seed)])
    if unmet is None:
        judged(sign(data, file_signer, field="ChuKy1", **options), 1, tmp_path)
        return
    call = lambda: sign(data, file_signer, field="ChuKy1", **options)  # noqa: E731
    refuse("field-seed-values", call, field="ChuKy1", constraint=unmet)
    judged(sign(data, file_signer, **options), 1, tmp_path)  # another field does not have to


# ---------------------------------------------------------------- permissions


def modification_after(data):
    """Return, for each signature, what pyHanko says came after it."""
    context = ValidationContext(trust_roots=[], allow_fetching=False)
    levels = {}
    for embedded in PdfFileReader(io.BytesIO(data)).embedded_signatures:
        status = validate_pdf_signature(embedded, context, skip_diff=False)
        assert status.intact
        assert status.valid
        assert status.docmdp_ok is not False, embedded.field_name
        levels[embedded.field_name] = status.modification_level
    return levels


@pytest.mark.parametrize("name", ["one-page", "object-streams", "annots-indirect", "annots-shared", "form-indirect"])
@pytest.mark.parametrize("certify", [None, 2, 3])
def test_a_second_signature_is_no_forbidden_change(documents, file_signer, tmp_path, name, certify):
    first = sign(documents[name].data, file_signer, certify=certify)
    second = sign(first, file_signer)
    assert modification_after(second)["Signature1"] in (ModificationLevel.FORM_FILLING, ModificationLevel.LTA_UPDATES)
    judged(second, 2, tmp_path)
    result = gsign.pdf.verify(second, offline=True)
    assert [s.changes_after.value for s in result.signatures] == ["permitted", "none"]


def test_nobody_signs_after_a_certification_that_forbids_it(documents, file_signer):
    first = sign(documents["one-page"].data, file_signer, certify=1)
    refuse("certified-no-changes", lambda: sign(first, file_signer), field="Signature1")


@pytest.mark.parametrize("level, permissions", [(True, 2), (1, 1), (2, 2), (3, 3)])
def test_a_certification_is_written_where_readers_look(documents, file_signer, level, permissions):
    signed = sign(documents["one-page"].data, file_signer, certify=level)
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        signature = pdf.Root.Perms.DocMDP
        assert signature.objgen == pdf.Root.AcroForm.Fields[0].V.objgen
        assert permissions == signature.Reference[0].TransformParams.P


def test_only_the_first_signature_certifies_and_permissions_are_1_to_3(documents, file_signer):
    first = sign(documents["one-page"].data, file_signer)
    refuse("certify-not-first", lambda: sign(first, file_signer, certify=2), field="Signature1")
    for level in (4, -1, 7):
        refuse("certify-unknown", lambda level=level: sign(documents["one-page"].data, file_signer, certify=level))


def test_other_permissions_of_the_document_stay(file_signer):
    data = classic(page.document(catalog=b"/Perms 50 0 R").draft)
    assert refuse(
        "input-damaged", lambda: sign(classic(page.document(catalog=b"/Perms [1]").draft), file_signer, certify=2)
    )
    layout = page.document(catalog=b"/Perms 50 0 R")
    layout.draft.objects[50] = b"<</XX_Other (kept)>>"
    data = classic(layout.draft)
    with pikepdf.open(io.BytesIO(sign(data, file_signer, certify=2))) as pdf:
        assert set(pdf.Root.Perms.keys()) == {"/XX_Other", "/DocMDP"}


@pytest.mark.parametrize(
    "lock, locked, free",
    [
        (b"/Action /All", ["Other", "Signature1"], []),
        (b"/Action /Include /Fields [(Other)]", ["Other"], ["Signature1"]),
        (b"/Action /Exclude /Fields [(Other)]", ["Signature1"], ["Other"]),
        (b"/Action /Include /Fields [(Oth)]", [], ["Other", "Signature1"]),
    ],
)
def test_a_field_that_locks_others_when_it_is_signed(file_signer, tmp_path, lock, locked, free):
    fields = [empty_field(more=b" /Lock <</Type /SigFieldLock %s>>" % lock), empty_field(b"Other")]
    first = sign(with_form(fields), file_signer, field="ChuKy1")
    judged(first, 1, tmp_path)
    with pikepdf.open(io.BytesIO(first)) as pdf:
        reference = pdf.Root.AcroForm.Fields[0].V.Reference[0]
        assert reference.TransformMethod == pikepdf.Name("/FieldMDP")
        assert reference.TransformParams.Action == pikepdf.Name(b"/".decode() + lock.split()[1][1:].decode())
    for name in locked:
        refuse("field-locked", lambda name=name: sign(first, file_signer, field=name), field=name, by="ChuKy1")
    for name in free:
        second = sign(first, file_signer, field=name)
        judged(second, 2, tmp_path)
        assert "ChuKy1" in modification_after(second)


def test_a_lock_that_forbids_all_changes(file_signer):
    data = with_form([empty_field(more=b" /Lock <</Type /SigFieldLock /Action /Include /Fields [(x)] /P 1>>")])
    first = sign(data, file_signer, field="ChuKy1")
    refuse("certified-no-changes", lambda: sign(first, file_signer), field="ChuKy1")


def test_what_is_no_name_in_a_lock_locks_nothing(file_signer, tmp_path):
    lock = b" /Lock <</Type /SigFieldLock /Action /Include /Fields [(x) 5 null /Signature1]>>"
    first = sign(with_form([empty_field(more=lock)]), file_signer, field="ChuKy1")
    judged(sign(first, file_signer), 2, tmp_path)


@pytest.mark.parametrize(
    "reference",
    [
        b"5",
        b"[5]",
        b"[<</TransformMethod /FieldMDP /TransformParams [1]>>]",
        b"[<</TransformMethod /DocMDP /TransformParams (x)>>]",
        b"[<</TransformMethod /FieldMDP /TransformParams <</Action /Include /Fields 5>>>>]",
    ],
)
def test_references_that_make_no_sense_are_damage(file_signer, reference):
    data = with_form([empty_field(more=b" /V <</Type /Sig /Reference %s>>" % reference)])
    refuse("input-damaged", lambda: sign(data, file_signer))


# ---------------------------------------------------------------- nothing else is lost


def annotations_of(data):
    """Return the object numbers in /Annots of every page."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [[a.objgen[0] for a in p.get("/Annots", [])] for p in pdf.pages]


def test_an_array_of_annotations_shared_by_pages_is_not_written_to(file_signer, tmp_path):
    layout = page.document(3)
    note = layout.draft.add(b"<</Type /Annot /Subtype /Text /Rect [10 10 30 30] /Contents (x)>>")
    array = layout.draft.add(b"[%d 0 R]" % note)
    for number in layout.page_numbers:
        layout.draft.objects[number] = layout.draft.objects[number].removesuffix(b">>") + b" /Annots %d 0 R>>" % array
    data = classic(layout.draft)
    signed = sign(data, file_signer, at=(2, 100, 100, 150, 50))
    found = annotations_of(signed)
    assert [len(numbers) for numbers in found] == [1, 2, 1]
    assert all(numbers[0] == note for numbers in found)
    judged(signed, 1, tmp_path)


def test_fields_and_annotations_may_be_one_array(file_signer, tmp_path):
    layout = page.document(2)
    note = layout.draft.add(b"<</FT /Tx /T (so) /Type /Annot /Subtype /Widget /Rect [10 10 90 30] /DA (/F1 9 Tf)>>")
    array = layout.draft.add(b"[%d 0 R]" % note)
    layout.draft.objects[1] = b"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields %d 0 R>>>>" % array
    for number in layout.page_numbers:
        layout.draft.objects[number] = layout.draft.objects[number].removesuffix(b">>") + b" /Annots %d 0 R>>" % array
    first = sign(classic(layout.draft), file_signer, at=(1, 100, 100, 150, 50))
    assert [len(numbers) for numbers in annotations_of(first)] == [2, 1]
    second = sign(first, file_signer, at=(2, 100, 100, 150, 50))
    assert [len(numbers) for numbers in annotations_of(second)] == [2, 2]
    judged(second, 2, tmp_path)


@pytest.mark.parametrize("where", [1, 2, 3, -1, -2, -3])
def test_the_widget_is_on_the_page_that_was_asked_for(file_signer, where):
    layout = page.document(3)
    signed = sign(classic(layout.draft), file_signer, at=(where, 100, 100, 150, 50))
    index = where - 1 if where > 0 else where + 3
    assert [bool(numbers) for numbers in annotations_of(signed)] == [i == index for i in range(3)]
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        assert pdf.Root.AcroForm.Fields[0].P.objgen == pdf.pages[index].objgen


def test_pages_that_are_not_there(documents, file_signer):
    for number in (0, 6, -6, 10**30):
        call = lambda number=number: sign(documents["five-pages"].data, file_signer, at=(number, 1, 1))  # noqa: E731
        refuse("page-not-there", call, pages=5)


def test_fields_annotations_and_form_entries_stay(documents, file_signer, tmp_path):
    before = documents["text-fields"].data
    signed = sign(before, file_signer, at=(1, 20, 20, 150, 50))
    judged(signed, 1, tmp_path)
    with pikepdf.open(io.BytesIO(before)) as old, pikepdf.open(io.BytesIO(signed)) as new:
        assert [str(f.T) for f in new.Root.AcroForm.Fields] == ["so", "ngay", "Signature1"]
        assert new.Root.AcroForm.DA == old.Root.AcroForm.DA
        assert new.Root.AcroForm.DR.objgen == old.Root.AcroForm.DR.objgen
        for one, other in zip(old.Root.AcroForm.Fields, new.Root.AcroForm.Fields, strict=False):
            assert one.unparse() == other.unparse()
    assert annotations_of(signed)[0][:2] == annotations_of(before)[0]


def test_flags_of_the_form_are_added_to(file_signer):
    for flags, after in ((b"", 3), (b" /SigFlags 1", 3), (b" /SigFlags 12", 15), (b" /SigFlags null", 3)):
        signed = sign(with_form([empty_field()], more=flags), file_signer)
        with pikepdf.open(io.BytesIO(signed)) as pdf:
            assert after == pdf.Root.AcroForm.SigFlags


def test_a_form_and_page_of_other_generations(file_signer, tmp_path):
    data = bytearray(b"%PDF-1.7\n")
    objects = {
        (1, 2): b"<</Type /Catalog /Pages 2 0 R /AcroForm 4 9 R>>",
        (2, 0): b"<</Type /Pages /Kids [3 7 R] /Count 1>>",
        (3, 7): b"<</Type /Page /Parent 2 0 R /Resources <<>> /MediaBox [0 0 595 842] /Annots [5 1 R]>>",
        (4, 9): b"<</Fields [5 1 R]>>",
        (5, 1): b"<</FT /Sig /T (ChuKy1) /Type /Annot /Subtype /Widget /F 4 /Rect [20 20 200 80] /P 3 7 R>>",
    }
    entries = b"0000000000 65535 f\r\n"
    for (number, generation), body in objects.items():
        entries += b"%010d %05d n\r\n" % (len(data), generation)
        data += b"%d %d obj\n%s\nendobj\n" % (number, generation, body)
    place = len(data)
    data += b"xref\n0 6\n" + entries + b"trailer\n<</Size 6 /Root 1 2 R>>\nstartxref\n%d\n%%%%EOF\n" % place
    new = sign(bytes(data), file_signer, at=(1, 20, 100, 150, 50))
    assert judged(new, 1, tmp_path) == ["Signature1"]
    old = sign(new, file_signer, field="ChuKy1")
    assert set(judged(old, 2, tmp_path)) == {"ChuKy1", "Signature1"}


def test_one_key_signs_with_every_scheme_again_and_again(documents, file_signer, tmp_path):
    data = documents["object-streams"].data
    for count, scheme in enumerate([Scheme.PKCS1, Scheme.PSS, Scheme.PKCS1], 1):
        data = sign(data, file_signer, scheme=scheme, at=(1, 20, 20 + 100 * count, 150, 60))
    path = tmp_path / "thrice.pdf"
    path.write_bytes(data)
    assert len(judges.cut_signatures(data)) == 3
    assert set(modification_after(data)) == {"Signature1", "Signature2", "Signature3"}
