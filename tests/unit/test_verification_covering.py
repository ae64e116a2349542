"""What later signatures are drawn over, and what is told of a document with bytes behind its end."""

from __future__ import annotations

import pytest

from gsign.result import ChangesAfter, Coverage, Indication
from gsign.syntax.objects import Name, Stream
from gsign.syntax.source import BytesSource, open_source
from gsign.trust.store import TrustStore
from gsign.verification.page_text import PageText
from gsign.verification.verdict import verify_document
from tests.corpus import Kit
from tests.corpus.appearances import crafted
from tests.corpus.kit import change_page
from tests.corpus.two_uses import letter, stream
from tests.documents.encrypted import USER


@pytest.fixture(scope="session")
def corpus_kit(session_pki, documents):
    return Kit(session_pki, documents)


@pytest.fixture
def kit(corpus_kit, pki):
    return corpus_kit


def judge(kit, source, **options):
    store = TrustStore.load(kit.pki.root_file, pinned=False)
    return verify_document(source, trust=store, **options)


def warnings(kit, data):
    return judge(kit, BytesSource(data)).signatures[0].warnings


OVER_TEXT = (1, 100, 600, 60, 30)
ON_BLANK = (1, 400, 60, 60, 30)


def test_a_later_signature_over_text_is_told(kit):
    data = kit.sign(kit.plain())
    assert "appearance-covers-text" in warnings(kit, kit.sign(data, kit.agency, at=OVER_TEXT))
    assert "appearance-covers-text" not in warnings(kit, kit.sign(data, kit.agency, at=ON_BLANK))


def test_the_first_signature_may_stand_anywhere(kit):
    assert warnings(kit, kit.sign(kit.plain(), at=OVER_TEXT)) == warnings(kit, kit.sign(kit.plain()))


def test_text_is_found_in_a_file_read_in_pieces(kit, tmp_path):
    path = tmp_path / "letter.pdf"
    long = kit.revise(kit.plain(), lambda _, revision: revision.add(Stream({}, bytes(5 << 20))))
    path.write_bytes(kit.sign(kit.sign(long), kit.agency, at=OVER_TEXT))
    with open_source(path) as source:
        (first, _) = judge(kit, source).signatures
    assert "appearance-covers-text" in first.warnings
    assert "appearance-not-compared" not in first.warnings


@pytest.mark.parametrize("place, told", [(OVER_TEXT, True), (ON_BLANK, False)])
def test_text_of_an_encrypted_document_is_read_with_its_password(kit, place, told):
    password = kit.library["aes-256"].password
    data = kit.sign(kit.sign(kit.plain("aes-256"), password=password), kit.agency, at=place, password=password)
    result = judge(kit, BytesSource(data), password=USER)
    assert result.indication is Indication.TOTAL_PASSED
    assert ("appearance-covers-text" in result.signatures[0].warnings) is told
    assert "appearance-not-compared" not in result.signatures[0].warnings


def test_text_that_cannot_be_read_is_told(kit):
    unreadable = PageText(BytesSource(kit.plain("aes-256")), len(kit.plain("aes-256")), "another")
    assert unreadable.within(0, (0.0, 0.0, 600.0, 800.0)) == (0, 0)
    assert not unreadable.is_known


def test_a_signature_under_a_later_one_is_told(kit):
    data = kit.sign(kit.plain(), at=(1, 400, 60, 60, 30))
    assert "appearance-covers-signature" in warnings(kit, kit.sign(data, kit.agency, at=(1, 390, 50, 90, 60)))
    assert "appearance-overlaps-signature" in warnings(kit, kit.sign(data, kit.agency, at=(1, 430, 50, 90, 60)))


def test_a_widget_is_where_a_page_lists_it_whatever_it_says(kit):
    data = kit.sign(kit.plain("five-pages"), at=ON_BLANK)
    elsewhere = crafted(kit, data, [{"Rect": [390, 50, 480, 100], "P": None}])
    assert "appearance-covers-signature" in warnings(kit, elsewhere)
    on_another = crafted(kit, data, [{"Rect": [390, 50, 480, 100]}], pages=(3,))
    assert not [w for w in warnings(kit, on_another) if w.startswith("appearance") and w.endswith("signature")]


@pytest.mark.parametrize("tail", [b"% them\n", b"\n1 0 obj\n<<>>\nendobj\n", b"PK\x03\x04"])
def test_bytes_behind_the_end_do_not_hide_who_signed(kit, tail):
    data = kit.sign(kit.signed(), kit.agency, at=ON_BLANK)
    sound = judge(kit, BytesSource(data))
    result = judge(kit, BytesSource(data + tail))
    assert result.indication is Indication.TOTAL_FAILED
    assert result.reasons == ("bytes-after-end",)
    assert [s.signer for s in result.signatures] == [s.signer for s in sound.signatures]
    assert [s.field for s in result.signatures] == [s.field for s in sound.signatures]
    for signature in result.signatures:
        assert signature.intact
        assert signature.indication is Indication.TOTAL_FAILED
        assert signature.coverage is Coverage.REVISION
        assert signature.changes_after is ChangesAfter.FORBIDDEN
        assert "bytes-after-end" in signature.reasons


def test_the_time_an_encrypted_document_claims_is_read(kit):
    password = kit.library["aes-256"].password
    data = kit.sign(kit.plain("aes-256"), password=password)
    assert judge(kit, BytesSource(data), password=USER).signatures[0].claimed_time is not None


@pytest.fixture(scope="session")
def led(corpus_kit):
    return corpus_kit.sign(corpus_kit.plain(), role="leader", at=(1, 300, 560, 180, 60))


