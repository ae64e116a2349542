"""What each role needs to be told, and where what it shows is put."""

from __future__ import annotations

import io

import pytest
from PIL import Image

import gsign.pdf
from gsign import pkcs12
from tests import judges, letters
from tests.documents import page
from tests.documents.raw import classic
from tests.pki import Subject
from tests.samples import seal
from tests.unit.role_desk import AS_ISSUE, AS_LEADER, Desk, decision, open_keys, refuse, with_lines


@pytest.fixture(scope="module")
def keys(session_pki, tmp_path_factory):
    return open_keys(session_pki, tmp_path_factory.mktemp("keys"))


@pytest.fixture
def desk(keys, pki):
    return Desk(keys, pki)


def test_what_was_not_said_is_asked_for(desk):
    refuse("number-needed", lambda: desk.issued(number=None))
    refuse("number-needed", lambda: desk.sign(decision(), "agency", role="incoming"))
    refuse(
        "number-needed", lambda: desk.sign(decision(), "agency", role="annex", of=desk.leader(with_lines([]), **HERE))
    )


HERE = {"at": (1, 300, 200)}


def test_a_printed_number_and_date_leave_the_seal_alone(desk):
    printed = {"Số:        /QĐ-UBND": "Số: 286/QĐ-UBND"}
    printed["Hưng Yên, ngày      tháng      năm 2026"] = "Hưng Yên, ngày 03 tháng 02 năm 2026"
    signed = desk.leader(with_lines([(printed.get(t, t), *rest) for t, *rest in page.DECISION]))
    assert desk.roles(desk.issued(signed, number=None, date=None))[1:] == [("Seal1", "issue")]
    refuse("place-taken", lambda: desk.issued(signed, date=None))
    refuse("place-taken", lambda: desk.issued(signed, number=None))


def test_places_are_taken_as_they_are_given(desk, tmp_path):
    signed = desk.leader(with_lines([]), at=(1, 300, 200, 120, 60))
    refuse("place-not-found", lambda: desk.issued(signed))
    at = {"number": (1, 60, 700), "day": (1, 300, 700), "month": (1, 350, 700), "seal": (1, 260, 190)}
    record = desk.record(signed, "agency", tmp_path, **AS_ISSUE, at=at)
    assert {part.shows: part.place[:3] for part in record.parts} == at
    refuse("place-of-nothing", lambda: desk.issued(at={"stamp": (1, 0, 0)}), name="stamp")


def test_options_that_mean_nothing_to_a_role(desk):
    refuse("option-not-for-role", lambda: desk.leader(number="1"), option="number", role="leader")
    refuse("option-not-for-role", lambda: desk.issued(field="Seal"), option="field")
    refuse("option-not-for-role", lambda: desk.issued(certify=2), option="certify")
    refuse("option-not-for-role", lambda: desk.sign(decision(), "agency", role="copy", image=seal()), option="image")
    refuse("copy-form-unknown", lambda: desk.sign(decision(), "agency", role="copy", copy_form="photo"))
    refuse("date-malformed", lambda: desk.issued(date="3/2/2026"))


def test_without_an_image_words_are_shown_and_told(desk, tmp_path):
    record = desk.record(decision(), "leader", tmp_path, role="leader")
    assert "image-missing" in record.warnings
    assert record.parts[0].place is not None
    refuse("refused-by-strict", lambda: desk.sign(decision(), "leader", role="leader", strict=True))
    signed = (tmp_path / "signed.pdf").read_bytes()
    assert "image-missing" in desk.record(signed, "agency", tmp_path, **{**AS_ISSUE, "image": None}).warnings


def test_a_field_that_has_a_place_takes_the_leaders_image(desk, tmp_path):
    layout = page.document(1, catalog=b"/AcroForm <</Fields [101 0 R]>>", page=b"/Annots [101 0 R]")
    layout.draft.objects[101] = (
        b"<</Type /Annot /Subtype /Widget /FT /Sig /T (Here) /Rect [380 220 520 280] /P %d 0 R>>" % (layout.first)
    )
    signed = desk.leader(classic(layout.draft), field="Here")
    assert desk.roles(signed) == [("Here", "leader")]
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed)
    image = judges.render_pdfium(path)[0]
    assert darkest_blue(image.crop(box_in(image, (380, 220, 520, 280))))


def darkest_blue(image):
    return any(b > r + 60 for _, (r, _, b) in image.convert("RGB").getcolors(1 << 24))


def box_in(image, rectangle):
    scale = image.width / 595
    left, bottom, right, top = rectangle
    return tuple(round(v * scale) for v in (left, 842 - top, right, 842 - bottom))


def test_a_preview_shows_the_places_and_needs_no_key(desk, pki):
    certificate = desk.keys["leader"].certificate
    seen = gsign.pdf.preview(decision(), certificate, trust=desk.trust, **AS_LEADER)
    signed = desk.leader()
    place = seen.parts[0].place
    assert place is not None
    picture = Image.open(io.BytesIO(seen.picture))
    assert picture.format == "PNG"
    scale = picture.width / 595
    frame = picture.crop(
        [round(v * scale) for v in (place.x - 2, 840 - place.y - place.height, place.x + 2, 840 - place.y)]
    )
    assert any(r > 150 and g < 100 for _, (r, g, _) in frame.convert("RGB").getcolors(1 << 24))
    assert signed != decision()
    refuse("nothing-to-preview", lambda: gsign.pdf.preview(decision(), certificate))
    refuse("competent-signature-missing", lambda: gsign.pdf.preview(decision(), certificate, **AS_ISSUE))


def test_a_blank_number_is_not_passed_over_by_placing_the_seal(desk):
    refuse("number-needed", lambda: desk.issued(number=None, at=(1, 350, 195)))


def test_the_leaders_signature_is_found_wherever_it_stands(desk, tmp_path):
    """Its own words about the page may be missing, and it may be on none of the usual ones."""
    signed = desk.leader(classic(page.document(9).draft), at=(5, 300, 400, 120, 60))
    seals = [desk.record(signed, "agency", tmp_path, **AS_ISSUE).parts[-1].place]
    layout = page.document(9, catalog=b"/AcroForm <</Fields [101 0 R]>>")
    layout.draft.objects[101] = b"<</Type /Annot /Subtype /Widget /FT /Sig /T (Here) /Rect [300 400 420 460]>>"
    fifth = layout.page_numbers[4]
    layout.draft.objects[fifth] = layout.draft.objects[fifth].removesuffix(b">>") + b" /Annots [101 0 R]>>"
    signed = desk.leader(classic(layout.draft), field="Here")
    seals.append(desk.record(signed, "agency", tmp_path, **AS_ISSUE).parts[-1].place)
    assert seals[0] == seals[1]
    assert seals[0].page == 5
    assert seals[0].x < 300 < seals[0].x + seals[0].width < 360


LETTERS = [
    "official-letter",
    "date-year-blank",
    "turned-cropped-in-units",
    "encrypted",
    "object-streams",
    "number-filled-in",
]


@pytest.mark.parametrize("name", LETTERS)
def test_letters_as_offices_write_them_go_the_whole_way(name, desk, pki, tmp_path):
    letter = letters.made(name)
    options = {"password": letter.password, "trust": desk.trust, "revocation": "off"}
    who = pki.leaf(Subject(letter.signer), variant="no-pointers").p12(tmp_path / "leader.p12", "x")
    with pkcs12.open_signer(who, pin="x") as leader:
        signed = gsign.pdf.sign(letter.data, leader, **AS_LEADER, **options)
    number = None if name == "number-filled-in" else "286"
    date = None if name == "number-filled-in" else "2026-02-03"
    image = seal(500, dpi=500 / 36 * 25.4)
    issue = {"role": "issue", "number": number, "date": date, "image": image}
    for step in (issue, {"role": "copy"}, {"role": "incoming", "number": "7"}):
        signed = gsign.pdf.sign(signed, desk.keys["agency"], **step, **options)
    result = gsign.pdf.verify(signed, trust=desk.trust, revocation="off", password=letter.password).require()
    shown = ["Leader1", "Number1", "Day1", "Month1", "Year1", "Seal1", "Copy1", "Incoming1"]
    missing = {"number-filled-in": set(shown[1:5]), "date-year-blank": set()}.get(name, {"Year1"})
    assert [s.field for s in result.signatures] == [field for field in shown if field not in missing]


def test_who_places_the_number_by_hand_says_where_the_date_is(desk, tmp_path):
    signed = desk.leader(with_lines([]), at=(1, 300, 200, 120, 60))
    at = {"number": (1, 60, 700), "seal": (1, 260, 190)}
    record = desk.record(signed, "agency", tmp_path, **{**AS_ISSUE, "date": None}, at=at)
    assert [part.shows for part in record.parts] == ["number", "seal"]
    refuse("place-not-found", lambda: desk.issued(signed, at=at))


def test_a_seal_stands_where_an_invisible_signature_would(desk, tmp_path):
    shown = desk.record(desk.leader(at=(1, 366, 225, 90, 55)), "agency", tmp_path, **AS_ISSUE).parts[-1].place
    unseen = desk.record(desk.sign(decision(), "leader"), "agency", tmp_path, **AS_ISSUE).parts[-1].place
    assert unseen.page == 1
    assert (unseen.x, unseen.y) == pytest.approx((shown.x, shown.y), abs=40)