def sealed(kit, data, *rectangles):
    """Add signatures of role `issue`, one for each rectangle; return what is told of the leader's."""
    for index, rectangle in enumerate(rectangles):
        role, name = {"GSGN_Role": Name("issue")}, b"Seal%d" % index
        data = crafted(kit, data, [{"Rect": list(rectangle)}], entries=role, name=name)
    assert judge(kit, BytesSource(data)).indication is Indication.TOTAL_PASSED
    return {w for w in warnings(kit, data) if w.startswith("appearance-")}


def test_a_seal_over_a_part_of_the_leaders_signature_is_as_it_should_be(kit, led):
    assert sealed(kit, led, (250, 540, 350, 640)) == set()


def test_seals_that_together_hide_the_leaders_signature_are_told(kit, led):
    assert "appearance-overlaps-signature" in sealed(kit, led, (300, 560, 390, 620), (390, 560, 480, 620))


def test_seals_in_strips_that_together_hide_text_are_told(kit, led):
    # Each hides fewer letters than a seal may.
    strips = [(300 + 12 * i, 610, 312 + 12 * i, 770) for i in range(15)]
    assert sealed(kit, led, strips[0]) == set()
    assert "appearance-covers-text" in sealed(kit, led, *strips)


def test_what_is_larger_than_a_seal_is_none(kit, led):
    assert "appearance-covers-text" in sealed(kit, led, (300, 615, 312, 790))


def scanned(kit, *, turned=0, is_negative=False):
    """Put a picture of the page in the page's place: there is no text any more."""
    import pypdfium2

    picture = pypdfium2.PdfDocument(kit.plain())[0].render(scale=2).to_pil().convert("L")
    if is_negative:
        picture = picture.point(lambda shade: 255 - shade)
    shown = {"Width": picture.width, "Height": picture.height, "ColorSpace": Name("DeviceGray"), "BitsPerComponent": 8}

    def edit(document, revision):
        image = revision.add(Stream({"Subtype": Name("Image"), **shown}, picture.tobytes()))
        content = revision.add(Stream({}, b"q 595 0 0 842 0 0 cm /Im0 Do Q"))
        entries = {"Contents": content, "Resources": {"XObject": {"Im0": image}}, "Rotate": turned}
        change_page(revision, document, **entries)

    return kit.revise(kit.plain(), edit)


@pytest.mark.parametrize("turned", [0, 90])
@pytest.mark.parametrize("is_negative", [False, True])
def test_what_is_drawn_and_no_text_is_told_as_well(kit, turned, is_negative):
    data = kit.sign(scanned(kit, turned=turned, is_negative=is_negative))
    over = crafted(kit, data, [{"Rect": [60, 640, 560, 760]}])
    beside = crafted(kit, data, [{"Rect": [400, 60, 460, 90]}])
    assert "appearance-covers-text" in warnings(kit, over)
    assert "appearance-covers-text" not in warnings(kit, beside)
    # How much of the page's text it is nobody knows.
    assert judge(kit, BytesSource(over)).indication is Indication.TOTAL_PASSED


def test_a_later_signature_over_what_a_field_shows_is_told(kit):
    shown = stream(
        b"BT /F1 20 Tf 2 10 Td (100 VND) Tj ET", b"/Subtype/Form/BBox[0 0 350 40]/Resources<</Font<</F1 5 0 R>>>>"
    )
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(t)/V(100 VND)/Rect[50 600 400 640]/F 4/AP<</N 31 0 R>>>>"
    plain = letter(b"", page=b"/Annots[30 0 R]", catalog=b"/AcroForm<</Fields[30 0 R]>>", _30=field, _31=shown)
    data = kit.sign(plain)
    assert "appearance-covers-text" in warnings(kit, kit.sign(data, kit.agency, at=(1, 60, 605, 100, 30)))
    assert "appearance-covers-text" not in warnings(kit, kit.sign(data, kit.agency, at=ON_BLANK))


def test_a_later_signature_over_text_that_says_it_has_no_letters_is_told(kit):
    dots = b"".join(b"<%02x><002e>" % code for code in range(32, 127))
    names = stream(
        b"/CIDInit/ProcSet findresource begin 9 dict begin begincmap/CMapName/x def 1 begincodespacerange<00><ff>"
        b"endcodespacerange 95 beginbfchar %b endbfchar endcmap end end" % dots
    )
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>"
    data = kit.sign(letter(b"BT /F1 40 Tf 50 600 Td (PAY 900 to somebody) Tj ET", _5=font, _6=names))
    assert "appearance-covers-text" in warnings(kit, kit.sign(data, kit.agency, at=(1, 50, 590, 400, 60)))


def test_a_number_over_dots_to_be_filled_in_covers_no_text(kit):
    data = kit.sign(letter(b"BT /F1 13 Tf 50 600 Td (................................) Tj ET"))
    assert "appearance-covers-text" not in warnings(kit, crafted(kit, data, [{"Rect": [50, 595, 90, 615]}]))


def test_what_an_empty_field_showed_is_told_when_the_signature_takes_its_place(kit):
    shown = stream(
        b"BT /F1 30 Tf 2 10 Td (100 VND) Tj ET", b"/Subtype/Form/BBox[0 0 300 60]/Resources<</Font<</F1 5 0 R>>>>"
    )
    field = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Next)/Rect[50 400 350 460]/F 4/AP<</N 31 0 R>>>>"
    plain = letter(page=b"/Annots[30 0 R]", catalog=b"/AcroForm<</Fields[30 0 R]>>", _30=field, _31=shown)
    assert "appearance-covers-text" in warnings(kit, kit.sign(kit.sign(plain), kit.agency, field="Next"))
